#include "cli/csv.hpp"

namespace croupier::cli {
namespace {

constexpr std::size_t block_bytes = 1U << 16;
constexpr int end_of_file = -1;

} // namespace

csv_reader::csv_reader(std::istream& from) : from_(from) {}

bool csv_reader::fill() {
  block_.resize(block_bytes);
  from_.read(block_.data(), static_cast<std::streamsize>(block_bytes));
  block_.resize(static_cast<std::size_t>(from_.gcount()));
  at_ = 0;
  return !block_.empty();
}

int csv_reader::peek() {
  if (at_ == block_.size() && !fill()) return end_of_file;
  return static_cast<unsigned char>(block_[at_]);
}

int csv_reader::take() {
  const int c = peek();
  if (c == end_of_file) return c;
  ++at_;
  ++bytes_read_;
  ++record_bytes_;
  if (c == '\n') ++line_;
  return c;
}

void csv_reader::skip_mark() {
  if (peek() != 0xef) return;
  if (block_.compare(0, 3, "\xef\xbb\xbf") != 0) return;
  for (int i = 0; i < 3; ++i) take();
}

bool csv_reader::take_break(int c) {
  if (c == '\n') return true;
  if (c != '\r' || peek() != '\n') return false;
  take();
  return true;
}

csv_reader::field_end csv_reader::fail(std::string what) {
  error_ = std::move(what);
  error_line_ = record_line_;
  return field_end::broken;
}

csv_reader::field_end csv_reader::read_plain(std::string& field) {
  while (record_bytes_ <= record_bytes_max) {
    const int c = take();
    if (c == end_of_file) return field_end::file;
    if (c == ',') return field_end::comma;
    if (c == '"') return fail("a quote inside a field that does not start with one");
    if (take_break(c)) return field_end::line;
    field.push_back(static_cast<char>(c));
  }
  return fail("a record of more than 1 MiB");
}

csv_reader::field_end csv_reader::read_quoted(std::string& field) {
  while (record_bytes_ <= record_bytes_max) {
    const int c = take();
    if (c == end_of_file) return fail("the file ends inside a quoted field");
    if (c != '"') {
      field.push_back(static_cast<char>(c));
      continue;
    }
    const int next = take();
    if (next == end_of_file) return field_end::file;
    if (next == ',') return field_end::comma;
    if (take_break(next)) return field_end::line;
    if (next != '"') return fail("text behind the closing quote of a field");
    field.push_back('"');
  }
  return fail("a record of more than 1 MiB: is a closing quote missing?");
}

csv_reader::step csv_reader::next(csv_record& out) {
  if (!error_.empty()) return step::broken;
  if (bytes_read_ == 0) skip_mark();
  while (take_break(peek() == '\r' || peek() == '\n' ? take() : 0)) {
  } // empty lines
  out.fields.clear();
  out.line = record_line_ = line_;
  record_bytes_ = 0;
  if (peek() == end_of_file) {
    if (!from_.bad()) return step::end;
    fail("the file cannot be read");
    return step::broken;
  }
  field_end end = field_end::comma;
  while (end == field_end::comma) {
    if (out.fields.size() == record_fields_max) {
      fail("a record of more than 4096 fields");
      return step::broken;
    }
    std::string& field = out.fields.emplace_back();
    const bool quoted = peek() == '"';
    if (quoted) take();
    end = quoted ? read_quoted(field) : read_plain(field);
  }
  return end == field_end::broken ? step::broken : step::record;
}

} // namespace croupier::cli
