#pragma once

#include "engine/keyed_hash.hpp"
#include "engine/movement.hpp"
#include "engine/result.hpp"
#include "persistence/journal.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace croupier::persistence {

/// The journal on the disk is a chain of pages: the records of up to 64 consecutive entries, with a header that says
/// where they belong and a SHA-256 over the page before and the page itself. The grammar stands in journal_page.cpp.

inline constexpr std::size_t records_per_page_max = 64;
/// A page takes no further record once its body would be longer; a longer record has a page of its own.
inline constexpr std::size_t page_body_bytes_max = 16 << 10;
/// Room for a body of 1 MiB, the traits in it once more, and a key frame of every balance a player can have.
inline constexpr std::size_t record_bytes_max = 4 << 20;

/// What a page says about itself.
struct page_header {
  std::uint32_t folder_tag = 0; ///< of the folder that it was written in, see folder_tag()
  sequence first;
  std::uint64_t count = 0;            ///< 1 to records_per_page_max
  timestamp time;                     ///< of all its entries
  std::uint64_t movements_before = 0; ///< movements among the entries 1..first-1
  sequence synced;                    ///< everything up to here was synced before this page was written
  bool begins_group = false;
  bool ends_group = false;
  chain_hash chain{}; ///< filled in by page_writer

  sequence last() const noexcept { return {first.value + count - 1}; }
};

/// A parsed page; its views point into the bytes that it was parsed from.
struct journal_page {
  page_header header;
  bounded_list<std::string_view, records_per_page_max> records;

  /// The record of a sequence that is in the page (CROUPIER_ASSERT).
  std::string_view record(sequence at) const;
  /// Movements among its records up to and including `at`, which is in the page.
  std::uint64_t movements_up_to(sequence at) const;
  /// The position after the page.
  position end() const;
};

/// Parses the value of the journal key `first`. Checks everything but the chain hash; the error says what is wrong.
result<journal_page, std::string> parse_page(std::string_view bytes, sequence first);

/// Parses the header alone, from bytes that may be cut behind it; nothing when they cannot be one.
std::optional<page_header> parse_page_header(std::string_view bytes) noexcept;

/// The key of a page: its first sequence, eight bytes, big-endian, so that pages sort as they were written.
std::string page_key(sequence first);
std::optional<sequence> sequence_of_page_key(std::string_view key) noexcept;

/// The chain value before the first page, from the folder's key: a page of another folder's journal fits nowhere.
chain_hash chain_origin(const folder_key& key);

/// Marks the pages of a folder without giving its key away.
std::uint32_t folder_tag(const folder_key& key);

/// Makes pages and checks their chain hashes. Keeps one hashing context, so use by one thread at a time.
class page_hasher {
public:
  page_hasher();
  ~page_hasher();
  page_hasher(const page_hasher&) = delete;
  page_hasher& operator=(const page_hasher&) = delete;

  /// Writes the page over `out` and its chain value into `header`. `header.count` records, 1 to 64.
  void write(page_header& header, std::span<const std::string_view> records, const chain_hash& before,
             std::string& out);

  /// Whether the page's chain value follows from the one before it and its bytes.
  bool holds(std::string_view page, const chain_hash& before);

private:
  chain_hash hash(const chain_hash& before, std::string_view header, std::string_view body);

  struct context;
  std::unique_ptr<context> context_;
};

/// How many of `records` (not empty) the next page takes: as many as fit, one at least.
std::size_t records_of_next_page(std::span<const std::string_view> records) noexcept;

} // namespace croupier::persistence
