#include "engine/report_cells.hpp"

#include "engine/report.hpp"

#include <algorithm>
#include <optional>

namespace croupier {
namespace {

bool is_country(std::string_view text) noexcept {
  return text.empty() || (text.size() == 2 && std::all_of(text.begin(), text.end(), [](char c) {
                            return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
                          }));
}

std::string in_capitals(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

} // namespace

std::size_t report_cells::cell_hash::operator()(const report_cell& cell) const noexcept {
  std::uint64_t mixed = 0;
  const auto mix = [&mixed](std::uint64_t value) {
    mixed = (mixed ^ value) * 0x9e3779b97f4a7c15U;
    mixed ^= mixed >> 29U;
  };
  mix(std::uint64_t{cell.brand.value} << 32U | cell.affiliate.value);
  mix(std::uint64_t{cell.offer.value} << 32U | cell.link.value);
  mix(std::uint64_t{cell.creative.value} << 32U | cell.source.value);
  for (const char letter : cell.currency.letters)
    mixed = mixed << 8U ^ mixed >> 56U ^ static_cast<unsigned char>(letter);
  mix(cell.country.value);
  for (const auto& sub : cell.subs) mix(sub.value);
  return static_cast<std::size_t>(mixed);
}

report_cells::report_cells() {
  take_text("");
  add(report_cell{});
}

cell_text report_cells::take_text(std::string_view text) {
  if (const auto known = by_text_.find(text); known != by_text_.end()) return known->second;
  const cell_text number{static_cast<std::uint32_t>(texts_.size())};
  const auto made = by_text_.emplace(text, number).first;
  texts_.push_back(&made->first);
  return number;
}

cell_text report_cells::find_text(std::string_view text) const noexcept {
  const auto known = by_text_.find(text);
  return known == by_text_.end() ? cell_text{} : known->second;
}

bool report_cells::may_add_subs(link_number link) const noexcept {
  const auto of_link = with_subs_of_link_.find(link);
  return with_subs_ < cells_with_subs_max &&
         (of_link == with_subs_of_link_.end() || of_link->second < cells_of_link_max);
}

cell_number report_cells::add(const report_cell& cell) {
  const cell_number number{static_cast<std::uint32_t>(cells_.size())};
  cells_.push_back(cell);
  by_cell_.emplace(cell, number);
  if (cell.subs != report_cell{}.subs) {
    ++with_subs_;
    ++with_subs_of_link_[cell.link];
  }
  return number;
}

cell_number report_cells::take(const cell_request& wanted) {
  report_cell cell = wanted.numbers;
  cell.country = take_text(is_country(wanted.country) ? in_capitals(wanted.country) : std::string(report_other));
  const auto look_up = [&]() -> std::optional<cell_number> {
    const auto known = by_cell_.find(cell);
    if (known == by_cell_.end()) return std::nullopt;
    return known->second;
  };

  // Texts are entered only once it is clear that the cell may be: those of refused cells would pile up.
  bool texts_known = true;
  for (std::size_t i = 0; i < cell.subs.size(); ++i) {
    cell.subs[i] = find_text(wanted.subs[i]);
    texts_known &= wanted.subs[i].empty() || cell.subs[i].value != 0;
  }
  if (texts_known)
    if (const auto known = look_up()) return *known;
  const bool may = may_add_subs(cell.link);
  for (std::size_t i = 0; i < cell.subs.size(); ++i)
    cell.subs[i] = take_text(wanted.subs[i].empty() || may ? wanted.subs[i] : report_other);
  if (const auto known = look_up()) return *known;
  return add(cell);
}

bool report_cells::restore(const cell_request& saved) {
  report_cell cell = saved.numbers;
  cell.country = take_text(saved.country);
  for (std::size_t i = 0; i < cell.subs.size(); ++i) cell.subs[i] = take_text(saved.subs[i]);
  if (by_cell_.contains(cell)) return false;
  add(cell);
  return true;
}

} // namespace croupier
