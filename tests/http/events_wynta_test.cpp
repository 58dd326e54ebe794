#include "event_parts.hpp"
#include "support/test_ledger.hpp"

#include <fstream>
#include <string>
#include <utility>
#include <vector>

using namespace croupier;
using namespace croupier::test;

namespace {

std::string event(const std::string& name, const std::string& id, const std::string& more = {}) {
  return R"({"user_id":"p","event_name":")" + name + R"(","event_id":")" + id +
         R"(","timestamp":"2026-05-18T14:38:00.000Z")" + more + "}";
}

std::string batch(const std::string& events) {
  return "{\"events\":[" + events + "]}";
}

/// The requests of the vendor's document: path and body.
std::vector<std::pair<std::string, std::string>> samples() {
  std::ifstream file(SOURCE_DIR "/tests/http/data/wynta_samples.txt");
  std::vector<std::pair<std::string, std::string>> found;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("POST "))
      found.emplace_back(line.substr(5), "");
    else if (!found.empty())
      found.back().second += line + "\n";
  }
  return found;
}

bool is_event(const std::string& body) {
  return body.find("\"events\"") == std::string::npos;
}

} // namespace

TEST_CASE("every sample of the vendor's document is accepted") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  const header_list bearer{{"Authorization", "Bearer " + std::string(all_scopes_key)}};
  api_client by_token(ledger, "");
  int events = 0;
  for (const auto& [path, body] : samples()) {
    INFO(path << " " << body);
    if (path == identify_path) {
      const auto answer = by_token.post(path, body, bearer);
      CHECK(answer.status == 202);
      CHECK(answer.body == R"({"user_id":"ply_776192"})");
      continue;
    }
    ++events;
    const auto answer = by_token.post(path, is_event(body) ? batch(body) : body, bearer);
    CHECK(answer.status == 202);
    CHECK(answer.at("rejected") == "0");
    CHECK(answer.at("errors") == "[0]");
  }
  CHECK(events == 37);
  // Sent again, nothing changes: every event of the samples has an id.
  const auto before = ledger.state();
  for (const auto& [path, body] : samples())
    if (path == track_path) CHECK(api.post(path, is_event(body) ? batch(body) : body).at("rejected") == "0");
  CHECK(ledger.state() == before);
}

TEST_CASE("a fact that several events tell counts once") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  const std::string amount = R"(,"properties":{"amount":100,"currency":"EUR"})";
  const auto answer = api.post(
      track_path,
      batch(event("deposit_started", "1", amount) + "," + event("deposit_submitted", "2", amount) + "," +
            event("deposit_success", "3", amount) + "," + event("first_deposit_completed", "4", amount) + "," +
            event("withdrawal_requested", "5", amount) + "," + event("withdrawal_approved", "6", amount) + "," +
            event("withdrawal_processed", "7", amount) + "," + event("withdrawal_completed", "8", amount) + "," +
            event("bet_placed", "9", R"(,"properties":{"bet_amount":2,"currency":"EUR"})") + "," +
            event("slot_spin_started", "10", R"(,"properties":{"bet_amount":2,"currency":"EUR"})") + "," +
            event("bet_won", "11", R"(,"properties":{"win_amount":1.5,"currency":"EUR"})") + "," +
            event("slot_spin_completed", "12", R"(,"properties":{"win_amount":1.5,"currency":"EUR"})") + "," +
            event("bonus_awarded", "13", R"(,"properties":{"bonus_amount":0.1,"currency":"EUR"})") + "," +
            event("bonus_claimed", "14", R"(,"properties":{"bonus_amount":0.1,"currency":"EUR"})") + "," +
            event("cashback_credited", "15", R"(,"properties":{"amount":0.05,"currency":"EUR"})") + "," +
            event("cashback_claimed", "16", R"(,"properties":{"amount":0.05,"currency":"EUR"})") + "," +
            event("refund_processed", "17", amount)));
  INFO(answer.body);
  CHECK(answer.at("accepted") == "17");
  CHECK(balance_of(api, "p", "deposits-total") == "100.00");
  CHECK(balance_of(api, "p", "deposits-count") == "1");
  CHECK(balance_of(api, "p", "withdrawals") == "100.00");
  CHECK(balance_of(api, "p", "wagered") == "2.00");
  CHECK(balance_of(api, "p", "bets") == "1");
  CHECK(balance_of(api, "p", "won") == "1.50");
  CHECK(balance_of(api, "p", "bonuses") == "0.15");
  CHECK(balance_of(api, "p", "ngr") == "0.35");
  CHECK(movements(api).at("rows.0.source") == "wynta");
  CHECK(movements(api).at("rows.0.requestData") == event("refund_processed", "17", amount));
}

