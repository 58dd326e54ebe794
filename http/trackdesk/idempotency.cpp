#include "http/trackdesk/idempotency.hpp"

#include "http/trackdesk/requests.hpp"

#include <algorithm>
#include <optional>

namespace croupier::http::trackdesk {

namespace {

std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// The content of a structured-field string; nothing when it is malformed.
std::optional<std::string> unquoted(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::nullopt;
  text = text.substr(1, text.size() - 2);
  std::string content;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '\\') {
      if (++i == text.size()) return std::nullopt;
      c = text[i];
      if (c != '"' && c != '\\') return std::nullopt;
    } else if (c == '"' || c < 0x20 || c > 0x7e) {
      return std::nullopt;
    }
    content += c;
  }
  return content;
}

std::optional<std::string> bare(std::string_view text) {
  const auto plain = [](char c) { return c > 0x20 && c <= 0x7e && c != '"'; };
  if (!std::all_of(text.begin(), text.end(), plain)) return std::nullopt;
  return std::string(text);
}

bool same_word(std::string_view text, std::string_view lower_case) noexcept {
  const auto equal = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b; };
  return std::equal(text.begin(), text.end(), lower_case.begin(), lower_case.end(), equal);
}

} // namespace

result<std::string, api_error> read_idempotency_key(std::string_view header) {
  header = trimmed(header);
  if (header.empty()) return std::string{};
  const auto key = header.front() == '"' ? unquoted(header) : bare(header);
  if (!key) return field_error("Idempotency-Key", "must be a string of visible ASCII, in quotes or bare");
  if (key->empty() || key->size() > request_id_length_max)
    return field_error("Idempotency-Key", "must have 1-" + std::to_string(request_id_length_max) + " characters");
  return *key;
}

bool prefers_representation(std::string_view header) noexcept {
  while (!header.empty()) {
    const auto end = std::min(header.find(','), header.size());
    std::string_view preference = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    preference = trimmed(preference.substr(0, preference.find(';')));
    const auto equals = preference.find('=');
    if (equals == std::string_view::npos || !same_word(trimmed(preference.substr(0, equals)), "return")) continue;
    const std::string_view wanted = trimmed(preference.substr(equals + 1));
    // The first mention of a preference counts (RFC 7240, section 2).
    return same_word(wanted, "representation") || same_word(wanted, "\"representation\"");
  }
  return false;
}

} // namespace croupier::http::trackdesk
