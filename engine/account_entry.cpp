#include "engine/account_entry.hpp"

namespace croupier {

std::string_view text_of(adjustment_reason reason) noexcept {
  switch (reason) {
  case adjustment_reason::manual: return "manual";
  case adjustment_reason::tier_true_up: return "tier true-up";
  case adjustment_reason::fence_offset: return "fence offset";
  case adjustment_reason::fence_carried: return "fence carried";
  case adjustment_reason::deficit_forgiven: return "deficit forgiven";
  case adjustment_reason::deficit_carried: return "deficit carried";
  case adjustment_reason::deficit_offset: return "deficit offset";
  case adjustment_reason::cpa_released: return "CPA released";
  case adjustment_reason::cpa_reversed: return "CPA reversed";
  case adjustment_reason::advance_recouped: return "advance recouped";
  }
  return "";
}

std::string_view text_of(settlement_status status) noexcept {
  switch (status) {
  case settlement_status::created: return "NEW";
  case settlement_status::in_progress: return "IN_PROGRESS";
  case settlement_status::paid: return "PAID";
  case settlement_status::error: return "ERROR";
  }
  return "";
}

} // namespace croupier
