#include "contract_parts.hpp"
#include "http/json.hpp"
#include "support/test_ledger.hpp"

#include <string>
#include <vector>

using namespace croupier::test;

namespace {

const std::string always = R"("timeRange":{"from":"2020-01-01T00:00:00Z","to":"2100-01-01T00:00:00Z"})";
const std::string first_50 = R"({"limit":50,"offset":0})";

std::string query(const std::string& page, const std::string& filters) {
  return "{\"pagination\":" + page + ",\"filters\":{" + filters + "}}";
}

std::string cursor_page(int limit, const std::string& cursor) {
  return "{\"limit\":" + std::to_string(limit) + ",\"cursor\":\"" + cursor + "\"}";
}

std::string offset_page(int limit, int offset) {
  return "{\"limit\":" + std::to_string(limit) + ",\"offset\":" + std::to_string(offset) + "}";
}

/// Column `member` of the rows, joined with spaces.
std::string column(const reply& answer, const std::string& member) {
  std::string joined;
  for (int i = 0;; ++i) {
    const std::string value = answer.at("rows." + std::to_string(i) + "." + member);
    if (value == "absent" && answer.at("rows." + std::to_string(i)) == "absent") return joined;
    joined += (i == 0 ? "" : " ") + value;
  }
}

void register_at_second_brand(api_client& api, const std::string& external_id) {
  const auto answer =
      api.post("/tracking/client/v1", R"({"externalId":")" + external_id + R"(","revenueOriginId":")" +
                                          std::string(second_brand) + R"(","cid":")" + api.click(ngr_link) + "\"}");
  REQUIRE(answer.status == 200);
}

reply record_at_second_brand(api_client& api, const std::string& external_id, const std::string& request_id) {
  std::string body = movement_body(external_id, request_id, {{"ngr", "+100"}});
  body.replace(body.find(demo_brand), demo_brand.size(), second_brand);
  return api.post("/tracking/clients/v1/metrics/movements", body, {{"Prefer", "return=representation"}});
}

} // namespace

TEST_CASE("movements by every filter") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  api.register_player("a", deposits_link);
  api.register_player("b", ngr_link);
  register_at_second_brand(api, "a");
  const header_list prefer{{"Prefer", "return=representation"}};
  std::vector<reply> made;
  made.push_back(api.record("a", "1", {{"ngr", "+1"}}, prefer));
  made.push_back(api.record("b", "2", {{"ngr", "+1"}}, prefer));
  made.push_back(record_at_second_brand(api, "a", "3"));
  made.push_back(api.record("a", "4", {{"ngr", "+1"}}, prefer));
  made.push_back(api.record("b", "1", {{"ngr", "+1"}}, prefer));
  const auto ids_of = [&](const std::string& filters) {
    return column(api.post(movements_path, query(first_50, filters)), "requestId");
  };
  const auto with = [&](const std::string& filter) { return ids_of(always + "," + filter); };
  const std::string a = made[0].at("client.id");
  const std::string b = made[1].at("client.id");
  const std::string a_of_second = made[2].at("client.id");

  CHECK(ids_of(always) == "1 4 3 2 1");
  CHECK(with(R"("clientExternalIds":["a"])") == "4 3 1");
  CHECK(with(R"("clientExternalIds":["b","a"])") == "1 4 3 2 1");
  CHECK(with(R"("clientExternalIds":["nobody"])").empty());
  CHECK(with(R"("clientExternalIds":[])") == "1 4 3 2 1");
  CHECK(with("\"clientIds\":[\"" + a + "\"]") == "4 1");
  CHECK(with("\"clientIds\":[\"" + a + "\",\"" + a_of_second + "\"]") == "4 3 1");
  CHECK(with("\"clientIds\":[\"" + std::string(demo_brand) + "\"]").empty());
  CHECK(with("\"clientIds\":[\"" + a + "\"],\"clientExternalIds\":[\"b\"]").empty());
  CHECK(with("\"clientIds\":[\"" + a + "\",\"" + b + "\"],\"clientExternalIds\":[\"a\"]") == "4 1");
  CHECK(with("\"revenueOriginIds\":[\"" + std::string(second_brand) + "\"]") == "3");
  CHECK(with("\"revenueOriginIds\":[\"" + std::string(demo_brand) + "\",\"" + std::string(second_brand) + "\"]") ==
        "1 4 3 2 1");
  CHECK(with("\"revenueOriginIds\":[\"" + a + "\"]").empty());
  CHECK(with("\"revenueOriginIds\":[\"" + std::string(second_brand) + "\"],\"clientExternalIds\":[\"a\"]") == "3");
  CHECK(with(R"("requestIds":["1"])") == "1 1");
  CHECK(with(R"("requestIds":["3","4","none"])") == "4 3");
  CHECK(with(R"("requestIds":["1"],"clientExternalIds":["b"])") == "1");
  CHECK(with(R"("requestIds":["none"])").empty());

  const auto between = [&](const std::string& from, const std::string& to) {
    return ids_of(R"("timeRange":{"from":")" + from + R"(","to":")" + to + "\"}");
  };
  const std::string second_time = made[1].at("createdAt");
  const std::string last_time = made[4].at("createdAt");
  CHECK(between("2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z").empty());
  if (made[0].at("createdAt") < second_time && second_time < made[2].at("createdAt") &&
      made[3].at("createdAt") < last_time) {
    CHECK(between("2020-01-01T00:00:00Z", second_time) == "1");
    CHECK(between(second_time, "2100-01-01T00:00:00Z") == "1 4 3 2");
    CHECK(between(second_time, last_time) == "4 3 2");
  }

  api_client second(ledger, second_brand_key);
  CHECK(column(second.post(movements_path, query(first_50, always)), "requestId") == "3");
  CHECK(column(second.post(movements_path, query(first_50, always + ",\"clientExternalIds\":[\"a\"]")), "requestId") ==
        "3");
  CHECK(column(second.post(movements_path, query(first_50, always + ",\"requestIds\":[\"1\"]")), "requestId").empty());
  CHECK(column(second.post(movements_path, query(first_50, always + ",\"clientIds\":[\"" + a + "\"]")), "requestId")
            .empty());
  CHECK(column(second.post(movements_path,
                           query(first_50, always + ",\"revenueOriginIds\":[\"" + std::string(demo_brand) + "\"]")),
               "requestId")
            .empty());
}

