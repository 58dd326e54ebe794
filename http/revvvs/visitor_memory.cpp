#include "http/revvvs/visitor_memory.hpp"

#include "http/ascii.hpp"

#include <algorithm>
#include <string>
#include <variant>

namespace croupier::http::revvvs {

namespace {

constexpr std::int64_t hour_us = 3'600'000'000;
constexpr std::uint64_t restored_entries_max = 1'000'000;

/// Parts of the names that robots give themselves, in lower case. Browsers have none of them.
constexpr std::string_view bot_marks[] = {"bot/",
                                          "bot;",
                                          "bot ",
                                          "bot-",
                                          "bot)",
                                          "crawler",
                                          "spider",
                                          "slurp",
                                          "facebookexternalhit",
                                          "facebot",
                                          "whatsapp/",
                                          "telegrambot",
                                          "skypeuripreview",
                                          "preview",
                                          "mediapartners-google",
                                          "google-inspectiontool",
                                          "apis-google",
                                          "lighthouse",
                                          "headlesschrome",
                                          "phantomjs",
                                          "puppeteer",
                                          "playwright",
                                          "curl/",
                                          "wget/",
                                          "libwww-perl",
                                          "python-requests",
                                          "python-urllib",
                                          "aiohttp",
                                          "httpx/",
                                          "go-http-client",
                                          "java/",
                                          "okhttp/",
                                          "apache-httpclient",
                                          "node-fetch",
                                          "axios/",
                                          "scrapy",
                                          "pingdom",
                                          "uptimerobot",
                                          "statuscake",
                                          "datadog",
                                          "site24x7",
                                          "archive.org_bot",
                                          "ia_archiver",
                                          "nuclei",
                                          "zgrab",
                                          "masscan"};

} // namespace

visitor_memory::visitor_memory(const folder_key& key, std::size_t visitors_max)
    : key_(key), generation_max_(std::max<std::size_t>(visitors_max / shards_.size() / 2, 1)) {}

void visitor_memory::restore(const persistence::committed_view& view, timestamp now) {
  const auto newest = view.durable().value;
  const auto oldest = newest < restored_entries_max ? 1 : newest - restored_entries_max + 1;
  const timestamp since{now.unix_us - hour_us};
  const auto first = std::max(oldest, view.sequence_at(since).value + 1);
  view.scan_up({first}, [&](const committed_entry& entry, std::string_view) {
    const auto* click = std::get_if<click_tracked>(&entry.what);
    if (click != nullptr && click->unique) note(name_of(click->link, click->ip, click->user_agent), entry.time);
    return true;
  });
}

std::uint64_t visitor_memory::name_of(link_number link, std::string_view ip,
                                      std::string_view user_agent) const noexcept {
  std::string text = std::to_string(link.value);
  text.append("\n").append(ip).append("\n").append(user_agent);
  return keyed_hash(key_, text);
}

bool visitor_memory::note(std::uint64_t visitor, timestamp now) {
  auto& [mutex, young, old] = shard_of(visitor);
  const std::scoped_lock lock(mutex);
  for (const auto* generation : {&young, &old})
    if (const auto found = generation->find(visitor);
        found != generation->end() && now.unix_us - found->second.unix_us < hour_us)
      return false;
  if (young.size() >= generation_max_) {
    old.swap(young);
    young.clear();
  }
  young.insert_or_assign(visitor, now);
  return true;
}

void visitor_memory::forget(std::uint64_t visitor) {
  auto& [mutex, young, old] = shard_of(visitor);
  const std::scoped_lock lock(mutex);
  young.erase(visitor);
  old.erase(visitor);
}

bool is_known_bot(std::string_view user_agent) noexcept {
  std::string lower(user_agent.substr(0, 512));
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  // A maker of telephones.
  for (auto at = lower.find("cubot"); at != std::string::npos; at = lower.find("cubot")) lower.replace(at, 5, "phone");
  if (lower.ends_with("bot")) return true;
  return std::any_of(std::begin(bot_marks), std::end(bot_marks),
                     [&](std::string_view mark) { return lower.find(mark) != std::string::npos; });
}

} // namespace croupier::http::revvvs
