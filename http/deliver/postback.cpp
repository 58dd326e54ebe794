#include "http/deliver/postback.hpp"

#include "http/ascii.hpp"
#include "http/deliver/outgoing_http.hpp"
#include "http/deliver/outlet.hpp"

#include <algorithm>
#include <deque>
#include <utility>
#include <variant>

namespace croupier::http::deliver {

namespace {

/// Whether the destination wants facts of this name; none listed: all five kinds.
bool wants(const destination& target, std::string_view type) {
  const auto& names = target.event_names;
  return names.empty() || std::any_of(names.begin(), names.end(),
                                      [&](const auto& each) { return ascii::same_ignoring_case(each, type); });
}

const metric_change* change_of(const movement_recorded& movement, metric_number metric) {
  const auto found = std::find_if(movement.changes.begin(), movement.changes.end(),
                                  [&](const metric_change& each) { return each.metric == metric; });
  return metric.value == 0 || found == movement.changes.end() ? nullptr : found;
}

class fact_maker {
public:
  fact_maker(const destination& target, const committed_entry& entry, const persistence::committed_view& view,
             entry_renderer& render)
      : target_(target), entry_(entry), view_(view), render_(render), ws_(view.current_workspace()) {}

  std::vector<postback_fact> make() {
    if (const auto* click = std::get_if<click_tracked>(&entry_.what)) of_click(*click);
    if (const auto* joined = std::get_if<player_registered>(&entry_.what)) of_player(joined->profile);
    if (const auto* joined = std::get_if<player_attributed>(&entry_.what)) of_player(joined->profile);
    if (const auto* movement = std::get_if<movement_recorded>(&entry_.what)) of_movement(*movement);
    return std::move(facts_);
  }

private:
  bool is_ours(affiliate_number affiliate) const { return affiliate == target_.affiliate; }

  postback_fact blank(sequence click) {
    postback_fact fact;
    fact.affiliate_id = ws_->find(target_.affiliate)->id.text();
    fact.event_time = entry_.time.text();
    fact.click_id = make_id(view_.key(), id_kind::click, click.value).text();
    return fact;
  }

  void tell(postback_fact fact, std::string_view type, std::string amount) {
    if (!wants(target_, type)) return;
    fact.event_type = type;
    fact.amount = std::move(amount);
    facts_.push_back(std::move(fact));
  }

  void of_click(const click_tracked& click) {
    // Clicks have no brand: a destination that is limited to some is not told of them.
    if (!is_ours(click.affiliate) || click.bot || !target_.brands.empty()) return;
    auto fact = blank(entry_.at);
    for (std::size_t i = 0; i < fact.sub_ids.size(); ++i) fact.sub_ids[i] = click.sub_ids[i];
    tell(std::move(fact), "CLICK", {});
  }

  /// What is the same for all facts about a player.
  postback_fact about(const player_profile& player) {
    auto fact = blank(player.click);
    fact.player_id = make_id(view_.key(), id_kind::player, player.number.value).text();
    if (const brand* of = ws_->find(player.brand)) fact.currency = of->currency;
    const auto stored = view_.entry_at(player.click);
    if (const auto* click = std::get_if<click_tracked>(&stored.entry.what))
      for (std::size_t i = 0; i < fact.sub_ids.size(); ++i) fact.sub_ids[i] = click->sub_ids[i];
    return fact;
  }

  void of_player(const player_profile& player) {
    if (player.click.value != 0 && is_ours(player.affiliate)) tell(about(player), "REGISTRATION", {});
  }

  void of_movement(const movement_recorded& movement) {
    const bool joined = movement.joined != profile_change::none;
    const player_profile* player = joined ? &movement.profile : render_.player(movement.player);
    // What was before a player was attributed is not the affiliate's business.
    if (player == nullptr || player->click.value == 0 || !is_ours(player->affiliate)) return;
    if (!joined && player->attributed_entry > entry_.at) return;
    if (movement.opening) return;
    auto fact = about(*player);
    if (movement.event) fact.event_time = movement.event->occurred_at.text();
    if (joined) tell(fact, "REGISTRATION", {});
    const auto* deposit = change_of(movement, ws_->metric_that_means(metric_meaning::deposits));
    if (movement.first_deposit)
      tell(fact, "FIRST_DEPOSIT", deposit == nullptr ? std::string() : deposit->delta.text());
    else if (deposit != nullptr && !deposit->delta.is_negative() && !deposit->delta.is_zero())
      tell(fact, "DEPOSIT", deposit->delta.text());
    if (const auto* ngr = change_of(movement, ws_->metric_that_means(metric_meaning::ngr)))
      tell(fact, "NGR_UPDATE", ngr->delta.text());
    if (movement.event) of_own_name(fact, movement);
  }

