#include "benchmarks/load/generator.hpp"
#include "benchmarks/load/http_channel.hpp"
#include "support/catch.hpp"

#include <httplib.h>
#include <sys/socket.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

using namespace croupier;
using namespace std::chrono_literals;

namespace {

/// A server that notes which numbers it was sent and answers in the way that the path asks for.
class echo_server {
public:
  explicit echo_server(std::size_t keep_alive_max = 1'000'000) {
    server_.new_task_queue = [] { return new httplib::ThreadPool(32); };
    server_.set_keep_alive_max_count(keep_alive_max);
    server_.set_tcp_nodelay(true);
    server_.Post("/plain", [this](const auto& got, auto& answer) { note(got.body, answer, false); });
    server_.Post("/chunked", [this](const auto& got, auto& answer) { note(got.body, answer, true); });
    server_.Post("/stall", [this](const auto& got, auto& answer) {
      std::unique_lock hold(stall_);
      note(got.body, answer, false);
    });
    int listener = -1;
    server_.set_socket_options([&](int socket) { listener = socket; });
    port_ = static_cast<std::uint16_t>(server_.bind_to_any_port("127.0.0.1"));
    ::listen(listener, 1024); // the library's own backlog of 5 drops handshakes
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~echo_server() {
    server_.stop();
    thread_.join();
  }

  std::uint16_t port() const { return port_; }
  std::mutex& stall() { return stall_; }
  std::multiset<std::string> seen() {
    std::lock_guard hold(seen_lock_);
    return seen_;
  }

private:
  void note(const std::string& body, httplib::Response& answer, bool chunked) {
    {
      std::lock_guard hold(seen_lock_);
      seen_.insert(body);
    }
    answer.status = body.ends_with('7') ? 409 : 200;
    if (!chunked) return answer.set_content("got " + body, "text/plain");
    answer.set_chunked_content_provider("text/plain", [body](std::size_t, httplib::DataSink& sink) {
      const auto text = "got " + body;
      sink.write(text.data(), 3);
      sink.write(text.data() + 3, text.size() - 3);
      sink.done();
      return true;
    });
  }

  httplib::Server server_;
  std::thread thread_;
  std::uint16_t port_ = 0;
  std::mutex stall_;
  std::mutex seen_lock_;
  std::multiset<std::string> seen_;
};

/// Sends the numbers below a limit, shared by all threads, and checks that each answer is the one of its request.
struct numbers {
  std::string path = "/plain";
  std::uint64_t limit = 0;
  std::function<void(std::uint64_t, load::request&)> adjust = [](auto, auto&) {};
  std::atomic<std::uint64_t> sent{0};
  std::atomic<std::uint64_t> mixed_up{0};
  std::mutex lock;
  std::set<std::uint64_t> answered;
  std::multiset<std::uint64_t> lost;
};

class number_caller final : public load::caller {
public:
  explicit number_caller(numbers& shared) : shared_(shared), head_("POST", shared.path, "localhost", {}) {}

  bool next(load::request& to_fill) override {
    const auto number = shared_.sent.fetch_add(1);
    if (number >= shared_.limit) return false;
    to_fill.tag = number;
    head_.render(std::to_string(number), to_fill.wire);
    shared_.adjust(number, to_fill);
    return true;
  }

  std::size_t judge(const load::request& sent, const load::answer& got) override {
    const auto text = std::to_string(sent.tag);
    if (got.body != "got " + text || got.status != (text.ends_with('7') ? 409 : 200)) ++shared_.mixed_up;
    std::lock_guard hold(shared_.lock);
    shared_.answered.insert(sent.tag);
    return got.status == 200 ? 0 : 1;
  }

