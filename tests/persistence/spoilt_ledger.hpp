#pragma once

#include "persistence/committed_view.hpp"
#include "persistence/index_hashes.hpp"
#include "persistence/record_codec.hpp"
#include "persistence/verifier.hpp"
#include "tests/persistence/store_world.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/random_ledger.hpp"

#include <functional>
#include <memory>

namespace croupier::persistence {

using change_entry = std::function<void(movement_recorded&)>;
using change_run = std::function<void(checkpoint_run&)>;

/// Passes everything on; a run is changed on its way to the disk.
class altering_checkpoints final : public checkpoint_store {
public:
  explicit altering_checkpoints(checkpoint_store& inner) : inner_(inner) {}

  result<done, storage_error> write(const checkpoint_run& run) override {
    auto altered = run;
    if (change) change(altered);
    return inner_.write(altered);
  }
  checkpoint_head head() const override { return inner_.head(); }
  std::optional<player_number> find_player(brand_number brand, std::string_view external_id) const override {
    return inner_.find_player(brand, external_id);
  }
  void players_named(brand_number brand, std::string_view prefix,
                     const std::function<bool(player_number)>& visit) const override {
    inner_.players_named(brand, prefix, visit);
  }
  std::optional<player_state> player(player_number number) const override { return inner_.player(number); }
  std::optional<sequence> find_request(const request_key& key) const override { return inner_.find_request(key); }
  std::vector<sequence> find_requests(std::uint64_t hash) const override { return inner_.find_requests(hash); }
  void history_down(player_number player, sequence before,
                    const std::function<bool(const history_row&)>& visit) const override {
    inner_.history_down(player, before, visit);
  }
  void players_down(player_number before, const std::function<bool(const player_state&)>& visit) const override {
    inner_.players_down(before, visit);
  }

  change_run change;

private:
  checkpoint_store& inner_;
};

/// A ledger in a folder, made of random but valid entries, and where they are spoilt.
class spoilt_ledger {
public:
  explicit spoilt_ledger(std::uint64_t seed, test::random_ledger_options like = {8, 8})
      : store_(open(folder_.path())),
        checkpoints_(store_->checkpoints()),
        view_(store_->key(), store_->journal(), checkpoints_),
        ledger_(
            seed, [this](brand_number brand, std::string_view id) { return hash_of_player(store_->key(), brand, id); },
            like) {
    REQUIRE(view_.restore(nullptr).has_value());
  }

  void append(std::size_t entries) { append(ledger_.next(entries)); }

  /// An entry that concerns no player; its sequence.
  sequence append(const entry& what) {
    append(ledger_.other(what));
    return store_->journal().last_position().last;
  }

  /// The same, when nobody reads the view afterwards.
  sequence append_unread(const entry& what) {
    const auto group = ledger_.other(what);
    REQUIRE(store_->journal().append(group.views(), group.time).has_value());
    return store_->journal().last_position().last;
  }

  void append(const test::random_ledger::group& group) {
    const auto records = group.views();
    const auto end = store_->journal().append(records, group.time);
    REQUIRE(end.has_value());
    view_.apply({end->last.value - records.size() + 1}, end->time, records);
  }

  void checkpoint(const change_run& change = nullptr) {
    checkpoints_.change = change;
    REQUIRE(view_.freeze());
    REQUIRE(view_.write_frozen().has_value());
  }

  /// Appends entries until one is a movement that `fits`, and that one changed; gives its sequence. Nobody reads the
  /// view afterwards.
  sequence append_changed(const change_entry& change,
                          const std::function<bool(const movement_recorded&)>& fits = nullptr) {
    for (;;) {
      auto group = ledger_.next(1);
      const auto original = group.records.back(); // the decoded entry looks at it
      auto decoded = decode(original);
      REQUIRE(decoded.has_value());
      auto* movement = std::get_if<movement_recorded>(&*decoded);
      const bool is_it = movement != nullptr && (!fits || fits(*movement));
      if (is_it) {
        change(*movement);
        group.records.back().clear();
        encode(*decoded, group.records.back());
      }
      REQUIRE(store_->journal().append(group.views(), group.time).has_value());
      if (is_it) return store_->journal().last_position().last;
    }
  }

  /// What a verification says, the same with any number of slices.
  result<verification, storage_error> verify() {
    const ledger_parts parts{store_->key(), store_->journal(), store_->checkpoints(), store_->rows()};
    auto whole = verify_ledger(parts, {}, nullptr);
    for (const std::uint64_t memory : {20'000, 3'000, 700}) {
      const auto sliced = verify_ledger(parts, {memory}, nullptr);
      REQUIRE(sliced.has_value() == whole.has_value());
      if (whole) {
        if (memory == 700 && whole->journal_end.last.value > 0) CHECK(sliced->slices > whole->slices);
        CHECK(sliced->players == whole->players);
        CHECK(sliced->request_ids == whole->request_ids);
      } else {
        CHECK(sliced.error().at == whole.error().at);
        CHECK(sliced.error().text == whole.error().text);
      }
    }
    return whole;
  }

  void close() { store_.reset(); }
  const std::filesystem::path& folder() const { return folder_.path(); }
  rocksdb_store& store() { return *store_; }
  const std::vector<test::fact>& facts() const { return ledger_.facts(); }

private:
  static std::unique_ptr<rocksdb_store> open(const std::filesystem::path& folder) {
    store_options options;
    options.folder = folder;
    options.block_cache_bytes = 8ULL << 20;
    auto opened = rocksdb_store::open(options);
    REQUIRE(opened.has_value());
    return std::move(*opened);
  }

  disk_folder folder_;
  std::unique_ptr<rocksdb_store> store_;
  altering_checkpoints checkpoints_;
  committed_view view_;
  test::random_ledger ledger_;
};

inline void expect_broken(const result<verification, storage_error>& found, sequence at, const std::string& what) {
  REQUIRE_FALSE(found.has_value());
  CHECK(found.error().code == storage_errc::corrupt);
  CHECK(found.error().at == at);
  CHECK(found.error().text == "entry " + std::to_string(at.value) + ": " + what);
}

inline amount plus_one_unit(amount value) {
  return amount::from_units(value.units() + 1);
}

} // namespace croupier::persistence
