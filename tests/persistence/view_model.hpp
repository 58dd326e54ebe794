#pragma once

#include "persistence/committed_view.hpp"
#include "tests/support/random_ledger.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace croupier::persistence {

/// What a committed view must answer, found the slow way: every question walks over all facts.
class view_model {
public:
  explicit view_model(const std::vector<test::fact>& facts) : facts_(facts) {}

  std::optional<player_state> player(player_number number, sequence at) const;
  /// All players, newest first.
  std::vector<player_state> players() const;
  std::optional<player_number> find_player(brand_number brand, std::string_view external_id) const;
  sequence sequence_at(timestamp time) const;
  workspace current_workspace() const;

  struct movements {
    std::vector<sequence> rows;
    bool has_more = false;
    std::uint64_t total_count = 0;
  };
  movements list(const movement_query& query) const;

  struct listed_players {
    std::vector<player_state> rows;
    bool has_more = false;
    std::uint64_t total_count = 0;
  };
  listed_players list(const player_query& query) const;

private:
  const std::vector<test::fact>& facts_;
};

} // namespace croupier::persistence
