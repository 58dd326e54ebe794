#include "http/events/outcomes.hpp"
#include "http/wynta/replay_cache.hpp"
#include "http/wynta/taxonomy.hpp"
#include "support/catch.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

using namespace croupier;
using namespace croupier::http::wynta;
using verdict = replay_cache::verdict;

namespace {

const replay_cache::digest one{1};
const replay_cache::digest two{2};

/// An answer that is there when it is asked for.
class brought final : public http::pending_answer {
public:
  explicit brought(std::function<http::response()> make) : make_(std::move(make)) {}
  std::optional<http::response> take(const std::function<void()>& /*wake*/) override { return make_(); }
  http::response give_up() override { return make_(); }

private:
  std::function<http::response()> make_;
};

} // namespace

TEST_CASE("the first call runs, the next ones get its answer, and after a day it is forgotten") {
  replay_cache cache;
  const replay_cache::clock::time_point start{};
  const replay_cache::key key{1, "k"};
  CHECK(cache.begin(key, one, start).what == verdict::run);
  CHECK(cache.begin(key, one, start).what == verdict::running);
  CHECK(cache.begin(key, two, start).what == verdict::mismatch);
  CHECK(cache.begin({2, "k"}, two, start).what == verdict::run);
  cache.finish(key, 202, "answer");
  const auto again = cache.begin(key, one, start + replay_cache::kept_for - std::chrono::seconds(1));
  CHECK(again.what == verdict::replay);
  CHECK(again.status == 202);
  CHECK(again.body == "answer");
  CHECK(cache.begin(key, two, start).what == verdict::mismatch);
  CHECK(cache.begin(key, two, start + replay_cache::kept_for).what == verdict::run);
}

TEST_CASE("a call that ended without an answer leaves its key free") {
  replay_cache cache;
  const replay_cache::key key{1, "k"};
  CHECK(cache.begin(key, one, {}).what == verdict::run);
  cache.drop(key);
  CHECK(cache.bytes() == 0);
  CHECK(cache.begin(key, two, {}).what == verdict::run);
}

TEST_CASE("the memory is bounded, the oldest answers go first, and what runs stays") {
  replay_cache cache;
  const replay_cache::key running{1, "running"};
  CHECK(cache.begin(running, one, {}).what == verdict::run);
  const std::string body(100'000, 'x');
  for (int i = 0; i < 1000; ++i) {
    const replay_cache::key key{1, std::to_string(i)};
    CHECK(cache.begin(key, one, {}).what == verdict::run);
    cache.finish(key, 202, body);
  }
  CHECK(cache.bytes() <= replay_cache::bytes_max + 2 * body.size());
  CHECK(cache.bytes() > replay_cache::bytes_max / 2);
  CHECK(cache.begin({1, "999"}, one, {}).what == verdict::replay);
  CHECK(cache.begin({1, "0"}, one, {}).what == verdict::run);
  CHECK(cache.begin(running, one, {}).what == verdict::running);
}

TEST_CASE("an answer in which some events met what may pass is not given to a retry") {
  // As the track call answers: one event is durable, the other one found the ledger busy.
  const auto busy = [](bool wholly) {
    return std::vector<actors::outcome>{wholly ? actors::outcome{actors::failure::overloaded} : actors::receipt{},
                                        actors::failure::journal_unavailable};
  };
  CHECK_FALSE(http::are_final(busy(false)));
  CHECK_FALSE(http::are_final(busy(true)));
  CHECK(http::are_final({actors::receipt{}, actors::refusal{rejection::value_out_of_range, {}}}));
  CHECK(http::are_final({}));

  const auto cache = std::make_shared<replay_cache>();
  http::request req;
  req.path = "/v1/events/track";
  req.header = [](std::string_view name) { return name == "X-Idempotency-Key" ? "k" : std::string_view(); };
  int runs = 0;
  const auto answer_of = [&runs](bool is_final) {
    return [&runs, is_final](const std::shared_ptr<answer_mark>& mark) {
      http::response answer;
      answer.status = 202;
      answer.body = "run " + std::to_string(++runs);
      mark->is_final = is_final;
      return answer;
    };
  };
  // At once, and from those who work on it.
  CHECK(replayable(cache, req, answer_of(false)).body == "run 1");
  const auto later = replayable(cache, req, [&](const std::shared_ptr<answer_mark>& mark) {
    http::response pending;
    pending.pending = std::make_shared<brought>([&, mark] { return answer_of(false)(mark); });
    return pending;
  });
  CHECK(later.pending->take({})->body == "run 2");
  CHECK(replayable(cache, req, answer_of(true)).body == "run 3");
  const auto replayed = replayable(cache, req, answer_of(true));
  CHECK(replayed.body == "run 3");
  CHECK(replayed.headers.size() == 1);
  CHECK(runs == 3);
}

TEST_CASE("the taxonomy is the document's") {
  std::map<event_group, int> groups;
  std::set<std::string_view> names;
  for (const auto& each : taxonomy()) {
    ++groups[each.group];
    CHECK(names.insert(each.name).second);
  }
  // 177 names are listed; game_ended has a sample only.
  CHECK(names.size() == 178);
  CHECK(groups[event_group::registration] == 29);
  CHECK(groups[event_group::session] == 20);
  CHECK(groups[event_group::financial] == 29);
  CHECK(groups[event_group::bonus] == 25);
  CHECK(groups[event_group::gameplay] == 44);
  CHECK(groups[event_group::sportsbook] == 15);
  CHECK(groups[event_group::crm] == 16);
  REQUIRE(find_known("deposit_success") != nullptr);
  CHECK(find_known("deposit_success")->properties == "amount currency payment_method");
  CHECK(find_known("of_our_own") == nullptr);
}
