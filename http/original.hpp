#pragma once

#include "actors/gateway.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// What a repeated request id stands for, for every dialect.
namespace croupier::http {

/// Where a repeated call differs from the original in meaning, as paths, at most `limit`; empty when it repeats it.
/// `requestId` is left out: the repetition was found by it, and a header may have stood for the member; and so is
/// `opening`, which marks exported lines and which the calls do not read. Both are bodies of movements; an original
/// that does not parse (it came in another way) differs as a "body".
std::vector<std::string> payload_differences(std::string_view original, std::string_view repeated, std::size_t limit);

/// The durable movement that a repeated request id stands for.
struct original_movement {
  persistence::stored_entry entry;
  std::vector<std::string> differing; ///< where the repetition says something else; empty: it says the same
};

/// Reads the original of a refusal `request_duplicate` and compares. That one of them only carried balances over
/// (`opening`) is a difference, called so. Throws storage_failure.
original_movement read_original(const actors::gateway& ledger, sequence original, std::string_view repeated_payload,
                                bool opening = false);

} // namespace croupier::http
