#include "persistence/journal_page.hpp"

#include "engine/check.hpp"
#include "persistence/byte_codec.hpp"
#include "persistence/record_codec.hpp"

#include <openssl/evp.h>

#include <algorithm>

// The grammar of a page, in the words of record_codec.cpp:
//
//   page    := version:u8 flags:u8 count:u16 folder_tag:u32 first:u64 time_us:u64 movements_before:u64 synced:u64
//              chain:32 bytes body
//   body    := (record:text){count}
//
//   version   1
//   flags     bit 0: first page of its group, bit 1: last page of its group
//   time_us   two's complement
//   chain     SHA-256 of: the chain value of the page before, the header without `chain`, the body
//
// The chain value before the first page is SHA-256 of "croupier journal" and the folder's key.

namespace croupier::persistence {

namespace {

constexpr std::uint8_t page_version = 1;
constexpr std::uint8_t begins_group_bit = 1;
constexpr std::uint8_t ends_group_bit = 2;
constexpr std::size_t plain_header_bytes = 1 + 1 + 2 + 4 + 4 * 8;
constexpr std::size_t header_bytes = plain_header_bytes + sizeof(chain_hash);
static_assert(header_bytes == 72, "the page header has a fixed size on disk");

page_header read_header(byte_reader& in) noexcept {
  page_header header;
  in.require(in.byte() == page_version, "the page has a version that this build does not know");
  const auto flags = in.byte();
  in.require((flags & ~(begins_group_bit | ends_group_bit)) == 0, "an unknown flag is set in a page");
  header.begins_group = (flags & begins_group_bit) != 0;
  header.ends_group = (flags & ends_group_bit) != 0;
  header.count = in.fixed<std::uint16_t>();
  header.folder_tag = in.fixed<std::uint32_t>();
  header.first = sequence{in.fixed<std::uint64_t>()};
  header.time = timestamp{static_cast<std::int64_t>(in.fixed<std::uint64_t>())};
  header.movements_before = in.fixed<std::uint64_t>();
  header.synced = sequence{in.fixed<std::uint64_t>()};
  const auto chain = in.raw(sizeof(chain_hash));
  std::copy(chain.begin(), chain.end(), header.chain.begin());
  in.require(header.count >= 1 && header.count <= records_per_page_max, "a page has an impossible number of records");
  return header;
}

std::uint8_t flags_of(const page_header& header) noexcept {
  return static_cast<std::uint8_t>((header.begins_group ? begins_group_bit : 0) |
                                   (header.ends_group ? ends_group_bit : 0));
}

chain_hash sha256(std::string_view bytes) {
  chain_hash digest{};
  const auto ok = EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  CROUPIER_ASSERT(ok == 1, "SHA-256 is not available");
  return digest;
}

} // namespace

// -- pages ------------------------------------------------------------------------------------------------------------

std::string_view journal_page::record(sequence at) const {
  CROUPIER_ASSERT(at >= header.first && at <= header.last(), "a page was asked for an entry of another page");
  return records[at.value - header.first.value];
}

std::uint64_t journal_page::movements_up_to(sequence at) const {
  CROUPIER_ASSERT(at >= header.first && at <= header.last(), "a page was asked for an entry of another page");
  const auto* end = records.begin() + (at.value - header.first.value + 1);
  return static_cast<std::uint64_t>(std::count_if(records.begin(), end, is_movement));
}

position journal_page::end() const {
  return {header.last(), header.time, header.chain, header.movements_before + movements_up_to(header.last())};
}

result<journal_page, std::string> parse_page(std::string_view bytes, sequence first) {
  byte_reader in(bytes);
  journal_page page;
  page.header = read_header(in);
  in.require(page.header.first == first, "a page is not where it says it belongs");
  for (std::uint64_t i = 0; i < page.header.count && !in.failed(); ++i) page.records.push_back(in.text());
  in.expect_end();
  if (in.failed()) return in.problem();
  return page;
}

std::optional<page_header> parse_page_header(std::string_view bytes) noexcept {
  byte_reader in(bytes);
  const auto header = read_header(in);
  if (in.failed()) return std::nullopt;
  return header;
}

std::string page_key(sequence first) {
  std::string key;
  put_fixed(key, first.value);
  return key;
}

std::optional<sequence> sequence_of_page_key(std::string_view key) noexcept {
  byte_reader in(key);
  const sequence first{in.fixed<std::uint64_t>()};
  in.expect_end();
  if (in.failed()) return std::nullopt;
  return first;
}

std::size_t records_of_next_page(std::span<const std::string_view> records) noexcept {
  std::size_t bytes = 0;
  std::size_t count = 0;
  for (const auto record : records) {
    bytes += record.size();
    if (count == records_per_page_max || (count > 0 && bytes > page_body_bytes_max)) break;
    ++count;
  }
  return count;
}

// -- the chain --------------------------------------------------------------------------------------------------------

chain_hash chain_origin(const folder_key& key) {
  std::string text = "croupier journal";
  text.append(key.bytes.begin(), key.bytes.end());
  return sha256(text);
}

std::uint32_t folder_tag(const folder_key& key) {
  const auto origin = chain_origin(key);
  return byte_reader({reinterpret_cast<const char*>(origin.data()), origin.size()}).fixed<std::uint32_t>();
}

struct page_hasher::context {
  EVP_MD_CTX* handle = EVP_MD_CTX_new();
  context() { CROUPIER_ASSERT(handle != nullptr, "no memory for a hashing context"); }
  ~context() { EVP_MD_CTX_free(handle); }
  context(const context&) = delete;
  context& operator=(const context&) = delete;
};

page_hasher::page_hasher() : context_(std::make_unique<context>()) {}
page_hasher::~page_hasher() = default;

chain_hash page_hasher::hash(const chain_hash& before, std::string_view header, std::string_view body) {
  chain_hash digest{};
  auto* const handle = context_->handle;
  const bool ok = EVP_DigestInit_ex(handle, EVP_sha256(), nullptr) == 1 &&
                  EVP_DigestUpdate(handle, before.data(), before.size()) == 1 &&
                  EVP_DigestUpdate(handle, header.data(), header.size()) == 1 &&
                  EVP_DigestUpdate(handle, body.data(), body.size()) == 1 &&
                  EVP_DigestFinal_ex(handle, digest.data(), nullptr) == 1;
  CROUPIER_ASSERT(ok, "SHA-256 failed");
  return digest;
}

void page_hasher::write(page_header& header, std::span<const std::string_view> records, const chain_hash& before,
                        std::string& out) {
  CROUPIER_ASSERT(header.count == records.size() && !records.empty() && records.size() <= records_per_page_max,
                  "a page must have 1 to 64 records");
  out.clear();
  put_byte(out, page_version);
  put_byte(out, flags_of(header));
  put_fixed(out, static_cast<std::uint16_t>(header.count));
  put_fixed(out, header.folder_tag);
  put_fixed(out, header.first.value);
  put_fixed(out, static_cast<std::uint64_t>(header.time.unix_us));
  put_fixed(out, header.movements_before);
  put_fixed(out, header.synced.value);
  out.append(sizeof(chain_hash), '\0');
  for (const auto record : records) put_text(out, record);
  header.chain =
      hash(before, std::string_view(out).substr(0, plain_header_bytes), std::string_view(out).substr(header_bytes));
  std::copy(header.chain.begin(), header.chain.end(), out.begin() + plain_header_bytes);
}

bool page_hasher::holds(std::string_view page, const chain_hash& before) {
  if (page.size() < header_bytes) return false;
  const auto expected = hash(before, page.substr(0, plain_header_bytes), page.substr(header_bytes));
  return std::equal(expected.begin(), expected.end(), page.begin() + plain_header_bytes,
                    [](std::uint8_t byte, char c) { return byte == static_cast<std::uint8_t>(c); });
}

} // namespace croupier::persistence
