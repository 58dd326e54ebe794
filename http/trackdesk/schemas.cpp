#include "http/trackdesk/routes.hpp"

namespace croupier::http::trackdesk {

std::string_view components() noexcept {
  return R"({
"parameters": {
"Prefer": {"name": "Prefer", "in": "header", "required": false, "schema": {"type": "string"},
  "description": "`return=representation`: answer what was stored."},
"IdempotencyKey": {"name": "Idempotency-Key", "in": "header", "required": false,
  "schema": {"type": "string", "minLength": 1, "maxLength": 100},
  "description": "Stands for requestId where the body has none; a retry then gets the first answer again."}
},
"schemas": {
"Empty": {"type": "object", "additionalProperties": false},
"Error": {"type": "object", "required": ["code", "message", "details"], "properties": {
  "code": {"type": "integer", "description": "A gRPC code."},
  "message": {"type": "string"},
  "details": {"type": "array", "items": {"type": "object"}}}},
"Registration": {"type": "object", "required": ["externalId", "revenueOriginId", "cid"], "properties": {
  "externalId": {"type": "string", "minLength": 1, "maxLength": 255},
  "revenueOriginId": {"type": "string", "format": "uuid"},
  "cid": {"type": "string", "format": "uuid", "description": "The click."}}},
"OpeningBalance": {"allOf": [{"$ref": "#/components/schemas/Movement"}, {"type": "object", "required": ["requestId"],
  "properties": {"requestId": {"type": "string", "minLength": 1, "maxLength": 100}}}]},
"ValueType": {"type": "string", "enum": ["CLIENT_METRIC_VALUE_TYPE_ABSOLUTE", "CLIENT_METRIC_VALUE_TYPE_RELATIVE"]},
"Movement": {"type": "object", "required": ["externalClientId", "revenueOriginId", "metrics"], "properties": {
  "externalClientId": {"type": "string", "minLength": 1, "maxLength": 255},
  "revenueOriginId": {"type": "string", "format": "uuid"},
  "requestId": {"type": "string", "minLength": 1, "maxLength": 100},
  "metrics": {"type": "array", "minItems": 1, "maxItems": 20, "items": {
    "type": "object", "required": ["code", "valueType", "value"], "properties": {
      "code": {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$", "maxLength": 100},
      "valueType": {"$ref": "#/components/schemas/ValueType"},
      "value": {"type": "string", "pattern": "^-?(0|[1-9][0-9]*)(\\.[0-9]+)?$"}}}}}},
"Client": {"type": "object", "required": ["id", "externalId", "revenueOriginId"], "properties": {
  "id": {"type": "string", "format": "uuid"},
  "externalId": {"type": "string"},
  "revenueOriginId": {"type": "string", "format": "uuid"}}},
"IntegerChange": {"type": "object", "required": ["code", "value", "valueType", "delta", "balanceAfter"], "properties": {
  "code": {"type": "string"}, "value": {"type": "integer"}, "valueType": {"$ref": "#/components/schemas/ValueType"},
  "delta": {"type": "integer"}, "balanceAfter": {"type": "integer"}}},
"DecimalChange": {"type": "object", "required": ["code", "value", "valueType", "delta", "balanceAfter"], "properties": {
  "code": {"type": "string"}, "value": {"type": "string"}, "valueType": {"$ref": "#/components/schemas/ValueType"},
  "delta": {"type": "string"}, "balanceAfter": {"type": "string"}}},
"MovementRow": {"type": "object",
  "required": ["id", "sequence", "client", "integerMetrics", "decimalMetrics", "requestData", "source",
    "totalRevshare", "createdAt"],
  "properties": {
    "id": {"type": "string", "format": "uuid"},
    "sequence": {"type": "integer"},
    "client": {"$ref": "#/components/schemas/Client"},
    "integerMetrics": {"type": "array", "items": {"$ref": "#/components/schemas/IntegerChange"}},
    "decimalMetrics": {"type": "array", "items": {"$ref": "#/components/schemas/DecimalChange"}},
    "requestData": {"type": "string", "description": "The body, byte for byte."},
    "source": {"type": "string", "enum": ["trackdesk", "revvvs", "wynta"], "description": "Whose call it came in by."},
    "eventName": {"type": "string", "description": "Of an event."},
    "eventTime": {"type": "string", "format": "date-time", "description": "Of an event: when it happened."},
    "requestId": {"type": "string"},
    "opening": {"const": true, "description": "It carries balances over from elsewhere, which earns nothing."},
    "totalRevshare": {"type": "string"},
    "accountSettlementId": {"type": "string", "format": "uuid", "description": "Of the settlement that covers it."},
    "accountSettlementKnown": {"const": false, "description":
      "Whether one covers it is not known yet: the accounts are being made after a start. Absent when it is known."},
    "createdAt": {"type": "string", "format": "date-time"}}},
"IntegerBalance": {"type": "object", "required": ["code", "value"], "properties": {
  "code": {"type": "string"}, "value": {"type": "integer"}}},
"DecimalBalance": {"type": "object", "required": ["code", "value"], "properties": {
  "code": {"type": "string"}, "value": {"type": "string"}}},
"Balances": {"type": "object",
  "required": ["client", "integerMetrics", "decimalMetrics", "revshare", "sequence", "updatedAt"],
  "properties": {
    "client": {"$ref": "#/components/schemas/Client"},
    "integerMetrics": {"type": "array", "items": {"$ref": "#/components/schemas/IntegerBalance"}},
    "decimalMetrics": {"type": "array", "items": {"$ref": "#/components/schemas/DecimalBalance"}},
    "revshare": {"type": "object", "required": ["total"], "properties": {
      "total": {"type": "string", "description": "What all movements earned."},
      "open": {"type": "string",
        "description": "What of it no settlement covers. Absent while the accounts are made after a start."}}},
    "sequence": {"type": "integer", "description": "The player's newest entry by then."},
    "updatedAt": {"type": "string", "format": "date-time"}}},
"Player": {"allOf": [{"$ref": "#/components/schemas/Balances"}, {"type": "object", "required": ["registeredAt"],
  "properties": {
    "registeredAt": {"type": "string", "format": "date-time"},
    "affiliateId": {"type": "string", "format": "uuid"},
    "affiliateName": {"type": "string"},
    "offerId": {"type": "string", "format": "uuid"},
    "linkId": {"type": "string", "format": "uuid"},
    "cid": {"type": "string", "format": "uuid"}}}]},
"Page": {"type": "object", "required": ["limit"], "properties": {
  "limit": {"type": "integer", "minimum": 1, "maximum": 500},
  "offset": {"type": "integer", "minimum": 0},
  "cursor": {"type": "string", "description": "The nextCursor of an earlier page, in place of offset."}},
  "oneOf": [{"required": ["offset"]}, {"required": ["cursor"]}]},
"PageFoot": {"type": "object", "required": ["hasMore"], "properties": {
  "totalCount": {"type": "integer", "description": "Absent when counting would scan more than 100,000 rows."},
  "hasMore": {"type": "boolean"},
  "nextCursor": {"type": "string"}}},
"Ids": {"type": "array", "maxItems": 1000, "uniqueItems": true, "items": {"type": "string", "format": "uuid"}},
"MovementQuery": {"type": "object", "required": ["pagination", "filters"], "properties": {
  "pagination": {"$ref": "#/components/schemas/Page"},
  "filters": {"type": "object", "required": ["timeRange"], "properties": {
    "timeRange": {"type": "object", "required": ["from", "to"], "properties": {
      "from": {"type": "string", "format": "date-time", "description": "Inclusive."},
      "to": {"type": "string", "format": "date-time", "description": "Exclusive."}}},
    "clientIds": {"$ref": "#/components/schemas/Ids"},
    "clientExternalIds": {"type": "array", "maxItems": 1000, "uniqueItems": true,
      "items": {"type": "string", "minLength": 1, "maxLength": 255}},
    "revenueOriginIds": {"$ref": "#/components/schemas/Ids"},
    "requestIds": {"type": "array", "maxItems": 1000, "uniqueItems": true,
      "items": {"type": "string", "minLength": 1, "maxLength": 100}}}}}},
"PlayerQuery": {"type": "object", "required": ["pagination"], "properties": {
  "pagination": {"$ref": "#/components/schemas/Page"},
  "filters": {"type": "object", "properties": {
    "registered": {"type": "object", "properties": {
      "from": {"type": "string", "format": "date-time", "description": "Inclusive."},
      "to": {"type": "string", "format": "date-time", "description": "Exclusive."}}},
    "clientIds": {"$ref": "#/components/schemas/Ids"},
    "clientExternalIds": {"type": "array", "maxItems": 1000, "uniqueItems": true,
      "items": {"type": "string", "minLength": 1, "maxLength": 255}},
    "clientExternalIdPrefix": {"type": "string", "minLength": 1, "maxLength": 255,
      "description": "What external ids begin with, letter for letter."},
    "revenueOriginIds": {"$ref": "#/components/schemas/Ids"},
    "affiliateIds": {"$ref": "#/components/schemas/Ids"}}}}},
"Metric": {"type": "object", "required": ["id", "name", "code", "monetary", "visible"], "properties": {
  "id": {"type": "string", "format": "uuid"}, "name": {"type": "string"}, "code": {"type": "string"},
  "monetary": {"type": "boolean"}, "visible": {"type": "boolean"}, "archived": {"type": "boolean"}}},
"Metrics": {"type": "object", "required": ["integerMetrics", "decimalMetrics"], "properties": {
  "integerMetrics": {"type": "array", "items": {"$ref": "#/components/schemas/Metric"}},
  "decimalMetrics": {"type": "array", "items": {"$ref": "#/components/schemas/Metric"}}}},
"BatchReport": {"type": "object", "required": ["summary", "results"], "properties": {
  "summary": {"type": "object", "required": ["total", "accepted", "duplicates", "errors"], "properties": {
    "total": {"type": "integer"}, "accepted": {"type": "integer"},
    "duplicates": {"type": "integer"}, "errors": {"type": "integer"}}},
  "results": {"type": "array", "items": {"type": "object", "required": ["index", "status"], "properties": {
    "index": {"type": "integer", "description": "Place in the list, or line of the stream, from 0."},
    "status": {"type": "string", "enum": ["accepted", "duplicate", "error"]},
    "movementId": {"type": "string", "format": "uuid", "description": "Of an accepted movement."},
    "error": {"$ref": "#/components/schemas/Error"}}}},
  "resultsTruncated": {"type": "boolean", "description": "More than 10,000 results: the rest is only counted."}}}
}})";
}

} // namespace croupier::http::trackdesk
