// Players: as they are, as they were, and lists of them.

#include "persistence/player_overlay.hpp"
#include "persistence/view_state.hpp"

#include <algorithm>
#include <functional>

namespace croupier::persistence {

namespace {

/// A list that a scan of this many players can count is counted. Beyond it a page is answered with what a part of that
/// has found, a few microseconds each, so that whoever waits for the first page does not wait for long.
constexpr std::uint64_t scan_max = 100'000;
constexpr std::uint64_t scan_of_page_max = 5'000;

/// So many players with a name as it was asked for are found by their names; if there are more, by a scan, which then
/// soon has a page full. If each is to be looked at besides, fewer.
constexpr std::size_t named_max = 50'000;
constexpr std::size_t named_and_sifted_max = 2'000;

constexpr std::size_t numbers_at_once = 256;

/// Hands out the players that one generation registered, newest first.
class registered_cursor {
public:
  registered_cursor(const tail* content, player_number before) : content_(content), before_(before) { advance(); }

  /// The player at the cursor; 0 at the end.
  player_number at() const noexcept { return next_ < numbers_.size() ? numbers_[next_] : player_number{0}; }

  void advance() {
    if (++next_ < numbers_.size() || content_ == nullptr) return;
    numbers_.clear();
    next_ = 0;
    content_->registered_down(before_, numbers_at_once, numbers_);
    if (!numbers_.empty()) before_ = numbers_.back();
  }

private:
  const tail* content_;
  player_number before_;
  std::vector<player_number> numbers_;
  std::size_t next_ = 0;
};

/// Visits all players with number < `before`, newest first, until the visitor answers false.
void players_down(const view_state& view, const generations& held, player_number before,
                  const std::function<bool(const player_state&)>& visit) {
  std::array new_players{registered_cursor(&held.active->content, before),
                         registered_cursor(held.frozen ? &held.frozen->content : nullptr, before)};
  const auto newest = [&]() -> registered_cursor& {
    return new_players[0].at() > new_players[1].at() ? new_players[0] : new_players[1];
  };
  bool wanted = true;
  const auto give_new_above = [&](player_number floor) {
    for (; wanted && newest().at() > floor; newest().advance()) wanted = visit(*view.player(held, newest().at()));
  };
  view.checkpoints.players_down(before, [&](const player_state& on_disk) {
    const auto number = on_disk.profile.number;
    give_new_above(number);
    if (!wanted) return false;
    // A frozen generation may have reached the disk since the generations were taken.
    if (newest().at() == number) newest().advance();
    const auto older = held.frozen ? held.frozen->content.player(number) : std::nullopt;
    const auto newer = held.active->content.player(number);
    // Most players of a long list have not moved since the checkpoint: they are looked at where they were read.
    if (!older && !newer) return wanted = visit(on_disk);
    auto state = on_disk;
    if (older) overlay(state, *older);
    if (newer) overlay(state, *newer);
    return wanted = visit(state);
  });
  give_new_above({0});
}

/// One run of list_players.
class player_search {
public:
  player_search(const view_state& view, const player_query& query) : view_(view), query_(query), held_(view.current()) {
    if (query.before) before_ = *query.before;
  }

  player_page run() {
    if (query_.players) {
      by_numbers(*query_.players, true);
    } else if (const auto named = players_named()) {
      by_numbers(*named, sifts());
    } else {
      by_scan();
    }
    if (page_.has_more && !page_.next) page_.next = page_.rows.back().profile.number;
    return std::move(page_);
  }

private:
  /// Whether more is asked of a player than its brand and name.
  bool sifts() const noexcept { return query_.affiliates || query_.registered_from || query_.registered_to; }
  bool filters() const noexcept { return query_.brands || !query_.name_prefix.empty() || sifts(); }

  bool matches(const player_profile& who) const {
    const auto any_of = [](const auto& filter, auto value) {
      return !filter || std::find(filter->begin(), filter->end(), value) != filter->end();
    };
    return any_of(query_.brands, who.brand) && any_of(query_.affiliates, who.affiliate) &&
           who.external_id.starts_with(query_.name_prefix) &&
           (!query_.registered_from || who.registered_at >= *query_.registered_from) &&
           (!query_.registered_to || who.registered_at < *query_.registered_to);
  }

  /// Takes in a player that matches. False when the page is full and one more is known.
  bool offer(const player_state& player) {
    if (player.profile.number >= before_ || page_.has_more) return !page_.has_more;
    if (skipped_ < query_.offset)
      ++skipped_;
    else if (page_.rows.size() < query_.limit)
      page_.rows.push_back(player);
    else
      page_.has_more = true;
    return !page_.has_more;
  }

  std::optional<std::vector<player_number>> players_named() const;
  void by_numbers(std::vector<player_number> numbers, bool look_at_each);
  void by_scan();

