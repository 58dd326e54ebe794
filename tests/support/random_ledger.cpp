#include "tests/support/random_ledger.hpp"

#include "persistence/record_codec.hpp"

#include <algorithm>
#include <utility>

namespace croupier::test {

namespace {

constexpr std::uint16_t metric_count = 6;
constexpr std::uint16_t brand_count = 3;
constexpr int128 unit = 100'000'000; // of an amount
constexpr std::string_view payload = R"({"externalId":"someone","metrics":[]})";

// Rates in units of 10^-4 percent; an amount's unit times a rate's unit is 10^-14, four digits short of a commission's.
struct terms {
  offer_number offer;
  affiliate_number affiliate;
  metric_number metric;
  std::int64_t rate;
};
constexpr std::array meanings{metric_meaning::deposits, metric_meaning::ngr, metric_meaning::deposit_count,
                              metric_meaning::wagered,  metric_meaning::won, metric_meaning::none};
constexpr std::array offers{terms{{1}, {1}, {1}, 50'000}, terms{{2}, {2}, {2}, 250'000}};

template<class T>
uuid id_of(std::uint64_t number) {
  return uuid::from_halves(0x1000 + workspace_changed::object(T{}).index(), number);
}

std::vector<workspace_changed::object> all_objects() {
  std::vector<workspace_changed::object> objects;
  for (std::uint16_t i = 1; i <= brand_count; ++i)
    objects.push_back(brand{{i}, id_of<brand>(i), "Brand " + std::to_string(i), "EUR", {}, i == 1});
  for (std::uint16_t i = 1; i <= metric_count; ++i)
    objects.push_back(metric{{i},
                             id_of<metric>(i),
                             "metric-" + std::to_string(i),
                             "Metric",
                             i % 3 == 0 ? metric_type::integer : metric_type::decimal,
                             false,
                             true,
                             false,
                             meanings[i - 1U]});
  for (std::uint32_t i = 1; i <= offers.size(); ++i)
    objects.push_back(affiliate{{i}, id_of<affiliate>(i), "Affiliate " + std::to_string(i)});
  for (const auto& each : offers)
    objects.push_back(offer{each.offer, id_of<offer>(each.offer.value), "Offer",
                            revshare_terms{each.metric, percentage::from_units(each.rate)}});
  for (const auto& each : offers)
    objects.push_back(tracking_link{{each.offer.value},
                                    id_of<tracking_link>(each.offer.value),
                                    "Link",
                                    each.offer,
                                    each.affiliate,
                                    "https://example.com/",
                                    true});
  return objects;
}

} // namespace

random_ledger::random_ledger(std::uint64_t seed, hash_player player_hash, random_ledger_options options)
    : random_(seed), player_hash_(std::move(player_hash)), options_(options) {}

void random_ledger::add(group& into, const entry& what, decltype(fact::what) plain) {
  auto& record = into.records.emplace_back();
  persistence::encode(what, record);
  facts_.push_back({next_sequence(), time_, std::move(plain)});
}

random_ledger::group random_ledger::next(std::size_t entries) {
  if (below(4) != 0) time_.unix_us += static_cast<std::int64_t>(below(50));
  group made;
  made.time = time_;
  if (facts_.empty()) add_workspace(made);
  while (made.records.size() < entries) add_any(made);
  return made;
}

random_ledger::group random_ledger::other(const entry& what) {
  group made;
  made.time = time_;
  add(made, what, click_fact{});
  return made;
}

void random_ledger::add_workspace(group& into) {
  objects_ = all_objects();
  for (const auto& object : objects_)
    add(into, workspace_changed{"start-up", std::nullopt, object}, workspace_fact{object});
}

void random_ledger::add_any(group& into) {
  if (players_.empty() || (players_.size() < options_.players_max && below(12) == 0)) return add_registration(into);
  // Low numbers are drawn more often, so that someone has a long history.
  auto& who = players_[below(below(players_.size()) + 1)];
  if (below(10) < options_.movements_in_ten) return add_movement(into, who);
  switch (below(3)) {
  case 0:
    if (who.profile.click.value == 0) return add_attribution(into, who);
    return add_movement(into, who);
  case 1: return add(into, click_tracked{{1}, {1}, {1}, "192.0.2.1", "agent", {}}, click_fact{});
  default: {
    auto& object = objects_[brand_count + below(metric_count)];
    const auto before = object;
    std::get<metric>(object).name = "Metric " + std::to_string(facts_.size());
    return add(into, workspace_changed{"someone", before, object}, workspace_fact{object});
  }
  }
}

void random_ledger::attribute(player_profile& profile) {
  const auto& chosen = offers[below(offers.size())];
  profile.click = {below(facts_.size()) + 1};
  profile.link = {chosen.offer.value};
  profile.offer = chosen.offer;
  profile.affiliate = chosen.affiliate;
  profile.attributed_entry = next_sequence();
}

void random_ledger::add_registration(group& into) {
  player made;
  auto& profile = made.profile;
  if (held_back_ != 0) {
    profile.number = {std::exchange(held_back_, 0)};
  } else {
    profile.number = {next_number_++};
    if (below(4) == 0) held_back_ = next_number_++;
    if (below(8) == 0) next_number_ += below(3);
  }
  profile.brand = {static_cast<std::uint16_t>(below(brand_count) + 1)};
  profile.external_id = "player-" + std::to_string(players_.size());
  profile.registered_at = time_;
  profile.registered_entry = next_sequence();
  if (below(3) != 0) attribute(profile);
  add(into, player_registered{profile, payload}, registration_fact{profile});
  players_.push_back(std::move(made));
}

void random_ledger::add_attribution(group& into, player& who) {
  attribute(who.profile);
  add(into, player_attributed{who.profile, payload}, attribution_fact{who.profile});
}

metric_change random_ledger::random_change(metric_number metric, int128 before) {
  metric_change change;
  change.metric = metric;
  change.how = below(3) == 0 ? value_type::absolute : value_type::relative;
  const auto whole = static_cast<int128>(below(2'000)) - 1'000;
  const bool integer = metric.value % 3 == 0;
  const auto hundredths = integer ? 0 : static_cast<int128>(below(100));
  change.fraction_digits = integer ? 0 : 2;
  const auto value = whole * unit + hundredths * (unit / 100);
  const auto after = change.how == value_type::absolute ? value : before + value;
  change.value = amount::from_units(value);
  change.delta = amount::from_units(after - before);
  change.balance_after = amount::from_units(after);
  return change;
}

std::string random_ledger::random_request_id(const player& who, dialect source) {
  if (below(4) == 0) return {};
  for (std::uint64_t width = 16;; width *= 2) {
    auto id = "request-" + std::to_string(below(width));
    if (used_requests_.emplace(who.profile.number, source, id).second) return id;
  }
}

void random_ledger::add_movement(group& into, player& who) {
  movement_fact plain;
  plain.player = who.profile.number;
  plain.brand = who.profile.brand;
  plain.ordinal = ++who.movements;
  plain.source = static_cast<dialect>(below(3) + 1);
  plain.request_id = random_request_id(who, plain.source);
  std::set<std::uint16_t> metrics;
  for (std::uint64_t i = below(3) + 1; i > 0; --i) metrics.insert(static_cast<std::uint16_t>(below(metric_count) + 1));
  for (const auto number : metrics) {
    const metric_number metric{number};
    const auto change = random_change(metric, who.balances[metric]);
    who.balances[metric] = change.balance_after.units();
    plain.changes.push_back(change);
    for (const auto& each : offers) {
      if (each.offer != who.profile.offer || each.metric != metric) continue;
      const auto earned = change.delta.units() * each.rate * 10'000;
      who.revshare += earned;
      plain.revshare = revshare_accrual{each.offer, each.affiliate, metric, percentage::from_units(each.rate),
                                        commission::from_units(earned)};
    }
  }

  movement_recorded movement;
  movement.player = plain.player;
  movement.brand = plain.brand;
  movement.player_hash = player_hash_(plain.brand, who.profile.external_id);
  movement.ordinal = plain.ordinal;
  movement.source = plain.source;
  movement.request_id = plain.request_id;
  movement.payload = payload;
  for (const auto& change : plain.changes) movement.changes.push_back(change);
  movement.revshare = plain.revshare;
  if (plain.ordinal % key_frame_interval == 0) {
    movement.frame.emplace();
    for (const auto& [metric, units] : who.balances)
      movement.frame->balances.push_back({metric, amount::from_units(units)});
    movement.frame->revshare_total = commission::from_units(who.revshare);
  }
  // The movement's texts are in `plain` until it is encoded, which `add` does before it takes `plain` over.
  auto& record = into.records.emplace_back();
  persistence::encode(movement, record);
  facts_.push_back({next_sequence(), time_, std::move(plain)});
}

} // namespace croupier::test
