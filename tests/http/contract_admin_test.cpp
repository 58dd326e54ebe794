/// The calls under /admin/v1, over real sockets.

#include "http/json.hpp"
#include "support/catch.hpp"
#include "support/running_ledger.hpp"
#include "support/test_ledger.hpp"

#include <atomic>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

using namespace croupier;
using namespace croupier::test;

namespace {

const std::string base = "/admin/v1/";

struct kind_case {
  std::string path;
  std::string create;  ///< the body of a new one
  std::string field;   ///< a member to look at
  std::string value;   ///< what it must read after creating
  std::string patch;   ///< a change of that member
  std::string patched; ///< what it must read then
  std::string retired; ///< a member that DELETE turns to "true", "!enabled", or empty: it cannot be deleted
};

std::string admin_id(api_client& admin, const std::string& path, const std::string& name,
                     const std::string& by = "name") {
  const auto answer = admin.get(base + path + "?limit=500");
  for (int i = 0; answer.at("rows." + std::to_string(i)) == "{}"; ++i)
    if (answer.at("rows." + std::to_string(i) + "." + by) == name)
      return answer.at("rows." + std::to_string(i) + ".id");
  FAIL("there is no " + name + " among the " + path);
  return {};
}

/// One of every kind. The ids are those of the demo workspace.
std::vector<kind_case> kinds(api_client& admin) {
  const std::string ngr = admin_id(admin, "metrics", "ngr", "code");
  const std::string offer = "5d1f0c2a-0003-4000-8000-000000000001";
  const std::string affiliate(demo_affiliate);
  const std::string brand(demo_brand);
  return {
      {"brands", R"({"name":"Third","currency":"GBP","aliases":["third"],"ngrUpdates":"month_to_date"})", "ngrUpdates",
       "month_to_date", R"({"ngrUpdates":"increment"})", "increment", ""},
      {"metrics", R"({"code":"spins","name":"Spins","type":"integer"})", "name", "Spins", R"({"name":"All spins"})",
       "All spins", "archived"},
      {"affiliates", R"({"name":"Ada","paymentDetails":"IBAN","deal":{"carryover":"capped","cap":"10.5"}})", "deal.cap",
       "10.50", R"({"deal":{"carryover":"capped","cap":20}})", "20.00", "archived"},
      {"offers", R"({"name":"O","revshare":{"metricId":")" + ngr + R"(","ratePercent":"12.5"}})",
       "revshare.ratePercent", "12.50", R"({"revshare":{"metricId":")" + ngr + R"(","ratePercent":30}})", "30.00",
       "archived"},
      {"marketing-sources", R"({"name":"Mail","affiliateId":")" + affiliate + "\"}", "affiliateId", affiliate,
       R"({"affiliateId":null})", "absent", "archived"},
      {"creatives", R"({"name":"Banner","offerId":")" + offer + "\"}", "name", "Banner", R"({"name":"Big banner"})",
       "Big banner", "archived"},
      {"links",
       R"({"name":"L","offerId":")" + offer + R"(","affiliateId":")" + affiliate +
           R"(","destination":"https://casino.example/","subIds":["a","","c"],"geoTarget":"DE"})",
       "subIds.2", "c", R"({"subIds":["x","y","z"]})", "z", "!enabled"},
      {"plans",
       R"({"name":"P","offerId":")" + offer + R"(","validFrom":"2090-01-01T00:00:00Z","revshare":{"metricId":")" + ngr +
           R"(","tiers":[{"upTo":"1000","ratePercent":6},{"ratePercent":"8"}]},"cpa":{"fee":"20","deposits":)"
           R"({"metricId":")" +
           ngr + R"(","atLeast":"50"},"advance":true}})",
       "revshare.tiers.0.upTo", "1000.00", R"({"name":"Q"})", "1000.00", ""},
      {"api-keys",
       R"({"name":"K","scopes":["read"],"brandIds":[")" + brand + R"("],"expiresAt":"2090-01-01T00:00:00Z"})",
       "scopes.0", "read", R"({"scopes":["billing"]})", "billing", "revoked"},
      {"event-mappings",
       R"({"name":"M","event":"purchase","metricId":")" + ngr + R"(","valuePath":"properties.total"})", "type",
       "relative", R"({"type":"absolute"})", "absolute", "!enabled"},
      {"destinations", R"({"name":"W","kind":"webhook","target":"https://a.example/","secret":"0123456789abcdefghij"})",
       "target", "https://a.example/", R"({"target":"https://b.example/"})", "https://b.example/", "archived"},
      {"report-presets", R"({"name":"R","dimensions":["date"],"measures":["click_count"]})", "dimensions.0", "date",
       R"({"dimensions":["campaign"]})", "campaign", "!enabled"}};
}

