#pragma once

#include "actors/gateway.hpp"
#include "config/field_reader.hpp"
#include "http/errors.hpp"
#include "http/route.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What every answer under /admin is made with.
namespace croupier::http::admin {

/// `{"error": {"code", "message", "details": [{"field", "message"}]}}`: what is wrong, member by member.
/// `kind`: malformed (400) for what was sent, conflict (409) for what stands in the way. `problems` is not empty.
response refused(error_kind kind, const std::vector<config::field_problem>& problems);

/// One problem from the engine's words, "<field>: <what is wrong>", with the field's name in calls.
config::field_problem problem_from(const std::string& words);

/// What is answered when the ledger did not take the change; nothing when it did.
std::optional<response> failed(const actors::outcome& outcome);

/// A page of a list, from the query members `limit` (1 to 500, 100) and `offset` (0).
struct page {
  std::size_t limit = 100;
  std::size_t offset = 0;
};
std::optional<page> read_page(const request& req, std::vector<config::field_problem>& problems);

} // namespace croupier::http::admin
