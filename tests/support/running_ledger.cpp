#include "support/running_ledger.hpp"

#include "config/workspace_file.hpp"
#include "http/json.hpp"
#include "http/routes.hpp"
#include "http/trackdesk/rows.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <fstream>
#include <httplib.h>
#include <iterator>
#include <openssl/sha.h>
#include <stdexcept>

namespace croupier::test {

namespace {

constexpr std::string_view additions = R"(
[[brands]]
id = "0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c12"
name = "Second Casino"
currency = "USD"
ngr_updates = "month_to_date"
[[metrics]]
code = "retired"
name = "Retired"
type = "decimal"
[[links]]
id = "5d1f0c2a-0001-4000-8000-000000000003"
name = "Disabled banner"
offer = "5 % of deposits"
affiliate = "Demo Affiliate"
destination = "https://casino.example/welcome"
enabled = false
[[keys]]
name = "all"
secret = "rv_test_key_for_the_all"
scopes = ["movements:write", "events:write", "read", "billing"]
[[keys]]
name = "reader"
secret = "rv_test_key_for_the_reader"
scopes = ["read"]
[[keys]]
name = "writer"
secret = "rv_test_key_for_the_writer"
scopes = ["movements:write"]
[[keys]]
name = "second"
secret = "rv_test_key_for_the_second"
scopes = ["movements:write", "events:write", "read", "billing"]
brands = ["Second Casino"]
[[keys]]
name = "admin"
secret = "rv_test_key_for_the_admin"
scopes = ["admin"]
[[keys]]
name = "admin of the second"
secret = "rv_test_key_for_the_other_admin"
scopes = ["admin"]
brands = ["Second Casino"]
[[keys]]
name = "expired"
secret = "rv_test_key_for_the_expired"
scopes = ["read"]
expires_at = "2020-01-01T00:00:00Z"
[[keys]]
name = "events"
secret = "rv_test_key_for_the_events"
scopes = ["events:write"]
default_brand = "Second Casino"
[[keys]]
name = "staging"
secret = "rv_test_key_for_the_staging"
scopes = ["movements:write", "events:write", "read", "billing"]
environment = "staging"
)";

std::vector<workspace_changed::object> test_workspace() {
  std::ifstream file(SOURCE_DIR "/config/demo-workspace.toml");
  const std::string toml{std::istreambuf_iterator<char>(file), {}};
  config::workspace_sources sources;
  sources.environment = [](const std::string&) { return std::nullopt; };
  sources.sha256 = [](std::string_view text) {
    std::array<std::uint8_t, 32> hash{};
    SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash.data());
    return hash;
  };
  auto plan = config::parse_workspace(toml + std::string(additions), "test workspace", {}, sources, {});
  if (!plan) throw std::runtime_error(plan.error().front().text());
  auto objects = std::move(plan->objects);
  for (auto& each : objects)
    if (auto* definition = std::get_if<metric>(&each); definition != nullptr && definition->code == "retired") {
      metric archived = *definition;
      archived.archived = true;
      objects.emplace_back(std::move(archived));
      break;
    }
  return objects;
}

template<class Value, class Error>
Value must(result<Value, Error> outcome) {
  if constexpr (std::is_same_v<Error, std::string>) {
    if (!outcome) throw std::runtime_error(outcome.error());
  } else {
    if (!outcome) throw std::runtime_error(outcome.error().text);
  }
  return std::move(outcome).value();
}

std::chrono::steady_clock::time_point soon() {
  return std::chrono::steady_clock::now() + std::chrono::seconds(30);
}

reply reply_of(const httplib::Result& result) {
  if (!result) throw std::runtime_error("no answer: " + httplib::to_string(result.error()));
  reply answer;
  answer.status = result->status;
  answer.body = result->body;
  answer.headers.assign(result->headers.begin(), result->headers.end());
  return answer;
}

} // namespace

running_ledger::running_ledger(std::filesystem::path folder, actors::gateway_options options,
                               http::deliver::stream_options streams, http::deliver::delivery_options deliveries,
                               http::server_options served)
    : folder_(std::move(folder)),
      options_(options),
      stream_options_(streams),
      delivery_options_(deliveries),
      served_(std::move(served)) {
  start();
}

running_ledger::~running_ledger() {
  stop();
}

void running_ledger::restart() {
  stop();
  start();
}

void running_ledger::start() {
  persistence::store_options store;
  store.folder = folder_;
  store.mode = options_.mode;
  store_ = must(persistence::rocksdb_store::open(store));
  view_ = std::make_unique<persistence::committed_view>(store_->key(), store_->journal(), store_->checkpoints());
  must(view_->restore([](sequence, sequence) {}));
  gateway_ = std::make_unique<actors::gateway>(*store_, *view_, options_);
  if (view_->durable() == sequence{}) {
    const auto made = gateway_->change_workspace(test_workspace(), "start-up", soon());
    if (!std::holds_alternative<actors::receipt>(made)) throw std::runtime_error("the workspace was not taken");
  }
  books_ = must(actors::books::open(folder_, *view_));
  billing_ = std::make_unique<actors::billing>(*gateway_, *books_, options_.now);
  counters_ = std::make_shared<http::metrics>();
  streams_ = std::make_unique<http::deliver::entry_streams>(*gateway_, stream_options_);
  delivery_options_.data_folder = folder_;
  deliveries_ = std::make_unique<http::deliver::deliveries>(*gateway_, delivery_options_);
  tracking_ = std::make_unique<http::revvvs::tracking>(*gateway_);
  const auto current = [this] { return gateway_->view().current_workspace(); };
  server_ = std::make_unique<http::server>(served_, routes(), current, counters_);
  port_ = must(server_->start());
}