void check_refused(const reply& answer, int status, const std::string& field) {
  INFO(answer.body);
  CHECK(answer.status == status);
  CHECK(answer.at("error.details.0.field") == field);
  CHECK(answer.at("error.details.0.message") != "absent");
  CHECK(answer.at("error.message") != "absent");
}

std::string apply_body(const std::string& toml, bool is_dry_run) {
  std::string body;
  http::json::writer out(body);
  out.begin_object().key("toml").string(toml).key("dryRun").boolean(is_dry_run).end_object();
  return body;
}

} // namespace

TEST_CASE("every kind of object is created, shown, changed and taken out of use, and a restart keeps it") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  std::vector<std::pair<std::string, std::string>> kept;
  {
    api_client admin(ledger, admin_key);
    for (const auto& each : kinds(admin)) {
      INFO(each.path);
      const auto made = admin.post(base + each.path, each.create);
      INFO(made.body);
      REQUIRE(made.status == 201);
      const std::string id = made.at("id");
      const std::string path = base + each.path + "/" + id;
      CHECK(made.header("Location") == path);
      CHECK(made.at(each.field) == each.value);
      CHECK(admin.get(path).at(each.field) == each.value);
      const auto patched = admin.send("PATCH", path, each.patch, "application/json");
      INFO(patched.body);
      CHECK(patched.status == 200);
      CHECK(patched.at(each.field) == each.patched);
      const auto gone = admin.send("DELETE", path, "", "");
      INFO(gone.body);
      if (each.retired.empty()) {
        CHECK(gone.status == 409);
        CHECK(gone.at("error.message") != "absent");
      } else {
        CHECK(gone.status == 200);
        CHECK(gone.at(each.retired.starts_with("!") ? each.retired.substr(1) : each.retired) ==
              (each.retired.starts_with("!") ? "false" : "true"));
        CHECK(admin.send("DELETE", path, "", "").status == 200);
        CHECK(admin.get(base + each.path + "?archived=true&limit=500").body.find(id) != std::string::npos);
      }
      CHECK((admin.get(base + each.path + "?archived=false&limit=500").body.find(id) != std::string::npos) ==
            each.retired.empty());
      kept.emplace_back(path, admin.get(path).body);
    }
  }
  ledger.restart();
  api_client admin(ledger, admin_key);
  for (const auto& [path, body] : kept) CHECK(admin.get(path).body == body);
}

TEST_CASE("a page of a list says how much there is") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client admin(ledger, admin_key);
  const auto all = admin.get(base + "metrics");
  const std::string total = all.at("pagination.totalCount");
  CHECK(all.at("rows") == "[" + total + "]");
  CHECK(all.at("pagination.hasMore") == "false");
  const auto second = admin.get(base + "metrics?limit=2&offset=1");
  CHECK(second.at("rows") == "[2]");
  CHECK(second.at("rows.0.id") == all.at("rows.1.id"));
  CHECK(second.at("pagination.hasMore") == "true");
  CHECK(admin.get(base + "metrics?offset=1000").at("rows") == "[0]");
  check_refused(admin.get(base + "metrics?limit=0"), 400, "limit");
  check_refused(admin.get(base + "metrics?offset=x"), 400, "offset");
  check_refused(admin.get(base + "metrics?archived=1"), 400, "archived");
}

