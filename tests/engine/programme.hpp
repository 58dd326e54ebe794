#pragma once

#include "engine/affiliate_account.hpp"
#include "engine/cpa.hpp"
#include "engine/period_close.hpp"
#include "engine/settlement.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// An affiliate programme in miniature: what the actors and the journal do around the rules of commission, in a few
/// lines, with a clock that the test sets.
namespace croupier::testing {

inline constexpr calendar_month first_month{2026, 1};
inline constexpr offer_number the_offer{3};
inline constexpr affiliate_number the_affiliate{1};
inline constexpr brand_number first_brand{1};
inline constexpr brand_number second_brand{2};

/// "6 % to 1,000; 8 % to 3,000; 10 % above", or "30 %" alone.
std::vector<commission_tier> tiers_of(std::string_view text);

/// A plan for the offer, every brand and every affiliate, from the beginning of time, with RevShare on the NGR.
commission_plan revshare_plan(std::string_view tiers, tier_mode mode = tier_mode::retroactive);

/// A CPA of `fee` for cumulative deposits of at least 10: no window, no hold, no reversal.
cpa_leg cpa_of(std::string_view fee);

/// "carry", "reset" or "cap 1,000".
deal_terms deal_of(std::string_view text);

timestamp time_of(std::string_view text); ///< "2026-01-31" or RFC 3339

/// What one movement does to a player's metrics.
struct play {
  player_number player{1};
  brand_number brand = first_brand;
  amount ngr;
  amount deposit;
  amount wager;
};

/// An entry of the journal, as far as it is about the account.
struct journalled {
  sequence at;
  timestamp time;
  std::vector<account_fact> facts;
};

class programme {
public:
  explicit programme(deal_terms deal, std::string_view currency = "EUR");

  /// Puts a plan; its number is the next one.
  plan_number add(commission_plan plan);
  void set_deal(const deal_terms& deal) { deal_ = deal; }

  /// The time of what follows. It does not go back.
  void set_time(timestamp time);
  timestamp now() const noexcept { return now_; }

  /// A movement: accrues under the plan in force, and makes a CPA claim when the player qualifies with it.
  void move(const play& what);
  void move(std::string_view ngr) { move({.ngr = *amount::parse(ngr), .deposit = {}, .wager = {}}); }
  void charge_back(player_number player);
  /// Books what is due about CPA claims, as a daily sweep does.
  void sweep();
  std::optional<cpa_refusal> book_by_hand(player_number player, cpa_booking booking);

  /// Closes January 2026, or the month after the last one closed. It is over (REQUIRE).
  close_outcome close_month();

  std::optional<skip_reason> settle(const settlement_terms& terms = {}, bool has_payment_details = true);
  /// A draft, to be applied later with `commit`.
  result<account_settlement, skip_reason> draft(const settlement_terms& terms = {}) const;
  settlement_id commit(const account_settlement& part);
  std::optional<settlement_refusal> set_status(settlement_id id, settlement_status status);
  std::optional<settlement_refusal> remove(settlement_id id);
  std::optional<adjustment_refusal> adjust(const std::string& request_id, std::string_view value,
                                           timestamp effective_at);

  const affiliate_account& account() const noexcept { return account_; }
  const plan_book& plans() const noexcept { return plans_; }
  const std::vector<journalled>& journal() const noexcept { return journal_; }
  /// Lets entries of others pass.
  void skip_sequences(std::uint64_t count) { last_.value += count; }
  /// The entry of the newest settlement.
  settlement_id newest_settlement() const;

private:
  struct player_record {
    timestamp registered_at;
    amount deposited;
    amount wagered;
    bool has_claim = false;
  };
  using month_lines = std::map<std::pair<player_number, plan_number>, revshare_line>;

  void journal(std::vector<account_fact> facts);

  deal_terms deal_;
  plan_book plans_;
  affiliate_account account_;
  std::map<player_number, player_record> players_;
  std::map<calendar_month, month_lines> lines_;
  std::vector<journalled> journal_;
  sequence last_;
  timestamp now_ = first_month.starts_at();
};

/// Plays a journal again.
affiliate_account replayed(account_key key, const std::vector<journalled>& journal);

} // namespace croupier::testing
