#include "persistence/rocksdb_wal.hpp"

#include "persistence/byte_codec.hpp"
#include "persistence/journal_page.hpp"
#include "persistence/rocksdb_database.hpp"

#include <rocksdb/env.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

// The form of a write-ahead log (RocksDB wiki, "Write Ahead Log File Format"), as far as it is needed here:
//
//   log       := block* zeros           of 32 KiB, the last one may be shorter; zeros: rocksdb_wal_reserve.hpp
//   block     := fragment* zeros{0-6}
//   fragment  := crc:4 length:2 type:1 payload            little-endian; crc: masked CRC-32C of type and payload
//                type: 1 a whole record, 2 its first, 3 a middle, 4 its last fragment
//   record    := sequence:8 count:4 change*               a write batch; a group of the journal is one record
//   change    := 5:1 family:v key:text value:text         a put; v and text as in record_codec.cpp

namespace croupier::persistence {

namespace {

constexpr std::size_t block_bytes = 32 << 10;
constexpr std::size_t fragment_head_bytes = 7;
constexpr std::size_t batch_head_bytes = 12;
constexpr std::uint8_t put_in_family = 5;
/// The head of a batch, a put's tag, family, key, length, and the page's header.
constexpr std::size_t telling_bytes = batch_head_bytes + 1 + 5 + 9 + 5 + 72;

enum class fragment_type : std::uint8_t { whole = 1, first = 2, middle = 3, last = 4 };

// -- CRC-32C ----------------------------------------------------------------------------------------------------------

using crc_tables = std::array<std::array<std::uint32_t, 256>, 8>;

constexpr crc_tables make_crc_tables() {
  crc_tables tables{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1U) != 0 ? crc >> 1 ^ 0x82f63b78U : crc >> 1;
    tables[0][i] = crc;
  }
  for (std::size_t table = 1; table < tables.size(); ++table)
    for (std::size_t i = 0; i < 256; ++i)
      tables[table][i] = tables[table - 1][i] >> 8 ^ tables[0][tables[table - 1][i] & 0xffU];
  return tables;
}

constexpr crc_tables crc_table = make_crc_tables();

std::uint32_t little_endian32(const char* bytes) noexcept {
  std::uint32_t value = 0;
  for (int i = 3; i >= 0; --i) value = value << 8 | static_cast<std::uint8_t>(bytes[i]);
  return value;
}

/// Eight bytes a step ("slicing by 8"): a folder's logs are checked at every start.
std::uint32_t crc32c(std::string_view bytes) noexcept {
  std::uint32_t crc = 0xffffffffU;
  const auto* at = bytes.data();
  auto left = bytes.size();
  for (; left >= 8; left -= 8, at += 8) {
    const auto low = crc ^ little_endian32(at);
    const auto high = little_endian32(at + 4);
    crc = crc_table[7][low & 0xffU] ^ crc_table[6][low >> 8 & 0xffU] ^ crc_table[5][low >> 16 & 0xffU] ^
          crc_table[4][low >> 24] ^ crc_table[3][high & 0xffU] ^ crc_table[2][high >> 8 & 0xffU] ^
          crc_table[1][high >> 16 & 0xffU] ^ crc_table[0][high >> 24];
  }
  for (; left > 0; --left, ++at) crc = crc >> 8 ^ crc_table[0][(crc ^ static_cast<std::uint8_t>(*at)) & 0xffU];
  return crc ^ 0xffffffffU;
}

std::uint32_t masked(std::uint32_t crc) noexcept {
  return (crc >> 15 | crc << 17) + 0xa282ead8U;
}

// -- the walk ---------------------------------------------------------------------------------------------------------

struct fragment {
  fragment_type type;
  std::string_view payload;
  std::size_t size() const noexcept { return fragment_head_bytes + payload.size(); }
  bool begins_record() const noexcept { return type == fragment_type::whole || type == fragment_type::first; }
};

/// The fragment at the start of `bytes`, the rest of a block; nothing when there is none whose checksum holds.
std::optional<fragment> fragment_at(std::string_view bytes) noexcept {
  if (bytes.size() < fragment_head_bytes) return std::nullopt;
  const auto type = static_cast<std::uint8_t>(bytes[6]);
  if (type < 1 || type > 4) return std::nullopt;
  const std::size_t length =
      static_cast<std::uint8_t>(bytes[4]) | static_cast<std::size_t>(static_cast<std::uint8_t>(bytes[5])) << 8;
  if (length > bytes.size() - fragment_head_bytes) return std::nullopt;
  if (masked(crc32c(bytes.substr(6, 1 + length))) != little_endian32(bytes.data())) return std::nullopt;
  return fragment{static_cast<fragment_type>(type), bytes.substr(fragment_head_bytes, length)};
}

/// The header of the page that the record's first change puts; nothing when it is no journal page.
std::optional<page_header> first_page_of(std::string_view record) noexcept {
  byte_reader in(record);
  in.raw(batch_head_bytes);
  if (in.byte() != put_in_family) return std::nullopt;
  in.varint<std::uint32_t>();
  const auto first = sequence_of_page_key(in.text());
  in.varint();
  const auto header = parse_page_header(in.raw(in.remaining()));
  if (in.failed() || !header || first != header->first) return std::nullopt;
  return header;
}

/// Walks one log. Blocks start afresh, so damage is never walked through for longer than to the end of its block; in
/// the rest of that block every byte is tried as the start of a record.
class wal_walk {
public:
  wal_walk(std::string file, wal_findings& findings) : file_(std::move(file)), findings_(findings) {}