TEST_CASE("a key is shown once, works at once, and is refused once revoked or expired") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client admin(ledger, admin_key);
  const auto made = admin.post(base + "api-keys", R"({"name":"reader","scopes":["read"]})");
  REQUIRE(made.status == 201);
  const std::string secret = made.at("secret");
  CHECK(secret.size() == 67);
  CHECK(secret.starts_with("rv_"));
  CHECK(made.at("lastUsedAt") == "absent");
  const std::string path = base + "api-keys/" + made.at("id");
  CHECK(admin.get(path).body.find(secret) == std::string::npos);
  CHECK(admin.get(path).at("secret") == "absent");
  CHECK(api_client(ledger, secret).get("/api/node/clients/v1/metrics").status == 200);
  CHECK(admin.get(path).at("lastUsedAt").starts_with("20"));
  CHECK(api_client(ledger, secret).get(path).status == 403);
  REQUIRE(admin.send("PATCH", path, R"({"expiresAt":"2020-01-01T00:00:00Z"})", "application/json").status == 200);
  CHECK(api_client(ledger, secret).get("/api/node/clients/v1/metrics").status == 401);
  REQUIRE(admin.send("PATCH", path, R"({"expiresAt":null})", "application/json").status == 200);
  CHECK(api_client(ledger, secret).get("/api/node/clients/v1/metrics").status == 200);
  REQUIRE(admin.send("DELETE", path, "", "").status == 200);
  CHECK(api_client(ledger, secret).get("/api/node/clients/v1/metrics").status == 401);
  check_refused(admin.send("PATCH", path, R"({"revoked":false})", "application/json"), 400, "revoked");

  const auto preset =
      admin.post(base + "report-presets", R"({"name":"p","dimensions":["date"],"measures":["click_count"]})");
  REQUIRE(preset.status == 201);
  CHECK(preset.at("token").size() == 67);
  CHECK(admin.get(base + "report-presets/" + preset.at("id")).at("token") == "absent");
  // Without a key that administers nobody could mend anything.
  const std::string own = admin_id(admin, "api-keys", "admin (public)");
  check_refused(admin.send("DELETE", base + "api-keys/" + own, "", ""), 409, "scopes");
  check_refused(admin.send("PATCH", base + "api-keys/" + own, R"({"scopes":["read"]})", "application/json"), 400,
                "scopes");
}

TEST_CASE("only keys that administer everything administer") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  for (const char* path : {"brands", "api-keys", "plans"}) {
    CHECK(api_client(ledger, "").get(base + path).status == 401);
    CHECK(api_client(ledger, all_scopes_key).get(base + path).status == 403);
    const auto limited = api_client(ledger, second_admin_key).get(base + path);
    CHECK(limited.status == 403);
    CHECK(limited.at("error.message") == "a key that is limited to some brands does not administer");
    CHECK(api_client(ledger, admin_key).get(base + path).status == 200);
  }
  const std::string before = ledger.state();
  CHECK(api_client(ledger, second_admin_key).post(base + "affiliates", R"({"name":"x"})").status == 403);
  CHECK(api_client(ledger, second_admin_key).post(base + "workspace/apply", apply_body("", false)).status == 403);
  CHECK(ledger.state() == before);
  // Also what is not an object: a copy of everything, a trial over the other brands' profiles, an address with secrets.
  CHECK(api_client(ledger, second_admin_key).post(base + "backup", R"({"folder":"x"})").status == 403);
  CHECK(api_client(ledger, second_admin_key).post(base + "event-mappings/try", "{}").status == 403);
  const std::string nowhere = "destinations/a0000000-0000-4000-8000-000000000001/status";
  CHECK(api_client(ledger, second_admin_key).get(base + nowhere).status == 403);
  CHECK(api_client(ledger, admin_key).get(base + nowhere).status == 404);
}

