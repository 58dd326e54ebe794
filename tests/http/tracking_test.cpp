#include "http/revvvs/visitor_memory.hpp"
#include "support/catch.hpp"
#include "support/raw_http.hpp"
#include "support/running_ledger.hpp"
#include "support/test_ledger.hpp"

#include <map>
#include <string>
#include <tuple>
#include <vector>

using namespace croupier;
using namespace croupier::test;

namespace {

struct click_seen {
  bool unique = false;
  bool bot = false;
  std::array<std::string, 5> sub_ids;
};

/// Every click that is durable, in order.
std::vector<click_seen> clicks_of(running_ledger& ledger) {
  std::vector<click_seen> found;
  ledger.gateway().view().scan_up({1}, [&](const committed_entry& entry, std::string_view) {
    if (const auto* click = std::get_if<click_tracked>(&entry.what)) {
      auto& seen = found.emplace_back(click_seen{click->unique, click->bot, {}});
      for (std::size_t i = 0; i < seen.sub_ids.size(); ++i) seen.sub_ids[i] = click->sub_ids[i];
    }
    return true;
  });
  return found;
}

/// Impressions that are durable, by creative, link and affiliate.
std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>, std::uint64_t>
impressions_of(running_ledger& ledger) {
  std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>, std::uint64_t> found;
  ledger.gateway().view().scan_up({1}, [&](const committed_entry& entry, std::string_view) {
    if (const auto* shown = std::get_if<impressions_counted>(&entry.what))
      found[{shown->creative.value, shown->link.value, shown->affiliate.value}] += shown->count;
    return true;
  });
  return found;
}

void change(running_ledger& ledger, workspace_object object) {
  const auto made = ledger.gateway().change_workspace({std::move(object)}, "test", test_ledger::soon());
  REQUIRE(std::holds_alternative<actors::receipt>(made));
}

std::string figure(const running_ledger& ledger, const std::string& name) {
  const auto text = api_client(ledger, "").get("/metrics").body;
  const auto at = text.find("\n" + name + " ");
  REQUIRE(at != std::string::npos);
  return text.substr(at + name.size() + 2, text.find('\n', at + 1) - at - name.size() - 2);
}

const std::string creative_id = "5d1f0c2a-0007-4000-8000-000000000001";
const std::string browser = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36";

} // namespace

TEST_CASE("a click is unique once an hour for its link, address and user agent, also over a restart") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  const auto click = [&](std::string_view link, const std::string& agent) {
    REQUIRE(api_client(ledger, "").get("/track/click/" + std::string(link), {{"User-Agent", agent}}).status == 302);
    return clicks_of(ledger).back();
  };
  CHECK(click(deposits_link, browser).unique);
  CHECK_FALSE(click(deposits_link, browser).unique);
  CHECK(click(ngr_link, browser).unique);
  CHECK(click(deposits_link, browser + " other").unique);
  CHECK_FALSE(click(deposits_link, browser).bot);
  ledger.restart();
  CHECK_FALSE(click(deposits_link, browser).unique);
  CHECK_FALSE(click(ngr_link, browser).unique);
  CHECK(click(ngr_link, "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)").bot);
  CHECK(clicks_of(ledger).size() == 8);
}

