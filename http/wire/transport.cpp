#include "http/wire/transport.hpp"

#include "engine/check.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace croupier::http::wire {

namespace {

/// The oldest error of this thread's queue, which it empties.
std::string openssl_reason() {
  const auto code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "unknown reason" : reason;
}

} // namespace

void tls_context::release::operator()(ssl_ctx_st* content) const noexcept {
  SSL_CTX_free(content);
}

result<std::shared_ptr<const tls_context>, std::string> tls_context::load(const std::string& certificate_path,
                                                                          const std::string& key_path) {
  const auto made = std::make_shared<tls_context>();
  made->content_.reset(SSL_CTX_new(TLS_server_method()));
  auto* content = made->get();
  if (content == nullptr) return "TLS cannot be set up: " + openssl_reason();
  SSL_CTX_set_min_proto_version(content, TLS1_2_VERSION);
  SSL_CTX_set_options(content, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Idle connections come by the thousand: they keep no buffers, and sessions live in tickets that the clients keep.
  SSL_CTX_set_mode(content,
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(content, SSL_SESS_CACHE_OFF);
  if (SSL_CTX_use_certificate_chain_file(content, certificate_path.c_str()) != 1)
    return "TLS certificate " + certificate_path + " cannot be used: " + openssl_reason();
  if (SSL_CTX_use_PrivateKey_file(content, key_path.c_str(), SSL_FILETYPE_PEM) != 1)
    return "TLS key " + key_path + " cannot be used: " + openssl_reason();
  if (SSL_CTX_check_private_key(content) != 1)
    return "TLS key " + key_path + " does not belong to certificate " + certificate_path;
  return std::shared_ptr<const tls_context>(made);
}

void transport::release::operator()(ssl_st* content) const noexcept {
  SSL_free(content);
}

transport::transport(int socket, const tls_context* tls) : socket_(socket) {
  if (tls == nullptr) return;
  tls_.reset(SSL_new(tls->get()));
  CROUPIER_ASSERT(tls_ != nullptr && SSL_set_fd(tls_.get(), socket) == 1, "OpenSSL has no memory");
  SSL_set_accept_state(tls_.get());
}

transport::~transport() {
  tls_.reset();
  ::close(socket_);
}

io_result transport::handshake() noexcept {
  if (!tls_) return {io_status::done, 0};
  ERR_clear_error();
  const int returned = SSL_do_handshake(tls_.get());
  return returned == 1 ? io_result{io_status::done, 0} : tls_outcome(returned);
}

io_result transport::read(char* into, std::size_t room) noexcept {
  if (tls_) {
    ERR_clear_error();
    const int got = SSL_read(tls_.get(), into, static_cast<int>(std::min<std::size_t>(room, INT_MAX)));
    return got > 0 ? io_result{io_status::done, static_cast<std::size_t>(got)} : tls_outcome(got);
  }
  const auto got = ::recv(socket_, into, room, 0);
  if (got > 0) return {io_status::done, static_cast<std::size_t>(got)};
  if (got == 0) return {io_status::ended, 0};
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {io_status::wants_read, 0};
  return {io_status::failed, 0};
}

io_result transport::write(std::string_view bytes) noexcept {
  if (tls_) {
    ERR_clear_error();
    const int put = SSL_write(tls_.get(), bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), INT_MAX)));
    return put > 0 ? io_result{io_status::done, static_cast<std::size_t>(put)} : tls_outcome(put);
  }
  const auto put = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (put >= 0) return {io_status::done, static_cast<std::size_t>(put)};
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {io_status::wants_write, 0};
  return {io_status::failed, 0};
}

void transport::end_writing() noexcept {
  if (tls_) {
    ERR_clear_error();
    SSL_shutdown(tls_.get()); // the closing alert; the peer's own is not waited for
    ERR_clear_error();
  }
  ::shutdown(socket_, SHUT_WR);
}

void transport::abort() noexcept {
  ::shutdown(socket_, SHUT_RDWR);
}

io_result transport::tls_outcome(int returned) noexcept {
  switch (SSL_get_error(tls_.get(), returned)) {
  case SSL_ERROR_WANT_READ: return {io_status::wants_read, 0};
  case SSL_ERROR_WANT_WRITE: return {io_status::wants_write, 0};
  case SSL_ERROR_ZERO_RETURN: return {io_status::ended, 0};
  default:
    return {io_status::failed, 0}; // an end without the closing alert is among these: it may be an attacker's cut
  }
}

} // namespace croupier::http::wire
