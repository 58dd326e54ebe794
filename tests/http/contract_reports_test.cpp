#include "contract_parts.hpp"
#include "http/reports/output.hpp"
#include "http/secrets.hpp"
#include "support/test_ledger.hpp"

#include <array>
#include <chrono>
#include <openssl/sha.h>
#include <string>
#include <variant>
#include <vector>

using namespace croupier;
using namespace croupier::test;

namespace {

const std::string token = "rp_0123456789abcdef0123456789abcdef";
const std::string by_token = "/api/v1/reports/" + token;
const std::string query_path = "/api/v1/reports/query";

/// Puts the preset that the token opens.
void put_preset(running_ledger& ledger, report_preset preset) {
  const auto presets = ledger.gateway().view().current_workspace()->presets().size();
  if (preset.number.value == 0) preset.number = {static_cast<std::uint32_t>(presets + 1)};
  preset.id = uuid::from_halves(0x5d1f0c2a'00064000U, preset.number.value);
  preset.name = "Daily";
  SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(), preset.token_sha256.data());
  REQUIRE_FALSE(ledger.gateway().view().current_workspace()->problem_with(preset).has_value());
  const auto put = ledger.gateway().change_workspace({workspace_object(preset)}, "test",
                                                     std::chrono::steady_clock::now() + std::chrono::seconds(30));
  REQUIRE(std::holds_alternative<actors::receipt>(put));
}

report_preset daily() {
  report_preset preset;
  preset.dimensions = {"campaign", "sub1"};
  preset.measures = {"click_count", "registration_count",       "ftd_count",   "deposit_amount",
                     "ngr",         "registration_to_ftd_rate", "total_reward"};
  return preset;
}

/// Two visitors of one link, of whom one plays.
void play(api_client& api) {
  REQUIRE(api.get("/track/click/" + std::string(deposits_link) + "?sub1=%3D1%2B1%2C%22x%22").status == 302);
  api.register_player("ann");
  REQUIRE(api.record("ann", "r1", {{"deposits-total", "+100.10"}, {"ngr", "+-2.50"}}).status == 200);
  REQUIRE(api.record("ann", "r2", {{"deposits-total", "=150"}}).status == 200);
}

/// The SHA-256 of a token in hex, as somebody might show it.
std::string to_hex_text(const std::string& of) {
  return http::to_hex(http::sha256(of));
}

/// What a report says, without the time at which it was made.
std::string without_time(std::string body) {
  const auto at = body.find("\"generatedAt\"");
  return body.substr(0, at);
}

} // namespace

TEST_CASE("whoever has the token of a preset reads its report, in both forms") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  play(api);
  put_preset(ledger, daily());
  api_client visitor(ledger, "");

  const auto json = visitor.get(by_token + "?format=json");
  CHECK(json.status == 200);
  CHECK(json.header("Content-Type") == "application/json");
  CHECK(json.header("Cache-Control") == "no-store");
  CHECK(json.at("rows") == "[2]");
  CHECK(json.at("rows.0.groupKeys.campaign") == "5 % of deposits");
  CHECK(json.at("rows.0.groupKeys.sub1") == "(none)");
  CHECK(json.at("rows.1.groupKeys.sub1") == "=1+1,\"x\"");
  CHECK(json.body.find(R"("metrics":{"click_count":1,"registration_count":1,"ftd_count":1,"deposit_amount":150.00,)"
                       R"("ngr":-2.50,"registration_to_ftd_rate":100.00,"total_reward":7.50})") != std::string::npos);
  CHECK(json.at("rows.1.metrics.registration_to_ftd_rate") == "absent");
  CHECK(json.at("totals.click_count") == "2");
  CHECK(json.at("totals.deposit_amount") == "150.00");
  CHECK(json.at("totalsByCurrency") == "absent");
  CHECK(json.at("generatedAt").ends_with("Z"));
  CHECK(std::stoull(json.at("sequence")) == ledger.gateway().view().durable().value);
  CHECK(visitor.get(by_token + "?format=json&exact=true").body.find(R"("ngr":"-2.50")") != std::string::npos);

  const auto csv = visitor.get(by_token);
  CHECK(csv.status == 200);
  CHECK(csv.header("Content-Type") == "text/csv; charset=utf-8");
  CHECK(csv.header("Content-Disposition").starts_with("attachment; filename=\"report_20"));
  CHECK(csv.body == "campaign,sub1,click_count,registration_count,ftd_count,deposit_amount,ngr,"
                    "registration_to_ftd_rate,total_reward\r\n"
                    "5 % of deposits,(none),1,1,1,150.00,-2.50,100.00,7.50\r\n"
                    "5 % of deposits,\"'=1+1,\"\"x\"\"\",1,0,0,0,0,,0\r\n"
                    "Total,,2,1,1,150.00,-2.50,100.00,7.50\r\n");
  CHECK(visitor.head(by_token).status == 200);

  ledger.restart();
  api_client after(ledger, "");
  CHECK(after.get(by_token).body == csv.body);
  CHECK(without_time(after.get(by_token + "?format=json").body) == without_time(json.body));
}

