#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace croupier::test {

/// A server of somebody else's that behaves as badly as it is told to. It speaks just enough HTTP.
class receiver {
public:
  enum class manner : std::uint8_t {
    take,     ///< 200
    fail,     ///< 500
    hang,     ///< says nothing until it behaves otherwise
    close,    ///< closes the connection
    redirect, ///< 302 to another path of its own
    chatter   ///< 200 with a body that does not end
  };

  struct received {
    std::string method;
    std::string path;
    std::string head; ///< the whole of it
    std::string body;

    /// Empty when absent.
    std::string header(std::string_view name) const;
  };

  /// Binds; `serve` begins. In between the process may be forked.
  receiver();
  ~receiver();
  receiver(const receiver&) = delete;
  receiver& operator=(const receiver&) = delete;

  void serve();
  std::uint16_t port() const noexcept { return port_; }
  std::string url(std::string_view path = "/hook") const;
  void behave(manner how);

  /// What was answered 200, in order.
  std::vector<received> taken() const;
  /// Requests that were read, whatever they were answered.
  std::uint64_t asked() const noexcept { return asked_; }

private:
  void accept_all();
  void converse(int socket);
  bool answer(int socket, received what);

  int listener_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  manner manner_ = manner::take;
  bool ending_ = false;
  std::vector<received> taken_;
  std::atomic<std::uint64_t> asked_{0};
  std::vector<int> sockets_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

} // namespace croupier::test
