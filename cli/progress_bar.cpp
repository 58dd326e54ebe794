#include "cli/progress_bar.hpp"

#include "cli/text_table.hpp"

#include <algorithm>
#include <cstdio>
#include <unistd.h>

namespace croupier::cli {
namespace {

constexpr std::uint64_t bar_width = 30;
constexpr std::chrono::milliseconds redraw_interval{100};

} // namespace

progress_bar::progress_bar() : on_terminal_(isatty(STDERR_FILENO) == 1) {}

progress_bar::~progress_bar() {
  if (drawn_) std::fputs("\r\x1b[K", stderr);
}

void progress_bar::show(std::uint64_t part, std::uint64_t whole, const std::string& text) {
  const auto now = std::chrono::steady_clock::now();
  if (!on_terminal_ || (drawn_ && now - last_ < redraw_interval)) return;
  last_ = now;
  drawn_ = true;
  std::string line = "\r\x1b[K";
  if (whole > 0) {
    const std::uint64_t filled = bar_width * std::min(part, whole) / whole;
    line += "[" + std::string(filled, '#') + std::string(bar_width - filled, '.') + "] " +
            std::to_string(100 * std::min(part, whole) / whole) + " %  ";
  }
  std::fputs((line + text).c_str(), stderr);
  std::fflush(stderr);
}

std::function<void(std::uint64_t, std::uint64_t)> shown_as_entries(progress_bar& bar) {
  return [&bar](std::uint64_t part, std::uint64_t whole) {
    bar.show(part, whole, with_thousands(part) + " of " + with_thousands(whole) + " entries");
  };
}

} // namespace croupier::cli
