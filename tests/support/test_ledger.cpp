#include "tests/support/test_ledger.hpp"

#include <unistd.h>

#include <atomic>
#include <stdexcept>

namespace croupier::test {

namespace {

std::vector<workspace_changed::object> objects() {
  const auto id = [](std::uint64_t n) { return uuid::from_halves(0x0d7a8b6e1f434f8dU, 0x9e2c2b1f3a000000U + n); };
  std::vector<workspace_changed::object> all;
  all.emplace_back(brand{{1}, id(1), "First", "EUR", {"brand_01"}, true});
  all.emplace_back(brand{{2}, id(2), "Second", "EUR", {}, false});
  all.emplace_back(metric{{1}, id(3), "deposits-total", "Deposits", metric_type::decimal, true, true, false});
  all.emplace_back(metric{{2}, id(4), "ngr", "NGR", metric_type::decimal, true, true, false});
  all.emplace_back(metric{{3}, id(5), "bets", "Bets", metric_type::integer, false, true, false});
  all.emplace_back(affiliate{{1}, id(6), "Affiliate"});
  all.emplace_back(offer{{1}, id(7), "Five on deposits", revshare_terms{{1}, percentage::from_integer(5)}});
  all.emplace_back(offer{{2}, id(8), "A quarter of NGR", revshare_terms{{2}, percentage::from_integer(25)}});
  all.emplace_back(tracking_link{{1}, id(9), "First link", {1}, {1}, "https://example.com/", true});
  all.emplace_back(tracking_link{{2}, id(10), "Second link", {2}, {1}, "https://example.com/", true});
  return all;
}

template<class Value>
Value must(result<Value, persistence::storage_error> outcome) {
  if (!outcome) throw std::runtime_error(outcome.error().text);
  return std::move(outcome).value();
}

std::string_view rejection_name(rejection why) {
  switch (why) {
  case rejection::brand_unknown: return "brand_unknown";
  case rejection::click_unknown: return "click_unknown";
  case rejection::player_unknown: return "player_unknown";
  case rejection::player_duplicate: return "player_duplicate";
  case rejection::request_duplicate: return "request_duplicate";
  case rejection::metric_unknown: return "metric_unknown";
  case rejection::integer_value_invalid: return "integer_value_invalid";
  case rejection::decimal_value_invalid: return "decimal_value_invalid";
  case rejection::value_out_of_range: return "value_out_of_range";
  }
  return "?";
}

std::string_view failure_name(actors::failure why) {
  switch (why) {
  case actors::failure::overloaded: return "overloaded";
  case actors::failure::journal_unavailable: return "journal_unavailable";
  case actors::failure::deadline_passed: return "deadline_passed";
  case actors::failure::stopping: return "stopping";
  }
  return "?";
}

} // namespace

temporary_folder::temporary_folder() {
  static std::atomic<unsigned> count{0};
  path_ = std::filesystem::temp_directory_path() /
          ("croupier-test-" + std::to_string(::getpid()) + "-" + std::to_string(count.fetch_add(1)));
  std::filesystem::remove_all(path_);
  std::filesystem::create_directories(path_);
}

temporary_folder::~temporary_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

test_ledger::test_ledger(std::filesystem::path folder, actors::gateway_options options, rocksdb::Env* env)
    : folder_(std::move(folder)), options_(options), env_(env) {
  open();
}

test_ledger::~test_ledger() = default;

void test_ledger::open() {
  persistence::store_options store;
  store.folder = folder_;
  store.mode = options_.mode;
  store.env = env_;
  store_ = must(persistence::rocksdb_store::open(store));
  view_ = std::make_unique<persistence::committed_view>(store_->key(), store_->journal(), store_->checkpoints());
  must(view_->restore([](sequence, sequence) {}));
  gateway_ = std::make_unique<actors::gateway>(*store_, *view_, options_);
  if (view_->durable() == sequence{}) gateway_->change_workspace(objects(), "test", soon());
}

bool test_ledger::stop() {
  const bool stopped = gateway_->stop().has_value();
  gateway_.reset();
  view_.reset();
  store_.reset();
  return stopped;
}

actors::gateway::deadline test_ledger::soon() {
  return std::chrono::steady_clock::now() + std::chrono::seconds(30);
}

uuid test_ledger::click(link_number link) {
  const auto clicked = gateway_->record(actors::click_request{link, "192.0.2.1", "test", {}}, soon());
  return make_id(view_->key(), id_kind::click, std::get<actors::receipt>(clicked).at.value);
}

actors::outcome test_ledger::register_player(brand_number brand, const std::string& external_id, const uuid& click) {
  return gateway_->record(actors::registration_request{brand, external_id, click, "{}"}, soon());
}

actors::movement_request test_ledger::movement(brand_number brand, const std::string& external_id,
                                               const std::string& request_id, std::vector<update_text> updates) const {
  const auto ws = view_->current_workspace();
  actors::movement_request request;
  request.brand = brand;
  request.external_id = external_id;
  request.request_id = request_id;
  request.payload = "{\"requestId\":\"" + request_id + "\"}";
  for (const auto& each : updates) {
    const auto how = each.value.front() == '=' ? value_type::absolute : value_type::relative;
    request.updates.push_back(resolve_update(*ws, each.code, how, std::string_view(each.value).substr(1)));
  }
  return request;
}

actors::outcome test_ledger::record(brand_number brand, const std::string& external_id, const std::string& request_id,
                                    std::vector<update_text> updates) {
  return gateway_->record(movement(brand, external_id, request_id, std::move(updates)), soon());
}

std::string test_ledger::balance(brand_number brand, const std::string& external_id, std::string_view code) const {
  const auto number = view_->find_player(brand, external_id);
  if (!number) return "no player";
  return view_->player(*number)->balance_of(view_->current_workspace()->find_metric(code)->number).text();
}

std::string_view name_of(const actors::outcome& outcome) {
  if (const auto* no = std::get_if<actors::refusal>(&outcome)) return rejection_name(no->why);
  if (const auto* broken = std::get_if<actors::failure>(&outcome)) return failure_name(*broken);
  return "receipt";
}

} // namespace croupier::test
