#pragma once

#include "persistence/committed_view.hpp"
#include "tests/persistence/view_model.hpp"
#include "tests/support/random_ledger.hpp"

#include <memory>
#include <random>
#include <stdexcept>
#include <string>

namespace croupier::persistence {

inline void expect(bool holds, const std::string& what) {
  if (!holds) throw std::runtime_error(what);
}

/// Compares every kind of answer of the view with the model's, with random filters, pages and places.
void expect_same(const committed_view& view, const std::vector<test::fact>& facts, std::mt19937_64& random);

/// Compares what an entry says with the fact.
void expect_same(const stored_entry& entry, const test::fact& fact);

/// A ledger on a medium with the view over it.
template<class Medium>
class view_world {
public:
  explicit view_world(std::uint64_t seed, test::random_ledger_options options = {})
      : ledger_(
            seed,
            [this](brand_number brand, std::string_view external_id) { return view_->player_hash(brand, external_id); },
            options) {
    open();
  }

  void append(std::size_t entries) {
    const auto group = ledger_.next(entries);
    const auto records = group.views();
    const auto end = medium_.journal().append(records, group.time);
    expect(end.has_value(), "a group is not appended");
    view_->apply({end->last.value - records.size() + 1}, end->time, records);
  }

  void checkpoint() {
    view_->freeze();
    expect(view_->write_frozen().has_value(), "a checkpoint is not written");
  }

  void restart() {
    view_.reset();
    medium_.reopen();
    open();
  }

  committed_view& view() { return *view_; }
  Medium& medium() { return medium_; }
  test::random_ledger& ledger() { return ledger_; }
  const std::vector<test::fact>& facts() const { return ledger_.facts(); }

private:
  void open() {
    view_ = std::make_unique<committed_view>(medium_.key(), medium_.journal(), medium_.checkpoints());
    const auto restored = view_->restore(nullptr);
    expect(restored.has_value(), restored ? "" : "not restored: " + restored.error().text);
  }

  Medium medium_;
  std::unique_ptr<committed_view> view_;
  test::random_ledger ledger_;
};

} // namespace croupier::persistence