TEST_CASE("a token that is wrong, or of a disabled preset, opens nothing") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client visitor(ledger, "");
  const auto refused = [&](const std::string& path) {
    const auto answer = visitor.get(path);
    CHECK(answer.status == 401);
    CHECK(answer.at("error.code") == "INVALID_API_KEY");
    CHECK(answer.at("error.message") == "Invalid or disabled report token");
  };
  refused(by_token);
  put_preset(ledger, daily());
  CHECK(visitor.get(by_token).status == 200);
  refused(by_token + "x");
  refused("/api/v1/reports/" + token.substr(1));
  refused("/api/v1/reports/" + std::string(5'000, 'x'));
  refused("/api/v1/reports/%20");
  auto disabled = daily();
  disabled.number = {1};
  disabled.enabled = false;
  put_preset(ledger, disabled);
  refused(by_token);
  refused(by_token + "?format=nonsense");
}

TEST_CASE("a token that was rotated opens nothing any more, the new one is shown once, and the log tells neither") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client admin(ledger, admin_key);
  api_client visitor(ledger, "");
  const auto made = admin.post("/admin/v1/report-presets",
                               R"({"name":"Weekly","dimensions":["date"],"measures":["click_count"],"enabled":true})");
  REQUIRE(made.status == 201);
  const std::string path = "/admin/v1/report-presets/" + made.at("id");
  const std::string first = made.at("token");
  REQUIRE(visitor.get("/api/v1/reports/" + first).status == 200);

  const auto rotated = admin.send("POST", path + "/rotate", "", "");
  INFO(rotated.body);
  REQUIRE(rotated.status == 200);
  const std::string second = rotated.at("token");
  CHECK(second.starts_with("rv_"));
  CHECK(second != first);
  CHECK(rotated.at("id") == made.at("id"));
  CHECK(rotated.at("name") == "Weekly");
  CHECK(visitor.get("/api/v1/reports/" + first).status == 401);
  CHECK(visitor.get("/api/v1/reports/" + second).status == 200);
  CHECK(admin.get(path).at("token") == "absent");

  const auto log = admin.get("/admin/v1/audit-log?kind=report-presets");
  INFO(log.body);
  CHECK(log.at("rows") == "[2]");
  CHECK(log.at("rows.0.change") == "changed");
  CHECK(log.at("rows.0.fields") == "[1]");
  CHECK(log.at("rows.0.fields.0") == "token");
  CHECK(log.at("rows.0.who").size() == 36);
  CHECK(log.body.find(first) == std::string::npos);
  CHECK(log.body.find(second) == std::string::npos);
  const auto entries = admin.get("/admin/v1/stream?from=1&follow=false");
  CHECK(entries.body.find(second) == std::string::npos);
  CHECK(entries.body.find(to_hex_text(second)) == std::string::npos);

  // Another token of a disabled preset opens it no more than the old one did.
  REQUIRE(admin.send("PATCH", path, R"({"enabled":false})", "application/json").status == 200);
  const std::string third = admin.send("POST", path + "/rotate", "", "").at("token");
  CHECK(visitor.get("/api/v1/reports/" + third).status == 401);
  REQUIRE(admin.send("PATCH", path, R"({"enabled":true})", "application/json").status == 200);
  CHECK(visitor.get("/api/v1/reports/" + third).status == 200);
  CHECK(visitor.get("/api/v1/reports/" + second).status == 401);
  ledger.restart();
  api_client after(ledger, "");
  CHECK(after.get("/api/v1/reports/" + third).status == 200);
  CHECK(after.get("/api/v1/reports/" + second).status == 401);
}

TEST_CASE("only who administers everything rotates a token, and only of a preset that there is") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  put_preset(ledger, daily());
  api_client admin(ledger, admin_key);
  const std::string presets = "/admin/v1/report-presets/";
  const std::string path = presets + admin.get("/admin/v1/report-presets").at("rows.0.id") + "/rotate";
  const auto before = ledger.state();
  CHECK(api_client(ledger, "").send("POST", path, "", "").status == 401);
  CHECK(api_client(ledger).send("POST", path, "", "").status == 403);
  CHECK(api_client(ledger, second_admin_key).send("POST", path, "", "").status == 403);
  CHECK(admin.send("POST", presets + std::string(demo_brand) + "/rotate", "", "").status == 404);
  CHECK(admin.send("POST", presets + "x/rotate", "", "").status == 404);
  CHECK(admin.get(path).status == 405);
  CHECK(ledger.state() == before);
  CHECK(api_client(ledger, "").get(by_token).status == 200);
}

