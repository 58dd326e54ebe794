#include "http/reports/requests.hpp"

#include "engine/check.hpp"
#include "http/json.hpp"
#include "http/secrets.hpp"

#include <algorithm>
#include <openssl/crypto.h>
#include <vector>

namespace croupier::http::reports {
namespace {

constexpr day_number usual_days = 30;
constexpr std::size_t token_bytes_max = 256;

/// The newest day that some brand has.
day_number today(const workspace& ws, timestamp now) {
  constexpr std::int64_t minute_us = 60'000'000;
  auto newest = day_of(now);
  for (const auto& brand : ws.brands())
    newest = std::max(newest, day_of({now.unix_us + brand.utc_offset_minutes * minute_us}));
  return newest;
}

result<std::vector<std::string>, problem> read_texts(const json::value& from, std::string_view field) {
  const problem wrong = std::string(field) + ": must be a list of strings";
  if (!from.is_array()) return wrong;
  std::vector<std::string> texts;
  for (const auto& item : from.items()) {
    if (!item.is_string()) return wrong;
    texts.emplace_back(item.text());
  }
  return texts;
}

/// What a body may say.
struct query_words {
  std::vector<std::string> dimensions;
  std::vector<std::string> measures;
  std::vector<std::string> brands;
  named_filters filters;
  std::optional<std::string> start;
  std::optional<std::string> end;
};

std::optional<problem> read_member(const json::member& from, query_words& words) {
  const auto text_list = [&](std::vector<std::string>& into) -> std::optional<problem> {
    auto texts = read_texts(from.content, from.name);
    if (!texts) return texts.error();
    into = std::move(*texts);
    return std::nullopt;
  };
  const auto day = [&](std::optional<std::string>& into) -> std::optional<problem> {
    if (!from.content.is_string()) return std::string(from.name) + ": must be a string";
    into = std::string(from.content.text());
    return std::nullopt;
  };
  if (from.name == "dimensions") return text_list(words.dimensions);
  if (from.name == "measures") return text_list(words.measures);
  if (from.name == "brands") return text_list(words.brands);
  if (from.name == "startDate") return day(words.start);
  if (from.name == "endDate") return day(words.end);
  if (from.name != "filters") return std::string(from.name) + ": is not a member of a report's query";
  if (!from.content.is_object()) return problem("filters: must be an object of lists");
  for (const auto& [name, values] : from.content.members()) {
    auto texts = read_texts(values, "filters." + std::string(name));
    if (!texts) return texts.error();
    words.filters.emplace_back(name, std::move(*texts));
  }
  return std::nullopt;
}

/// Those that are asked for, or all that the key sees.
result<std::optional<std::vector<brand_number>>, problem> read_brands(const std::vector<std::string>& asked,
                                                                      const request& req) {
  std::vector<brand_number> brands;
  for (const auto& text : asked) {
    const auto id = uuid::parse(text);
    const auto* known = id ? req.ws->find_brand(*id) : nullptr;
    if (known == nullptr || !req.key->sees(known->number)) return "brands: '" + text + "' does not exist";
    brands.push_back(known->number);
  }
  if (!asked.empty()) return std::optional(std::move(brands));
  if (req.key->brands.empty()) return std::optional<std::vector<brand_number>>();
  return std::optional(req.key->brands);
}

} // namespace

result<day_range, problem> read_days(const std::optional<std::string>& start, const std::optional<std::string>& end,
                                     const workspace& ws, timestamp now) {
  constexpr std::string_view wanted = ": must be a day, YYYY-MM-DD";
  day_range days;
  days.to = today(ws, now);
  if (end) {
    const auto day = parse_day(*end);
    if (!day) return "endDate" + std::string(wanted);
    days.to = *day;
  }
  days.from = days.to - usual_days + 1;
  if (start) {
    const auto day = parse_day(*start);
    if (!day) return "startDate" + std::string(wanted);
    days.from = *day;
  }
  days.from = std::max(days.from, parse_day("0001-01-01").value());
  if (days.from > days.to) return std::string("startDate: must not be after endDate");
  return days;
}

const report_preset* find_preset(const workspace& ws, std::string_view token) {
  if (token.empty() || token.size() > token_bytes_max) return nullptr;
  const auto hash = sha256(token);
  const report_preset* found = nullptr;
  for (const auto& preset : ws.presets())
    if (CRYPTO_memcmp(preset.token_sha256.data(), hash.data(), hash.size()) == 0) found = &preset;
  return found;
}

report_query query_of(const report_preset& preset) {
  auto query = read_report_query(preset.dimensions, preset.measures, preset.filters);
  CROUPIER_ASSERT(query.has_value(), "a preset asks what no report answers");
  if (!preset.brands.empty()) query->brands = preset.brands;
  return std::move(*query);
}

result<report_query, problem> read_query(const request& req, timestamp now) {
  json::document document;
  if (const auto wrong = document.parse(req.body)) return wrong->what;
  if (!document.root().is_object()) return std::string("the body must be a JSON object");
  query_words words;
  for (const auto& member : document.root().members())
    if (auto wrong = read_member(member, words)) return std::move(*wrong);
  auto query = read_report_query(words.dimensions, words.measures, words.filters);
  if (!query) return query.error();
  auto brands = read_brands(words.brands, req);
  if (!brands) return brands.error();
  query->brands = std::move(*brands);
  const auto days = read_days(words.start, words.end, *req.ws, now);
  if (!days) return days.error();
  query->from = days->from;
  query->to = days->to;
  return std::move(*query);
}

result<bool, problem> read_flag(const request& req, std::string_view name) {
  const auto value = req.query(name);
  if (!value || *value == "false") return false;
  if (*value == "true") return true;
  return std::string(name) + ": must be true or false";
}

} // namespace croupier::http::reports
