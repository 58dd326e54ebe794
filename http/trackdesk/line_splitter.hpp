#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace croupier::http::trackdesk {

/// Cuts a stream that comes in pieces of any size into lines. Memory: at most one line of `line_bytes_max`.
class line_splitter {
public:
  struct line {
    std::uint64_t index = 0; ///< 0 for the first line of the stream; blank lines count
    std::string_view text;   ///< without the line end (LF or CR LF); empty when too long
    bool too_long = false;   ///< more than `line_bytes_max` bytes: the text was thrown away
  };
  using receiver = std::function<void(const line&)>;

  explicit line_splitter(std::size_t line_bytes_max) noexcept : line_bytes_max_(line_bytes_max) {}

  /// Gives every line that this piece completes. The texts are valid during the call.
  void feed(std::string_view piece, const receiver& take);

  /// Gives the last line when it has no line end.
  void finish(const receiver& take);

private:
  void keep(std::string_view part);
  void give(std::string_view last_part, const receiver& take);

  std::size_t line_bytes_max_;
  std::uint64_t next_index_ = 0;
  std::string begun_; ///< what earlier pieces held of the present line
  bool too_long_ = false;
};

} // namespace croupier::http::trackdesk
