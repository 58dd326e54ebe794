#pragma once

#include "persistence/journal.hpp"
#include "persistence/journal_page.hpp"
#include "persistence/rocksdb_database.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>

namespace croupier::persistence {

/// The journal as pages in one column family: a group is one write batch, so it is in the write-ahead log whole or not
/// at all. See `journal` for the contract.
class rocksdb_journal final : public journal {
public:
  /// What `recover` needs of the store around.
  struct medium {
    /// Whether the disk takes writes again; asked first, so that reads go on while it does not.
    std::function<result<done, storage_error>()> probe;
    /// Opens the database anew: only for reading, beside one that is open; or for good, when none is open for writing.
    std::function<result<std::unique_ptr<database>, storage_error>(bool only_to_read)> open;
  };

  /// `gate` outlives the journal and is opened by the owner after `start`.
  rocksdb_journal(database_gate& gate, const folder_key& key, bool syncs_each_write, medium disk);
  ~rocksdb_journal() override;

  /// Reads the end of the journal from the database and checks that it fits: the first page to the folder's key, the
  /// last page to the one before it, and that its group is whole. Before any other call.
  result<position, storage_error> start(const database& db);

  /// From now on appends are refused: the journal's end has been written down for good.
  void finish() noexcept { finished_ = true; }

  /// Whether an append or sync failed and `recover` has not succeeded since.
  bool failed() const noexcept { return failed_; }

  result<position, storage_error> append(std::span<const std::string_view> records, timestamp time) override;
  result<done, storage_error> sync() override;
  result<done, storage_error> recover() override;
  position last_position() const override;
  position page_end(sequence at) const override;
  stored_entry read(sequence at) const override;
  void scan_up(sequence from, const visitor& visit) const override;
  void scan_down(sequence from, const visitor& visit) const override;
  sequence first_at_or_after(timestamp time) const override;
  std::uint64_t movements_up_to(sequence at) const override;

private:
  struct writer;

  position put_pages(const database& db, std::span<const std::string_view> records, timestamp time);
  result<position, storage_error> load_end(const database& db) const;
  void let_read_meanwhile();
  result<std::unique_ptr<database>, storage_error> open_cut_to_end() const;
  result<done, storage_error> cut_to_end(const database& db) const;
  void require_inside(sequence at) const;

  database_gate& gate_;
  const chain_hash origin_;
  const std::uint32_t tag_;
  const bool syncs_each_write_;
  const medium disk_;
  std::unique_ptr<writer> writer_; ///< batch and hasher, of the appending thread
  sequence synced_;                ///< of the appending thread
  std::atomic<bool> failed_ = false;
  bool finished_ = false;
  mutable std::mutex end_mutex_;
  position end_;
};

/// The pages of the journal in a database, one at a time. Use by one thread. All calls throw storage_failure on a page
/// that is missing, malformed, of another folder, or unreadable, naming the sequence.
class page_cursor {
public:
  /// `reads_ahead`: for long walks upwards.
  page_cursor(const database& db, std::uint32_t folder_tag, bool reads_ahead);
  ~page_cursor();

  /// Goes to the page that holds the entry, which is there (else: corrupt).
  void seek(sequence at);
  /// Goes to the last page; false when there is none.
  bool seek_last();
  /// Goes to the next page, which must begin at page().header.last() + 1.
  void next();
  /// Goes to the page before, which must end at page().header.first - 1 (CROUPIER_ASSERT: the current one is not the
  /// first).
  void previous();

  /// The current page; its views and `bytes` are valid until the cursor moves.
  const journal_page& page() const noexcept { return page_; }
  std::string_view bytes() const noexcept;

private:
  /// Parses the page under the iterator, which must hold the entry.
  void take(sequence holding);

  struct pages;
  std::unique_ptr<pages> pages_;
  std::uint32_t folder_tag_;
  journal_page page_;
};

} // namespace croupier::persistence
