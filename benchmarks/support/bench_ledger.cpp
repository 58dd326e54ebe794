#include "benchmarks/support/bench_ledger.hpp"

#include "engine/ids.hpp"

#include <chrono>
#include <cstdlib>
#include <iostream>

namespace croupier::bench {

namespace {

constexpr auto patience = std::chrono::minutes(5);

template <class Value, class Error>
Value must(result<Value, Error> outcome) {
  if (outcome) return std::move(outcome).value();
  std::cerr << outcome.error().text << '\n';
  std::exit(1);
}

std::vector<workspace_changed::object> demo_objects(bool with_offer) {
  const auto id = [](std::uint64_t low) { return uuid::from_halves(0x0d7a8b6e1f434f8dU, 0x9e2c000000000000U + low); };
  std::vector<workspace_changed::object> objects;
  objects.emplace_back(brand{{1}, id(1), "Bench", "EUR", {}, true});
  objects.emplace_back(metric{{1}, id(2), "deposits-total", "Deposits", metric_type::decimal, true, true, false});
  objects.emplace_back(metric{{2}, id(3), "bets", "Bets", metric_type::integer, false, true, false});
  objects.emplace_back(affiliate{{1}, id(4), "Affiliate"});
  offer pays{{1}, id(5), "Offer", {}};
  if (with_offer) pays.revshare = revshare_terms{{1}, percentage::from_integer(5)};
  objects.emplace_back(pays);
  objects.emplace_back(tracking_link{{1}, id(6), "Link", {1}, {1}, "https://example.com/", true});
  return objects;
}

} // namespace

bench_ledger::bench_ledger(const std::filesystem::path& folder, const actors::gateway_options& options, bool with_offer) {
  persistence::store_options store;
  store.folder = folder;
  store.mode = options.mode;
  store_ = must(persistence::rocksdb_store::open(store));
  view_ = std::make_unique<persistence::committed_view>(store_->key(), store_->journal(), store_->checkpoints());
  must(view_->restore([](sequence, sequence) {}));
  gateway_ = std::make_unique<actors::gateway>(*store_, *view_, options);
  const auto until = std::chrono::steady_clock::now() + patience;
  if (view_->durable() == sequence{}) gateway_->change_workspace(demo_objects(with_offer), "benchmark", until);
  const auto clicked = gateway_->track_click({{1}, "127.0.0.1", "benchmark", {}}, until);
  click_ = make_id(view_->key(), id_kind::click, std::get<actors::receipt>(clicked).at.value);
  ws_ = view_->current_workspace();
}

bench_ledger::~bench_ledger() { gateway_->stop(); }

void bench_ledger::register_players(std::uint64_t first, std::uint64_t count) {
  constexpr std::uint64_t together = 1000;
  for (std::uint64_t done = 0; done < count;) {
    std::vector<actors::registration_request> group;
    for (; group.size() < together && done < count; ++done) {
      const auto name = "player-" + std::to_string(first + done);
      group.push_back({{1}, name, click_, R"({"externalId":")" + name + R"("})"});
    }
    for (const auto& each : gateway_->register_players(std::move(group), std::chrono::steady_clock::now() + patience))
      if (!std::holds_alternative<actors::receipt>(each)) {
        std::cerr << "a registration failed\n";
        std::exit(1);
      }
  }
}

actors::movement_request bench_ledger::movement(std::uint64_t player, std::uint64_t number) const {
  actors::movement_request request;
  request.brand = {1};
  request.external_id = "player-" + std::to_string(player);
  request.request_id = "deposit-2026-05-28-" + std::to_string(number);
  request.payload = R"({"externalClientId":")" + request.external_id +
                    R"(","revenueOriginId":"0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11","requestId":")" + request.request_id +
                    R"(","metrics":[{"code":"deposits-total","valueType":"CLIENT_METRIC_VALUE_TYPE_RELATIVE","value":"12.50"}],)" +
                    R"("note":"a few more bytes, as integrations like to send"})";
  request.updates.push_back(resolve_update(*ws_, "deposits-total", value_type::relative, "12.50"));
  return request;
}

} // namespace croupier::bench
