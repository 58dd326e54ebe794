#pragma once

#include "engine/entry.hpp"
#include "persistence/workspace_fields.hpp"

/// The fields of the entries that are written as they are: clicks, impressions, and what happens to accounts.
namespace croupier::persistence {

template<>
struct enum_bounds<cpa_claim::state> : from_to<cpa_claim::state::held, cpa_claim::state::reversed> {};
template<>
struct enum_bounds<adjustment_reason> : from_to<adjustment_reason::manual, adjustment_reason::advance_recouped> {};
template<>
struct enum_bounds<skip_reason> : from_to<skip_reason::nothing_open, skip_reason::out_of_range> {};
template<>
struct enum_bounds<settlement_status> : from_to<settlement_status::created, settlement_status::error> {};

template<>
struct fields_of<click_tracked> {
  static auto in(auto& it) {
    return std::tie(it.link, it.offer, it.affiliate, it.ip, it.user_agent, it.sub_ids, it.unique, it.bot);
  }
};
template<>
struct fields_of<impressions_counted> {
  static auto in(auto& it) { return std::tie(it.creative, it.link, it.affiliate, it.count); }
};
template<>
struct fields_of<trait_change> {
  static auto in(auto& it) { return std::tie(it.name, it.value); }
};
template<>
struct fields_of<event_facts> {
  static auto in(auto& it) { return std::tie(it.name, it.occurred_at, it.country, it.traits); }
};
template<>
struct fields_of<cpa_claim> {
  static auto in(auto& it) {
    return std::tie(it.player, it.brand, it.plan, it.fee, it.qualified_at, it.hold_until, it.reversible_until,
                    it.charged_back_at, it.approval, it.advance, it.now);
  }
};
template<>
struct fields_of<currency_code> {
  static auto in(auto& it) { return std::tie(it.letters); }
};
template<>
struct fields_of<account_key> {
  static auto in(auto& it) { return std::tie(it.affiliate, it.currency); }
};
template<>
struct fields_of<bucket_change> {
  static auto in(auto& it) { return std::tie(it.open, it.on_hold, it.carried); }
};
template<>
struct fields_of<account_adjustment> {
  static auto in(auto& it) {
    return std::tie(it.reason, it.brand, it.plan, it.player, it.effective_at, it.base, it.measured, it.rate, it.before,
                    it.after, it.change, it.advance, it.request_id, it.note);
  }
};
template<>
struct fields_of<calendar_month> {
  static auto in(auto& it) { return std::tie(it.year, it.month); }
};
template<>
struct fields_of<month_closed> {
  static auto in(auto& it) { return std::tie(it.month, it.adjustments); }
};
template<>
struct fields_of<account_adjusted> {
  static auto in(auto& it) { return std::tie(it.who, it.account, it.line); }
};
template<>
struct fields_of<account_closed> {
  static auto in(auto& it) { return std::tie(it.who, it.account, it.close); }
};
template<>
struct fields_of<settlement_cut> {
  static auto in(auto& it) { return std::tie(it.from, it.to); }
};
template<>
struct fields_of<accrual_run> {
  static auto in(auto& it) { return std::tie(it.day, it.last, it.entries, it.sum); }
};
template<>
struct fields_of<adjustment_id> {
  static auto in(auto& it) { return std::tie(it.entry, it.index); }
};
template<>
struct fields_of<open_adjustment> {
  static auto in(auto& it) { return std::tie(it.id, it.effective_at, it.value); }
};
template<>
struct fields_of<account_settlement> {
  static auto in(auto& it) {
    return std::tie(it.account, it.cuts, it.runs, it.adjustments, it.exact, it.payable, it.residue);
  }
};
template<>
struct fields_of<settlement_id> {
  static auto in(auto& it) { return std::tie(it.entry, it.index); }
};
template<>
struct fields_of<settlement_terms> {
  static auto in(auto& it) { return std::tie(it.up_to, it.minimum); }
};
template<>
struct fields_of<skipped_account> {
  static auto in(auto& it) { return std::tie(it.account, it.reason, it.open); }
};
template<>
struct fields_of<settlement_made> {
  static auto in(auto& it) { return std::tie(it.request_id, it.note, it.terms, it.parts, it.skipped); }
};
template<>
struct fields_of<settlement_recorded> {
  static auto in(auto& it) { return std::tie(it.who, it.what); }
};
template<>
struct fields_of<settlement_status_set> {
  static auto in(auto& it) { return std::tie(it.settlement, it.status); }
};
template<>
struct fields_of<settlement_status_recorded> {
  static auto in(auto& it) { return std::tie(it.who, it.what); }
};
template<>
struct fields_of<settlement_deleted> {
  static auto in(auto& it) { return std::tie(it.settlement); }
};
template<>
struct fields_of<settlement_deletion_recorded> {
  static auto in(auto& it) { return std::tie(it.who, it.what); }
};

} // namespace croupier::persistence
