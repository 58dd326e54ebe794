#include "engine/timestamp.hpp"

#include "engine/check.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

namespace croupier {
namespace {

constexpr std::int64_t us_per_second = 1'000'000;
constexpr std::int64_t seconds_per_day = 86'400;

constexpr std::int64_t first_second_of(int year) noexcept {
  using namespace std::chrono;
  return sys_days{std::chrono::year{year} / January / 1}.time_since_epoch().count() * seconds_per_day;
}

constexpr std::int64_t begin_s = first_second_of(1);
constexpr std::int64_t end_s = first_second_of(10'000);

/// Reads a text from left to right; the first thing that is not there makes it bad for good.
class reader {
public:
  explicit reader(std::string_view text) noexcept : rest_(text) {}

  /// Exactly `count` digits.
  int digits(std::size_t count) noexcept {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) value = value * 10 + digit();
    return value;
  }

  /// A number of two digits up to `max`.
  int two_digits(int max) noexcept {
    const int value = digits(2);
    if (value > max) good_ = false;
    return value;
  }

  /// One of the characters of `choices`; '\0' when it is none of them.
  char one_of(std::string_view choices) noexcept {
    if (!next_is_one_of(choices)) {
      good_ = false;
      return '\0';
    }
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  bool next_is_one_of(std::string_view choices) const noexcept {
    return !rest_.empty() && choices.find(rest_.front()) != std::string_view::npos;
  }

  bool next_is_digit() const noexcept { return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; }

  bool good() const noexcept { return good_; }
  bool at_end() const noexcept { return rest_.empty(); }

private:
  int digit() noexcept {
    if (!next_is_digit()) {
      good_ = false;
      return 0;
    }
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c - '0';
  }

  std::string_view rest_;
  bool good_ = true;
};

/// ".5" is 500000; digits after the sixth are dropped.
std::int64_t read_fraction_us(reader& in) noexcept {
  std::int64_t fraction_us = 0;
  std::int64_t place_us = us_per_second / 10;
  do {
    fraction_us += in.digits(1) * place_us;
    place_us /= 10;
  } while (in.good() && in.next_is_digit());
  return fraction_us;
}

/// Seconds to the east; 0 for `Z`.
std::int64_t read_offset_s(reader& in) noexcept {
  const char sign = in.one_of("Zz+-");
  if (sign != '+' && sign != '-') return 0;
  const std::int64_t hours = in.two_digits(23);
  in.one_of(":");
  const std::int64_t minutes = in.two_digits(59);
  const auto offset_s = hours * 3600 + minutes * 60;
  return sign == '+' ? offset_s : -offset_s;
}

std::chrono::sys_days day_of(std::int64_t unix_s) noexcept {
  return std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds{std::chrono::seconds{unix_s}});
}

/// Leap seconds are put in before midnight UTC at the end of a month.
bool may_follow_leap_second(std::int64_t unix_s) noexcept {
  const auto day = day_of(unix_s);
  return day == std::chrono::sys_seconds{std::chrono::seconds{unix_s}} &&
         std::chrono::year_month_day{day}.day() == std::chrono::day{1};
}

/// The digits and the character behind them; gives where the next ones go.
char* put_digits(char* at, std::uint32_t value, std::size_t count, char behind) noexcept {
  for (std::size_t i = count; i > 0; --i) {
    at[i - 1] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  at[count] = behind;
  return at + count + 1;
}

} // namespace

std::optional<timestamp> timestamp::parse(std::string_view text) noexcept {
  reader in(text);
  const int year = in.digits(4);
  in.one_of("-");
  const int month = in.two_digits(12);
  in.one_of("-");
  const int day = in.two_digits(31);
  in.one_of("Tt");
  const std::int64_t hour = in.two_digits(23);
  in.one_of(":");
  const std::int64_t minute = in.two_digits(59);
  in.one_of(":");
  const int second = in.two_digits(60);
  std::int64_t fraction_us = 0;
  if (in.next_is_one_of(".")) {
    in.one_of(".");
    fraction_us = read_fraction_us(in);
  }
  const auto offset_s = read_offset_s(in);
  if (!in.good() || !in.at_end()) return std::nullopt;

  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (year == 0 || !date.ok()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
  const auto unix_s = days * seconds_per_day + hour * 3600 + minute * 60 + second - offset_s;
  if (second == 60 && !may_follow_leap_second(unix_s)) return std::nullopt;
  // The offset can push a time at either end out of the years that have a text.
  if (unix_s < begin_s || unix_s >= end_s) return std::nullopt;
  return timestamp{unix_s * us_per_second + fraction_us};
}

std::string timestamp::text() const {
  CROUPIER_ASSERT(unix_us >= begin_s * us_per_second && unix_us < end_s * us_per_second,
                  "a time outside the years 0001 to 9999");
  const auto fraction_us = (unix_us % us_per_second + us_per_second) % us_per_second;
  const auto unix_s = (unix_us - fraction_us) / us_per_second;
  const auto day = day_of(unix_s);
  const std::chrono::year_month_day date{day};
  const auto second_of_day = unix_s - day.time_since_epoch().count() * seconds_per_day;

  std::array<char, 27> text;
  auto* at = put_digits(text.data(), static_cast<std::uint32_t>(static_cast<int>(date.year())), 4, '-');
  at = put_digits(at, static_cast<unsigned>(date.month()), 2, '-');
  at = put_digits(at, static_cast<unsigned>(date.day()), 2, 'T');
  at = put_digits(at, static_cast<std::uint32_t>(second_of_day / 3600), 2, ':');
  at = put_digits(at, static_cast<std::uint32_t>(second_of_day / 60 % 60), 2, ':');
  at = put_digits(at, static_cast<std::uint32_t>(second_of_day % 60), 2, fraction_us == 0 ? 'Z' : '.');
  if (fraction_us != 0) at = put_digits(at, static_cast<std::uint32_t>(fraction_us), 6, 'Z');
  return {text.data(), at};
}

} // namespace croupier
