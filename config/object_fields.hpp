#pragma once

#include "engine/workspace_object.hpp"

#include <concepts>
#include <string_view>
#include <type_traits>

/// The members of every configured object, listed once: reading (`field_reader.hpp`), showing and comparing
/// (`field_writer.hpp`) and the documentation (`field_catalogue.hpp`) all walk these lists.
///
/// A visitor has, besides `field(name, member, must, sentence)`, three of its own for what has no type of its own:
/// `scopes` for bits of `scope`, `hash` for the SHA-256 of a secret, `secret` for a secret that is kept.
/// Names are those of the file; in calls `marketing_source` is `marketingSourceId` (`api_name`).
namespace croupier::config {

template<class T, class Object>
concept form_of = std::same_as<std::remove_const_t<T>, Object>;

enum class must : std::uint8_t {
  be_given, ///< a new object needs it
  be_free,  ///< it may be left out
  be_shown  ///< it is told and cannot be written
};

constexpr std::string_view end_of_plans =
    "A later plan takes the place of this one; only this and the name can change.";

template<form_of<brand> One>
void each_field(auto& visit, One& one) {
  visit.field("name", one.name, must::be_given, "How people call it.");
  visit.field("currency", one.currency, must::be_given, "ISO 4217 code of all its money; permanent.");
  visit.field("aliases", one.aliases, must::be_free, "Other names that clients use for the brand.");
  visit.field("default", one.is_default, must::be_free, "Taken where an event names no brand that is known.");
  visit.field("attribution_window_days", one.attribution_window_days, must::be_free,
              "A click older than this, 1 to 3660, brings nobody; 0: no end.");
  visit.field("ngr_updates", one.ngr_updates, must::be_free, "What the amount of an `ngr_update` is.");
  visit.field("utc_offset_minutes", one.utc_offset_minutes, must::be_free, "Of the days in reports, -840 to 840.");
}

template<form_of<metric> One>
void each_field(auto& visit, One& one) {
  visit.field("code", one.code, must::be_given, "Kebab-case, 1-100 characters; permanent.");
  visit.field("name", one.name, must::be_given, "How people call it.");
  visit.field("type", one.type, must::be_given, "Permanent.");
  visit.field("monetary", one.monetary, must::be_free, "Its values are money; never of an integer metric.");
  visit.field("visible", one.visible, must::be_free, "Shown to affiliates.");
  visit.field("meaning", one.meaning, must::be_free, "What it counts, for reports and commissions; each once.");
  visit.field("archived", one.archived, must::be_free, "A movement that names it is refused.");
}

template<form_of<fence_terms> One>
void each_field(auto& visit, One& one) {
  visit.field("player_loss", one.player_loss, must::be_given, "A player that costs this much or more is fenced.");
  visit.field("affiliate_loss", one.affiliate_loss, must::be_given,
              "While the players together cost this; 0: any loss.");
}

template<form_of<deal_terms> One>
void each_field(auto& visit, One& one) {
  visit.field("carryover", one.rule, must::be_free, "What becomes of a month's revshare below zero.");
  visit.field("cap", one.cap, must::be_free, "Of what is carried; exactly with `capped`.");
  visit.field("scope", one.scope, must::be_free, "What is netted with what.");
  visit.field("fence", one.fence, must::be_free, "High rollers; only with `reset`.");
}

template<form_of<affiliate> One>
void each_field(auto& visit, One& one) {
  visit.field("name", one.name, must::be_given, "How people call it.");
  visit.field("payment_details", one.payment_details, must::be_free,
              "How to pay it, in words; empty: it is not settled.");
  visit.field("deal", one.deal, must::be_free, "How its months are netted and carried.");
  visit.field("archived", one.archived, must::be_free, "It is done with; what it has earned stays.");
}

template<form_of<revshare_terms> One>
void each_field(auto& visit, One& one) {
  visit.field("metric", one.metric, must::be_given, "The decimal metric whose changes are shared.");
  visit.field("rate_percent", one.rate, must::be_given, "0 to 100.");
}

template<form_of<offer> One>
void each_field(auto& visit, One& one) {
  visit.field("name", one.name, must::be_given, "How people call it.");
  visit.field("revshare", one.revshare, must::be_free, "Paid where and when no plan of the offer is in force.");
  visit.field("archived", one.archived, must::be_free, "Links may not name it.");
}

template<form_of<marketing_source> One>
void each_field(auto& visit, One& one) {
  visit.field("name", one.name, must::be_given, "Where visitors come from, in the affiliate's words.");
  visit.field("affiliate", one.affiliate, must::be_free, "Whose it is; left out: of no one in particular.");
  visit.field("archived", one.archived, must::be_free, "It is done with.");
}

template<form_of<creative> One>
void each_field(auto& visit, One& one) {
  visit.field("name", one.name, must::be_given, "What is shown: a banner, a video, a text.");
  visit.field("offer", one.offer, must::be_free, "What it is for; left out: nothing in particular.");
  visit.field("archived", one.archived, must::be_free, "It is done with.");
}

template<form_of<tracking_link> One>
void each_field(auto& visit, One& one) {
  visit.field("name", one.name, must::be_given, "How people call it.");
  visit.field("offer", one.offer, must::be_given, "What a click on it earns by.");
  visit.field("affiliate", one.affiliate, must::be_given, "Who earns.");
  visit.field("destination", one.destination, must::be_given, "Absolute http(s) URL that visitors are sent to.");
  visit.field("enabled", one.enabled, must::be_free, "Whether it is followed.");
  visit.field("marketing_source", one.source, must::be_free, "Where its visitors come from.");
  visit.field("creative", one.creative, must::be_free, "What it is shown as.");
  visit.field("sub_ids", one.sub_ids, must::be_free, "Up to five, taken where a click brings none.");
  visit.field("geo_target", one.geo_target, must::be_free, "Countries that it is meant for, in words.");
}

template<form_of<commission_tier> One>
void each_field(auto& visit, One& one) {
  visit.field("up_to", one.up_to, must::be_free, "Inclusive bound; only the last tier has none.");
  visit.field("rate_percent", one.rate, must::be_given, "0 to 100.");
}

template<form_of<revshare_leg> One>
void each_field(auto& visit, One& one) {
  visit.field("metric", one.metric, must::be_given, "The decimal metric whose changes are shared.");
  visit.field("tiers", one.tiers, must::be_given, "1 to 20, ascending; one without a bound is a flat rate.");
  visit.field("measure", one.measure, must::be_free, "What the bounds are bounds of.");
  visit.field("mode", one.mode, must::be_free, "Whether the rate that is reached is for everything.");
  visit.field("admin_fee_percent", one.deductions.admin_fee, must::be_free, "Taken off the metric first.");
  visit.field("tax_percent", one.deductions.tax, must::be_free, "Taken off the metric first.");
}

template<form_of<cpa_condition> One>
void each_field(auto& visit, One& one) {
  visit.field("metric", one.metric, must::be_given, "The decimal metric whose balance is asked.");
  visit.field("at_least", one.at_least, must::be_given, "What the balance must reach.");
}

template<form_of<cpa_leg> One>
void each_field(auto& visit, One& one) {
  visit.field("fee", one.fee, must::be_given, "In the brand's currency, once per player.");
  visit.field("deposits", one.deposits, must::be_free, "What a player must have deposited.");
  visit.field("wagering", one.wagering, must::be_free, "What a player must have wagered. One of the two is needed.");
  visit.field("window_days", one.window_days, must::be_free, "From registration, 1 to 3660; 0: no end.");
  visit.field("hold_days", one.hold_days, must::be_free,
              "From qualification until the fee may be released; up to 3660.");
  visit.field("reversal_days", one.reversal_days, must::be_free,
              "A chargeback before their end takes the fee back; up to 3660.");
  visit.field("approval", one.approval, must::be_free, "How a held fee becomes payable.");
  visit.field("advance", one.advance, must::be_free, "Later revshare makes up for the fee.");
}

template<form_of<commission_plan> One>
void each_field(auto& visit, One& one) {
  visit.field("name", one.name, must::be_given, "How people call it.");
  visit.field("offer", one.offer, must::be_given, "The offer that pays by it.");
  visit.field("brand", one.brand, must::be_free, "Left out: every brand.");
  visit.field("affiliate", one.affiliate, must::be_free, "Left out: every affiliate.");
  visit.field("valid_from", one.valid_from, must::be_free, "Not in the past; left out: now.");
  visit.field("valid_until", one.valid_until, must::be_free, end_of_plans);
  visit.field("revshare", one.revshare, must::be_free, "A share of a metric's changes.");
  visit.field("cpa", one.cpa, must::be_free, "A fee for each player that qualifies. One of the two legs is needed.");
}

template<form_of<api_key> One>
void each_field(auto& visit, One& one) {
  visit.field("name", one.name, must::be_given, "Whose key it is.");
  visit.hash("secret", one.secret_sha256, "The key itself is never kept.");
  visit.scopes("scopes", one.scopes, "What it may do; `admin` includes the others.");
  visit.field("brands", one.brands, must::be_free, "The others do not exist for it; empty: all.");
  visit.field("expires_at", one.expires_at, must::be_free, "It is refused from then on.");
  visit.field("environment", one.environment, must::be_free, "What it is for.");
  visit.field("default_brand", one.default_brand, must::be_free, "Taken for events that name no brand that is known.");
  visit.field("revoked", one.revoked, must::be_shown, "It is refused for ever.");
}

template<form_of<mapping_condition> One>
void each_field(auto& visit, One& one) {
  visit.field("path", one.path, must::be_given, "Members of the event, joined by dots.");
  visit.field("test", one.test, must::be_free, "What is asked of the value there.");
  visit.field("value", one.value, must::be_free, "For `equals` and `differs`.");
}

template<form_of<event_mapping> One>
void each_field(auto& visit, One& one) {
  visit.field("name", one.name, must::be_given, "How people call it.");
  visit.field("event", one.event, must::be_given, "The event's name.");
  visit.field("dialect", one.source, must::be_free, "Of events of this dialect only.");
  visit.field("brand", one.brand, must::be_free, "Of this brand only.");
  visit.field("conditions", one.conditions, must::be_free, "All must hold; at most 8.");
  visit.field("metric", one.metric, must::be_given, "What the event changes.");
  visit.field("value_path", one.value_path, must::be_free, "Where the value is; or give `constant`.");
  visit.field("constant", one.constant, must::be_free, "The value, when it is always the same.");
  visit.field("currency_path", one.currency_path, must::be_free,
              "Where the currency is, to be held against the brand's.");
  visit.field("negate", one.negate, must::be_free, "The value is taken off.");
  visit.field("type", one.how, must::be_free, "Whether the value is added or takes the balance's place.");
  visit.field("enabled", one.enabled, must::be_free, "Whether it is applied.");
}

template<form_of<destination> One>
void each_field(auto& visit, One& one) {
  visit.field("name", one.name, must::be_given, "How people call it.");
  visit.field("kind", one.kind, must::be_given, "Permanent.");
  visit.field("target", one.target, must::be_given, "URL; of `nats` nats://HOST:PORT; of `file` the name of a folder.");
  visit.field("subject", one.subject, must::be_free, "Of `nats`: the stream's subject.");
  visit.secret("secret", one.secret, "Of `webhook`: what deliveries are signed with. Never shown.");
  visit.field("brands", one.brands, must::be_free, "Empty: all.");
  visit.field("event_names", one.event_names, must::be_free, "Names of events, or kinds of entries; empty: all.");
  visit.field("affiliate", one.affiliate, must::be_free, "Of `postback`: whose players.");
  visit.field("paused", one.paused, must::be_free, "Deliveries wait.");
  visit.field("archived", one.archived, must::be_free, "It is done with.");
}

template<form_of<report_preset> One>
void each_field(auto& visit, One& one) {
  visit.field("name", one.name, must::be_given, "How people call it.");
  visit.hash("token", one.token_sha256, "Whoever has it reads the report; it is never kept.");
  visit.field("dimensions", one.dimensions, must::be_free, "What rows are grouped by.");
  visit.field("measures", one.measures, must::be_given, "What is told of each group.");
  visit.field("filters", one.filters, must::be_free, "By dimension, the values that it may have.");
  visit.field("brands", one.brands, must::be_free, "Empty: all.");
  visit.field("enabled", one.enabled, must::be_free, "Whether it may be read.");
}

} // namespace croupier::config
