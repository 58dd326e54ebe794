#include "tests/simulation/finance.hpp"

#include "persistence/record_codec.hpp"
#include "tests/simulation/start.hpp"

#include <stdexcept>

namespace croupier::test {

namespace {

using namespace actors;

const currency_code eur = *currency_code::parse("EUR");

template<class T>
bool is_unavailable(const billed<T>& answer) {
  return !answer && answer.error().kind == billing_trouble::unavailable;
}

std::string shown(affiliate_number whose) {
  return "affiliate " + std::to_string(whose.value);
}

int128 units(const commission_sum& sum) {
  return sum.exact().value().units();
}

} // namespace

finance::finance(world around, const std::filesystem::path& folder, rocksdb::Env* disk, finance_memory& memory)
    : world_(std::move(around)), memory_(memory) {
  persistence::projector_options options;
  options.stepped = true;
  options.retry_after = std::chrono::milliseconds(0);
  options.save_after = std::chrono::hours(1000);
  options.save_entries = 10 + world_.random() % 100;
  options.portion = 1 + world_.random() % 40;
  auto opened = books::open(folder, world_.view, {}, options, disk);
  if (!opened) throw std::runtime_error("cannot open the books: " + opened.error().text);
  books_ = std::move(*opened);
  billing_ = std::make_unique<billing>(
      billed_ledger{world_.view, [this](std::span<const entry> facts) { return record(facts); }}, *books_, world_.now);
}

outcome finance::record(std::span<const entry> facts) {
  const auto drafted = world_.view.durable();
  auto answered = world_.record(facts);
  if (const auto* receipt = std::get_if<actors::receipt>(&answered)) {
    sequence at{receipt->at.value - facts.size()};
    for (const auto& fact : facts) {
      ++at.value;
      persistence::encode(fact, memory_.acknowledged[at]);
      memory_.drafted[at] = drafted;
    }
  }
  return answered;
}

void finance::act() {
  ++memory_.answers;
  try {
    const auto what = world_.random() % 20;
    if (what < 9)
      settle();
    else if (what < 12)
      adjust();
    else if (what < 16)
      change_settlement();
    else if (what < 18)
      book();
    else
      close();
  } catch (const persistence::storage_failure&) { // a read of a disk that fails; nothing was decided
  }
}

void finance::settle() {
  const bool again = !memory_.settlements.empty() && chance(40);
  if (!again) {
    settle_order order;
    order.who = "people";
    order.request_id = "s" + std::to_string(memory_.requests++);
    if (chance(50)) order.affiliates = std::vector<affiliate_number>{any_affiliate(), {1}};
    if (chance(30)) order.terms.up_to = begin_of(day_of(world_.now()) + static_cast<day_number>(world_.random() % 2));
    if (chance(30)) order.terms.minimum = commission::from_integer(static_cast<std::int64_t>(world_.random() % 60));
    if (chance(10)) order.note = "note";
    memory_.settlements.push_back({order, {}});
  }
  auto& one = again ? memory_.settlements[world_.random() % memory_.settlements.size()] : memory_.settlements.back();
  auto order = one.order;
  const bool altered = one.made && chance(20);
  if (altered) order.note += "!";
  order.dry_run = chance(15);
  const auto answer = billing_->settle(order);
  if (is_unavailable(answer)) return;
  if (altered) {
    if (answer || answer.error().kind != billing_trouble::conflict)
      differ("a settlement's request id takes another order");
    return;
  }
  if (!answer) return differ("settle: " + answer.error().message);
  if (one.made && (answer->entry != *one.made || !answer->replayed))
    differ("a settlement's request id answers another");
  if (answer->entry.value == 0 || one.made) return;
  if (order.dry_run && !answer->replayed) differ("a preview settles");
  one.made = answer->entry;
  ++memory_.settled;
}

void finance::adjust() {
  const bool again = !memory_.adjustments.empty() && chance(40);
  if (!again) {
    adjust_order order;
    order.who = "people";
    order.account = {any_affiliate(), eur};
    order.value =
        commission::from_units((static_cast<int128>(world_.random() % 9001) - 3000) * 10'000'000'000'000'000 + 1);
    order.request_id = "a" + std::to_string(memory_.requests++);
    order.note = "because";
    memory_.adjustments.push_back({order, {}});
  }
  auto& one = again ? memory_.adjustments[world_.random() % memory_.adjustments.size()] : memory_.adjustments.back();
  auto order = one.order;
  const bool altered = one.made && chance(20);
  if (altered) order.value = order.value.negated();
  const auto answer = billing_->adjust(order);
  if (is_unavailable(answer)) return;
  if (altered) {
    if (answer || answer.error().kind != billing_trouble::conflict)
      differ("an adjustment's request id takes another order");
    return;
  }
  if (!answer) return differ("adjust: " + answer.error().message);
  if (one.made && (answer->entry != *one.made || !answer->replayed))
    differ("an adjustment's request id answers another");
  one.made = answer->entry;
}

std::optional<settlement_id> finance::any_settlement() {
  const auto made = billing_->settlements();
  if (made.empty()) return std::nullopt;
  return settlement_id{made[world_.random() % made.size()], static_cast<std::uint32_t>(world_.random() % 2)};
}

void finance::change_settlement() {
  const auto id = any_settlement();
  if (!id) return;
  if (chance(30)) {
    static_cast<void>(billing_->remove("people", *id));
  } else {
    const auto to = static_cast<settlement_status>(1 + world_.random() % 4);
    static_cast<void>(billing_->set_status("people", *id, to));
  }
}

void finance::book() {
  if (chance(70)) {
    // What is committed while the sweep is may bring claims and chargebacks that it does not know.
    const auto before = world_.now();
    std::map<player_number, cpa_booking> due;
    if (!billing_->catch_up())
      for (const auto& [account, claim] : billing_->claims())
        if (const auto booking = due_booking(claim, before)) due.emplace(claim.player, *booking);
    if (const auto swept = billing_->sweep(); swept && !billing_->catch_up())
      for (const auto& [account, claim] : billing_->claims())
        if (const auto left = due.find(claim.player); left != due.end() && due_booking(claim, before) == left->second)
          differ("a sweep leaves a CPA that is due");
    return;
  }
  const auto claims = billing_->claims();
  if (claims.empty()) return;
  const auto& one = claims[world_.random() % claims.size()];
  static_cast<void>(
      billing_->book_claim("people", one.claim.player, chance(50) ? cpa_booking::release : cpa_booking::reversal));
}

void finance::close() {
  const auto closed = billing_->copy({any_affiliate(), eur}).last_closed();
  close_order order;
  order.who = "people";
  order.month = closed ? closed->next() : calendar_month::of(start_of_time);
  if (chance(20)) order.month = calendar_month::of(world_.now());
  if (chance(30)) order.affiliates = std::vector<affiliate_number>{any_affiliate()};
  order.dry_run = chance(20);
  static_cast<void>(billing_->close_month(order));
}

// ---- against the model

void finance::compare(model& expected) {
  if (const auto behind = billing_->catch_up()) {
    const auto why = books_->feed().figures().error;
    return differ("the books do not catch up: " + behind->message + (why.empty() ? "" : "; " + why));
  }
  for (const auto whose : expected.accounts().affiliates()) compare_account(expected, whose);
  for (const auto& key : billing_->keys())
    if (billing_->copy(key).buckets().earned != commission_sum{} && expected.accounts().of(key.affiliate).earned == 0)
      differ(shown(key.affiliate) + " has an account that nothing was earned in");
  for (const auto& one : memory_.settlements)
    if (one.made && expected.accounts().settlement_of_request(one.order.request_id) != one.made)
      differ("lost: settlement " + one.order.request_id);
  for (const auto& one : memory_.adjustments)
    if (one.made &&
        expected.accounts().adjustment_of_request(one.order.account.affiliate, one.order.request_id) != one.made)
      differ("lost: adjustment " + one.order.request_id);
  for (const auto& [at, record] : memory_.acknowledged)
    if (at > world_.view.durable() || world_.view.entry_at(at).bytes != record)
      differ("lost: the fact of entry " + std::to_string(at.value));
  compare_players(expected);
}

void finance::compare_account(model& expected, affiliate_number whose) {
  const auto account = billing_->copy({whose, eur});
  const auto& has = account.buckets();
  const auto is = expected.accounts().of(whose);
  const account_model::money shows{units(has.open), units(has.on_hold),  units(has.carried), units(has.pending),
                                   units(has.paid), units(has.rounding), units(has.earned)};
  if (shows != is)
    differ(shown(whose) + " has other buckets: " + has.open.text() + " open, " + has.paid.text() + " paid");
  if (const auto broken = account.broken_law()) differ(shown(whose) + ": " + *broken);
  const auto page = billing_->statement({whose, eur}, std::nullopt, 1'000'000);
  int128 sum = 0;
  std::size_t movements = 0;
  const auto& shares = expected.accounts().shares(whose);
  for (const auto& line : page.lines) {
    sum += units(line.earned);
    const auto* movement = std::get_if<movement_recorded>(&line.entry.entry.what);
    if (movement == nullptr || !movement->revshare) continue;
    ++movements;
    const auto found = shares.find({line.entry.entry.at, 0});
    if (found == shares.end() || line.settlements.at(0) != found->second.in)
      differ("movement " + std::to_string(line.entry.entry.at.value) + " is in another settlement on the statement");
  }
  if (page.has_more || sum != is.earned) differ(shown(whose) + ": the statement does not add up");
  if (movements != shares.size()) differ(shown(whose) + ": the statement has other movements");
}

void finance::compare_players(model& expected) {
  for (const auto number : expected.players()) {
    const auto player = world_.view.player(number);
    const auto open = player ? billing_->open_revshare(*player) : std::nullopt;
    if (!open || open->units() != expected.accounts().open_of(number))
      differ("player " + std::to_string(number.value) + " has another open revshare");
  }
}

} // namespace croupier::test
