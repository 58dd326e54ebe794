#include "benchmarks/race/croupier.hpp"

namespace croupier::race {

croupier_over_http::croupier_over_http(const bench::workload& work, std::filesystem::path program)
    : system(work), program_(std::move(program)) {}

void croupier_over_http::start(const std::filesystem::path& folder) {
  const auto& work = model().work();
  server_ = std::make_unique<bench::croupier_server>(
      bench::croupier_options{program_, folder, bench::workspace_text(work.options().brands), {}});
  server_->register_players(work);
}

void croupier_over_http::show(bench::balance_check& check) {
  server_->read_balances([&](auto player, auto code, auto value) { check.see(player, code, value); });
  check.see_count(server_->counter("croupier_movements_accepted_total"));
}

croupier_in_process::croupier_in_process(const bench::workload& work) : system(work) {}

void croupier_in_process::start(const std::filesystem::path& folder) {
  const auto& options = model().work().options();
  bench::ledger_setup setup;
  setup.brands = static_cast<std::uint16_t>(options.brands);
  ledger_ = std::make_unique<bench::bench_ledger>(folder, setup);
  ledger_->register_players(0, options.players);
}

void croupier_in_process::show(bench::balance_check& check) {
  const auto& work = model().work();
  const auto& view = ledger_->view();
  const auto ws = view.current_workspace();
  std::uint64_t movements = 0;
  for (std::uint32_t i = 0; i < work.options().players; ++i) {
    const auto name = bench::external_id_of(i);
    const brand_number brand{static_cast<std::uint16_t>(1 + work.brand_of(i))};
    const auto number = view.find_player(brand, name);
    const auto player = number ? view.player(*number) : std::nullopt;
    if (!player) {
      check.complain(name + " is not there");
      continue;
    }
    movements += player->movement_count;
    for (const auto& each : ws->metrics())
      check.see(name, each.code, std::string_view(player->balance_of(each.number).text()));
  }
  check.see_count(movements);
}

} // namespace croupier::race
