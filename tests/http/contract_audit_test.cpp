/// The audit log, over real sockets.

#include "support/catch.hpp"
#include "support/running_ledger.hpp"
#include "support/test_ledger.hpp"

#include <string>

using namespace croupier;
using namespace croupier::test;

namespace {

const std::string base = "/admin/v1/";

reply patch(api_client& admin, const std::string& path, const std::string& body) {
  return admin.send("PATCH", base + path, body, "application/json");
}

} // namespace

TEST_CASE("the audit log says who changed what, from what to what, newest first, and a restart keeps it") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  std::string id;
  {
    api_client admin(ledger, admin_key);
    id = admin.post(base + "affiliates", R"({"name":"Ada","paymentDetails":"IBAN"})").at("id");
    REQUIRE(patch(admin, "affiliates/" + id, R"({"paymentDetails":"BIC"})").status == 200);
    REQUIRE(patch(admin, "affiliates/" + id, R"({"paymentDetails":"BIC"})").status == 200); // not a change
    REQUIRE(admin.post(base + "affiliates", R"({"name":"Ben"})").status == 201);
  }
  for (int run = 0; run < 2; ++run) {
    api_client admin(ledger, admin_key);
    const auto log = admin.get(base + "audit-log?objectId=" + id);
    INFO(log.body);
    REQUIRE(log.status == 200);
    CHECK(log.at("rows") == "[2]");
    CHECK(log.at("rows.0.kind") == "affiliates");
    CHECK(log.at("rows.0.change") == "changed");
    CHECK(log.at("rows.0.fields") == "[1]");
    CHECK(log.at("rows.0.fields.0") == "paymentDetails");
    CHECK(log.at("rows.0.before.paymentDetails") == "IBAN");
    CHECK(log.at("rows.0.after.paymentDetails") == "BIC");
    CHECK(log.at("rows.0.who").size() == 36);
    CHECK(log.at("rows.1.change") == "created");
    CHECK(log.at("rows.1.before") == "absent");
    CHECK(log.at("pagination.nextCursor") == "absent");
    // All of it in pages of two, without a gap or a repetition.
    std::uint64_t newest = UINT64_MAX;
    std::size_t rows = 0;
    std::string cursor;
    do {
      const auto page = admin.get(base + "audit-log?limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor));
      for (int i = 0; page.at("rows." + std::to_string(i)) == "{}"; ++i, ++rows) {
        const auto at = std::stoull(page.at("rows." + std::to_string(i) + ".sequence"));
        CHECK(at < newest);
        newest = at;
      }
      cursor = page.at("pagination.nextCursor");
    } while (cursor != "absent");
    CHECK(rows == ledger.gateway().view().durable().value); // nothing but changes has happened
    ledger.restart();
  }
}

TEST_CASE("movements are not in the audit log, and filters find what is") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client admin(ledger, admin_key);
  api_client api(ledger);
  api.register_player("p");
  REQUIRE(api.record("p", "", {{"ngr", "+1"}}).status == 200);
  const auto newest = admin.get(base + "audit-log?limit=1");
  CHECK(std::stoull(newest.at("rows.0.sequence")) < ledger.gateway().view().durable().value);
  CHECK(admin.get(base + "audit-log?kind=brands").at("rows") == "[2]");
  CHECK(admin.get(base + "audit-log?kind=settlements").at("rows") == "[0]");
  CHECK(admin.get(base + "audit-log?to=2020-01-01T00:00:00Z").at("rows") == "[0]");
  CHECK(admin.get(base + "audit-log?from=2020-01-01T00:00:00Z&kind=brands").at("rows") == "[2]");
  CHECK(admin.get(base + "audit-log?objectId=" + std::string(demo_brand)).at("rows.0.who") == "start-up");
  for (const std::string bad : {"kind=x", "from=yesterday", "to=1", "objectId=1", "limit=501", "cursor=x"}) {
    INFO(bad);
    const auto answer = admin.get(base + "audit-log?" + bad);
    CHECK(answer.status == 400);
    CHECK(answer.at("error.details.0.field") == bad.substr(0, bad.find('=')));
  }
  CHECK(api.get(base + "audit-log").status == 403);
  CHECK(api_client(ledger, second_admin_key).get(base + "audit-log").status == 403);
}

TEST_CASE("a secret is told to be another one, and never told") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client admin(ledger, admin_key);
  const std::string first = "first-secret-0123456789";
  const std::string second = "second-secret-0123456789";
  const auto made =
      admin.post(base + "destinations",
                 R"({"name":"d","kind":"webhook","target":"https://a.example/","secret":")" + first + "\"}");
  REQUIRE(made.status == 201);
  CHECK(made.body.find(first) == std::string::npos);
  REQUIRE(patch(admin, "destinations/" + made.at("id"), R"({"secret":")" + second + "\"}").status == 200);
  const auto log = admin.get(base + "audit-log?kind=destinations");
  INFO(log.body);
  CHECK(log.at("rows.0.fields") == "[1]");
  CHECK(log.at("rows.0.fields.0") == "secret");
  CHECK(log.body.find("secret-0123456789") == std::string::npos);
  REQUIRE(admin.post(base + "api-keys", R"({"name":"k","scopes":["read"]})").status == 201);
  CHECK(admin.get(base + "audit-log?kind=api-keys&limit=1").at("rows.0.after.secret") == "absent");
}
