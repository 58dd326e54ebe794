#include "actors/wall_clock.hpp"
#include "http/deliver/postback.hpp"
#include "tests/http/destination_parts.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

using namespace croupier;
using namespace croupier::test;
using namespace std::chrono_literals;

namespace {

destination file_in(const std::string& name) {
  auto made = webhook_to("");
  made.kind = destination_kind::file;
  made.target = name;
  made.secret.clear();
  return made;
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> found;
  for (const auto& each : std::filesystem::directory_iterator(folder))
    if (each.path().extension() == ".ndjson") found.push_back(each.path());
  std::sort(found.begin(), found.end());
  return found;
}

std::string all_of(const std::filesystem::path& folder) {
  std::string text;
  for (const auto& each : files_in(folder)) text += text_of(each);
  return text;
}

/// Pipes in place of the file that the entry `first` would begin, today or tomorrow. Who opens it is stuck until
/// `release`.
class stuck_file {
public:
  stuck_file(const std::filesystem::path& folder, std::uint64_t first) {
    const auto number = std::to_string(first);
    for (const std::int64_t days : {0, 1}) {
      const timestamp at{actors::wall_clock().unix_us + days * 86'400'000'000};
      paths_.push_back(folder /
                       (at.text().substr(0, 10) + "-" + std::string(20 - number.size(), '0') + number + ".ndjson"));
      REQUIRE(::mkfifo(paths_.back().c_str(), 0600) == 0);
    }
  }
  ~stuck_file() {
    release();
    for (const int reader : readers_) ::close(reader);
  }
  stuck_file(const stuck_file&) = delete;
  stuck_file& operator=(const stuck_file&) = delete;

  const std::vector<std::filesystem::path>& paths() const { return paths_; }
  /// Whoever is stuck goes on; what it writes goes nowhere.
  void release() {
    if (readers_.empty())
      for (const auto& path : paths_) readers_.push_back(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  }

private:
  std::vector<std::filesystem::path> paths_;
  std::vector<int> readers_;
};

/// Whether a thread of this process waits in opening a file.
bool is_somebody_opening() {
  const auto calls = std::filesystem::directory_iterator("/proc/self/task");
  return std::any_of(begin(calls), end(calls), [](const auto& thread) {
    return text_of(thread.path() / "syscall").starts_with(std::to_string(SYS_openat) + " ");
  });
}

/// A workspace's metric that means something: deposits and NGR of the demo.
void give_meanings(running_ledger& ledger) {
  const auto ws = ledger.gateway().view().current_workspace();
  for (const auto& [code, meaning] : std::map<std::string, metric_meaning>{{"deposits-total", metric_meaning::deposits},
                                                                           {"ngr", metric_meaning::ngr}}) {
    auto one = *ws->find_metric(code);
    one.meaning = meaning;
    put(ledger, one);
  }
}

} // namespace

TEST_CASE("files hold each entry once, in order and whole, over restarts and torn ends") {
  const temporary_folder folder;
  auto options = quick_deliveries();
  options.export_file_bytes_max = 2'000;
  running_ledger ledger(folder.path(), {}, {}, options);
  const auto made = put(ledger, file_in("warehouse")).value;
  const auto exports = folder.path() / "exports" / "warehouse";
  api_client(ledger).register_player("ann", deposits_link);
  int number = 0;
  const auto record_some = [&] {
    api_client api(ledger);
    for (int i = 0; i < 12; ++i)
      REQUIRE(api.record("ann", "r-" + std::to_string(number++), {{"ngr", "+1"}}).status == 200);
  };
  const auto settle = [&] {
    REQUIRE(eventually([&] { return status_of(ledger, "delivered") == std::to_string(newest(ledger)); }));
    const auto text = all_of(exports);
    CHECK(text.ends_with('\n'));
    CHECK(sequences_in(text) == range(made + 1, newest(ledger)));
    for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
      http::json::document line;
      const auto problem = line.parse(std::string_view(text).substr(at, text.find('\n', at) - at));
      CHECK_FALSE(problem.has_value());
    }
  };
  record_some();
  settle();
  CHECK(files_in(exports).size() > 2);
  for (const auto& each : files_in(exports)) {
    CHECK(each.filename().string().size() == std::string("2026-01-01-00000000000000000001.ndjson").size());
    CHECK(sequences_in(text_of(each)).front() == std::stoull(each.filename().string().substr(11, 20)));
  }
  for (int round = 0; round < 3; ++round) {
    // As a crash between the writing and the noting leaves it: half a line, and a file begun behind the position.
    ledger.restart();
    settle();
    auto target = file_in("warehouse");
    target.paused = true;
    const auto paused = put(ledger, target).value;
    REQUIRE(eventually([&] { return status_of(ledger, "state") == "paused"; }));
    record_some();
    std::ofstream(files_in(exports).back(), std::ios::app) << "{\"sequence\":" << paused + 1 << ",\"time\":\"20";
    std::ofstream(exports / ("2999-01-01-" + std::string(10, '0') + std::to_string(1'000'000'000 + paused) + ".ndjson"))
        << "{\"sequence\":" << paused + 9 << "}\n";
    target.paused = false;
    ledger.restart();
    put(ledger, target);
    settle();
  }
  std::ofstream(exports / "notes.txt") << "not ours\n";
  ledger.restart();
  CHECK(std::filesystem::exists(exports / "notes.txt"));
}

TEST_CASE("a destination that is un-archived before it has ended goes on when that is over, and by itself") {
  const temporary_folder folder;
  auto options = quick_deliveries();
  options.export_file_bytes_max = 1; // each entry begins a file
  running_ledger ledger(folder.path(), {}, {}, options);
  auto target = file_in("warehouse");
  const auto made = put(ledger, target).value;
  const auto delivers = [&](std::uint64_t upto) {
    return eventually([&] { return status_of(ledger, "delivered") == std::to_string(upto); });
  };
  api_client(ledger).click(deposits_link);
  REQUIRE(delivers(made + 1));
  const auto exports = folder.path() / "exports" / "warehouse";
  // In place of the file that the next entry begins is a pipe that nobody reads, so its delivery is stuck.
  stuck_file pipe(exports, made + 2);
  api_client(ledger).click(deposits_link);
  REQUIRE(eventually([] { return is_somebody_opening(); }));

  target.archived = true;
  put(ledger, target);
  REQUIRE(eventually([&] { return status_of(ledger, "delivered") == "absent"; }));
  target.archived = false;
  put(ledger, target);
  auto other = file_in("warehouse");
  other.number = {2};
  other.id = *uuid::parse("5d1f0c2a-0008-4000-8000-000000000002");
  put(ledger, other);
  // The other one is begun with in the same look, or a later one.
  REQUIRE(eventually([&] { return status_of(ledger, "delivered", other.id.text()) != "absent"; }));
  CHECK(status_of(ledger, "delivered") == "absent");
  CHECK(status_of(ledger, "state") == "starting");
  CHECK(files_in(exports).size() == 1 + pipe.paths().size()); // nobody else writes

  pipe.release();
  REQUIRE(delivers(newest(ledger)));
  CHECK(sequences_in(all_of(exports)) == range(made + 1, newest(ledger)));
}

TEST_CASE("the files of an archived destination are nobody else's") {
  const temporary_folder folder;
  running_ledger ledger(folder.path(), {}, {}, quick_deliveries());
  auto first = file_in("warehouse");
  const auto made = put(ledger, first).value;
  const auto exports = folder.path() / "exports" / "warehouse";
  api_client(ledger).click(deposits_link);
  REQUIRE(eventually([&] { return status_of(ledger, "delivered") == std::to_string(made + 1); }));
  first.archived = true;
  put(ledger, first);
  REQUIRE(eventually([&] { return status_of(ledger, "delivered") == "absent"; }));
  const auto kept = all_of(exports);
  auto second = file_in("warehouse");
  second.number = {2};
  second.id = *uuid::parse("5d1f0c2a-0008-4000-8000-000000000002");
  second.event_names = {"player_registered"};
  put(ledger, second);
  const auto problem = [&] { return status_of(ledger, "problem", second.id.text()); };
  REQUIRE(eventually([&] { return problem().find("are of the destination " + destination_id) != std::string::npos; }));
  CHECK(all_of(exports) == kept);
  // With the folder moved away, and the first one elsewhere, both deliver.
  std::filesystem::rename(exports, folder.path() / "kept");
  first.archived = false;
  first.target = "archive";
  put(ledger, first);
  api_client(ledger).register_player("ann", deposits_link);
  const auto last = newest(ledger);
  const auto is_done = [&](const std::string& id) {
    return status_of(ledger, "delivered", id) == std::to_string(last);
  };
  REQUIRE(eventually([&] { return is_done(destination_id) && is_done(second.id.text()); }));
  CHECK(sequences_in(kept + all_of(folder.path() / "exports" / "archive")) == range(made + 1, last));
  CHECK(sequences_in(all_of(exports)) == range(last, last));
}

TEST_CASE("two destinations do not write the same files, and a damaged position is told") {
  const temporary_folder folder;
  running_ledger ledger(folder.path(), {}, {}, quick_deliveries());
  put(ledger, file_in("warehouse"));
  auto second = file_in("warehouse");
  second.number = {2};
  second.id = *uuid::parse("5d1f0c2a-0008-4000-8000-000000000002");
  put(ledger, second);
  api_client(ledger).click(deposits_link);
  REQUIRE(
      eventually([&] { return status_of(ledger, "problem", second.id.text()).ends_with("writes to this folder"); }));
  REQUIRE(eventually([&] { return status_of(ledger, "state") == "delivering"; }));
  const auto position = folder.path() / "destinations" / (destination_id + ".position");
  REQUIRE(eventually([&] { return std::filesystem::exists(position); }));
  ledger.restart();
  std::ofstream(position) << "nonsense";
  auto other = file_in("elsewhere");
  other.number = {3};
  other.id = *uuid::parse("5d1f0c2a-0008-4000-8000-000000000003");
  std::ofstream(folder.path() / "destinations" / (other.id.text() + ".position"))
      << "croupier destination 1\ndelivered x";
  put(ledger, other);
  REQUIRE(eventually(
      [&] { return status_of(ledger, "problem", other.id.text()).find("is damaged") != std::string::npos; }));
}

TEST_CASE("macros are replaced, encoded, and only where they are macros") {
  http::deliver::postback_fact fact;
  fact.event_type = "FIRST_DEPOSIT";
  fact.click_id = "c-1";
  fact.affiliate_id = "a-1";
  fact.player_id = "p-1";
  fact.amount = "-12.50";
  fact.currency = "EUR";
  fact.event_time = "2026-06-01T10:00:00.000001Z";
  fact.sub_ids = {"a&b=c", "\u00e9 +", "{click_id}", "", "/../?#"};
  const auto expanded = [&](std::string_view text) { return http::deliver::expand_macros(text, fact); };
  CHECK(expanded("/p?c={click_id}&a={affiliate_id}&p={player_id}") == "/p?c=c-1&a=a-1&p=p-1");
  CHECK(expanded("{event_type}/{amount}/{currency}") == "FIRST_DEPOSIT/-12.50/EUR");
  CHECK(expanded("{event_time}") == "2026-06-01T10%3A00%3A00.000001Z");
  CHECK(expanded("1={sub1}&2={sub2}&3={sub3}&4={sub4}&5={sub5}") ==
        "1=a%26b%3Dc&2=%C3%A9%20%2B&3=%7Bclick_id%7D&4=&5=%2F..%2F%3F%23");
  CHECK(expanded("{sub0}{sub6}{sub}{nope}") == "%7Bsub0}%7Bsub6}%7Bsub}%7Bnope}");
  CHECK(expanded("{") == "%7B");
  CHECK(expanded("{{click_id}") == "%7Bc-1");
  CHECK(expanded("") == "");
}

TEST_CASE("an affiliate is told of its players and of nobody else") {
  const temporary_folder folder;
  receiver hook;
  hook.serve();
  running_ledger ledger(folder.path(), {}, {}, quick_deliveries());
  give_meanings(ledger);
  const auto ws = ledger.gateway().view().current_workspace();
  auto target =
      webhook_to(hook.url("/pb?t={event_type}&a={amount}&c={currency}&s={sub1}&who={player_id}&click={click_id}"));
  target.kind = destination_kind::postback;
  target.affiliate = ws->find_affiliate(*uuid::parse(demo_affiliate))->number;
  put(ledger, target);

  api_client api(ledger);
  const std::string browser = "Mozilla/5.0 Firefox/127.0";
  const auto clicked = api.get("/track/click/" + std::string(deposits_link) + "?sub1=x%20y", {{"User-Agent", browser}});
  const auto location = clicked.header("Location");
  const auto click = location.substr(location.find("click_id=") + 9, 36);
  api.get("/track/click/" + std::string(deposits_link), {{"User-Agent", "Googlebot/2.1"}});
  const auto joined =
      api.post("/tracking/client/v1",
               R"({"externalId":"ann","revenueOriginId":")" + std::string(demo_brand) + R"(","cid":")" + click + "\"}",
               {{"Prefer", "return=representation"}});
  REQUIRE(joined.status == 200);
  REQUIRE(api.record("ann", "1", {{"deposits-total", "+10"}}).status == 200);
  REQUIRE(api.record("ann", "2", {{"deposits-total", "+20.5"}, {"ngr", "+-3"}}).status == 200);
  REQUIRE(api.record("ann", "3", {{"bets", "+1"}}).status == 200);
  REQUIRE(eventually([&] { return status_of(ledger, "lagEntries") == "0"; }));

  std::vector<std::string> told;
  for (const auto& each : hook.taken()) {
    CHECK(each.method == "GET");
    told.push_back(each.path.substr(0, each.path.find("&who=")));
    CHECK(each.path.ends_with("&click=" + click));
  }
  CHECK(told == std::vector<std::string>{"/pb?t=CLICK&a=&c=&s=x%20y", "/pb?t=REGISTRATION&a=&c=EUR&s=x%20y",
                                         "/pb?t=FIRST_DEPOSIT&a=10.00&c=EUR&s=x%20y",
                                         "/pb?t=DEPOSIT&a=20.50&c=EUR&s=x%20y",
                                         "/pb?t=NGR_UPDATE&a=-3.00&c=EUR&s=x%20y"});
  CHECK(status_of(ledger, "attempts.0.url").starts_with("http://127.0.0.1:"));
  CHECK(status_of(ledger, "attempts.0.status") == "200");

  // Chosen names only; what fails is tried again until it is told.
  target.event_names = {"first_deposit"};
  const auto change = [&] {
    target.paused = true;
    put(ledger, target);
    REQUIRE(eventually([&] { return status_of(ledger, "state") == "paused"; }));
    target.paused = false;
    put(ledger, target);
  };
  change();
  hook.behave(receiver::manner::fail);
  const auto before = hook.taken().size();
  api.register_player("bob", deposits_link);
  REQUIRE(api.record("bob", "1", {{"deposits-total", "+5"}}).status == 200);
  REQUIRE(eventually([&] { return status_of(ledger, "state") == "failing"; }));
  hook.behave(receiver::manner::take);
  REQUIRE(eventually([&] { return status_of(ledger, "lagEntries") == "0"; }));
  REQUIRE(hook.taken().size() == before + 1);
  CHECK(hook.taken().back().path.starts_with("/pb?t=FIRST_DEPOSIT&a=5.00"));

  // Another affiliate's destination hears nothing of all this.
  affiliate other;
  other.number.value = static_cast<std::uint32_t>(ws->affiliates().size() + 1);
  other.id = *uuid::parse("5d1f0c2a-0002-4000-8000-000000000009");
  other.name = "Other";
  put(ledger, other);
  target.affiliate = other.number;
  target.event_names.clear();
  change();
  REQUIRE(api.record("bob", "2", {{"deposits-total", "+5"}}).status == 200);
  REQUIRE(eventually([&] { return status_of(ledger, "lagEntries") == "0"; }));
  CHECK(hook.taken().size() == before + 1);
}