TEST_CASE("bad input names the member and changes nothing") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client admin(ledger, admin_key);
  const std::string ngr = admin_id(admin, "metrics", "ngr", "code");
  const std::string bets = admin_id(admin, "metrics", "bets", "code");
  const std::string retired = admin_id(admin, "metrics", "retired", "code");
  const std::string offer = "5d1f0c2a-0003-4000-8000-000000000002";
  const auto plan = [&](const std::string& more) {
    return R"({"name":"P","offerId":")" + offer + R"(","validFrom":"2090-01-01T00:00:00Z",)" + more + "}";
  };
  const auto flat = [&](const std::string& metric, const std::string& rate) {
    return R"("revshare":{"metricId":")" + metric + R"(","tiers":[{"ratePercent":")" + rate + "\"}]}";
  };
  REQUIRE(admin.post(base + "plans", plan(flat(ngr, "5"))).status == 201);
  const std::string before = ledger.state();
  struct bad {
    std::string path;
    std::string body;
    std::string field;
    int status = 400;
  };
  const std::string tiers = R"("revshare":{"metricId":")" + ngr + R"(","tiers":)";
  const std::vector<bad> table{
      {"affiliates", "", ""},
      {"affiliates", "[]", ""},
      {"affiliates", R"({"name":"a","name":"b"})", ""},
      {"affiliates", "{}", "name"},
      {"affiliates", R"({"name":""})", "name"},
      {"affiliates", R"({"name":5})", "name"},
      {"affiliates", R"({"name":null})", "name"},
      {"affiliates", R"({"name":"a","colour":"red"})", "colour"},
      {"affiliates", R"({"name":"a","id":"x"})", "id"},
      {"affiliates", R"({"name":"a","id":")" + std::string(demo_affiliate) + "\"}", "id", 409},
      {"affiliates", R"({"name":"a","deal":{"carryover":"capped"}})", "deal.cap"},
      {"affiliates", R"({"name":"a","deal":{"carryover":"never"}})", "deal.carryover"},
      {"affiliates", R"({"name":"a","deal":{"x":1}})", "deal.x"},
      {"brands", R"({"name":"b","currency":"euro"})", "currency"},
      {"brands", R"({"name":"b","currency":"EUR","aliases":["brand_01"]})", "aliases"},
      {"brands", R"({"name":"b","currency":"EUR","default":true})", "default"},
      {"brands", R"({"name":"b","currency":"EUR","attributionWindowDays":3661})", "attributionWindowDays"},
      {"brands", R"({"name":"b","currency":"EUR","attributionWindowDays":1e3})", "attributionWindowDays"},
      {"brands", R"({"name":"b","currency":"EUR","attributionWindowDays":-1})", "attributionWindowDays"},
      {"metrics", R"({"code":"ngr","name":"n","type":"decimal"})", "code"},
      {"metrics", R"({"code":"x","name":"n","type":"decimal","meaning":"ngr"})", "meaning"},
      {"metrics", R"({"code":"x","name":"n","type":"float"})", "type"},
      {"offers", R"({"name":"o","revshare":{"metricId":"ngr","ratePercent":"5"}})", "revshare.metricId"},
      {"offers", R"({"name":"o","revshare":{"metricId":")" + bets + R"(","ratePercent":"5"}})", "revshare.metricId"},
      {"offers", R"({"name":"o","revshare":{"metricId":")" + retired + R"(","ratePercent":"5"}})", "revshare.metricId"},
      {"offers", R"({"name":"o","revshare":{"metricId":")" + ngr + R"(","ratePercent":"100.0001"}})",
       "revshare.ratePercent"},
      {"offers", R"({"name":"o","revshare":{"metricId":")" + ngr + R"(","ratePercent":1.23456}})",
       "revshare.ratePercent"},
      {"plans", plan(flat(ngr, "5")), "validFrom"},
      {"plans", plan(flat(ngr, "101")), "revshare.tiers[0].ratePercent"},
      {"plans", plan(flat(bets, "5")), "revshare.metricId"},
      {"plans", plan(flat(offer, "5")), "revshare.metricId"},
      {"plans", plan(tiers + R"([{"upTo":"5","ratePercent":1},{"upTo":"4","ratePercent":1},{"ratePercent":1}]})"),
       "revshare.tiers[1].upTo"},
      {"plans", plan(tiers + R"([{"upTo":"5","ratePercent":1}]})"), "revshare.tiers[0].upTo"},
      {"plans", plan(tiers + "[]}"), "revshare.tiers"},
      {"plans", plan(R"("validUntil":"2089-01-01T00:00:00Z",)" + flat(ngr, "5")), "validUntil"},
      {"plans",
       R"({"name":"P","offerId":")" + offer + R"(","validFrom":"2020-01-01T00:00:00Z",)" + flat(ngr, "5") + "}",
       "validFrom"},
      {"plans", plan(R"("cpa":{"fee":"20"})"), "cpa.deposits"},
      {"plans", plan(R"("cpa":{"fee":"-1","deposits":{"metricId":")" + ngr + R"(","atLeast":"1"}})"), "cpa.fee"},
      {"links",
       R"({"name":"l","offerId":")" + offer + R"(","affiliateId":")" + std::string(demo_brand) +
           R"(","destination":"https://a.example"})",
       "affiliateId"},
      {"links",
       R"({"name":"l","offerId":")" + offer + R"(","affiliateId":")" + std::string(demo_affiliate) +
           R"(","destination":"javascript:alert"})",
       "destination"},
      {"links",
       R"({"name":"l","offerId":")" + offer + R"(","affiliateId":")" + std::string(demo_affiliate) +
           R"(","destination":"https://a.example","subIds":["1","2","3","4","5","6"]})",
       "subIds"},
      {"api-keys", R"({"name":"k"})", "scopes"},
      {"api-keys", R"({"name":"k","scopes":[]})", "scopes"},
      {"api-keys", R"({"name":"k","scopes":["root"]})", "scopes"},
      {"api-keys", R"({"name":"k","scopes":["read"],"secret":"rv_0123456789abcdef0123456789"})", "secret"},
      {"api-keys", R"({"name":"k","scopes":["read"],"brandIds":["x"]})", "brandIds[0]"},
      {"api-keys", R"({"name":"k","scopes":["read"],"expiresAt":"tomorrow"})", "expiresAt"},
      {"event-mappings", R"({"name":"m","event":"e","metricId":")" + ngr + "\"}", "valuePath"},
      {"destinations", R"({"name":"d","kind":"webhook","target":"https://a.example"})", "secret"},
      {"destinations", R"({"name":"d","kind":"webhook","target":"https://a.example","secret":"short"})", "secret"},
      {"destinations", R"({"name":"d","kind":"file","target":"../up"})", "target"}};
  for (const auto& [path, body, field, status] : table) {
    INFO(path << " " << body);
    check_refused(admin.post(base + path, body), status, field);
  }
  const auto patch = [&](const std::string& path, const std::string& body) {
    return admin.send("PATCH", base + path, body, "application/json");
  };
  check_refused(patch("brands/" + std::string(demo_brand), R"({"currency":"USD"})"), 400, "currency");
  check_refused(patch("brands/" + std::string(demo_brand), R"({"id":")" + ngr + "\"}"), 400, "id");
  check_refused(patch("metrics/" + ngr, R"({"code":"other"})"), 400, "code");
  check_refused(patch("metrics/" + ngr, R"({"archived":true})"), 400, "archived");
  check_refused(patch("plans/" + admin_id(admin, "plans", "P"), flat(ngr, "6").insert(0, "{") + "}"), 400, "plan");
  CHECK(patch("metrics/" + std::string(demo_brand), "{}").status == 404);
  CHECK(patch("metrics/x", "{}").status == 404);
  CHECK(admin.get(base + "metrics/x").status == 404);
  CHECK(admin.send("DELETE", base + "metrics/" + offer, "", "").status == 404);
  CHECK(admin.send("PUT", base + "metrics/" + ngr, "{}", "application/json").status == 405);
  CHECK(admin.get(base + "casinos").status == 404);
  // In use.
  check_refused(admin.send("DELETE", base + "metrics/" + ngr, "", ""), 409, "archived");
  check_refused(admin.send("DELETE", base + "affiliates/" + std::string(demo_affiliate), "", ""), 409, "archived");
  check_refused(admin.send("DELETE", base + "offers/" + offer, "", ""), 409, "archived");
  CHECK(admin.send("DELETE", base + "brands/" + std::string(demo_brand), "", "").status == 409);
  CHECK(ledger.state() == before);
}

