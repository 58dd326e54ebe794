#include "tests/simulation/account_model.hpp"

#include <algorithm>

namespace croupier::test {

namespace {

constexpr int128 cent = 10'000'000'000'000'000;

/// Half a cent goes to the even one.
int128 in_cents(int128 units) {
  auto whole = units / cent;
  auto rest = units % cent;
  if (rest < 0) {
    rest += cent;
    --whole;
  }
  if (2 * rest > cent || (2 * rest == cent && whole % 2 != 0)) ++whole;
  return whole * cent;
}

bool is_before(timestamp time, const std::optional<timestamp>& end) {
  return !end || time < *end;
}

/// Settlements take whole days of movements.
timestamp day_begins(timestamp time) {
  constexpr std::int64_t day = 86'400'000'000;
  return {time.unix_us / day * day};
}

std::string shown(settlement_id id) {
  return "settlement " + std::to_string(id.entry.value) + "." + std::to_string(id.index);
}

} // namespace

void account_model::earn(sequence at, timestamp time, affiliate_number whose, player_number player, int128 units) {
  accounts_[whose].movements[{at, 0}] = {player, time, units, {}};
}

void account_model::claim(sequence at, timestamp time, affiliate_number whose, const cpa_claim& claim) {
  expect_(!claims_.contains(claim.player), at, "a player earns a second CPA");
  expect_(claim.qualified_at <= time, at, "a CPA is earned later than it is recorded");
  claims_[claim.player] = {whose, claim, {}};
  accounts_[whose];
}

void account_model::charge_back(timestamp time, player_number player) {
  const auto found = claims_.find(player);
  if (found != claims_.end() && !found->second.charged_back) found->second.charged_back = time;
}

std::vector<player_number> account_model::due(timestamp now) const {
  std::vector<player_number> all;
  for (const auto& [player, one] : claims_) {
    const bool taken_back =
        one.charged_back && *one.charged_back < one.terms.reversible_until && *one.charged_back < now;
    const bool ripe = one.now == cpa_claim::state::held && one.terms.hold_until <= now;
    if (one.now != cpa_claim::state::reversed && (taken_back || ripe)) all.push_back(player);
  }
  return all;
}

void account_model::book(sequence at, timestamp time, affiliate_number whose, const std::string& who,
                         const account_adjustment& line) {
  const auto found = claims_.find(line.player);
  if (found == claims_.end()) return expect_(false, at, "books a CPA that nobody earned");
  auto& [owner, terms, charged_back, now] = found->second;
  expect_(owner == whose, at, "books another account's CPA");
  using enum cpa_claim::state;
  const auto fee = terms.fee.units();
  const bool by_clock = who == "clock";
  const bool taken_back = charged_back && *charged_back < terms.reversible_until && *charged_back <= time;
  if (line.reason == adjustment_reason::cpa_released) {
    expect_(now == held && line.change.open.units() == fee && line.change.on_hold.units() == -fee, at,
            "releases a CPA wrongly");
    // A chargeback that was on its way while the sweep decided stands before the release, at the same time. The next
    // sweep takes the fee back.
    const bool known_to_the_sweep = taken_back && *charged_back < time;
    if (by_clock) expect_(terms.hold_until <= time && !known_to_the_sweep, at, "releases a CPA that is not due");
    now = released;
  } else {
    const bool fits = now == held ? line.change.on_hold.units() == -fee && line.change.open.is_zero()
                                  : line.change.open.units() == -fee && line.change.on_hold.is_zero();
    expect_(now != reversed && fits, at, "reverses a CPA wrongly");
    if (by_clock) expect_(taken_back, at, "reverses a CPA without a chargeback in time");
    now = reversed;
  }
}

void account_model::add_line(sequence at, std::uint32_t index, affiliate_number whose, const account_adjustment& line) {
  auto& into = accounts_[whose];
  into.carried += line.change.carried.units();
  if (!line.change.open.is_zero())
    into.adjustments[{at, index}] = {{}, line.effective_at, line.change.open.units(), {}};
}

void account_model::take(sequence at, timestamp time, const account_adjusted& what) {
  const auto whose = what.account.affiliate;
  if (what.line.reason == adjustment_reason::manual)
    expect_(accounts_[whose].requests.emplace(what.line.request_id, at).second, at, "adjusts twice for one request id");
  else
    book(at, time, whose, what.who, what.line);
  add_line(at, 0, whose, what.line);
}

void account_model::take(sequence at, timestamp time, const account_closed& what) {
  const auto whose = what.account.affiliate;
  auto& of = accounts_[whose];
  const auto month = what.close.month;
  expect_(month.ends_at() <= time, at, "closes a month that is not over");
  expect_(!of.closed || of.closed->next() == month, at, "closes months out of order");
  of.closed = month;
  int128 net = 0;
  for (const auto& [id, one] : of.movements)
    if (month.contains(one.time)) net += one.units;
  int128 open = 0;
  int128 carried = 0;
  if (net < 0) {
    open = -net;
    if (owners_[whose].deal.rule == carryover_rule::carry) carried = net;
  } else {
    carried = std::min(net, -of.carried);
    open = -carried;
  }
  std::uint32_t index = 0;
  for (const auto& line : what.close.adjustments) {
    if (line.reason == adjustment_reason::cpa_released || line.reason == adjustment_reason::cpa_reversed) {
      book(at, month.ends_at(), whose, "clock", line);
    } else {
      open -= line.change.open.units();
      carried -= line.change.carried.units();
    }
    expect_(line.effective_at == month.last_moment(), at, "books a close at another time than the month's end");
    add_line(at, index++, whose, line);
  }
  expect_(open == 0 && carried == 0, at, "a close carries or forgives another sum than the month's");
}

int128 account_model::open_for(const account& of, const settlement_terms& terms, sequence drafted) const {
  int128 sum = 0;
  for (const auto& [id, one] : of.movements)
    if (!one.in && id.entry <= drafted && is_before(day_begins(one.time), terms.up_to)) sum += one.units;
  for (const auto& [id, one] : of.adjustments)
    if (!one.in && id.entry <= drafted && is_before(one.time, terms.up_to)) sum += one.units;
  return sum;
}

void account_model::take(sequence at, const settlement_made& what, std::optional<sequence> drafted) {
  expect_(requests_.emplace(what.request_id, at).second, at, "settles twice for one request id");
  expect_(!what.parts.empty(), at, "settles nothing");
  for (const auto& one : what.skipped) {
    if (!drafted) continue;
    const auto& of = accounts_[one.account.affiliate];
    const auto open = open_for(of, what.terms, *drafted);
    const auto payable = in_cents(open);
    auto why = skip_reason::no_payment_details;
    if (open < 0)
      why = skip_reason::negative;
    else if (payable == 0)
      why = skip_reason::nothing_open;
    else if (payable < what.terms.minimum.units())
      why = skip_reason::below_minimum;
    else
      expect_(owners_[one.account.affiliate].payment_details.empty(), at, "leaves out an account for nothing");
    expect_(one.reason == why, at, "leaves out an account for another reason");
  }
  for (std::uint32_t i = 0; i < what.parts.size(); ++i) take_part({at, i}, what.parts[i], what, drafted);
}

void account_model::take_part(settlement_id id, const account_settlement& part, const settlement_made& what,
                              std::optional<sequence> drafted) {
  const auto at = id.entry;
  const auto whose = part.account.affiliate;
  auto& of = accounts_[whose];
  expect_(!owners_[whose].payment_details.empty(), at, "pays somebody without payment details");
  if (drafted)
    expect_(open_for(of, what.terms, *drafted) == part.exact.units(), at, "settles another sum than is open");
  int128 sum = 0;
  std::uint64_t entries = 0;
  for (auto& [place, one] : of.movements) {
    const bool covered = std::any_of(part.cuts.begin(), part.cuts.end(), [place = place.entry](const auto& cut) {
      return cut.from < place && place <= cut.to;
    });
    if (!covered) continue;
    expect_(!one.in, at, "takes movement " + std::to_string(place.entry.value) + ", which is in another settlement");
    expect_(is_before(day_begins(one.time), what.terms.up_to), at, "takes a movement beyond its terms");
    one.in = id;
    sum += one.units;
    ++entries;
  }
  std::uint64_t told = 0;
  for (const auto& run : part.runs) told += run.entries;
  expect_(told == entries, at, "counts other movements than it covers");
  for (const auto& taken : part.adjustments) {
    const auto found = of.adjustments.find(taken.id);
    if (found == of.adjustments.end()) {
      expect_(false, at, "takes an adjustment that nobody made");
      continue;
    }
    expect_(!found->second.in, at, "takes an adjustment that is in another settlement");
    found->second.in = id;
    sum += found->second.units;
  }
  expect_(part.exact.units() == sum, at, "is not the sum of what it takes");
  expect_(part.payable.units() == in_cents(sum), at, "pays another sum than its own, rounded");
  expect_(part.residue.units() == sum - in_cents(sum), at, "books another residue than rounding left");
  expect_(part.payable.units() >= what.terms.minimum.units(), at, "pays less than the minimum");
  settlements_[id] = {whose, settlement_status::created, in_cents(sum), sum - in_cents(sum)};
  made_.insert(id);
}

void account_model::take(sequence at, const settlement_status_set& what) {
  using enum settlement_status;
  const auto found = settlements_.find(what.settlement);
  if (found == settlements_.end()) return expect_(false, at, shown(what.settlement) + " is not there");
  const auto before = found->second.status;
  const bool follows = what.status == in_progress ? before == created || before == error : before == in_progress;
  expect_(follows && what.status != created, at, shown(what.settlement) + " gets a status that does not follow");
  found->second.status = what.status;
}

void account_model::take(sequence at, const settlement_deleted& what) {
  const auto found = settlements_.find(what.settlement);
  if (found == settlements_.end()) return expect_(false, at, shown(what.settlement) + " is not there");
  expect_(found->second.status != settlement_status::paid, at, "deletes what is paid");
  auto& of = accounts_[found->second.whose];
  for (auto* all : {&of.movements, &of.adjustments})
    for (auto& [id, one] : *all)
      if (one.in == what.settlement) one.in.reset();
  settlements_.erase(found);
}

std::vector<affiliate_number> account_model::affiliates() const {
  std::vector<affiliate_number> all;
  for (const auto& [whose, of] : accounts_) all.push_back(whose);
  return all;
}

account_model::money account_model::of(affiliate_number whose) const {
  money sum;
  const auto& of = accounts_[whose];
  for (const auto* all : {&of.movements, &of.adjustments})
    for (const auto& [id, one] : *all) {
      if (!one.in) sum.open += one.units;
      sum.earned += one.units;
    }
  for (const auto& [player, one] : claims_) {
    if (one.whose != whose) continue;
    if (one.now == cpa_claim::state::held) sum.on_hold += one.terms.fee.units();
    // A release is among the adjustments; what it moved was earned before.
    if (one.now == cpa_claim::state::held) sum.earned += one.terms.fee.units();
  }
  sum.carried = of.carried;
  sum.earned += of.carried;
  for (const auto& [id, one] : settlements_) {
    if (one.whose != whose) continue;
    (one.status == settlement_status::paid ? sum.paid : sum.pending) += one.payable;
    sum.rounding += one.residue;
  }
  return sum;
}

int128 account_model::open_of(player_number player) const {
  int128 sum = 0;
  for (const auto& [whose, of] : accounts_)
    for (const auto& [id, one] : of.movements)
      if (one.player == player && !one.in) sum += one.units;
  return sum;
}

const std::map<adjustment_id, account_model::share>& account_model::shares(affiliate_number whose) const {
  return accounts_[whose].movements;
}

std::optional<sequence> account_model::settlement_of_request(const std::string& id) const {
  const auto found = requests_.find(id);
  return found == requests_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<sequence> account_model::adjustment_of_request(affiliate_number whose, const std::string& id) const {
  const auto& requests = accounts_[whose].requests;
  const auto found = requests.find(id);
  return found == requests.end() ? std::nullopt : std::optional(found->second);
}

} // namespace croupier::test
