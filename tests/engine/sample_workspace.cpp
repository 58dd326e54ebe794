#include "sample_workspace.hpp"

#include <utility>

namespace croupier::testing {
namespace {

uuid id_number(std::uint64_t number) {
  return uuid::from_halves(0x1111'2222'3333'4444U, number);
}

metric decimal(metric_number number, const std::string& code) {
  return {.number = number, .id = id_number(number.value), .code = code, .name = code, .type = metric_type::decimal};
}

metric integer(metric_number number, const std::string& code) {
  return {.number = number, .id = id_number(number.value), .code = code, .name = code, .type = metric_type::integer};
}

offer offer_of(offer_number number, std::string name, std::optional<revshare_terms> terms) {
  return {.number = number, .id = id_number(number.value), .name = std::move(name), .revshare = terms};
}

} // namespace

workspace sample_workspace() {
  workspace ws;
  ws.put(brand{.number = casino, .id = id_number(1), .name = "Casino", .currency = "EUR", .aliases = {"brand_01"}});
  ws.put(decimal(deposits, "deposits"));
  ws.put(decimal(ngr, "ngr"));
  ws.put(integer(bets, "bets"));
  auto archived = decimal(old_score, "old-score");
  archived.archived = true;
  ws.put(std::move(archived));
  ws.put(integer(deposits_count, "deposits-count"));
  ws.put(affiliate{.number = ada, .id = id_number(1), .name = "Ada"});
  ws.put(offer_of(without_revshare, "Without revshare", std::nullopt));
  ws.put(offer_of(five_percent_of_deposits, "5 % of deposits",
                  revshare_terms{.metric = deposits, .rate = percentage::from_integer(5)}));
  ws.put(offer_of(quarter_of_ngr, "25 % of NGR", revshare_terms{.metric = ngr, .rate = percentage::from_integer(25)}));
  return ws;
}

player_state new_player(offer_number offer) {
  player_state state;
  state.profile.number = player_number{1};
  state.profile.brand = casino;
  state.profile.external_id = "player-42";
  if (offer != offer_number{}) {
    state.profile.click = sequence{7};
    state.profile.link = link_number{1};
    state.profile.offer = offer;
    state.profile.affiliate = ada;
  }
  return state;
}

std::string text_of(const player_state& state, const workspace& ws) {
  std::string out;
  for (const auto& one : state.balances) {
    if (!out.empty()) out += ", ";
    const auto& metric = *ws.find(one.metric);
    const bool whole = metric.type == metric_type::integer;
    out += metric.code + " ";
    out += whole ? detail::print_fixed_exact(one.value.units(), amount::scale, 0, false) : one.value.text();
  }
  if (!state.revshare_total.is_zero()) out += "; revshare " + state.revshare_total.text();
  return out;
}

std::string_view text_of(rejection no) {
  switch (no) {
  case rejection::brand_unknown: return "brand unknown";
  case rejection::click_unknown: return "click unknown";
  case rejection::player_unknown: return "player unknown";
  case rejection::player_duplicate: return "player duplicate";
  case rejection::request_duplicate: return "request duplicate";
  case rejection::metric_unknown: return "metric unknown";
  case rejection::integer_value_invalid: return "integer invalid";
  case rejection::decimal_value_invalid: return "decimal invalid";
  case rejection::value_out_of_range: return "out of range";
  }
  return "";
}

} // namespace croupier::testing
