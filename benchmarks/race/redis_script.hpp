#pragma once

namespace croupier::race {

/// KEYS: the player's balances, the player's request ids with their payloads. ARGV: request id, payload, then metric
/// and change in its smallest unit, again and again. Answers "applied <balance> ...", "replayed", "conflict".
///
/// The payload kept under its request id is at once the memory of what was applied and the proof of what it was, so a
/// movement costs two hash writes; a list of movements in order, which a ledger needs too, is left out to Redis'
/// advantage. HINCRBY is used on cents: Redis' own decimals are floating point.
inline constexpr const char* redis_script = R"lua(
local seen = redis.call('HGET', KEYS[2], ARGV[1])
if seen then
  if seen == ARGV[2] then return 'replayed' end
  return 'conflict'
end
if redis.call('EXISTS', KEYS[1]) == 0 then return 'unknown player' end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
local answer = 'applied'
for i = 3, #ARGV, 2 do
  answer = answer .. ' ' .. ARGV[i] .. '=' .. redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1])
end
return answer
)lua";

} // namespace croupier::race
