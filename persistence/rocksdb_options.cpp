#include "persistence/checkpoint_codec.hpp"
#include "persistence/rocksdb_database.hpp"
#include "persistence/rocksdb_log.hpp"
#include "persistence/thread_priority.hpp"

#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/merge_operator.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <deque>
#include <span>
#include <vector>

namespace croupier::persistence {

namespace {

constexpr std::size_t mebibyte = 1 << 20;

/// Those whose merging takes more than a moment.
constexpr std::array merged_families{family::players, family::names, family::requests, family::history};

/// Files of the database that are kept open; the soft limit of a process is often 1024, and sockets want theirs.
constexpr int open_files_max = 512;

/// What a write stall would be for: RocksDB slows all writers down when files pile up at level 0. The index families
/// get their files from checkpoints, not from writers, so stalling the journal would help nobody.
constexpr int never_stall_files = 1 << 20;

/// For the indexes that grow by a row for each movement and never change one. Merging runs of like size, eight and more
/// at once, writes a row about five times in 100,000,000 by calculation; levels would write it twenty times, and took
/// more processor time than all that a movement needs otherwise. The price is more runs to look into: for new request
/// ids there is request_filter, and a player's history is asked for by people.
void merge_runs_of_like_size(rocksdb::ColumnFamilyOptions& options) {
  options.compaction_style = rocksdb::kCompactionStyleUniversal;
  options.level0_file_num_compaction_trigger = 16;
  auto& universal = options.compaction_options_universal;
  universal.min_merge_width = 8;
  universal.size_ratio = 25;
  // Never by the share of what is older: there is nothing to be dropped. RocksDB multiplies this by the size of the
  // oldest run in 64 bits, so "never" must leave room for that.
  universal.max_size_amplification_percent = 1'000'000;
}

/// All values of a player at once: RocksDB's own associative operator would read and write the sum once for each.
class player_merge final : public rocksdb::MergeOperator {
public:
  const char* Name() const override { return "croupier.player.1"; }

  bool FullMergeV2(const MergeOperationInput& in, MergeOperationOutput* out) const override {
    std::vector<std::string_view> values;
    values.reserve(in.operand_list.size() + 1);
    if (in.existing_value != nullptr) values.push_back(view_of(*in.existing_value));
    for (const auto& each : in.operand_list) values.push_back(view_of(each));
    return merge(values, out->new_value);
  }

  bool PartialMergeMulti(const rocksdb::Slice& /*key*/, const std::deque<rocksdb::Slice>& operands, std::string* merged,
                         rocksdb::Logger* /*logger*/) const override {
    std::vector<std::string_view> values;
    values.reserve(operands.size());
    for (const auto& each : operands) values.push_back(view_of(each));
    return merge(values, *merged);
  }

private:
  static bool merge(std::span<const std::string_view> values, std::string& out) {
    auto merged = merge_players(values);
    if (!merged) return false;
    out = std::move(*merged);
    return true;
  }
};

/// Learns when RocksDB stops writing, and has it stay stopped: what it does by itself after a full disk is no match for
/// opening anew. In 7.8 a manual or automatic resumption may leave it half stopped, and the next ingestion then
/// writes a file number 0. And has compactions step back behind callers.
class background_watch final : public rocksdb::EventListener {
public:
  explicit background_watch(std::shared_ptr<std::atomic<bool>> stopped) : stopped_(std::move(stopped)) {}

  void OnBackgroundError(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status* error) override {
    if (error->severity() >= rocksdb::Status::Severity::kHardError) *stopped_ = true;
  }

  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status error,
                            bool* recovers_by_itself) override {
    // Softer errors are compactions without room: those wait for it while writing goes on.
    if (error.severity() >= rocksdb::Status::Severity::kHardError) *recovers_by_itself = false;
  }

  void OnCompactionBegin(rocksdb::DB* /*db*/, const rocksdb::CompactionJobInfo& /*what*/) override {
    // A merge of many runs computes for seconds or minutes. It may fall behind callers, but not for good, as it would
    // at the lowest priority: with nice 5 it gets a third of what a caller's thread does. Of this thread alone; once.
    thread_local const bool lowered = (lower_priority_of_this_thread(5), true);
    (void)lowered;
  }

private:
  std::shared_ptr<std::atomic<bool>> stopped_;
};

rocksdb::CompressionType fast_compression() {
  const auto supported = rocksdb::GetSupportedCompressions();
  const bool has_lz4 = std::find(supported.begin(), supported.end(), rocksdb::kLZ4Compression) != supported.end();
  return has_lz4 ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
}

rocksdb::DBOptions options_of_database(const database_settings& settings) {
  rocksdb::DBOptions options;
  options.env = settings.env;
  options.create_if_missing = !settings.read_only;
  options.create_missing_column_families = !settings.read_only;
  options.max_open_files = open_files_max;
  // RocksDB starts this many threads for each column family; a few hundred small reads need none.
  options.max_file_opening_threads = 1;
  // One flush and two compactions, so that the journal's files, which are only moved down, do not pile up behind a long
  // compaction of an index. Not at low priority: with the processors busy, compactions fell behind for good.
  options.max_background_jobs = 3;
  // Dribbles file data to the disk as it is written, so that a sync of the journal never waits behind 64 MiB.
  options.bytes_per_sync = mebibyte;
  options.wal_bytes_per_sync = settings.syncs_each_write ? 0 : mebibyte;
  // Only the journal fills memtables; its own flushes release the log long before this.
  options.max_total_wal_size = 1024 * mebibyte;
  // Recovery stops at the first damage. Whether that was a torn tail or damage in the middle is judged by us, before
  // opening (rocksdb_wal.cpp): RocksDB's modes tell by the shape of the damage, not by what stands behind it.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  options.allow_concurrent_memtable_write = false;
  // A failed write is handled by `journal::recover`, not by RocksDB in the background.
  options.max_bgerror_resume_count = 0;
  options.avoid_unnecessary_blocking_io = true;
  options.compaction_readahead_size = 2 * mebibyte;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.info_log = settings.read_only ? new_silent_log() : new_storage_log(settings.folder);
  return options;
}

rocksdb::BlockBasedTableOptions table_of_family(const database_settings& settings, family which) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = settings.cache;
  table.format_version = 5;
  // Index and filter blocks are part of the bounded cache; those of level 0, which every look-up asks, stay in it.
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.block_size = 8 << 10;
  switch (which) {
  case family::journal: table.block_size = 16 << 10; break; // a page a block
  case family::requests:
    // Nearly every look-up is for an id that is not there, and the filter of all ids outgrows the cache one day: in
    // partitions, only those parts that are asked for are in memory.
    table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
    table.partition_filters = true;
    table.metadata_block_size = 4 << 10;
    [[fallthrough]];
  case family::players:
  case family::names: table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10)); break;
  case family::meta:
  case family::history: break;
  }
  return table;
}

