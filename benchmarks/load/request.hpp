#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace croupier::load {

/// One request on its way. Objects are used again and again: whoever fills one clears what it needs.
struct request {
  std::string wire;      ///< for HTTP: every byte that is sent
  std::uint64_t tag = 0; ///< the caller's own, to know the request again
  /// Cut the connection on purpose once this many bytes of the answer have come; 0: as soon as the request is sent.
  std::optional<std::size_t> cut_after;
};

struct answer {
  int status = 0;
  std::string_view body; ///< valid during the call that hands it over
};

/// The part of HTTP requests that stays the same, rendered once: request line and headers.
class request_head {
public:
  using headers = std::vector<std::pair<std::string, std::string>>;

  /// `host` is the value of the Host header. Without a body there is no Content-Length.
  request_head(std::string_view method, std::string_view path, std::string_view host, const headers& fields);

  /// The whole request with this body replaces `wire`.
  void render(std::string_view body, std::string& wire) const;
  void render_without_body(std::string& wire) const;

private:
  std::string text_;
};

} // namespace croupier::load