TEST_CASE("every field of an event has its rule and its code") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  struct row {
    std::string field;
    std::string value; ///< JSON; empty: the member is left out
    std::string code;  ///< empty: accepted
    std::string message = {};
  };
  const std::string long_255(255, 'a');
  int n = 0;
  for (const auto& [field, value, code, message] : std::vector<row>{
           {"user_id", "", "MISSING_FIELD", "user_id is required"},
           {"user_id", "null", "MISSING_FIELD", "user_id is required"},
           {"user_id", "7", "INVALID_TYPE", "user_id must be a string"},
           {"user_id", "\"\"", "EMPTY_VALUE", "user_id must not be empty"},
           {"user_id", "\"" + long_255 + "a\"", "INVALID_VALUE", "user_id must have at most 255 characters"},
           {"user_id", "\"" + long_255 + "\"", ""},
           {"user_id", "\"\\u0000\"", "INVALID_VALUE", "user_id must not contain NUL"},
           {"event_name", "", "MISSING_FIELD", "event_name is required"},
           {"event_name", "[]", "INVALID_TYPE", "event_name must be a string"},
           {"event_name", "\"\"", "EMPTY_VALUE", "event_name must not be empty"},
           {"event_name", "\"Some Name \xf0\x9f\x8e\xb2 of ours\"", ""},
           {"timestamp", "", "MISSING_FIELD", "timestamp is required"},
           {"timestamp", "1779115080", "INVALID_TYPE", "timestamp must be a string"},
           {"timestamp", "\"\"", "EMPTY_VALUE", "timestamp must not be empty"},
           {"timestamp", "\"yesterday\"", "INVALID_TIMESTAMP"},
           {"timestamp", "\"0000-01-01T00:00:00Z\"", "INVALID_TIMESTAMP"},
           {"timestamp", "\"9999-12-31T23:59:59.999Z\"", ""},
           {"timestamp", "\"0001-01-01T00:00:00Z\"", ""},
           {"timestamp", "\"9999-12-31T23:59:59-01:00\"", "INVALID_TIMESTAMP"},
           {"event_id", "7", "INVALID_TYPE", "event_id must be a string"},
           {"event_id", "\"\"", "EMPTY_VALUE", "event_id must not be empty"},
           {"event_id", "\"" + long_255 + "a\"", "INVALID_VALUE", "event_id must have at most 255 characters"},
           {"event_id", "null", ""},
           {"event_id", "", ""},
           {"session_id", "{}", "INVALID_TYPE", "session_id must be a string"},
           {"session_id", "\"sess\"", ""},
           {"device_type", "\"toaster\"", "INVALID_VALUE", "device_type must be one of mobile, tablet, desktop"},
           {"device_type", "1", "INVALID_TYPE", "device_type must be a string"},
           {"device_type", "\"tablet\"", ""},
           {"device_type", "null", ""},
           {"platform", "\"Android\"", "INVALID_VALUE", "platform must be one of ios, android, web"},
           {"platform", "\"web\"", ""},
           {"brand_id", "3", "INVALID_TYPE", "brand_id must be a string"},
           {"brand_id", "\"utm_camp_12\"", ""},
           {"brand_id", "\"" + std::string(demo_brand) + "\"", ""},
           {"properties", "[]", "INVALID_TYPE", "properties must be an object"},
           {"properties", "null", "MISSING_FIELD", "properties.amount is required"},
           {"properties", "{}", "MISSING_FIELD", "properties.amount is required"},
           {"properties", R"({"amount":{}})", "INVALID_TYPE", "properties.amount must be a number"},
           {"properties", R"({"amount":"ten"})", "INVALID_VALUE"},
           {"properties", R"({"amount":1,"currency":"USD"})", "INVALID_VALUE",
            "properties.currency must be EUR, the currency of the brand"},
           {"properties", R"({"amount":1,"currency":3})", "INVALID_TYPE", "properties.currency must be a string"},
           {"properties", R"({"amount":)" + std::string(20'000, '1') + "}", "INVALID_VALUE"},
           {"properties", R"({"amount":1,"\u0644\u0627\u0639\u0628":"\ud83c\udfb0"})", ""},
       }) {
    std::string body = "{";
    const std::string id = "e" + std::to_string(n++);
    for (const auto& [name, usual] :
         std::vector<std::pair<std::string, std::string>>{{"user_id", "\"p\""},
                                                          {"event_name", "\"deposit_success\""},
                                                          {"event_id", "\"" + id + "\""},
                                                          {"timestamp", "\"2026-05-18T14:38:00Z\""},
                                                          {"properties", R"({"amount":1})"}})
      if (name != field) body += "\"" + name + "\":" + usual + ",";
    if (!value.empty()) body += "\"" + field + "\":" + value + ",";
    body.back() = '}';
    const auto before = ledger.state();
    const auto answer = api.post(track_path, batch(body));
    INFO(field << " " << value.substr(0, 80) << " " << answer.body.substr(0, 300));
    CHECK(answer.status == 202);
    CHECK(answer.at("accepted") == (code.empty() ? "1" : "0"));
    CHECK(answer.at("rejected") == (code.empty() ? "0" : "1"));
    if (code.empty()) continue;
    CHECK(answer.at("errors.0.index") == "0");
    CHECK(answer.at("errors.0.event_id") == (field == "event_id" ? "null" : id));
    CHECK(answer.at("errors.0.code") == code);
    if (!message.empty()) CHECK(answer.at("errors.0.message") == message);
    CHECK(ledger.state() == before);
  }
}

TEST_CASE("a brand is found by id or alias, else it is the token's, else the workspace's") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client reader(ledger);
  int n = 0;
  const auto lands_in = [&](std::string_view key, const std::string& brand) {
    const auto player = "p" + std::to_string(n++);
    const auto body = R"({"events":[{"user_id":")" + player + R"(","event_name":"login","timestamp":")" + time_now() +
                      "\"" + (brand.empty() ? "" : R"(,"brand_id":")" + brand + "\"") + "}]}";
    const auto answer = api_client(ledger, key).post(track_path, body);
    if (answer.at("rejected") == "1") return answer.at("errors.0.code");
    for (const auto of : {demo_brand, second_brand})
      if (balance_of(reader, player, "bets", of) != "no player")
        return std::string(of == demo_brand ? "demo" : "second");
    return std::string("nowhere");
  };
  CHECK(lands_in(all_scopes_key, "brand_01") == "demo");
  CHECK(lands_in(all_scopes_key, std::string(second_brand)) == "second");
  CHECK(lands_in(all_scopes_key, "utm_camp_12") == "demo");
  CHECK(lands_in(all_scopes_key, "") == "demo");
  CHECK(lands_in(events_key, "") == "second");
  CHECK(lands_in(events_key, "utm_camp_12") == "second");
  CHECK(lands_in(events_key, "brand_01") == "demo");
  CHECK(lands_in(second_brand_key, std::string(second_brand)) == "second");
  CHECK(lands_in(second_brand_key, "brand_01") == "INVALID_VALUE");
  CHECK(lands_in(second_brand_key, "") == "INVALID_VALUE");
}

