#include "engine/workspace.hpp"

#include "sample_workspace.hpp"
#include "support/catch.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace croupier::testing {
namespace {

uuid fresh_id() {
  return uuid::from_halves(0x9999, 1);
}

/// The sample with a link and a key, so that there is one of everything.
workspace full_workspace() {
  auto ws = sample_workspace();
  ws.put(tracking_link{.number = link_number{1},
                       .id = uuid::from_halves(0x7777, 1),
                       .name = "Front page",
                       .offer = quarter_of_ngr,
                       .affiliate = ada,
                       .destination = "https://casino.example/welcome"});
  api_key key;
  key.number = 1;
  key.id = uuid::from_halves(0x8888, 1);
  key.name = "Integration";
  key.secret_sha256 = {1};
  key.scopes = static_cast<std::uint8_t>(scope::read);
  key.brands = {casino};
  ws.put(std::move(key));
  return ws;
}

const api_key& key_of(const workspace& ws) {
  return ws.api_keys().front();
}

template<class Object>
struct change {
  std::string_view what;
  std::function<void(Object&)> mutate;
  std::string_view problem; ///< empty: it may be put
};

const timestamp now = *timestamp::parse("2026-06-01T00:00:00Z");

/// What problem_with says, now where the rules depend on the time; empty: nothing.
template<class Object>
std::string problem_of(const workspace& ws, const Object& value) {
  if constexpr (requires { ws.problem_with(value, now); })
    return ws.problem_with(value, now).value_or("");
  else
    return ws.problem_with(value).value_or("");
}

/// Applies each change to `original` and compares what problem_with says.
template<class Object, std::size_t Count>
void check_changes(const workspace& ws, const Object& original, const change<Object> (&changes)[Count]) {
  for (const auto& [what, mutate, problem] : changes) {
    INFO(what);
    auto changed = original;
    mutate(changed);
    CHECK(problem_of(ws, changed) == problem);
  }
}

} // namespace

TEST_CASE("objects are found by number, id, code and alias, and by nothing else") {
  const auto ws = full_workspace();
  CHECK(ws.find(casino)->name == "Casino");
  CHECK(ws.find_brand(ws.find(casino)->id)->number == casino);
  CHECK(ws.find_brand_by_alias("brand_01")->number == casino);
  CHECK(ws.find_metric("ngr")->number == ngr);
  CHECK(ws.find_metric("old-score")->archived);
  CHECK(ws.find_affiliate(ws.find(ada)->id)->number == ada);
  CHECK(ws.find_offer(ws.find(quarter_of_ngr)->id)->number == quarter_of_ngr);
  CHECK(ws.find_link(uuid::from_halves(0x7777, 1))->name == "Front page");

  CHECK(ws.find(brand_number{}) == nullptr);
  CHECK(ws.find(brand_number{2}) == nullptr);
  CHECK(ws.find(metric_number{0xffff}) == nullptr);
  CHECK(ws.find(offer_number{}) == nullptr);
  CHECK(ws.find(link_number{0xffffffff}) == nullptr);
  CHECK(ws.find_brand(fresh_id()) == nullptr);
  CHECK(ws.find_brand_by_alias("Casino") == nullptr);
  CHECK(ws.find_metric("NGR") == nullptr);
  CHECK(ws.find_metric("") == nullptr);
  CHECK(ws.default_brand() == nullptr);
}

TEST_CASE("putting an object again replaces it, with all the names it had") {
  auto ws = full_workspace();
  auto changed = *ws.find(casino);
  changed.name = "Casino Royale";
  changed.aliases = {"royale", "brand_02"};
  changed.is_default = true;
  ws.put(changed);
  CHECK(ws.brands().size() == 1);
  CHECK(ws.find_brand(changed.id)->name == "Casino Royale");
  CHECK(ws.find_brand_by_alias("brand_01") == nullptr);
  CHECK(ws.find_brand_by_alias("royale")->number == casino);
  CHECK(ws.find_brand_by_alias("brand_02")->number == casino);
  CHECK(ws.default_brand()->number == casino);

  // A copy is a workspace of its own: the next one is made from the published one.
  const auto copy = ws;
  changed.aliases = {"brand_03"};
  ws.put(changed);
  CHECK(copy.find_brand_by_alias("royale") != nullptr);
  CHECK(copy.find_brand_by_alias("brand_03") == nullptr);
}

TEST_CASE("every object of a good workspace may be put again unchanged") {
  const auto ws = full_workspace();
  const auto no_problems = [&ws](const auto& table) {
    for (const auto& one : table) {
      INFO(one.name);
      CHECK(problem_of(ws, one).empty());
    }
  };
  no_problems(ws.brands());
  no_problems(ws.metrics());
  no_problems(ws.affiliates());
  no_problems(ws.offers());
  no_problems(ws.links());
  no_problems(ws.api_keys());
}

