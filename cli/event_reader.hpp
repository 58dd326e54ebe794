#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace croupier::cli {

/// A server-sent event.
struct server_event {
  std::string kind;
  std::string data; ///< lines joined by line feeds
};

/// Takes server-sent events out of a stream that comes in pieces of any size. Comments are skipped. One thread.
class event_reader {
public:
  /// Reads the next piece and gives each event that is whole to `take`, until it answers false; false then.
  bool read(std::string_view piece, const std::function<bool(const server_event&)>& take);

  /// The id that was given last; empty: none. It stays over a broken connection.
  const std::string& last_id() const noexcept { return last_id_; }

  /// Another connection begins: forgets an event that was cut short.
  void begin();

private:
  void read_line(std::string_view line);

  std::string rest_; ///< of a line that is not whole
  server_event next_;
  std::string next_id_;
  std::string last_id_;
  bool has_data_ = false;
};

} // namespace croupier::cli
