#include "cli/persistent_call.hpp"

#include <algorithm>
#include <thread>

namespace croupier::cli {
namespace {

using std::chrono::milliseconds;

constexpr int attempts_max = 16;
constexpr milliseconds first_pause{250};
constexpr milliseconds longest_pause{5'000};

bool is_passing(int status) {
  return status == 429 || status == 503 || status == 504;
}

} // namespace

result<api_answer, std::string> call_until_judged(const std::function<result<api_answer, no_answer>()>& call,
                                                  bool expect_reachable) {
  milliseconds pause = first_pause;
  std::string why;
  for (int attempt = 0; attempt < attempts_max; ++attempt) {
    auto given = call();
    if (given && !is_passing(given->status)) return std::move(given).value();
    if (!given && given.error().never_sent && !expect_reachable && attempt == 0) return given.error().text;
    why = given ? given->message() : given.error().text;
    const milliseconds asked =
        given ? milliseconds(given->retry_after.value_or(std::chrono::seconds{0})) : milliseconds{0};
    std::this_thread::sleep_for(std::clamp(asked, pause, longest_pause));
    pause = std::min(pause * 2, longest_pause);
  }
  return why;
}

} // namespace croupier::cli