TEST_CASE("what may not be done to a brand") {
  auto ws = full_workspace();
  ws.put(brand{.number = brand_number{2},
               .id = uuid::from_halves(0x5555, 1),
               .name = "Poker",
               .currency = "BTC",
               .aliases = {"poker"},
               .is_default = true});
  check_changes<brand>(
      ws, *ws.find(casino),
      {
          {"another name", [](brand& b) { b.name = "x"; }, ""},
          {"no name", [](brand& b) { b.name.clear(); }, "name: must not be empty"},
          {"a name of 255 bytes", [](brand& b) { b.name.assign(255, 'x'); }, ""},
          {"a name of 256 bytes", [](brand& b) { b.name.assign(256, 'x'); }, "name: must not be longer than 255 bytes"},
          {"a line break", [](brand& b) { b.name = "a\nb"; }, "name: must not contain control characters"},
          {"nil id", [](brand& b) { b.id = {}; }, "id: must not be nil"},
          {"another id", [](brand& b) { b.id = fresh_id(); }, "id: is permanent"},
          {"another currency", [](brand& b) { b.currency = "USD"; }, "currency: is permanent"},
          {"a currency in words", [](brand& b) { b.currency = "Euro"; },
           "currency: must be a code of three capital letters"},
          {"a currency in lower case", [](brand& b) { b.currency = "eur"; },
           "currency: must be a code of three capital letters"},
          {"another's alias",
           [](brand& b) {
             b.aliases = {"mine", "poker"};
           },
           "aliases: 'poker' is an alias of brand 'Poker'"},
          {"an alias twice",
           [](brand& b) {
             b.aliases = {"a", "b", "a"};
           },
           "aliases: 'a' is listed twice"},
          {"an empty alias", [](brand& b) { b.aliases = {""}; }, "aliases: must not be empty"},
          {"a second default", [](brand& b) { b.is_default = true; }, "default: brand 'Poker' is the default already"},
          {"no number", [](brand& b) { b.number = {}; }, "number: there is no room for another one"},
          {"a number too far", [](brand& b) { b.number = brand_number{4}; }, "number: must be the next free one, 3"},
          {"a new brand under an old id", [](brand& b) { b.number = brand_number{3}; }, "id: is in use"},
      });
}

TEST_CASE("what may not be done to a metric") {
  const auto ws = full_workspace();
  check_changes<metric>(ws, *ws.find(ngr),
                        {
                            {"hidden, another name", [](metric& m) { m.visible = false, m.name = "Net"; }, ""},
                            {"monetary", [](metric& m) { m.monetary = true; }, ""},
                            {"another code", [](metric& m) { m.code = "net"; }, "code: is permanent"},
                            {"another type", [](metric& m) { m.type = metric_type::integer; }, "type: is permanent"},
                            {"archived while an offer pays on it", [](metric& m) { m.archived = true; },
                             "archived: offer '25 % of NGR' pays revshare on it"},
                            {"another metric's id", [&](metric& m) { m.id = ws.find(bets)->id; }, "id: is permanent"},
                            {"new under an old id", [](metric& m) { m.number = metric_number{6}; }, "id: is in use"},
                            {"new under an old code", [](metric& m) { m.number = metric_number{6}, m.id = fresh_id(); },
                             "code: is in use"},
                        });
  check_changes<metric>(
      ws, *ws.find(bets),
      {
          {"a monetary integer", [](metric& m) { m.monetary = true; }, "monetary: an integer metric is never monetary"},
          {"archived", [](metric& m) { m.archived = true; }, ""},
          {"a bad code", [](metric& m) { m.number = metric_number{6}, m.id = fresh_id(), m.code = "Bets"; },
           "code: must be 1 to 100 lower-case letters and digits, in groups joined by single hyphens"},
      });
}

TEST_CASE("what may not be done to an offer or an affiliate") {
  const auto ws = full_workspace();
  check_changes<offer>(
      ws, *ws.find(quarter_of_ngr),
      {
          {"no revshare any more", [](offer& o) { o.revshare.reset(); }, ""},
          {"another rate", [](offer& o) { o.revshare->rate = *percentage::parse("33.3333"); }, ""},
          {"0 %", [](offer& o) { o.revshare->rate = percentage{}; }, ""},
          {"100 %", [](offer& o) { o.revshare->rate = percentage::from_integer(100); }, ""},
          {"just over 100 %", [](offer& o) { o.revshare->rate = *percentage::parse("100.0001"); },
           "revshare.rate_percent: must be 0 to 100"},
          {"below 0", [](offer& o) { o.revshare->rate = *percentage::parse("-0.0001"); },
           "revshare.rate_percent: must be 0 to 100"},
          {"an integer metric", [](offer& o) { o.revshare->metric = bets; },
           "revshare.metric: must be a decimal metric"},
          {"an archived metric", [](offer& o) { o.revshare->metric = old_score; }, "revshare.metric: is archived"},
          {"no metric", [](offer& o) { o.revshare->metric = metric_number{99}; }, "revshare.metric: does not exist"},
          {"another id", [](offer& o) { o.id = fresh_id(); }, "id: is permanent"},
          {"new under an old id", [](offer& o) { o.number = offer_number{4}; }, "id: is in use"},
      });
  check_changes<affiliate>(
      ws, *ws.find(ada),
      {
          {"another name", [](affiliate& a) { a.name = "Bob"; }, ""},
          {"no name", [](affiliate& a) { a.name.clear(); }, "name: must not be empty"},
          {"new under an old id", [](affiliate& a) { a.number = affiliate_number{2}; }, "id: is in use"},
      });
}

