#include "ledger_script.hpp"

#include "support/catch.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace croupier::testing {
namespace {

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = text.find(by);
    parts.push_back(trimmed(text.substr(0, end)));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string earned_by(const decision& decided) {
  const auto* effect = std::get_if<movement_effect>(&decided);
  if (effect == nullptr || !effect->revshare) return "-";
  return effect->revshare->earned.text();
}

/// Decides and accepts; answers "verdict | earned | balances after".
std::string outcome_of(player_ledger& ledger, const movement_command& command, const workspace& ws) {
  const auto before = ledger.accepted();
  const auto decided = ledger.decide(command, ws);
  REQUIRE(ledger.accepted() == before);
  if (const auto* effect = std::get_if<movement_effect>(&decided)) ledger.accept(command, *effect, {});
  return std::string(verdict_of(decided)) + " | " + earned_by(decided) + " | " + text_of(ledger.accepted(), ws);
}

} // namespace

void play(const workspace& ws, player_state from, std::string_view table) {
  player_ledger ledger(std::move(from), sequence{});
  std::size_t rows = 0;
  for (const auto line : split(table, '\n')) {
    if (line.empty()) continue;
    const auto columns = split(line, '|');
    REQUIRE(columns.size() == 5);
    if (rows++ == 0) continue; // the head
    INFO(line);
    const auto expected = std::string(columns[2]) + " | " + std::string(columns[3]) + " | " + std::string(columns[4]);
    CHECK(outcome_of(ledger, command_of(ws, columns[0], columns[1]), ws) == expected);
  }
  REQUIRE(rows > 1);
}

movement_command command_of(const workspace& ws, std::string_view request, std::string_view updates) {
  movement_command command;
  if (request != "-") command.request_hash = std::hash<std::string_view>{}(request);
  for (const auto update : split(updates, ',')) {
    const auto sign = update.find_first_of(":+");
    REQUIRE(sign != std::string_view::npos);
    const auto how = update[sign] == ':' ? value_type::absolute : value_type::relative;
    command.updates.push_back(
        resolve_update(ws, trimmed(update.substr(0, sign)), how, trimmed(update.substr(sign + 2))));
  }
  return command;
}

std::string_view verdict_of(const decision& decided) {
  if (std::holds_alternative<movement_effect>(decided)) return "ok";
  if (std::holds_alternative<repeated_request>(decided)) return "repeated";
  if (std::holds_alternative<lookup_stale>(decided)) return "stale";
  return text_of(std::get<rejection>(decided));
}

} // namespace croupier::testing
