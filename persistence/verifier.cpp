#include "persistence/verifier.hpp"

#include "persistence/verifier_checkpoint.hpp"
#include "persistence/verifier_fold.hpp"

#include <algorithm>
#include <variant>

namespace croupier::persistence {

namespace {

constexpr std::uint64_t progress_interval = 10'000;

// Measured with glibc's allocator, rounded up.
constexpr std::uint64_t bytes_per_player = 450;
constexpr std::uint64_t bytes_per_balance = 64; ///< twice its size: vectors grow by doubling
constexpr std::uint64_t bytes_per_request = sizeof(ledger_fold::request_rows::value_type);

/// How many slices a ledger is cut into, so that each fits the memory.
std::uint64_t slices_of(const checkpoint_head& head, const position& end, const verify_options& options) {
  const auto metrics = std::count_if(head.workspace.begin(), head.workspace.end(),
                                     [](const auto& object) { return std::holds_alternative<metric>(object); });
  // Of the entries after the checkpoint each may register a player.
  const auto players = head.player_count + (end.last.value - std::min(end.last, head.valid_for.last).value);
  const auto needed = players * (bytes_per_player + static_cast<std::uint64_t>(metrics) * bytes_per_balance) +
                      end.movement_count * bytes_per_request;
  return needed / std::max<std::uint64_t>(options.memory_bytes, 1) + 1;
}

/// Judges one ledger: a walk for each slice.
class verifier {
public:
  verifier(const ledger_parts& parts, const verify_options& options, const verify_progress& progress)
      : parts_(parts), progress_(progress), head_(parts.checkpoints.head()), end_(parts.log.last_position()) {
    found_.journal_end = end_;
    found_.checkpoint = head_.valid_for.last;
    found_.slices = slices_of(head_, end_, options);
    limit_ = {end_.last.value + 1};
  }

  result<verification, storage_error> run() {
    if (head_.valid_for.last > end_.last)
      return broken_at({end_.last.value + 1}, "the journal ends before it, and the checkpoint was made after it");
    for (std::uint64_t index = 0; index < found_.slices; ++index) {
      ledger_fold fold(parts_.key, {index, found_.slices}, request_ids_of_a_slice());
      walk(fold);
    }
    if (journal_error_) return *journal_error_;
    if (checkpoint_.row) return *checkpoint_.row;
    if (checkpoint_.count) return *checkpoint_.count;
    return found_;
  }

private:
  std::uint64_t request_ids_of_a_slice() const {
    const auto movements = std::min(end_.movement_count, end_.last.value);
    const auto share = movements / found_.slices;
    return std::min(movements, share + share / 16 + 64);
  }

  /// Folds the journal as far as no earlier slice found it broken, and compares the checkpoint on the way.
  void walk(ledger_fold& fold) {
    if (fold_up_to(fold, std::min(head_.valid_for.last, sequence{limit_.value - 1}))) {
      if (note_repeat(fold); !journal_error_ && reached_.last == head_.valid_for.last) compare(fold);
      if (fold_up_to(fold, {limit_.value - 1})) note_repeat(fold);
    }
    found_.request_ids += fold.requests().size();
    if (!fold.slice().is_first()) return;
    found_.players = fold.player_count();
    found_.accounts = fold.accounts().account_count();
    found_.settlements = fold.accounts().settlement_count();
    if (!fold.accounts().parts().empty()) check_settlements(fold);
    if (!journal_error_ && fold.movement_count() != end_.movement_count)
      note(end_.last, "the journal counts other movements than it has up to here");
  }

  /// One more walk: which settlements cover a movement is known only behind it.
  void check_settlements(const ledger_fold& fold) {
    const auto& parts = fold.accounts().parts();
    run_sums sums(parts);
    parts_.log.scan_up({1}, [&](const committed_entry& entry, std::string_view) {
      if (entry.at >= parts.back().entry) return false;
      const auto* movement = std::get_if<movement_recorded>(&entry.what);
      const auto account = movement != nullptr ? fold.accrues_for(*movement) : std::nullopt;
      if (account) sums.take(entry.at, entry.time, *account, movement->revshare->earned);
      return true;
    });
    if (const auto wrong = sums.first_wrong()) note(wrong->first, wrong->second);
  }

  void compare(ledger_fold& fold) {
    if (head_.valid_for.last.value == 0) return;
    if (parts_.log.page_end(head_.valid_for.last) != head_.valid_for) {
      checkpoint_.row = broken_at(head_.valid_for.last, "the checkpoint was made from another journal");
      return;
    }
    auto found = compare_checkpoint(parts_, head_, fold);
    keep_earlier(checkpoint_.row, std::move(found.row));
    keep_earlier(checkpoint_.count, std::move(found.count));
  }

  /// False when the journal is broken before that.
  bool fold_up_to(ledger_fold& fold, sequence last) {
    if (fold.slice().index != reached_slice_) {
      reached_slice_ = fold.slice().index;
      reached_ = {};
    }
    if (reached_.last >= last) return true;
    const char* what = nullptr;
    try {
      parts_.log.scan_up({reached_.last.value + 1}, [&](const committed_entry& entry, std::string_view) {
        if (entry.at.value != reached_.last.value + 1)
          what = "it is missing from the journal";
        else if (entry.time < reached_.time)
          what = "it is earlier than the entry before it";
        else
          what = fold.take(entry);
        if (what != nullptr) return false;
        reached_.last = entry.at;
        reached_.time = entry.time;
        tell(fold.slice().index);
        return entry.at < last;
      });
    } catch (const storage_failure& failure) {
      if (!failure.error().at || failure.error().code == storage_errc::io_failed) throw;
      note(*failure.error().at, failure.error());
      return false;
    }
    if (what == nullptr && reached_.last < last) what = "it is missing from the journal";
    if (what == nullptr) return true;
    note({reached_.last.value + 1}, what);
    return false;
  }

  void note_repeat(ledger_fold& fold) {
    if (const auto repeat = fold.first_repeat()) note(repeat->first, repeat->second);
  }

  void note(sequence at, const std::string& what) { note(at, broken_at(at, what)); }

  void note(sequence at, storage_error error) {
    if (at >= limit_ && journal_error_) return;
    limit_ = at;
    journal_error_ = std::move(error);
  }

  void tell(std::uint64_t slice) {
    if (progress_ && (reached_.last.value % progress_interval == 0 || reached_.last == end_.last))
      progress_(slice * end_.last.value + reached_.last.value, found_.slices * end_.last.value);
  }

  const ledger_parts& parts_;
  const verify_progress& progress_;
  const checkpoint_head head_;
  const position end_;
  verification found_;
  sequence limit_; ///< no entry from here on is of interest: the journal ends, or is broken there
  position reached_;
  std::uint64_t reached_slice_ = 0;
  std::optional<storage_error> journal_error_;
  checkpoint_findings checkpoint_;
};

} // namespace

result<verification, storage_error> verify_ledger(const ledger_parts& parts, const verify_options& options,
                                                  const verify_progress& progress) {
  try {
    return verifier(parts, options, progress).run();
  } catch (const storage_failure& failure) {
    return failure.error();
  }
}

} // namespace croupier::persistence
