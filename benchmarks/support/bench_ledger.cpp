#include "benchmarks/support/bench_ledger.hpp"

#include "engine/ids.hpp"

#include <array>
#include <chrono>
#include <cstdlib>
#include <iostream>

namespace croupier::bench {

namespace {

constexpr auto patience = std::chrono::minutes(5);

[[noreturn]] void give_up(const std::string& why) {
  std::cerr << why << '\n';
  std::exit(1);
}

template<class Value, class Error>
Value must(result<Value, Error> outcome) {
  if (!outcome) give_up(outcome.error().text);
  return std::move(outcome).value();
}

constexpr std::array<const char*, 8> decimal_metrics{"deposits-total", "wagered", "won",  "ngr",
                                                     "bonuses",        "fees",    "tips", "withdrawals"};
constexpr std::array<const char*, 2> integer_metrics{"bets", "deposits-count"};

uuid bench_id(std::uint64_t low) {
  return uuid::from_halves(0x0d7a8b6e1f434f8dU, 0x9e2c000000000000U + low);
}

std::vector<workspace_changed::object> bench_objects(const ledger_setup& setup) {
  std::vector<workspace_changed::object> objects;
  std::uint64_t next_id = 1;
  for (std::uint16_t i = 1; i <= setup.brands; ++i)
    objects.emplace_back(brand{{i}, bench_id(next_id++), "Brand " + std::to_string(i), "EUR", {}, i == 1});
  std::uint16_t number = 1;
  for (const auto* code : decimal_metrics)
    objects.emplace_back(metric{{number++}, bench_id(next_id++), code, code, metric_type::decimal, true, true, false});
  for (const auto* code : integer_metrics)
    objects.emplace_back(metric{{number++}, bench_id(next_id++), code, code, metric_type::integer, false, true, false});
  objects.emplace_back(affiliate{{1}, bench_id(next_id++), "Affiliate"});
  offer pays{{1}, bench_id(next_id++), "Offer", {}};
  if (setup.with_offer) pays.revshare = revshare_terms{{1}, percentage::from_integer(5)};
  objects.emplace_back(pays);
  objects.emplace_back(tracking_link{{1}, bench_id(next_id++), "Link", {1}, {1}, "https://example.com/", true});
  return objects;
}

} // namespace

bench_ledger::bench_ledger(const std::filesystem::path& folder, const ledger_setup& setup) : brands_(setup.brands) {
  persistence::store_options store;
  store.folder = folder;
  store.mode = setup.options.mode;
  store.block_cache_bytes = setup.block_cache_bytes;
  store_ = must(persistence::rocksdb_store::open(store));
  view_ = std::make_unique<persistence::committed_view>(store_->key(), store_->journal(), store_->checkpoints());
  must(view_->restore([](sequence, sequence) {}));
  gateway_ = std::make_unique<actors::gateway>(*store_, *view_, setup.options);
  const auto until = std::chrono::steady_clock::now() + patience;
  if (view_->durable() == sequence{}) {
    const auto made = gateway_->change_workspace(bench_objects(setup), "benchmark", until);
    if (!std::holds_alternative<actors::receipt>(made)) give_up("the workspace was refused");
  }
  const auto clicked = gateway_->record(actors::click_request{{1}, "127.0.0.1", "benchmark", {}}, until);
  if (!std::holds_alternative<actors::receipt>(clicked)) give_up("the click was refused");
  click_ = make_id(view_->key(), id_kind::click, std::get<actors::receipt>(clicked).at.value);
  ws_ = view_->current_workspace();
}

bench_ledger::~bench_ledger() {
  if (const auto stopped = gateway_->stop(); !stopped) std::cerr << stopped.error().text << '\n';
}

void bench_ledger::register_players(std::uint64_t first, std::uint64_t count) {
  constexpr std::uint64_t together = 1000;
  for (std::uint64_t done = 0; done < count;) {
    std::vector<actors::registration_request> group;
    for (; group.size() < together && done < count; ++done) {
      const auto name = external_id_of(static_cast<std::uint32_t>(first + done));
      group.push_back({brand_of(first + done), name, click_, R"({"externalId":")" + name + R"("})"});
    }
    for (const auto& each : gateway_->submit(std::move(group)).wait(std::chrono::steady_clock::now() + patience))
      if (!std::holds_alternative<actors::receipt>(each)) give_up("a registration failed");
  }
}

brand_number bench_ledger::brand_of(std::uint64_t player) const {
  return {static_cast<std::uint16_t>(1 + player % brands_)};
}

actors::movement_request bench_ledger::movement(std::uint64_t player, std::uint64_t number) const {
  actors::movement_request request;
  request.brand = brand_of(player);
  request.external_id = external_id_of(static_cast<std::uint32_t>(player));
  request.request_id = "deposit-2026-05-28-" + std::to_string(number);
  request.payload =
      R"({"externalClientId":")" + request.external_id +
      R"(","revenueOriginId":"0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11","requestId":")" + request.request_id +
      R"(","metrics":[{"code":"deposits-total","valueType":"CLIENT_METRIC_VALUE_TYPE_RELATIVE","value":"12.50"}],)" +
      R"("note":"a few more bytes, as integrations like to send"})";
  request.updates.push_back(resolve_update(*ws_, "deposits-total", value_type::relative, "12.50"));
  return request;
}

actors::movement_request bench_ledger::wide_movement(std::uint64_t player, std::uint64_t number) const {
  auto request = movement(player, number);
  request.updates = {};
  for (const auto* code : decimal_metrics)
    request.updates.push_back(resolve_update(*ws_, code, value_type::relative, "12.50"));
  for (const auto* code : integer_metrics)
    request.updates.push_back(resolve_update(*ws_, code, value_type::relative, "1"));
  return request;
}

actors::movement_request bench_ledger::movement(const workload& work, const bench::movement& what) const {
  actors::movement_request request;
  request.brand = brand_of(what.player);
  request.external_id = what.external_id;
  request.request_id = what.request_id;
  request.payload = what.payload;
  std::string value;
  for (std::size_t i = 0; i < what.changes.size(); ++i) {
    const auto& kind = work.metrics()[i];
    value.clear();
    append_value(value, what.changes[i], kind.decimal);
    request.updates.push_back(resolve_update(*ws_, kind.code, value_type::relative, value));
  }
  return request;
}

} // namespace croupier::bench
