#include "benchmarks/load/answer_parser.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace croupier::load {

namespace {

constexpr std::size_t head_bytes_max = 64 * 1024;
constexpr std::size_t chunk_line_bytes_max = 1024;

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_name(std::string_view sent, std::string_view lower_case) noexcept {
  return std::equal(sent.begin(), sent.end(), lower_case.begin(), lower_case.end(),
                    [](char a, char b) { return lower(a) == b; });
}

std::string_view trimmed(std::string_view text) noexcept {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool has_token(std::string_view list, std::string_view lower_case) noexcept {
  while (!list.empty()) {
    const auto comma = list.find(',');
    if (same_name(trimmed(list.substr(0, comma)), lower_case)) return true;
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
  }
  return false;
}

bool whole_number(std::string_view text, int base, std::size_t& value) noexcept {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

} // namespace

std::string_view http_answer::header(std::string_view name) const noexcept {
  auto rest = head;
  for (auto line_end = rest.find("\r\n"); line_end != std::string_view::npos; line_end = rest.find("\r\n")) {
    rest.remove_prefix(line_end + 2);
    const auto line = rest.substr(0, rest.find("\r\n"));
    const auto colon = line.find(':');
    if (colon != std::string_view::npos && same_name(line.substr(0, colon), name))
      return trimmed(line.substr(colon + 1));
  }
  return {};
}

char* answer_parser::room(std::size_t bytes) {
  if (start_ == filled_) {
    reset();
  } else if (start_ > 0 && buffer_.size() - filled_ < bytes) {
    buffer_.erase(0, start_);
    filled_ -= start_;
    if (body_start_ != 0) body_start_ -= start_;
    if (chunk_at_ != 0) chunk_at_ -= start_;
    searched_ = searched_ > start_ ? searched_ - start_ : 0;
    start_ = 0;
  }
  if (buffer_.size() - filled_ < bytes) buffer_.resize(std::max(buffer_.size() * 2, filled_ + bytes));
  return buffer_.data() + filled_;
}

void answer_parser::reset() noexcept {
  filled_ = start_ = searched_ = body_start_ = chunk_at_ = length_ = head_size_ = 0;
}

answer_parser::progress answer_parser::next() {
  for (;;) {
    if (body_start_ == 0) {
      const auto head = read_head();
      if (head != progress::complete) return head;
    }
    const auto body = read_body();
    if (body != progress::complete || answer_.status >= 200) return body;
    // 1xx: the answer proper is still to come.
  }
}

answer_parser::progress answer_parser::ended() {
  if (body_start_ == 0 || framing_ != framing::until_end) return progress::malformed;
  return finish({buffer_.data() + body_start_, filled_ - body_start_}, filled_);
}

answer_parser::progress answer_parser::read_head() {
  const std::string_view got(buffer_.data(), filled_);
  const auto end = got.find("\r\n\r\n", std::max(start_, searched_));
  if (end == std::string_view::npos) {
    searched_ = filled_ - std::min<std::size_t>(3, filled_ - start_);
    return filled_ - start_ > head_bytes_max ? progress::malformed : progress::incomplete;
  }
  const auto head = got.substr(start_, end - start_);
  std::size_t status = 0;
  const bool known = head.size() >= 12 && head.substr(0, 8) == "HTTP/1.1" && head[8] == ' ';
  if (!known || !whole_number(head.substr(9, 3), 10, status) || status < 100) return progress::malformed;
  answer_ = {static_cast<int>(status), head, {}, true};
  body_start_ = chunk_at_ = end + 4;
  head_size_ = head.size();
  framing_ = framing::until_end;
  length_ = 0;
  joined_.clear();
  const auto line_end = head.find("\r\n");
  if (line_end != std::string_view::npos && !read_fields(head.substr(line_end + 2))) return progress::malformed;
  if (status < 200 || status == 204 || status == 304) framing_ = framing::none;
  if (framing_ == framing::until_end) answer_.keep_alive = false;
  return progress::complete;
}

bool answer_parser::read_fields(std::string_view fields) {
  while (!fields.empty()) {
    const auto line_end = fields.find("\r\n");
    const auto line = fields.substr(0, line_end);
    fields.remove_prefix(line_end == std::string_view::npos ? fields.size() : line_end + 2);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    const auto name = line.substr(0, colon);
    const auto value = trimmed(line.substr(colon + 1));
    if (same_name(name, "content-length") && framing_ != framing::chunked) {
      if (!whole_number(value, 10, length_) || length_ > std::numeric_limits<std::size_t>::max() / 2) return false;
      framing_ = framing::length;
    } else if (same_name(name, "transfer-encoding")) {
      if (!has_token(value, "chunked")) return false;
      framing_ = framing::chunked;
    } else if (same_name(name, "connection") && has_token(value, "close")) {
      answer_.keep_alive = false;
    }
  }
  return true;
}

answer_parser::progress answer_parser::read_body() {
  switch (framing_) {
  case framing::none: return finish({}, body_start_);
  case framing::length:
    if (filled_ - body_start_ < length_) return progress::incomplete;
    return finish({buffer_.data() + body_start_, length_}, body_start_ + length_);
  case framing::chunked: return read_chunks();
  case framing::until_end: return progress::incomplete;
  }
  return progress::malformed;
}

answer_parser::progress answer_parser::read_chunks() {
  const std::string_view got(buffer_.data(), filled_);
  for (;;) {
    const auto line_end = got.find("\r\n", chunk_at_);
    if (line_end == std::string_view::npos)
      return filled_ - chunk_at_ > chunk_line_bytes_max ? progress::malformed : progress::incomplete;
    const auto line = got.substr(chunk_at_, line_end - chunk_at_);
    std::size_t size = 0;
    if (!whole_number(trimmed(line.substr(0, line.find(';'))), 16, size) || size > (std::size_t{1} << 40U))
      return progress::malformed;
    if (size == 0) {
      // The last chunk; header lines may follow it, an empty line ends it.
      const auto end = got.find("\r\n\r\n", line_end);
      if (end == std::string_view::npos)
        return filled_ - line_end > head_bytes_max ? progress::malformed : progress::incomplete;
      return finish(joined_, end + 4);
    }
    const auto data = line_end + 2;
    if (filled_ < data + size + 2) return progress::incomplete;
    if (got.substr(data + size, 2) != "\r\n") return progress::malformed;
    joined_.append(got, data, size);
    chunk_at_ = data + size + 2;
  }
}

answer_parser::progress answer_parser::finish(std::string_view body, std::size_t end) {
  // The buffer may have moved since the head was read.
  answer_.head = {buffer_.data() + start_, head_size_};
  answer_.body = body;
  start_ = searched_ = end;
  body_start_ = chunk_at_ = 0;
  return progress::complete;
}

} // namespace croupier::load