TEST_CASE("an hour after its last unique click a visitor is new, and memory is bounded") {
  http::revvvs::visitor_memory memory(folder_key{}, 3'200);
  const auto name = [&](int visitor) { return memory.name_of({1}, "192.0.2." + std::to_string(visitor), "agent"); };
  const auto at = [](std::int64_t seconds) { return timestamp{seconds * 1'000'000}; };
  CHECK(memory.note(name(1), at(0)));
  CHECK_FALSE(memory.note(name(1), at(3'599)));
  CHECK(memory.note(name(1), at(3'600)));
  CHECK_FALSE(memory.note(name(1), at(3'601)));
  memory.forget(name(1));
  CHECK(memory.note(name(1), at(3'602)));
  CHECK(memory.name_of({1}, "a", "b") != memory.name_of({2}, "a", "b"));
  CHECK(memory.name_of({1}, "a", "b") != memory.name_of({1}, "a", "c"));
  // Far more than fit: the newest are known all the same.
  for (int i = 2; i < 20'000; ++i) memory.note(name(i), at(3'700));
  int known = 0;
  for (int i = 19'000; i < 20'000; ++i) known += memory.note(name(i), at(3'701)) ? 0 : 1;
  CHECK(known == 1'000);
}

TEST_CASE("robots are known by their names, and people are not taken for them") {
  for (const std::string_view robot :
       {"Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "facebookexternalhit/1.1",
        "Twitterbot/1.0", "curl/7.88.1", "Wget/1.21", "python-requests/2.31", "Go-http-client/2.0",
        "TelegramBot (like TwitterBot)", "Mozilla/5.0 (X11; Linux) HeadlessChrome/126.0", "AhrefsBot",
        "Baiduspider/2.0", "WhatsApp/2.23"})
    CHECK(http::revvvs::is_known_bot(robot));
  for (const std::string_view person :
       {std::string_view(browser), std::string_view(""),
        std::string_view("Mozilla/5.0 (Linux; Android 9; CUBOT_NOTE_S) Chrome/97"),
        std::string_view("Mozilla/5.0 (Linux; Android 12; Cubot) Safari/537"),
        std::string_view("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1"),
        std::string_view("Opera/9.80 (Linux armv7l) Presto/2.12")})
    CHECK_FALSE(http::revvvs::is_known_bot(person));
}

TEST_CASE("a link's own sub ids are taken where the click brings none, and an archived affiliate brings nobody") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  const auto ws = ledger.gateway().view().current_workspace();
  auto link = *ws->find_link(*uuid::parse(deposits_link));
  link.sub_ids = {"from-link", "", "three", "", ""};
  change(ledger, link);
  api_client visitor(ledger, "");
  REQUIRE(visitor.get("/track/click/" + std::string(deposits_link) + "?sub2=b&sub3=%C3%A9%20%26").status == 302);
  CHECK(clicks_of(ledger).back().sub_ids == std::array<std::string, 5>{"from-link", "b", "\u00e9 &", "", ""});
  auto owner = *ws->find(link.affiliate);
  owner.archived = true;
  change(ledger, owner);
  const auto before = ledger.gateway().view().durable();
  CHECK(visitor.get("/track/click/" + std::string(deposits_link)).status == 404);
  CHECK(ledger.gateway().view().durable() == before);
}

TEST_CASE("an impression is always answered with the picture, and counted where it is of a creative") {
  const temporary_folder folder;
  running_ledger ledger(folder.path());
  creative banner;
  banner.number = {1};
  banner.id = *uuid::parse(creative_id);
  banner.name = "Banner";
  change(ledger, banner);
  api_client visitor(ledger, "");
  const auto show = [&](const std::string& path) {
    const auto answer = visitor.get("/track/impression/" + path);
    CHECK(answer.status == 200);
    CHECK(answer.header("Content-Type") == "image/gif");
    CHECK(answer.header("Cache-Control") == "no-store");
    CHECK(answer.body.size() == 43);
    CHECK(answer.body.starts_with("GIF89a"));
  };
  for (int i = 0; i < 7; ++i) show(creative_id + "?lid=" + std::string(deposits_link));
  show(creative_id + "?aid=" + std::string(demo_affiliate));
  show(creative_id + "?lid=nonsense&aid=%00");
  for (const std::string& unknown : {std::string("x"), std::string(demo_brand), std::string("%ff")}) show(unknown);
  CHECK(visitor.head("/track/impression/" + creative_id).status == 200);
  CHECK(visitor.send("POST", "/track/impression/" + creative_id, "", "").status == 405);
  CHECK(figure(ledger, "croupier_impressions_total") == "9");
  REQUIRE(eventually([&] { return figure(ledger, "croupier_impressions_recorded_total") == "9"; }));
  const auto ws = ledger.gateway().view().current_workspace();
  const auto link = ws->find_link(*uuid::parse(deposits_link))->number.value;
  const auto affiliate = ws->find_affiliate(*uuid::parse(demo_affiliate))->number.value;
  auto found = impressions_of(ledger);
  CHECK(found.size() == 3);
  CHECK(found[{1, link, affiliate}] == 7);
  CHECK(found[{1, 0, affiliate}] == 1);
  CHECK(found[{1, 0, 0}] == 1);
  // What was counted just before a stop is there after it.
  for (int i = 0; i < 5; ++i) show(creative_id);
  ledger.restart();
  CHECK(impressions_of(ledger)[{1, 0, 0}] == 6);
}
