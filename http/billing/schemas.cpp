#include "http/billing/routes.hpp"

#include <string>

namespace croupier::http::billing {

namespace {

/// Members that several answers have. Every object is closed: what an answer has beyond it is a fault.
const std::string account_members = R"("affiliateId": {"type": "string", "format": "uuid"},
  "affiliateName": {"type": "string"}, "currency": {"type": "string", "pattern": "^[A-Z]{3}$"})";
const std::string account_names = R"("affiliateId", "affiliateName", "currency")";

const std::string part_members = account_members + R"(,
  "amount": {"$ref": "#/components/schemas/Money"}, "exact": {"$ref": "#/components/schemas/Money"},
  "residue": {"$ref": "#/components/schemas/Money"}, "movements": {"type": "integer", "minimum": 0},
  "adjustments": {"type": "integer", "minimum": 0})";
const std::string part_names = account_names + R"(, "amount", "exact", "residue", "movements", "adjustments")";

const std::string head_members = R"("id": {"type": "string", "format": "uuid"},
  "createdAt": {"type": "string", "format": "date-time"}, "requestId": {"type": "string"}, "note": {"type": "string"},
  "upTo": {"type": "string", "format": "date-time"}, "minimum": {"$ref": "#/components/schemas/Money"},
  "accountSettlementCount": {"type": "integer", "minimum": 1}, "skippedCount": {"type": "integer", "minimum": 0})";
const std::string head_names = R"("id", "createdAt", "requestId", "minimum", "accountSettlementCount", "skippedCount")";

const std::string status_member = R"("status": {"$ref": "#/components/schemas/AccountSettlementStatus"})";
const std::string id_member = R"("id": {"type": "string", "format": "uuid"})";
const std::string page_foot = R"("pagination": {"type": "object", "additionalProperties": false,
  "required": ["totalCount", "hasMore"], "properties": {"totalCount": {"type": "integer"},
  "hasMore": {"type": "boolean"}}})";

std::string ref(const std::string& name) {
  return R"({"$ref": "#/components/schemas/)" + name + "\"}";
}

std::string list_of(const std::string& items) {
  return R"({"type": "array", "items": )" + items + "}";
}

std::string object(const std::string& required, const std::string& members) {
  return R"({"type": "object", "additionalProperties": false, "required": [)" + required + R"(], "properties": {)" +
         members + "}}";
}

std::string named(const std::string& name, const std::string& schema) {
  return "\"" + name + "\": " + schema;
}

std::string page_of(const std::string& name, const std::string& rows) {
  return named(name, object(R"("rows", "pagination")", named("rows", list_of(rows)) + ", " + page_foot));
}

/// All of these are amounts.
std::string amounts(std::initializer_list<const char*> names) {
  std::string out;
  for (const char* name : names) out += (out.empty() ? "" : ", ") + named(name, ref("Money"));
  return out;
}

std::string quoted(std::initializer_list<const char*> names) {
  std::string out;
  for (const char* name : names) out += (out.empty() ? "\"" : ", \"") + std::string(name) + "\"";
  return out;
}

std::string basics() {
  const auto buckets = {"open", "onHold", "carried", "pending", "paid", "rounding", "earned"};
  return named("Money", R"({"type": "string", "pattern": "^(0|-?[0-9]+\\.[0-9]{2,18})$",
    "description": "Exact: at least two fraction digits, or 0."})") +
         ", " + named("Buckets", object(quoted(buckets), amounts(buckets))) + ", " +
         named("AccountSettlementStatus",
               R"({"type": "string", "enum": ["NEW", "IN_PROGRESS", "PAID", "ERROR", "DELETED"]})") +
         ", " +
         page_of("OpenBalances", object(account_names + R"(, "openBalance", "entries", "buckets")",
                                        account_members + R"(, "openBalance": {"$ref": "#/components/schemas/Money"},
           "entries": {"type": "integer", "minimum": 0}, "buckets": {"$ref": "#/components/schemas/Buckets"})"));
}