TEST_CASE("both kinds of paging give every row once, and the cursor stands still while writes go on") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  api.register_player("p");
  constexpr int count = 23;
  for (int i = 1; i <= count; ++i) REQUIRE(api.record("p", std::to_string(i), {{"bets", "+1"}}).status == 200);
  const bool of_one_player = GENERATE(false, true);
  const std::string filters = of_one_player ? always + R"(,"clientExternalIds":["p"])" : always;

  std::string by_offset;
  for (int offset = 0; offset < 30; offset += 5) {
    const auto answer = api.post(movements_path, query(offset_page(5, offset), filters));
    CHECK(answer.at("pagination.totalCount") == std::to_string(count));
    CHECK(answer.at("pagination.hasMore") == (offset + 5 < count ? "true" : "false"));
    by_offset += column(answer, "requestId") + " ";
  }
  std::string expected;
  for (int i = count; i >= 1; --i) expected += std::to_string(i) + " ";
  while (by_offset.ends_with("  ")) by_offset.pop_back();
  CHECK(by_offset == expected);

  auto answer = api.post(movements_path, query(offset_page(5, 0), filters));
  std::string by_cursor = column(answer, "requestId") + " ";
  int fresh = 0;
  while (answer.at("pagination.hasMore") == "true") {
    REQUIRE(api.record("p", "new" + std::to_string(++fresh), {{"bets", "+1"}}).status == 200);
    answer = api.post(movements_path, query(cursor_page(5, answer.at("pagination.nextCursor")), filters));
    by_cursor += column(answer, "requestId") + " ";
  }
  CHECK(by_cursor == expected);
  CHECK(answer.at("pagination.nextCursor") == "absent");
  CHECK(fresh == 4);
}

