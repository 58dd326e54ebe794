#include "http/server.hpp"

#include "http/admission.hpp"
#include "http/router.hpp"
#include "http/wire/answer_writer.hpp"
#include "http/wire/driver.hpp"
#include "http/wire/lobby.hpp"
#include "http/wire/transport.hpp"
#include "http/wire/worker_pool.hpp"

namespace croupier::http {

struct server::state {
  state(server_options given, std::vector<route> table,
        std::function<std::shared_ptr<const workspace>()> current_workspace, std::shared_ptr<metrics> counted)
      : options(std::move(given)),
        counters(std::move(counted)),
        routes(std::move(table)),
        gate(routes, std::move(current_workspace), options.rate_limit_per_minute, options.environment),
        writer(std::chrono::duration_cast<std::chrono::seconds>(options.keep_alive_timeout)),
        driver(options, gate, writer, *counters) {
    counters->expect_routes(routes.table());
  }

  const server_options options;
  const std::shared_ptr<metrics> counters;
  const router routes;
  admission gate;
  wire::answer_writer writer;
  wire::driver driver;
  // These end first: their threads use the rest.
  std::unique_ptr<wire::worker_pool> pool;
  std::unique_ptr<wire::lobby> lobby;
};

server::server(server_options options, std::vector<route> routes,
               std::function<std::shared_ptr<const workspace>()> current_workspace, std::shared_ptr<metrics> counters)
    : state_(std::make_unique<state>(std::move(options), std::move(routes), std::move(current_workspace),
                                     std::move(counters))) {}

server::~server() {
  stop();
}

result<std::uint16_t, std::string> server::start() {
  auto& self = *state_;
  wire::lobby_options entrance;
  entrance.connections_max = self.options.connections_max;
  entrance.handshake_timeout = self.options.header_timeout;
  entrance.idle_timeout = self.options.keep_alive_timeout;
  if (!self.options.tls_certificate_path.empty()) {
    auto tls = wire::tls_context::load(self.options.tls_certificate_path, self.options.tls_key_path);
    if (!tls) return tls.error();
    entrance.tls = *tls;
  }
  auto bound = self.writer.listen(self.options.host, self.options.port);
  if (!bound) return bound.error();
  self.pool = std::make_unique<wire::worker_pool>(
      self.options.worker_threads_max, [&self](wire::worker_pool::job guest) { self.driver.serve(guest); },
      self.counters->live.workers);
  self.lobby =
      std::make_unique<wire::lobby>(entrance, self.counters->live, [&self](std::shared_ptr<wire::connection> guest) {
        self.pool->submit(std::move(guest));
      });
  self.driver.belong_to(*self.lobby, *self.pool);
  self.lobby->open(bound->socket);
  return bound->port;
}

void server::stop() {
  auto& self = *state_;
  if (!self.lobby) return;
  self.lobby->stop_accepting();
  self.lobby->finish(self.options.stop_grace);
  self.driver.end();
  self.pool->stop();
  self.lobby.reset();
  self.pool.reset();
}

server_figures server::figures() const noexcept {
  return state_->counters->figures();
}

} // namespace croupier::http
