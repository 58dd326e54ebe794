#pragma once

#include "persistence/checkpoint_store.hpp"

#include <functional>
#include <string_view>

namespace croupier::persistence {

/// Every row of a checkpoint's indexes, for those who compare them with the journal. Beside `checkpoint_store`, because
/// nobody who serves a request may walk a whole index.
///
/// Concurrency: any thread; each walk sees one checkpoint, whole. All throw storage_failure, also on a malformed row.
class checkpoint_rows {
public:
  virtual ~checkpoint_rows() = default;

  virtual void
  names_up(const std::function<void(brand_number, std::string_view external_id, player_number)>& visit) const = 0;
  /// Ascending by key, from the first one with this request hash, until the visitor answers false.
  virtual void requests_up(std::uint64_t from_request_hash,
                           const std::function<bool(const request_key&, sequence)>& visit) const = 0;
  /// Ascending by player, then by sequence.
  virtual void history_up(const std::function<void(const history_row&)>& visit) const = 0;
};

} // namespace croupier::persistence
