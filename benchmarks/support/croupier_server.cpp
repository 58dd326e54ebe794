#include "benchmarks/support/croupier_server.hpp"

#include "benchmarks/load/http_channel.hpp"

#include <boost/json.hpp>
#include <httplib.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <random>
#include <stdexcept>

namespace croupier::bench {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using clock_type = std::chrono::steady_clock;

constexpr auto start_patience = std::chrono::seconds(60);
constexpr auto stop_patience = std::chrono::seconds(120);
constexpr std::size_t page_rows = 500;

std::string random_key() {
  std::random_device entropy;
  std::string key = "rv_";
  for (int i = 0; i < 64; ++i) key += "0123456789abcdef"[entropy() % 16];
  return key;
}

std::string view_text(json::string_view text) {
  return {text.data(), text.size()};
}

/// Registers one player per call and stops the run at the first refusal.
class registering final : public load::caller {
public:
  registering(const workload& players, const load::request_head& head, const std::string& click)
      : players_(players), head_(head), click_(click) {}

  bool next(load::request& to_fill) override {
    if (next_ == players_.options().players || !problem_.empty()) return false;
    const auto player = next_++;
    body_ = R"({"externalId":")" + external_id_of(player) + R"(","revenueOriginId":")" +
            brand_id(players_.brand_of(player)) + R"(","cid":")" + click_ + R"("})";
    head_.render(body_, to_fill.wire);
    return true;
  }

  std::size_t judge(const load::request&, const load::answer& got) override {
    if (got.status != 200 && problem_.empty()) problem_ = std::string(got.body);
    return 0;
  }

  void lost(const load::request&, load::loss why) override { problem_ = load::name_of(why); }

  const std::string& problem() const noexcept { return problem_; }

private:
  const workload& players_;
  const load::request_head& head_;
  const std::string& click_;
  std::uint32_t next_ = 0;
  std::string body_;
  std::string problem_;
};

} // namespace

croupier_server::croupier_server(const croupier_options& options) : data_(options.folder / "data"), key_(random_key()) {
  fs::create_directories(options.folder);
  const auto workspace = options.folder / "workspace.toml";
  std::ofstream(workspace) << options.workspace;
  child_options child;
  child.arguments = {options.program.string(), "serve",       "--listen",         "127.0.0.1:0", "--data-dir",
                     data_.string(),           "--workspace", workspace.string(), "--log-level", "error"};
  child.arguments.insert(child.arguments.end(), options.extras.begin(), options.extras.end());
  child.environment = {{"CROUPIER_ADMIN_KEY", key_}};
  child.error_log = options.folder / "log.txt";
  const auto begin = clock_type::now();
  process_ = std::make_unique<child_process>(child);
  while (const auto line = process_->read_line(start_patience)) {
    constexpr std::string_view before = "http://127.0.0.1:";
    const auto at = line->find(before);
    if (at == std::string::npos) continue;
    port_ = static_cast<std::uint16_t>(std::stoi(line->substr(at + before.size())));
    start_s_ = std::chrono::duration<double>(clock_type::now() - begin).count();
    return;
  }
  std::ifstream log(child.error_log);
  throw std::runtime_error("croupier does not serve: " + std::string((std::istreambuf_iterator<char>(log)), {}));
}

void croupier_server::stop() {
  const int status = process_->stop(SIGTERM, stop_patience);
  if (status != 0) throw std::runtime_error("croupier did not stop in order: wait status " + std::to_string(status));
}

load::request_head croupier_server::head(std::string_view method, std::string_view path,
                                         const load::request_head::headers& further,
                                         std::string_view content_type) const {
  load::request_head::headers fields{{"X-Api-Key", key_}, {"Content-Type", std::string(content_type)}};
  fields.insert(fields.end(), further.begin(), further.end());
  return {method, path, "127.0.0.1:" + std::to_string(port_), fields};
}

load::channel_maker croupier_server::channels() const {
  return load::http_channels("127.0.0.1", port_);
}

std::string croupier_server::get(const std::string& path, int expected) const {
  httplib::Client client("127.0.0.1", port_);
  client.set_read_timeout(60);
  const auto got = client.Get(path, {{"X-Api-Key", key_}});
  if (!got || got->status != expected)
    throw std::runtime_error("GET " + path + ": " +
                             (got ? std::to_string(got->status) + " " + got->body : "no answer"));
  return got->body;
}

std::string croupier_server::post(const std::string& path, const std::string& body, int expected) const {
  httplib::Client client("127.0.0.1", port_);
  client.set_read_timeout(60);
  const auto got = client.Post(path, {{"X-Api-Key", key_}}, body, "application/json");
  if (!got || got->status != expected)
    throw std::runtime_error("POST " + path + ": " +
                             (got ? std::to_string(got->status) + " " + got->body : "no answer"));
  return got->body;
}

void croupier_server::erase(const std::string& path, int expected) const {
  httplib::Client client("127.0.0.1", port_);
  client.set_read_timeout(60);
  const auto got = client.Delete(path, {{"X-Api-Key", key_}});
  if (!got || got->status != expected)
    throw std::runtime_error("DELETE " + path + ": " +
                             (got ? std::to_string(got->status) + " " + got->body : "no answer"));
}

std::string croupier_server::click() const {
  httplib::Client client("127.0.0.1", port_);
  const auto got = client.Get("/api/v1/track/click/" + std::string(link_id));
  const auto location = got ? got->get_header_value("Location") : std::string();
  constexpr std::string_view name = "click_id=";
  const auto at = location.find(name);
  if (at == std::string::npos) throw std::runtime_error("the link gives no click: " + location);
  return location.substr(at + name.size(), 36);
}

void croupier_server::register_players(const workload& players) const {
  const auto call = head("POST", "/tracking/client/v1");
  const auto id = click();
  registering calls(players, call, id);
  load::plan plan;
  plan.connections = 64;
  load::run(plan, channels(), calls);
  if (!calls.problem().empty()) throw std::runtime_error("a registration failed: " + calls.problem());
}

void croupier_server::read_balances(const balance_reader& each) const {
  std::string cursor;
  do {
    json::object page{{"limit", page_rows}};
    if (cursor.empty())
      page["offset"] = 0;
    else
      page["cursor"] = cursor;
    const json::value asked = json::object{{"pagination", page}, {"filters", json::object()}};
    const auto answer = json::parse(post("/api/node/clients/v1/list", json::serialize(asked)));
    for (const auto& row : answer.at("rows").as_array()) {
      const auto player = view_text(row.at("client").at("externalId").as_string());
      for (const auto& metric : row.at("integerMetrics").as_array())
        each(player, view_text(metric.at("code").as_string()), json::serialize(metric.at("value")));
      for (const auto& metric : row.at("decimalMetrics").as_array())
        each(player, view_text(metric.at("code").as_string()), view_text(metric.at("value").as_string()));
    }
    const auto& foot = answer.at("pagination").as_object();
    cursor = foot.at("hasMore").as_bool() ? view_text(foot.at("nextCursor").as_string()) : std::string();
  } while (!cursor.empty());
}

std::uint64_t croupier_server::counter(const std::string& name) const {
  std::istringstream lines(get("/metrics"));
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(name + " ")) return std::stoull(line.substr(name.size() + 1));
  throw std::runtime_error("/metrics has no " + name);
}

std::string croupier_beside_us() {
  std::error_code ignored;
  return (fs::read_symlink("/proc/self/exe", ignored).parent_path() / "croupier").string();
}

} // namespace croupier::bench