  void take_block(std::string_view block) {
    const auto data_end = block.find_last_not_of('\0') + 1; // 0: there is none
    if (data_end > 0 && zeros_from_) note_damage(*std::exchange(zeros_from_, std::nullopt));
    std::size_t at = 0;
    while (at < data_end && block.size() - at >= fragment_head_bytes) {
      const auto found = fragment_at(block.substr(at));
      if (found && (!lost_ || found->begins_record() || at == 0)) {
        take(*found, at);
        at += found->size();
      } else {
        note_damage(offset_ + at);
        ++at;
      }
    }
    // A whole block ends in up to six zeros; the last one of a log may end inside a fragment's head.
    const bool goes_on = block.size() == block_bytes && block.size() - at < fragment_head_bytes;
    if (at < block.size() && !goes_on) {
      if (at < data_end)
        note_damage(offset_ + at);
      else if (!zeros_from_)
        zeros_from_ = offset_ + at;
    }
    offset_ += block.size();
  }

  /// At the end of the log: a record that has begun and not ended is torn. What a damage cost is counted.
  void finish() {
    const auto end = zeros_from_.value_or(offset_);
    if (open_record_) note_damage(end);
    if (findings_.damaged()) findings_.lost_bytes += end - whole_until_;
  }

private:
  void note_damage(std::uint64_t offset) {
    const bool was_open = std::exchange(open_record_, false);
    lost_ = true;
    if (findings_.damaged()) return;
    findings_.damaged_file = file_;
    findings_.damaged_offset = offset;
    whole_until_ = was_open ? record_offset_ : offset;
  }

  void take(const fragment& part, std::size_t at_in_block) {
    if (part.begins_record() == open_record_) note_damage(offset_ + at_in_block);
    if (part.begins_record()) {
      record_offset_ = offset_ + at_in_block;
      lost_ = false;
      record_.clear();
    }
    if (lost_) return;
    if (record_.size() < telling_bytes) {
      record_.append(part.payload.substr(0, telling_bytes));
      if (record_.size() >= telling_bytes || part.type == fragment_type::whole || part.type == fragment_type::last)
        learn_from_record();
    }
    open_record_ = part.type == fragment_type::first || part.type == fragment_type::middle;
  }

  void learn_from_record() {
    const auto page = first_page_of(record_);
    if (!page) return;
    findings_.synced = std::max(findings_.synced, page->synced);
    if (!seen_page_) findings_.predecessors.push_back({page->first.value - 1});
    seen_page_ = true;
  }

  std::string file_;
  wal_findings& findings_;
  std::uint64_t offset_ = 0;                ///< of the block in the log; at the end, its size
  std::uint64_t record_offset_ = 0;         ///< of the record that is being walked
  std::uint64_t whole_until_ = 0;           ///< where the first record that is not whole begins
  std::optional<std::uint64_t> zeros_from_; ///< nothing but zeros since: the end, unless something comes behind them
  std::string record_;                      ///< the beginning of the record that is being walked
  bool open_record_ = false;                ///< its last fragment is still to come
  bool lost_ = false;                       ///< between damage and the next beginning of a record
  bool seen_page_ = false;
};

rocksdb::Status walk_file(rocksdb::Env& env, const std::string& path, wal_walk& walk) {
  std::unique_ptr<rocksdb::SequentialFile> file;
  auto status = env.NewSequentialFile(path, &file, rocksdb::EnvOptions());
  std::string block(block_bytes, '\0');
  while (status.ok()) {
    std::size_t filled = 0;
    while (status.ok() && filled < block_bytes) {
      rocksdb::Slice piece;
      status = file->Read(block_bytes - filled, &piece, block.data() + filled);
      if (!status.ok() || piece.empty()) break;
      if (piece.data() != block.data() + filled) std::memmove(block.data() + filled, piece.data(), piece.size());
      filled += piece.size();
    }
    if (!status.ok() || filled == 0) break;
    walk.take_block(std::string_view(block).substr(0, filled));
  }
  if (status.ok()) walk.finish();
  return status;
}

} // namespace

result<wal_findings, storage_error> inspect_wals(rocksdb::Env& env, const std::string& folder) {
  std::vector<std::string> names;
  if (const auto status = env.GetChildren(folder, &names); !status.ok())
    return to_error(status, "cannot list the data folder " + folder);
  std::erase_if(names, [](const std::string& name) { return !name.ends_with(".log"); });
  std::sort(names.begin(), names.end());
  wal_findings findings;
  for (const auto& name : names) {
    wal_walk walk(name, findings);
    if (const auto status = walk_file(env, folder + "/" + name, walk); !status.ok())
      return to_error(status, "cannot read " + folder + "/" + name);
  }
  return findings;
}

} // namespace croupier::persistence
