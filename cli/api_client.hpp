#pragma once

#include "engine/result.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace croupier::cli {

/// Where a running server is and with which key.
struct server_access {
  std::string url = "http://127.0.0.1:8080"; ///< scheme, host and port
  std::string api_key;
};

struct api_answer {
  int status = 0;
  std::string body;
  std::string location; ///< of a redirection
  std::optional<std::chrono::seconds> retry_after;

  /// The message of an error body, or the status when there is none.
  std::string message() const;
};

/// No answer came: the address is wrong, nobody listens, the connection broke. Whether the call was carried out is
/// unknown unless `never_sent`.
struct no_answer {
  std::string text;
  bool never_sent = false;
};

/// One connection to a server, kept open between calls. Use by one thread at a time.
class api_client {
public:
  /// What is wrong with the URL, or nothing.
  static std::optional<std::string> problem_with(const server_access& access);

  /// The access is without a problem (CROUPIER_ASSERT).
  explicit api_client(const server_access& access);
  ~api_client();
  api_client(const api_client&) = delete;
  api_client& operator=(const api_client&) = delete;

  using query = std::vector<std::pair<std::string, std::string>>;
  result<api_answer, no_answer> get(const std::string& path, const query& parameters = {});
  result<api_answer, no_answer> post(const std::string& path, const std::string& body,
                                     const std::string& content_type = "application/json");
  /// DELETE.
  result<api_answer, no_answer> remove(const std::string& path);

  /// Gets a body of any length and hands it over as it comes, in pieces, while it is a 200; `take` answers false to end
  /// the call. The body of another status is in the answer. When nothing comes for `silence_max` the call ends as one
  /// that broke.
  result<api_answer, no_answer> follow(const std::string& path, const query& parameters,
                                       std::chrono::seconds silence_max,
                                       const std::function<bool(std::string_view piece)>& take);

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace croupier::cli
