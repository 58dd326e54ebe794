#pragma once

#include "engine/result.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct ssl_st;
struct ssl_ctx_st;

namespace croupier::http::wire {

/// What TLS needs, shared by all connections.
class tls_context {
public:
  /// Reads a certificate chain and its key, both PEM. The error is one line that names the file.
  static result<std::shared_ptr<const tls_context>, std::string> load(const std::string& certificate_path,
                                                                      const std::string& key_path);
  ssl_ctx_st* get() const noexcept { return content_.get(); }

private:
  struct release {
    void operator()(ssl_ctx_st* content) const noexcept;
  };
  std::unique_ptr<ssl_ctx_st, release> content_;
};

enum class io_status : std::uint8_t {
  done,        ///< bytes were moved, or the handshake is complete
  wants_read,  ///< try again when the socket is readable
  wants_write, ///< try again when the socket is writable
  ended,       ///< the peer sends no more
  failed       ///< the connection is of no more use
};

struct io_result {
  io_status status = io_status::failed;
  std::size_t bytes = 0;
};

/// One connected socket, with TLS or without. Never blocks. Owns the socket. One thread at a time.
class transport {
public:
  /// Takes a connected, non-blocking socket; `tls` null: none.
  transport(int socket, const tls_context* tls);
  ~transport();
  transport(const transport&) = delete;
  transport& operator=(const transport&) = delete;

  /// Goes on with the TLS handshake; done at once without TLS.
  io_result handshake() noexcept;
  io_result read(char* into, std::size_t room) noexcept;
  io_result write(std::string_view bytes) noexcept;

  /// Tells the peer that nothing more comes; reading goes on.
  void end_writing() noexcept;
  /// Makes every present and future call fail or end, from any thread.
  void abort() noexcept;

  int socket() const noexcept { return socket_; }

private:
  struct release {
    void operator()(ssl_st* content) const noexcept;
  };
  io_result tls_outcome(int returned) noexcept;

  int socket_;
  std::unique_ptr<ssl_st, release> tls_;
};

} // namespace croupier::http::wire
