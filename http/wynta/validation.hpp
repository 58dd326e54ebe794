#pragma once

#include "http/json.hpp"
#include "http/route.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace croupier::http::wynta {

/// One thing that is wrong with a body, as the vendor tells it.
struct validation_error {
  std::vector<std::string> loc; ///< path to the field: {"body", "user_id"}; whole numbers are written as numbers
  std::string msg;
  std::string type;           ///< "missing", "string_type", ...
  std::string input = "null"; ///< JSON of what was received
  std::string ctx = "{}";     ///< JSON object
};

/// 422 `{"detail": [...]}`.
response to_response(const std::vector<validation_error>& errors);

/// A required field that is not there, in the vendor's words.
validation_error missing_field(std::vector<std::string> loc);

/// What was received, for `input`: as JSON if it is short, else null.
std::string shown_input(const json::value& value);

/// The body as a JSON object, or what is wrong with it.
std::vector<validation_error> parse_body(std::string_view body, json::document& document);

} // namespace croupier::http::wynta
