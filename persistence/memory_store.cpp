#include "persistence/memory_store.hpp"

#include "engine/check.hpp"
#include "persistence/player_overlay.hpp"
#include "persistence/record_codec.hpp"
#include "persistence/workspace_objects.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <utility>

namespace croupier::persistence {

namespace {

struct kept_entry {
  std::string record;
  timestamp time;
  std::uint64_t movements = 0; ///< among the entries up to and including this one
};

chain_hash chain_after(const folder_key& key, const chain_hash& before, std::span<const std::string_view> records) {
  std::string page(before.begin(), before.end());
  for (const auto record : records) page.append(std::to_string(record.size())).append(":").append(record);
  chain_hash chain;
  for (std::size_t part = 0; part < chain.size() / 8; ++part) {
    const auto hash = keyed_hash(key, part, page) | 1U;
    for (std::size_t byte = 0; byte < 8; ++byte) chain[part * 8 + byte] = static_cast<std::uint8_t>(hash >> (8 * byte));
  }
  return chain;
}

} // namespace

/// Entries stay where they are in the deque and never change, so they are read outside the lock.
class memory_store::memory_journal final : public persistence::journal {
public:
  explicit memory_journal(const folder_key& key) : key_(key) {}

  result<position, storage_error> append(std::span<const std::string_view> records, timestamp time) override {
    const std::unique_lock held(lock_);
    if (records.empty()) return end();
    auto next = end();
    next.chain = chain_after(key_, next.chain, records);
    next.time = std::max(next.time, time);
    for (const auto record : records) {
      if (is_movement(record)) ++next.movement_count;
      entries_.push_back({std::string(record), next.time, next.movement_count});
    }
    next.last.value += records.size();
    pages_.push_back(next);
    return next;
  }

  result<done, storage_error> sync() override { return done{}; }
  result<done, storage_error> recover() override { return done{}; }

  position last_position() const override {
    const std::shared_lock held(lock_);
    return end();
  }

  position page_end(sequence at) const override {
    const std::shared_lock held(lock_);
    CROUPIER_ASSERT(at.value >= 1 && at <= end().last, "a page is asked for that the journal does not have");
    return *std::lower_bound(pages_.begin(), pages_.end(), at,
                             [](const position& page, sequence wanted) { return page.last < wanted; });
  }

  stored_entry read(sequence at) const override {
    const auto* kept = find(at);
    CROUPIER_ASSERT(kept != nullptr, "an entry is read that the journal does not have");
    stored_entry entry;
    entry.bytes = kept->record;
    entry.entry = decoded(at, kept->time, entry.bytes);
    return entry;
  }

  void scan_up(sequence from, const visitor& visit) const override {
    const auto last = last_position().last;
    for (auto at = from; at <= last; ++at.value) {
      const auto* kept = find(at);
      if (!visit(decoded(at, kept->time, kept->record), kept->record)) return;
    }
  }

  void scan_down(sequence from, const visitor& visit) const override {
    for (auto at = std::min(from, last_position().last); at.value > 0; --at.value) {
      const auto* kept = find(at);
      if (!visit(decoded(at, kept->time, kept->record), kept->record)) return;
    }
  }

  sequence first_at_or_after(timestamp time) const override {
    const std::shared_lock held(lock_);
    const auto found = std::lower_bound(entries_.begin(), entries_.end(), time,
                                        [](const kept_entry& kept, timestamp wanted) { return kept.time < wanted; });
    return {static_cast<std::uint64_t>(found - entries_.begin()) + 1};
  }

  std::uint64_t movements_up_to(sequence at) const override {
    const std::shared_lock held(lock_);
    CROUPIER_ASSERT(at <= end().last, "movements are counted beyond the journal");
    return at.value == 0 ? 0 : entries_[at.value - 1].movements;
  }

private:
  position end() const { return pages_.empty() ? position{} : pages_.back(); }

  const kept_entry* find(sequence at) const {
    const std::shared_lock held(lock_);
    return at.value >= 1 && at.value <= entries_.size() ? &entries_[at.value - 1] : nullptr;
  }