TEST_CASE("changes that come at once are decided one after the other") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client admin(ledger, admin_key);
  const auto count = [&] { return std::stoi(admin.get(base + "affiliates").at("pagination.totalCount")); };
  const int before = count();
  std::atomic<int> made{0};
  std::atomic<int> refused{0};
  const auto create = [&] {
    api_client own(ledger, admin_key);
    for (int i = 0; i < 10; ++i) {
      if (own.post(base + "affiliates", R"({"name":"x"})").status == 201) ++made;
      // The same id from all: one of them gets it.
      const std::string id = "a0000000-0000-4000-8000-00000000000" + std::to_string(i);
      const int status = own.post(base + "affiliates", R"({"name":"y","id":")" + id + "\"}").status;
      if (status == 201) ++made;
      if (status == 409) ++refused;
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(create);
  for (auto& each : threads) each.join();
  CHECK(made == 50);
  CHECK(refused == 30);
  CHECK(count() == before + 50);
}

TEST_CASE("a change that changes nothing is not recorded") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client admin(ledger, admin_key);
  const std::string before = ledger.state();
  const std::string path = base + "affiliates/" + std::string(demo_affiliate);
  CHECK(admin.send("PATCH", path, R"({"name":"Demo Affiliate"})", "application/json").status == 200);
  CHECK(ledger.state() == before);
}

