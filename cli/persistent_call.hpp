#pragma once

#include "cli/api_client.hpp"

#include <chrono>
#include <functional>
#include <string>

namespace croupier::cli {

/// Pauses between attempts: from a quarter of a second, twice as long each time up to five seconds, about a minute in
/// all.
class patience {
public:
  /// Sleeps for the next pause, or for `asked` when that is longer (five seconds at most). False, at once, when enough
  /// was waited.
  bool wait(std::chrono::milliseconds asked = {});

private:
  int pauses_ = 0;
  std::chrono::milliseconds next_{250};
};

/// Makes a call until the server has judged it. 429, 503, 504 and broken connections are asked again, after the time
/// that the server names or growing pauses, for about a minute in all. For calls that may be repeated.
///
/// Gives the answer, or why there was none in that time. A server that cannot be reached at the first attempt is not
/// waited for when `expect_reachable` is false: most likely its address is wrong.
result<api_answer, std::string> call_until_judged(const std::function<result<api_answer, no_answer>()>& call,
                                                  bool expect_reachable);

} // namespace croupier::cli