  void lost(const load::request& sent, load::loss) override {
    std::lock_guard hold(shared_.lock);
    shared_.lost.insert(sent.tag);
  }

private:
  numbers& shared_;
  load::request_head head_;
};

/// A run with that many threads.
load::report run(const load::plan& plan, std::uint16_t port, numbers& what, std::size_t threads = 1) {
  std::vector<std::unique_ptr<number_caller>> callers;
  std::vector<load::caller*> all;
  for (std::size_t i = 0; i < threads; ++i)
    all.push_back(callers.emplace_back(std::make_unique<number_caller>(what)).get());
  return load::run(plan, load::http_channels("127.0.0.1", port), all);
}

load::plan plan_of(std::size_t connections) {
  load::plan plan;
  plan.connections = connections;
  plan.outcomes = {"ok", "conflict"};
  return plan;
}

std::uint64_t lost(const load::report& report, load::loss why) {
  return report.lost[static_cast<std::size_t>(why)];
}

} // namespace

TEST_CASE("a closed loop sends every request once and pairs every answer with its request") {
  for (const std::string path : {"/plain", "/chunked"}) {
    INFO(path);
    echo_server server;
    numbers what;
    what.path = path;
    what.limit = 3000;
    const auto report = run(plan_of(16), server.port(), what, 2);
    CHECK(report.answered() == 3000);
    CHECK(report.outcomes[0].latency.count() == 2700);
    CHECK(report.outcomes[1].latency.count() == 300);
    CHECK(report.lost_in_all() == 0);
    CHECK(report.connects == 16);
    CHECK(what.mixed_up == 0);
    CHECK(server.seen().size() == 3000);
    CHECK(what.answered.size() == 3000);
  }
}

TEST_CASE("an open loop keeps its rate, whatever the answers do") {
  echo_server server;
  numbers what;
  what.limit = 1'000'000;
  auto plan = plan_of(8);
  plan.pace = load::arrivals::fixed;
  plan.rate_per_s = 1000;
  plan.duration = 500ms;
  const auto report = run(plan, server.port(), what);
  CHECK(report.answered() + report.unsent == 500);
  CHECK(report.unsent == 0);

  plan.pace = load::arrivals::poisson;
  const auto random = run(plan, server.port(), what);
  CHECK(random.answered() > 350); // 500 expected; 6.7 standard deviations below
  CHECK(random.answered() < 650);
}

TEST_CASE("an open loop counts latency from when a request was due, not from when a connection was free") {
  echo_server server;
  numbers what;
  what.path = "/stall";
  what.limit = 40;
  auto plan = plan_of(1);
  plan.pace = load::arrivals::fixed;
  plan.rate_per_s = 1000;
  std::unique_lock stalled(server.stall());
  std::thread relief([&] {
    while (what.sent == 0) std::this_thread::yield();
    std::this_thread::sleep_for(100ms); // the length of the stall that is measured, not a wait for something
    stalled.unlock();
  });
  const auto report = run(plan, server.port(), what);
  relief.join();
  CHECK(report.answered() == 40);
  // All forty fell due within 40 ms, so even the last one waited for at least 60 ms.
  CHECK(report.latency().quantile(0.01) >= 60ms);
}

TEST_CASE("connections that are cut on purpose are counted and made again") {
  echo_server server;
  numbers what;
  what.limit = 200;
  what.adjust = [](std::uint64_t number, load::request& to_fill) {
    if (number % 4 == 1) to_fill.cut_after = 0;
    if (number % 4 == 3) to_fill.cut_after = 20;
  };
  const auto report = run(plan_of(4), server.port(), what);
  CHECK(report.answered() == 100);
  CHECK(lost(report, load::loss::cut) == 100);
  CHECK(report.lost_in_all() == 100);
  CHECK(what.lost.size() == 100);
  CHECK(std::all_of(what.lost.begin(), what.lost.end(), [](auto number) { return number % 2 == 1; }));
  CHECK(what.mixed_up == 0);
  CHECK(report.connects >= 100);
}

TEST_CASE("a connection that the server closes after an answer is made again without a loss") {
  echo_server server(3); // three requests per connection, the last answer says so
  numbers what;
  what.limit = 90;
  const auto report = run(plan_of(2), server.port(), what);
  CHECK(report.answered() == 90);
  CHECK(report.lost_in_all() == 0);
  CHECK(report.connects >= 30);
}

TEST_CASE("every request can have a connection of its own") {
  echo_server server;
  numbers what;
  what.limit = 50;
  auto plan = plan_of(10);
  plan.connection_per_request = true;
  const auto report = run(plan, server.port(), what);
  CHECK(report.answered() == 50);
  CHECK(report.connects == 50);
}

TEST_CASE("no answer in time is a loss, and the rest goes on") {
  echo_server server;
  std::unique_lock stalled(server.stall());
  numbers what;
  what.path = "/stall";
  what.limit = 3;
  auto plan = plan_of(3);
  plan.answer_timeout = 50ms;
  const auto report = run(plan, server.port(), what);
  CHECK(report.answered() == 0);
  CHECK(lost(report, load::loss::timed_out) == 3);
}

TEST_CASE("a server that is not there is an error, not an endless run") {
  std::uint16_t port = 0;
  { port = echo_server().port(); }
  numbers what;
  what.limit = 10;
  CHECK_THROWS_AS(run(plan_of(2), port, what), std::runtime_error);

  auto plan = plan_of(2);
  plan.connection_per_request = true;
  plan.answer_timeout = 100ms;
  const auto report = run(plan, port, what);
  CHECK(report.answered() == 0);
  CHECK(lost(report, load::loss::refused) == report.lost_in_all());
}

TEST_CASE("the report says the same in text and in JSON") {
  load::report report;
  report.elapsed_s = 2;
  report.outcomes = {{"accepted", {}}, {"duplicate", {}}};
  for (int i = 0; i < 10; ++i) report.outcomes[0].latency.add(1ms);
  report.lost[static_cast<std::size_t>(load::loss::cut)] = 3;
  report.unsent = 4;
  const auto text = load::to_text(report);
  CHECK(text.find("5 answers/s, 10 answers in 2.00 s") != std::string::npos);
  CHECK(text.find("no answer, cut on purpose: 3") != std::string::npos);
  CHECK(text.find("due and never sent: 4") != std::string::npos);
  const auto json = load::to_json(report);
  CHECK(json.find(R"("ratePerSecond":5.000)") != std::string::npos);
  CHECK(
      json.find(
          R"("accepted":{"count":10,"latencyUs":{"mean":1000,"p50":1000,"p90":1000,"p99":1000,"p999":1000,"max":1000}})") !=
      std::string::npos);
  CHECK(json.find(R"("duplicate":{"count":0,)") != std::string::npos);
  CHECK(json.find(R"("cut on purpose":3}})") != std::string::npos);
}
