#pragma once

#include "actors/wall_clock.hpp"
#include "contract_parts.hpp"
#include "support/running_ledger.hpp"

#include <chrono>
#include <string>
#include <string_view>

/// What the tests of the event dialects share.
namespace croupier::test {

inline const std::string revvvs_path = "/api/v1/events";
inline const std::string track_path = "/v1/events/track";
inline const std::string identify_path = "/v1/events/identify";

/// A little after now: a click of the test lies before it.
inline std::string time_now() {
  return timestamp{actors::wall_clock().unix_us + 1'000'000}.text();
}

/// An event of the demo brand; `more` are further members, each with a comma in front.
inline std::string revvvs_event(std::string_view type, std::string_view player, std::string_view key,
                                const std::string& more = {}) {
  return R"({"event_type":")" + std::string(type) + R"(","event_time":")" + time_now() + R"(","brand_id":")" +
         std::string(demo_brand) + R"(","player_external_ref":")" + std::string(player) + R"(","idempotency_key":")" +
         std::string(key) + "\"" + more + "}";
}

inline std::string revvvs_batch(const std::string& events) {
  return "{\"events\":[" + events + "]}";
}

/// A balance of a player of the demo brand, or of another.
inline std::string balance_of(api_client& api, const std::string& player, const std::string& code,
                              std::string_view brand = demo_brand) {
  const auto answer =
      api.get("/api/node/clients/v1/balances?revenueOriginId=" + std::string(brand) + "&externalId=" + player);
  if (answer.status == 404) return "no player";
  for (const std::string list : {"decimalMetrics", "integerMetrics"})
    for (int i = 0;; ++i) {
      const std::string at = list + "." + std::to_string(i);
      if (answer.at(at) == "absent") break;
      if (answer.at(at + ".code") == code) return answer.at(at + ".value");
    }
  return "no metric";
}

inline std::string revshare_of(api_client& api, const std::string& player) {
  return api.get("/api/node/clients/v1/balances?revenueOriginId=" + std::string(demo_brand) + "&externalId=" + player)
      .at("revshare.total");
}

/// The list of movements, newest first.
inline reply movements(api_client& api) {
  return api.post(movements_path, R"({"pagination":{"limit":50,"offset":0},"filters":{"timeRange":)"
                                  R"({"from":"2020-01-01T00:00:00Z","to":"2100-01-01T00:00:00Z"}}})");
}

} // namespace croupier::test
