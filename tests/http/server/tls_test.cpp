#include "http/server/served.hpp"
#include "support/catch.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <openssl/ssl.h>
#include <string>

using namespace croupier;
using namespace croupier::test;
using namespace std::chrono_literals;

namespace {

/// A folder with a new self-signed certificate, for as long as it lives.
class certificate {
public:
  certificate() {
    std::string name = (std::filesystem::temp_directory_path() / "croupier-tls-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    const auto command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
                         "-subj /CN=localhost -keyout " +
                         key() + " -out " + chain() + " 2>/dev/null";
    REQUIRE(std::system(command.c_str()) == 0);
  }
  ~certificate() { std::filesystem::remove_all(folder_); }

  std::string chain() const { return (folder_ / "cert.pem").string(); }
  std::string key() const { return (folder_ / "key.pem").string(); }
  std::filesystem::path folder() const { return folder_; }

private:
  std::filesystem::path folder_;
};

http::server_options with(const certificate& own) {
  auto options = quick_options();
  options.tls_certificate_path = own.chain();
  options.tls_key_path = own.key();
  return options;
}

class tls_client : public raw_client {
public:
  explicit tls_client(std::uint16_t port, int version = 0)
      : raw_client(port), context_(SSL_CTX_new(TLS_client_method())) {
    if (version != 0) SSL_CTX_set_max_proto_version(context_, version);
    tls_ = SSL_new(context_);
    SSL_set_fd(tls_, socket());
    connected = SSL_connect(tls_) == 1;
  }
  ~tls_client() override {
    SSL_free(tls_);
    SSL_CTX_free(context_);
  }

  bool send(std::string_view bytes) override {
    return bytes.empty() || SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size())) > 0;
  }
  /// Ends the TLS side as a polite client does.
  void say_goodbye() { SSL_shutdown(tls_); }

  bool connected = false;

protected:
  got receive() override {
    if (SSL_pending(tls_) == 0 && !wait_readable()) return got::nothing;
    std::array<char, 16 * 1024> block{};
    const int count = SSL_read(tls_, block.data(), static_cast<int>(block.size()));
    if (count <= 0) return got::end;
    in_.append(block.data(), static_cast<std::size_t>(count));
    return got::bytes;
  }

private:
  SSL_CTX* context_;
  SSL* tls_ = nullptr;
};

} // namespace

TEST_CASE("requests and answers over TLS") {
  const certificate own;
  served srv(with(own));
  for (const int version : {0, TLS1_2_VERSION}) {
    tls_client client(srv.port, version);
    REQUIRE(client.connected);
    CHECK(client.ask(get("/healthz")).body == "well");
    const std::string body(1 << 20, 't');
    CHECK(client.ask(post("/echo", body)).body == body);
    CHECK(client.ask(get("/large")).body.size() == 16 << 20);
    CHECK(client.ask(get("/pieces?q=20")).body.size() == 20 * 64 * 1024);
    REQUIRE(client.send(get("/healthz") + get("/healthz") + get("/healthz")));
    for (int i = 0; i < 3; ++i) CHECK(client.read_answer().body == "well");
    const std::string stream = "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n";
    CHECK(client.ask(with_headers("POST", "/stream", stream, chunked(body, 777))).body == "read 1048576");
    CHECK(client.ask(with_headers("GET", "/healthz", "Connection: close\r\n")).status == 200);
    CHECK(client.ends());
  }
  CHECK(srv.figures().tls_failures == 0);
}

TEST_CASE("many TLS clients with few threads") {
  const certificate own;
  auto options = with(own);
  options.worker_threads_max = 4;
  served srv(options);
  std::vector<std::unique_ptr<tls_client>> clients;
  for (int i = 0; i < 50; ++i) clients.push_back(std::make_unique<tls_client>(srv.port));
  for (int round = 0; round < 3; ++round) {
    for (auto& client : clients) REQUIRE(client->send(post("/echo", "x")));
    for (auto& client : clients) REQUIRE(client->read_answer().body == "x");
  }
  CHECK(eventually([&] { return srv.figures().connections_parked == 50; }));
  for (auto& client : clients) client->say_goodbye();
  CHECK(eventually([&] { return srv.figures().connections_open == 0; }));
}

TEST_CASE("garbage on the TLS port is counted and closed, and others are served") {
  const certificate own;
  auto options = with(own);
  options.header_timeout = 700ms;
  served srv(options);
  const std::vector<std::string> garbage{get("/healthz"), std::string(1'000, '\0'), std::string(100'000, '\xff'),
                                         std::string("\x16\x03\x01\x00\x05hello", 10),
                                         std::string("\x16\x03\x01\xff\xff", 5) + std::string(70'000, 'x')};
  for (const auto& bytes : garbage) {
    raw_client client(srv.port);
    client.send(bytes);
    const auto all = client.read_to_end(); // an alert at most
    REQUIRE(all);
    CHECK(all->find("HTTP") == std::string::npos);
  }
  CHECK(srv.figures().tls_failures == garbage.size());
  CHECK(srv.answered(200) == 0);
  // A handshake that stops in the middle runs out of time.
  raw_client silent(srv.port);
  raw_client stuck(srv.port);
  REQUIRE(stuck.send(std::string_view("\x16\x03\x01\x02\x00\x01", 6)));
  CHECK(stuck.ends());
  CHECK(silent.ends());
  CHECK(srv.figures().header_timeouts == 2);
  tls_client good(srv.port);
  REQUIRE(good.connected);
  CHECK(good.ask(get("/healthz")).body == "well");
}

TEST_CASE("a key that does not belong to the certificate is refused at the start") {
  const certificate own;
  const certificate other;
  auto options = with(own);
  options.tls_key_path = other.key();
  try {
    served srv(options);
    FAIL("the server has started");
  } catch (const std::runtime_error& error) {
    CHECK(std::string(error.what()).find(other.key()) != std::string::npos);
  }
  std::ofstream(own.folder() / "key.pem") << "not a key";
  try {
    served srv(with(own));
    FAIL("the server has started");
  } catch (const std::runtime_error& error) {
    CHECK(std::string(error.what()).find("TLS key") == 0);
  }
}
