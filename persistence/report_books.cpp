#include "persistence/report_books.hpp"

#include "engine/check.hpp"
#include "persistence/record_codec.hpp"
#include "persistence/report_codec.hpp"

#include <algorithm>
#include <tuple>

namespace croupier::persistence {

using namespace report_codec;

namespace {

/// Players whose days are looked up one by one; a report about more reads the days whole.
constexpr std::size_t single_lookups_max = 20'000;
/// Rows of the store that are added under the lock at a time.
constexpr std::size_t rows_at_a_time = 4'096;

struct stored_row {
  row_place at;
  report_figures figures;
};

bool names_players(const report_query& query) {
  return std::any_of(query.filters.begin(), query.filters.end(),
                     [](const report_filter& one) { return one.dimension == report_dimension::player; });
}

} // namespace

report_books::report_books(const committed_view& view, projection_store& store)
    : view_(view), store_(store), rollup_(fresh()) {}

report_rollup report_books::fresh() const {
  return report_rollup([this](sequence at) -> std::optional<click_words> {
    const auto stored = view_.entry_at(at);
    const auto* click = std::get_if<click_tracked>(&stored.entry.what);
    if (click == nullptr) return std::nullopt;
    click_words said;
    std::copy(click->sub_ids.begin(), click->sub_ids.end(), said.sub_ids.begin());
    return said;
  });
}

result<sequence, storage_error> report_books::restore() {
  const std::scoped_lock lock(saving_, mutex_);
  rollup_ = fresh();
  log_.clear();
  upto_ = store_.restore(name(), report_format);
  if (upto_.value == 0 || load()) return upto_;
  // What is not in the grammar is no book of ours: asking for another format throws it away.
  rollup_ = fresh();
  upto_ = store_.restore(name(), 0);
  return upto_;
}

bool report_books::load() {
  bool fits = true;
  const auto each = [&](std::string_view prefix, auto take) {
    store_.scan_up(name(), prefix, [&](std::string_view key, std::string_view value) {
      if (!fits || !key.starts_with(prefix)) return false;
      return fits = take(key, value);
    });
  };
  each("o", [&](std::string_view, std::string_view value) {
    auto object = decode_object(value);
    return object && rollup_.restore_object(std::move(*object));
  });
  each("c", [&](std::string_view, std::string_view value) {
    const auto cell = decode_cell(value);
    return cell && rollup_.restore_cell(*cell);
  });
  each("p", [&](std::string_view key, std::string_view value) {
    const auto page = decode_page_key(key);
    const auto players = decode_players(value);
    if (!page || !players) return false;
    for (std::size_t i = 0; i < players->size(); ++i)
      if (!rollup_.restore_player(*page * report_rollup::players_of_page + i, (*players)[i])) return false;
    return true;
  });
  each("r", [&](std::string_view key, std::string_view value) {
    const auto place = decode_row_key(key);
    const auto figures = decode_figures(value);
    return place && figures && rollup_.restore_row(place->day, place->cell, *figures);
  });
  rollup_.all_saved();
  return fits;
}

void report_books::apply(const committed_entry& next) {
  const std::scoped_lock lock(mutex_);
  rollup_.apply(next, log_);
  upto_ = next.at;
}

result<done, storage_error> report_books::save(sequence upto) {
  const std::scoped_lock saving(saving_);
  book_batch batch;
  {
    const std::scoped_lock lock(mutex_);
    CROUPIER_ASSERT(upto >= upto_, "books are saved up to an entry that they are beyond");
    batch = unsaved(upto);
  }
  // Reports of days and cells may go on meanwhile: only the projector, whose thread this is, changes anything.
  if (auto written = store_.save(name(), report_format, batch, upto); !written) return written;
  const std::scoped_lock lock(mutex_);
  rollup_.all_saved();
  log_.clear();
  return done{};
}

book_batch report_books::unsaved(sequence upto) {
  book_batch batch;
  const auto& parts = rollup_.unsaved();
  for (const auto& object : parts.objects) {
    std::string bytes;
    encode_object(object, bytes);
    batch.put(object_key(object), std::move(bytes));
  }
  for (auto cell = parts.first_cell; cell < rollup_.cells().size(); ++cell) {
    const cell_number number{static_cast<std::uint32_t>(cell)};
    batch.put(cell_key(number), encode_cell(rollup_.cells(), number));
  }
  for (const auto page : parts.player_pages) batch.put(player_page_key(page), encode_players(rollup_.players(), page));
  for (const auto& [day, index] : parts.rows) {
    const auto& row = rollup_.days().at(day).rows[index];
    batch.put(row_key(day, row.cell), encode_figures(row.figures));
  }
  put_players(batch, upto);
  return batch;
}

/// What single players did since the last save, sorted, so that neighbours on the disk are written together.
void report_books::put_players(book_batch& batch, sequence upto) {
  const auto place = [](const report_change& one) { return std::tuple(one.day, one.player, one.cell); };
  std::sort(log_.begin(), log_.end(),
            [&](const report_change& a, const report_change& b) { return place(a) < place(b); });
  for (auto from = log_.begin(); from != log_.end();) {
    report_figures sum;
    auto next = from;
    for (; next != log_.end() && place(*next) == place(*from); ++next) sum.add(next->what, next->units);
    if (!sum.is_zero()) batch.put(player_key(from->day, from->player, from->cell, upto), encode_figures(sum));
    from = next;
  }
}

result<report_answer, report_refusal> report_books::make(const report_query& query, const workspace& ws) const {
  const bool of_players = query.asks_for_players();
  std::unique_lock saving(saving_, std::defer_lock);
  if (of_players) saving.lock();
  const auto players = players_named(query, ws);
  std::unique_lock lock(mutex_);
  report_answer answer;
  answer.upto = upto_;
  report_builder builder(query, ws, rollup_.cells(), players);
  std::optional<report_refusal> refused;
  if (of_players) {
    for (const auto& change : log_) {
      if (change.day < query.from || change.day > query.to || refused) continue;
      report_figures one;
      one.add(change.what, change.units);
      if (!builder.add(change.day, change.player, change.cell, one)) refused = report_refusal::too_many_rows;
    }
    lock.unlock();
    if (!refused) refused = add_players(builder, query, players);
    lock.lock();
  } else {
    refused = add_rows(builder, query);
  }
  if (refused) return *refused;
  answer.content = builder.finish([this](player_number player) { return words_of(player); });
  return answer;
}

std::optional<report_refusal> report_books::add_rows(report_builder& builder, const report_query& query) const {
  std::size_t read = 0;
  const auto end = rollup_.days().upper_bound(query.to);
  for (auto day = rollup_.days().lower_bound(query.from); day != end; ++day) {
    read += day->second.rows.size();
    if (read > rows_read_max) return report_refusal::too_much_to_read;
    for (const auto& row : day->second.rows)
      if (!builder.add(day->first, {}, row.cell, row.figures)) return report_refusal::too_many_rows;
  }
  return std::nullopt;
}

/// Called with `saving_` held and `mutex_` not: reading takes its time, and only adding needs the cells.
std::optional<report_refusal> report_books::add_players(report_builder& builder, const report_query& query,
                                                        const std::vector<player_number>& players) const {
  std::optional<report_refusal> refused;
  std::vector<stored_row> rows;
  std::size_t read = 0;
  const auto add_all = [&] {
    const std::scoped_lock lock(mutex_);
    for (const auto& row : rows)
      if (!refused && !builder.add(row.at.day, row.at.player, row.at.cell, row.figures))
        refused = report_refusal::too_many_rows;
    rows.clear();
  };
  for (const auto& range : player_ranges(query, players)) {
    store_.scan_up(name(), range, [&](std::string_view key, std::string_view value) {
      if (!key.starts_with(range)) return false;
      const auto place = decode_player_key(key);
      const auto figures = decode_figures(value);
      if (!place || !figures)
        throw storage_failure({storage_errc::corrupt, "the books of reports hold what is no row of a player", {}});
      rows.push_back({*place, *figures});
      if (++read > rows_read_max) refused = report_refusal::too_much_to_read;
      if (rows.size() == rows_at_a_time) add_all();
      return !refused;
    });
    if (refused) return refused;
  }
  add_all();
  return refused;
}

std::vector<std::string> report_books::player_ranges(const report_query& query,
                                                     const std::vector<player_number>& players) const {
  std::vector<day_number> days;
  {
    const std::scoped_lock lock(mutex_);
    const auto end = rollup_.days().upper_bound(query.to);
    for (auto day = rollup_.days().lower_bound(query.from); day != end; ++day) days.push_back(day->first);
  }
  std::vector<std::string> ranges;
  const bool singly = names_players(query) && days.size() * players.size() <= single_lookups_max;
  for (const auto day : days) {
    if (!singly) ranges.push_back(day_prefix(day));
    for (const auto player : players)
      if (singly) ranges.push_back(player_prefix(day, player));
  }
  return ranges;
}

std::vector<player_number> report_books::players_named(const report_query& query, const workspace& ws) const {
  std::vector<player_number> players;
  for (const auto& filter : query.filters) {
    if (filter.dimension != report_dimension::player) continue;
    for (const auto& value : filter.values) {
      if (value == report_none) players.push_back({});
      if (const auto id = uuid::parse(value))
        if (const auto number = number_of_id(view_.key(), id_kind::player, *id)) players.push_back({*number});
      for (const auto& brand : ws.brands())
        if (const auto number = view_.find_player(brand.number, value)) players.push_back(*number);
    }
  }
  std::sort(players.begin(), players.end());
  players.erase(std::unique(players.begin(), players.end()), players.end());
  return players;
}

player_words report_books::words_of(player_number player) const {
  const auto known = view_.player(player);
  CROUPIER_ASSERT(known.has_value(), "a report has a player that the ledger has not");
  return {known->profile.external_id, make_id(view_.key(), id_kind::player, player.value).text()};
}

} // namespace croupier::persistence
