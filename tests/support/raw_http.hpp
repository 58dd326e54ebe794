#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// HTTP by hand, for what no client library would send.
namespace croupier::test {

/// An answer as it came, with its body taken out of its framing.
struct raw_answer {
  int status = 0; ///< 0: the connection ended, or the time passed, before the answer was whole
  std::vector<std::pair<std::string, std::string>> headers; ///< names in lower case
  std::string body;

  /// Empty when absent.
  std::string_view header(std::string_view name) const noexcept;
};

/// A plain TCP connection to a server on this machine. Every wait ends after ten seconds at the latest.
class raw_client {
public:
  /// Connects (throws std::runtime_error). A receive buffer of 0 bytes leaves the system's.
  explicit raw_client(std::uint16_t port, int receive_buffer_bytes = 0);
  virtual ~raw_client();
  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;

  /// Sends all of it; false when the server has closed the connection.
  virtual bool send(std::string_view bytes);
  /// The next answer; nothing when the connection ended or the time passed before it was whole. `to_head`: without
  /// body.
  raw_answer read_answer(bool to_head = false);
  /// Everything until the server closes the connection; nothing when it does not.
  std::optional<std::string> read_to_end();
  /// Whether the server closes the connection, having sent nothing more.
  bool ends() { return read_to_end() == std::string(); }
  /// Sends and reads one answer.
  raw_answer ask(std::string_view request);

  /// Closes the sending side only.
  void end_sending();
  int socket() const noexcept { return socket_; }

protected:
  enum class got : std::uint8_t { bytes, end, nothing };
  /// Appends what has come to `in_`, waiting for it.
  virtual got receive();
  bool wait_readable() const;

  std::string in_;

private:
  bool fill_until(const std::function<bool()>& enough);
  std::optional<std::string> take(std::size_t bytes);
  std::optional<std::string> take_line();

  int socket_ = -1;
};

/// Waits until the condition holds, looking at it often; false when it does not within ten seconds.
bool eventually(const std::function<bool()>& condition);

} // namespace croupier::test
