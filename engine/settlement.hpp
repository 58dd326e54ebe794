#pragma once

#include "engine/affiliate_account.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace croupier {

/// What a settlement is to take.
struct settlement_terms {
  std::optional<timestamp> up_to; ///< exclusive, a midnight in UTC; none: everything
  commission minimum;             ///< affiliates with less are left for the next one
};

/// Why the terms cannot be, as "<field>: <what is wrong>", or nothing when they can.
std::optional<std::string> problem_with(const settlement_terms& terms);

/// Why an account is not part of a settlement. On disk: do not change the values. The order is that of precedence.
enum class skip_reason : std::uint8_t {
  nothing_open = 1, ///< nothing there, or what is there rounds to nothing
  negative = 2,     ///< it stays open, and so is made up for by later earnings
  below_minimum = 3,
  no_payment_details = 4,
  out_of_range = 5 ///< more than a payment can be written in
};

/// An account's part of a settlement under `terms`: all runs of days before `up_to`, and all adjustments that are
/// effective before it. Nothing is changed: the part is journalled, and then applied as `account_settled`. Movements
/// and adjustments that the account takes in meanwhile stay open; no other settlement or deletion of it may come in
/// between, which is for the account's owner to see to. Movements are not touched: O(open runs + open adjustments +
/// settlements).
result<account_settlement, skip_reason> draft_settlement(const affiliate_account& account,
                                                         const settlement_terms& terms, bool has_payment_details);

/// An account that a settlement left out, and why.
struct skipped_account {
  account_key account;
  skip_reason reason = skip_reason::nothing_open;
  commission_sum open;
  friend bool operator==(const skipped_account&, const skipped_account&) = default;
};

/// A settlement of one or more accounts: one fact, so that it is whole or is not. Its accounts' ids are its sequence
/// and their places in `parts`.
struct settlement_made {
  std::string request_id;
  std::string note;
  settlement_terms terms;
  std::vector<account_settlement> parts;
  std::vector<skipped_account> skipped;
};

/// Why a settlement is not changed. Frozen numbers: they appear in clients' logs.
enum class settlement_refusal : std::uint8_t {
  unknown = 1,
  paid = 2,              ///< what is paid stays
  status_unreachable = 3 ///< not a step of NEW -> IN_PROGRESS -> PAID or ERROR, ERROR -> IN_PROGRESS
};

/// Whether the status may become `to`. The same status again is allowed and changes nothing.
std::optional<settlement_refusal> refusal_of(settlement_status from, settlement_status to) noexcept;

/// Whether the account's part of a settlement may get a status, or be deleted.
std::optional<settlement_refusal> refusal_to_set(const affiliate_account& account, settlement_id id,
                                                 settlement_status to) noexcept;
std::optional<settlement_refusal> refusal_to_delete(const affiliate_account& account, settlement_id id) noexcept;

/// "below minimum", "no payment details", ...: for the list of the skipped.
std::string_view text_of(skip_reason reason) noexcept;

} // namespace croupier