TEST_CASE("days and forms that are none are refused, and days choose") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  play(api);
  put_preset(ledger, daily());
  for (const std::string bad :
       {"format=xml", "startDate=2026-02-30", "endDate=today", "startDate=2026-03-02&endDate=2026-03-01", "exact=maybe",
        "startDate=", "endDate=99999-01-01"}) {
    INFO(bad);
    const auto answer = api.get(by_token + "?" + bad);
    CHECK(answer.status == 400);
    CHECK(answer.at("error.code") == "VALIDATION_ERROR");
  }
  const auto before = api.get(by_token + "?format=json&startDate=0001-01-01&endDate=2020-12-31");
  CHECK(before.at("rows") == "[0]");
  CHECK(before.at("totals.ngr") == "0");
  CHECK(before.at("startDate") == "0001-01-01");
  CHECK(before.at("endDate") == "2020-12-31");
  CHECK(api.get(by_token + "?format=json&startDate=2020-01-01&endDate=9999-12-31").at("totals.click_count") == "2");
  CHECK(api.get(by_token + "?format=json&endDate=0001-01-05").at("startDate") == "0001-01-01");
}

TEST_CASE("a key may ask any question about the brands that it sees") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  play(api);
  const std::string by_player =
      R"({"dimensions":["date","brand","affiliate","player"],"measures":["ngr","ftd_amount"]})";
  const auto answer = api.post(query_path, by_player);
  CHECK(answer.status == 200);
  CHECK(answer.at("rows") == "[1]");
  CHECK(answer.at("rows.0.groupKeys.brand") == "Demo Casino");
  CHECK(answer.at("rows.0.groupKeys.player") == "ann");
  CHECK(answer.at("rows.0.metrics.ftd_amount") == "100.10");
  CHECK(api.post(query_path + "?format=csv", by_player).body.ends_with("Total,,,,-2.50,100.10\r\n"));
  CHECK(api.post(query_path, R"({"measures":["ngr"],"filters":{"player":["ann"]}})").at("totals.ngr") == "-2.50");
  CHECK(api.post(query_path, R"({"measures":["ngr"],"filters":{"player":["bob"]}})").at("totals.ngr") == "0");
  CHECK(api.post(query_path, R"({"measures":["click_count"],"filters":{"campaign":["5 % of deposits"]}})")
            .at("totals.click_count") == "2");

  api_client second(ledger, second_brand_key);
  const auto nothing = second.post(query_path, by_player);
  CHECK(nothing.status == 200);
  CHECK(nothing.at("rows") == "[0]");
  CHECK(second.post(query_path, R"({"measures":["click_count"]})").at("totals.click_count") == "0");
  const auto hidden = second.post(query_path, R"({"measures":["ngr"],"brands":[")" + std::string(demo_brand) + "\"]}");
  CHECK(hidden.status == 400);
  CHECK(hidden.at("error.message") == "brands: '" + std::string(demo_brand) + "' does not exist");
  CHECK(api_client(ledger, writer_key).post(query_path, by_player).status == 403);
  CHECK(api_client(ledger, "").post(query_path, by_player).status == 401);
}

TEST_CASE("money in two currencies stays apart") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  play(api);
  const std::string cid = api.click(ngr_link);
  REQUIRE(api.post(register_path, R"({"externalId":"eve","revenueOriginId":")" + std::string(second_brand) +
                                      R"(","cid":")" + cid + "\"}")
              .status == 200);
  REQUIRE(api.post(record_path, R"({"externalClientId":"eve","revenueOriginId":")" + std::string(second_brand) +
                                    R"(","metrics":[{"code":"ngr","valueType":"CLIENT_METRIC_VALUE_TYPE_RELATIVE",)"
                                    R"("value":"8"}]})")
              .status == 200);
  const std::string question = R"({"dimensions":["affiliate"],"measures":["ngr","click_count"]})";
  const auto json = api.post(query_path, question);
  CHECK(json.at("rows") == "[3]");
  CHECK(json.at("totals.ngr") == "absent");
  CHECK(json.at("totals.click_count") == "3");
  CHECK(json.at("totalsByCurrency.1.currency") == "EUR");
  CHECK(json.at("totalsByCurrency.1.metrics.ngr") == "-2.50");
  CHECK(json.at("totalsByCurrency.2.metrics.ngr") == "8.00");
  CHECK(api.post(query_path + "?format=csv", question).body == "affiliate,currency,ngr,click_count\r\n"
                                                               "Demo Affiliate,(none),0,3\r\n"
                                                               "Demo Affiliate,EUR,-2.50,0\r\n"
                                                               "Demo Affiliate,USD,8.00,0\r\n"
                                                               "Total,(none),0,3\r\n"
                                                               "Total,EUR,-2.50,0\r\n"
                                                               "Total,USD,8.00,0\r\n");
}

