#pragma once

#include "http/deliver/outgoing_address.hpp"
#include "http/deliver/outlet.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace httplib {
class Client;
}

namespace croupier::http::deliver {

/// Requests to one server of others. Redirects are not followed, bodies of answers are dropped after 64 KiB, the
/// connection is kept for the next request. One thread at a time, but `abort`.
class outgoing_http {
public:
  outgoing_http(outgoing_url server, const outlet_means& means);
  ~outgoing_http();

  struct call {
    std::string method;
    std::string path; ///< with the query, encoded as it is to be sent
    std::string body;
    std::string content_type;
    std::vector<std::pair<std::string, std::string>> headers;
  };

  /// Delivered: the status is 2xx.
  sent_outcome send(const call& what);
  void abort() noexcept;

private:
  result<done, std::string> connect();

  const outgoing_url server_;
  const outlet_means means_;
  std::mutex mutex_; ///< of the pointer
  std::shared_ptr<httplib::Client> client_;
  std::chrono::steady_clock::time_point resolved_at_;
};

} // namespace croupier::http::deliver