  static committed_entry decoded(sequence at, timestamp time, std::string_view record) {
    auto entry = decode_committed(at, time, record);
    if (!entry) throw storage_failure({storage_errc::corrupt, entry.error(), at});
    return std::move(*entry);
  }

  folder_key key_;
  mutable std::shared_mutex lock_;
  std::deque<kept_entry> entries_;
  std::deque<position> pages_;
};

class memory_store::memory_checkpoints final : public checkpoint_store {
public:
  result<done, storage_error> write(const checkpoint_run& run) override {
    const std::unique_lock held(lock_);
    for (const auto& [number, delta] : run.players) overlay(players_[number], delta);
    names_.insert(run.names.begin(), run.names.end());
    requests_.insert(run.requests.begin(), run.requests.end());
    for (const auto& row : run.history) history_[row.player].push_back(row);
    for (const auto& object : run.workspace) workspace_.insert_or_assign(place_of(object), object);
    head_.valid_for = run.valid_for;
    head_.next_player_number = run.next_player_number;
    head_.player_count = run.player_count;
    return done{};
  }

  checkpoint_head head() const override {
    const std::shared_lock held(lock_);
    auto head = head_;
    for (const auto& [key, object] : workspace_) head.workspace.push_back(object);
    return head;
  }

  std::optional<player_number> find_player(brand_number brand, std::string_view external_id) const override {
    const std::shared_lock held(lock_);
    return value_of(names_, std::pair(brand, std::string(external_id)));
  }

  void players_named(brand_number brand, std::string_view prefix,
                     const std::function<bool(player_number)>& visit) const override {
    const std::shared_lock held(lock_);
    for (auto at = names_.lower_bound({brand, std::string(prefix)});
         at != names_.end() && at->first.first == brand && at->first.second.starts_with(prefix); ++at)
      if (!visit(at->second)) return;
  }

  std::optional<player_state> player(player_number number) const override {
    const std::shared_lock held(lock_);
    return value_of(players_, number);
  }

  std::optional<sequence> find_request(const request_key& key) const override {
    const std::shared_lock held(lock_);
    return value_of(requests_, key);
  }

  std::vector<sequence> find_requests(std::uint64_t request_hash) const override {
    const std::shared_lock held(lock_);
    std::vector<sequence> found;
    for (auto at = requests_.lower_bound({request_hash, 0});
         at != requests_.end() && at->first.request_hash == request_hash; ++at)
      found.push_back(at->second);
    return found;
  }

  void history_down(player_number player, sequence before,
                    const std::function<bool(const history_row&)>& visit) const override {
    const std::shared_lock held(lock_);
    const auto found = history_.find(player);
    if (found == history_.end()) return;
    const auto& rows = found->second;
    auto at = std::lower_bound(rows.begin(), rows.end(), before,
                               [](const history_row& row, sequence wanted) { return row.at < wanted; });
    while (at != rows.begin())
      if (!visit(*--at)) return;
  }

  void players_down(player_number before, const std::function<bool(const player_state&)>& visit) const override {
    const std::shared_lock held(lock_);
    for (auto at = players_.lower_bound(before); at != players_.begin();)
      if (!visit((--at)->second)) return;
  }

private:
  template<class Map, class Key>
  static std::optional<typename Map::mapped_type> value_of(const Map& map, const Key& key) {
    const auto found = map.find(key);
    if (found == map.end()) return std::nullopt;
    return found->second;
  }

  mutable std::shared_mutex lock_;
  checkpoint_head head_;
  std::map<object_place, workspace_changed::object> workspace_;
  std::map<player_number, player_state> players_;
  std::map<std::pair<brand_number, std::string>, player_number> names_;
  std::map<request_key, sequence> requests_;
  std::map<player_number, std::vector<history_row>> history_;
};

memory_store::memory_store(const folder_key& key)
    : key_(key),
      journal_(std::make_unique<memory_journal>(key)),
      checkpoints_(std::make_unique<memory_checkpoints>()) {}

memory_store::~memory_store() = default;

persistence::journal& memory_store::journal() noexcept {
  return *journal_;
}

persistence::checkpoint_store& memory_store::checkpoints() noexcept {
  return *checkpoints_;
}

const folder_key& memory_store::key() const noexcept {
  return key_;
}

} // namespace croupier::persistence