TEST_CASE("a body that is malformed as a whole is told in the vendor's shape") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  const auto before = ledger.state();
  struct row {
    std::string path;
    std::string body;
    std::string loc;
    std::string type;
    std::string msg = {};
  };
  std::string many;
  for (int i = 0; i <= 500; ++i) many += i == 0 ? "{}" : ",{}";
  for (const auto& [path, body, loc, type, msg] : std::vector<row>{
           {track_path, "{}", "events", "missing", "field required"},
           {track_path, R"({"events":null})", "events", "list_type"},
           {track_path, R"({"events":{}})", "events", "list_type", "Input should be a valid list"},
           {track_path, R"({"events":[]})", "events", "too_short"},
           {track_path, batch(many), "events", "too_long"},
           {track_path, "", "absent", "missing"},
           {track_path, "[]", "absent", "dict_type"},
           {track_path, "{\"events\":[", "11", "json_invalid"},
           {track_path, R"({"events":[],"events":[]})", "24", "json_invalid"},
           {identify_path, R"({"timestamp":"2026-05-18T14:38:00Z"})", "user_id", "missing", "field required"},
           {identify_path, R"({"user_id":"p"})", "timestamp", "missing", "field required"},
           {identify_path, R"({"user_id":5,"timestamp":"2026-05-18T14:38:00Z"})", "user_id", "string_type"},
           {identify_path, R"({"user_id":"","timestamp":"2026-05-18T14:38:00Z"})", "user_id", "string_too_short"},
           {identify_path, R"({"user_id":"p","timestamp":"now"})", "timestamp", "datetime_parsing"},
           {identify_path, R"({"user_id":"p","timestamp":"2026-05-18T14:38:00Z","traits":[]})", "traits", "dict_type"},
           {identify_path, R"({"user_id":"p","timestamp":"2026-05-18T14:38:00Z","unset_traits":"x"})", "unset_traits",
            "list_type"},
           {identify_path, R"({"user_id":"p","timestamp":"2026-05-18T14:38:00Z","unset_traits":[3]})", "unset_traits",
            "string_type"},
           {identify_path, R"({"user_id":"p","timestamp":"2026-05-18T14:38:00Z","traits":{"":1}})", "traits",
            "value_error"},
       }) {
    const auto answer = api.post(path, body);
    INFO(path << " " << body.substr(0, 100) << " " << answer.body.substr(0, 300));
    CHECK(answer.status == 422);
    CHECK(answer.at("detail.0.loc.0") == "body");
    CHECK(answer.at("detail.0.loc.1") == loc);
    CHECK(answer.at("detail.0.type") == type);
    CHECK(answer.at("detail.0.ctx") == "{}");
    CHECK(answer.at("detail.0.input") != "absent");
    if (!msg.empty()) CHECK(answer.at("detail.0.msg") == msg);
  }
  // The vendor's own sample, to the letter.
  CHECK(api.post(identify_path, R"({"timestamp":"2026-05-18T14:38:00Z"})").body ==
        R"({"detail":[{"loc":["body","user_id"],"msg":"field required","type":"missing","input":null,"ctx":{}}]})");
  CHECK(ledger.state() == before);
}

