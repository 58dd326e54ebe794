// Lists of movements. Three ways to find them, by what the query fixes: request ids (point look-ups), players (a merge
// of their histories), or neither (a scan of the journal). All work on sequences; entries are read for the answered
// rows.

#include "persistence/view_state.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <queue>

namespace croupier::persistence {

namespace {

/// What one page may cost: beyond this many scanned entries it is answered with what was found.
constexpr std::uint64_t scan_max = 100'000;

/// History rows fetched from a player at a time.
constexpr std::size_t rows_at_once = 64;

constexpr std::array dialects{dialect::trackdesk, dialect::revvvs, dialect::wynta};

/// The sequences that a query is about, `from` to `to`, and the newest of them that its cursor leaves, `top`, from
/// `from - 1` (none) to `to`.
struct sequence_range {
  std::uint64_t from = 1;
  std::uint64_t to = 0;
  std::uint64_t top = 0;
};

/// The sequences of one page, newest first.
struct found_page {
  std::vector<sequence> rows;
  bool has_more = false;
  std::optional<std::uint64_t> total_count;
  std::optional<sequence> next;
};

/// The value of an optional filter, sorted and without repeats.
template<class T>
std::vector<T> sorted(std::vector<T> values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

template<class T>
bool contains(const std::vector<T>& ascending, const T& value) {
  return std::binary_search(ascending.begin(), ascending.end(), value);
}

/// Where a page begins that leaves out `offset` of the rows up to `range.top`: the next row's sequence, or `from - 1`
/// when none is left. `rows_up_to(s)` counts the rows up to a sequence, so the place is found by halving.
template<class RowsUpTo>
std::uint64_t skip(const sequence_range& range, std::uint64_t offset, const RowsUpTo& rows_up_to) {
  if (offset == 0) return range.top;
  const auto rows = rows_up_to(range.top);
  if (rows - rows_up_to(range.from - 1) <= offset) return range.from - 1;
  auto low = range.from;
  auto high = range.top;
  while (low < high) {
    const auto middle = low + (high - low) / 2;
    if (rows_up_to(middle) >= rows - offset)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

/// Hands out one player's history rows, newest first.
class history_cursor {
public:
  history_cursor(const view_state& view, const generations& held, player_number player, sequence before)
      : view_(&view), held_(&held), player_(player), before_(before) {}

  /// The next row; nothing at the end.
  std::optional<sequence> take() {
    if (next_ == rows_.size()) refill();
    if (next_ == rows_.size()) return std::nullopt;
    return rows_[next_++].at;
  }

private:
  void refill() {
    rows_.clear();
    next_ = 0;
    view_->history_down(*held_, player_, before_, rows_at_once, rows_);
    if (!rows_.empty()) before_ = rows_.back().at;
  }

  const view_state* view_;
  const generations* held_;
  player_number player_;
  sequence before_;
  std::vector<history_row> rows_;
  std::size_t next_ = 0;
};

/// One run of list_movements.
class movement_search {
public:
  movement_search(const view_state& view, const movement_query& query)
      : view_(view), query_(query), look_(view.look()), range_(resolve()) {
    if (query.brands) brands_ = sorted(*query.brands);
    if (brands_ && sees_all_brands()) brands_.reset();
    if (query.players) players_ = players_of_brands();
  }

  found_page run() const {
    if (range_.from > range_.to || (brands_ && brands_->empty())) return {{}, false, 0, std::nullopt};
    if (query_.request_ids) return by_requests();
    if (players_) return by_players();
    return brands_ ? by_scan_of_brands() : by_scan();
  }

private:
  sequence_range resolve() const {
    sequence_range range;
    range.from = view_.log.first_at_or_after(query_.from).value;
    range.to = std::min(view_.log.first_at_or_after(query_.to).value - 1, look_.upto.value);
    range.top = range.to;
    if (query_.before && query_.before->value <= range.to)
      range.top = std::max(std::max<std::uint64_t>(query_.before->value, 1), range.from) - 1;
    return range;
  }

  bool sees_all_brands() const {
    const std::lock_guard lock(view_.workspace_lock);
    const auto& all = view_.published_workspace->brands();
    return !all.empty() &&
           std::all_of(all.begin(), all.end(), [&](const brand& each) { return contains(*brands_, each.number); });
  }

  // A player's movements are all of its brand, so the brand filter is a filter of the players.
  std::vector<player_number> players_of_brands() const {
    auto players = sorted(*query_.players);
    if (!brands_) return players;
    std::erase_if(players, [&](player_number number) {
      const auto found = view_.player(*look_.held, number);
      return !found || !contains(*brands_, found->profile.brand);
    });
    return players;
  }

  /// Ends a page whose rows were gathered one beyond the limit where there are so many.
  found_page finish(std::vector<sequence> rows, std::optional<std::uint64_t> total) const {
    found_page page{std::move(rows), false, total, std::nullopt};
    if (page.rows.size() > query_.limit) {
      page.rows.resize(query_.limit);
      page.has_more = true;
      page.next = page.rows.back();
    }
    return page;
  }

  found_page by_players() const;
  found_page by_requests() const;
  found_page by_scan() const;
  found_page by_scan_of_brands() const;
  std::vector<sequence> requested() const;
  bool matches(const stored_entry& entry) const;

  const view_state& view_;
  const movement_query& query_;
  snapshot look_;
  sequence_range range_;
  std::optional<std::vector<brand_number>> brands_;
  std::optional<std::vector<player_number>> players_;
};

found_page movement_search::by_players() const {
  const auto rows_up_to = [&](std::uint64_t at) {
    std::uint64_t rows = 0;
    for (const auto player : *players_) rows += view_.movements_of(*look_.held, player, {at});
    return rows;
  };
  const auto total = rows_up_to(range_.to) - rows_up_to(range_.from - 1);
  const auto top = skip(range_, query_.offset, rows_up_to);

  std::vector<history_cursor> cursors;
  std::priority_queue<std::pair<sequence, std::size_t>> newest;
  cursors.reserve(players_->size());
  const auto pull = [&](std::size_t from) {
    if (const auto row = cursors[from].take(); row && row->value >= range_.from) newest.emplace(*row, from);
  };
  for (const auto player : *players_) {
    cursors.emplace_back(view_, *look_.held, player, sequence{top + 1});
    pull(cursors.size() - 1);
  }
  std::vector<sequence> rows;
  while (!newest.empty() && rows.size() <= query_.limit) {
    const auto [at, from] = newest.top();
    newest.pop();
    rows.push_back(at);
    pull(from);
  }
  return finish(std::move(rows), total);
}

/// The movements that carry one of the request ids, as far as the index tells, newest first.
std::vector<sequence> movement_search::requested() const {
  std::vector<std::uint64_t> player_hashes;
  if (players_)
    for (const auto number : *players_)
      if (const auto player = view_.player(*look_.held, number))
        player_hashes.push_back(view_.hash_player(player->profile.brand, player->profile.external_id));
  std::vector<sequence> found;
  for (const auto& id : *query_.request_ids) {
    for (const auto source : dialects) {
      const auto hash = view_.hash_request(source, id);
      if (!players_) {
        view_.find_requests(*look_.held, hash, found);
        continue;
      }
      for (const auto player_hash : player_hashes)
        if (const auto at = view_.find_request(*look_.held, {hash, player_hash})) found.push_back(*at);
    }
  }
  std::erase_if(found, [&](sequence at) { return at.value < range_.from || at.value > range_.to; });
  found = sorted(std::move(found));
  std::reverse(found.begin(), found.end());
  return found;
}

// The index knows hashes. They are keyed, so nobody can make them collide, but what is answered must be what was asked.
bool movement_search::matches(const stored_entry& entry) const {
  const auto* movement = std::get_if<movement_recorded>(&entry.entry.what);
  if (movement == nullptr) return false;
  if (brands_ && !contains(*brands_, movement->brand)) return false;
  return std::find(query_.request_ids->begin(), query_.request_ids->end(), movement->request_id) !=
         query_.request_ids->end();
}

found_page movement_search::by_requests() const {
  const auto candidates = requested();
  // Players are of their brands already, so only brands alone make entries be read for counting.
  const bool sifts = brands_ && !players_;
  const bool counts = candidates.size() <= scan_max;
  auto skipped = query_.offset;
  std::uint64_t total = 0;
  std::uint64_t scanned = 0;
  std::vector<sequence> rows;
  for (const auto at : candidates) {
    const bool on_page = at.value <= range_.top && rows.size() <= query_.limit;
    if (!on_page && !counts) continue;
    if (scanned == scan_max) {
      found_page page = finish(std::move(rows), std::nullopt);
      if (!page.has_more) page.next = sequence{at.value + 1};
      page.has_more = true;
      return page;
    }
    if (sifts || (on_page && skipped == 0)) {
      ++scanned;
      if (!matches(view_.log.read(at))) continue;
    }
    ++total;
    if (!on_page) continue;
    if (skipped > 0)
      --skipped;
    else
      rows.push_back(at);
  }
  return finish(std::move(rows), counts ? std::optional(total) : std::nullopt);
}

found_page movement_search::by_scan() const {
  const auto rows_up_to = [&](std::uint64_t at) { return view_.log.movements_up_to({at}); };
  const auto before_range = rows_up_to(range_.from - 1);
  const auto total = rows_up_to(range_.to) - before_range;
  const auto top = skip(range_, query_.offset, rows_up_to);
  auto left = rows_up_to(top) - before_range;
  found_page page{{}, false, total, std::nullopt};
  if (left == 0) return page;
  std::uint64_t scanned = 0;
  view_.log.scan_down({top}, [&](const committed_entry& entry, std::string_view) {
    ++scanned;
    page.next = entry.at;
    if (std::holds_alternative<movement_recorded>(entry.what)) {
      page.rows.push_back(entry.at);
      --left;
    }
    return left > 0 && page.rows.size() < query_.limit && scanned < scan_max;
  });
  page.has_more = left > 0;
  if (!page.has_more) page.next.reset();
  return page;
}

found_page movement_search::by_scan_of_brands() const {
  // Either everything is scanned and counted, or the page alone, from its cursor on.
  const bool counts = range_.to - range_.from < scan_max;
  const auto top = counts ? range_.to : range_.top;
  std::uint64_t scanned = 0;
  std::uint64_t total = 0;
  auto skipped = query_.offset;
  std::vector<sequence> rows;
  std::optional<sequence> cut;
  if (top < range_.from) return {{}, false, std::nullopt, std::nullopt};
  view_.log.scan_down({top}, [&](const committed_entry& entry, std::string_view) {
    if (entry.at.value < range_.from) return false;
    if (scanned++ == scan_max) {
      cut = sequence{entry.at.value + 1};
      return false;
    }
    const auto* movement = std::get_if<movement_recorded>(&entry.what);
    if (movement == nullptr || !contains(*brands_, movement->brand)) return true;
    ++total;
    if (entry.at.value > range_.top || rows.size() > query_.limit) return true;
    if (skipped > 0)
      --skipped;
    else
      rows.push_back(entry.at);
    return counts || rows.size() <= query_.limit;
  });
  auto page = finish(std::move(rows), counts ? std::optional(total) : std::nullopt);
  if (cut && !page.has_more) {
    page.has_more = true;
    page.next = cut;
  }
  return page;
}

} // namespace

void view_state::history_down(const generations& held, player_number number, sequence before, std::size_t most,
                              std::vector<history_row>& out) const {
  const auto wanted = out.size() + most;
  held.active->content.history_down(number, before, wanted - out.size(), out);
  if (held.frozen && out.size() < wanted) held.frozen->content.history_down(number, before, wanted - out.size(), out);
  if (out.size() == wanted) return;
  // The disk may already have rows of the frozen generation: they are cut off at the generations' base.
  checkpoints.history_down(number, std::min(before, sequence{held.base().value + 1}), [&](const history_row& row) {
    out.push_back(row);
    return out.size() < wanted;
  });
}

std::uint64_t view_state::movements_of(const generations& held, player_number number, sequence at) const {
  if (const auto ordinal = held.active->content.ordinal_at(number, at)) return ordinal;
  if (held.frozen)
    if (const auto ordinal = held.frozen->content.ordinal_at(number, at)) return ordinal;
  std::uint64_t ordinal = 0;
  const auto before = std::min(at, held.base()).value + 1;
  checkpoints.history_down(number, {before}, [&](const history_row& row) {
    ordinal = row.ordinal;
    return false;
  });
  return ordinal;
}

void view_state::find_requests(const generations& held, std::uint64_t request_hash, std::vector<sequence>& out) const {
  held.active->content.find_requests(request_hash, out);
  if (held.frozen) held.frozen->content.find_requests(request_hash, out);
  const auto on_disk = checkpoints.find_requests(request_hash);
  out.insert(out.end(), on_disk.begin(), on_disk.end());
}

movement_page committed_view::list_movements(const movement_query& query) const {
  const auto found = movement_search(*state_, query).run();
  movement_page page{{}, found.has_more, found.total_count, found.next};
  page.rows.reserve(found.rows.size());
  for (const auto at : found.rows) page.rows.push_back(state_->log.read(at));
  return page;
}

sequence committed_view::sequence_at(timestamp time) const {
  const auto newest = durable();
  if (time.unix_us == std::numeric_limits<std::int64_t>::max()) return newest;
  return std::min(newest, sequence{state_->log.first_at_or_after({time.unix_us + 1}).value - 1});
}

} // namespace croupier::persistence
