#include "persistence/rocksdb_journal.hpp"

#include "engine/check.hpp"

#include <rocksdb/db.h>

namespace croupier::persistence {

namespace {

constexpr std::size_t readahead_bytes = 2 << 20;

std::string entry_text(sequence at) {
  return "entry " + std::to_string(at.value) + " of the journal";
}

[[noreturn]] void throw_damage(sequence at, const std::string& what, storage_errc code = storage_errc::corrupt) {
  throw storage_failure({code, entry_text(at) + ": " + what + "; restore the folder from a backup", at});
}

} // namespace

struct page_cursor::pages {
  std::unique_ptr<rocksdb::Iterator> at;
};

page_cursor::page_cursor(const database& db, std::uint32_t folder_tag, bool reads_ahead) : folder_tag_(folder_tag) {
  rocksdb::ReadOptions options;
  if (reads_ahead) {
    options.readahead_size = readahead_bytes;
    options.fill_cache = false; // a replay must not push out what the look-ups need
  }
  pages_ = std::make_unique<pages>();
  pages_->at.reset(db.engine().NewIterator(options, db.handle(family::journal)));
}

page_cursor::~page_cursor() = default;

std::string_view page_cursor::bytes() const noexcept {
  return view_of(pages_->at->value());
}

void page_cursor::take(sequence holding) {
  auto& at = *pages_->at;
  throw_unless_ok(at.status(), "cannot read " + entry_text(holding), holding);
  if (!at.Valid()) throw_damage(holding, "it is missing");
  const auto first = sequence_of_page_key(view_of(at.key()));
  if (!first) throw_damage(holding, "a key of the journal is malformed");
  auto parsed = parse_page(view_of(at.value()), *first);
  if (!parsed) throw_damage(holding, parsed.error());
  if (parsed->header.folder_tag != folder_tag_)
    throw_damage(holding, "it comes from another data folder", storage_errc::foreign);
  if (holding < *first || holding > parsed->header.last()) throw_damage(holding, "it is missing");
  page_ = *parsed;
}

void page_cursor::seek(sequence at) {
  pages_->at->SeekForPrev(page_key(at));
  take(at);
}

bool page_cursor::seek_last() {
  auto& at = *pages_->at;
  at.SeekToLast();
  throw_unless_ok(at.status(), "cannot read the end of the journal");
  if (!at.Valid()) return false;
  const auto first = sequence_of_page_key(view_of(at.key()));
  if (!first || first->value == 0) throw_damage({1}, "a key of the journal is malformed");
  take(*first);
  return true;
}

void page_cursor::next() {
  const sequence expected{page_.header.last().value + 1};
  pages_->at->Next();
  take(expected);
}

void page_cursor::previous() {
  CROUPIER_ASSERT(page_.header.first.value > 1, "there is no page before the first");
  const sequence expected{page_.header.first.value - 1};
  pages_->at->Prev();
  take(expected);
}

} // namespace croupier::persistence
