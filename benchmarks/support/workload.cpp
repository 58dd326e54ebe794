#include "benchmarks/support/workload.hpp"

#include "engine/check.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>

namespace croupier::bench {

namespace {

constexpr double zipf_exponent = 0.99;
constexpr double full_range = 18446744073709551616.0; // 2^64

std::uint64_t mix(std::uint64_t value) noexcept {
  value += 0x9e3779b97f4a7c15U;
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31U);
}

template<class Number>
void append_number(std::string& out, Number value) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

std::vector<double> zipf_shares(std::uint32_t players) {
  std::vector<double> cumulative(players);
  double sum = 0;
  for (std::uint32_t i = 0; i < players; ++i) cumulative[i] = sum += std::pow(i + 1.0, -zipf_exponent);
  for (auto& each : cumulative) each /= sum;
  return cumulative;
}

std::vector<metric_kind> metrics_for(std::uint32_t count) {
  if (count == 1) return {{"deposits-total", true}};
  if (count == 3) return {{"bets", false}, {"wagered", true}, {"ngr", true}};
  throw std::runtime_error("a movement has 1 or 3 metrics here");
}

} // namespace

std::string_view name_of(shape value) noexcept {
  switch (value) {
  case shape::uniform: return "uniform";
  case shape::zipf: return "Zipf";
  case shape::hot_player: return "one hot player";
  case shape::hot_brand: return "one hot brand";
  }
  return {};
}

workload::workload(const workload_options& options)
    : options_(options), metrics_(metrics_for(options.metrics)), zipf_(zipf_shares(options.players)) {
  CROUPIER_ASSERT(options.brands > 0 && options.players >= options.brands, "every brand has a player");
}

std::uint32_t workload::player_of(shape whom, std::uint64_t number) const noexcept {
  const auto random = mix(number ^ options_.seed);
  switch (whom) {
  case shape::uniform: return static_cast<std::uint32_t>(random % options_.players);
  case shape::zipf: {
    const auto found = std::lower_bound(zipf_.begin(), zipf_.end(), static_cast<double>(random) / full_range);
    const auto rank = std::min<std::ptrdiff_t>(found - zipf_.begin(), std::ptrdiff_t{options_.players} - 1);
    return static_cast<std::uint32_t>(rank);
  }
  case shape::hot_player: return 0;
  case shape::hot_brand: {
    const auto own = (options_.players + options_.brands - 1) / options_.brands;
    return static_cast<std::uint32_t>(random % own) * options_.brands;
  }
  }
  return 0;
}

std::int64_t workload::change(std::uint64_t number, std::size_t metric) const noexcept {
  const auto amount = 1 + static_cast<std::int64_t>(mix(number + (options_.seed << 1U)) % 9'999);
  if (metrics_.size() == 1) return amount;
  if (metric == 0) return 1;
  // The house wins a little more often than the player.
  return metric == 1 || number % 16 < 9 ? amount : -amount;
}

void workload::make(shape whom, std::uint64_t number, bool altered, movement& into) const {
  into.number = number;
  into.player = player_of(whom, number);
  into.brand = brand_of(into.player);
  into.external_id.assign("player-");
  append_number(into.external_id, into.player);
  into.request_id.assign("movement-2026-05-28-");
  append_number(into.request_id, number);
  into.changes.clear();
  for (std::size_t i = 0; i < metrics_.size(); ++i) into.changes.push_back(change(number, i) + (altered ? 1 : 0));
  write_payload(into);
}

void workload::write_payload(movement& into) const {
  auto& out = into.payload;
  out.assign(R"({"externalClientId":")").append(into.external_id).append(R"(","revenueOriginId":")");
  out.append(brand_id(into.brand)).append(R"(","requestId":")").append(into.request_id).append(R"(","metrics":[)");
  for (std::size_t i = 0; i < metrics_.size(); ++i) {
    if (i > 0) out += ',';
    out.append(R"({"code":")").append(metrics_[i].code);
    out.append(R"(","valueType":"CLIENT_METRIC_VALUE_TYPE_RELATIVE","value":")");
    append_value(out, into.changes[i], metrics_[i].decimal);
    out.append(R"("})");
  }
  out.append(R"(],"note":"a few more bytes, as integrations like to send"})");
}

std::string external_id_of(std::uint32_t player) {
  return "player-" + std::to_string(player);
}

std::string brand_id(std::uint32_t brand) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string id = "0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11";
  const auto last = 0x11U + brand;
  id[34] = hex[last >> 4U & 0xfU];
  id[35] = hex[last & 0xfU];
  return id;
}

std::int64_t parse_units(std::string_view text, bool decimal) {
  const auto whole_text = text;
  const auto refuse = [&]() -> std::int64_t { throw std::runtime_error("not a balance: " + std::string(whole_text)); };
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const auto point = text.find('.');
  std::string digits(text.substr(0, point));
  auto fraction = point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  while (fraction.ends_with('0')) fraction.remove_suffix(1);
  const std::size_t places = decimal ? 2 : 0;
  if (digits.empty() || fraction.size() > places) return refuse();
  digits.append(fraction).append(places - fraction.size(), '0');
  std::int64_t units = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), units);
  if (error != std::errc() || end != digits.data() + digits.size()) return refuse();
  return negative ? -units : units;
}

void append_value(std::string& out, std::int64_t units, bool decimal) {
  if (!decimal) return append_number(out, units);
  if (units < 0) out += '-';
  const auto size = static_cast<std::uint64_t>(units < 0 ? -units : units);
  append_number(out, size / 100);
  out += '.';
  out += static_cast<char>('0' + size / 10 % 10);
  out += static_cast<char>('0' + size % 10);
}

std::string workspace_text(std::uint32_t brands) {
  std::string text;
  for (std::uint32_t i = 0; i < brands; ++i)
    text += "[[brands]]\nid = \"" + brand_id(i) + "\"\nname = \"Brand " + std::to_string(i) +
            "\"\ncurrency = \"EUR\"\n" + (i == 0 ? "default = true\n\n" : "\n");
  for (const auto* code : {"deposits-total", "wagered", "ngr"})
    text += "[[metrics]]\ncode = \"" + std::string(code) + "\"\nname = \"" + code +
            "\"\ntype = \"decimal\"\nmonetary = true\n\n";
  text += "[[metrics]]\ncode = \"bets\"\nname = \"bets\"\ntype = \"integer\"\n\n";
  text += "[[affiliates]]\nname = \"Affiliate\"\n\n[[offers]]\nname = \"Offer\"\n"
          "revshare = { metric = \"deposits-total\", rate_percent = \"5\" }\n\n";
  text += "[[links]]\nid = \"" + std::string(link_id) +
          "\"\nname = \"Link\"\noffer = \"Offer\"\naffiliate = \"Affiliate\"\ndestination = \"https://example.com/\"\n";
  return text;
}

} // namespace croupier::bench
