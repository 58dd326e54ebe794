#pragma once

#include "engine/entry.hpp"
#include "engine/workspace.hpp"
#include "http/entry_json.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

/// What affiliates are told, one request for each thing that happened.
namespace croupier::http::deliver {

/// One thing that happened, as the macros name its parts. Empty: it has none.
struct postback_fact {
  std::string event_type; ///< CLICK, REGISTRATION, FIRST_DEPOSIT, DEPOSIT, NGR_UPDATE, or an event's own name
  std::string click_id;
  std::string affiliate_id;
  std::string player_id;
  std::string amount;
  std::string currency;
  std::string event_time;
  std::array<std::string, 5> sub_ids;
};

/// What the entry means to the destination's affiliate: nothing, when it is about nobody of its; several facts, when a
/// movement was more than one thing. A deposit is either the first one or another. Clicks of robots are left out. An
/// event's own name is told when the destination lists it. May read the disk.
std::vector<postback_fact> postback_facts(const destination& target, const committed_entry& entry,
                                          const persistence::committed_view& view, entry_renderer& render);

/// The text with its macros replaced: {click_id} {affiliate_id} {player_id} {event_type} {amount} {currency}
/// {event_time} {sub1} ... {sub5}, each value percent-encoded. Other braces are encoded as they stand.
std::string expand_macros(std::string_view text, const postback_fact& fact);

} // namespace croupier::http::deliver
