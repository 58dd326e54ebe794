#include "http/revvvs/click.hpp"

#include "engine/check.hpp"
#include "http/errors.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

namespace croupier::http::revvvs {

namespace {

constexpr std::size_t sub_id_bytes_max = 255;
constexpr std::size_t user_agent_bytes_max = 512;
constexpr std::size_t relative_path_bytes_max = 1'024;

bool is_visible_ascii(char c) noexcept {
  return c > 0x20 && c < 0x7f;
}

void append_visible(std::string& out, std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  for (const char c : text) {
    if (is_visible_ascii(c)) {
      out += c;
      continue;
    }
    out += '%';
    out += hex[static_cast<unsigned char>(c) >> 4U];
    out += hex[static_cast<unsigned char>(c) & 0xfU];
  }
}

response refused(const actors::outcome& outcome) {
  if (const auto* why = std::get_if<actors::failure>(&outcome)) {
    switch (*why) {
    case actors::failure::overloaded:
    case actors::failure::stopping: return error_response(error_style::revvvs, error_kind::overloaded);
    case actors::failure::journal_unavailable:
      return error_response(error_style::revvvs, error_kind::storage_unavailable);
    case actors::failure::deadline_passed: return error_response(error_style::revvvs, error_kind::deadline_passed);
    }
  }
  // A link that was disabled between the look-up here and the ledger's.
  return error_response(error_style::revvvs, error_kind::not_found, "Unknown or disabled link");
}

response redirect(std::string location) {
  response answer;
  answer.status = 302;
  answer.content_type.clear();
  answer.headers.emplace_back("Location", std::move(location));
  answer.headers.emplace_back("Cache-Control", "no-store");
  return answer;
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

response follow_link(actors::gateway& ledger, const request& req) {
  const auto id = uuid::parse(req.path_parameter("linkId"));
  const tracking_link* link = id ? req.ws->find_link(*id) : nullptr;
  if (link == nullptr || !link->enabled)
    return error_response(error_style::revvvs, error_kind::not_found, "Unknown or disabled link");
  actors::click_request click;
  click.link = link->number;
  click.ip = req.remote_ip;
  click.user_agent = req.header("User-Agent").substr(0, user_agent_bytes_max);
  for (std::size_t i = 0; i < click.sub_ids.size(); ++i) {
    const std::string name = "sub" + std::to_string(i + 1);
    click.sub_ids[i] = req.query(name).value_or("");
    if (click.sub_ids[i].size() > sub_id_bytes_max)
      return error_response(error_style::revvvs, error_kind::malformed, name + ": at most 255 bytes");
  }
  std::string relative_path = req.query("relativepath").value_or("");
  if (!is_safe_relative_path(relative_path)) relative_path.clear();
  if (req.method == "HEAD") return redirect(landing_url(link->destination, relative_path, std::nullopt));
  const auto outcome = ledger.track_click(std::move(click), req.deadline);
  const auto* receipt = std::get_if<actors::receipt>(&outcome);
  if (receipt == nullptr) return refused(outcome);
  const uuid click_id = make_id(ledger.view().key(), id_kind::click, receipt->at.value);
  return redirect(landing_url(link->destination, relative_path, click_id));
}

} // namespace croupier::http::revvvs
