#pragma once

#include "actors/billing.hpp"
#include "actors/gateway.hpp"
#include "http/route.hpp"

/// The handlers of the Trackdesk calls. Each takes a request that the server has framed, authenticated and allowed, and
/// gives the whole answer. Reads of the disk that fail throw storage_failure, which the route table answers.
namespace croupier::http::trackdesk {

response register_player(actors::gateway& ledger, const request& req);
response record_movement(actors::gateway& ledger, const request& req);
response record_batch(actors::gateway& ledger, const request& req);
response open_balance(actors::gateway& ledger, const request& req);
response open_balances(actors::gateway& ledger, const request& req);

response list_metrics(const request& req);
response list_movements(const actors::gateway& ledger, const actors::billing& books, const request& req);
response list_players(const actors::gateway& ledger, const actors::billing& books, const request& req);
response show_balances(const actors::gateway& ledger, const actors::billing& books, const request& req);

} // namespace croupier::http::trackdesk
