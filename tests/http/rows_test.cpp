#include "http/trackdesk/rows.hpp"
#include "support/catch.hpp"

#include <string>

using namespace croupier;
using namespace croupier::http;
using namespace croupier::http::trackdesk;

namespace {

const folder_key key{{9, 8, 7}};

workspace seed_workspace() {
  workspace ws;
  ws.put(brand{{1}, *uuid::parse("0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11"), "Demo", "EUR", {}, true});
  ws.put(metric{{1},
                *uuid::parse("7e2c1a4b-9f3d-4b2e-8a11-b6c2e0a9f4d6"),
                "bets",
                "Total bets",
                metric_type::integer,
                false,
                true,
                false});
  ws.put(metric{{2},
                *uuid::parse("1a7c5e2f-3b4d-49a8-bcd1-72e0a9f4d6c8"),
                "deposits-total",
                "Lifetime deposits",
                metric_type::decimal,
                true,
                true,
                false});
  ws.put(metric{{3},
                *uuid::parse("1a7c5e2f-3b4d-49a8-bcd1-72e0a9f4d6c9"),
                "old",
                "Old",
                metric_type::decimal,
                false,
                false,
                true});
  ws.put(affiliate{{1}, *uuid::parse("5d1f0c2a-0002-4000-8000-000000000001"), "Ada"});
  ws.put(offer{{1},
               *uuid::parse("5d1f0c2a-0003-4000-8000-000000000001"),
               "5 %",
               revshare_terms{{2}, percentage::from_integer(5)}});
  ws.put(tracking_link{
      {1}, *uuid::parse("5d1f0c2a-0001-4000-8000-000000000001"), "Link", {1}, {1}, "https://casino.example", true});
  return ws;
}

player_profile player_42() {
  player_profile profile;
  profile.number = {42};
  profile.brand = {1};
  profile.external_id = "player-42";
  profile.registered_at = *timestamp::parse("2026-05-28T10:00:00Z");
  return profile;
}

metric_change change(metric_number number, value_type how, std::string_view value, std::string_view delta,
                     std::string_view after) {
  number_text parsed;
  REQUIRE_FALSE(parse_amount(value, parsed).has_value());
  metric_change made;
  made.metric = number;
  made.how = how;
  made.fraction_digits = parsed.fraction_digits;
  made.negative_zero = parsed.negative_zero;
  made.value = amount::from_units(parsed.units);
  made.delta = *amount::parse(delta);
  made.balance_after = *amount::parse(after);
  return made;
}

std::string row_of(const movement_recorded& movement, const std::optional<std::string>& settlement = std::string()) {
  const workspace ws = seed_workspace();
  committed_entry entry;
  entry.at = {1001};
  entry.time = *timestamp::parse("2026-05-28T10:34:12Z");
  std::string text;
  json::writer out(text);
  write_movement(out, {ws, key}, client_of(player_42()), entry, movement, settlement);
  return text;
}

} // namespace

TEST_CASE("the row of the vendor's example") {
  movement_recorded movement;
  movement.request_id = "deposit-2026-05-28-001";
  movement.payload = R"({"externalClientId":"player-42","metrics":[...]})";
  movement.changes.push_back(change({2}, value_type::relative, "250.00", "250", "1250.5"));
  movement.revshare = revshare_accrual{{1}, {1}, {2}, percentage::from_integer(5), *commission::parse("12.5")};
  const std::string player_id = make_id(key, id_kind::player, 42).text();
  const std::string movement_id = make_id(key, id_kind::movement, 1001).text();
  CHECK(row_of(movement) ==
        R"({"id":")" + movement_id + R"(","sequence":1001,"client":{"id":")" + player_id +
            R"(","externalId":"player-42","revenueOriginId":"0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11"},)"
            R"("integerMetrics":[],"decimalMetrics":[{"code":"deposits-total","value":"250.00",)"
            R"("valueType":"CLIENT_METRIC_VALUE_TYPE_RELATIVE","delta":"250.00","balanceAfter":"1250.50"}],)"
            R"("requestData":"{\"externalClientId\":\"player-42\",\"metrics\":[...]}","source":"trackdesk",)"
            R"("requestId":"deposit-2026-05-28-001","totalRevshare":"12.50","createdAt":"2026-05-28T10:34:12Z"})");
}

