#include "http/revvvs/landing_url.hpp"

#include <algorithm>

namespace croupier::http::revvvs {

namespace {

constexpr std::size_t relative_path_bytes_max = 1'024;

bool is_visible_ascii(char c) noexcept {
  return c > 0x20 && c < 0x7f;
}

void append_visible(std::string& out, std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  for (;;) {
    const auto* const other = std::find_if_not(text.begin(), text.end(), is_visible_ascii);
    const auto visible = static_cast<std::size_t>(other - text.begin());
    out += text.substr(0, visible);
    if (visible == text.size()) return;
    const char c = text[visible];
    text.remove_prefix(visible + 1);
    out += '%';
    out += hex[static_cast<unsigned char>(c) >> 4U];
    out += hex[static_cast<unsigned char>(c) & 0xfU];
  }
}

} // namespace

bool is_safe_relative_path(std::string_view path) noexcept {
  const auto allowed = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '/' ||
           c == '.' || c == '_';
  };
  return path.size() <= relative_path_bytes_max && std::all_of(path.begin(), path.end(), allowed) &&
         path.find("..") == std::string_view::npos && !path.starts_with("//");
}

std::string landing_url(std::string_view destination, std::string_view relative_path,
                        const std::optional<uuid>& click) {
  const auto fragment_at = std::min(destination.find('#'), destination.size());
  const std::string_view fragment = destination.substr(fragment_at);
  destination = destination.substr(0, fragment_at);
  const auto query_at = std::min(destination.find('?'), destination.size());
  const std::string_view query = destination.substr(query_at);
  const std::string_view base = destination.substr(0, query_at);

  std::string url;
  append_visible(url, base);
  if (!relative_path.empty()) {
    // Exactly one slash in between: without it "https://a.example" and "b.example" would make another host.
    while (url.ends_with('/')) url.pop_back();
    if (!relative_path.starts_with('/')) url += '/';
    append_visible(url, relative_path);
  }
  append_visible(url, query);
  if (click) {
    const bool open = query.size() <= 1 || query.ends_with('&');
    url += query.empty() ? "?" : open ? "" : "&";
    url += "click_id=" + click->text();
  }
  append_visible(url, fragment);
  return url;
}

} // namespace croupier::http::revvvs
