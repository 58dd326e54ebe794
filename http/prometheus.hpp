#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace croupier::http {

/// Writes metrics in Prometheus' text format (0.0.4) by appending to a string. A family is announced once, then its
/// samples follow. Times come in microseconds and are written in seconds, exactly.
class prometheus_writer {
public:
  using labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

  explicit prometheus_writer(std::string& out) noexcept : out_(out) {}

  /// Announces a family; `name` keeps to Prometheus' rules and carries its unit.
  prometheus_writer& counter(std::string_view name, std::string_view help) { return family(name, help, "counter"); }
  prometheus_writer& gauge(std::string_view name, std::string_view help) { return family(name, help, "gauge"); }
  prometheus_writer& histogram(std::string_view name, std::string_view help) { return family(name, help, "histogram"); }

  /// One sample of the family announced last. Label values may be any text.
  prometheus_writer& sample(std::uint64_t value, labels with = {});

  /// One histogram of the family announced last: `counts[i]` is the number at or below `bounds_us[i]` (and above the
  /// bound before), `counts` has one more for everything above.
  prometheus_writer& buckets(std::span<const std::uint32_t> bounds_us, std::span<const std::uint64_t> counts,
                             std::uint64_t sum_us, labels with = {});

private:
  prometheus_writer& family(std::string_view name, std::string_view help, std::string_view type);
  void line(std::string_view suffix, labels with, std::string_view bound, std::string_view value);

  std::string& out_;
  std::string name_;
};

} // namespace croupier::http
