#include "tests/persistence/random_entry.hpp"

#include "persistence/fact_fields.hpp"

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

template<class T>
void random_entries::fill(T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    value = coin();
  } else if constexpr (std::is_enum_v<T>) {
    constexpr auto first = static_cast<unsigned>(enum_bounds<T>::first);
    constexpr auto last = static_cast<unsigned>(enum_bounds<T>::last);
    value = static_cast<T>(first + below(last - first + 1));
  } else if constexpr (detail::is_strong_number<T>::value) {
    value = next_number<T>();
  } else if constexpr (std::is_integral_v<T>) {
    value = static_cast<T>(random_());
  } else if constexpr (detail::is_fixed_point<T>::value) {
    value = T::from_units(next_units());
  } else if constexpr (std::is_same_v<T, commission_sum>) {
    value = commission_sum::from_parts(next_units(), static_cast<std::int64_t>(below(1'000'000'000'000'000'000)));
  } else if constexpr (std::is_same_v<T, timestamp>) {
    value.unix_us = static_cast<std::int64_t>(random_());
  } else if constexpr (std::is_same_v<T, uuid>) {
    value = next_uuid();
  } else if constexpr (std::is_same_v<T, std::string>) {
    value = next_string();
  } else if constexpr (std::is_same_v<T, std::string_view>) {
    value = next_text();
  } else if constexpr (detail::is_optional<T>::value) {
    if (coin()) fill(value.emplace());
  } else if constexpr (detail::is_vector<T>::value) {
    for (auto left = below(4); left > 0; --left) fill(value.emplace_back());
  } else if constexpr (detail::is_array<T>::value) {
    for (auto& each : value) {
      if constexpr (sizeof(each) == 1)
        each = static_cast<std::decay_t<decltype(each)>>(random_());
      else
        fill(each);
    }
  } else if constexpr (detail::is_pair<T>::value) {
    fill(value.first);
    fill(value.second);
  } else {
    std::apply([this](auto&... each) { (fill(each), ...); }, fields_of<T>::in(value));
  }
}

template<class Fact>
entry random_entries::drawn() {
  Fact fact;
  fill(fact);
  return fact;
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
  movement.opening = coin();
  movement.first_deposit = coin();
  movement.charged_back = coin();
  if (coin()) fill(movement.event.emplace());
  if (coin()) fill(movement.claim.emplace());
  movement.joined = static_cast<profile_change>(below(3));
  if (movement.joined != profile_change::none) {
    movement.profile = next_profile();
    movement.profile.number = movement.player;
    movement.profile.brand = movement.brand;
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
  const auto kind = below(std::variant_size_v<workspace_object>);
  workspace_object drawn;
  const auto draw = [&]<std::size_t... Kinds>(std::index_sequence<Kinds...>) {
    ((Kinds == kind ? fill(drawn.emplace<Kinds>()) : void()), ...);
  };
  draw(std::make_index_sequence<std::variant_size_v<workspace_object>>());
  return drawn;
}

entry random_entries::next() {
  switch (below(11)) {
  case 0: return player_registered{next_profile(), next_text(400)};
  case 1: return player_attributed{next_profile(), next_text(400)};
  case 2: return next_movement();
  case 3: return drawn<click_tracked>();
  case 4: return drawn<impressions_counted>();
  case 5: return drawn<account_adjusted>();
  case 6: return drawn<account_closed>();
  case 7: return drawn<settlement_recorded>();
  case 8: return drawn<settlement_status_recorded>();
  case 9: return drawn<settlement_deletion_recorded>();
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
         a.revshare == b.revshare && a.frame == b.frame && a.opening == b.opening &&
         a.first_deposit == b.first_deposit && a.charged_back == b.charged_back && a.event == b.event &&
         a.claim == b.claim && a.joined == b.joined && a.profile == b.profile;
}

template<class T>
bool same_fields(const T& a, const T& b) {
  if constexpr (detail::has_fields<const T>)
    return std::apply(
        [&](const auto&... left) {
          return std::apply([&](const auto&... right) { return (same_fields(left, right) && ...); },
                            fields_of<T>::in(b));
        },
        fields_of<T>::in(a));
  else if constexpr (detail::is_vector<T>::value)
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const auto& left, const auto& right) { return same_fields(left, right); });
  else
    return a == b;
}

template<class Fact>
bool same_fact(const Fact& a, const Fact& b) {
  return same_fields(a, b);
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
