#include "http/billing/routes.hpp"

namespace croupier::http::billing {

namespace {

#define CROUPIER_ANSWERS(ok)                                                                                           \
  R"("responses": {"200": {"description": ")" ok                                                                       \
  R"(", "content": {"application/json": {"schema": {"type": "object"}}}},
  "400": {"description": "A parameter or field is malformed; `message` names it.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}},
  "403": {"description": "The key is limited to some brands, or lacks the scope.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}},
  "404": {"description": "What the call names does not exist.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}},
  "409": {"description": "Not in the state that things are in; `message` says why.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}},
  "503": {"description": "The accounts are still being made, or the journal takes no writes. See Retry-After.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}})"

#define CROUPIER_PAGE                                                                                                  \
  R"({"name": "limit", "in": "query", "required": false,
    "schema": {"type": "integer", "minimum": 1, "maximum": 500, "default": 500}},
  {"name": "offset", "in": "query", "required": false, "schema": {"type": "integer", "minimum": 0, "default": 0}})"

#define CROUPIER_BODY(required, members)                                                                                      \
  R"("requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object", "required": [)" required \
  R"(], "properties": {)" members R"(}}}}}, )"

constexpr std::string_view open_balances_schema = R"({"parameters": [
  {"name": "affiliateId", "in": "query", "required": false, "schema": {"type": "string", "format": "uuid"}},
  {"name": "currency", "in": "query", "required": false, "schema": {"type": "string"}}, )" CROUPIER_PAGE R"(],
  "responses": {
    "200": {"description": "What each affiliate is owed, by currency, and where its money is.",
      "content": {"application/json": {"schema": {"$ref": "#/components/schemas/OpenBalances"}}}},
    "400": {"description": "A parameter is malformed.",
      "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}},
    "403": {"description": "The key is limited to some brands.",
      "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}},
    "503": {"description": "The accounts are still being made. See Retry-After.",
      "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}}})";

constexpr std::string_view paged_schema =
    R"({"parameters": [)" CROUPIER_PAGE R"(], )" CROUPIER_ANSWERS("One page.") "}";

constexpr std::string_view one_schema = "{" CROUPIER_ANSWERS("It.") "}";
constexpr std::string_view done_schema = "{" CROUPIER_ANSWERS("Done.") "}";

constexpr std::string_view csv_schema = R"({"responses": {
  "200": {"description": "A row for each account settlement that was not deleted.",
    "content": {"text/csv": {"schema": {"type": "string"}}}},
  "404": {"description": "`settlement not found`.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}}})";

constexpr std::string_view statement_schema = R"({"parameters": [
  {"name": "currency", "in": "query", "required": false, "schema": {"type": "string"},
    "description": "Required when the affiliate has accounts in several."},
  {"name": "cursor", "in": "query", "required": false, "schema": {"type": "string"}},
  {"name": "limit", "in": "query", "required": false,
    "schema": {"type": "integer", "minimum": 1, "maximum": 500, "default": 500}}], )" CROUPIER_ANSWERS(
    "Every entry of the account, newest first, with the sum before and after it.") "}";

constexpr std::string_view settle_schema = "{" CROUPIER_BODY("", R"(
  "affiliateIds": {"$ref": "#/components/schemas/Ids"},
  "all": {"type": "boolean", "description": "In place of affiliateIds."},
  "upTo": {"type": "string", "format": "date-time", "description": "Exclusive, a midnight in UTC."},
  "minimum": {"type": "string"}, "dryRun": {"type": "boolean"},
  "requestId": {"type": "string", "minLength": 1, "maxLength": 100},
  "note": {"type": "string", "maxLength": 1000})") CROUPIER_ANSWERS("Settled, and who was left out and why.") "}";

constexpr std::string_view status_schema = "{" CROUPIER_BODY(R"("status")", R"(
  "status": {"enum": ["NEW", "IN_PROGRESS", "PAID", "ERROR"]})") CROUPIER_ANSWERS("It has the status.") "}";

constexpr std::string_view statuses_schema = "{" CROUPIER_BODY(R"("status", "accountSettlementIds")", R"(
  "status": {"enum": ["NEW", "IN_PROGRESS", "PAID", "ERROR"]},
  "accountSettlementIds": {"$ref": "#/components/schemas/Ids"})") CROUPIER_ANSWERS("How many, and why not others.") "}";

constexpr std::string_view adjust_schema = "{" CROUPIER_BODY(R"("affiliateId", "amount", "requestId", "reason")", R"(
  "affiliateId": {"type": "string", "format": "uuid"}, "currency": {"type": "string"},
  "amount": {"type": "string", "description": "Signed."},
  "requestId": {"type": "string", "minLength": 1, "maxLength": 100},
  "reason": {"type": "string", "minLength": 1, "maxLength": 1000})") CROUPIER_ANSWERS("The adjustment.") "}";

constexpr std::string_view close_schema = "{" CROUPIER_BODY(R"("month")", R"(
  "month": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"},
  "affiliateIds": {"$ref": "#/components/schemas/Ids"},
  "dryRun": {"type": "boolean"})") CROUPIER_ANSWERS("Each account's figures, or why it was not closed.") "}";

#undef CROUPIER_ANSWERS
#undef CROUPIER_PAGE
#undef CROUPIER_BODY

using handler = response (*)(const desk&, const request&);

} // namespace

void add_routes(std::vector<route>& table, const desk& with) {
  const auto add = [&](std::string_view method, std::string_view pattern, scope needs, std::string_view summary,
                       std::string_view schema, handler handle) {
    const auto body = method == "POST" && schema.find("requestBody") != std::string_view::npos ? body_policy::json
                                                                                               : body_policy::none;
    table.push_back({method, pattern, needs, body, error_style::trackdesk, summary,
                     [with, handle](const request& req) { return handle(with, req); }, schema});
    // Reads wait for the books, decisions for a commit.
    table.back().holds_thread = true;
  };
  add("GET", "/api/node/billing/v1/open-balances", scope::read, "List what each affiliate is owed and not yet settled.",
      open_balances_schema, open_balances);
  add("POST", "/api/node/billing/v1/settle-balances", scope::billing,
      "Settle open balances of one, some or all affiliates, or show what that would be.", settle_schema, settle);
  add("GET", "/api/node/billing/v1/settlements", scope::billing, "List settlements, newest first.", paged_schema,
      list_settlements);
  add("GET", "/api/node/billing/v1/settlements/{id}", scope::billing, "Show a settlement.", one_schema,
      show_settlement);
  add("GET", "/api/node/billing/v1/settlements/{id}/csv", scope::billing, "Give a settlement as a payment list.",
      csv_schema, settlement_csv);
  add("POST", "/api/node/billing/v1/account-settlements/status", scope::billing,
      "Set the status of several account settlements, each on its own.", statuses_schema, set_statuses);
  add("GET", "/api/node/billing/v1/account-settlements/{id}", scope::billing, "Show an account settlement.", one_schema,
      show_account_settlement);
  add("POST", "/api/node/billing/v1/account-settlements/{id}/status", scope::billing,
      "Set the status of an account settlement.", status_schema, set_status);
  add("DELETE", "/api/node/billing/v1/account-settlements/{id}", scope::billing,
      "Delete an unpaid account settlement: the open balance is as if it had never been.", done_schema, remove);
  add("GET", "/api/node/billing/v1/accounts/{affiliateId}/statement", scope::billing,
      "List every entry of an account, newest first, and prove its sum.", statement_schema, statement);
  add("POST", "/api/node/billing/v1/adjustments", scope::billing, "Adjust an account by hand.", adjust_schema, adjust);
  add("GET", "/api/node/billing/v1/cpa-claims", scope::billing, "List CPA claims that are held or can be reversed.",
      paged_schema, list_claims);
  add("POST", "/api/node/billing/v1/cpa-claims/{clientId}/approve", scope::billing, "Release a held CPA by hand.",
      done_schema, approve_claim);
  add("POST", "/api/node/billing/v1/cpa-claims/{clientId}/reverse", scope::billing, "Take a CPA back by hand.",
      done_schema, reverse_claim);
  add("POST", "/api/node/billing/v1/period-closes", scope::billing,
      "Close a month: what depends on all of it is booked.", close_schema, close_period);
}

} // namespace croupier::http::billing
