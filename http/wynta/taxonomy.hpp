#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

/// The event names that the vendor's document lists. They give hints and defaults; no other name is refused.
namespace croupier::http::wynta {

/// In the order of the document.
enum class event_group : std::uint8_t { registration, session, financial, bonus, gameplay, sportsbook, crm };

struct known_event {
  std::string_view name;
  event_group group;
  std::string_view properties; ///< of the document's sample, with spaces between; empty: it has none
};

/// All of them, group by group.
std::span<const known_event> taxonomy() noexcept;

/// nullptr when the document does not list the name. O(events).
const known_event* find_known(std::string_view name) noexcept;

/// The heading of the group.
std::string_view name_of(event_group group) noexcept;

/// Whether an event of this name may bring the click that attributes its player.
bool may_attribute(std::string_view name) noexcept;

/// Properties that may hold the click's id, the first that does counts.
inline constexpr std::array<std::string_view, 3> click_properties{"click_id", "clickid", "cid"};

} // namespace croupier::http::wynta