  const view_state& view_;
  const player_query& query_;
  std::shared_ptr<const generations> held_;
  player_number before_{std::numeric_limits<std::uint64_t>::max()};
  std::uint64_t skipped_ = 0;
  player_page page_;
};

/// The players of the brands whose names begin as asked for; nothing when no name is asked for, or they are too many.
std::optional<std::vector<player_number>> player_search::players_named() const {
  if (query_.name_prefix.empty()) return std::nullopt;
  std::vector<brand_number> brands;
  if (query_.brands) {
    brands = *query_.brands;
  } else {
    const std::lock_guard lock(view_.workspace_lock);
    for (const auto& each : view_.published_workspace->brands()) brands.push_back(each.number);
  }
  const std::size_t most = sifts() ? named_and_sifted_max : named_max;
  std::vector<player_number> found;
  for (const auto brand : brands) {
    held_->active->content.players_named(brand, query_.name_prefix, most + 1, found);
    if (held_->frozen) held_->frozen->content.players_named(brand, query_.name_prefix, most + 1, found);
    if (found.size() > most) return std::nullopt;
    view_.checkpoints.players_named(brand, query_.name_prefix, [&](player_number number) {
      found.push_back(number);
      return found.size() <= most;
    });
    if (found.size() > most) return std::nullopt;
  }
  return found;
}

/// `look_at_each`: not every one of the numbers need be of a player that was asked for.
void player_search::by_numbers(std::vector<player_number> numbers, bool look_at_each) {
  std::sort(numbers.begin(), numbers.end(), std::greater<>());
  // A frozen generation may have reached the disk since the generations were taken.
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  std::uint64_t total = look_at_each ? 0 : numbers.size();
  for (const auto number : numbers) {
    if (!look_at_each && (number >= before_ || skipped_ < query_.offset)) {
      if (number < before_) ++skipped_;
      continue;
    }
    const auto player = view_.player(*held_, number);
    if (!player || !matches(player->profile)) continue;
    if (look_at_each) ++total;
    if (!offer(*player) && !look_at_each) break;
  }
  page_.total_count = total;
}

void player_search::by_scan() {
  const auto all = view_.players.load(std::memory_order_acquire);
  // Either everything is scanned and counted, or the page alone, from its cursor on.
  const bool counts = filters() && all <= scan_max;
  std::uint64_t scanned = 0;
  std::uint64_t total = 0;
  player_number last;
  bool cut = false;
  const auto start = counts ? player_number{std::numeric_limits<std::uint64_t>::max()} : before_;
  players_down(view_, *held_, start, [&](const player_state& player) {
    if (!counts && scanned++ == scan_of_page_max) {
      cut = true;
      return false;
    }
    last = player.profile.number;
    if (!matches(player.profile)) return true;
    ++total;
    return offer(player) || counts;
  });
  if (counts) page_.total_count = total;
  if (!filters()) page_.total_count = all;
  if (!cut) return;
  page_.has_more = true;
  page_.next = last;
}

/// The profile as it was at a sequence: attribution undone where it came later.
player_profile profile_at(player_profile profile, sequence at) {
  if (profile.attributed_entry <= at) return profile;
  profile.attributed_entry = {};
  profile.click = {};
  profile.link = {};
  profile.offer = {};
  profile.affiliate = {};
  return profile;
}

/// Folds one movement into the state before it.
void fold(player_state& state, const committed_entry& entry) {
  const auto& movement = std::get<movement_recorded>(entry.what);
  for (const auto& change : movement.changes) state.set_balance(change.metric, change.balance_after);
  if (movement.revshare) {
    const auto total = state.revshare_total.plus(movement.revshare->earned);
    CROUPIER_ASSERT(total.has_value(), "a player's revshare left 128 bits");
    state.revshare_total = *total;
  }
  if (movement.frame) {
    state.balances = movement.frame->balances;
    state.revshare_total = movement.frame->revshare_total;
  }
  state.movement_count = movement.ordinal;
  state.last_entry = entry.at;
  state.updated_at = entry.time;
}

} // namespace

std::optional<player_state> committed_view::player_at(player_number number, sequence at) const {
  const auto look = state_->look();
  const auto now = state_->player(*look.held, number);
  at = std::min(at, look.upto);
  if (!now || now->profile.registered_entry > at) return std::nullopt;
  if (now->last_entry <= at) return now;

  player_state then;
  then.profile = profile_at(now->profile, at);
  then.last_entry = then.profile.registered_entry;
  then.updated_at = then.profile.registered_at;
  std::vector<history_row> rows;
  state_->history_down(*look.held, number, {at.value + 1}, key_frame_interval, rows);
  std::vector<stored_entry> entries;
  for (const auto& row : rows) {
    entries.push_back(state_->log.read(row.at));
    const auto* movement = std::get_if<movement_recorded>(&entries.back().entry.what);
    if (movement == nullptr || movement->player != number || movement->ordinal != row.ordinal)
      throw storage_failure({storage_errc::corrupt,
                             "the history of player " + std::to_string(number.value) + " leads to another entry",
                             row.at});
    if (movement->frame) break;
  }
  if (!entries.empty()) {
    const auto& oldest = std::get<movement_recorded>(entries.back().entry.what);
    if (!oldest.frame && oldest.ordinal != 1)
      throw storage_failure({storage_errc::corrupt,
                             "player " + std::to_string(number.value) + " has no key frame where one is due",
                             entries.back().entry.at});
  }
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) fold(then, entry->entry);
  const auto attributed = then.profile.attributed_entry;
  if (attributed > then.last_entry) {
    then.last_entry = attributed;
    then.updated_at = state_->log.read(attributed).entry.time;
  }
  return then;
}

player_page committed_view::list_players(const player_query& query) const {
  return player_search(*state_, query).run();
}

} // namespace croupier::persistence
