#include "http/trackdesk/requests.hpp"

#include "http/trackdesk/fields.hpp"

#include <utility>

namespace croupier::http::trackdesk {

namespace {

template<class Body>
result<Body, api_error> checked(Body body, const complaint& problems) {
  if (problems.empty()) return body;
  return api_error{400, grpc_code::invalid_argument, problems.text()};
}

/// A refusal for what is not an object, for elements of a list as for whole bodies.
bool is_object(const json::value& root, complaint& problems) {
  if (!root.is_object()) problems.about(place{nullptr, "body"}, "must be a JSON object");
  return root.is_object();
}

metric_field read_metric(const json::value& item, const place& where, complaint& problems) {
  metric_field metric;
  if (!item.is_object()) {
    problems.about(where, "must be an object");
    return metric;
  }
  const object_reader fields(&item, &where, problems);
  metric.code = fields.required_string("code");
  if (!is_metric_code(metric.code))
    fields.complain("code", "must be 1-100 lower-case letters and digits in groups joined by hyphens");
  const std::string_view how = fields.required_string("valueType");
  if (how == "CLIENT_METRIC_VALUE_TYPE_ABSOLUTE")
    metric.how = value_type::absolute;
  else if (how == "CLIENT_METRIC_VALUE_TYPE_RELATIVE")
    metric.how = value_type::relative;
  else
    fields.complain("valueType", "must be CLIENT_METRIC_VALUE_TYPE_ABSOLUTE or CLIENT_METRIC_VALUE_TYPE_RELATIVE");
  metric.value = fields.required_string("value");
  return metric;
}

page_body read_page(const object_reader& fields, const folder_key& key, id_kind cursor_of, complaint& problems) {
  page_body page;
  const json::value* object = fields.required_object("pagination");
  if (object == nullptr) return page;
  const place here{nullptr, "pagination"};
  const object_reader members(object, &here, problems);
  page.limit = static_cast<std::uint32_t>(members.required_whole("limit", 1, page_limit_max));
  if (!members.has("cursor")) {
    page.offset = members.required_whole("offset", 0, page_offset_max);
    return page;
  }
  if (members.has("offset")) members.complain("cursor", "takes the place of offset: send one of them");
  const auto id = uuid::parse(members.required_string("cursor"));
  page.before = id ? number_of_id(key, cursor_of, *id) : std::nullopt;
  if (!page.before) members.complain("cursor", "must be the nextCursor of an earlier page of this list");
  return page;
}

template<class Filter>
std::size_t count_of(const std::optional<Filter>& filter) noexcept {
  return filter ? filter->size() : 0;
}

} // namespace

std::optional<api_error> parse_object(std::string_view body, json::document& document) {
  if (const auto error = document.parse(body))
    return field_error("body", "not valid JSON: " + error->what + " at byte " + std::to_string(error->at));
  if (!document.root().is_object()) return field_error("body", "must be a JSON object");
  return std::nullopt;
}

result<registration_body, api_error> read_registration(const json::value& root) {
  complaint problems;
  registration_body body;
  if (is_object(root, problems)) {
    const object_reader fields(&root, nullptr, problems);
    body.external_id = fields.required_text("externalId", external_id_length_max);
    body.brand = fields.required_id("revenueOriginId");
    body.click = fields.required_id("cid");
  }
  return checked(body, problems);
}

result<movement_body, api_error> read_movement(const json::value& root) {
  complaint problems;
  movement_body body;
  if (!is_object(root, problems)) return checked(body, problems);
  const object_reader fields(&root, nullptr, problems);
  body.external_id = fields.required_text("externalClientId", external_id_length_max);
  body.brand = fields.required_id("revenueOriginId");
  const place list{nullptr, "metrics"};
  const auto items = fields.required_list("metrics", 1, metrics_per_movement_max);
  for (std::size_t i = 0; i < items.size(); ++i) {
    const place here{&list, {}, i};
    const metric_field metric = read_metric(items[i], here, problems);
    for (const metric_field& earlier : body.metrics)
      if (earlier.code == metric.code) problems.about(place{&here, "code"}, "is listed twice");
    body.metrics.push_back(metric);
  }
  body.request_id = fields.optional_text("requestId", request_id_length_max);
  return checked(body, problems);
}

result<movement_list_body, api_error> read_movement_list(const json::value& root, const folder_key& key) {
  complaint problems;
  movement_list_body body;
  const object_reader fields(&root, nullptr, problems);
  body.page = read_page(fields, key, id_kind::movement, problems);
  const place here{nullptr, "filters"};
  const object_reader filters(fields.required_object("filters"), &here, problems);
  if (problems.empty()) {
    const place range{&here, "timeRange"};
    const object_reader times(filters.required_object("timeRange"), &range, problems);
    if (problems.empty()) {
      body.from = times.required_time("from");
      body.to = times.required_time("to");
      if (problems.empty() && body.from >= body.to) problems.about(range, "from must be earlier than to");
    }
    body.client_ids = filters.optional_ids("clientIds");
    body.external_ids = filters.optional_texts("clientExternalIds", external_id_length_max);
    body.brands = filters.optional_ids("revenueOriginIds");
    body.request_ids = filters.optional_texts("requestIds", request_id_length_max);
    const std::size_t players = count_of(body.client_ids) + count_of(body.external_ids);
    if (players * count_of(body.request_ids) > filter_pairs_max)
      problems.about(here, "players times requestIds must not exceed " + std::to_string(filter_pairs_max));
  }
  return checked(std::move(body), problems);
}

result<player_list_body, api_error> read_player_list(const json::value& root, const folder_key& key) {
  complaint problems;
  player_list_body body;
  const object_reader fields(&root, nullptr, problems);
  body.page = read_page(fields, key, id_kind::player, problems);
  const place here{nullptr, "filters"};
  const object_reader filters(fields.optional_object("filters"), &here, problems);
  const place range{&here, "registered"};
  const object_reader times(filters.optional_object("registered"), &range, problems);
  body.registered_from = times.optional_time("from");
  body.registered_to = times.optional_time("to");
  if (body.registered_from && body.registered_to && *body.registered_from >= *body.registered_to)
    problems.about(range, "from must be earlier than to");
  body.client_ids = filters.optional_ids("clientIds");
  body.external_ids = filters.optional_texts("clientExternalIds", external_id_length_max);
  body.brands = filters.optional_ids("revenueOriginIds");
  body.affiliates = filters.optional_ids("affiliateIds");
  body.external_id_prefix = filters.optional_text("clientExternalIdPrefix", external_id_length_max);
  return checked(std::move(body), problems);
}

std::string make_cursor(const folder_key& key, id_kind of, std::uint64_t number) {
  return make_id(key, of, number).text();
}

} // namespace croupier::http::trackdesk