rocksdb::ColumnFamilyOptions options_of_family(const database_settings& settings, family which) {
  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table_of_family(settings, which)));
  options.level0_slowdown_writes_trigger = never_stall_files;
  options.level0_stop_writes_trigger = never_stall_files;
  options.soft_pending_compaction_bytes_limit = 0;
  options.hard_pending_compaction_bytes_limit = 0;
  options.level_compaction_dynamic_level_bytes = true;
  options.target_file_size_base = 64 * mebibyte;
  options.ttl = 0;
  options.periodic_compaction_seconds = 0;
  options.compression = fast_compression();
  // No memory until it is used; RocksDB keeps filters of level-0 files in the cache only up to a file size of 1.5 x
  // this.
  options.write_buffer_size = 64 * mebibyte;
  switch (which) {
  case family::journal:
    options.write_buffer_size = 24 * mebibyte; // of which an idle server keeps one
    options.max_write_buffer_number = 6;
    // Its files do not overlap, so moving them down costs nothing, and a read looks into one file only.
    options.level0_file_num_compaction_trigger = 1;
    break;
  case family::players:
    options.merge_operator = std::make_shared<player_merge>();
    // Each run has a good part of all players, so that merging it costs about as much as all of them.
    options.level0_file_num_compaction_trigger = 8;
    break;
  case family::requests:
    options.compression = rocksdb::kNoCompression; // hashes do not shrink
    merge_runs_of_like_size(options);
    break;
  case family::history: merge_runs_of_like_size(options); break;
  case family::meta:
  case family::names: break;
  }
  if (std::find(merged_families.begin(), merged_families.end(), which) != merged_families.end())
    options.disable_auto_compactions = !settings.merges;
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> descriptors(const database_settings& settings) {
  std::vector<rocksdb::ColumnFamilyDescriptor> all;
  all.emplace_back(rocksdb::kDefaultColumnFamilyName, options_of_family(settings, family::meta));
  for (std::size_t i = 0; i < family_count; ++i) {
    const auto which = static_cast<family>(i);
    all.emplace_back(std::string(name_of(which)), options_of_family(settings, which));
  }
  return all;
}

} // namespace

result<std::unique_ptr<database>, storage_error> database::open(const database_settings& settings) {
  std::unique_ptr<database> opened(new database);
  auto options = options_of_database(settings);
  options.listeners.push_back(std::make_shared<background_watch>(opened->stopped_));
  rocksdb::DB* engine = nullptr;
  const auto status =
      settings.read_only
          ? rocksdb::DB::OpenForReadOnly(options, settings.folder, descriptors(settings), &opened->handles_, &engine)
          : rocksdb::DB::Open(options, settings.folder, descriptors(settings), &opened->handles_, &engine);
  if (!status.ok()) return to_error(status, "cannot open the data folder " + settings.folder);
  opened->engine_.reset(engine);
  if (settings.read_only) *opened->stopped_ = true;
  return opened;
}

void database::begin_merging() const {
  // It cannot refuse a setting that it knows. That it could not write down what its options are now is of no interest.
  std::vector<rocksdb::ColumnFamilyHandle*> merged;
  for (const auto which : merged_families) merged.push_back(handle(which));
  engine_->EnableAutoCompaction(merged).PermitUncheckedError();
}

std::unique_ptr<rocksdb::SstFileWriter> new_run_writer(const database_settings& settings, family which) {
  auto of_family = options_of_family(settings, which);
  // A run is asked by every look-up until it is compacted, and is small: one filter that stays in memory costs a fifth
  // of one in partitions.
  auto table = table_of_family(settings, which);
  table.partition_filters = false;
  of_family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  const rocksdb::Options options(options_of_database(settings), of_family);
  return std::make_unique<rocksdb::SstFileWriter>(rocksdb::EnvOptions(options), options);
}

} // namespace croupier::persistence
