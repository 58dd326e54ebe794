#include "tests/http/destination_parts.hpp"

#include <nats/nats.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <sys/wait.h>
#include <unistd.h>

using namespace croupier;
using namespace croupier::test;

namespace {

/// A real server with JetStream, on a port of its own.
class nats_server {
public:
  explicit nats_server(const std::filesystem::path& folder) : folder_(folder) { start("-1"); }
  ~nats_server() { stop(); }
  nats_server(const nats_server&) = delete;
  nats_server& operator=(const nats_server&) = delete;

  void stop() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
  }
  void start_again() { start(port_); }
  std::string url() const { return "nats://127.0.0.1:" + port_; }
  bool is_there() const { return !port_.empty(); }

private:
  void start(const std::string& port) {
    const auto ports = folder_ / "ports";
    std::filesystem::remove_all(ports);
    std::filesystem::create_directories(ports);
    const std::string store = (folder_ / "store").string();
    process_ = ::fork();
    if (process_ == 0) {
      ::execlp("nats-server", "nats-server", "-a", "127.0.0.1", "-p", port.c_str(), "-js", "-sd", store.c_str(), "-l",
               (folder_ / "log").c_str(), "--ports_file_dir", ports.c_str(), static_cast<char*>(nullptr));
      ::_exit(127);
    }
    const bool listening = eventually([&] {
      for (const auto& each : std::filesystem::directory_iterator(ports)) {
        std::ifstream in(each.path());
        const std::string text{std::istreambuf_iterator<char>(in), {}};
        const auto at = text.find("nats://127.0.0.1:");
        if (at == std::string::npos) continue;
        const auto begin = at + 17;
        port_ = text.substr(begin, text.find('"', begin) - begin);
        return true;
      }
      return ::waitpid(process_, nullptr, WNOHANG) == process_;
    });
    if (!listening) FAIL("nats-server does not listen");
  }

  const std::filesystem::path folder_;
  pid_t process_ = 0;
  std::string port_;
};

/// Looks into a stream.
class stream_reader {
public:
  explicit stream_reader(const std::string& url) {
    REQUIRE(natsConnection_ConnectTo(&connection_, url.c_str()) == NATS_OK);
    REQUIRE(natsConnection_JetStream(&stream_, connection_, nullptr) == NATS_OK);
  }
  ~stream_reader() {
    jsCtx_Destroy(stream_);
    natsConnection_Destroy(connection_);
  }
  stream_reader(const stream_reader&) = delete;
  stream_reader& operator=(const stream_reader&) = delete;

  void make() {
    jsStreamConfig config;
    jsStreamConfig_Init(&config);
    const char* subjects[] = {"ledger.entries"};
    config.Name = "LEDGER";
    config.Subjects = subjects;
    config.SubjectsLen = 1;
    REQUIRE(js_AddStream(nullptr, stream_, &config, nullptr, nullptr) == NATS_OK);
  }

  std::vector<std::uint64_t> sequences() {
    std::vector<std::uint64_t> found;
    for (std::uint64_t at = 1;; ++at) {
      natsMsg* message = nullptr;
      if (js_GetMsg(&message, stream_, "LEDGER", at, nullptr, nullptr) != NATS_OK) return found;
      const std::string body(natsMsg_GetData(message), static_cast<std::size_t>(natsMsg_GetDataLength(message)));
      const char* id = nullptr;
      natsMsgHeader_Get(message, "Nats-Msg-Id", &id);
      const auto in_body = sequences_in(body);
      REQUIRE(in_body.size() == 1);
      CHECK(std::string(id == nullptr ? "" : id) == destination_id + "-" + std::to_string(in_body.front()));
      found.push_back(in_body.front());
      natsMsg_Destroy(message);
    }
  }

private:
  natsConnection* connection_ = nullptr;
  jsCtx* stream_ = nullptr;
};

} // namespace

TEST_CASE("a JetStream holds every entry once and in order, over outages and positions that were lost") {
  const temporary_folder folder;
  nats_server server(folder.path());
  if (!server.is_there()) {
    std::cout << "SKIPPED: there is no nats-server on this machine: destinations of the kind nats are NOT tested\n";
    return;
  }
  auto running = std::make_unique<running_ledger>(folder.path() / "ledger", actors::gateway_options{},
                                                  http::deliver::stream_options{}, quick_deliveries());
  auto target = webhook_to(server.url());
  target.kind = destination_kind::nats;
  target.subject = "ledger.entries";
  target.secret.clear();
  const auto made = put(*running, target).value;
  auto client = std::make_unique<api_client>(*running);
  client->register_player("ann", deposits_link);
  REQUIRE(eventually([&] { return status_of(*running, "problem") != "absent"; })); // there is no stream yet
  stream_reader(server.url()).make();
  int number = 0;
  const auto record_some = [&] {
    for (int i = 0; i < 40; ++i)
      REQUIRE(client->record("ann", "r-" + std::to_string(number++), {{"ngr", "+1"}}).status == 200);
  };
  const auto settled = [&] { return status_of(*running, "delivered") == std::to_string(newest(*running)); };
  record_some();
  REQUIRE(eventually(settled));
  CHECK(stream_reader(server.url()).sequences() == range(made + 1, newest(*running)));

  server.stop();
  record_some();
  REQUIRE(eventually([&] { return status_of(*running, "state") == "failing"; }));
  server.start_again();
  REQUIRE(eventually(settled));
  CHECK(stream_reader(server.url()).sequences() == range(made + 1, newest(*running)));

  // All of it is delivered again; the server knows the messages by their ids and keeps one of each.
  const auto last = newest(*running);
  client.reset();
  running.reset();
  std::filesystem::remove_all(folder.path() / "ledger" / "destinations");
  running = std::make_unique<running_ledger>(folder.path() / "ledger", actors::gateway_options{},
                                             http::deliver::stream_options{}, quick_deliveries());
  REQUIRE(eventually(settled));
  CHECK(stream_reader(server.url()).sequences() == range(made + 1, last));
}
