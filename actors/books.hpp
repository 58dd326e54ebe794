#pragma once

#include "engine/result.hpp"
#include "persistence/audit_index.hpp"
#include "persistence/committed_view.hpp"
#include "persistence/projection_store.hpp"
#include "persistence/projector.hpp"
#include "persistence/report_books.hpp"
#include "persistence/trait_book.hpp"

#include <chrono>
#include <filesystem>
#include <memory>

namespace croupier::actors {

class accounts;

/// Everything that is kept beside one ledger: the projections, where they are saved, and what feeds them.
///
/// Purpose: one place that makes, starts and stops them all. A projection is made in `open` and added to its list.
/// Concurrency: `stop` once, after the last reader; the projections say themselves who may read them.
class books {
public:
  /// Opens the saved books in `<data_dir>/projections` and starts to catch up with the ledger, without waiting for it.
  /// The view is restored and outlives the books. `env`: the disk; nullptr is the real one.
  static result<std::unique_ptr<books>, persistence::storage_error>
  open(const std::filesystem::path& data_dir, const persistence::committed_view& view,
       persistence::projector::error_sink on_error = {}, persistence::projector_options options = {},
       rocksdb::Env* env = nullptr);
  ~books();
  books(const books&) = delete;
  books& operator=(const books&) = delete;

  /// Who feeds them: whoever reads books waits here until they have reached what it wants to see.
  persistence::projector& feed() noexcept { return *projector_; }
  const persistence::projector& feed() const noexcept { return *projector_; }

  /// Where the changes are that people made.
  const persistence::audit_index& audit() const noexcept { return *audit_; }
  /// The affiliates' accounts, for `billing`.
  accounts& affiliate_accounts() noexcept { return *accounts_; }

  /// The figures of every day.
  const persistence::report_books& reports() const noexcept { return *reports_; }

  /// What events have told of players.
  const persistence::trait_book& traits() const noexcept { return *traits_; }

  /// Saves all books and ends the threads.
  void stop();

private:
  books();

  std::unique_ptr<persistence::projection_store> store_;
  std::unique_ptr<persistence::audit_index> audit_;
  std::unique_ptr<persistence::report_books> reports_;
  std::unique_ptr<persistence::trait_book> traits_;
  std::unique_ptr<accounts> accounts_;
  std::unique_ptr<persistence::projector> projector_; ///< ends before what it feeds
};

} // namespace croupier::actors
