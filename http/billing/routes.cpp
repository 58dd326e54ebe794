#include "http/billing/routes.hpp"

#include <string>
#include <utility>

namespace croupier::http::billing {

namespace {

/// `responses` of a call that answers an object of this schema.
std::string answers(const std::string& ok, const std::string& schema) {
  std::string out = R"("responses": {"200": {"description": ")" + ok +
                    R"(", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/)" + schema +
                    R"("}}}})";
  for (const auto& [status, why] :
       {std::pair{"400", "A parameter or field is malformed; `message` names it."},
        std::pair{"403", "The key is limited to some brands, or lacks the scope."},
        std::pair{"404", "What the call names does not exist."},
        std::pair{"409", "Not in the state that things are in; `message` says why."},
        std::pair{"503", "The accounts are still being made, or the journal takes no writes. See Retry-After."}})
    out += std::string(", \"") + status + R"(": {"description": ")" + why +
           R"(", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}})";
  return out + "}";
}

/// `requestBody` of a JSON object.
std::string body(const std::string& required, const std::string& members) {
  return R"("requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object", )"
         R"("required": [)" +
         required + "], \"properties\": {" + members + "}}}}}, ";
}

const std::string paging = R"({"name": "limit", "in": "query", "required": false,
    "schema": {"type": "integer", "minimum": 1, "maximum": 500, "default": 500}},
  {"name": "offset", "in": "query", "required": false, "schema": {"type": "integer", "minimum": 0, "default": 0}})";

