/// Every table of a workspace file, and what it comes to over a workspace that is there.

#include "config/workspace_file.hpp"
#include "support/catch.hpp"

#include <fstream>
#include <iterator>
#include <openssl/sha.h>

using namespace croupier;
using namespace croupier::config;

namespace {

const timestamp now = *timestamp::parse("2026-11-01T00:00:00Z");

workspace_sources sources() {
  return {[](const std::string& name) -> std::optional<std::string> {
            return name == "HOOK_SECRET" ? std::optional<std::string>("0123456789abcdefghij") : std::nullopt;
          },
          [](std::string_view text) {
            std::array<std::uint8_t, 32> hash{};
            SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash.data());
            return hash;
          }};
}

constexpr std::string_view full_file = R"(
[[brands]]
name = "Casino"
currency = "EUR"
aliases = ["brand_01"]
default = true
attribution_window_days = 45
ngr_updates = "month_to_date"
utc_offset_minutes = -120
[[metrics]]
code = "ngr"
name = "NGR"
type = "decimal"
monetary = true
visible = false
meaning = "ngr"
[[metrics]]
code = "deposits-total"
name = "Deposits"
type = "decimal"
meaning = "deposits"
[[metrics]]
code = "old"
name = "Old"
type = "integer"
archived = true
[[event_mappings]]
name = "purchases"
event = "purchase"
dialect = "wynta"
brand = "brand_01"
conditions = [{ path = "properties.status", test = "equals", value = "paid" }, { path = "properties.total" }]
metric = "deposits-total"
value_path = "properties.total"
currency_path = "properties.currency"
[[event_mappings]]
name = "off"
event = "refund"
metric = "ngr"
constant = "1"
negate = true
type = "relative"
enabled = false
[[affiliates]]
name = "Ada"
payment_details = "IBAN"
deal = { carryover = "capped", cap = "500.50", scope = "affiliate_and_brand" }
[[affiliates]]
name = "Ben"
deal = { carryover = "reset", fence = { player_loss = 1000, affiliate_loss = "0" } }
[[offers]]
name = "Share"
revshare = { metric = "ngr", rate_percent = 25 }
[[offers]]
name = "Tiers"
[[plans]]
name = "Tiers 2027"
offer = "Tiers"
brand = "Casino"
affiliate = "Ada"
valid_from = "2027-01-01T00:00:00Z"
valid_until = "2028-01-01T00:00:00Z"
[plans.revshare]
metric = "ngr"
tiers = [{ up_to = 1000, rate_percent = "6" }, { up_to = "3000.00", rate_percent = 8 }, { rate_percent = 10 }]
measure = "period_base"
mode = "incremental"
admin_fee_percent = "3"
tax_percent = "20"
[plans.cpa]
fee = "20"
deposits = { metric = "deposits-total", at_least = "50" }
wagering = { metric = "ngr", at_least = "100" }
window_days = 30
hold_days = 14
reversal_days = 90
approval = "by_hand"
advance = true
[[plans]]
name = "From now"
offer = "Share"
revshare = { metric = "ngr", tiers = [{ rate_percent = "30" }] }
[[marketing_sources]]
name = "Newsletter"
affiliate = "Ada"
[[creatives]]
name = "Banner 1"
offer = "Share"
archived = false
[[links]]
name = "Link"
offer = "Share"
affiliate = "Ada"
destination = "https://casino.example/"
marketing_source = "Newsletter"
creative = "Banner 1"
sub_ids = ["mail", "", "winter"]
geo_target = "DE, AT"
enabled = false
[[keys]]
name = "platform"
scopes = ["movements:write", "admin"]
brands = ["Casino"]
secret_sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
expires_at = "2030-01-01T00:00:00Z"
environment = "staging"
default_brand = "Casino"
[[destinations]]
name = "Warehouse"
kind = "webhook"
target = "https://hooks.example/"
secret_env = "HOOK_SECRET"
brands = ["Casino"]
event_names = ["purchase"]
paused = true
[[destinations]]
name = "Stream"
kind = "nats"
target = "nats://127.0.0.1:4222"
subject = "ledger"
[[destinations]]
name = "Ada's postback"
kind = "postback"
target = "https://ada.example/"
affiliate = "Ada"
[[report_presets]]
name = "Daily"
token_sha256 = "1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
dimensions = ["date"]
measures = ["click_count"]
filters = { brand = ["Casino"] }
brands = ["Casino"]
enabled = false
)";

