/// What the calls say while the accounts beside the ledger cannot be had.

#include "actors/billing.hpp"
#include "actors/books.hpp"
#include "http/trackdesk/calls.hpp"
#include "support/catch.hpp"
#include "support/fault_env.hpp"
#include "support/running_ledger.hpp"
#include "support/test_ledger.hpp"

#include <optional>

using namespace croupier;
using namespace croupier::test;

namespace {

/// The real books and the real billing beside a ledger, fed by whoever waits for them.
struct accounting {
  accounting(test_ledger& ledger, const std::filesystem::path& folder, rocksdb::Env* disk)
      : books(open(ledger, folder, disk)),
        billing({ledger.view(),
                 [&ledger](std::span<const entry> facts) {
                   return ledger.gateway().submit(facts).wait(test_ledger::soon()).front();
                 }},
                *books, [] { return *timestamp::parse("2026-06-01T00:00:00Z"); }) {}

  static std::unique_ptr<actors::books> open(test_ledger& ledger, const std::filesystem::path& folder,
                                             rocksdb::Env* disk) {
    persistence::projector_options options;
    options.stepped = true;
    options.save_after = std::chrono::hours(24);
    auto opened = actors::books::open(folder, ledger.view(), {}, options, disk);
    REQUIRE(opened.has_value());
    return std::move(*opened);
  }

  std::unique_ptr<actors::books> books;
  actors::billing billing;
};

reply movements(test_ledger& ledger, const accounting& beside) {
  http::request req;
  req.ws = ledger.view().current_workspace();
  req.body = R"({"pagination":{"limit":10,"offset":0},
                 "filters":{"timeRange":{"from":"2000-01-01T00:00:00Z","to":"2100-01-01T00:00:00Z"}}})";
  const auto answer = http::trackdesk::list_movements(ledger.gateway(), beside.billing, req);
  return {answer.status, answer.body, {}};
}

/// What the row says of its settlement.
std::string standing(const reply& list, int row) {
  const auto at = "rows." + std::to_string(row) + ".";
  return list.at(at + "accountSettlementId") == "absent" ? "known " + list.at(at + "accountSettlementKnown")
                                                         : "settled";
}

} // namespace

TEST_CASE("while the accounts cannot be made after a start, no settled row passes for an open one") {
  const temporary_folder folder, first_books, second_books;
  test_ledger ledger(folder.path());
  auto payee = *ledger.view().current_workspace()->find(affiliate_number{1});
  payee.payment_details = "DE89 3704 0044";
  REQUIRE(
      std::holds_alternative<actors::receipt>(ledger.gateway().change_workspace({payee}, "test", test_ledger::soon())));
  ledger.register_player({1}, "ann", ledger.click({1}));
  const auto record = [&](const std::string& id, std::vector<update_text> updates) {
    REQUIRE(std::holds_alternative<actors::receipt>(ledger.record({1}, "ann", id, std::move(updates))));
  };
  record("settled", {{"deposits-total", "+100"}});
  {
    accounting beside(ledger, first_books.path(), nullptr);
    const auto settled = beside.billing.settle({"test", std::nullopt, {}, false, "s1", ""});
    REQUIRE(settled.has_value());
    REQUIRE(settled->made.parts.size() == 1);
  }
  record("open", {{"deposits-total", "+20"}});
  record("nothing earned", {{"bets", "+1"}});

  fault_env disk;
  accounting beside(ledger, second_books.path(), disk.env());
  disk.fail({});
  auto list = movements(ledger, beside);
  REQUIRE(list.status == 200);
  REQUIRE(disk.failures() > 0);
  CHECK(list.at("rows") == "[3]");
  CHECK(standing(list, 0) == "known absent"); // there is nothing to settle, whatever the accounts hold
  CHECK(standing(list, 1) == "known false");
  CHECK(standing(list, 2) == "known false");
  CHECK(beside.billing.catch_up().has_value());
  CHECK_FALSE(beside.billing.open_revshare(*ledger.view().player({1})).has_value());

  disk.heal();
  list = movements(ledger, beside);
  CHECK(standing(list, 0) == "known absent");
  CHECK(standing(list, 1) == "known absent");
  CHECK(standing(list, 2) == "settled");
  CHECK(beside.billing.open_revshare(*ledger.view().player({1}))->text() == "1.00");
}