TEST_CASE("what may not be done to a tracking link") {
  const auto ws = full_workspace();
  const auto* relative = "destination: must be an absolute URL that starts with https:// or http://";
  const auto* characters = "destination: must not contain spaces, control or non-ASCII characters";
  check_changes<tracking_link>(
      ws, ws.links().front(),
      {
          {"disabled", [](tracking_link& l) { l.enabled = false; }, ""},
          {"plain http", [](tracking_link& l) { l.destination = "http://casino.example?a=1#top"; }, ""},
          {"no offer", [](tracking_link& l) { l.offer = {}; }, "offer: does not exist"},
          {"no affiliate", [](tracking_link& l) { l.affiliate = affiliate_number{9}; }, "affiliate: does not exist"},
          {"nothing", [](tracking_link& l) { l.destination.clear(); }, relative},
          {"a path", [](tracking_link& l) { l.destination = "/welcome"; }, relative},
          {"any host", [](tracking_link& l) { l.destination = "//casino.example"; }, relative},
          {"a script", [](tracking_link& l) { l.destination = "javascript:alert(1)"; }, relative},
          {"no host", [](tracking_link& l) { l.destination = "https://"; }, relative},
          {"no host but a path", [](tracking_link& l) { l.destination = "https:///welcome"; }, relative},
          {"a header", [](tracking_link& l) { l.destination = "https://a.example/\r\nSet-Cookie: a=b"; }, characters},
          {"a space", [](tracking_link& l) { l.destination = "https://a.example/ b"; }, characters},
          {"not ASCII", [](tracking_link& l) { l.destination = "https://a.example/\xC3\xA9"; }, characters},
          {"too long", [](tracking_link& l) { l.destination.append(2048, 'x'); },
           "destination: must not be longer than 2048 bytes"},
      });
}

TEST_CASE("what may not be done to an API key") {
  auto ws = full_workspace();
  auto second = key_of(ws);
  second.number = 2;
  CHECK(ws.problem_with(second) == "id: is in use");
  second.id = fresh_id();
  CHECK(ws.problem_with(second) == "secret: is in use");
  second.secret_sha256 = {2};
  CHECK_FALSE(ws.problem_with(second).has_value());
  check_changes<api_key>(
      ws, key_of(ws),
      {
          {"revoked", [](api_key& k) { k.revoked = true; }, ""},
          {"all brands", [](api_key& k) { k.brands.clear(); }, ""},
          {"no scope", [](api_key& k) { k.scopes = 0; }, "scopes: must not be empty"},
          {"every scope", [](api_key& k) { k.scopes = 31; }, ""},
          {"another scope", [](api_key& k) { k.scopes = 32; }, "scopes: contains an unknown scope"},
          {"no such brand", [](api_key& k) { k.brands = {brand_number{2}}; }, "brands: one does not exist"},
          {"a brand twice",
           [](api_key& k) {
             k.brands = {casino, casino};
           },
           "brands: one is listed twice"},
      });
}

TEST_CASE("what a key may do and see") {
  api_key key;
  key.scopes = static_cast<std::uint8_t>(scope::read);
  CHECK(key.may(scope::read));
  CHECK_FALSE(key.may(scope::movements_write));
  CHECK_FALSE(key.may(scope::admin));
  key.scopes = static_cast<std::uint8_t>(scope::admin);
  for (const auto wanted : {scope::movements_write, scope::events_write, scope::read, scope::billing, scope::admin})
    CHECK(key.may(wanted));
  key.scopes = 0;
  CHECK_FALSE(key.may(scope::read));
  CHECK(key.sees(casino));
  key.brands = {brand_number{2}, brand_number{3}};
  CHECK_FALSE(key.sees(casino));
  CHECK(key.sees(brand_number{3}));
}

TEST_CASE("metric codes are kebab-case of 1 to 100 characters") {
  for (const std::string_view good : {"a", "0", "ngr", "deposits-total", "a-1-b2"}) {
    INFO(good);
    CHECK(is_metric_code(good));
  }
  for (const std::string_view bad : {"", "-", "-a", "a-", "a--b", "A", "a_b", "a b", "a.b", "\xC3\xA9", " a"}) {
    INFO(bad);
    CHECK_FALSE(is_metric_code(bad));
  }
  CHECK(is_metric_code(std::string(100, 'a')));
  CHECK_FALSE(is_metric_code(std::string(101, 'a')));
}

} // namespace croupier::testing