TEST_CASE("a page of large payloads ends early, and nothing is missed behind it") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  api.register_player("p");
  const std::string pad(1'000'000, 'x');
  constexpr int count = 110;
  std::string stream;
  for (int i = 1; i <= count; ++i)
    stream += "{\"pad\":\"" + pad + "\"," + movement_body("p", std::to_string(i), {{"bets", "+1"}}).substr(1) + "\n";
  const auto sent = api.send("POST", "/tracking/clients/v1/metrics/movements/batch", stream, "application/x-ndjson");
  REQUIRE(sent.at("summary.accepted") == std::to_string(count));
  std::vector<std::string> expected;
  for (int i = count; i >= 1; --i) expected.push_back(std::to_string(i));
  std::vector<std::string> found;
  std::vector<std::size_t> page_sizes;
  std::string position = offset_page(500, 0);
  for (bool more = true; more;) {
    const auto answer = api.post(movements_path, query(position, always));
    croupier::http::json::document page; // parsed once: it is 50 MB
    REQUIRE_FALSE(page.parse(answer.body).has_value());
    for (const auto& row : page.root().find("rows")->items()) found.emplace_back(row.find("requestId")->text());
    page_sizes.push_back(page.root().find("rows")->items().size());
    const auto& foot = *page.root().find("pagination");
    CHECK(foot.find("totalCount")->text() == std::to_string(count));
    more = foot.find("hasMore")->truth();
    if (more) position = cursor_page(500, std::string(foot.find("nextCursor")->text()));
  }
  CHECK(found == expected);
  CHECK(page_sizes == std::vector<std::size_t>{50, 50, 10});
}

TEST_CASE("players by every filter and page") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  api.register_player("a", deposits_link);
  api.register_player("b", ngr_link);
  register_at_second_brand(api, "a");
  api.register_player("c", ngr_link);
  REQUIRE(api.record("b", "", {{"ngr", "+10"}, {"bets", "+2"}}).status == 200);
  const auto names = [&](const std::string& filters, const std::string& page = first_50) {
    return column(api.post(players_path, query(page, filters)), "client.externalId");
  };
  const auto all = api.post(players_path, R"({"pagination":{"limit":50,"offset":0}})");
  CHECK(column(all, "client.externalId") == "c a b a");
  CHECK(all.at("pagination.totalCount") == "4");
  CHECK(all.at("rows.2.decimalMetrics") == "[8]");
  CHECK(all.at("rows.2.integerMetrics.0.value") == "2");
  CHECK(all.at("rows.2.revshare.open") == "2.50");
  CHECK(all.at("rows.2.affiliateId") == demo_affiliate);
  CHECK(all.at("rows.2.linkId") == ngr_link);
  const std::string b = all.at("rows.2.client.id");
  const std::string b_registered = all.at("rows.2.registeredAt");
  CHECK(names("\"clientIds\":[\"" + b + "\"]") == "b");
  CHECK(names(R"("clientExternalIds":["a","c"])") == "c a a");
  CHECK(names("\"revenueOriginIds\":[\"" + std::string(second_brand) + "\"]") == "a");
  CHECK(names("\"affiliateIds\":[\"" + std::string(demo_affiliate) + "\"]") == "c a b a");
  CHECK(names("\"affiliateIds\":[\"" + std::string(demo_brand) + "\"]").empty());
  CHECK(names(R"("registered":{"to":"2020-01-01T00:00:00Z"})").empty());
  CHECK(names(R"("registered":{"from":"2020-01-01T00:00:00Z","to":"2100-01-01T00:00:00Z"})") == "c a b a");
  if (b_registered < all.at("rows.1.registeredAt") && all.at("rows.3.registeredAt") < b_registered) {
    CHECK(names("\"registered\":{\"from\":\"" + b_registered + "\"}") == "c a b");
    CHECK(names("\"registered\":{\"to\":\"" + b_registered + "\"}") == "a");
  }
  CHECK(names("", offset_page(2, 1)) == "a b");
  CHECK(names("", offset_page(2, 4)).empty());
  const auto first = api.post(players_path, query(offset_page(3, 0), ""));
  CHECK(first.at("pagination.hasMore") == "true");
  api.register_player("d");
  CHECK(names("", cursor_page(3, first.at("pagination.nextCursor"))) == "a");
  api_client second(ledger, second_brand_key);
  CHECK(column(second.post(players_path, query(first_50, "")), "client.externalId") == "a");
}

