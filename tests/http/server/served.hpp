#pragma once

#include "http/server.hpp"
#include "support/raw_http.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// A server with a small table of routes, one of each kind, for the tests of the server itself.
namespace croupier::test {

inline constexpr std::string_view writer = "rv_writer";   ///< movements:write
inline constexpr std::string_view reader = "rv_reader";   ///< read
inline constexpr std::string_view boss = "rv_boss";       ///< admin
inline constexpr std::string_view expired = "rv_expired"; ///< read, until 2020
inline constexpr std::string_view revoked = "rv_revoked"; ///< read, revoked

/// The keys above.
workspace workspace_with_keys();

/// Timeouts that suit tests: long where nothing should time out.
http::server_options quick_options();

/// An answer that the test gives when it wants to. Each member from any thread.
class promised final : public http::pending_answer {
public:
  std::optional<http::response> take(const std::function<void()>& wake) override;
  http::response give_up() override;

  /// Gives the answer, and calls whoever waits for it.
  void keep(std::string body);
  /// Calls whoever waits, without an answer.
  void disturb();
  /// Makes the next `take` fail.
  void break_it();

  std::atomic<int> asked{0};
  std::atomic<int> given_up{0};

private:
  std::mutex mutex_;
  std::string body_;
  bool kept_ = false;
  bool broken_ = false;
  std::function<void()> wake_;
};

class served {
public:
  explicit served(http::server_options options = quick_options());

  std::uint16_t port = 0;
  std::shared_ptr<http::metrics> counters = std::make_shared<http::metrics>();
  std::shared_ptr<const workspace> ws;                              ///< what the server is given at each request
  std::atomic<int> held{0};                                         ///< handlers of /hold that wait
  std::atomic<bool> let_go{false};                                  ///< lets them answer
  std::atomic<int> handled{0};                                      ///< calls of any handler
  std::shared_ptr<promised> promise = std::make_shared<promised>(); ///< the answer of /later

  http::server_figures figures() const { return counters->figures(); }
  http::server& server() { return *server_; }
  /// How many requests of all routes were answered with the status.
  std::uint64_t answered(int status) const;

private:
  std::vector<http::route> table();
  std::size_t routes_ = 0;
  std::unique_ptr<http::server> server_; ///< last: its handlers use the rest
};

/// A request with Host, and with a key and a JSON body where they are given.
std::string get(std::string_view target, std::string_view key = {});
std::string post(std::string_view target, std::string_view body, std::string_view key = {});
/// The same with a head of the caller's: lines that end in CRLF.
std::string with_headers(std::string_view method, std::string_view target, std::string_view headers,
                         std::string_view body = {});

std::string gzip(std::string_view text);

/// A chunked body of pieces of that size, with its end.
std::string chunked(std::string_view body, std::size_t piece_bytes);

} // namespace croupier::test
