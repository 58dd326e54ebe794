#pragma once

#include "actors/gateway.hpp"
#include "http/errors.hpp"

#include <optional>
#include <string_view>
#include <vector>

/// What the ledger said to the events of a call.
namespace croupier::http {

/// The failure that all of them met; nothing when any was answered otherwise, or there are none. When the ledger took
/// nothing of a call, the whole call is answered so: the client's retry logic looks at the status.
std::optional<actors::failure> common_failure(const std::vector<actors::outcome>& outcomes);

/// The first failure that any of them met; nothing when the ledger judged all.
std::optional<actors::failure> first_failure(const std::vector<actors::outcome>& outcomes) noexcept;

/// Whether repeating the call would be answered alike: no event met a failure, which may pass.
bool are_final(const std::vector<actors::outcome>& outcomes) noexcept;

/// How a call that met the failure is answered, in every dialect that has no words of its own for it.
error_kind kind_of(actors::failure why);

/// Why an event of a known brand was refused, in words. Of no repeated request and no registration (CROUPIER_ASSERT).
std::string_view words_of(rejection why);

/// What became of one event of a call that is not answered as a whole, in words.
std::string_view words_of(actors::failure why);

} // namespace croupier::http