workspace_plan plan_of(std::string_view toml, const workspace& base) {
  const auto plan = parse_workspace(toml, "w.toml", base, sources(), now);
  INFO((plan ? std::string() : plan.error().front().text()));
  REQUIRE(plan);
  return *plan;
}

workspace with(const workspace_plan& plan, workspace base = {}) {
  for (const auto& object : plan.objects) put(base, object);
  return base;
}

std::vector<std::string> problems_of(std::string_view toml, const workspace& base) {
  std::vector<std::string> lines;
  const auto read = parse_workspace(toml, "w.toml", base, sources(), now);
  if (!read)
    for (const problem& one : read.error()) lines.push_back(one.text());
  return lines;
}

std::string shown_as(const workspace& ws, std::string_view table, std::size_t number, naming names = naming::file) {
  for (const object_kind& kind : object_kinds())
    if (kind.table == table) {
      auto object = kind.shown(ws, kind.at(ws, number), names);
      if (names == naming::file) object.members.erase(object.members.begin()); // the id
      return shown(object);
    }
  return "no such table";
}

} // namespace

TEST_CASE("every member of every table arrives") {
  const workspace ws = with(plan_of(full_file, {}));
  CHECK(shown_as(ws, "brands", 1) ==
        R"({name: "Casino", currency: "EUR", aliases: ["brand_01"], default: true, attribution_window_days: 45, )"
        R"(ngr_updates: "month_to_date", utc_offset_minutes: -120})");
  CHECK(shown_as(ws, "metrics", 1) ==
        R"({code: "ngr", name: "NGR", type: "decimal", monetary: true, visible: false, meaning: "ngr", )"
        R"(archived: false})");
  CHECK(ws.metrics()[2].archived);
  CHECK(shown_as(ws, "event_mappings", 1) ==
        R"({name: "purchases", event: "purchase", dialect: "wynta", brand: "Casino", )"
        R"(conditions: [{path: "properties.status", test: "equals", value: "paid"}, )"
        R"({path: "properties.total", test: "present", value: ""}], metric: "deposits-total", )"
        R"(value_path: "properties.total", constant: "", currency_path: "properties.currency", negate: false, )"
        R"(type: "relative", enabled: true})");
  CHECK(ws.mappings()[1].negate);
  CHECK_FALSE(ws.mappings()[1].enabled);
  CHECK(shown_as(ws, "affiliates", 1) ==
        R"({name: "Ada", payment_details: "IBAN", deal: {carryover: "capped", cap: "500.50", )"
        R"(scope: "affiliate_and_brand"}, archived: false})");
  CHECK(shown_as(ws, "affiliates", 2) ==
        R"({name: "Ben", payment_details: "", deal: {carryover: "reset", scope: "affiliate", )"
        R"(fence: {player_loss: "1000.00", affiliate_loss: "0"}}, archived: false})");
  CHECK(shown_as(ws, "offers", 1) ==
        R"({name: "Share", revshare: {metric: "ngr", rate_percent: "25.00"}, archived: false})");
  CHECK(shown_as(ws, "plans", 1) ==
        R"({name: "Tiers 2027", offer: "Tiers", brand: "Casino", affiliate: "Ada", )"
        R"(valid_from: "2027-01-01T00:00:00Z", valid_until: "2028-01-01T00:00:00Z", revshare: {metric: "ngr", )"
        R"(tiers: [{up_to: "1000.00", rate_percent: "6.00"}, {up_to: "3000.00", rate_percent: "8.00"}, )"
        R"({rate_percent: "10.00"}], measure: "period_base", mode: "incremental", admin_fee_percent: "3.00", )"
        R"(tax_percent: "20.00"}, cpa: {fee: "20.00", deposits: {metric: "deposits-total", at_least: "50.00"}, )"
        R"(wagering: {metric: "ngr", at_least: "100.00"}, window_days: 30, hold_days: 14, reversal_days: 90, )"
        R"(approval: "by_hand", advance: true}})");
  CHECK(ws.plans().plans()[1].valid_from == now);
  CHECK(shown_as(ws, "marketing_sources", 1) == R"({name: "Newsletter", affiliate: "Ada", archived: false})");
  CHECK(shown_as(ws, "creatives", 1) == R"({name: "Banner 1", offer: "Share", archived: false})");
  CHECK(shown_as(ws, "links", 1) ==
        R"({name: "Link", offer: "Share", affiliate: "Ada", destination: "https://casino.example/", enabled: false, )"
        R"(marketing_source: "Newsletter", creative: "Banner 1", sub_ids: ["mail", "", "winter"], )"
        R"(geo_target: "DE, AT"})");
  CHECK(shown_as(ws, "keys", 1) ==
        R"({name: "platform", secret: (a secret), scopes: ["movements:write", "admin"], brands: ["Casino"], )"
        R"(expires_at: "2030-01-01T00:00:00Z", environment: "staging", default_brand: "Casino", revoked: false})");
  CHECK(shown_as(ws, "destinations", 1) ==
        R"({name: "Warehouse", kind: "webhook", target: "https://hooks.example/", subject: "", secret: (a secret), )"
        R"(brands: ["Casino"], event_names: ["purchase"], paused: true, archived: false})");
  CHECK(ws.destinations()[0].secret == "0123456789abcdefghij");
  CHECK(ws.destinations()[2].affiliate == affiliate_number{1});
  CHECK(shown_as(ws, "report_presets", 1) ==
        R"({name: "Daily", token: (a secret), dimensions: ["date"], measures: ["click_count"], )"
        R"(filters: {brand: ["Casino"]}, brands: ["Casino"], enabled: false})");
  CHECK(shown_as(ws, "offers", 1, naming::api) ==
        R"({id: ")" + ws.offers()[0].id.text() + R"(", name: "Share", revshare: {metricId: ")" +
            ws.metrics()[0].id.text() + R"(", ratePercent: "25.00"}, archived: false})");
}