TEST_CASE("a question that is none changes nothing and is told what is wrong") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  const auto state = ledger.state();
  const std::vector<std::pair<std::string, std::string>> bad{
      {"", ""},
      {"[]", "the body must be a JSON object"},
      {"{", ""},
      {"{}", "measures: name at least one of "},
      {R"({"measures":[]})", "measures: name at least one of "},
      {R"({"measures":"ngr"})", "measures: must be a list of strings"},
      {R"({"measures":[1]})", "measures: must be a list of strings"},
      {R"({"measures":["ngr","ngr"]})", "measures: 'ngr' is listed twice"},
      {R"({"measures":["NGR"]})", "measures: 'NGR' is not one of "},
      {R"({"measures":["ngr"],"dimensions":["week"]})", "dimensions: 'week' is not one of "},
      {R"({"measures":["ngr"],"filters":[]})", "filters: must be an object of lists"},
      {R"({"measures":["ngr"],"filters":{"brand":"x"}})", "filters.brand: must be a list of strings"},
      {R"({"measures":["ngr"],"filters":{"date":["x"]}})", "filters: the days are given by from and to"},
      {R"({"measures":["ngr"],"brands":["x"]})", "brands: 'x' does not exist"},
      {R"({"measures":["ngr"],"startDate":20260101})", "startDate: must be a string"},
      {R"({"measures":["ngr"],"startDate":"2026-13-01"})", "startDate: must be a day"},
      {R"({"measures":["ngr"],"limit":5})", "limit: is not a member of a report's query"}};
  for (const auto& [body, message] : bad) {
    INFO(body);
    const auto answer = api.post(query_path, body);
    CHECK(answer.status == 400);
    CHECK(answer.at("error.code") == "VALIDATION_ERROR");
    CHECK(answer.at("error.message").starts_with(message));
  }
  CHECK(api.send("POST", query_path, "measures=ngr", "application/x-www-form-urlencoded").status == 415);
  CHECK(api.get(query_path).status == 405);
  CHECK(ledger.state() == state);
}

TEST_CASE("a preset needs a measure, and its description says so") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client admin(ledger, admin_key);
  for (const std::string body : {R"({"name":"None"})", R"({"name":"None","measures":[]})"}) {
    const auto refused = admin.post("/admin/v1/report-presets", body);
    INFO(refused.body);
    CHECK(refused.status == 400);
    CHECK(refused.at("error.details.0.field") == "measures");
  }
  const auto document = admin.get("/openapi.json");
  const std::string described = "components.schemas.AdminReportPresetInput";
  CHECK(document.at(described + ".required.1") == "measures");
  CHECK(document.at(described + ".properties.measures.minItems") == "1");
}

TEST_CASE("both calls are described") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  const auto document = api.get("/openapi.json");
  CHECK(document.at("paths./api/v1/reports/{token}.get.responses.401.description") ==
        "There is no such report, or it is disabled.");
  CHECK(document.at("paths./api/v1/reports/query.post.responses.200.content.application/json.schema.type") == "object");
}

TEST_CASE("cells that a spreadsheet would run are texts, and bytes that are no text are shown as such") {
  using http::reports::csv_cell;
  for (const std::string formula : {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1",
                                    "\xef\xbc\x9d"
                                    "1"})
    CHECK(csv_cell(formula) == "\"'" + formula + "\"");
  CHECK(csv_cell("") == "");
  CHECK(csv_cell("Ada Ltd") == "Ada Ltd");
  CHECK(csv_cell("a,b") == "\"a,b\"");
  CHECK(csv_cell("a\nb") == "\"a\nb\"");
  CHECK(csv_cell("say \"hi\"") == "\"say \"\"hi\"\"\"");
  CHECK(csv_cell("=\"x\"") == "\"'=\"\"x\"\"\"");
  CHECK(csv_cell("a\xff") == "a\xef\xbf\xbd");
}