TEST_CASE("tokens are refused in the vendor's words") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  const auto answer_to = [&](const std::string& authorization) {
    api_client api(ledger, "");
    header_list headers;
    if (!authorization.empty()) headers.emplace_back("Authorization", authorization);
    return api.post(track_path, batch(event("login", "1")), headers);
  };
  const std::string missing = R"({"code":"invalid_token","message":"Missing or malformed Authorization header"})";
  const std::string invalid = R"({"code":"invalid_token","message":"Invalid or expired token"})";
  for (const std::string sent : {"", "Basic abc", "Bearer", "Bearer "}) {
    CHECK(answer_to(sent).status == 401);
    CHECK(answer_to(sent).body == missing);
  }
  for (const auto& key : {std::string("rv_no_such_token_at_all"), std::string(expired_key), std::string(staging_key)}) {
    CHECK(answer_to("Bearer " + key).status == 401);
    CHECK(answer_to("Bearer " + key).body == invalid);
  }
  CHECK(answer_to("Bearer " + std::string(writer_key)).status == 403);
  CHECK(answer_to("Bearer " + std::string(writer_key)).body ==
        R"({"code":"forbidden","message":"Token scope insufficient"})");
  CHECK(answer_to("bearer " + std::string(events_key)).status == 202);
}

TEST_CASE("X-Idempotency-Key gives the first answer again") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  const auto with = [](const std::string& key) { return header_list{{"X-Idempotency-Key", key}}; };
  const auto body = R"({"events":[{"user_id":"p","event_name":"deposit_success","timestamp":"2026-05-18T14:38:00Z",)"
                    R"("properties":{"amount":5}},{"user_id":"p"}]})";
  const auto first = api.post(track_path, body, with("k1"));
  CHECK(first.status == 202);
  CHECK(first.header("Idempotency-Replayed").empty());
  const auto again = api.post(track_path, body, with("k1"));
  CHECK(again.status == 202);
  CHECK(again.body == first.body);
  CHECK(again.header("Idempotency-Replayed") == "true");
  CHECK(balance_of(api, "p", "deposits-total") == "5.00");
  const auto other = api.post(track_path, batch(event("login", "x")), with("k1"));
  CHECK(other.status == 422);
  CHECK(other.at("detail.0.loc.1") == "X-Idempotency-Key");
  CHECK(api.post(identify_path, body, with("k1")).status == 422);
  // Another key, and nobody else's key of that name, are other requests.
  CHECK(api.post(track_path, body, with("k2")).status == 202);
  CHECK(balance_of(api, "p", "deposits-total") == "10.00");
  CHECK(api_client(ledger, events_key).post(track_path, body, with("k1")).header("Idempotency-Replayed").empty());
  CHECK(api.post(track_path, body, with(std::string(256, 'k'))).status == 422);
  const auto wrong = api.post(track_path, "{}", with("k3"));
  CHECK(wrong.status == 422);
  CHECK(api.post(track_path, "{}", with("k3")).header("Idempotency-Replayed") == "true");
}

