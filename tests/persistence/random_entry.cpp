#include "tests/persistence/random_entry.hpp"

#include <algorithm>
#include <limits>

namespace croupier::persistence {

template<class Number>
Number random_entries::next_number() {
  using rep = typename Number::rep;
  switch (below(4)) {
  case 0: return {static_cast<rep>(random_())};
  case 1: return {std::numeric_limits<rep>::max()};
  default: return {static_cast<rep>(below(200))};
  }
}

std::string random_entries::next_string(std::size_t size_max) {
  std::string text(below(size_max + 1), '\0');
  for (auto& c : text) c = static_cast<char>(random_());
  return text;
}

std::string_view random_entries::next_text(std::size_t size_max) {
  return texts_.emplace_back(next_string(size_max));
}

uuid random_entries::next_uuid() {
  return uuid::from_halves(random_(), random_());
}

int128 random_entries::next_units() {
  int128 units = static_cast<std::int64_t>(random_() >> below(64));
  if (coin()) units *= static_cast<std::int64_t>(below(10'000'000));
  return coin() ? -units : units;
}

player_profile random_entries::next_profile() {
  player_profile profile;
  profile.number = next_number<player_number>();
  profile.brand = next_number<brand_number>();
  profile.external_id = next_string();
  profile.click = next_number<sequence>();
  profile.link = next_number<link_number>();
  profile.offer = next_number<offer_number>();
  profile.affiliate = next_number<affiliate_number>();
  return profile;
}

metric_change random_entries::next_change() {
  metric_change change;
  change.metric = next_number<metric_number>();
  change.how = coin() ? value_type::absolute : value_type::relative;
  change.fraction_digits = static_cast<std::uint8_t>(below(9));
  int128 step = 1;
  for (int digits = change.fraction_digits; digits < amount::scale; ++digits) step *= 10;
  change.value = amount::from_units(next_units() / step * step);
  change.negative_zero = change.value.is_zero() && coin();
  change.delta = change.how == value_type::relative ? change.value : amount::from_units(next_units());
  change.balance_after = amount::from_units(next_units());
  return change;
}

movement_recorded random_entries::next_movement() {
  movement_recorded movement;
  movement.player = next_number<player_number>();
  movement.brand = next_number<brand_number>();
  movement.player_hash = random_();
  movement.ordinal = next_number<sequence>().value;
  movement.source = static_cast<dialect>(1 + below(3));
  movement.request_id = next_text();
  movement.payload = next_text(400);
  for (auto left = below(metrics_per_movement_max + 1); left > 0; --left) movement.changes.push_back(next_change());
  if (coin()) {
    movement.revshare =
        revshare_accrual{next_number<offer_number>(), next_number<affiliate_number>(), next_number<metric_number>(),
                         percentage::from_units(next_units()), commission::from_units(next_units() * 1'000'000)};
  }
  if (coin()) {
    movement.frame.emplace();
    for (std::uint16_t metric = 1; metric < 40; ++metric)
      if (coin()) movement.frame->balances.push_back({{metric}, amount::from_units(next_units())});
    movement.frame->revshare_total = commission::from_units(next_units());
  }
  return movement;
}

workspace_changed::object random_entries::next_object() {
  switch (below(6)) {
  case 0: {
    brand value{next_number<brand_number>(), next_uuid(), next_string(), next_string(), {}, coin()};
    for (auto left = below(4); left > 0; --left) value.aliases.push_back(next_string());
    return value;
  }
  case 1:
    return metric{next_number<metric_number>(),
                  next_uuid(),
                  next_string(),
                  next_string(),
                  coin() ? metric_type::integer : metric_type::decimal,
                  coin(),
                  coin(),
                  coin()};
  case 2: return affiliate{next_number<affiliate_number>(), next_uuid(), next_string()};
  case 3: {
    offer value{next_number<offer_number>(), next_uuid(), next_string(), {}};
    if (coin()) value.revshare = revshare_terms{next_number<metric_number>(), percentage::from_units(next_units())};
    return value;
  }
  case 4:
    return tracking_link{next_number<link_number>(),      next_uuid(),   next_string(), next_number<offer_number>(),
                         next_number<affiliate_number>(), next_string(), coin()};
  default: {
    api_key value;
    value.number = next_number<link_number>().value;
    value.id = next_uuid();
    value.name = next_string();
    for (auto& byte : value.secret_sha256) byte = static_cast<std::uint8_t>(random_());
    value.scopes = static_cast<std::uint8_t>(random_());
    for (auto left = below(4); left > 0; --left) value.brands.push_back(next_number<brand_number>());
    if (coin()) value.expires_at = timestamp{static_cast<std::int64_t>(random_())};
    value.revoked = coin();
    return value;
  }
  }
}

entry random_entries::next() {
  switch (below(5)) {
  case 0: return player_registered{next_profile(), next_text(400)};
  case 1: {
    player_attributed attributed{next_profile(), next_text(400)};
    attributed.profile.registered_at = {static_cast<std::int64_t>(random_())};
    attributed.profile.registered_entry = next_number<sequence>();
    return attributed;
  }
  case 2: return next_movement();
  case 3: {
    click_tracked click{next_number<link_number>(),
                        next_number<offer_number>(),
                        next_number<affiliate_number>(),
                        next_text(),
                        next_text(),
                        {}};
    for (auto& sub_id : click.sub_ids) sub_id = next_text();
    return click;
  }
  default: {
    workspace_changed changed{next_text(), {}, next_object()};
    if (coin()) changed.before = next_object();
    return changed;
  }
  }
}

namespace {

bool same_fact(const player_registered& a, const player_registered& b) {
  return a.profile == b.profile && a.payload == b.payload;
}

bool same_fact(const player_attributed& a, const player_attributed& b) {
  return a.profile == b.profile && a.payload == b.payload;
}

bool same_fact(const movement_recorded& a, const movement_recorded& b) {
  return a.player == b.player && a.brand == b.brand && a.player_hash == b.player_hash && a.ordinal == b.ordinal &&
         a.source == b.source && a.request_id == b.request_id && a.payload == b.payload &&
         std::equal(a.changes.begin(), a.changes.end(), b.changes.begin(), b.changes.end()) &&
         a.revshare == b.revshare && a.frame == b.frame;
}

bool same_fact(const click_tracked& a, const click_tracked& b) {
  return a.link == b.link && a.offer == b.offer && a.affiliate == b.affiliate && a.ip == b.ip &&
         a.user_agent == b.user_agent && a.sub_ids == b.sub_ids;
}

bool same_fact(const workspace_changed& a, const workspace_changed& b) {
  return a.who == b.who && a.before == b.before && a.after == b.after;
}

} // namespace

bool same(const entry& a, const entry& b) {
  return std::visit(
      [](const auto& left, const auto& right) {
        if constexpr (std::is_same_v<decltype(left), decltype(right)>)
          return same_fact(left, right);
        else
          return false;
      },
      a, b);
}

} // namespace croupier::persistence
