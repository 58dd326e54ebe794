#include "http/entry_json.hpp"

#include "config/object_kind.hpp"
#include "engine/hidden_metrics.hpp"

#include <type_traits>
#include <variant>

namespace croupier::http {

namespace {

constexpr std::size_t known_players_max = 4'096;

template<class Thing>
void id_member(json::writer& out, std::string_view name, const Thing* thing) {
  if (thing != nullptr) out.key(name).string(thing->id.text());
}

void text_member(json::writer& out, std::string_view name, std::string_view text) {
  if (!text.empty()) out.key(name).string(text);
}

void flag_member(json::writer& out, std::string_view name, bool set) {
  if (set) out.key(name).boolean(true);
}

template<class Number>
void money_member(json::writer& out, std::string_view name, const Number& value) {
  out.key(name).string(value.text());
}

template<class Number>
void money_member_unless_zero(json::writer& out, std::string_view name, const Number& value) {
  if (!value.is_zero()) money_member(out, name, value);
}

void player_member(json::writer& out, const entry_context& context, player_number player) {
  if (player.value != 0) out.key("playerId").string(make_id(context.key, id_kind::player, player.value).text());
}

std::string_view name_of(dialect source) noexcept {
  switch (source) {
  case dialect::trackdesk: return "trackdesk";
  case dialect::revvvs: return "revvvs";
  case dialect::wynta: return "wynta";
  }
  return {};
}

std::string_view name_of(value_type how) noexcept {
  switch (how) {
  case value_type::absolute: return "absolute";
  case value_type::relative: return "relative";
  }
  return {};
}

std::string_view name_of(cpa_claim::state now) noexcept {
  switch (now) {
  case cpa_claim::state::held: return "held";
  case cpa_claim::state::released: return "released";
  case cpa_claim::state::reversed: return "reversed";
  }
  return {};
}

/// The digits of a value of a metric: of integer metrics without a point.
std::string value_text(metric_type type, amount value) {
  if (type == metric_type::decimal) return value.text();
  return std::to_string(static_cast<std::int64_t>(value.units() / amount::from_integer(1).units()));
}

/// Changes of metrics that no workspace knows are bookkeeping of ours.
void write_changes(json::writer& out, const workspace& ws, const metric_changes& changes) {
  out.key("changes").begin_array();
  for (const metric_change& change : changes) {
    const metric* definition = ws.find(change.metric);
    if (is_hidden(change.metric) || definition == nullptr) continue;
    out.begin_object();
    out.key("metric").string(definition->code);
    out.key("valueType").string(name_of(change.how));
    out.key("value").string(definition->type == metric_type::decimal ? change.value_text()
                                                                     : value_text(definition->type, change.value));
    out.key("delta").string(value_text(definition->type, change.delta));
    out.key("balanceAfter").string(value_text(definition->type, change.balance_after));
    out.end_object();
  }
  out.end_array();
}

void write_accrual(json::writer& out, const workspace& ws, const revshare_accrual& accrual) {
  out.begin_object();
  money_member(out, "earned", accrual.earned);
  id_member(out, "affiliateId", ws.find(accrual.affiliate));
  id_member(out, "offerId", ws.find(accrual.offer));
  id_member(out, "planId", ws.plans().find(accrual.plan));
  if (const metric* base = ws.find(accrual.metric)) out.key("metric").string(base->code);
  money_member(out, "ratePercent", accrual.rate);
  out.end_object();
}

void write_claim(json::writer& out, const workspace& ws, const cpa_claim& claim) {
  out.begin_object();
  money_member(out, "fee", claim.fee);
  out.key("state").string(name_of(claim.now));
  id_member(out, "planId", ws.plans().find(claim.plan));
  out.key("qualifiedAt").string(claim.qualified_at.text());
  out.key("holdUntil").string(claim.hold_until.text());
  out.key("reversibleUntil").string(claim.reversible_until.text());
  flag_member(out, "advance", claim.advance);
  out.end_object();
}

void write_event(json::writer& out, const event_facts& event) {
  out.begin_object();
  out.key("name").string(event.name);
  out.key("occurredAt").string(event.occurred_at.text());
  text_member(out, "country", event.country);
  if (!event.traits.empty()) {
    out.key("traits").begin_object();
    for (const trait_change& each : event.traits) out.key(each.name).raw(each.value.empty() ? "null" : each.value);
    out.end_object();
  }
  out.end_object();
}

void attribution_members(json::writer& out, const entry_context& context, const player_profile& profile) {
  if (profile.click.value == 0) return;
  out.key("clickId").string(make_id(context.key, id_kind::click, profile.click.value).text());
  id_member(out, "linkId", context.ws.find(profile.link));
  id_member(out, "offerId", context.ws.find(profile.offer));
  id_member(out, "affiliateId", context.ws.find(profile.affiliate));
}

void profile_members(json::writer& out, const entry_context& context, const player_profile& profile) {
  player_member(out, context, profile.number);
  out.key("externalId").string(profile.external_id);
  id_member(out, "brandId", context.ws.find(profile.brand));
  attribution_members(out, context, profile);
}

void account_members(json::writer& out, const workspace& ws, const account_key& account) {
  id_member(out, "affiliateId", ws.find(account.affiliate));
  out.key("currency").string(account.currency.text());
}

void write_adjustment(json::writer& out, const entry_context& context, const account_adjustment& line) {
  out.begin_object();
  out.key("reason").string(text_of(line.reason));
  id_member(out, "brandId", context.ws.find(line.brand));
  id_member(out, "planId", context.ws.plans().find(line.plan));
  player_member(out, context, line.player);
  out.key("effectiveAt").string(line.effective_at.text());
  out.key("open").string(line.change.open.text());
  money_member_unless_zero(out, "onHold", line.change.on_hold);
  money_member_unless_zero(out, "carried", line.change.carried);
  money_member_unless_zero(out, "base", line.base);
  money_member_unless_zero(out, "measured", line.measured);
  money_member_unless_zero(out, "ratePercent", line.rate);
  money_member(out, "before", line.before);
  money_member(out, "after", line.after);
  flag_member(out, "advance", line.advance);
  text_member(out, "requestId", line.request_id);
  text_member(out, "note", line.note);
  out.end_object();
}

std::string settlement_text(const entry_context& context, const settlement_id& id) {
  return make_id(context.key, id_kind::settlement, id.entry.value).text();
}

/// The members of each kind of entry.
struct member_writer {
  json::writer& out;
  const entry_context& context;
  const committed_entry& at_entry;
  const player_profile* player;

