#pragma once

#include "actors/billing.hpp"
#include "actors/books.hpp"
#include "tests/simulation/model.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace croupier::test {

/// What the people who pay affiliates have asked for and been told. It survives every crash, as people do.
struct finance_memory {
  template<class Order>
  struct asked {
    Order order;
    std::optional<sequence> made; ///< by the first answer that said so
  };

  std::vector<asked<actors::settle_order>> settlements;
  std::vector<asked<actors::adjust_order>> adjustments;
  std::map<sequence, std::string> acknowledged; ///< the records of everything that was answered
  std::map<sequence, sequence> drafted;         ///< what was durable when a fact was decided, by its entry
  std::uint64_t requests = 0;
  std::uint64_t answers = 0;
  std::uint64_t settled = 0; ///< settlements made
  std::vector<std::string> differences;
};

/// The real books and the real billing of one life of the ledger, and the people who use them: one call at a time, with
/// retries, other orders under the same request id, deletions, statuses, claims, closes. Nothing has a thread here: the
/// books are fed by whoever waits for them.
class finance {
public:
  struct world {
    const persistence::committed_view& view;
    std::function<timestamp()> now;
    std::mt19937_64& random;
    /// Journals facts while the rest of the world goes on; may throw when the power goes.
    std::function<actors::outcome(std::span<const entry>)> record;
  };

  /// Throws std::runtime_error when the books cannot be opened. `disk` and memory outlive the object.
  finance(world around, const std::filesystem::path& folder, rocksdb::Env* disk, finance_memory& memory);

  /// One call, whole; only a power loss leaves it half way.
  void act();

  /// Compares every account, statement and player with the model, on a disk that works.
  void compare(model& expected);

private:
  bool chance(unsigned percent) { return world_.random() % 100 < percent; }
  void differ(const std::string& what) { memory_.differences.push_back(what); }
  affiliate_number any_affiliate() { return {1 + static_cast<std::uint32_t>(world_.random() % 3)}; }
  actors::outcome record(std::span<const entry> facts);
  void settle();
  void adjust();
  void change_settlement();
  void book();
  void close();
  std::optional<settlement_id> any_settlement();
  void compare_account(model& expected, affiliate_number whose);
  void compare_players(model& expected);

  world world_;
  finance_memory& memory_;
  std::unique_ptr<actors::books> books_;
  std::unique_ptr<actors::billing> billing_;
};

} // namespace croupier::test
