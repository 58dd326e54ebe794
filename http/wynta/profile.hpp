#pragma once

#include "actors/books.hpp"
#include "actors/gateway.hpp"
#include "http/route.hpp"

namespace croupier::http::wynta {

/// Answers what is known of a player: traits, balances, whom it is attributed to. Everything that was answered before
/// the call is in it. 404 for a player that is not known.
response show_profile(const actors::gateway& ledger, actors::books& books, const request& req);

} // namespace croupier::http::wynta