TEST_CASE("a workspace file is applied once, and what it does not name is left alone") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client admin(ledger, admin_key);
  const std::string file = "[[affiliates]]\nname = \"Demo Affiliate\"\npayment_details = \"BIC\"\n"
                           "[[affiliates]]\nname = \"Ada\"\n[[keys]]\nname = \"k\"\nscopes = [\"read\"]\n"
                           "secret_sha256 = \"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"\n";
  const std::string before = ledger.state();
  const auto dry = admin.post(base + "workspace/apply", apply_body(file, true));
  INFO(dry.body);
  CHECK(dry.status == 200);
  CHECK(dry.at("dryRun") == "true");
  CHECK(dry.at("changes") == "[3]");
  CHECK(dry.at("changes.0.kind") == "affiliate");
  CHECK(dry.at("changes.0.change") == "changed");
  CHECK(dry.at("changes.0.fields") == "[1]");
  CHECK(dry.at("changes.0.fields.0.name") == "payment_details");
  CHECK(dry.at("changes.0.fields.0.after") == "BIC");
  CHECK(dry.at("changes.1.change") == "created");
  CHECK(dry.body.find("0123456789abcdef") == std::string::npos);
  CHECK(ledger.state() == before);
  const auto done = admin.post(base + "workspace/apply", apply_body(file, false));
  CHECK(done.status == 200);
  CHECK(done.at("changes") == "[3]");
  CHECK(ledger.state() != before);
  const std::string after = ledger.state();
  const auto again = admin.post(base + "workspace/apply", apply_body(file, false));
  CHECK(again.at("changes") == "[0]");
  CHECK(again.at("unchanged") == "[3]");
  CHECK(again.at("leftAlone") != "[0]");
  CHECK(ledger.state() == after);

  std::ifstream demo(SOURCE_DIR "/config/demo-workspace.toml");
  const std::string demo_file{std::istreambuf_iterator<char>(demo), {}};
  const auto demo_again = admin.post(base + "workspace/apply", apply_body(demo_file, true));
  INFO(demo_again.body);
  CHECK(demo_again.at("changes") == "[1]"); // the affiliate, which the file above has changed

  const auto wrong = admin.post(base + "workspace/apply",
                                apply_body("[[affiliates]]\nname = \"B\"\n[[offers]]\nname = \"O\"\nx = 1\n", false));
  check_refused(wrong, 400, "workspace.toml:5");
  check_refused(admin.post(base + "workspace/apply", apply_body("[[affiliates", false)), 400, "workspace.toml:1");
  check_refused(
      admin.post(base + "workspace/apply", apply_body("demo = true\n[[keys]]\nname = \"open\"\nscopes = [\"admin\"]\n"
                                                      "secret = \"rv_0123456789abcdef0123456789\"\n",
                                                      false)),
      400, "");
  check_refused(admin.post(base + "workspace/apply", "{}"), 400, "toml");
  check_refused(admin.post(base + "workspace/apply", R"({"toml":"","x":1})"), 400, "x");
  CHECK(ledger.state() == after);
}
