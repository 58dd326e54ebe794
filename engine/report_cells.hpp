#pragma once

#include "engine/currency.hpp"
#include "engine/ids.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace croupier {

/// Places of cells, and of the texts in them; 0: the cell of nothing at all, the empty text.
using cell_number = strong_number<std::uint32_t, struct cell_tag>;
using cell_text = strong_number<std::uint32_t, struct cell_text_tag>;

/// What a row of a report can be told apart by, beside the day and the player. Numbers of 0: none.
struct report_cell {
  brand_number brand;
  affiliate_number affiliate;
  offer_number offer;
  link_number link;
  creative_number creative;
  source_number source;
  currency_code currency; ///< of the brand; the code for "no currency" when there is none
  cell_text country;
  std::array<cell_text, 5> subs;
  friend bool operator==(const report_cell&, const report_cell&) = default;
};

/// A cell as it is asked for: with texts of the asker's own.
struct cell_request {
  report_cell numbers; ///< country and subs are not looked at
  std::string_view country;
  std::array<std::string_view, 5> subs;
};

/// Every cell that a ledger has, each once.
///
/// Sub ids are what visitors' browsers send, so there may be any number of them, and many affiliates put something
/// unique into each. A link tells apart the first 10,000 cells with sub ids and all links together the first 500,000;
/// beyond that new sub ids are `report_other`. A country that is no two letters is `report_other`, too. So the number
/// of cells is bounded by the configuration, and the same entries make the same cells in the same order. About 150
/// bytes a cell and the texts. Use by one thread at a time.
class report_cells {
public:
  static constexpr std::size_t cells_of_link_max = 10'000;
  static constexpr std::size_t cells_with_subs_max = 500'000;

  report_cells();

  /// The cell, made when it is new. O(texts).
  cell_number take(const cell_request& wanted);

  const report_cell& operator[](cell_number number) const noexcept { return cells_[number.value]; }
  std::size_t size() const noexcept { return cells_.size(); }
  std::string_view text(cell_text number) const noexcept { return *texts_[number.value]; }
  /// 0 when no cell has it.
  cell_text find_text(std::string_view text) const noexcept;

  /// Takes up the next cell as it was saved: without its bounds being asked. False when it is there already.
  bool restore(const cell_request& saved);

private:
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  struct cell_hash {
    std::size_t operator()(const report_cell& cell) const noexcept;
  };

  cell_text take_text(std::string_view text);
  bool may_add_subs(link_number link) const noexcept;
  cell_number add(const report_cell& cell);

  std::vector<report_cell> cells_;
  std::unordered_map<report_cell, cell_number, cell_hash> by_cell_;
  std::vector<const std::string*> texts_; ///< into the keys of by_text_
  std::unordered_map<std::string, cell_text, text_hash, std::equal_to<>> by_text_;
  std::unordered_map<link_number, std::size_t> with_subs_of_link_;
  std::size_t with_subs_ = 0;
};

} // namespace croupier
