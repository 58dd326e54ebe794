#pragma once

#include "engine/entry.hpp"
#include "engine/player_ledger.hpp"
#include "engine/result.hpp"

#include <string>
#include <string_view>

namespace croupier::persistence {

/// The bytes of an entry. The grammar stands at the top of record_codec.cpp and in persistence/README.md. The first
/// byte is the record kind, the second its version, so every kind can grow on its own.

/// Appends the record of `what` to `out`. Pure, no allocation beyond `out`.
void encode(const entry& what, std::string& out);
void encode(const movement_recorded& what, std::string& out);

/// Reads one whole record. Views in the entry point into `record`. The error says what is wrong, for a reader who holds
/// the grammar; it never reads outside `record`, whatever the bytes are.
result<entry, std::string> decode(std::string_view record);

/// The same with place and time, and with what a record leaves out because its place and time say it: a profile's
/// registered_at, registered_entry and attributed_entry.
result<committed_entry, std::string> decode_committed(sequence at, timestamp time, std::string_view record);

/// Whether the record is a movement, from its first byte.
bool is_movement(std::string_view record) noexcept;

/// One object of the workspace (also used inside workspace_changed records and in checkpoints).
void encode_object(const workspace_changed::object& what, std::string& out);
result<workspace_changed::object, std::string> decode_object(std::string_view bytes);

} // namespace croupier::persistence
