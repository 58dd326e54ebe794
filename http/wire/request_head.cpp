#include "http/wire/request_head.hpp"

#include "http/ascii.hpp"
#include "http/url.hpp"

#include <algorithm>
#include <charconv>

namespace croupier::http::wire {

namespace {

constexpr std::size_t method_bytes_max = 32;

/// Method, version and two spaces: what a request line may have beside its target.
constexpr std::size_t request_line_bytes_max = target_bytes_max + method_bytes_max + 16;

/// tchar of RFC 9110.
bool is_token(std::string_view text) noexcept {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return ascii::is_alphanumeric(c) || others.find(c) != others.npos;
  });
}

/// Whether a comma-separated list holds the item, in any case.
bool lists(std::string_view list, std::string_view item) noexcept {
  while (!list.empty()) {
    const auto end = std::min(list.find(','), list.size());
    if (ascii::same_ignoring_case(ascii::trimmed(list.substr(0, end)), item)) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

/// Digits only, fits into 64 bits.
std::optional<std::uint64_t> number(std::string_view text) noexcept {
  std::uint64_t value = 0;
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

head_problem malformed(std::string_view what) noexcept {
  return {error_kind::malformed, what};
}

} // namespace

head_scanner::finding head_scanner::scan(std::string_view buffer) noexcept {
  for (auto at = buffer.find('\n', looked_at_); at != buffer.npos; at = buffer.find('\n', at + 1)) {
    if (at == line_begin_ || buffer[at - 1] != '\r') return {0, malformed("line without CRLF")};
    // The same as for a line whose end has not come yet: what is refused does not depend on how the bytes come.
    if (line_begin_ == 0 && at > request_line_bytes_max) return {0, head_problem{error_kind::uri_too_long, {}}};
    if (at + 1 > head_bytes_max) return {0, head_problem{error_kind::head_too_large, {}}};
    if (at == line_begin_ + 1) return {at + 1, {}};
    line_begin_ = at + 1;
  }
  looked_at_ = buffer.size();
  if (line_begin_ == 0 && buffer.size() > request_line_bytes_max)
    return {0, head_problem{error_kind::uri_too_long, {}}};
  if (buffer.size() > head_bytes_max) return {0, head_problem{error_kind::head_too_large, {}}};
  return {};
}

std::optional<head_problem> request_head::parse(std::string_view text) {
  auto keep = std::move(fields);
  keep.clear();
  *this = request_head();
  fields = std::move(keep); // for its capacity: heads come by the thousand
  bool first = true;
  while (!text.empty()) {
    const auto end = text.find("\r\n");
    const auto line = text.substr(0, end);
    text.remove_prefix(end + 2);
    if (line.empty()) break;
    if (const auto problem = first ? parse_request_line(line) : parse_field(line)) return problem;
    first = false;
  }
  return judge_framing();
}

std::string_view request_head::find(std::string_view name) const noexcept {
  for (const auto& field : fields)
    if (ascii::same_ignoring_case(field.name, name)) return field.value;
  return {};
}

std::optional<head_problem> request_head::parse_request_line(std::string_view line) {
  const auto first_space = line.find(' ');
  const auto last_space = line.rfind(' ');
  if (first_space == line.npos || first_space == last_space) return malformed("request line without version");
  const auto given = line.substr(0, first_space);
  if (given.size() > method_bytes_max || !is_token(given)) return malformed("malformed method");
  method = given;
  const auto version = line.substr(last_space + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return malformed("unknown HTTP version");
  http_1_0 = version == "HTTP/1.0";
  return parse_target(line.substr(first_space + 1, last_space - first_space - 1));
}

std::optional<head_problem> request_head::parse_target(std::string_view target) {
  if (target.size() > target_bytes_max) return head_problem{error_kind::uri_too_long, {}};
  if (std::any_of(target.begin(), target.end(), [](char c) { return c <= 0x20 || c >= 0x7f || c == '#'; }))
    return malformed("malformed request target");
  if (!escapes_are_whole(target)) return malformed("malformed escape in the request target");
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    target.remove_prefix(std::min(target.find_first_of("/?", scheme.size()), target.size()));
    if (!target.starts_with('/')) return malformed("malformed request target");
  }
  if (!target.starts_with('/') && !(target == "*" && method == "OPTIONS")) return malformed("malformed request target");
  const auto question = std::min(target.find('?'), target.size());
  path = target.substr(0, question);
  query = target.substr(std::min(question + 1, target.size()));
  return std::nullopt;
}

std::optional<head_problem> request_head::parse_field(std::string_view line) {
  if (fields.size() == header_count_max) return head_problem{error_kind::head_too_large, "too many header fields"};
  if (line.front() == ' ' || line.front() == '\t') return malformed("folded header line");
  const auto colon = line.find(':');
  if (colon == line.npos || !is_token(line.substr(0, colon))) return malformed("malformed header name");
  const header_field field{line.substr(0, colon), ascii::trimmed(line.substr(colon + 1))};
  if (std::any_of(field.value.begin(), field.value.end(), ascii::is_control))
    return malformed("malformed header value");
  fields.push_back(field);
  return interpret(field);
}

std::optional<head_problem> request_head::interpret(const header_field& field) {
  if (ascii::same_ignoring_case(field.name, "content-length")) {
    if (content_length) return malformed("several Content-Length headers");
    content_length = number(field.value);
    if (!content_length) return malformed("malformed Content-Length");
  } else if (ascii::same_ignoring_case(field.name, "transfer-encoding")) {
    if (++transfer_encodings_ > 1 || !ascii::same_ignoring_case(field.value, "chunked"))
      return malformed("unknown Transfer-Encoding");
    chunked = true;
  } else if (ascii::same_ignoring_case(field.name, "connection")) {
    close_asked_ = close_asked_ || lists(field.value, "close");
  } else if (ascii::same_ignoring_case(field.name, "host")) {
    ++hosts_;
  } else if (ascii::same_ignoring_case(field.name, "expect")) {
    if (!ascii::same_ignoring_case(field.value, "100-continue"))
      return head_problem{error_kind::expectation_failed, {}};
    expects_continue = !http_1_0;
  }
  return std::nullopt;
}

std::optional<head_problem> request_head::judge_framing() {
  if (chunked && content_length) return malformed("Content-Length beside Transfer-Encoding");
  if (chunked && http_1_0) return malformed("Transfer-Encoding in HTTP/1.0");
  if (hosts_ > 1 || (hosts_ == 0 && !http_1_0)) return malformed("one Host header is needed");
  keep_alive = !http_1_0 && !close_asked_;
  return std::nullopt;
}

} // namespace croupier::http::wire