  void operator()(const player_registered& what) const {
    profile_members(out, context, what.profile);
    out.key("payload").string(what.payload);
  }
  void operator()(const player_attributed& what) const {
    profile_members(out, context, what.profile);
    out.key("payload").string(what.payload);
  }
  void operator()(const movement_recorded& what) const {
    out.key("id").string(make_id(context.key, id_kind::movement, at_entry.at.value).text());
    out.key("source").string(name_of(what.source));
    player_member(out, context, what.player);
    const bool joined = what.joined != profile_change::none;
    if (joined || player != nullptr) out.key("externalId").string((joined ? what.profile : *player).external_id);
    id_member(out, "brandId", context.ws.find(what.brand));
    text_member(out, "requestId", what.request_id);
    write_changes(out, context.ws, what.changes);
    if (what.revshare) write_accrual(out.key("revshare"), context.ws, *what.revshare);
    if (what.claim) write_claim(out.key("cpa"), context.ws, *what.claim);
    if (what.event) write_event(out.key("event"), *what.event);
    flag_member(out, "opening", what.opening);
    flag_member(out, "firstDeposit", what.first_deposit);
    flag_member(out, "chargedBack", what.charged_back);
    if (joined) {
      out.key("player").string(what.joined == profile_change::created ? "created" : "attributed");
      attribution_members(out, context, what.profile);
    }
    out.key("payload").string(what.payload);
  }
  void operator()(const click_tracked& what) const {
    out.key("id").string(make_id(context.key, id_kind::click, at_entry.at.value).text());
    id_member(out, "linkId", context.ws.find(what.link));
    id_member(out, "offerId", context.ws.find(what.offer));
    id_member(out, "affiliateId", context.ws.find(what.affiliate));
    out.key("ip").string(what.ip);
    text_member(out, "userAgent", what.user_agent);
    for (std::size_t i = 0; i < what.sub_ids.size(); ++i)
      text_member(out, "sub" + std::to_string(i + 1), what.sub_ids[i]);
    out.key("unique").boolean(what.unique);
    out.key("bot").boolean(what.bot);
  }
  void operator()(const workspace_changed& what) const {
    out.key("who").string(what.who);
    out.key("type").string(type_of(what.after));
    out.key("objectId").string(config::id_of(what.after).text());
    if (what.before) write_object(out.key("before"), context.ws, *what.before);
    write_object(out.key("after"), context.ws, what.after);
  }
  void operator()(const impressions_counted& what) const {
    id_member(out, "creativeId", context.ws.find(what.creative));
    id_member(out, "linkId", context.ws.find(what.link));
    id_member(out, "affiliateId", context.ws.find(what.affiliate));
    out.key("count").unsigned_integer(what.count);
  }
  void operator()(const account_adjusted& what) const {
    out.key("who").string(what.who);
    account_members(out, context.ws, what.account);
    write_adjustment(out.key("adjustment"), context, what.line);
  }
  void operator()(const account_closed& what) const {
    out.key("who").string(what.who);
    account_members(out, context.ws, what.account);
    out.key("month").string(what.close.month.text());
    out.key("adjustments").begin_array();
    for (const auto& line : what.close.adjustments) write_adjustment(out, context, line);
    out.end_array();
  }
  void operator()(const settlement_recorded& what) const {
    out.key("who").string(what.who);
    out.key("id").string(make_id(context.key, id_kind::settlement, at_entry.at.value).text());
    text_member(out, "requestId", what.what.request_id);
    text_member(out, "note", what.what.note);
    out.key("parts").begin_array();
    for (const auto& part : what.what.parts) {
      out.begin_object();
      account_members(out, context.ws, part.account);
      money_member(out, "payable", part.payable);
      money_member(out, "exact", part.exact);
      money_member(out, "residue", part.residue);
      out.end_object();
    }
    out.end_array();
    out.key("skipped").begin_array();
    for (const auto& each : what.what.skipped) {
      out.begin_object();
      account_members(out, context.ws, each.account);
      out.key("reason").string(text_of(each.reason));
      money_member(out, "open", each.open);
      out.end_object();
    }
    out.end_array();
  }
  void operator()(const settlement_status_recorded& what) const {
    out.key("who").string(what.who);
    out.key("settlementId").string(settlement_text(context, what.what.settlement));
    out.key("part").unsigned_integer(what.what.settlement.index);
    out.key("status").string(text_of(what.what.status));
  }
  void operator()(const settlement_deletion_recorded& what) const {
    out.key("who").string(what.who);
    out.key("settlementId").string(settlement_text(context, what.what.settlement));
    out.key("part").unsigned_integer(what.what.settlement.index);
  }
};

enum class audience { readers, accountants, administrators };

/// Who may see an entry of this kind at all.
struct audience_of {
  audience operator()(const player_registered&) const noexcept { return audience::readers; }
  audience operator()(const player_attributed&) const noexcept { return audience::readers; }
  audience operator()(const movement_recorded&) const noexcept { return audience::readers; }
  audience operator()(const click_tracked&) const noexcept { return audience::readers; }
  audience operator()(const impressions_counted&) const noexcept { return audience::readers; }
  audience operator()(const account_adjusted&) const noexcept { return audience::accountants; }
  audience operator()(const account_closed&) const noexcept { return audience::accountants; }
  audience operator()(const settlement_recorded&) const noexcept { return audience::accountants; }
  audience operator()(const settlement_status_recorded&) const noexcept { return audience::accountants; }
  audience operator()(const settlement_deletion_recorded&) const noexcept { return audience::accountants; }
  audience operator()(const workspace_changed&) const noexcept { return audience::administrators; }
};

} // namespace

std::string_view event_name_of(const entry& what) noexcept {
  const auto* movement = std::get_if<movement_recorded>(&what);
  return movement != nullptr && movement->event ? movement->event->name : std::string_view();
}

brand_number brand_of(const entry& what) noexcept {
  if (const auto* movement = std::get_if<movement_recorded>(&what)) return movement->brand;
  if (const auto* registered = std::get_if<player_registered>(&what)) return registered->profile.brand;
  if (const auto* attributed = std::get_if<player_attributed>(&what)) return attributed->profile.brand;
  return {};
}

player_number player_of(const entry& what) noexcept {
  if (const auto* movement = std::get_if<movement_recorded>(&what)) return movement->player;
  if (const auto* registered = std::get_if<player_registered>(&what)) return registered->profile.number;
  if (const auto* attributed = std::get_if<player_attributed>(&what)) return attributed->profile.number;
  return {};
}

bool may_see(const api_key& key, const entry& what) noexcept {
  const auto brand = brand_of(what);
  if (!key.brands.empty() && (brand.value == 0 || !key.sees(brand))) return false;
  switch (std::visit(audience_of{}, what)) {
  case audience::readers: return key.may(scope::read);
  case audience::accountants: return key.may(scope::billing);
  case audience::administrators: return key.may(scope::admin);
  }
  return false;
}

void write_entry(json::writer& out, const entry_context& context, const committed_entry& at_entry,
                 const player_profile* player) {
  out.begin_object();
  out.key("sequence").unsigned_integer(at_entry.at.value);
  out.key("time").string(at_entry.time.text());
  out.key("kind").string(kind_of(at_entry.what));
  std::visit(member_writer{out, context, at_entry, player}, at_entry.what);
  out.end_object();
}

void entry_renderer::append(std::string& out, const committed_entry& at_entry) {
  const auto* movement = std::get_if<movement_recorded>(&at_entry.what);
  const bool named_elsewhere = movement != nullptr && movement->joined == profile_change::none;
  const player_profile* profile = named_elsewhere ? player(movement->player) : nullptr;
  const auto ws = view_.current_workspace();
  json::writer writer(out);
  write_entry(writer, {*ws, view_.key()}, at_entry, profile);
}

const player_profile* entry_renderer::player(player_number number) {
  if (const auto found = known_.find(number); found != known_.end()) return &found->second;
  other_ = view_.player(number);
  if (!other_) return nullptr;
  if (other_->profile.click.value == 0) return &other_->profile; // it may still be attributed
  if (known_.size() >= known_players_max) known_.clear();
  return &known_.emplace(number, std::move(other_->profile)).first->second;
}

} // namespace croupier::http
