#include "benchmarks/race/shim.hpp"

#include "benchmarks/race/postgres.hpp"
#include "benchmarks/race/redis.hpp"

#include <boost/json.hpp>
#include <httplib.h>
#include <sys/socket.h>

#include <array>
#include <condition_variable>
#include <csignal>
#include <iostream>
#include <mutex>
#include <thread>

namespace croupier::race {

namespace {

namespace json = boost::json;

constexpr std::size_t workers = 300; // cpp-httplib gives each kept-alive connection one
constexpr std::size_t keep_alive_max = 1'000'000'000;

/// Engines, lent to one worker at a time: a database does best with far fewer connections than an HTTP server has.
class engine_pool {
public:
  engine_pool(const shim_options& options, const workload& work) {
    for (std::uint64_t i = 0; i < options.stores_max; ++i)
      free_.push_back(options.store == "redis" ? redis_engine(options.address, work)
                                               : postgres_engine(options.address, work));
  }

  verdict apply(const movement& what, std::string& balances) {
    auto lent = take();
    const auto said = lent->apply(what, balances);
    std::lock_guard hold(lock_);
    free_.push_back(std::move(lent));
    came_back_.notify_one();
    return said;
  }

private:
  std::unique_ptr<engine> take() {
    std::unique_lock hold(lock_);
    came_back_.wait(hold, [this] { return !free_.empty(); });
    auto lent = std::move(free_.back());
    free_.pop_back();
    return lent;
  }

  std::mutex lock_;
  std::condition_variable came_back_;
  std::vector<std::unique_ptr<engine>> free_;
};

std::string_view text_at(const json::object& from, std::string_view name) {
  const auto& text = from.at(json::string_view(name.data(), name.size())).as_string();
  return {text.data(), text.size()};
}

/// What the body says; throws when it is not a movement of the race.
void read_movement(const workload& work, const std::string& body, movement& into) {
  std::array<unsigned char, 8192> room;
  json::monotonic_resource memory(room.data(), room.size());
  const auto parsed = json::parse(body, &memory);
  const auto& fields = parsed.as_object();
  const auto brand = text_at(fields, "revenueOriginId");
  into.brand = static_cast<std::uint32_t>(std::stoul(std::string(brand.substr(brand.size() - 2)), nullptr, 16)) - 0x11;
  into.external_id = text_at(fields, "externalClientId");
  into.request_id = text_at(fields, "requestId");
  into.payload = body;
  into.changes.clear();
  const auto& metrics = fields.at("metrics").as_array();
  for (std::size_t i = 0; i < work.metrics().size(); ++i) {
    const auto& each = metrics.at(i).as_object();
    if (text_at(each, "code") != work.metrics()[i].code) throw std::runtime_error("another metric was expected");
    into.changes.push_back(bench::parse_units(text_at(each, "value"), work.metrics()[i].decimal));
  }
}

void answer(verdict said, const std::string& balances, httplib::Response& out) {
  switch (said) {
  case verdict::applied: return out.set_content(R"({"balances":")" + balances + R"("})", "application/json");
  case verdict::replayed:
  case verdict::conflict:
    out.status = 409;
    return out.set_content(said == verdict::conflict ? R"({"payloadMismatch":true})" : R"({"payloadMismatch":false})",
                           "application/json");
  case verdict::overloaded:
  case verdict::wrong: out.status = 500; return;
  }
}

} // namespace

int serve_shim(const shim_options& options) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &ends, nullptr);

  bench::workload_options kind;
  kind.metrics = options.metrics;
  kind.players = 1; // who plays comes with each request
  const workload work(kind);
  engine_pool engines(options, work);
  httplib::Server server;
  int listener = -1;
  server.new_task_queue = [] { return new httplib::ThreadPool(workers); };
  server.set_keep_alive_max_count(keep_alive_max);
  server.set_tcp_nodelay(true);
  server.set_socket_options([&](int socket) { listener = socket; });
  server.Post("/movements", [&](const httplib::Request& got, httplib::Response& out) {
    thread_local movement what;
    thread_local std::string balances;
    read_movement(work, got.body, what);
    answer(engines.apply(what, balances), balances, out);
  });
  const int port = server.bind_to_any_port("127.0.0.1");
  ::listen(listener, 1024); // the library's own backlog of 5 drops handshakes
  std::cout << port << std::endl;
  std::thread stopper([&] {
    int signal = 0;
    ::sigwait(&ends, &signal);
    server.stop();
  });
  server.listen_after_bind();
  stopper.join();
  return 0;
}

} // namespace croupier::race
