#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace croupier::cli {

/// A line on standard error that is drawn again and again while something long goes on. Draws nothing when standard
/// error is not a terminal.
class progress_bar {
public:
  progress_bar();
  /// Erases the line.
  ~progress_bar();
  progress_bar(const progress_bar&) = delete;
  progress_bar& operator=(const progress_bar&) = delete;

  /// Whether anything is drawn at all.
  bool is_shown() const noexcept { return on_terminal_; }

  /// Draws at most ten times a second. `whole` 0: not known, then only the text is shown.
  void show(std::uint64_t part, std::uint64_t whole, const std::string& text);

private:
  bool on_terminal_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point last_{};
};

/// Draws "17,000 of 25,000 entries"; `bar` outlives it.
std::function<void(std::uint64_t, std::uint64_t)> shown_as_entries(progress_bar& bar);

} // namespace croupier::cli