std::string settlements() {
  const auto skipped = named("SkippedAccount", object(account_names + R"(, "reason", "openBalance")",
                                                      account_members + R"(, "reason": {"type": "string", "enum":
           ["nothing open", "negative", "below minimum", "no payment details", "out of range"]},
           "openBalance": {"$ref": "#/components/schemas/Money"})"));
  const auto part = object("\"id\", \"status\", " + part_names, id_member + ", " + status_member + ", " + part_members);
  const auto day = object(R"("day", "movements", "amount")", R"("day": {"type": "string", "format": "date"},
    "movements": {"type": "integer", "minimum": 1}, "amount": {"$ref": "#/components/schemas/Money"})");
  return skipped + ", " +
         named("SettleAnswer",
               object(R"("dryRun", "replayed", "accountSettlements", "skipped")",
                      id_member + R"(, "createdAt": {"type": "string", "format": "date-time"},
           "dryRun": {"type": "boolean"}, "replayed": {"type": "boolean"}, )" +
                          named("accountSettlements", list_of(object(part_names, id_member + ", " + part_members))) +
                          ", " + named("skipped", list_of(ref("SkippedAccount"))))) +
         ", " + page_of("SettlementPage", object(head_names, head_members)) + ", " +
         named("Settlement", object(head_names + R"(, "accountSettlements", "skipped")",
                                    head_members + ", " + named("accountSettlements", list_of(part)) + ", " +
                                        named("skipped", list_of(ref("SkippedAccount"))))) +
         ", " +
         named("AccountSettlement", object(R"("id", "settlementId", "createdAt", "status", "days", )" + part_names,
                                           id_member + ", " + status_member + ", " + part_members +
                                               R"(, "settlementId": {"type": "string", "format": "uuid"},
           "createdAt": {"type": "string", "format": "date-time"}, )" +
                                               named("days", list_of(day)))) +
         ", " +
         named(
             "StatusAnswer",
             object(R"("updated", "skipped", "skippedSettlements")",
                    R"("updated": {"type": "integer", "minimum": 0}, "skipped": {"type": "integer", "minimum": 0}, )" +
                        named("skippedSettlements", list_of(object(R"("accountSettlementId", "reason")",
                                                                   R"("accountSettlementId": {"type": "string",
           "format": "uuid"}, "reason": {"type": "string"})")))));
}

std::string accounts() {
  const std::string adjustment = R"("rule": {"type": "string", "enum": ["manual", "tier true-up", "fence offset",
      "fence carried", "deficit forgiven", "deficit carried", "deficit offset", "CPA released", "CPA reversed",
      "advance recouped"]},
    "effectiveAt": {"type": "string", "format": "date-time"}, "revenueOriginId": {"type": "string", "format": "uuid"},
    "planId": {"type": "string", "format": "uuid"}, "clientId": {"type": "string", "format": "uuid"},
    "requestId": {"type": "string"}, "reason": {"type": "string"}, )";
  const std::string line = R"("sequence": {"type": "integer"}, "time": {"type": "string", "format": "date-time"},
    "kind": {"type": "string", "enum": ["movement", "adjustment", "period close", "settlement", "settlement status",
      "settlement deletion"]},
    "movementId": {"type": "string", "format": "uuid"}, "clientId": {"type": "string", "format": "uuid"},
    "revenueOriginId": {"type": "string", "format": "uuid"}, "metric": {"type": "string"},
    "planId": {"type": "string", "format": "uuid"}, "offerId": {"type": "string", "format": "uuid"},
    "accountSettlementId": {"type": "string", "format": "uuid", "description": "Of the settlement that it is about."},
    "status": {"$ref": "#/components/schemas/AccountSettlementStatus"}, "month": {"type": "string"},
    "adjustment": {"$ref": "#/components/schemas/Adjustment"},
    "accountSettlementIds": {"type": "array", "items": {"type": "string", "format": "uuid"},
      "description": "Of the settlements that cover it."}, )";
  return named("Adjustment", object(R"("rule", "effectiveAt", "open", "onHold", "carried")",
                                    adjustment + amounts({"base", "measured", "rate", "before", "after", "open",
                                                          "onHold", "carried"}))) +
         ", " +
         named("StatementLine", object(R"("sequence", "time", "kind", "accountSettlementIds", "earned", "earnedAfter")",
                                       line + named("adjustments", list_of(ref("Adjustment"))) + ", " +
                                           amounts({"gross", "adminFee", "tax", "rate", "revshare", "cpaFee", "settled",
                                                    "amount", "earned", "earnedAfter"}))) +
         ", " +
         named("Statement", object(account_names + R"(, "buckets", "lines", "earnedBefore", "pagination")",
                                   account_members + R"(, "buckets": {"$ref": "#/components/schemas/Buckets"},
           "earnedBefore": {"$ref": "#/components/schemas/Money"},
           "sumHolds": {"type": "boolean", "description": "On the last page: the lines add up to what was earned."},
           "pagination": {"type": "object", "additionalProperties": false, "required": ["hasMore"], "properties": {
             "hasMore": {"type": "boolean"}, "nextCursor": {"type": "string"}}}, )" +
                                       named("lines", list_of(ref("StatementLine"))))) +
         ", " +
         named("AdjustAnswer", object(R"("sequence", "replayed", "adjustment", )" + account_names,
                                      R"("sequence": {"type": "integer"}, "replayed": {"type": "boolean"},
           "adjustment": {"$ref": "#/components/schemas/Adjustment"}, )" +
                                          account_members)) +
         ", " +
         page_of("CpaClaimPage",
                 object(account_names + R"(, "clientId", "status", "fee", "qualifiedAt", "holdUntil", "reversibleUntil",
           "advance")",
                        account_members + R"(, "clientId": {"type": "string", "format": "uuid"},
           "planId": {"type": "string", "format": "uuid"},
           "status": {"type": "string", "enum": ["HELD", "RELEASED", "REVERSED"]},
           "fee": {"$ref": "#/components/schemas/Money"}, "qualifiedAt": {"type": "string", "format": "date-time"},
           "holdUntil": {"type": "string", "format": "date-time"},
           "reversibleUntil": {"type": "string", "format": "date-time"},
           "chargedBackAt": {"type": "string", "format": "date-time"}, "advance": {"type": "boolean"})"));
}