  void of_own_name(const postback_fact& fact, const movement_recorded& movement) {
    const auto name = movement.event->name;
    const bool told = std::any_of(facts_.begin(), facts_.end(), [&](const postback_fact& each) {
      return ascii::same_ignoring_case(each.event_type, name);
    });
    if (told || target_.event_names.empty()) return;
    std::string amount;
    for (const auto& change : movement.changes) {
      const metric* changed = ws_->find(change.metric);
      if (changed == nullptr || !changed->monetary) continue;
      amount = change.delta.text();
      break;
    }
    tell(fact, name, std::move(amount));
  }

  const destination& target_;
  const committed_entry& entry_;
  const persistence::committed_view& view_;
  entry_renderer& render_;
  const std::shared_ptr<const workspace> ws_;
  std::vector<postback_fact> facts_;
};

void append_encoded(std::string& out, std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  for (const char c : text) {
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
      continue;
    }
    out += '%';
    out += hex[static_cast<unsigned char>(c) >> 4U];
    out += hex[static_cast<unsigned char>(c) & 0xfU];
  }
}

/// The macro's value; nullptr: there is no such macro.
const std::string* value_of(const postback_fact& fact, std::string_view macro) {
  if (macro == "click_id") return &fact.click_id;
  if (macro == "affiliate_id") return &fact.affiliate_id;
  if (macro == "player_id") return &fact.player_id;
  if (macro == "event_type") return &fact.event_type;
  if (macro == "amount") return &fact.amount;
  if (macro == "currency") return &fact.currency;
  if (macro == "event_time") return &fact.event_time;
  if (macro.size() == 4 && macro.starts_with("sub") && macro[3] >= '1' && macro[3] <= '5')
    return &fact.sub_ids[static_cast<std::size_t>(macro[3] - '1')];
  return nullptr;
}

class postback final : public outlet {
public:
  postback(const destination& target, const outgoing_url& url, const outlet_means& means)
      : target_(target), url_(url), view_(means.view), http_(url, means) {}

  void add(const committed_entry& entry, entry_renderer& render) override {
    for (const auto& fact : postback_facts(target_, entry, view_, render))
      paths_.push_back(expand_macros(url_.path, fact));
  }
  bool full() const override { return !paths_.empty(); }
  bool pending() const override { return !paths_.empty(); }

  sent_outcome send() override {
    auto outcome = http_.send({"GET", paths_.front(), {}, {}, {}});
    outcome.url = url_.scheme + "://" + url_.authority() + paths_.front();
    if (outcome.delivered) paths_.pop_front();
    return outcome;
  }

  void abort() noexcept override { http_.abort(); }

private:
  const destination target_;
  const outgoing_url url_;
  const persistence::committed_view& view_;
  outgoing_http http_;
  std::deque<std::string> paths_;
};

} // namespace

std::vector<postback_fact> postback_facts(const destination& target, const committed_entry& entry,
                                          const persistence::committed_view& view, entry_renderer& render) {
  return fact_maker(target, entry, view, render).make();
}

std::string expand_macros(std::string_view text, const postback_fact& fact) {
  std::string out;
  while (!text.empty()) {
    const auto open = text.find('{');
    out += text.substr(0, open);
    if (open == std::string_view::npos) break;
    text.remove_prefix(open);
    const auto close = text.find('}');
    const auto* value = close == std::string_view::npos ? nullptr : value_of(fact, text.substr(1, close - 1));
    if (value != nullptr) {
      append_encoded(out, *value);
      text.remove_prefix(close + 1);
    } else {
      append_encoded(out, text.substr(0, 1));
      text.remove_prefix(1);
    }
  }
  return out;
}

std::unique_ptr<outlet> make_postback(const destination& target, const outlet_means& means) {
  return std::make_unique<postback>(target, *parse_outgoing(target.target), means);
}

} // namespace croupier::http::deliver
