// Walks over whole parts of the checkpoint, and the one that fills the filter of request ids.

#include "persistence/rocksdb_checkpoints.hpp"
#include "persistence/thread_priority.hpp"

#include <rocksdb/db.h>

#include <chrono>

namespace croupier::persistence {

namespace {

/// Gives every row of a family from a key on until `visit` answers false, reading ahead and leaving the cache alone.
template<class Visit>
void walk_family(const database& db, family which, const std::string& from, Visit visit) {
  rocksdb::ReadOptions options;
  options.readahead_size = 2 << 20;
  options.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> rows(db.engine().NewIterator(options, db.handle(which)));
  for (rows->Seek(from); rows->Valid(); rows->Next())
    if (!visit(view_of(rows->key()), view_of(rows->value()))) return;
  throw_unless_ok(rows->status(), "cannot read the checkpoint");
}

} // namespace

void rocksdb_checkpoints::names_up(
    const std::function<void(brand_number, std::string_view external_id, player_number)>& visit) const {
  const database_gate::lease db(gate_);
  walk_family(*db, family::names, {}, [&](std::string_view key, std::string_view value) {
    const auto name = decode_name(key);
    if (!name) throw_malformed_row("an index entry of a player's name is malformed");
    visit(name->first, name->second, player_number{number_in(value, "an index entry of a player's name is malformed")});
    return true;
  });
}

void rocksdb_checkpoints::requests_up(std::uint64_t from_request_hash,
                                      const std::function<bool(const request_key&, sequence)>& visit) const {
  const database_gate::lease db(gate_);
  walk_family(*db, family::requests, request_hash_prefix(from_request_hash),
              [&](std::string_view key, std::string_view value) {
                const auto request = decode_request_key(key);
                if (!request) throw_malformed_row("an index entry of a request id is malformed");
                return visit(*request, {number_in(value, "an index entry of a request id is malformed")});
              });
}

void rocksdb_checkpoints::history_up(const std::function<void(const history_row&)>& visit) const {
  const database_gate::lease db(gate_);
  walk_family(*db, family::history, {}, [&](std::string_view key, std::string_view value) {
    const auto row = decode_history(key, value);
    if (!row) throw_malformed_row("a row of a player's history is malformed");
    visit(*row);
    return true;
  });
}

// -- the filter of request ids ----------------------------------------------------------------------------------------

void rocksdb_checkpoints::learn_requests() {
  constexpr std::uint64_t learned_at_once_max = 1 << 16;
  std::uint64_t there = 0;
  {
    const database_gate::lease db(gate_);
    if (!db->engine().GetIntProperty(db->handle(family::requests), rocksdb::DB::Properties::kEstimateNumKeys, &there))
      return;
  }
  filter_.expect(there + there / 4); // it goes on growing
  if (there <= learned_at_once_max)
    learn_all(false);
  else
    learner_ = std::thread([this] {
      lower_priority_of_this_thread(10);
      learn_all(true);
    });
}

/// Without the filter everything is found all the same: what cannot be read is told by the look-ups. `again`: try until
/// the disk is back.
void rocksdb_checkpoints::learn_all(bool again) {
  constexpr auto pause_of_recovery = std::chrono::milliseconds(100);
  std::string next;
  while (learns_) {
    try {
      if (learn_some(next)) continue;
      filter_.complete();
      return;
    } catch (const storage_failure& failure) {
      if (!again || failure.error().code == storage_errc::corrupt) return;
      std::this_thread::sleep_for(pause_of_recovery);
    }
  }
}

/// Takes in ids from the key `next` on, and moves it behind them. False when there were no more; true when it was
/// broken off, for the database to be closed.
bool rocksdb_checkpoints::learn_some(std::string& next) {
  constexpr std::size_t piece = 1 << 10; // between two looks at whether it is to break off
  const database_gate::lease db(gate_);
  std::size_t taken = 0;
  bool broken_off = false;
  walk_family(*db, family::requests, std::string(next), [&](std::string_view key, std::string_view) {
    const auto request = decode_request_key(key);
    if (!request) throw_malformed_row("an index entry of a request id is malformed");
    filter_.add(*request);
    next.assign(key).push_back('\0');
    if (++taken % piece == 0) broken_off = !learns_ || db.recalled();
    return !broken_off;
  });
  return broken_off;
}

} // namespace croupier::persistence