TEST_CASE("a file changes nothing the second time, and what it does not name is left alone") {
  const workspace ws = with(plan_of(full_file, {}));
  const auto again = plan_of(full_file, ws);
  CHECK(again.objects.empty());
  CHECK(again.unchanged.size() == 20);
  CHECK(again.left_alone.empty());
  const auto other = plan_of("[[affiliates]]\nname = \"Cleo\"\n", ws);
  REQUIRE(other.objects.size() == 1);
  CHECK(number_of(other.objects[0]) == 3);
  CHECK(other.left_alone.size() == 20);
}

TEST_CASE("members that a file leaves out stay as they are") {
  const workspace ws = with(plan_of(full_file, {}));
  const auto plan = plan_of("[[affiliates]]\nname = \"Ada\"\npayment_details = \"BIC\"\n", ws);
  REQUIRE(plan.objects.size() == 1);
  const auto& ada = std::get<affiliate>(plan.objects[0]);
  CHECK(ada.payment_details == "BIC");
  CHECK(ada.deal == ws.affiliates()[0].deal);
  const workspace_object before = ws.affiliates()[0];
  const auto changes = changes_between(ws, &before, plan.objects[0], naming::file);
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].name == "payment_details");
  CHECK(shown(*changes[0].before) == "\"IBAN\"");
  CHECK(shown(*changes[0].after) == "\"BIC\"");
}

TEST_CASE("an object without an id is the one of its name, unless there are several") {
  workspace ws = with(plan_of(full_file, {}));
  affiliate made_elsewhere;
  made_elsewhere.number = affiliate_number{3};
  made_elsewhere.id = *uuid::parse("11111111-2222-4333-8444-555555555555");
  made_elsewhere.name = "Cleo";
  ws.put(made_elsewhere);
  const auto plan = plan_of("[[affiliates]]\nname = \"Cleo\"\npayment_details = \"BIC\"\n", ws);
  REQUIRE(plan.objects.size() == 1);
  CHECK(id_of(plan.objects[0]) == made_elsewhere.id);
  made_elsewhere.number = affiliate_number{4};
  made_elsewhere.id = *uuid::parse("11111111-2222-4333-8444-666666666666");
  ws.put(made_elsewhere);
  CHECK(problems_of("[[affiliates]]\nname = \"Cleo\"\n", ws) ==
        std::vector<std::string>{"w.toml:1: affiliate 'Cleo': id: more than one is called so: give the id"});
  CHECK(problems_of("[[marketing_sources]]\nname = \"S\"\naffiliate = \"Cleo\"\n", ws) ==
        std::vector<std::string>{
            "w.toml:3: marketing source 'S': affiliate: more than one affiliate is called 'Cleo': give the id"});
}