std::string closes() {
  const auto plan_sums = {"gross", "adminFee", "tax", "fenceOffset", "base", "rate", "accrued", "trueUp", "earned"};
  const auto group_sums = {"earned", "forgiven", "carried", "offset", "recouped", "payable"};
  const auto plan = object(quoted(plan_sums) + R"(, "firstDeposits", "activePlayers")",
                           amounts(plan_sums) + R"(, "planId": {"type": "string", "format": "uuid",
             "description": "Absent: the offer's own terms."},
           "firstDeposits": {"type": "integer", "minimum": 0}, "activePlayers": {"type": "integer", "minimum": 0})");
  const auto group =
      object("\"plans\", " + quoted(group_sums), amounts(group_sums) + ", " + named("plans", list_of(plan)) +
                                                     R"(, "revenueOriginId": {"type": "string", "format": "uuid"})");
  const auto row = object("\"closed\", " + account_names, account_members + R"(, "closed": {"type": "boolean"},
           "reason": {"type": "string", "description": "Of an account that was not closed."}, )" +
                                                              named("groups", list_of(group)) + ", " +
                                                              amounts({"cpaReleased", "cpaReversed", "payable"}));
  return named("CloseAnswer", object(R"("month", "dryRun", "accounts")",
                                     R"("month": {"type": "string"}, "dryRun": {"type": "boolean"}, )" +
                                         named("accounts", list_of(row))));
}

} // namespace

std::string_view components() {
  static const std::string all =
      R"({"schemas": {)" + basics() + ", " + settlements() + ", " + accounts() + ", " + closes() + "}}";
  return all;
}

} // namespace croupier::http::billing
