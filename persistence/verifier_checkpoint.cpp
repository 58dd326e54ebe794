#include "persistence/verifier_checkpoint.hpp"

#include "persistence/index_hashes.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <tuple>
#include <variant>

namespace croupier::persistence {

namespace {

std::string player_text(player_number number) {
  return "player " + std::to_string(number.value);
}

class comparison {
public:
  comparison(const ledger_parts& parts, const checkpoint_head& head, ledger_fold& fold)
      : parts_(parts), head_(head), fold_(fold) {}

  checkpoint_findings run() {
    if (fold_.slice().is_first()) compare_head();
    compare_players();
    compare_names();
    compare_requests();
    compare_history();
    return std::move(found_);
  }

private:
  void add(sequence at, const std::string& what) { keep_earlier(found_.row, broken_at(at, what)); }

  void expect_rows(std::uint64_t rows, std::uint64_t expected, const std::string& of_what) {
    if (rows != expected)
      keep_earlier(found_.count, broken_at(position(), "the checkpoint has another number of " + of_what +
                                                           " than the journal makes up to here"));
  }

  sequence position() const noexcept { return head_.valid_for.last; }

  // What has no entry of its own is named by the checkpoint's position: there it stopped being the fold.
  void compare_head() {
    if (head_.valid_for.movement_count != fold_.movement_count())
      add(position(), "the checkpoint counts other movements than the journal has up to here");
    if (head_.player_count != fold_.player_count())
      add(position(), "the checkpoint counts other players than the journal has up to here");
    if (head_.next_player_number < fold_.next_player_number())
      add(position(), "the checkpoint would give a player number again");
    std::map<object_place, workspace_changed::object> objects;
    for (const auto& object : head_.workspace) objects.insert_or_assign(place_of(object), object);
    if (objects != fold_.workspace() || objects.size() != head_.workspace.size())
      add(position(), "the checkpoint's workspace is not what its changes make up to here");
  }

  void compare_players() {
    std::uint64_t rows = 0;
    parts_.checkpoints.players_down({std::numeric_limits<std::uint64_t>::max()}, [&](const player_state& row) {
      ++rows;
      const auto hash = hash_of_player(parts_.key, row.profile.brand, row.profile.external_id);
      const auto found = fold_.players().find(row.profile.number);
      if (found == fold_.players().end()) {
        // Its name may have been changed into another slice: then that one misses a player of this number.
        if (fold_.slice().has(hash))
          add(std::min(position(), row.last_entry),
              "the checkpoint has " + player_text(row.profile.number) + ", whom no entry registered so");
        return true;
      }
      found->second.has_row = true;
      if (row != found->second.state)
        add(found->second.state.last_entry,
            "the checkpoint's " + player_text(row.profile.number) + " is not the sum of its entries up to here");
      return true;
    });
    for (const auto& [number, player] : fold_.players())
      if (!player.has_row) add(player.state.profile.registered_entry, "the checkpoint misses " + player_text(number));
    if (fold_.slice().is_first()) expect_rows(rows, fold_.player_count(), "players");
  }

  void compare_names() {
    std::uint64_t rows = 0;
    parts_.rows.names_up([&](brand_number brand, std::string_view external_id, player_number number) {
      ++rows;
      const auto hash = hash_of_player(parts_.key, brand, external_id);
      if (!fold_.slice().has(hash)) return;
      const auto found = fold_.names().find(hash);
      if (found == fold_.names().end()) {
        add(position(), "the checkpoint finds " + player_text(number) + " by a name that no entry gave");
        return;
      }
      auto& player = fold_.players().at(found->second);
      player.has_name = true;
      if (found->second != number)
        add(player.state.profile.registered_entry,
            "the checkpoint finds another player by the name of " + player_text(found->second));
    });
    for (const auto& [number, player] : fold_.players())
      if (!player.has_name)
        add(player.state.profile.registered_entry,
            "the checkpoint does not find " + player_text(number) + " by its name");
    if (fold_.slice().is_first()) expect_rows(rows, fold_.player_count(), "names");
  }

  void compare_requests() {
    const auto& expected = fold_.requests();
    auto next = expected.begin();
    const auto miss = [&] { add(next->second, "the checkpoint does not know its request id"); };
    parts_.rows.requests_up(fold_.slice().first_hash(), [&](const request_key& key, sequence at) {
      if (!fold_.slice().has(key.request_hash)) return false;
      for (; next != expected.end() && next->first < key; ++next) miss();
      if (next == expected.end() || key < next->first)
        add(std::min(at, position()), "the checkpoint has a request id that no movement up to here carries");
      else if (next->second != at)
        add(next->second, "the checkpoint finds entry " + std::to_string(at.value) + " by its request id");
      if (next != expected.end() && next->first == key) ++next;
      return true;
    });
    for (; next != expected.end(); ++next) miss();
  }

  void compare_history() {
    std::uint64_t rows = 0;
    parts_.rows.history_up([&](const history_row& row) {
      ++rows;
      const auto found = fold_.players().find(row.player);
      if (found != fold_.players().end()) found->second.indexed = digest_history(found->second.indexed, row);
    });
    for (const auto& [number, player] : fold_.players())
      if (player.indexed != player.history) find_in_history(number);
    if (fold_.slice().is_first()) expect_rows(rows, fold_.movement_count(), "rows of history");
  }

  /// Which row of a player's history it is that differs.
  void find_in_history(player_number player) {
    std::vector<history_row> rows;
    parts_.checkpoints.history_down(player, {position().value + 1}, [&](const history_row& row) {
      rows.push_back(row);
      return true;
    });
    std::reverse(rows.begin(), rows.end());
    auto row = rows.begin();
    bool told = false;
    parts_.log.scan_up({1}, [&](const committed_entry& entry, std::string_view) {
      if (entry.at > position()) return false;
      const auto* movement = std::get_if<movement_recorded>(&entry.what);
      const bool is_its = movement != nullptr && movement->player == player;
      const bool is_row = row != rows.end() && row->at == entry.at;
      if (is_its != is_row || (is_its && row->ordinal != movement->ordinal)) {
        add(entry.at, "the checkpoint's history of " + player_text(player) +
                          (is_its && !is_row ? " misses it" : " tells of it wrongly"));
        told = true;
        return false;
      }
      if (is_row) ++row;
      return true;
    });
    if (!told) add(position(), "the checkpoint's history of " + player_text(player) + " goes beyond the checkpoint");
  }

  const ledger_parts& parts_;
  const checkpoint_head& head_;
  ledger_fold& fold_;
  checkpoint_findings found_;
};

} // namespace

storage_error broken_at(sequence at, const std::string& what) {
  return {storage_errc::corrupt, "entry " + std::to_string(at.value) + ": " + what, at};
}

void keep_earlier(std::optional<storage_error>& kept, std::optional<storage_error> other) {
  if (other && (!kept || std::tie(other->at, other->text) < std::tie(kept->at, kept->text))) kept = std::move(other);
}

checkpoint_findings compare_checkpoint(const ledger_parts& parts, const checkpoint_head& head, ledger_fold& fold) {
  return comparison(parts, head, fold).run();
}

} // namespace croupier::persistence