TEST_CASE("plans work forward only, except in a workspace where nothing has happened yet") {
  constexpr std::string_view past = "[[brands]]\nname = \"B\"\ncurrency = \"EUR\"\n[[metrics]]\ncode = \"ngr\"\n"
                                    "name = \"N\"\ntype = \"decimal\"\n[[offers]]\nname = \"O\"\n[[plans]]\n"
                                    "name = \"P\"\noffer = \"O\"\nvalid_from = \"2020-01-01T00:00:00Z\"\n"
                                    "revshare = { metric = \"ngr\", tiers = [{ rate_percent = \"5\" }] }\n";
  const workspace ws = with(plan_of(past, {}));
  CHECK(ws.plans().plans().size() == 1);
  CHECK(plan_of(past, ws).objects.empty());
  const std::string second = "[[plans]]\nname = \"Q\"\noffer = \"O\"\nvalid_from = \"2020-01-02T00:00:00Z\"\n"
                             "revshare = { metric = \"ngr\", tiers = [{ rate_percent = \"5\" }] }\n";
  CHECK(problems_of(second, ws) ==
        std::vector<std::string>{"w.toml:4: plan 'Q': valid_from: is past: a plan works forward only"});
}

TEST_CASE("what is wrong inside a table is told by its path") {
  const workspace ws = with(plan_of(full_file, {}));
  CHECK(problems_of("[[plans]]\nname = \"P\"\noffer = \"Share\"\n[plans.revshare]\nmetric = \"nothing\"\n"
                    "tiers = [{ up_to = 5 }, { rate_percent = 1.5 }]\nmode = \"other\"\nextra = 1\n",
                    ws) ==
        std::vector<std::string>{
            "w.toml:5: plan 'P': revshare.metric: there is no metric 'nothing'",
            "w.toml:6: plan 'P': revshare.tiers[0].rate_percent: is required",
            "w.toml:6: plan 'P': revshare.tiers[1].rate_percent: must be a text such as \"12.5\", with at most 4 "
            "digits after the point",
            "w.toml:7: plan 'P': revshare.mode: must be \"retroactive\" or \"incremental\"",
            "w.toml:8: plan 'P': revshare.extra: unknown field"});
  CHECK(problems_of(
            "[[plans]]\nname = \"P\"\noffer = \"Share\"\n[plans.revshare]\nmetric = \"ngr\"\n"
            "tiers = [{ up_to = 5, rate_percent = 1 }, { up_to = 3, rate_percent = 1 }, { rate_percent = 2 }]\n",
            ws) == std::vector<std::string>{
                       "w.toml:4: plan 'P': revshare.tiers[1].up_to: overlaps the tier before it: bounds must ascend"});
  CHECK(problems_of("[[destinations]]\nname = \"D\"\nkind = \"webhook\"\ntarget = \"https://a.example\"\n"
                    "secret = \"0123456789abcdefghij\"\n",
                    ws) ==
        std::vector<std::string>{"w.toml:5: destination 'D': secret: a secret stands in the open in demo files only; "
                                 "use secret_env"});
  CHECK(problems_of("[[brands]]\nname = \"Casino\"\nattribution_window_days = 70000\n", ws) ==
        std::vector<std::string>{
            "w.toml:3: brand 'Casino': attribution_window_days: must be a whole number, 0 to 65535"});
}

TEST_CASE("no text exhausts the stack") {
  std::string deep = "[";
  for (int i = 0; i < 1'000'000; ++i) deep += "a.";
  CHECK(problems_of("x = \"a.b.c\" # ....\n" + deep + "a]\n", {}) ==
        std::vector<std::string>{"w.toml:2: a key has more than 64 steps"});
  CHECK(problems_of("a = " + std::string(100'000, '['), {}).size() == 1);
  CHECK(problems_of("a = \"" + std::string(1000, '.') + "\"\n", {}) ==
        std::vector<std::string>{"w.toml:1: a: unknown field"});
}

TEST_CASE("the variables of a file are known without reading it as a workspace") {
  CHECK(variables_named_in(full_file) == std::vector<std::string>{"HOOK_SECRET"});
  CHECK(variables_named_in("[[").empty());
}

TEST_CASE("names in calls follow from names in files") {
  CHECK(api_name("rate_percent") == "ratePercent");
  CHECK(api_path("revshare.tiers[0].up_to") == "revshare.tiers[0].upTo");
  CHECK(api_path("revshare.metric") == "revshare.metricId");
  CHECK(api_name("brands") == "brandIds");
  CHECK(api_name("marketing_source") == "marketingSourceId");
  CHECK(api_name("utc_offset_minutes") == "utcOffsetMinutes");
}

TEST_CASE("the page about workspace files has every member as the parser knows it") {
  std::ifstream file(SOURCE_DIR "/docs/workspace.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  INFO("the tables should be:\n" << workspace_tables_markdown());
  CHECK(page.find(workspace_tables_markdown()) != std::string::npos);
}
