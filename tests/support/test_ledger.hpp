#pragma once

#include "actors/gateway.hpp"
#include "persistence/committed_view.hpp"
#include "persistence/rocksdb_store.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace croupier::test {

/// A folder that is made anew and goes with the object.
class temporary_folder {
public:
  temporary_folder();
  ~temporary_folder();
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  const std::filesystem::path& path() const noexcept { return path_; }

private:
  std::filesystem::path path_;
};

/// One update of a movement as a table row: {"deposits-total", "+12.50"} adds, {"ngr", "=7"} replaces.
struct update_text {
  std::string code;
  std::string value;
};

/// The real thing without HTTP: RocksDB in a folder, view and gateway. The workspace has two brands (1, 2), decimal
/// metrics deposits-total and ngr, integer metric bets, an offer with 5 % on deposits-total (link 1) and one with 25 %
/// on ngr (link 2). Can be stopped, or crashed, and opened again.
class test_ledger {
public:
  explicit test_ledger(std::filesystem::path folder, actors::gateway_options options = {}, rocksdb::Env* env = nullptr);
  ~test_ledger();

  void open();
  /// Stops in order. False when that failed.
  bool stop();

  /// A click on a link; its id.
  uuid click(link_number link);
  actors::outcome register_player(brand_number brand, const std::string& external_id, const uuid& click);
  actors::movement_request movement(brand_number brand, const std::string& external_id, const std::string& request_id,
                                    std::vector<update_text> updates) const;
  actors::outcome record(brand_number brand, const std::string& external_id, const std::string& request_id,
                         std::vector<update_text> updates);
  /// The durable balance as text ("0" when untouched), or "no player".
  std::string balance(brand_number brand, const std::string& external_id, std::string_view code) const;

  actors::gateway& gateway() noexcept { return *gateway_; }
  const persistence::committed_view& view() const noexcept { return *view_; }
  static actors::gateway::deadline soon();

private:
  std::filesystem::path folder_;
  actors::gateway_options options_;
  rocksdb::Env* env_;
  std::unique_ptr<persistence::rocksdb_store> store_;
  std::unique_ptr<persistence::committed_view> view_;
  std::unique_ptr<actors::gateway> gateway_;
};

/// "receipt", the rejection's or the failure's name: what a table of expectations says.
std::string_view name_of(const actors::outcome& outcome);

} // namespace croupier::test
