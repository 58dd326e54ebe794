#include "http/trackdesk/rows.hpp"

#include "engine/check.hpp"
#include "engine/hidden_metrics.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace croupier::http::trackdesk {

namespace {

template<class Thing, class Number>
const Thing& known(const Thing* found, Number) {
  CROUPIER_ASSERT(found != nullptr, "what is stored names nothing that the workspace does not have");
  return *found;
}

const metric& metric_of(const workspace& ws, metric_number number) {
  return known(ws.find(number), number);
}

/// Whole values of integer metrics are JSON numbers; decimals are strings.
void write_amount(json::writer& out, metric_type type, amount value) {
  switch (type) {
  case metric_type::integer:
    out.integer(static_cast<std::int64_t>(value.units() / amount::from_integer(1).units()));
    return;
  case metric_type::decimal: out.string(value.text()); return;
  }
}

std::string_view name_of(value_type how) {
  switch (how) {
  case value_type::absolute: return "CLIENT_METRIC_VALUE_TYPE_ABSOLUTE";
  case value_type::relative: return "CLIENT_METRIC_VALUE_TYPE_RELATIVE";
  }
  ::croupier::detail::invariant_failed("how in value_type", __FILE__, __LINE__, "a value type is none of its names");
}

std::string_view name_of(dialect source) {
  switch (source) {
  case dialect::trackdesk: return "trackdesk";
  case dialect::revvvs: return "revvvs";
  case dialect::wynta: return "wynta";
  }
  ::croupier::detail::invariant_failed("source in dialect", __FILE__, __LINE__, "a dialect is none of its names");
}

void write_client(json::writer& out, const row_context& context, const client_name& client) {
  out.begin_object();
  out.key("id").string(make_id(context.key, id_kind::player, client.number.value).text());
  out.key("externalId").string(client.external_id);
  out.key("revenueOriginId").string(known(context.ws.find(client.brand), client.brand).id.text());
  out.end_object();
}

void write_changes(json::writer& out, const workspace& ws, const metric_changes& changes, metric_type wanted) {
  out.begin_array();
  for (const metric_change& change : changes) {
    if (is_hidden(change.metric)) continue;
    const metric& definition = metric_of(ws, change.metric);
    if (definition.type != wanted) continue;
    out.begin_object();
    out.key("code").string(definition.code);
    out.key("value");
    if (wanted == metric_type::decimal)
      out.string(change.value_text());
    else
      write_amount(out, wanted, change.value);
    out.key("valueType").string(name_of(change.how));
    write_amount(out.key("delta"), wanted, change.delta);
    write_amount(out.key("balanceAfter"), wanted, change.balance_after);
    out.end_object();
  }
  out.end_array();
}

void write_standing(json::writer& out, const workspace& ws, const player_state& player, metric_type wanted) {
  out.begin_array();
  for (const metric& definition : ws.metrics()) {
    if (definition.type != wanted) continue;
    out.begin_object();
    out.key("code").string(definition.code);
    write_amount(out.key("value"), wanted, player.balance_of(definition.number));
    out.end_object();
  }
  out.end_array();
}

void write_balance_members(json::writer& out, const row_context& context, const player_state& player,
                           const std::optional<commission>& open) {
  write_client(out.key("client"), context, client_of(player.profile));
  write_standing(out.key("integerMetrics"), context.ws, player, metric_type::integer);
  write_standing(out.key("decimalMetrics"), context.ws, player, metric_type::decimal);
  out.key("revshare").begin_object();
  out.key("total").string(player.revshare_total.text());
  if (open) out.key("open").string(open->text());
  out.end_object();
  out.key("sequence").unsigned_integer(player.last_entry.value);
  out.key("updatedAt").string(player.updated_at.text());
}

void write_definitions(json::writer& out, const workspace& ws, metric_type wanted, bool with_archived) {
  out.begin_array();
  for (const metric& definition : ws.metrics()) {
    if (definition.type != wanted || (definition.archived && !with_archived)) continue;
    out.begin_object();
    out.key("id").string(definition.id.text());
    out.key("name").string(definition.name);
    out.key("code").string(definition.code);
    out.key("monetary").boolean(definition.monetary);
    out.key("visible").boolean(definition.visible);
    if (with_archived) out.key("archived").boolean(definition.archived);
    out.end_object();
  }
  out.end_array();
}

} // namespace

void write_movement(json::writer& out, const row_context& context, const client_name& client,
                    const committed_entry& at_entry, const movement_recorded& movement,
                    const std::optional<std::string>& settlement) {
  out.begin_object();
  out.key("id").string(make_id(context.key, id_kind::movement, at_entry.at.value).text());
  out.key("sequence").unsigned_integer(at_entry.at.value);
  write_client(out.key("client"), context, client);
  write_changes(out.key("integerMetrics"), context.ws, movement.changes, metric_type::integer);
  write_changes(out.key("decimalMetrics"), context.ws, movement.changes, metric_type::decimal);
  out.key("requestData").string(movement.payload);
  out.key("source").string(name_of(movement.source));
  if (movement.event) {
    out.key("eventName").string(movement.event->name);
    out.key("eventTime").string(movement.event->occurred_at.text());
  }
  if (!movement.request_id.empty()) out.key("requestId").string(movement.request_id);
  if (movement.opening) out.key("opening").boolean(true);
  out.key("totalRevshare").string((movement.revshare ? movement.revshare->earned : commission{}).text());
  if (!settlement)
    out.key("accountSettlementKnown").boolean(false);
  else if (!settlement->empty())
    out.key("accountSettlementId").string(*settlement);
  out.key("createdAt").string(at_entry.time.text());
  out.end_object();
}

void write_balances(json::writer& out, const row_context& context, const player_state& player,
                    const std::optional<commission>& open) {
  out.begin_object();
  write_balance_members(out, context, player, open);
  out.end_object();
}

void write_player(json::writer& out, const row_context& context, const player_state& player,
                  const std::optional<commission>& open) {
  const player_profile& profile = player.profile;
  out.begin_object();
  write_balance_members(out, context, player, open);
  out.key("registeredAt").string(profile.registered_at.text());
  if (profile.affiliate.value != 0) {
    const affiliate& owner = known(context.ws.find(profile.affiliate), profile.affiliate);
    out.key("affiliateId").string(owner.id.text());
    out.key("affiliateName").string(owner.name);
    out.key("offerId").string(known(context.ws.find(profile.offer), profile.offer).id.text());
    out.key("linkId").string(known(context.ws.find(profile.link), profile.link).id.text());
    out.key("cid").string(make_id(context.key, id_kind::click, profile.click.value).text());
  }
  out.end_object();
}

std::string metric_definitions(const workspace& ws, bool with_archived) {
  std::string body;
  json::writer out(body);
  out.begin_object();
  write_definitions(out.key("integerMetrics"), ws, metric_type::integer, with_archived);
  write_definitions(out.key("decimalMetrics"), ws, metric_type::decimal, with_archived);
  out.end_object();
  return body;
}

} // namespace croupier::http::trackdesk