TEST_CASE("a click that an event of the vendor names attributes the player") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  auto click = api.click(deposits_link);
  std::erase(click, '-');
  const auto track = [&](const std::string& name, const std::string& properties) {
    CHECK(api.post(track_path, batch(R"({"user_id":"p","event_name":")" + name + R"(","timestamp":")" + time_now() +
                                     R"(","properties":)" + properties + "}"))
              .at("accepted") == "1");
  };
  track("login_success", R"({"click_id":")" + click + "\"}");
  track("deposit_submitted", R"({"amount":100})");
  track("registration_completed", R"({"clickid":")" + click + "\"}");
  track("deposit_success", R"({"amount":100})");
  CHECK(revshare_of(api, "p") == "5.00");
}

TEST_CASE("a profile is read back: the newest traits, balances and attribution") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  const auto identify = [&](const std::string& time, const std::string& more) {
    CHECK(api.post(identify_path, R"({"user_id":"p","timestamp":"2026-05-18T)" + time + "Z\"" + more + "}").status ==
          202);
  };
  identify("14:00:00",
           R"(,"traits":{"vip_level":"gold","email":"a@example.com","score":12.50,"tags":["a",{"b":null}]})");
  identify("13:00:00", R"(,"traits":{"vip_level":"bronze","language":"en"})");
  identify("15:00:00", R"(,"traits":{"email":"b@example.com","language":"de"},"unset_traits":["email","never_there"])");
  identify("14:30:00", R"(,"traits":{"email":"late@example.com","\ud83c\udfb0":"\u0644"})");
  const auto profile = api.get("/v1/profiles/p");
  INFO(profile.body);
  CHECK(profile.status == 200);
  CHECK(profile.at("user_id") == "p");
  CHECK(profile.at("brand_id") == demo_brand);
  CHECK(profile.at("traits.vip_level") == "gold");
  CHECK(profile.at("traits.language") == "de");
  CHECK(profile.at("traits.email") == "absent");
  CHECK(profile.at("traits.score") == "12.50");
  CHECK(profile.at("traits.tags.1.b") == "null");
  CHECK(profile.at("traits.\xf0\x9f\x8e\xb0") == "\xd9\x84");
  CHECK(profile.at("attribution") == "absent");
  CHECK(profile.at("balances.deposits-total") == "0");
  CHECK(profile.at("balances.bets") == "0");
  CHECK(api.post(revvvs_path,
                 revvvs_event("registration", "p", "k", R"(,"click_id":")" + api.click(deposits_link) + "\""))
            .status == 202);
  CHECK(api.get("/v1/profiles/p?brand_id=brand_01").at("attribution.affiliate_id") == demo_affiliate);
  CHECK(api.get("/v1/profiles/q").status == 404);
  CHECK(api.get("/v1/profiles/p?brand_id=" + std::string(second_brand)).status == 404);
  CHECK(api_client(ledger, events_key).get("/v1/profiles/p").status == 403);
  ledger.restart();
  api_client again(ledger, reader_key);
  CHECK(again.get("/v1/profiles/p").at("traits.vip_level") == "gold");
  CHECK(again.get("/v1/profiles/p").at("traits.email") == "absent");
}
