#include "http/admin/answers.hpp"

#include "engine/check.hpp"
#include "http/events/outcomes.hpp"
#include "http/json.hpp"

#include <charconv>

namespace croupier::http::admin {

namespace {

constexpr std::size_t limit_max = 500;
constexpr std::size_t offset_max = 1'000'000'000;

std::size_t read_number(const request& req, std::string_view name, std::size_t otherwise, std::size_t min,
                        std::size_t max, std::vector<config::field_problem>& problems) {
  const auto text = req.query(name);
  if (!text) return otherwise;
  std::size_t number = 0;
  const char* end = text->data() + text->size();
  const auto [stopped, error] = std::from_chars(text->data(), end, number);
  if (error == std::errc{} && stopped == end && number >= min && number <= max) return number;
  problems.push_back(
      {std::string(name), "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max)});
  return otherwise;
}

} // namespace

response refused(error_kind kind, const std::vector<config::field_problem>& problems) {
  CROUPIER_ASSERT(!problems.empty(), "a refusal says why");
  response answer;
  answer.status = status_of(kind);
  json::writer out(answer.body);
  out.begin_object().key("error").begin_object();
  out.key("code").string(kind == error_kind::conflict ? "conflict" : "invalid_request");
  const auto& first = problems.front();
  out.key("message").string(first.field.empty() ? first.what : first.field + ": " + first.what);
  out.key("details").begin_array();
  for (const auto& one : problems)
    out.begin_object().key("field").string(one.field).key("message").string(one.what).end_object();
  out.end_array().end_object().end_object();
  return answer;
}

config::field_problem problem_from(const std::string& words) {
  const std::size_t colon = words.find(": ");
  if (colon == std::string::npos) return {"", words, 0};
  return {config::api_path(words.substr(0, colon)), words.substr(colon + 2), 0};
}

std::optional<response> failed(const actors::outcome& outcome) {
  const auto* why = std::get_if<actors::failure>(&outcome);
  return why == nullptr ? std::nullopt : std::optional(error_response(error_style::plain, kind_of(*why)));
}

std::optional<page> read_page(const request& req, std::vector<config::field_problem>& problems) {
  const page asked{read_number(req, "limit", page{}.limit, 1, limit_max, problems),
                   read_number(req, "offset", 0, 0, offset_max, problems)};
  return problems.empty() ? std::optional(asked) : std::nullopt;
}

} // namespace croupier::http::admin