TEST_CASE("a row names the settlement that covers it, or says that it is not known") {
  movement_recorded movement;
  CHECK(row_of(movement).find("accountSettlement") == std::string::npos);
  CHECK(row_of(movement, "s-1").find(R"("accountSettlementId":"s-1")") != std::string::npos);
  const std::string unknown = row_of(movement, std::nullopt);
  CHECK(unknown.find(R"("accountSettlementKnown":false)") != std::string::npos);
  CHECK(unknown.find("accountSettlementId") == std::string::npos);
}

TEST_CASE("values are the text that was sent, what is computed has two digits or more") {
  movement_recorded movement;
  movement.changes.push_back(change({1}, value_type::absolute, "-7", "-10", "-7"));
  movement.changes.push_back(change({2}, value_type::absolute, "-0.000", "-0.00125", "0"));
  const std::string row = row_of(movement);
  CHECK(row.find(R"("integerMetrics":[{"code":"bets","value":-7,"valueType":"CLIENT_METRIC_VALUE_TYPE_ABSOLUTE",)"
                 R"("delta":-10,"balanceAfter":-7}])") != std::string::npos);
  CHECK(
      row.find(
          R"("value":"-0.000","valueType":"CLIENT_METRIC_VALUE_TYPE_ABSOLUTE","delta":"-0.00125","balanceAfter":"0")") !=
      std::string::npos);
  CHECK(row.find(R"("totalRevshare":"0")") != std::string::npos);
  CHECK(row.find("requestId") == std::string::npos);
}

TEST_CASE("the greatest integers are written whole") {
  movement_recorded movement;
  auto made = change({1}, value_type::absolute, "0", "0", "0");
  made.value = amount::from_integer(std::numeric_limits<std::int64_t>::max());
  made.balance_after = amount::from_integer(std::numeric_limits<std::int64_t>::min());
  movement.changes.push_back(made);
  const std::string row = row_of(movement);
  CHECK(row.find("\"value\":9223372036854775807,") != std::string::npos);
  CHECK(row.find("\"balanceAfter\":-9223372036854775808}") != std::string::npos);
}

TEST_CASE("definitions of metrics are the vendor's example") {
  const workspace ws = seed_workspace();
  CHECK(metric_definitions(ws, false) ==
        R"({"integerMetrics":[{"id":"7e2c1a4b-9f3d-4b2e-8a11-b6c2e0a9f4d6","name":"Total bets","code":"bets",)"
        R"("monetary":false,"visible":true}],"decimalMetrics":[{"id":"1a7c5e2f-3b4d-49a8-bcd1-72e0a9f4d6c8",)"
        R"("name":"Lifetime deposits","code":"deposits-total","monetary":true,"visible":true}]})");
  CHECK(metric_definitions(ws, true).find(R"("code":"old","monetary":false,"visible":false,"archived":true)") !=
        std::string::npos);
}

TEST_CASE("balances list every metric, players also whose they are") {
  const workspace ws = seed_workspace();
  player_state state;
  state.profile = player_42();
  state.revshare_total = *commission::parse("-0.125");
  state.last_entry = {77};
  state.updated_at = *timestamp::parse("2026-05-28T10:34:12.000001Z");
  state.set_balance({2}, *amount::parse("3"));
  const auto text = [&](auto write) {
    std::string out;
    json::writer writer(out);
    write(writer, row_context{ws, key}, state, *commission::parse("1.5"));
    return out;
  };
  const std::string client = R"({"client":{"id":")" + make_id(key, id_kind::player, 42).text() +
                             R"(","externalId":"player-42","revenueOriginId":"0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11"},)";
  const std::string balances =
      client + R"("integerMetrics":[{"code":"bets","value":0}],"decimalMetrics":[)"
               R"({"code":"deposits-total","value":"3.00"},{"code":"old","value":"0"}],)"
               R"("revshare":{"total":"-0.125","open":"1.50"},"sequence":77,"updatedAt":"2026-05-28T10:34:12.000001Z")";
  CHECK(text(write_balances) == balances + "}");
  CHECK(text(write_player) == balances + R"(,"registeredAt":"2026-05-28T10:00:00Z"})");
  state.profile.click = {5};
  state.profile.link = {1};
  state.profile.offer = {1};
  state.profile.affiliate = {1};
  CHECK(text(write_player) ==
        balances +
            R"(,"registeredAt":"2026-05-28T10:00:00Z","affiliateId":"5d1f0c2a-0002-4000-8000-000000000001",)"
            R"("affiliateName":"Ada","offerId":"5d1f0c2a-0003-4000-8000-000000000001",)"
            R"("linkId":"5d1f0c2a-0001-4000-8000-000000000001","cid":")" +
            make_id(key, id_kind::click, 5).text() + "\"}");
}
