#pragma once

#include "persistence/checkpoint_codec.hpp"
#include "persistence/checkpoint_rows.hpp"
#include "persistence/checkpoint_store.hpp"
#include "persistence/request_filter.hpp"
#include "persistence/rocksdb_database.hpp"

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

namespace croupier::persistence {

/// Checkpoints as sorted files, one for each column family that has something new, taken in by one atomic ingestion.
/// See `checkpoint_store` for the contract. A run that is in already is not written again, so after an error of
/// unknown outcome the same run may be given once more.
class rocksdb_checkpoints final : public checkpoint_store, public checkpoint_rows {
public:
  /// `gate` outlives the object. `request_filter_bytes`: memory for telling new request ids from known ones.
  rocksdb_checkpoints(database_gate& gate, const database_settings& settings, std::uint64_t request_filter_bytes);
  ~rocksdb_checkpoints() override;

  /// Takes the request ids that are there already into the filter: a few of them before it returns, many in a thread of
  /// its own; until that is through, every look-up asks the disk. Once.
  void learn_requests();

  /// Bytes in memory beyond what RocksDB has.
  std::uint64_t memory_bytes() const noexcept { return filter_.bytes(); }

  result<done, storage_error> write(const checkpoint_run& run) override;
  checkpoint_head head() const override;
  std::optional<player_number> find_player(brand_number brand, std::string_view external_id) const override;
  void players_named(brand_number brand, std::string_view prefix,
                     const std::function<bool(player_number)>& visit) const override;
  std::optional<player_state> player(player_number number) const override;
  void each_player(std::span<const player_number> numbers,
                   const std::function<void(std::size_t, const std::optional<player_state>&)>& visit) const override;
  std::optional<sequence> find_request(const request_key& key) const override;
  void find_each_request(std::span<const request_key> keys, std::span<std::optional<sequence>> found) const override;
  std::vector<sequence> find_requests(std::uint64_t request_hash) const override;
  void history_down(player_number player, sequence before,
                    const std::function<bool(const history_row&)>& visit) const override;
  void players_down(player_number before, const std::function<bool(const player_state&)>& visit) const override;

  void
  names_up(const std::function<void(brand_number, std::string_view external_id, player_number)>& visit) const override;
  void requests_up(std::uint64_t from_request_hash,
                   const std::function<bool(const request_key&, sequence)>& visit) const override;
  void history_up(const std::function<void(const history_row&)>& visit) const override;

private:
  /// A finished file and where it goes.
  struct run_file {
    family to;
    std::string path;
  };

  result<std::vector<run_file>, storage_error> write_files(const checkpoint_run& run, sequence since) const;
  result<done, storage_error> ingest(const std::vector<run_file>& files, const position& valid_for) const;
  bool stopped() const;
  void learn_all(bool again);
  bool learn_some(std::string& next);

  database_gate& gate_;
  const database_settings settings_;
  std::mutex write_mutex_;
  request_filter filter_; ///< has the ids of a run before the run is taken in
  std::atomic<bool> learns_{true};
  std::thread learner_;
};

/// The head of the checkpoint in a database; throws storage_failure.
checkpoint_head read_head(const database& db);

/// Throws the storage_failure of a row that no checkpoint of ours can have.
[[noreturn]] void throw_malformed_row(std::string_view what);

/// The number that a value of an index holds; `what` is thrown when it holds none.
std::uint64_t number_in(std::string_view value, std::string_view what);

} // namespace croupier::persistence
