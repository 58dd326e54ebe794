#include "http/url.hpp"

#include "engine/check.hpp"
#include "http/ascii.hpp"

#include <algorithm>

namespace croupier::http {

namespace {

std::string decoded(std::string_view text, bool plus_is_space) {
  // Most texts stand for themselves.
  if (text.find_first_of(plus_is_space ? "%+" : "%") == std::string_view::npos) return std::string(text);
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else if (text[i] == '%') {
      CROUPIER_ASSERT(i + 2 < text.size(), "a target is decoded only after its escapes were checked");
      out += static_cast<char>(ascii::hex_value(text[i + 1]) * 16 + ascii::hex_value(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

} // namespace

bool escapes_are_whole(std::string_view text) noexcept {
  for (auto at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 3))
    if (at + 2 >= text.size() || ascii::hex_value(text[at + 1]) < 0 || ascii::hex_value(text[at + 2]) < 0) return false;
  return true;
}

std::string percent_decoded(std::string_view text) {
  return decoded(text, false);
}

std::optional<std::string> query_parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const auto equals = std::min(pair.find('='), pair.size());
    const auto given = pair.substr(0, equals);
    if (given != name && decoded(given, true) != name) continue;
    return decoded(pair.substr(std::min(equals + 1, pair.size())), true);
  }
  return std::nullopt;
}

} // namespace croupier::http
