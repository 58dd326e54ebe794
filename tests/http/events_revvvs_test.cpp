#include "event_parts.hpp"
#include "support/test_ledger.hpp"

#include <string>
#include <vector>

using namespace croupier;
using namespace croupier::test;

TEST_CASE("a player's way from click to revshare, by events") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger, events_key);
  api_client reader(ledger);
  const auto click = reader.click(deposits_link);
  const auto registration = revvvs_event("registration", "p", "k1", R"(,"click_id":")" + click + R"(","country":"MT")");
  const auto accepted = api.post(revvvs_path, registration);
  CHECK(accepted.status == 202);
  CHECK(accepted.header("Content-Type") == "application/json");
  CHECK(accepted.at("result.idempotency_key") == "k1");
  CHECK(accepted.at("result.status") == "accepted");
  CHECK(uuid::parse(accepted.at("result.event_id")).has_value());
  const auto first =
      api.post(revvvs_path, revvvs_event("first_deposit", "p", "k2", R"(,"amount":250.00,"currency":"EUR")"));
  CHECK(first.status == 202);
  CHECK(api.post(revvvs_path, revvvs_event("deposit", "p", "k3", R"(,"amount":"0.10","currency":"EUR")")).status ==
        202);
  CHECK(balance_of(reader, "p", "deposits-total") == "250.10");
  CHECK(balance_of(reader, "p", "deposits-count") == "2");
  CHECK(revshare_of(reader, "p") == "12.505");

  const auto rows = movements(reader);
  CHECK(rows.at("rows") == "[3]");
  CHECK(rows.at("rows.1.id") == first.at("result.event_id"));
  CHECK(rows.at("rows.1.source") == "revvvs");
  CHECK(rows.at("rows.1.eventName") == "first_deposit");
  CHECK(rows.at("rows.1.eventTime") != "absent");
  CHECK(rows.at("rows.1.requestId") == "k2");
  CHECK(rows.at("rows.1.decimalMetrics.0.value") == "250.00");
  CHECK(rows.at("rows.2.requestData") == registration);
  CHECK(rows.at("rows.2.decimalMetrics") == "[0]");
}

TEST_CASE("a repeated key is answered 200 with the original, and whether it says the same") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  const auto event = revvvs_event("deposit", "p", "k", R"(,"amount":1,"currency":"EUR")");
  const auto first = api.post(revvvs_path, event);
  const auto again = api.post(revvvs_path, event);
  CHECK(again.status == 200);
  CHECK(again.at("result.event_id") == first.at("result.event_id"));
  CHECK(again.at("result.status") == "duplicate");
  CHECK(again.at("result.payload_mismatch") == "false");
  const auto other = api.post(revvvs_path, revvvs_event("deposit", "p", "k", R"(,"amount":2,"currency":"EUR")"));
  CHECK(other.status == 200);
  CHECK(other.at("result.payload_mismatch") == "true");
  CHECK(balance_of(api, "p", "deposits-total") == "1.00");
  ledger.restart();
  api_client later(ledger);
  CHECK(later.post(revvvs_path, event).at("result.event_id") == first.at("result.event_id"));
  // The spaces of the dialects, and of players, are their own.
  CHECK(later.record("p", "k", {{"bets", "+1"}}).status == 200);
  CHECK(
      later
          .post(track_path, R"({"events":[{"user_id":"p","event_id":"k","event_name":"deposit_success","timestamp":")" +
                                time_now() + R"(","properties":{"amount":1}}]})")
          .at("accepted") == "1");
  CHECK(later.post(revvvs_path, revvvs_event("deposit", "q", "k", R"(,"amount":1)")).status == 202);
  CHECK(balance_of(later, "p", "deposits-total") == "2.00");
}