TEST_CASE("balances now and at any past moment are the fold of the movements") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  const std::string named = "/api/node/clients/v1/balances?externalId=p&revenueOriginId=" + std::string(demo_brand);
  api.register_player("p", ngr_link);
  const auto fresh = api.get(named);
  CHECK(fresh.status == 200);
  CHECK(fresh.at("integerMetrics") == "[2]");
  CHECK(fresh.at("decimalMetrics") == "[8]");
  CHECK(fresh.at("integerMetrics.0.value") == "0");
  CHECK(fresh.at("decimalMetrics.1.code") == "ngr");
  CHECK(fresh.at("decimalMetrics.1.value") == "0");
  CHECK(fresh.at("revshare.total") == "0");

  struct moment {
    std::string sequence;
    std::string time;
    std::string ngr;
    std::string revshare;
  };
  std::vector<moment> moments;
  // More than one key frame (32 movements) to walk back to.
  for (int i = 1; i <= 70; ++i) {
    const std::string value = i % 7 == 0 ? "=0.5" : "+1.25";
    const auto row = api.record("p", std::to_string(i), {{"ngr", value}}, {{"Prefer", "return=representation"}});
    REQUIRE(row.status == 200);
    const auto now = api.get(named);
    CHECK(now.at("decimalMetrics.1.value") == row.at("decimalMetrics.0.balanceAfter"));
    CHECK(now.at("sequence") == row.at("sequence"));
    CHECK(now.at("updatedAt") == row.at("createdAt"));
    CHECK(now.at("revshare.open") == now.at("revshare.total"));
    moments.push_back(
        {now.at("sequence"), now.at("updatedAt"), now.at("decimalMetrics.1.value"), now.at("revshare.total")});
    if (i % 10 == 0) api.click(ngr_link); // entries of others in between
  }
  const auto check_all = [&](api_client& client) {
    for (std::size_t i = 0; i < moments.size(); ++i) {
      const auto at = client.get(named + "&atSequence=" + moments[i].sequence);
      CHECK(at.at("decimalMetrics.1.value") == moments[i].ngr);
      CHECK(at.at("revshare.total") == moments[i].revshare);
      CHECK(at.at("sequence") == moments[i].sequence);
      CHECK(at.at("updatedAt") == moments[i].time);
      const bool last_of_its_time = i + 1 == moments.size() || moments[i].time < moments[i + 1].time;
      if (last_of_its_time)
        CHECK(client.get(named + "&at=" + moments[i].time).at("decimalMetrics.1.value") == moments[i].ngr);
    }
  };
  check_all(api);
  CHECK(api.get(named + "&at=2099-01-01T00:00:00Z").at("decimalMetrics.1.value") == moments.back().ngr);
  CHECK(api.get(named + "&at=2099-01-01T02:00:00%2B02:00").status == 200);
  CHECK(api.get(named + "&at=2020-01-01T00:00:00Z").at("message") == "client not found");
  CHECK(api.get(named + "&atSequence=0").at("message") == "client not found");
  CHECK(api.get(named + "&atSequence=1").at("message") == "client not found");
  CHECK(api.get("/api/node/clients/v1/balances?clientId=" + fresh.at("client.id")).body == api.get(named).body);
  ledger.restart();
  api_client again(ledger);
  check_all(again);
}

