#pragma once

#include "http/routes.hpp"

#include <vector>

namespace croupier::http::dashboard {

/// Adds the dashboard: its page at "/", its files below "/dashboard/", and "/dashboard/session", which tells a
/// signed-in browser what its key may do. The files are public, hold nothing of the ledger's, load nothing from
/// elsewhere, and are served with a policy that allows nothing else.
void add_routes(std::vector<route>& table, const services& with);

} // namespace croupier::http::dashboard
