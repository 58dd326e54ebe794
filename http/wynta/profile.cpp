#include "http/wynta/profile.hpp"

#include "engine/check.hpp"
#include "http/errors.hpp"
#include "http/json.hpp"
#include "http/wynta/brands.hpp"

#include <algorithm>
#include <optional>

namespace croupier::http::wynta {

namespace {

/// The traits follow the ledger within milliseconds, except while they are made anew after their folder was lost.
constexpr std::chrono::seconds patience{2};

template<class Thing>
std::string id_of(const Thing* found) {
  CROUPIER_ASSERT(found != nullptr, "a player names nothing that the workspace does not have");
  return found->id.text();
}

void write_attribution(json::writer& out, const workspace& ws, const folder_key& key, const player_profile& player) {
  if (player.click.value == 0) return;
  out.key("attribution").begin_object();
  out.key("affiliate_id").string(id_of(ws.find(player.affiliate)));
  out.key("offer_id").string(id_of(ws.find(player.offer)));
  out.key("link_id").string(id_of(ws.find(player.link)));
  out.key("click_id").string(make_id(key, id_kind::click, player.click.value).text()).end_object();
}

void write_balances(json::writer& out, const workspace& ws, const player_state& player) {
  out.begin_object();
  for (const auto& each : ws.metrics()) {
    const auto value = player.balance_of(each.number);
    out.key(each.code);
    if (each.type == metric_type::integer)
      out.integer(static_cast<std::int64_t>(value.units() / amount::from_integer(1).units()));
    else
      out.string(value.text());
  }
  out.end_object();
}

response not_found() {
  return error_response(error_style::wynta, error_kind::not_found, "Unknown user_id");
}

} // namespace

response show_profile(const actors::gateway& ledger, actors::books& books, const request& req) {
  const auto& view = ledger.view();
  const auto* of = resolve_brand(req, req.query("brand_id").value_or(""));
  const auto number = of == nullptr ? std::nullopt : view.find_player(of->number, req.path_parameter("user_id"));
  const auto player = number ? view.player(*number) : std::nullopt;
  if (!player) return not_found();
  if (!books.feed().wait_for(player->last_entry, std::min(req.deadline, std::chrono::steady_clock::now() + patience)))
    return error_response(error_style::wynta, error_kind::overloaded,
                          "Profiles are being read anew, try again shortly");
  const auto traits = books.traits().traits_of(*number);
  const auto ws = view.current_workspace();
  response answer;
  json::writer out(answer.body);
  out.begin_object().key("user_id").string(player->profile.external_id);
  out.key("brand_id").string(of->id.text());
  out.key("registered_at").string(player->profile.registered_at.text());
  out.key("updated_at").string(player->updated_at.text());
  write_attribution(out, *ws, view.key(), player->profile);
  out.key("traits").begin_object();
  for (const auto& [name, trait] : traits) out.key(name).raw(trait.value);
  out.end_object();
  write_balances(out.key("balances"), *ws, *player);
  out.key("revshare").string(player->revshare_total.text());
  out.key("sequence").unsigned_integer(player->last_entry.value).end_object();
  return answer;
}

} // namespace croupier::http::wynta
