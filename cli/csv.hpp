#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <string>
#include <vector>

namespace croupier::cli {

/// One record: its fields without quotes, and the line that it starts on.
struct csv_record {
  std::vector<std::string> fields;
  std::uint64_t line = 0;
};

/// Reads comma-separated values as RFC 4180 has them: fields may be quoted, and then hold commas, doubled quotes and
/// line breaks; lines end with CRLF or LF; a byte order mark in front is skipped, and so are empty lines. Whatever
/// bytes come, it reads each once, ends, and holds at most one record in memory.
///
/// It does not judge the number of fields, and bytes in fields are as in the file. Use by one thread.
class csv_reader {
public:
  /// The stream is opened in binary mode and outlives the reader.
  explicit csv_reader(std::istream& from);

  enum class step : std::uint8_t {
    record, ///< `out` is the next one
    end,    ///< there is none
    broken  ///< the text is not CSV from `error_line` on, or the file cannot be read; nothing more can be read
  };
  step next(csv_record& out);

  /// After `broken`: what is wrong, and the line of the record concerned.
  const std::string& error() const noexcept { return error_; }
  std::uint64_t error_line() const noexcept { return error_line_; }

  std::uint64_t bytes_read() const noexcept { return bytes_read_; }

  /// A record beyond either bound is broken: most likely a quote is missing.
  static constexpr std::size_t record_bytes_max = 1U << 20;
  static constexpr std::size_t record_fields_max = 4096;

private:
  enum class field_end : std::uint8_t { comma, line, file, broken };

  int take();
  int peek();
  bool fill();
  void skip_mark();
  /// Takes a line break that starts with `c`; false when `c` starts none.
  bool take_break(int c);
  field_end read_plain(std::string& field);
  field_end read_quoted(std::string& field);
  field_end fail(std::string what);

  std::istream& from_;
  std::string block_;
  std::size_t at_ = 0;
  std::uint64_t bytes_read_ = 0;
  std::uint64_t line_ = 1;
  std::uint64_t record_line_ = 1;
  std::size_t record_bytes_ = 0;
  std::string error_;
  std::uint64_t error_line_ = 0;
};

} // namespace croupier::cli
