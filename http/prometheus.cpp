#include "http/prometheus.hpp"

#include "engine/check.hpp"

namespace croupier::http {

namespace {

constexpr std::uint64_t us_per_second = 1'000'000;

/// "0.00005" for 50: every digit, no trailing zeros.
std::string seconds_text(std::uint64_t us) {
  auto text = std::to_string(us / us_per_second);
  const auto fraction = us % us_per_second;
  if (fraction == 0) return text;
  auto digits = std::to_string(us_per_second + fraction).substr(1);
  digits.erase(digits.find_last_not_of('0') + 1);
  return text + "." + digits;
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
    case '\\': out += "\\\\"; break;
    case '"': out += "\\\""; break;
    case '\n': out += "\\n"; break;
    default: out += c;
    }
  }
}

void append_label(std::string& out, std::string_view name, std::string_view value, bool first) {
  out += first ? '{' : ',';
  out.append(name).append("=\"");
  append_escaped(out, value);
  out += '"';
}

} // namespace

prometheus_writer& prometheus_writer::family(std::string_view name, std::string_view help, std::string_view type) {
  name_ = name;
  out_.append("# HELP ").append(name).append(" ").append(help).append("\n");
  out_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
  return *this;
}

prometheus_writer& prometheus_writer::sample(std::uint64_t value, labels with) {
  line("", with, {}, std::to_string(value));
  return *this;
}

prometheus_writer& prometheus_writer::buckets(std::span<const std::uint32_t> bounds_us,
                                              std::span<const std::uint64_t> counts, std::uint64_t sum_us,
                                              labels with) {
  CROUPIER_ASSERT(counts.size() == bounds_us.size() + 1, "a histogram has one bucket more than bounds");
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < bounds_us.size(); ++i) {
    total += counts[i];
    line("_bucket", with, seconds_text(bounds_us[i]), std::to_string(total));
  }
  total += counts.back();
  line("_bucket", with, "+Inf", std::to_string(total));
  line("_sum", with, {}, seconds_text(sum_us));
  line("_count", with, {}, std::to_string(total));
  return *this;
}

void prometheus_writer::line(std::string_view suffix, labels with, std::string_view bound, std::string_view value) {
  out_.append(name_).append(suffix);
  bool first = true;
  for (const auto& [name, content] : with) {
    append_label(out_, name, content, first);
    first = false;
  }
  if (!bound.empty()) {
    append_label(out_, "le", bound, first);
    first = false;
  }
  if (!first) out_ += '}';
  out_.append(" ").append(value).append("\n");
}

} // namespace croupier::http