TEST_CASE("a batch is judged event by event, in order") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  const auto good = revvvs_event("deposit", "p", "a", R"(,"amount":1)");
  const auto bad = revvvs_event("deposit", "p", "b", R"(,"amount":"x")");
  const auto batch = [&](const std::string& events) { return api.post(revvvs_path, revvvs_batch(events)); };
  const auto mixed = batch(good + "," + bad + ",7," + good + "," + revvvs_event("login", "p", "c"));
  CHECK(mixed.status == 202);
  CHECK(mixed.at("summary.total") == "5");
  CHECK(mixed.at("summary.accepted") == "2");
  CHECK(mixed.at("summary.duplicates") == "1");
  CHECK(mixed.at("summary.errors") == "2");
  CHECK(mixed.at("results") == "[5]");
  CHECK(mixed.at("results.0.status") == "accepted");
  CHECK(mixed.at("results.1.status") == "error");
  CHECK(mixed.at("results.1.idempotency_key") == "b");
  CHECK(mixed.at("results.1.event_id") == "absent");
  CHECK(mixed.at("results.1.error.code") == "VALIDATION_ERROR");
  CHECK(mixed.at("results.1.error.field") == "amount");
  CHECK(mixed.at("results.2.error.message") == "an event must be an object");
  CHECK(mixed.at("results.3.status") == "duplicate");
  CHECK(mixed.at("results.3.event_id") == mixed.at("results.0.event_id"));
  CHECK(mixed.at("results.4.status") == "accepted");
  CHECK(batch(good).status == 200);
  CHECK(batch(good + "," + bad).status == 400);
  CHECK(batch(good + "," + bad).at("summary.errors") == "1");
  CHECK(batch(bad).status == 400);
  CHECK(batch(bad).at("results.0.error.field") == "amount");
  CHECK(balance_of(api, "p", "deposits-total") == "1.00");

  const auto refused = [&](const std::string& body, const std::string& code) {
    const auto answer = api.post(revvvs_path, body);
    INFO(answer.body);
    CHECK(answer.status == 400);
    CHECK(answer.at("error.code") == code);
    CHECK(answer.at("error.details.0.field") == "events");
  };
  std::string many;
  for (int i = 0; i <= 100; ++i) many += (i == 0 ? "" : ",") + revvvs_event("login", "p", "m" + std::to_string(i));
  refused(revvvs_batch(many), "BATCH_TOO_LARGE");
  refused(revvvs_batch(""), "VALIDATION_ERROR");
  refused(R"({"events":{}})", "VALIDATION_ERROR");
  refused(R"({"events":null})", "VALIDATION_ERROR");
  many.erase(many.rfind("{\"event_type\"") - 1);
  CHECK(batch(many).at("summary.accepted") == "100");
}

