#pragma once

#include "benchmarks/load/generator.hpp"
#include "benchmarks/race/entrant.hpp"
#include "benchmarks/support/child_process.hpp"

#include <functional>
#include <memory>

namespace croupier::race {

/// How the load generator calls one system in one run.
struct attempt {
  load::channel_maker channels;
  std::unique_ptr<load::caller> calls;
  std::size_t in_flight_per_connection = 1;
  std::size_t connections_max = ~std::size_t{0};
  std::vector<std::string> outcomes = bench::verdict_names();
  /// Movements that were answered as they must be, where a call carries more than one.
  std::function<std::uint64_t()> movements = nullptr;
};

/// An entrant that the load generator drives: HTTP and the databases' own protocols alike.
class load_entrant final : public entrant {
public:
  using preparation = std::function<attempt(load_entrant& self, bench::movement_feed& feed, const cell& what)>;
  using selection = std::function<bool(const cell& what)>;

  load_entrant(std::string name, system& home, selection takes, preparation prepare)
      : entrant(std::move(name), home), takes_(std::move(takes)), prepare_(std::move(prepare)) {}

  bool takes(const cell& what) const override { return takes_(what); }
  measured run(const cell& what, const extent& size, double rate_per_s) override;

  /// A helper process to be started with it, given the system's state at that time.
  using helper_maker = std::function<std::unique_ptr<bench::child_process>()>;
  void needs(helper_maker make) { make_helper_ = std::move(make); }
  void start() override;
  void stop() override;
  double helper_cpu_s() const override;
  /// The port that the helper printed.
  std::uint16_t helper_port() const noexcept { return helper_port_; }

private:
  selection takes_;
  preparation prepare_;
  helper_maker make_helper_;
  std::unique_ptr<bench::child_process> helper_;
  std::uint16_t helper_port_ = 0;
};

/// One movement per call over a database's own protocol; its channel answers with a verdict as status.
class native_calls final : public load::caller {
public:
  explicit native_calls(bench::movement_feed& feed) : feed_(feed) {}
  bool next(load::request& to_fill) override;
  std::size_t judge(const load::request& sent, const load::answer& got) override;
  void lost(const load::request& sent, load::loss why) override;

private:
  bench::movement_feed& feed_;
};

/// Many movements per call over PostgreSQL's protocol.
class native_batch_calls final : public load::caller {
public:
  native_batch_calls(bench::movement_feed& feed, std::size_t movements_per_call)
      : feed_(feed), groups_(feed), per_call_(movements_per_call) {}
  bool next(load::request& to_fill) override;
  std::size_t judge(const load::request& sent, const load::answer& got) override;
  void lost(const load::request& sent, load::loss why) override;

  /// The movements of a call, in an order in which concurrent calls cannot deadlock.
  void movements_of(std::uint64_t tag, std::vector<bench::movement>& into);
  std::uint64_t settled() const noexcept { return groups_.settled(); }

private:
  bench::movement_feed& feed_;
  bench::draft_groups groups_;
  std::size_t per_call_;
};

} // namespace croupier::race
