#pragma once

#include "engine/workspace_object.hpp"
#include "persistence/field_codec.hpp"

/// The fields of the objects of the workspace, in the order in which they are written.
namespace croupier::persistence {

template<>
struct enum_bounds<ngr_mode> : from_to<ngr_mode::increment, ngr_mode::month_to_date> {};
template<>
struct enum_bounds<metric_type> : from_to<metric_type::integer, metric_type::decimal> {};
template<>
struct enum_bounds<metric_meaning> : from_to<metric_meaning::none, metric_meaning::ggr> {};
template<>
struct enum_bounds<key_environment> : from_to<key_environment::live, key_environment::staging> {};
template<>
struct enum_bounds<carryover_rule> : from_to<carryover_rule::carry, carryover_rule::capped> {};
template<>
struct enum_bounds<netting_scope> : from_to<netting_scope::affiliate, netting_scope::affiliate_and_brand> {};
template<>
struct enum_bounds<tier_measure> : from_to<tier_measure::period_base, tier_measure::active_players> {};
template<>
struct enum_bounds<tier_mode> : from_to<tier_mode::retroactive, tier_mode::incremental> {};
template<>
struct enum_bounds<cpa_approval> : from_to<cpa_approval::after_hold, cpa_approval::by_hand> {};
template<>
struct enum_bounds<dialect> : from_to<dialect::trackdesk, dialect::wynta> {};
template<>
struct enum_bounds<value_type> : from_to<value_type::absolute, value_type::relative> {};
template<>
struct enum_bounds<mapping_test> : from_to<mapping_test::present, mapping_test::differs> {};
template<>
struct enum_bounds<destination_kind> : from_to<destination_kind::webhook, destination_kind::postback> {};

template<>
struct fields_of<brand> {
  static auto in(auto& it) {
    return std::tie(it.number, it.id, it.name, it.currency, it.aliases, it.is_default, it.attribution_window_days,
                    it.ngr_updates, it.utc_offset_minutes);
  }
};
template<>
struct fields_of<metric> {
  static auto in(auto& it) {
    return std::tie(it.number, it.id, it.code, it.name, it.type, it.monetary, it.visible, it.archived, it.meaning);
  }
};
template<>
struct fields_of<fence_terms> {
  static auto in(auto& it) { return std::tie(it.player_loss, it.affiliate_loss); }
};
template<>
struct fields_of<deal_terms> {
  static auto in(auto& it) { return std::tie(it.rule, it.cap, it.scope, it.fence); }
};
template<>
struct fields_of<affiliate> {
  static auto in(auto& it) { return std::tie(it.number, it.id, it.name, it.payment_details, it.deal, it.archived); }
};
template<>
struct fields_of<revshare_terms> {
  static auto in(auto& it) { return std::tie(it.metric, it.rate); }
};
template<>
struct fields_of<offer> {
  static auto in(auto& it) { return std::tie(it.number, it.id, it.name, it.revshare, it.archived); }
};
template<>
struct fields_of<tracking_link> {
  static auto in(auto& it) {
    return std::tie(it.number, it.id, it.name, it.offer, it.affiliate, it.destination, it.enabled, it.source,
                    it.creative, it.sub_ids, it.geo_target);
  }
};
template<>
struct fields_of<api_key> {
  static auto in(auto& it) {
    return std::tie(it.number, it.id, it.name, it.secret_sha256, it.scopes, it.brands, it.expires_at, it.revoked,
                    it.environment, it.default_brand);
  }
};
template<>
struct fields_of<base_deductions> {
  static auto in(auto& it) { return std::tie(it.admin_fee, it.tax); }
};
template<>
struct fields_of<commission_tier> {
  static auto in(auto& it) { return std::tie(it.up_to, it.rate); }
};
template<>
struct fields_of<revshare_leg> {
  static auto in(auto& it) { return std::tie(it.metric, it.tiers, it.measure, it.mode, it.deductions); }
};
template<>
struct fields_of<cpa_condition> {
  static auto in(auto& it) { return std::tie(it.metric, it.at_least); }
};
template<>
struct fields_of<cpa_leg> {
  static auto in(auto& it) {
    return std::tie(it.fee, it.deposits, it.wagering, it.window_days, it.hold_days, it.reversal_days, it.approval,
                    it.advance);
  }
};
template<>
struct fields_of<commission_plan> {
  static auto in(auto& it) {
    return std::tie(it.number, it.id, it.name, it.offer, it.brand, it.affiliate, it.valid_from, it.valid_until,
                    it.revshare, it.cpa);
  }
};
template<>
struct fields_of<marketing_source> {
  static auto in(auto& it) { return std::tie(it.number, it.id, it.name, it.affiliate, it.archived); }
};
template<>
struct fields_of<creative> {
  static auto in(auto& it) { return std::tie(it.number, it.id, it.name, it.offer, it.archived); }
};
template<>
struct fields_of<mapping_condition> {
  static auto in(auto& it) { return std::tie(it.path, it.test, it.value); }
};
template<>
struct fields_of<event_mapping> {
  static auto in(auto& it) {
    return std::tie(it.number, it.id, it.name, it.source, it.brand, it.event, it.conditions, it.metric, it.value_path,
                    it.constant, it.currency_path, it.negate, it.how, it.enabled);
  }
};
template<>
struct fields_of<destination> {
  static auto in(auto& it) {
    return std::tie(it.number, it.id, it.name, it.kind, it.target, it.subject, it.secret, it.brands, it.event_names,
                    it.affiliate, it.paused, it.archived);
  }
};
template<>
struct fields_of<report_preset> {
  static auto in(auto& it) {
    return std::tie(it.number, it.id, it.name, it.token_sha256, it.dimensions, it.measures, it.filters, it.brands,
                    it.enabled);
  }
};

} // namespace croupier::persistence