const std::string open_balances_schema = R"({"parameters": [
  {"name": "affiliateId", "in": "query", "required": false, "schema": {"type": "string", "format": "uuid"}},
  {"name": "affiliateName", "in": "query", "required": false, "schema": {"type": "string"},
    "description": "A part of the name; the case of ASCII letters does not count."},
  {"name": "currency", "in": "query", "required": false, "schema": {"type": "string"}}, )" +
                                         paging + R"(],
  "responses": {
    "200": {"description": "What each affiliate is owed, by currency, and where its money is.",
      "content": {"application/json": {"schema": {"$ref": "#/components/schemas/OpenBalances"}}}},
    "400": {"description": "A parameter is malformed.",
      "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}},
    "503": {"description": "The accounts are still being made. See Retry-After.",
      "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}}})";

const std::string settlements_schema =
    R"({"parameters": [)" + paging + "], " + answers("One page.", "SettlementPage") + "}";
const std::string claims_schema = R"({"parameters": [)" + paging + "], " + answers("One page.", "CpaClaimPage") + "}";
const std::string settlement_schema = "{" + answers("It.", "Settlement") + "}";
const std::string account_settlement_schema = "{" + answers("It.", "AccountSettlement") + "}";
const std::string done_schema = "{" + answers("Done.", "Empty") + "}";

const std::string csv_schema = R"({"responses": {
  "200": {"description": "A row for each account settlement that was not deleted.",
    "content": {"text/csv": {"schema": {"type": "string"}}}},
  "404": {"description": "`settlement not found`.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}}})";

const std::string statement_schema =
    R"({"parameters": [
  {"name": "currency", "in": "query", "required": false, "schema": {"type": "string"},
    "description": "Required when the affiliate has accounts in several."},
  {"name": "cursor", "in": "query", "required": false, "schema": {"type": "string"}},
  {"name": "limit", "in": "query", "required": false,
    "schema": {"type": "integer", "minimum": 1, "maximum": 500, "default": 500}}], )" +
    answers("Every entry of the account, newest first, with what it earned and the sum after it.", "Statement") + "}";

const std::string settle_schema = "{" + body("", R"(
  "affiliateIds": {"$ref": "#/components/schemas/Ids"},
  "all": {"type": "boolean", "description": "In place of affiliateIds."},
  "upTo": {"type": "string", "format": "date-time", "description": "Exclusive, a midnight in UTC."},
  "minimum": {"type": "string", "pattern": "^[0-9]+(\\.[0-9]{1,18})?$"}, "dryRun": {"type": "boolean"},
  "requestId": {"type": "string", "minLength": 1, "maxLength": 100, "description": "Required unless it is a dry run."},
  "note": {"type": "string", "maxLength": 1000})") +
                                  answers("Settled, and who was left out and why.", "SettleAnswer") + "}";

const std::string status_schema = "{" + body(R"("status")", R"(
  "status": {"type": "string", "enum": ["NEW", "IN_PROGRESS", "PAID", "ERROR"]})") +
                                  answers("It has the status.", "Empty") + "}";

const std::string statuses_schema = "{" + body(R"("status", "accountSettlementIds")", R"(
  "status": {"type": "string", "enum": ["NEW", "IN_PROGRESS", "PAID", "ERROR"]},
  "accountSettlementIds": {"$ref": "#/components/schemas/Ids"})") +
                                    answers("How many, and why not others.", "StatusAnswer") + "}";

const std::string adjust_schema = "{" + body(R"("affiliateId", "amount", "requestId", "reason")", R"(
  "affiliateId": {"type": "string", "format": "uuid"}, "currency": {"type": "string"},
  "amount": {"type": "string", "pattern": "^-?[0-9]+(\\.[0-9]{1,18})?$", "description": "Not zero."},
  "requestId": {"type": "string", "minLength": 1, "maxLength": 100},
  "reason": {"type": "string", "minLength": 1, "maxLength": 1000})") +
                                  answers("The adjustment.", "AdjustAnswer") + "}";

const std::string close_schema = "{" + body(R"("month")", R"(
  "month": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"},
  "affiliateIds": {"$ref": "#/components/schemas/Ids"},
  "dryRun": {"type": "boolean"})") +
                                 answers("Each account's figures, or why it was not closed.", "CloseAnswer") + "}";

using handler = response (*)(const desk&, const request&);

} // namespace

void add_routes(std::vector<route>& table, const desk& with) {
  const auto add = [&](std::string_view method, std::string_view pattern, scope needs, std::string_view summary,
                       std::string_view schema, handler handle) {
    const auto policy = method == "POST" && schema.find("requestBody") != std::string_view::npos ? body_policy::json
                                                                                                 : body_policy::none;
    table.push_back({method, pattern, needs, policy, error_style::trackdesk, summary,
                     [with, handle](const request& req) { return handle(with, req); }, schema});
    // Reads wait for the books, decisions for a commit.
    table.back().holds_thread = true;
  };
  add("GET", "/api/node/billing/v1/open-balances", scope::read, "List what each affiliate is owed and not yet settled.",
      open_balances_schema, open_balances);
  add("POST", "/api/node/billing/v1/settle-balances", scope::billing,
      "Settle open balances of one, some or all affiliates, or show what that would be.", settle_schema, settle);
  add("GET", "/api/node/billing/v1/settlements", scope::billing, "List settlements, newest first.", settlements_schema,
      list_settlements);
  add("GET", "/api/node/billing/v1/settlements/{settlementId}", scope::billing, "Show a settlement.", settlement_schema,
      show_settlement);
  add("GET", "/api/node/billing/v1/settlements/{settlementId}/csv", scope::billing,
      "Give a settlement as a payment list.", csv_schema, settlement_csv);
  add("POST", "/api/node/billing/v1/account-settlements/status", scope::billing,
      "Set the status of several account settlements, each on its own.", statuses_schema, set_statuses);
  add("GET", "/api/node/billing/v1/account-settlements/{accountSettlementId}", scope::billing,
      "Show an account settlement.", account_settlement_schema, show_account_settlement);
  add("POST", "/api/node/billing/v1/account-settlements/{accountSettlementId}/status", scope::billing,
      "Set the status of an account settlement.", status_schema, set_status);
  add("DELETE", "/api/node/billing/v1/account-settlements/{accountSettlementId}", scope::billing,
      "Delete an unpaid account settlement: the open balance is as if it had never been.", done_schema, remove);
  add("GET", "/api/node/billing/v1/accounts/{affiliateId}/statement", scope::billing,
      "List every entry of an account, newest first, and prove its sum.", statement_schema, statement);
  add("POST", "/api/node/billing/v1/adjustments", scope::billing, "Adjust an account by hand.", adjust_schema, adjust);
  add("GET", "/api/node/billing/v1/cpa-claims", scope::billing, "List CPA claims that are held or can be reversed.",
      claims_schema, list_claims);
  add("POST", "/api/node/billing/v1/cpa-claims/{clientId}/approve", scope::billing, "Release a held CPA by hand.",
      done_schema, approve_claim);
  add("POST", "/api/node/billing/v1/cpa-claims/{clientId}/reverse", scope::billing, "Take a CPA back by hand.",
      done_schema, reverse_claim);
  add("POST", "/api/node/billing/v1/period-closes", scope::billing,
      "Close a month: what depends on all of it is booked.", close_schema, close_period);
}

} // namespace croupier::http::billing