std::vector<http::route> running_ledger::routes() const {
  http::services with{
      *gateway_, *books_,      *billing_, [counted = counters_](std::string& out) { counted->write_prometheus(out); },
      *streams_, *deliveries_, *tracking_};
  with.key_last_used = [counted = counters_](std::uint32_t key) { return counted->keys.last_used(key); };
  return http::make_routes(with);
}

void running_ledger::stop() {
  streams_->stop();
  server_->stop();
  server_.reset();
  billing_.reset();
  streams_.reset();
  deliveries_.reset();
  tracking_.reset();
  books_->stop();
  books_.reset();
  must(gateway_->stop());
  gateway_.reset();
  view_.reset();
  store_.reset();
}

std::string running_ledger::state() const {
  const auto& view = gateway_->view();
  std::string text = std::to_string(view.durable().value);
  http::json::writer out(text);
  const auto ws = view.current_workspace();
  persistence::player_query query;
  query.limit = 500;
  for (const auto& player : view.list_players(query).rows)
    http::trackdesk::write_player(out, {*ws, view.key()}, player, player.revshare_total);
  return text;
}

std::string reply::header(std::string_view name) const {
  const auto same = [&](const auto& each) {
    return std::equal(each.first.begin(), each.first.end(), name.begin(), name.end(), [](char a, char b) {
      return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
    });
  };
  const auto found = std::find_if(headers.begin(), headers.end(), same);
  return found == headers.end() ? "" : found->second;
}

std::string reply::at(std::string_view path) const {
  http::json::document document;
  INFO(body);
  REQUIRE_FALSE(document.parse(body).has_value());
  const http::json::value* value = &document.root();
  while (!path.empty() && value != nullptr) {
    const auto end = std::min(path.find('.'), path.size());
    const std::string step(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
    if (value->is_array()) {
      const std::size_t index = std::stoul(step);
      value = index < value->items().size() ? &value->items()[index] : nullptr;
    } else {
      value = value->find(step);
    }
  }
  if (value == nullptr) return "absent";
  switch (value->type()) {
  case http::json::kind::null: return "null";
  case http::json::kind::boolean: return value->truth() ? "true" : "false";
  case http::json::kind::number:
  case http::json::kind::string: return std::string(value->text());
  case http::json::kind::array: return "[" + std::to_string(value->items().size()) + "]";
  case http::json::kind::object: return "{}";
  }
  return "";
}

api_client::api_client(const running_ledger& ledger, std::string_view key)
    : http_(std::make_unique<httplib::Client>("127.0.0.1", ledger.port())), key_(key) {
  http_->set_keep_alive(true);
  http_->set_read_timeout(60);
  http_->set_tcp_nodelay(true);
}

api_client::~api_client() = default;

reply api_client::send(const std::string& method, const std::string& path, const std::string& body,
                       const std::string& type, const header_list& headers) {
  httplib::Request request;
  request.method = method;
  request.path = path;
  if (!key_.empty()) request.set_header("X-Api-Key", key_);
  if (!type.empty()) request.set_header("Content-Type", type);
  for (const auto& [name, value] : headers) request.set_header(name, value);
  request.body = body;
  return reply_of(http_->send(request));
}

reply api_client::get(const std::string& path, const header_list& headers) {
  return send("GET", path, "", "", headers);
}

reply api_client::head(const std::string& path) {
  return send("HEAD", path, "", "");
}

reply api_client::post(const std::string& path, const std::string& json, const header_list& headers) {
  return send("POST", path, json, "application/json", headers);
}

std::string api_client::click(std::string_view link) {
  const reply answer = get("/track/click/" + std::string(link));
  REQUIRE(answer.status == 302);
  const std::string location = answer.header("Location");
  return location.substr(location.find("click_id=") + 9, 36);
}

void api_client::register_player(const std::string& external_id, std::string_view link) {
  std::string body;
  http::json::writer out(body);
  out.begin_object().key("externalId").string(external_id);
  out.key("revenueOriginId").string(demo_brand).key("cid").string(click(link)).end_object();
  const reply answer = post("/tracking/client/v1", body);
  REQUIRE(answer.body == "{}");
  REQUIRE(answer.status == 200);
}

reply api_client::record(const std::string& external_id, const std::string& request_id,
                         const std::vector<std::pair<std::string, std::string>>& updates, const header_list& headers) {
  return post("/tracking/clients/v1/metrics/movements", movement_body(external_id, request_id, updates), headers);
}

std::string movement_body(const std::string& external_id, const std::string& request_id,
                          const std::vector<std::pair<std::string, std::string>>& updates) {
  std::string body;
  http::json::writer out(body);
  out.begin_object().key("externalClientId").string(external_id).key("revenueOriginId").string(demo_brand);
  if (!request_id.empty()) out.key("requestId").string(request_id);
  out.key("metrics").begin_array();
  for (const auto& [code, value] : updates) {
    out.begin_object().key("code").string(code).key("valueType");
    out.string(value.front() == '=' ? "CLIENT_METRIC_VALUE_TYPE_ABSOLUTE" : "CLIENT_METRIC_VALUE_TYPE_RELATIVE");
    out.key("value").string(std::string_view(value).substr(1)).end_object();
  }
  out.end_array().end_object();
  return body;
}

} // namespace croupier::test
