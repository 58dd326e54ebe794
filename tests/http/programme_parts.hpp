#pragma once

#include "contract_parts.hpp"
#include "support/test_ledger.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What the tests of an affiliate programme share: a ledger whose clock the test sets, configured and asked over HTTP.
namespace croupier::test {

inline const std::string billing_base = "/api/node/billing/v1/";
inline const std::string admin_base = "/admin/v1/";
inline const std::string ngr_offer = "5d1f0c2a-0003-4000-8000-000000000002";

/// A clock that a test sets.
struct set_clock {
  std::shared_ptr<std::atomic<std::int64_t>> now = std::make_shared<std::atomic<std::int64_t>>(0);

  void set(std::string_view time) { *now = timestamp::parse(time)->unix_us; }
  actors::gateway_options options() const {
    actors::gateway_options out;
    out.now = [now = now] { return timestamp{*now}; };
    return out;
  }
};

/// Where the money of the first account in that currency is: "open 10.00, pending 2.50". Buckets of zero are left out;
/// "nothing" when all are.
inline std::string money(api_client& api, const std::string& currency = "EUR") {
  const auto answer = api.get(billing_base + "open-balances?currency=" + currency);
  REQUIRE(answer.status == 200);
  std::string out;
  for (const char* name : {"open", "onHold", "carried", "pending", "paid", "rounding"}) {
    const auto sum = answer.at("rows.0.buckets." + std::string(name));
    if (sum != "0") out += (out.empty() ? "" : ", ") + std::string(name) + " " + sum;
  }
  return out.empty() ? "nothing" : out;
}

/// An affiliate programme on the demo workspace's offer of 25 % of NGR: plans, deal and movements over HTTP, and time
/// as the test has it.
class programme_over_http {
public:
  explicit programme_over_http(std::string_view starts_at = "2026-01-01T00:00:00Z") : clock_(started(starts_at)) {}

  api_client& api() { return api_; }
  api_client& admin() { return admin_; }
  running_ledger& ledger() { return ledger_; }
  void set_time(std::string_view time) { clock_.set(time); }

  std::string metric(const std::string& code) {
    const auto all = admin_.get(admin_base + "metrics?limit=500");
    for (int i = 0; all.at("rows." + std::to_string(i)) == "{}"; ++i)
      if (all.at("rows." + std::to_string(i) + ".code") == code) return all.at("rows." + std::to_string(i) + ".id");
    FAIL("there is no metric " + code);
    return {};
  }

  /// Puts a plan of the offer, from now on, with these further members.
  reply plan(const std::string& name, const std::string& members) {
    return admin_.post(admin_base + "plans",
                       R"({"name":")" + name + R"(","offerId":")" + ngr_offer + "\"," + members + "}");
  }
  /// A share of the NGR: `tiers` and what else belongs to the leg.
  std::string revshare(const std::string& tiers, const std::string& more = "") {
    return R"("revshare":{"metricId":")" + metric("ngr") + R"(","tiers":)" + tiers + more + "}";
  }
  std::string flat(const std::string& rate) { return revshare(R"([{"ratePercent":")" + rate + "\"}]"); }
  /// A fee for deposits of 50, with what else belongs to the leg.
  std::string cpa(const std::string& fee, const std::string& more = "") {
    return R"("cpa":{"fee":")" + fee + R"(","deposits":{"metricId":")" + metric("deposits-total") +
           R"(","atLeast":"50"})" + more + "}";
  }
  void set_deal(const std::string& deal) {
    const auto changed = admin_.send("PATCH", admin_base + "affiliates/" + std::string(demo_affiliate),
                                     R"({"paymentDetails":"IBAN DE00","deal":)" + deal + "}", "application/json");
    INFO(changed.body);
    REQUIRE(changed.status == 200);
  }

  void join(const std::string& player) { api_.register_player(player, ngr_link); }
  void move(const std::string& player, const std::vector<std::pair<std::string, std::string>>& updates) {
    const auto answer = api_.record(player, "", updates);
    INFO(answer.body);
    REQUIRE(answer.status == 200);
  }
  void move(const std::string& player, const std::string& ngr) { move(player, {{"ngr", "+" + ngr}}); }

  /// Closes a month for all accounts.
  reply close(const std::string& month) {
    const auto answer = api_.post(billing_base + "period-closes", R"({"month":")" + month + "\"}");
    INFO(answer.body);
    REQUIRE(answer.status == 200);
    REQUIRE(answer.at("accounts.0.closed") == "true");
    return answer;
  }
  reply statement() {
    const auto answer = api_.get(billing_base + "accounts/" + std::string(demo_affiliate) + "/statement?currency=EUR");
    REQUIRE(answer.status == 200);
    CHECK(answer.at("sumHolds") == "true");
    return answer;
  }
  std::string where_it_is() { return money(api_); }

private:
  static set_clock started(std::string_view at) {
    set_clock clock;
    clock.set(at);
    return clock;
  }

  temporary_folder folder_;
  set_clock clock_;
  running_ledger ledger_{folder_.path(), clock_.options()};
  api_client api_{ledger_};
  api_client admin_{ledger_, admin_key};
};

} // namespace croupier::test
