#include "persistence/rocksdb_journal.hpp"

#include "engine/check.hpp"
#include "persistence/record_codec.hpp"

#include <rocksdb/db.h>

#include <algorithm>

namespace croupier::persistence {

namespace {

/// How long `recover` waits for reads that are under way; it may be called again after that.
constexpr std::chrono::milliseconds readers_patience{10'000};

/// The buffers of a group larger than this are given back after it.
constexpr std::size_t buffer_bytes_kept = 8 << 20;

storage_error damage(sequence at, std::string what) {
  return {storage_errc::corrupt,
          "the journal is damaged at entry " + std::to_string(at.value) + ": " + what +
              "; restore the folder from a backup",
          at};
}

committed_entry decode_at(timestamp time, sequence at, std::string_view record) {
  auto decoded = decode_committed(at, time, record);
  if (!decoded) throw storage_failure(damage(at, decoded.error()));
  return std::move(*decoded);
}

/// Removes the pages that begin behind `end`, for good.
rocksdb::Status remove_pages_behind(const database& db, sequence end) {
  rocksdb::WriteBatch removals;
  rocksdb::Status status;
  const std::unique_ptr<rocksdb::Iterator> pages(
      db.engine().NewIterator(rocksdb::ReadOptions(), db.handle(family::journal)));
  for (pages->Seek(page_key({end.value + 1})); status.ok() && pages->Valid(); pages->Next())
    status = removals.Delete(db.handle(family::journal), pages->key());
  if (status.ok()) status = pages->status();
  if (!status.ok()) return status;
  rocksdb::WriteOptions options;
  options.sync = true;
  return db.engine().Write(options, &removals);
}

} // namespace

/// What the appending thread writes with.
struct rocksdb_journal::writer {
  rocksdb::WriteBatch batch;
  page_hasher hasher;
  std::string page;

