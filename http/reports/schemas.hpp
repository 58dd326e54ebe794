#pragma once

#include <string_view>

namespace croupier::http::reports {

/// What /openapi.json says of the calls. Valid for ever.
std::string_view by_token_schema();
std::string_view query_schema();

} // namespace croupier::http::reports
