#include "benchmarks/race/entrants.hpp"

#include "benchmarks/load/http_channel.hpp"
#include "benchmarks/race/library_entrants.hpp"
#include "benchmarks/race/load_entrant.hpp"
#include "benchmarks/race/pgbench_entrant.hpp"
#include "benchmarks/support/croupier_calls.hpp"

#include <algorithm>

namespace croupier::race {

namespace {

constexpr std::size_t batch_size = 100;
constexpr std::size_t pipeline_depth = 16;
constexpr std::size_t stream_connections = 4;
constexpr std::size_t stream_lines = 5'000;

/// Croupier bounds what is in flight to 8,192 movements: 64 batches of 100 fit, 256 do not.
constexpr std::size_t batch_connections_max = 64;

bool everything(const cell&) {
  return true;
}
bool no_op_cells(const cell& what) {
  return what.whom == bench::shape::uniform && what.retry_percent == 0;
}
bool closed_loops_of_64(const cell& what) {
  return what.load_share == 0 && what.connections == 64;
}
bool up_to_64(const cell& what) {
  return what.connections <= batch_connections_max;
}

movement_lookup lookup_in(const bench::movement_feed& feed) {
  return [&feed](std::uint64_t tag, movement& into) { feed.make(bench::draft_of(tag), into); };
}

/// Puts the field together. What the entrants keep refers to systems and workload, which outlive them.
class builder {
public:
  builder(const bench::workload& work, const field_options& options) : work_(work), options_(options) {}

  field take() && { return std::move(field_); }

  void add_croupier() {
    auto& http = add<croupier_over_http>("croupier", work_, options_.program);
    add_load(no_op_name, http, no_op_cells, [&http, &work = work_](auto&, auto&, const cell& what) {
      attempt way{http.server().channels(), std::make_unique<bench::no_op_calls>(work, http.server(), what.whom)};
      way.outcomes = bench::no_op_calls::outcomes();
      return way;
    });
    add_load(single_name, http, everything, [&http](auto&, auto& feed, const cell&) {
      return attempt{http.server().channels(),
                     std::make_unique<bench::single_calls>(feed, bench::movement_head(http.server(), true))};
    });
    add_batches(batch_name, http, up_to_64, bench::batch_calls::form::json, batch_size, batch_connections_max);
    add_batches(stream_name, http, closed_loops_of_64, bench::batch_calls::form::ndjson, stream_lines,
                stream_connections);
    add_entrant<in_process_entrant>(in_process_name, add<croupier_in_process>("croupier-in-process", work_));
    add_entrant<bare_append_entrant>(bare_name, add<bare_rocksdb>("bare-rocksdb", work_));
  }

  void add_postgres() {
    auto& server = add<postgres>("postgresql", work_);
    add_load(postgres_name, server, everything, [&server, &work = work_](auto&, auto& feed, const cell&) {
      return attempt{postgres_channels(server.connection_text(), work, lookup_in(feed)),
                     std::make_unique<native_calls>(feed)};
    });
    add_entrant<pgbench_entrant>(pgbench_name, server);
    add_load(postgres_batch_name, server, up_to_64, [&server, &work = work_](auto&, auto& feed, const cell&) {
      auto calls = std::make_unique<native_batch_calls>(feed, batch_size);
      auto* all = calls.get();
      attempt way{postgres_batch_channels(server.connection_text(), work,
                                          [all](std::uint64_t tag, auto& into) { all->movements_of(tag, into); }),
                  std::move(calls)};
      way.movements = [all] { return all->settled(); };
      return way;
    });
    add_shim(postgres_http_name, server, "postgresql", [&server] { return server.connection_text(); });
  }

  void add_redis() {
    auto& server = add<redis>("redis", work_);
    for (const auto& [name, depth] : {std::pair{redis_name, std::size_t{1}}, {redis_pipelined_name, pipeline_depth}})
      add_load(name, server, everything, [&server, &work = work_, in_flight = depth](auto&, auto& feed, const cell&) {
        attempt way{redis_channels(server.socket_path(), work, lookup_in(feed)), std::make_unique<native_calls>(feed)};
        way.in_flight_per_connection = in_flight;
        return way;
      });
    add_shim(redis_http_name, server, "redis", [&server] { return server.socket_path(); });
  }

  void add_sqlite() { add_entrant<sqlite_entrant>(sqlite_name, add<sqlite>("sqlite", work_)); }

private:
  template<class System, class... Arguments>
  System& add(const std::string& name, Arguments&&... arguments) {
    auto made = std::make_unique<System>(std::forward<Arguments>(arguments)...);
    auto& kept = *made;
    field_.systems.push_back({name, std::move(made)});
    return kept;
  }

  template<class Entrant, class System>
  void add_entrant(const std::string& name, System& home) {
    field_.entrants.push_back(std::make_unique<Entrant>(name, home));
  }

  load_entrant& add_load(const std::string& name, system& home, load_entrant::selection takes,
                         load_entrant::preparation prepare) {
    auto made = std::make_unique<load_entrant>(name, home, std::move(takes), std::move(prepare));
    auto& kept = *made;
    field_.entrants.push_back(std::move(made));
    return kept;
  }

  void add_batches(const std::string& name, croupier_over_http& http, load_entrant::selection takes,
                   bench::batch_calls::form form, std::size_t together, std::size_t connections_max) {
    add_load(name, http, std::move(takes), [&http, form, together, connections_max](auto&, auto& feed, const cell&) {
      auto calls = std::make_unique<bench::batch_calls>(feed, http.server(), form, together);
      auto* all = calls.get();
      attempt way{http.server().channels(), std::move(calls)};
      way.connections_max = connections_max;
      way.movements = [all] { return all->settled(); };
      return way;
    });
  }

  /// The same HTTP calls as Croupier's single ones, before another store.
  void add_shim(const std::string& name, system& home, const std::string& store,
                const std::function<std::string()>& address) {
    auto& made = add_load(name, home, everything, [](const load_entrant& self, auto& feed, const cell&) {
      const auto port = self.helper_port();
      const load::request_head head("POST", "/movements", "127.0.0.1:" + std::to_string(port),
                                    {{"Content-Type", "application/json"}});
      return attempt{load::http_channels("127.0.0.1", port), std::make_unique<bench::single_calls>(feed, head)};
    });
    made.needs([=, program = options_.race.string(), metrics = std::to_string(work_.options().metrics)] {
      bench::child_options shim;
      shim.arguments = {program, "--shim", store, "--address", address(), "--metrics", metrics};
      return std::make_unique<bench::child_process>(shim);
    });
  }

  const bench::workload& work_;
  const field_options& options_;
  field field_;
};

} // namespace

field make_field(const bench::workload& work, const field_options& options) {
  builder all(work, options);
  all.add_croupier();
  all.add_postgres();
  all.add_redis();
  all.add_sqlite();
  auto made = std::move(all).take();
  if (!options.only.empty())
    std::erase_if(made.entrants,
                  [&](const auto& each) { return each->name().find(options.only) == std::string::npos; });
  std::erase_if(made.systems, [&](const auto& each) {
    return std::none_of(made.entrants.begin(), made.entrants.end(),
                        [&](const auto& caller) { return &caller->home() == each.what.get(); });
  });
  return made;
}

} // namespace croupier::race
