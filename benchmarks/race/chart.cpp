#include "benchmarks/race/chart.hpp"

#include "benchmarks/race/report.hpp"
#include "benchmarks/support/figures.hpp"

#include <algorithm>
#include <sstream>

namespace croupier::race {

namespace {

constexpr int width = 960;
constexpr int margin = 24;
constexpr int label_width = 270;
constexpr int value_width = 170; // room for the figure behind the longest bar
constexpr int bar_height = 22;
constexpr int bar_step = 30;
constexpr int title_height = 54;
constexpr int panel_gap = 26;

struct bar {
  std::string label;
  double value = 0;
  std::string text;
};

struct panel {
  std::string title;
  std::string subtitle;
  std::vector<bar> bars;
  int height() const { return title_height + bar_step * static_cast<int>(bars.size()) + panel_gap; }
};

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
    case '<': out += "&lt;"; break;
    case '>': out += "&gt;"; break;
    case '&': out += "&amp;"; break;
    case '"': out += "&quot;"; break;
    default: out += c;
    }
  }
  return out;
}

/// Ours stand out, references stand back.
const char* colour_of(const std::string& name) {
  if (name == no_op_name || name == bare_name) return "#b8bec6";
  if (name.starts_with("Croupier")) return "#0b7a53";
  if (name.starts_with("PostgreSQL")) return "#3b6ea5";
  if (name.starts_with("Redis")) return "#b5493c";
  return "#8a6d3b";
}

void draw(std::ostringstream& out, const panel& what, int top) {
  double longest = 0;
  for (const auto& each : what.bars) longest = std::max(longest, each.value);
  out << "<text x=\"" << margin << "\" y=\"" << top + 18 << "\" class=\"title\">" << escaped(what.title) << "</text>\n"
      << "<text x=\"" << margin << "\" y=\"" << top + 38 << "\" class=\"note\">" << escaped(what.subtitle)
      << "</text>\n";
  const int left = margin + label_width;
  const double room = width - margin - value_width - left;
  int y = top + title_height;
  for (const auto& each : what.bars) {
    const double length = longest > 0 ? std::max(1.0, room * each.value / longest) : 1;
    out << "<text x=\"" << left - 10 << "\" y=\"" << y + 16 << "\" class=\"label\">" << escaped(each.label)
        << "</text>\n<rect x=\"" << left << "\" y=\"" << y << "\" width=\"" << length << "\" height=\"" << bar_height
        << "\" fill=\"" << colour_of(each.label) << "\"/>\n<text x=\"" << left + length + 8 << "\" y=\"" << y + 16
        << "\" class=\"value\">" << escaped(each.text) << "</text>\n";
    y += bar_step;
  }
}

double rate(const measured& found) {
  return found.movements_per_s;
}
double p99_ms(const measured& found) {
  return std::chrono::duration<double, std::milli>(found.latency.quantile(0.99)).count();
}
double calls(const measured& found) {
  return found.calls_per_s;
}

panel rates(const results& all, std::string title, std::string subtitle, const std::vector<const char*>& names) {
  panel made{std::move(title), std::move(subtitle), {}};
  const auto postgres = median_of(all, postgres_name, 0, rate);
  for (const auto* name : names) {
    const auto value = median_of(all, name, 0, rate);
    if (value < 0) continue;
    const auto times = postgres > 0 ? "  (" + bench::readable(value / postgres) + " ×)" : "";
    made.bars.push_back({name, value, bench::readable(value) + times});
  }
  return made;
}

panel latencies(const results& all, const std::vector<const char*>& names) {
  panel made{"99th percentile at half load, ms",
             "open loop at 50 % of each one's own full rate; from the moment a call was due; shorter is better",
             {}};
  std::size_t half = 0;
  while (half < all.cells.size() && all.cells[half].load_share != 0.5) ++half;
  for (const auto* name : names) {
    const auto value = half < all.cells.size() ? median_of(all, name, half, p99_ms) : -1;
    if (value < 0) continue;
    made.bars.push_back(
        {name, value, bench::readable(value) + " ms at " + bench::readable(median_of(all, name, half, calls)) + "/s"});
  }
  return made;
}

} // namespace

std::string to_svg(const results& all) {
  const std::vector<const char*> singles{no_op_name, single_name,     postgres_name, postgres_http_name,
                                         redis_name, redis_http_name, sqlite_name};
  std::vector<panel> panels{
      rates(all, "One movement per call, movements/s",
            "64 connections, uniform players, fsync before every answer; × is the multiple of PostgreSQL native",
            singles),
      rates(all, "Many movements on their way, movements/s",
            "batches, pipelines and libraries; × is the multiple of PostgreSQL native, one movement per call",
            {bare_name, in_process_name, stream_name, batch_name, postgres_batch_name, redis_pipelined_name}),
      latencies(all, singles)};
  std::erase_if(panels, [](const panel& each) { return each.bars.empty(); });
  int height = margin;
  for (const auto& each : panels) height += each.height();

  std::ostringstream out;
  out << "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" << width << "\" height=\"" << height
      << "\" viewBox=\"0 0 " << width << ' ' << height
      << "\" font-family=\"system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif\">\n"
         "<style>.title{font-size:17px;font-weight:600;fill:#1c2430}.note{font-size:12.5px;fill:#5b6675}"
         ".label{font-size:13px;fill:#1c2430;text-anchor:end}.value{font-size:13px;fill:#1c2430}</style>\n"
         "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n";
  int top = margin;
  for (const auto& each : panels) {
    draw(out, each, top);
    top += each.height();
  }
  out << "</svg>\n";
  return out.str();
}

} // namespace croupier::race