TEST_CASE("every field of an event has its rule") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  struct row {
    std::string field;
    std::string value;    ///< JSON; empty: the member is left out
    std::string expected; ///< "" accepted, otherwise what the detail says
  };
  const std::string long_255(255, 'a');
  const std::string text_max = "must have at most 255 characters";
  const std::string amount = "must be a number of at most 18 digits before the point and 8 behind it";
  const std::string time = "must be an ISO 8601 date and time with Z or an offset, such as 2026-05-18T14:38:00.000Z";
  const std::string country = "must be two capital letters (ISO 3166-1 alpha-2)";
  const std::string currency = "must be three capital letters (ISO 4217)";
  int n = 0;
  for (const auto& [field, value, expected] : std::vector<row>{
           {"event_type", "", "is required"},
           {"event_type", "null", "is required"},
           {"event_type", "\"\"", "must not be empty"},
           {"event_type", "7", "must be a string"},
           {"event_type", "\"" + std::string(101, 'a') + "\"", "must have at most 100 characters"},
           {"event_type", "\"some_name_of_ours\"", ""},
           {"event_time", "", "is required"},
           {"event_time", "1779115080", "must be a string"},
           {"event_time", "\"\"", "must not be empty"},
           {"event_time", "\"2026-05-18\"", time},
           {"event_time", "\"2026-05-18T14:38:00\"", time},
           {"event_time", "\"2026-02-30T14:38:00Z\"", time},
           {"event_time", "\"0000-01-01T00:00:00Z\"", time},
           {"event_time", "\"10000-01-01T00:00:00Z\"", time},
           {"event_time", "\"0001-01-01T00:00:00Z\"", ""},
           {"event_time", "\"9999-12-31T23:59:59.999999Z\"", ""},
           {"event_time", "\"2026-05-18T16:38:00.123+02:00\"", ""},
           {"brand_id", "", "is required"},
           {"brand_id", "\"brand_01\"", "must be a UUID"},
           {"brand_id", "\"0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c99\"", "does not exist"},
           {"brand_id", "\"0D7A8B6E-1F43-4F8D-9E2C-2B1F3A4E7C11\"", ""},
           {"player_external_ref", "", "is required"},
           {"player_external_ref", "\"\"", "must not be empty"},
           {"player_external_ref", "\"" + long_255 + "a\"", text_max},
           {"player_external_ref", "\"" + long_255 + "\"", ""},
           {"player_external_ref", "\"a\\u0000b\"", "must not contain NUL"},
           {"player_external_ref", "\"\xf0\x9f\x8e\xb0 \xd9\x84\xd8\xa7\xd8\xb9\xd8\xa8\"", ""},
           {"idempotency_key", "", "is required"},
           {"idempotency_key", "5", "must be a string"},
           {"idempotency_key", "\"" + std::string(501, 'a') + "\"", "must have at most 500 characters"},
           {"idempotency_key", "\"" + std::string(500, 'a') + "\"", ""},
           {"source_system", "[]", "must be a string"},
           {"source_system", "null", ""},
           {"source_system", "\"pam\"", ""},
           {"event_version", "1.0", "must be a string"},
           {"event_version", "\"1.0\"", ""},
           {"click_id", "{}", "must be a string"},
           {"click_id", "\"abc-123-def\"", ""},
           {"click_id", "\"b1f3c5a79d2e4a8bbc117c2e0a9f4d6e\"", ""},
           {"country", "\"Malta\"", country},
           {"country", "\"mt\"", country},
           {"country", "\"MT\"", ""},
           {"currency", "\"EURO\"", currency},
           {"currency", "\"eur\"", currency},
           {"currency", "978", "must be a string"},
           {"currency", "\"USD\"", "must be EUR, the currency of the brand"},
           {"currency", "\"EUR\"", ""},
           {"amount", "true", "must be a number, or a number in a string"},
           {"amount", "{}", "must be a number, or a number in a string"},
           {"amount", "\"\"", amount},
           {"amount", "\"1,50\"", amount},
           {"amount", "0.123456789", amount},
           {"amount", "1e18", amount},
           {"amount", std::string(5000, '9'), amount},
           {"amount", "null", "is required"},
           {"amount", "-3.5", ""},
           {"amount", "1e2", ""},
           {"amount", "1.5e-7", ""},
           {"metadata", "[]", "must be an object"},
           {"metadata", "\"x\"", "must be an object"},
           {"metadata", R"({"bonus_code":"WELCOME","deep":{"a":[1,2,{"b":null}]}})", ""},
           {"anything_else", R"([1,{"x":"y"}])", ""},
       }) {
    std::string body = "{";
    const std::string key = "k" + std::to_string(n++);
    for (const auto& [name, usual] :
         std::vector<std::pair<std::string, std::string>>{{"event_type", "\"deposit\""},
                                                          {"event_time", "\"2026-05-18T14:38:00Z\""},
                                                          {"brand_id", "\"" + std::string(demo_brand) + "\""},
                                                          {"player_external_ref", "\"p\""},
                                                          {"idempotency_key", "\"" + key + "\""},
                                                          {"amount", "1"}})
      if (name != field) body += "\"" + name + "\":" + usual + ",";
    if (!value.empty()) body += "\"" + field + "\":" + value + ",";
    body.back() = '}';
    const auto before = ledger.state();
    const auto answer = api.post(revvvs_path, body);
    INFO(field << " " << value.substr(0, 80) << " " << answer.body.substr(0, 300));
    if (expected.empty()) {
      CHECK(answer.status == 202);
      continue;
    }
    CHECK(answer.status == 400);
    CHECK(answer.at("error.code") == (expected == "does not exist" ? "BRAND_NOT_FOUND" : "VALIDATION_ERROR"));
    CHECK(answer.at("error.message") == field + " " + expected);
    CHECK(answer.at("error.details.0.field") == field);
    CHECK(answer.at("error.details.0.message") == expected);
    CHECK(ledger.state() == before);
  }
}

TEST_CASE("all that is wrong with an event is told at once") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  const auto answer = api.post(revvvs_path, R"({"event_type":"","metadata":3})");
  CHECK(answer.at("error.details") == "[6]");
  const auto first_deposit = api.post(revvvs_path, revvvs_event("first_deposit", "p", "k"));
  CHECK(first_deposit.at("error.message") == "currency is required");
  CHECK(api.post(revvvs_path, revvvs_event("ngr_update", "p", "k")).at("error.message") == "amount is required");
}

