#include "engine/calendar_month.hpp"

#include <chrono>

namespace croupier {
namespace {

constexpr std::int64_t us_per_day = 86'400'000'000;

} // namespace

day_number day_of(timestamp time) noexcept {
  auto day = time.unix_us / us_per_day;
  if (day * us_per_day > time.unix_us) --day; // division rounds to zero, days round down
  return static_cast<day_number>(day);
}

timestamp begin_of(day_number day) noexcept {
  return {day * us_per_day};
}

calendar_month calendar_month::of(timestamp time) noexcept {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day_of(time)}}};
  return {static_cast<std::int16_t>(static_cast<int>(date.year())),
          static_cast<std::uint8_t>(static_cast<unsigned>(date.month()))};
}

std::optional<calendar_month> calendar_month::parse(std::string_view text) noexcept {
  if (text.size() != 7) return std::nullopt;
  const auto first_day = timestamp::parse(std::string(text) + "-01T00:00:00Z");
  return first_day ? std::optional(of(*first_day)) : std::nullopt;
}

timestamp calendar_month::starts_at() const noexcept {
  using namespace std::chrono;
  const sys_days first = std::chrono::year{year} / std::chrono::month{month} / day{1};
  return begin_of(static_cast<day_number>(first.time_since_epoch().count()));
}

timestamp calendar_month::ends_at() const noexcept {
  return next().starts_at();
}

calendar_month calendar_month::next() const noexcept {
  if (month == 12) return {static_cast<std::int16_t>(year + 1), 1};
  return {year, static_cast<std::uint8_t>(month + 1)};
}

std::string calendar_month::text() const {
  return starts_at().text().substr(0, 7);
}

} // namespace croupier