  void clear() {
    if (batch.GetDataSize() > buffer_bytes_kept) batch = rocksdb::WriteBatch();
    batch.Clear();
  }
};

rocksdb_journal::rocksdb_journal(database_gate& gate, const folder_key& key, bool syncs_each_write, medium disk)
    : gate_(gate),
      origin_(chain_origin(key)),
      tag_(folder_tag(key)),
      syncs_each_write_(syncs_each_write),
      disk_(std::move(disk)),
      writer_(std::make_unique<writer>()) {}

rocksdb_journal::~rocksdb_journal() = default;

// -- start ------------------------------------------------------------------------------------------------------------

result<position, storage_error> rocksdb_journal::start(const database& db) {
  auto end = load_end(db);
  if (!end) return end;
  end_ = *end;
  synced_ = end_.last; // opening has written everything that it found into table files
  return end;
}

result<position, storage_error> rocksdb_journal::load_end(const database& db) const {
  try {
    page_cursor cursor(db, tag_, false);
    if (!cursor.seek_last()) return position{{}, {}, origin_, 0};
    const auto end = cursor.page().end();
    if (!cursor.page().header.ends_group) return damage(end.last, "its group is not whole");
    const std::string last_page(cursor.bytes());
    auto before = origin_;
    if (cursor.page().header.first.value > 1) {
      cursor.previous();
      before = cursor.page().header.chain;
      if (cursor.page().header.first.value > 1) cursor.seek({1});
      if (!page_hasher().holds(cursor.bytes(), origin_))
        return damage({1}, "its hash does not begin this folder's chain");
    }
    if (!page_hasher().holds(last_page, before))
      return damage(end.last, "its hash does not follow from the page before");
    return end;
  } catch (const storage_failure& failure) {
    return failure.error();
  }
}

// -- append -----------------------------------------------------------------------------------------------------------

position rocksdb_journal::put_pages(const database& db, std::span<const std::string_view> records, timestamp time) {
  position next = end_;
  next.time = std::max(time, end_.time);
  bool begins = true;
  while (!records.empty()) {
    const auto taken = records.first(records_of_next_page(records));
    records = records.subspan(taken.size());
    page_header header;
    header.folder_tag = tag_;
    header.first = {next.last.value + 1};
    header.count = taken.size();
    header.time = next.time;
    header.movements_before = next.movement_count;
    header.synced = synced_;
    header.begins_group = std::exchange(begins, false);
    header.ends_group = records.empty();
    writer_->hasher.write(header, taken, next.chain, writer_->page);
    const auto put = writer_->batch.Put(db.handle(family::journal), page_key(header.first), writer_->page);
    CROUPIER_ASSERT(put.ok(), "a page does not fit a write batch");
    next.last = header.last();
    next.chain = header.chain;
    next.movement_count += static_cast<std::uint64_t>(std::count_if(taken.begin(), taken.end(), is_movement));
  }
  return next;
}

result<position, storage_error> rocksdb_journal::append(std::span<const std::string_view> records, timestamp time) {
  for (const auto record : records) CROUPIER_ASSERT(record.size() <= record_bytes_max, "a record is too long");
  if (failed_)
    return storage_error{storage_errc::io_failed, "an earlier write of the journal failed; recover first", {}};
  if (finished_) return storage_error{storage_errc::io_failed, "the journal has been closed", {}};
  if (records.empty()) return end_;
  if (database_gate::lease(gate_)->stopped()) {
    // An error in the background, of which nobody has been told: nothing of this group has been tried yet.
    failed_ = true;
    if (auto recovered = recover(); !recovered) return recovered.error();
  }
  const database_gate::lease db(gate_);
  writer_->clear();
  const auto next = put_pages(*db, records, time);
  rocksdb::WriteOptions options;
  options.sync = syncs_each_write_;
  const auto status = db->engine().Write(options, &writer_->batch);
  if (!status.ok()) {
    failed_ = true;
    return to_error(status, "cannot write the journal");
  }
  if (syncs_each_write_) synced_ = next.last;
  const std::lock_guard guard(end_mutex_);
  end_ = next;
  return next;
}

result<done, storage_error> rocksdb_journal::sync() {
  if (failed_)
    return storage_error{storage_errc::io_failed, "an earlier write of the journal failed; recover first", {}};
  if (synced_ == end_.last) return done{};
  const database_gate::lease db(gate_);
  if (const auto status = db->engine().SyncWAL(); !status.ok()) {
    failed_ = true;
    return to_error(status, "cannot sync the journal");
  }
  synced_ = end_.last;
  return done{};
}

// -- recover ----------------------------------------------------------------------------------------------------------

result<done, storage_error> rocksdb_journal::recover() {
  if (!failed_) return done{};
  if (auto probed = disk_.probe(); !probed) return probed;
  let_read_meanwhile();
  if (!gate_.wait_until_closed(readers_patience))
    return storage_error{storage_errc::io_failed, "reads are still under way on the failed store; try again", {}};
  auto reopened = open_cut_to_end();
  if (!reopened) return reopened.error();
  gate_.replace(std::move(*reopened));
  synced_ = end_.last;
  failed_ = false;
  return done{};
}

/// A disk that takes no writes can be read all the same, behind the acknowledged end perhaps with a group that failed.
/// Where it cannot, reads are refused until it is opened. Anew for each try, which may have moved files.
void rocksdb_journal::let_read_meanwhile() {
  auto reading = disk_.open(true);
  const auto found = reading ? load_end(**reading) : result<position, storage_error>(reading.error());
  const bool has_all = found && (found->last > end_.last || *found == end_);
  gate_.replace(has_all ? std::move(*reading) : nullptr);
}

result<std::unique_ptr<database>, storage_error> rocksdb_journal::open_cut_to_end() const {
  auto reopened = disk_.open(false);
  if (!reopened) return reopened;
  if (auto cut = cut_to_end(**reopened); !cut) return cut.error();
  return reopened;
}

/// A group that failed may have reached the disk whole: its pages are behind the end that we have acknowledged.
result<done, storage_error> rocksdb_journal::cut_to_end(const database& db) const {
  auto found = load_end(db);
  if (!found) return found.error();
  if (found->last < end_.last)
    return damage({found->last.value + 1}, "it was acknowledged before it was synced, and is lost");
  if (found->last > end_.last) {
    const auto status = remove_pages_behind(db, end_.last);
    if (!status.ok()) return to_error(status, "cannot remove the pages of the failed write");
    found = load_end(db);
    if (!found) return found.error();
  }
  if (*found != end_) return damage(end_.last, "it is not the page that was written");
  return done{};
}

// -- reads ------------------------------------------------------------------------------------------------------------

position rocksdb_journal::last_position() const {
  const std::lock_guard guard(end_mutex_);
  return end_;
}

position rocksdb_journal::page_end(sequence at) const {
  require_inside(at);
  const database_gate::lease db(gate_);
  page_cursor cursor(*db, tag_, false);
  cursor.seek(at);
  return cursor.page().end();
}

stored_entry rocksdb_journal::read(sequence at) const {
  require_inside(at);
  const database_gate::lease db(gate_);
  page_cursor cursor(*db, tag_, false);
  cursor.seek(at);
  stored_entry read;
  read.bytes = cursor.page().record(at);
  read.entry = decode_at(cursor.page().header.time, at, read.bytes);
  return read;
}

void rocksdb_journal::scan_up(sequence from, const visitor& visit) const {
  const auto last = last_position().last;
  from = std::max(from, sequence{1});
  if (from > last) return;
  const database_gate::lease db(gate_);
  page_cursor cursor(*db, tag_, true);
  page_hasher hasher;
  auto before = origin_;
  cursor.seek(from);
  if (cursor.page().header.first.value > 1) {
    cursor.previous();
    before = cursor.page().header.chain;
    cursor.next();
  }
  for (;;) {
    const auto& page = cursor.page();
    if (!hasher.holds(cursor.bytes(), before))
      throw storage_failure(damage(page.header.first, "its hash does not follow from the page before"));
    before = page.header.chain;
    for (auto at = std::max(from, page.header.first); at <= page.header.last(); ++at.value)
      if (!visit(decode_at(page.header.time, at, page.record(at)), page.record(at))) return;
    if (page.header.last() >= last) return;
    cursor.next();
  }
}

void rocksdb_journal::scan_down(sequence from, const visitor& visit) const {
  from = std::min(from, last_position().last);
  if (from.value == 0) return;
  const database_gate::lease db(gate_);
  page_cursor cursor(*db, tag_, false);
  cursor.seek(from);
  for (;;) {
    const auto& page = cursor.page();
    for (auto at = std::min(from, page.header.last()); at >= page.header.first; --at.value)
      if (!visit(decode_at(page.header.time, at, page.record(at)), page.record(at))) return;
    if (page.header.first.value == 1) return;
    cursor.previous();
  }
}

sequence rocksdb_journal::first_at_or_after(timestamp time) const {
  sequence low{1};
  sequence high{last_position().last.value + 1};
  const database_gate::lease db(gate_);
  page_cursor cursor(*db, tag_, false);
  while (low < high) {
    cursor.seek({low.value + (high.value - low.value) / 2});
    const auto& header = cursor.page().header;
    if (header.time >= time)
      high = std::max(low, header.first);
    else
      low = {header.last().value + 1};
  }
  return low;
}

std::uint64_t rocksdb_journal::movements_up_to(sequence at) const {
  if (at.value == 0) return 0;
  require_inside(at);
  const database_gate::lease db(gate_);
  page_cursor cursor(*db, tag_, false);
  cursor.seek(at);
  return cursor.page().header.movements_before + cursor.page().movements_up_to(at);
}

void rocksdb_journal::require_inside(sequence at) const {
  CROUPIER_ASSERT(at.value >= 1 && at <= last_position().last,
                  "the journal was asked for an entry that it does not have");
}

} // namespace croupier::persistence
