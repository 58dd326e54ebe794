#pragma once

#include "actors/billing.hpp"
#include "actors/gateway.hpp"
#include "http/route.hpp"

/// The handlers of the billing calls. Reads of the disk that fail throw storage_failure, which the route table answers.
namespace croupier::http::billing {

/// What they work with.
struct desk {
  const actors::gateway& ledger;
  actors::billing& books;
};

response open_balances(const desk& with, const request& req);
response statement(const desk& with, const request& req);
response list_settlements(const desk& with, const request& req);
response show_settlement(const desk& with, const request& req);
response settlement_csv(const desk& with, const request& req);
response show_account_settlement(const desk& with, const request& req);
response list_claims(const desk& with, const request& req);

response settle(const desk& with, const request& req);
response set_status(const desk& with, const request& req);
response set_statuses(const desk& with, const request& req);
response remove(const desk& with, const request& req);
response adjust(const desk& with, const request& req);
response approve_claim(const desk& with, const request& req);
response reverse_claim(const desk& with, const request& req);
response close_period(const desk& with, const request& req);

} // namespace croupier::http::billing