TEST_CASE("the types with a meaning do what they mean, and all others are kept") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  int n = 0;
  const auto tell = [&](const std::string& type, const std::string& more) {
    const auto answer = api.post(revvvs_path, revvvs_event(type, "p", "k" + std::to_string(n++), more));
    INFO(answer.body);
    CHECK(answer.status == 202);
  };
  tell("registration", R"(,"click_id":")" + api.click(ngr_link) + "\"");
  tell("withdrawal", R"(,"amount":2)");
  tell("bet", R"(,"amount":3)");
  tell("win", R"(,"amount":4)");
  tell("bonus", R"(,"amount":5)");
  tell("chargeback", R"(,"amount":6)");
  tell("ngr_update", R"(,"amount":7)");
  tell("ngr_update", R"(,"amount":-8.25)");
  tell("level_up", R"(,"amount":9,"metadata":{"level":3})");
  CHECK(balance_of(api, "p", "withdrawals") == "2.00");
  CHECK(balance_of(api, "p", "wagered") == "3.00");
  CHECK(balance_of(api, "p", "bets") == "1");
  CHECK(balance_of(api, "p", "won") == "4.00");
  CHECK(balance_of(api, "p", "bonuses") == "5.00");
  CHECK(balance_of(api, "p", "chargebacks") == "6.00");
  CHECK(balance_of(api, "p", "ngr") == "-1.25");
  CHECK(balance_of(api, "p", "deposits-total") == "0");
  CHECK(revshare_of(api, "p") == "-0.3125");
  CHECK(movements(api).at("rows.0.eventName") == "level_up");
}

TEST_CASE("a brand may tell its NGR as the running total of the month") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  const auto tell = [&](const std::string& key, const std::string& amount, const std::string& time) {
    return api.post(revvvs_path, R"({"event_type":"ngr_update","event_time":")" + time + R"(","brand_id":")" +
                                     std::string(second_brand) +
                                     R"(","player_external_ref":"p","currency":"USD","idempotency_key":")" + key +
                                     R"(","amount":)" + amount + "}");
  };
  CHECK(tell("a", "500", "2026-05-10T00:00:00Z").status == 202);
  CHECK(tell("b", "650.25", "2026-05-31T23:59:59Z").status == 202);
  CHECK(balance_of(api, "p", "ngr", second_brand) == "650.25");
  CHECK(tell("c", "10", "2026-06-01T00:00:00Z").status == 202);
  CHECK(tell("d", "600", "2026-05-31T23:59:59Z").status == 202);
  CHECK(balance_of(api, "p", "ngr", second_brand) == "610.00");
  const auto rows = movements(api);
  CHECK(rows.at("rows.0.decimalMetrics") == "[1]");
  CHECK(rows.at("rows.0.decimalMetrics.0.delta") == "-50.25");
  const auto early = tell("e", "1", "1999-01-01T00:00:00Z");
  CHECK(early.status == 400);
  CHECK(early.at("error.details.0.field") == "event_time");
}

TEST_CASE("keys, scopes, brands, environment and rate are told in the vendor's words") {
  const temporary_folder folder;
  http::server_options served;
  served.rate_limit_per_minute = 2;
  running_ledger ledger(folder.path(), {}, {}, {}, served);
  const auto event = revvvs_event("login", "p", "k");
  const auto refused = [&](std::string_view key, int status, const std::string& code) {
    api_client api(ledger, key);
    const auto answer = api.post(revvvs_path, event);
    INFO(key << " " << answer.body);
    CHECK(answer.status == status);
    CHECK(answer.at("error.code") == code);
    CHECK(answer.at("error.details") == (code == "BRAND_NOT_FOUND" ? "[1]" : "[0]"));
    return answer;
  };
  refused("", 401, "INVALID_API_KEY");
  refused("rv_no_such_key_at_all_here", 401, "INVALID_API_KEY");
  refused(expired_key, 401, "INVALID_API_KEY");
  refused(staging_key, 401, "INVALID_API_KEY");
  refused(writer_key, 403, "FORBIDDEN");
  refused(second_brand_key, 400, "BRAND_NOT_FOUND");
  api_client api(ledger);
  const auto first = api.post(revvvs_path, event);
  CHECK(first.header("X-RateLimit-Limit") == "2");
  CHECK(first.header("X-RateLimit-Remaining") == "1");
  api.post(revvvs_path, event);
  const auto limited = refused(all_scopes_key, 429, "RATE_LIMITED");
  CHECK(limited.header("X-RateLimit-Remaining") == "0");
  CHECK_FALSE(limited.header("Retry-After").empty());
}

TEST_CASE("a server of the other environment takes the other keys") {
  const temporary_folder folder;
  http::server_options served;
  served.environment = key_environment::staging;
  running_ledger ledger(folder.path(), {}, {}, {}, served);
  CHECK(api_client(ledger, staging_key).post(revvvs_path, revvvs_event("login", "p", "k")).status == 202);
  CHECK(api_client(ledger).post(revvvs_path, revvvs_event("login", "p", "k")).status == 401);
  CHECK(api_client(ledger).get("/api/node/clients/v1/metrics").status == 401);
}
