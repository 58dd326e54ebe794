#include "http/reports/routes.hpp"

#include "actors/wall_clock.hpp"
#include "http/errors.hpp"
#include "http/reports/output.hpp"
#include "http/reports/requests.hpp"
#include "http/reports/schemas.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace croupier::http::reports {
namespace {

constexpr auto style = error_style::revvvs;

/// Usually a few milliseconds; after a start that makes the figures anew, longer than anybody should wait.
constexpr std::chrono::seconds catch_up_max{5};

using actors::wall_clock;

response malformed(std::string_view why) {
  return error_response(style, error_kind::malformed, why);
}

std::string_view text_of(report_refusal why) {
  switch (why) {
  case report_refusal::too_many_rows:
    return "the report has more than 50000 rows: choose fewer dimensions, fewer days or filters";
  case report_refusal::too_much_to_read:
    return "the report covers too much: choose fewer days, or leave out the dimension player";
  case report_refusal::behind: return "the reports are still taking in what was recorded: try again shortly";
  }
  return {};
}

/// How the answer is to look.
struct wanted_form {
  bool csv = false;
  number_form numbers = number_form::number;
};

result<wanted_form, problem> read_form(const request& req, std::string_view usual) {
  const auto format = req.query("format").value_or(std::string(usual));
  if (format != "csv" && format != "json") return std::string("format: must be csv or json");
  const auto exact = read_flag(req, "exact");
  if (!exact) return exact.error();
  return wanted_form{format == "csv", *exact ? number_form::text : number_form::number};
}

response answer(const report_source& source, const report_query& query, const request& req, wanted_form form) {
  auto made = source(query, *req.ws, std::min(req.deadline, std::chrono::steady_clock::now() + catch_up_max));
  if (!made && made.error() == report_refusal::behind)
    return error_response(style, error_kind::overloaded, text_of(made.error()));
  if (!made) return malformed(text_of(made.error()));
  response out;
  out.headers.emplace_back("Cache-Control", "no-store");
  if (!form.csv) {
    out.body = to_json({std::move(*made), query.from, query.to, wall_clock()}, form.numbers);
    return out;
  }
  out.content_type = "text/csv; charset=utf-8";
  out.headers.emplace_back("Content-Disposition", "attachment; filename=\"report_" + text_of_day(query.from) + "_" +
                                                      text_of_day(query.to) + ".csv\"");
  out.body = to_csv(made->content);
  return out;
}

response by_token(const report_source& source, const request& req) {
  const auto* preset = find_preset(*req.ws, req.path_parameter("token"));
  if (preset == nullptr || !preset->enabled)
    return error_response(style, error_kind::credentials_invalid, "Invalid or disabled report token");
  const auto form = read_form(req, "csv");
  if (!form) return malformed(form.error());
  const auto days = read_days(req.query("startDate"), req.query("endDate"), *req.ws, wall_clock());
  if (!days) return malformed(days.error());
  auto query = query_of(*preset);
  query.from = days->from;
  query.to = days->to;
  return answer(source, query, req, *form);
}

response by_query(const report_source& source, const request& req) {
  const auto form = read_form(req, "json");
  if (!form) return malformed(form.error());
  const auto query = read_query(req, wall_clock());
  if (!query) return malformed(query.error());
  return answer(source, *query, req, *form);
}

} // namespace

void add_routes(std::vector<route>& table, report_source source) {
  table.push_back({"GET", "/api/v1/reports/{token}", std::nullopt, body_policy::none, style,
                   "Give the report that the token opens.",
                   [source](const request& req) { return by_token(source, req); }, by_token_schema(), true});
  table.push_back({"POST", "/api/v1/reports/query", scope::read, body_policy::json, style, "Make a report.",
                   [source](const request& req) { return by_query(source, req); }, query_schema(), true});
}

} // namespace croupier::http::reports
