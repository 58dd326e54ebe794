#include "persistence/rocksdb_checkpoints.hpp"

#include "engine/check.hpp"
#include "persistence/byte_codec.hpp"
#include "persistence/record_codec.hpp"
#include "persistence/rocksdb_folder.hpp"

#include <rocksdb/db.h>
#include <rocksdb/sst_file_writer.h>

#include <algorithm>
#include <array>

namespace croupier::persistence {

namespace {

/// Reads one key; nothing when it is not there.
std::optional<rocksdb::PinnableSlice> get(const database& db, family from, const std::string& key,
                                          std::string_view doing) {
  rocksdb::PinnableSlice value;
  const auto status = db.engine().Get(rocksdb::ReadOptions(), db.handle(from), key, &value);
  if (status.IsNotFound()) return std::nullopt;
  throw_unless_ok(status, doing);
  return value;
}

/// Reads many keys, ascending, as many at a time as RocksDB reads together: their filters are brought into the cache at
/// once and blocks are shared. `key_of(i)` makes the key of the i-th; `visit(i, value)` is called in turn, with nullptr
/// when it is not there.
template<class KeyOf, class Visit>
void get_each(const database& db, family from, std::size_t count, std::string_view doing, KeyOf key_of, Visit visit) {
  constexpr std::size_t together = 32;
  constexpr bool ascending = true;
  std::array<std::string, together> bytes;
  std::array<rocksdb::Slice, together> keys;
  for (std::size_t first = 0; first < count; first += together) {
    const auto some = std::min(together, count - first);
    std::array<rocksdb::PinnableSlice, together> values;
    std::array<rocksdb::Status, together> statuses;
    for (std::size_t i = 0; i < some; ++i) {
      bytes[i] = key_of(first + i);
      keys[i] = bytes[i];
    }
    db.engine().MultiGet(rocksdb::ReadOptions(), db.handle(from), some, keys.data(), values.data(), statuses.data(),
                         ascending);
    for (std::size_t i = 0; i < some; ++i) {
      if (!statuses[i].IsNotFound()) throw_unless_ok(statuses[i], doing);
      visit(first + i, statuses[i].ok() ? &values[i] : nullptr);
    }
  }
}

/// Has the system read the family's files from one end to the other, while others of their blocks are worked with: on a
/// disk that nothing was read from yet, block by block took longer than all else of a start. What goes wrong here is
/// told by the reads.
void read_ahead(const database& db, const database_settings& settings, family which) {
  constexpr std::uint64_t bytes_max = 512ULL << 20; // beyond it other files' pages might have to go
  constexpr std::uint64_t piece = 128 << 10;        // Linux takes no more at once where a device's read-ahead is small
  rocksdb::ColumnFamilyMetaData there;
  db.engine().GetColumnFamilyMetaData(db.handle(which), &there);
  if (there.size > bytes_max) return;
  for (const auto& level : there.levels)
    for (const auto& file : level.files) {
      std::unique_ptr<rocksdb::RandomAccessFile> opened;
      if (settings.env->NewRandomAccessFile(settings.folder + file.name, &opened, rocksdb::EnvOptions()).ok())
        for (std::uint64_t at = 0; at < file.size; at += piece) opened->Prefetch(at, piece).PermitUncheckedError();
    }
}

player_state decoded(player_number number, std::string_view value) {
  auto state = decode_player(number, value);
  if (!state) throw_malformed_row("player " + std::to_string(number.value) + " is malformed");
  return std::move(*state);
}

/// Keys and values of the head that a run adds, in the order of their keys.
std::vector<std::pair<std::string, std::string>> head_parts(const checkpoint_run& run) {
  std::vector<std::pair<std::string, std::string>> parts;
  for (const auto& object : run.workspace) {
    std::string value;
    encode_object(object, value);
    parts.emplace_back(object_key(object), std::move(value));
  }
  parts.emplace_back(head_position_key, encode_head_record({run.valid_for, run.next_player_number, run.player_count}));
  std::sort(parts.begin(), parts.end());
  return parts;
}

} // namespace

void throw_malformed_row(std::string_view what) {
  throw storage_failure({storage_errc::corrupt,
                         "the checkpoint is damaged: " + std::string(what) + "; restore the folder from a backup",
                         {}});
}

std::uint64_t number_in(std::string_view value, std::string_view what) {
  const auto number = decode_number(value);
  if (!number) throw_malformed_row(what);
  return *number;
}

checkpoint_head read_head(const database& db) {
  checkpoint_head head;
  std::string behind(head_prefix);
  ++behind.back();
  const rocksdb::Slice end(behind);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &end;
  // One iterator is one moment: a checkpoint that comes in meanwhile is seen whole or not at all.
  const std::unique_ptr<rocksdb::Iterator> parts(db.engine().NewIterator(options, db.handle(family::meta)));
  for (parts->Seek(rocksdb::Slice(head_prefix.data(), head_prefix.size())); parts->Valid(); parts->Next())
    if (auto read = read_head_part(view_of(parts->key()), view_of(parts->value()), head); !read)
      throw_malformed_row(read.error());
  throw_unless_ok(parts->status(), "cannot read the head of the checkpoint");
  return head;
}

rocksdb_checkpoints::rocksdb_checkpoints(database_gate& gate, const database_settings& settings,
                                         std::uint64_t request_filter_bytes)
    : gate_(gate), settings_(settings), filter_(request_filter_bytes) {}

rocksdb_checkpoints::~rocksdb_checkpoints() {
  learns_ = false;
  if (learner_.joinable()) learner_.join();
}

// -- write ------------------------------------------------------------------------------------------------------------

result<done, storage_error> rocksdb_checkpoints::write(const checkpoint_run& run) {
  const std::lock_guard guard(write_mutex_);
  try {
    const auto current = head().valid_for;
    if (current == run.valid_for) return done{};
    CROUPIER_ASSERT(current.last < run.valid_for.last, "a checkpoint must not be older than the one before");
    if (stopped())
      return storage_error{storage_errc::io_failed, "the database waits for its recovery after a failed write", {}};
    if (auto cleared = clear_scratch(*settings_.env, settings_.folder); !cleared) return cleared;
    const auto files = write_files(run, current.last);
    // Before anybody can find the run on the disk, and no longer in memory. If it does not get in, no harm is done.
    if (files)
      for (const auto& [key, at] : run.requests) filter_.add(key);
    auto written = files ? ingest(*files, run.valid_for) : files.error();
    // A full disk needs the room of a run that did not get in. But when it was the catalogue that could not be written,
    // the files may be needed yet, see put_back_checkpoint().
    if (!written && !stopped()) (void)clear_scratch(*settings_.env, settings_.folder);
    return written;
  } catch (const storage_failure& failure) {
    return failure.error();
  }
}

namespace {

/// Fills one sorted file. `put` adds what belongs into it; nothing is left when it fails.
template<class Put>
rocksdb::Status write_run_file(rocksdb::SstFileWriter& writer, const std::string& path, Put put) {
  auto status = writer.Open(path);
  if (status.ok()) status = put(writer);
  if (status.ok()) status = writer.Finish();
  return status;
}

/// Adds a range of items, one key-value each.
template<class Range, class Add>
rocksdb::Status add_all(const Range& items, Add add) {
  rocksdb::Status status;
  for (const auto& item : items) {
    status = add(item);
    if (!status.ok()) break;
  }
  return status;
}

rocksdb::Status add_part(rocksdb::SstFileWriter& to, family which, const checkpoint_run& run, sequence since) {
  switch (which) {
  case family::meta:
    return add_all(head_parts(run), [&to](const auto& part) { return to.Put(part.first, part.second); });
  case family::players:
    return add_all(run.players, [&](const auto& player) {
      return to.Merge(player_key(player.first), encode_player(player.second, since));
    });
  case family::names:
    return add_all(run.names, [&to](const auto& name) {
      return to.Put(name_key(name.first.first, name.first.second), encode_number(name.second.value));
    });
  case family::requests:
    return add_all(run.requests, [&to](const auto& request) {
      return to.Put(request_index_key(request.first), encode_number(request.second.value));
    });
  case family::history:
    return add_all(run.history, [&to](const auto& row) {
      return to.Put(history_key(row.player, row.at), encode_number(row.ordinal));
    });
  case family::journal: break;
  }
  return rocksdb::Status::NotSupported("a checkpoint has no part of the journal");
}

bool has_part(const checkpoint_run& run, family which) noexcept {
  switch (which) {
  case family::meta: return true;
  case family::players: return !run.players.empty();
  case family::names: return !run.names.empty();
  case family::requests: return !run.requests.empty();
  case family::history: return !run.history.empty();
  case family::journal: return false;
  }
  return false;
}

} // namespace

result<std::vector<rocksdb_checkpoints::run_file>, storage_error>
rocksdb_checkpoints::write_files(const checkpoint_run& run, sequence since) const {
  const auto scratch = scratch_folder(settings_.folder);
  if (const auto status = settings_.env->CreateDirIfMissing(scratch); !status.ok())
    return to_error(status, "cannot make " + scratch);
  std::vector<run_file> files;
  for (std::size_t i = 0; i < family_count; ++i) {
    const auto which = static_cast<family>(i);
    if (!has_part(run, which)) continue;
    const auto path = scratch + "/" + std::string(name_of(which)) + ".sst";
    const auto writer = new_run_writer(settings_, which);
    const auto status =
        write_run_file(*writer, path, [&](rocksdb::SstFileWriter& to) { return add_part(to, which, run, since); });
    if (!status.ok()) return to_error(status, "cannot write the checkpoint file " + path);
    files.push_back({which, path});
  }
  return files;
}

result<done, storage_error> rocksdb_checkpoints::ingest(const std::vector<run_file>& files,
                                                        const position& valid_for) const {
  const database_gate::lease db(gate_);
  if (!settings_.syncs_each_write) {
    // A checkpoint must never be valid for entries that a power loss can still take back.
    if (const auto status = db->engine().SyncWAL(); !status.ok())
      return to_error(status, "cannot sync the journal before a checkpoint");
  }
  if (auto marked = write_journal_mark(*settings_.env, settings_.folder, valid_for); !marked) return marked;
  std::vector<rocksdb::IngestExternalFileArg> arguments;
  for (const auto& file : files) {
    rocksdb::IngestExternalFileArg argument;
    argument.column_family = db->handle(file.to);
    argument.external_files = {file.path};
    argument.options.move_files = true;
    argument.options.write_global_seqno = false;
    arguments.push_back(std::move(argument));
  }
  const auto status = db->engine().IngestExternalFiles(arguments);
  if (status.ok()) return done{};
  return to_error(status, "cannot take the checkpoint in");
}

bool rocksdb_checkpoints::stopped() const {
  return database_gate::lease(gate_)->stopped();
}

// -- reads ------------------------------------------------------------------------------------------------------------

checkpoint_head rocksdb_checkpoints::head() const {
  const database_gate::lease db(gate_);
  return read_head(*db);
}

std::optional<player_number> rocksdb_checkpoints::find_player(brand_number brand, std::string_view external_id) const {
  const database_gate::lease db(gate_);
  const auto value = get(*db, family::names, name_key(brand, external_id), "cannot look a player up");
  if (!value) return std::nullopt;
  return player_number{number_in(view_of(*value), "an index entry of a player's name is malformed")};
}

void rocksdb_checkpoints::players_named(brand_number brand, std::string_view prefix,
                                        const std::function<bool(player_number)>& visit) const {
  const database_gate::lease db(gate_);
  const auto first = name_key(brand, prefix);
  const std::unique_ptr<rocksdb::Iterator> names(
      db->engine().NewIterator(rocksdb::ReadOptions(), db->handle(family::names)));
  for (names->Seek(first); names->Valid() && names->key().starts_with(first); names->Next())
    if (!visit({number_in(view_of(names->value()), "an index entry of a player's name is malformed")})) return;
  throw_unless_ok(names->status(), "cannot look players up");
}

std::optional<player_state> rocksdb_checkpoints::player(player_number number) const {
  const database_gate::lease db(gate_);
  const auto doing = "cannot read player " + std::to_string(number.value);
  const auto value = get(*db, family::players, player_key(number), doing);
  if (!value) return std::nullopt;
  return decoded(number, view_of(*value));
}

void rocksdb_checkpoints::each_player(
    std::span<const player_number> numbers,
    const std::function<void(std::size_t, const std::optional<player_state>&)>& visit) const {
  constexpr std::size_t many = 1 << 12;
  const database_gate::lease db(gate_);
  if (numbers.size() >= many) read_ahead(*db, settings_, family::players);
  get_each(
      *db, family::players, numbers.size(), "cannot read players",
      [&](std::size_t i) { return player_key(numbers[i]); },
      [&](std::size_t i, const rocksdb::PinnableSlice* value) {
        visit(i, value ? std::optional(decoded(numbers[i], view_of(*value))) : std::nullopt);
      });
}

std::optional<sequence> rocksdb_checkpoints::find_request(const request_key& key) const {
  if (!filter_.may_contain(key)) return std::nullopt;
  const database_gate::lease db(gate_);
  const auto value = get(*db, family::requests, request_index_key(key), "cannot look a request id up");
  if (!value) return std::nullopt;
  return sequence{number_in(view_of(*value), "an index entry of a request id is malformed")};
}

void rocksdb_checkpoints::find_each_request(std::span<const request_key> keys,
                                            std::span<std::optional<sequence>> found) const {
  std::fill(found.begin(), found.end(), std::nullopt);
  for (const auto& key : keys) filter_.prefetch(key);
  std::vector<std::pair<request_key, std::size_t>> asked;
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (filter_.may_contain(keys[i])) asked.emplace_back(keys[i], i);
  if (asked.empty()) return;
  std::sort(asked.begin(), asked.end()); // neighbours share blocks

  const database_gate::lease db(gate_);
  get_each(
      *db, family::requests, asked.size(), "cannot look a request id up",
      [&](std::size_t i) { return request_index_key(asked[i].first); },
      [&](std::size_t i, const rocksdb::PinnableSlice* value) {
        if (value != nullptr)
          found[asked[i].second] = {number_in(view_of(*value), "an index entry of a request id is malformed")};
      });
}

std::vector<sequence> rocksdb_checkpoints::find_requests(std::uint64_t request_hash) const {
  const database_gate::lease db(gate_);
  const auto prefix = request_hash_prefix(request_hash);
  const std::unique_ptr<rocksdb::Iterator> entries(
      db->engine().NewIterator(rocksdb::ReadOptions(), db->handle(family::requests)));
  std::vector<sequence> found;
  for (entries->Seek(prefix); entries->Valid() && entries->key().starts_with(prefix); entries->Next())
    found.push_back({number_in(view_of(entries->value()), "an index entry of a request id is malformed")});
  throw_unless_ok(entries->status(), "cannot look a request id up");
  return found;
}

void rocksdb_checkpoints::history_down(player_number player, sequence before,
                                       const std::function<bool(const history_row&)>& visit) const {
  if (before.value == 0) return;
  const database_gate::lease db(gate_);
  const auto first = history_key(player, {0});
  const rocksdb::Slice start(first);
  rocksdb::ReadOptions options;
  options.iterate_lower_bound = &start;
  const std::unique_ptr<rocksdb::Iterator> rows(db->engine().NewIterator(options, db->handle(family::history)));
  for (rows->SeekForPrev(history_key(player, {before.value - 1})); rows->Valid(); rows->Prev()) {
    const auto row = decode_history(view_of(rows->key()), view_of(rows->value()));
    if (!row || row->player != player) throw_malformed_row("a row of a player's history is malformed");
    if (!visit(*row)) return;
  }
  throw_unless_ok(rows->status(), "cannot read the history of player " + std::to_string(player.value));
}

void rocksdb_checkpoints::players_down(player_number before,
                                       const std::function<bool(const player_state&)>& visit) const {
  if (before.value == 0) return;
  const database_gate::lease db(gate_);
  const std::unique_ptr<rocksdb::Iterator> players(
      db->engine().NewIterator(rocksdb::ReadOptions(), db->handle(family::players)));
  for (players->SeekForPrev(player_key({before.value - 1})); players->Valid(); players->Prev()) {
    const auto number = player_of_key(view_of(players->key()));
    if (!number) throw_malformed_row("a player's key is malformed");
    if (!visit(decoded(*number, view_of(players->value())))) return;
  }
  throw_unless_ok(players->status(), "cannot list the players");
}

} // namespace croupier::persistence
