#pragma once

#include "engine/report_rollup.hpp"
#include "engine/report_table.hpp"
#include "persistence/committed_view.hpp"
#include "persistence/projection.hpp"
#include "persistence/projection_store.hpp"

#include <mutex>
#include <string_view>
#include <vector>

namespace croupier::persistence {

/// The books of reports: a rollup per day and cell in memory, and the figures of each player and day in the store.
///
/// Operation: a projection. What changed since the last save is written by it; what single players did since then is
///   kept as a log, at 48 bytes a change. A report without players reads memory only; one with players reads the store
///   and the log.
/// Concurrency: `make` from any thread, the members of projection from the projector's. Reports without players hold
///   `apply` up while they are added up, reports with players hold `save` up.
/// Limitations: a report reads at most `rows_read_max` rows.
class report_books final : public projection {
public:
  static constexpr std::size_t rows_read_max = 5'000'000;

  /// View and store must outlive it. The view is restored before `restore` is called.
  report_books(const committed_view& view, projection_store& store);

  std::string_view name() const noexcept override { return "reports"; }
  result<sequence, storage_error> restore() override;
  /// Reads the click of a player that it attributes, and so throws storage_failure, before anything has changed, when
  /// the disk fails: the same entry may be given again.
  void apply(const committed_entry& next) override;
  result<done, storage_error> save(sequence upto) override;

  /// Answers a report, with names as `ws` has them. Throws storage_failure.
  result<report_answer, report_refusal> make(const report_query& query, const workspace& ws) const;

private:
  report_rollup fresh() const;
  bool load();
  book_batch unsaved(sequence upto);
  void put_players(book_batch& batch, sequence upto);
  std::vector<player_number> players_named(const report_query& query, const workspace& ws) const;
  std::optional<report_refusal> add_rows(report_builder& builder, const report_query& query) const;
  std::optional<report_refusal> add_players(report_builder& builder, const report_query& query,
                                            const std::vector<player_number>& players) const;
  std::vector<std::string> player_ranges(const report_query& query, const std::vector<player_number>& players) const;
  player_words words_of(player_number player) const;

  const committed_view& view_;
  projection_store& store_;
  mutable std::mutex saving_; ///< taken before `mutex_`: store and log say everything once while it is held
  mutable std::mutex mutex_;  ///< of everything below
  report_rollup rollup_;
  std::vector<report_change> log_; ///< since the last save
  sequence upto_;
};

} // namespace croupier::persistence