TEST_CASE("players are found by what their ids begin with, among those that the key sees") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  for (const char* name : {"anna", "ann", "anton", "Anna", "b%_x", "bä"}) api.register_player(name);
  register_at_second_brand(api, "annette");
  const auto named = [&](api_client& asker, const std::string& prefix, const std::string& further = "") {
    const auto answer = asker.post("/api/node/clients/v1/list",
                                   query(first_50, "\"clientExternalIdPrefix\":\"" + prefix + "\"" + further));
    INFO(answer.body);
    REQUIRE(answer.status == 200);
    CHECK(answer.at("pagination.totalCount") == std::to_string(std::stoul(answer.at("rows").substr(1))));
    return column(answer, "client.externalId");
  };
  for (int run = 0; run < 2; ++run) { // out of the tail, then out of a checkpoint
    api_client asker(ledger);
    CHECK(named(asker, "ann") == "annette ann anna");
    CHECK(named(asker, "anna") == "anna");
    CHECK(named(asker, "an") == "annette anton ann anna");
    CHECK(named(asker, "A") == "Anna");
    CHECK(named(asker, "b%") == "b%_x");
    CHECK(named(asker, "bä") == "bä");
    CHECK(named(asker, "c").empty());
    CHECK(named(asker, "ann", ",\"revenueOriginIds\":[\"" + std::string(demo_brand) + "\"]") == "ann anna");
    CHECK(named(asker, "ann", ",\"clientExternalIds\":[\"anna\",\"anton\"]") == "anna");
    CHECK(named(asker, "ann", ",\"affiliateIds\":[\"" + std::string(demo_affiliate) + "\"]") == "annette ann anna");
    CHECK(named(asker, "ann", R"(,"registered":{"to":"2001-01-01T00:00:00Z"})").empty());
    api_client second(ledger, second_brand_key);
    CHECK(named(second, "an") == "annette");
    ledger.restart();
  }
  api_client asker(ledger);
  const auto page =
      asker.post("/api/node/clients/v1/list", query(offset_page(2, 1), R"("clientExternalIdPrefix":"an")"));
  CHECK(column(page, "client.externalId") == "anton ann");
  CHECK(page.at("pagination.totalCount") == "4");
  const auto rest = asker.post("/api/node/clients/v1/list", query(cursor_page(9, page.at("pagination.nextCursor")),
                                                                  R"("clientExternalIdPrefix":"an")"));
  CHECK(column(rest, "client.externalId") == "anna");
  for (const std::string wrong : {"\"\"", "7", "[\"a\"]"}) {
    const auto refused =
        asker.post("/api/node/clients/v1/list", query(first_50, "\"clientExternalIdPrefix\":" + wrong));
    CHECK(refused.status == 400);
    CHECK(refused.at("message").starts_with("filters.clientExternalIdPrefix: "));
  }
}

TEST_CASE("open balances add up by affiliate and currency") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  api_client api(ledger);
  const std::string path = "/api/node/billing/v1/open-balances";
  const auto none = api.get(path);
  CHECK(none.at("rows") == "[1]");
  CHECK(none.at("rows.0.affiliateId") == demo_affiliate);
  CHECK(none.at("rows.0.affiliateName") == "Demo Affiliate");
  CHECK(none.at("rows.0.currency") == "EUR");
  CHECK(none.at("rows.0.openBalance") == "0");
  CHECK(none.at("rows.0.entries") == "0");
  CHECK(none.at("pagination.totalCount") == "1");
  CHECK(none.at("pagination.hasMore") == "false");
  api.register_player("a", deposits_link);
  api.register_player("b", ngr_link);
  register_at_second_brand(api, "c");
  REQUIRE(api.record("a", "", {{"deposits-total", "+250"}, {"ngr", "+1000"}}).status == 200);
  REQUIRE(api.record("b", "", {{"ngr", "+10"}}).status == 200);
  REQUIRE(api.record("b", "", {{"ngr", "=-90"}}).status == 200);
  REQUIRE(api.record("b", "", {{"bets", "+1"}}).status == 200);
  REQUIRE(record_at_second_brand(api, "c", "").status == 200);
  const auto open = api.get(path);
  CHECK(column(open, "currency") == "EUR USD");
  CHECK(column(open, "openBalance") == "-10.00 25.00"); // 12.50 + 2.50 - 25.00; 25 % of 100
  CHECK(column(open, "entries") == "3 1");
  CHECK(api.get(path + "?affiliateId=" + std::string(demo_affiliate)).body == open.body);
  CHECK(api.get(path + "?affiliateId=" + std::string(demo_brand)).at("rows") == "[0]");
  CHECK(column(api.get(path + "?limit=1"), "currency") == "EUR");
  CHECK(api.get(path + "?limit=1").at("pagination.hasMore") == "true");
  CHECK(column(api.get(path + "?limit=1&offset=1"), "currency") == "USD");
  CHECK(api.get(path + "?offset=7").at("rows") == "[0]");
  CHECK(api.get(path + "?affiliateName=AFFIL").body == open.body);
  CHECK(api.get(path + "?affiliateName=").body == open.body);
  CHECK(api.get(path + "?affiliateName=nobody").at("rows") == "[0]");
  CHECK(api.get(path + "?affiliateName=nobody").at("pagination.totalCount") == "0");
  api_client second(ledger, second_brand_key);
  CHECK(column(second.get(path), "openBalance") == "25.00");
  CHECK(column(second.get(path), "currency") == "USD");
  ledger.restart();
  api_client again(ledger);
  CHECK(again.get(path).body == open.body);
}
