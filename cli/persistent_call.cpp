#include "cli/persistent_call.hpp"

#include <algorithm>
#include <thread>

namespace croupier::cli {
namespace {

using std::chrono::milliseconds;

constexpr int pauses_max = 15;
constexpr milliseconds longest_pause{5'000};

bool is_passing(int status) {
  return status == 429 || status == 503 || status == 504;
}

} // namespace

bool patience::wait(milliseconds asked) {
  if (pauses_ == pauses_max) return false;
  ++pauses_;
  std::this_thread::sleep_for(std::clamp(asked, next_, longest_pause));
  next_ = std::min(next_ * 2, longest_pause);
  return true;
}

result<api_answer, std::string> call_until_judged(const std::function<result<api_answer, no_answer>()>& call,
                                                  bool expect_reachable) {
  patience left;
  for (;;) {
    auto given = call();
    if (given && !is_passing(given->status)) return std::move(given).value();
    if (!given && given.error().never_sent && !expect_reachable) return given.error().text;
    expect_reachable = true; // it was reached, or is waited for
    const auto asked = given ? given->retry_after : std::nullopt;
    if (!left.wait(asked.value_or(std::chrono::seconds{0}))) return given ? given->message() : given.error().text;
  }
}

} // namespace croupier::cli
