#pragma once

#include "engine/calendar_month.hpp"
#include "engine/check.hpp"
#include "engine/dialect.hpp"
#include "engine/fixed_point.hpp"
#include "engine/hidden_metrics.hpp"
#include "engine/ids.hpp"
#include "engine/workspace.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace croupier {

/// The most metrics that one movement may update (Trackdesk: "up to 20 metrics in one atomic call").
inline constexpr std::size_t metrics_per_movement_max = 20;
/// What it may change beyond that: a month's running total, the mark of a CPA, the mark of a deposit.
inline constexpr std::size_t hidden_changes_max = 4;

/// One metric update as a client asked for it. The code is looked up and the text parsed, but nothing is refused yet:
/// a repeated request id is answered `duplicate` whatever else is wrong, so the refusals wait for their turn.
struct metric_update {
  metric_number metric; ///< 0: no such metric in the workspace, or archived
  metric_type type = metric_type::decimal;
  value_type how = value_type::relative;
  std::optional<number_error> malformed; ///< why the text is not a value of the metric's type; none: it is one
  number_text value;                     ///< meaningful when `malformed` is empty
  /// The value is the running total of this month, not a change: what is added to the balance is its difference from
  /// the total that was told before. Of relative decimal updates only.
  std::optional<calendar_month> running_total_of = std::nullopt;
};

/// Looks one update up in the workspace and parses its value by the metric's type. Pure, no allocation, O(length).
metric_update resolve_update(const workspace& ws, std::string_view code, value_type how,
                             std::string_view value) noexcept;

/// What a movement did to one metric: the fact that is journalled.
struct metric_change {
  metric_number metric;
  value_type how = value_type::relative;
  std::uint8_t fraction_digits = 0; ///< of the value's text, see number_text
  bool negative_zero = false;
  amount value; ///< as sent
  amount delta; ///< balance after - balance before
  amount balance_after;
  friend bool operator==(const metric_change&, const metric_change&) = default;

  /// The very text that the client sent.
  std::string value_text() const;
};

/// A bounded list without allocation, for what a movement carries at most 20 of and usually one or two: it copies what
/// it holds, not the room that it has.
template<class T, std::size_t Max>
class bounded_list {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

public:
  bounded_list() noexcept = default;
  bounded_list(const bounded_list& other) noexcept { *this = other; }
  bounded_list& operator=(const bounded_list& other) noexcept {
    if (this == &other) return *this;
    std::uninitialized_copy(other.begin(), other.end(), place(0));
    size_ = other.size_;
    return *this;
  }

  void push_back(const T& value) noexcept {
    CROUPIER_ASSERT(size_ < Max, "a bounded list is full");
    std::construct_at(place(size_++), value);
  }
  void clear() noexcept { size_ = 0; }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  bool full() const noexcept { return size_ == Max; }
  const T& operator[](std::size_t index) const noexcept { return begin()[index]; }
  T& operator[](std::size_t index) noexcept { return *std::launder(place(index)); }
  const T* begin() const noexcept { return std::launder(reinterpret_cast<const T*>(room_)); }
  const T* end() const noexcept { return begin() + size_; }
  operator std::span<const T>() const noexcept { return {begin(), size_}; }

private:
  T* place(std::size_t index) noexcept { return reinterpret_cast<T*>(room_) + index; }

  std::size_t size_ = 0;
  alignas(T) std::byte room_[Max * sizeof(T)];
};

using metric_updates = bounded_list<metric_update, metrics_per_movement_max>;
using metric_changes = bounded_list<metric_change, metrics_per_movement_max + hidden_changes_max>;

} // namespace croupier
