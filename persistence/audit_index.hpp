#pragma once

#include "persistence/projection.hpp"
#include "persistence/projection_store.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

namespace croupier::persistence {

/// What an entry of the audit log is about. The numbers are saved: a change of them, or of the order of
/// `workspace_object`, is a new format (audit_index.cpp).
enum class audit_kind : std::uint8_t {
  adjustment = 64,
  close = 65,
  settlement = 66,
  settlement_status = 67,
  settlement_deletion = 68
};

/// Where the entry of a change is, and what is asked for when it is looked for.
struct audit_mark {
  sequence at;
  timestamp time;
  std::uint8_t kind = 0;      ///< an index of `workspace_object`, or an audit_kind
  uuid object;                ///< id of the changed object; nil for accounts
  affiliate_number affiliate; ///< whose account; 0: no one affiliate's
};

/// Knows where the changes are that people made, among all the entries of the journal: of the workspace, of accounts,
/// of settlements. They are few; a mark takes about 50 bytes of memory.
///
/// Concurrency: `find` from any thread, the rest as `projection` says.
class audit_index final : public projection {
public:
  /// The store outlives the index.
  explicit audit_index(projection_store& store) : store_(store) {}

  struct query {
    std::optional<timestamp> from; ///< inclusive
    std::optional<timestamp> to;   ///< exclusive
    std::optional<std::uint8_t> kind;
    std::optional<uuid> object;     ///< the object's id,
    affiliate_number affiliate;     ///< or whose account; 0: no account matches an `object`
    std::optional<sequence> before; ///< exclusive
  };

  /// The newest that match, newest first, at most `limit`. O(marks).
  std::vector<sequence> find(const query& wanted, std::size_t limit) const;

  std::string_view name() const noexcept override { return "audit"; }
  result<sequence, storage_error> restore() override;
  void apply(const committed_entry& entry) override;
  result<done, storage_error> save(sequence upto) override;

private:
  projection_store& store_;
  mutable std::mutex mutex_;
  std::vector<audit_mark> marks_; ///< ascending; under mutex_
  std::size_t saved_ = 0;         ///< so many of them; of the projector's thread
};

} // namespace croupier::persistence
