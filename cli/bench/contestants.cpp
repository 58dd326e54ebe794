#include "cli/bench/contestants.hpp"

#include "benchmarks/load/generator.hpp"
#include "benchmarks/load/http_channel.hpp"
#include "cli/answers.hpp"
#include "engine/fixed_point.hpp"
#include "http/secrets.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <charconv>
#include <stdexcept>

namespace croupier::cli {
namespace {

namespace json = boost::json;

constexpr std::string_view scheme = "http://";
constexpr std::string_view registration_path = "/tracking/client/v1";
constexpr std::size_t run_digits = 12;

/// Registers one player after the other. A registration that is refused for now, or whose connection broke, is sent
/// again; one that was carried out all the same is then a duplicate.
class registering final : public load::caller {
public:
  registering(const contestants& whom, std::string click)
      : whom_(whom), click_(std::move(click)), head_(whom.head("POST", registration_path)) {}

  bool next(load::request& to_fill) override {
    if (!problem_.empty()) return false;
    if (!again_.empty()) {
      to_fill.tag = again_.back();
      again_.pop_back();
    } else if (given_ < whom_.count()) {
      to_fill.tag = given_++;
    } else {
      return false;
    }
    const auto player = static_cast<std::uint32_t>(to_fill.tag);
    head_.render(json::serialize(json::object{
                     {"externalId", whom_.id_of(player)}, {"revenueOriginId", whom_.place().brand}, {"cid", click_}}),
                 to_fill.wire);
    return true;
  }

  std::size_t judge(const load::request& sent, const load::answer& got) override {
    if (got.status == 200 || got.status == 409) return 0;
    if (got.status == 503 || got.status == 504 || got.status == 429) {
      retry(sent.tag, std::to_string(got.status));
    } else {
      problem_ = api_answer{got.status, std::string(got.body), {}, {}}.message();
    }
    return 0;
  }

  void lost(const load::request& sent, load::loss why) override { retry(sent.tag, std::string(load::name_of(why))); }

  const std::string& problem() const noexcept { return problem_; }

private:
  static constexpr std::uint32_t retries_max = 10'000;

  void retry(std::uint64_t player, const std::string& why) {
    if (++retries_ > retries_max) problem_ = "the server takes no registrations: " + why;
    again_.push_back(player);
  }

  const contestants& whom_;
  std::string click_;
  load::request_head head_;
  std::vector<std::uint64_t> again_;
  std::uint64_t given_ = 0;
  std::uint32_t retries_ = 0;
  std::string problem_;
};

std::string first_code(const json::object& answer, std::string_view list) {
  const json::array& metrics = list_member(answer, list);
  return metrics.empty() || !metrics.front().is_object() ? "" : text_member(metrics.front().get_object(), "code");
}

void append_cents(std::string& out, std::int64_t cents) {
  if (cents < 0) out += '-';
  const auto size = static_cast<std::uint64_t>(cents < 0 ? -cents : cents);
  out += std::to_string(size / 100);
  out += '.';
  out += static_cast<char>('0' + size / 10 % 10);
  out += static_cast<char>('0' + size % 10);
}

std::string value_of(const json::object& balances, std::string_view list, const std::string& code) {
  for (const json::value& metric : list_member(balances, list))
    if (const json::object* one = metric.if_object(); one != nullptr && text_member(*one, "code") == code)
      return text_member(*one, "value");
  return {};
}

} // namespace

contestants::contestants(const bench_place& place)
    : place_(place), run_(http::generate_api_key().substr(3, run_digits)) {
  if (!place_.server.url.starts_with(scheme))
    throw std::runtime_error("a benchmark speaks plain HTTP: start a server without TLS for it");
  const std::string authority = place_.server.url.substr(scheme.size());
  const auto colon = authority.rfind(':');
  host_ = authority.substr(0, colon);
  port_ = 80;
  if (colon != std::string::npos) std::from_chars(&authority[colon + 1], &*authority.end(), port_);
  find_metrics();
  register_players();
}

std::string contestants::id_of(std::uint32_t player) const {
  return "bench-" + run_ + "-" + std::to_string(player);
}

void contestants::append_movement(std::string& out, std::uint32_t player, std::uint64_t number,
                                  std::int64_t cents) const {
  constexpr std::string_view kind = R"(","valueType":"CLIENT_METRIC_VALUE_TYPE_RELATIVE","value":")";
  out.append(R"({"externalClientId":")").append(id_of(player)).append(R"(","revenueOriginId":")");
  out.append(place_.brand).append(R"(","requestId":"bench-)").append(run_).append("-");
  out.append(std::to_string(number)).append(R"(","metrics":[{"code":")");
  if (!integer_code_.empty()) out.append(integer_code_).append(kind).append(R"(1"},{"code":")");
  out.append(decimal_code_).append(kind);
  append_cents(out, cents);
  out.append(R"("}]})");
}

load::request_head contestants::head(std::string_view method, std::string_view path,
                                     const load::request_head::headers& further) const {
  load::request_head::headers fields{{"X-Api-Key", place_.server.api_key}, {"Content-Type", "application/json"}};
  fields.insert(fields.end(), further.begin(), further.end());
  return {method, path, place_.server.url.substr(scheme.size()), fields};
}

load::channel_maker contestants::channels() const {
  return load::http_channels(host_, port_);
}

std::string contestants::balance_path(std::uint32_t player) const {
  return "/api/node/clients/v1/balances?revenueOriginId=" + place_.brand + "&externalId=" + id_of(player);
}

void contestants::find_metrics() {
  api_client client(place_.server);
  const auto answer = read_answer(client.get("/api/node/clients/v1/metrics"));
  if (!answer) throw std::runtime_error("the metrics cannot be read: " + answer.error());
  decimal_code_ = first_code(answer->content, "decimalMetrics");
  integer_code_ = first_code(answer->content, "integerMetrics");
  if (decimal_code_.empty()) throw std::runtime_error("the workspace has no decimal metric to move");
}

void contestants::register_players() {
  api_client client(place_.server);
  const auto clicked = client.get("/track/click/" + place_.link);
  if (!clicked) throw std::runtime_error(clicked.error().text);
  const std::string click = click_of(clicked->location);
  if (click.empty())
    throw std::runtime_error("no click could be made on link " + place_.link + ": " + clicked->message());
  registering calls(*this, click);
  load::plan plan;
  plan.connections = std::min<std::size_t>(place_.connections, 64);
  load::run(plan, channels(), calls);
  if (!calls.problem().empty()) throw std::runtime_error("a player could not be registered: " + calls.problem());
}

std::uint64_t contestants::differences(const std::vector<expected_balance>& expected, std::string& first) const {
  api_client client(place_.server);
  std::uint64_t differing = 0;
  for (std::uint32_t player = 0; player < count(); ++player) {
    const auto answer = read_answer(client.get(balance_path(player)));
    if (!answer) throw std::runtime_error("the balances of " + id_of(player) + " cannot be read: " + answer.error());
    const std::string decimal = value_of(answer->content, "decimalMetrics", decimal_code_);
    const std::string integer = integer_code_.empty() ? "" : value_of(answer->content, "integerMetrics", integer_code_);
    std::string wanted;
    append_cents(wanted, expected[player].cents);
    const auto shown = amount::parse(decimal);
    const bool same = shown && *shown == amount::parse(wanted) &&
                      (integer_code_.empty() || integer == std::to_string(expected[player].movements));
    if (!same && differing++ == 0)
      first = id_of(player) + " has " + decimal + " after " + integer + " movements instead of " + wanted + " after " +
              std::to_string(expected[player].movements);
  }
  return differing;
}

} // namespace croupier::cli
