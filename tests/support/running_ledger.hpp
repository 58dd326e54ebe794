#pragma once

#include "actors/billing.hpp"
#include "actors/books.hpp"
#include "actors/gateway.hpp"
#include "http/deliver/deliveries.hpp"
#include "http/deliver/entry_streams.hpp"
#include "http/revvvs/tracking.hpp"
#include "http/server.hpp"
#include "persistence/committed_view.hpp"
#include "persistence/rocksdb_store.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace httplib {
class Client;
}

namespace croupier::test {

/// Keys of the running ledger's workspace.
inline constexpr std::string_view all_scopes_key = "rv_test_key_for_the_all"; ///< every scope but admin, every brand
inline constexpr std::string_view reader_key = "rv_test_key_for_the_reader";  ///< read
inline constexpr std::string_view writer_key = "rv_test_key_for_the_writer";  ///< movements:write
inline constexpr std::string_view second_brand_key =
    "rv_test_key_for_the_second";                                          ///< every scope but admin, second brand only
inline constexpr std::string_view admin_key = "rv_test_key_for_the_admin"; ///< admin
inline constexpr std::string_view second_admin_key = "rv_test_key_for_the_other_admin"; ///< admin, second brand only
inline constexpr std::string_view expired_key = "rv_test_key_for_the_expired";
inline constexpr std::string_view events_key = "rv_test_key_for_the_events"; ///< events:write, by default second brand
inline constexpr std::string_view staging_key = "rv_test_key_for_the_staging"; ///< as all, but of environment staging

/// Ids of the demo workspace, and of the brand that the tests add to it.
inline constexpr std::string_view demo_brand = "0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11";
inline constexpr std::string_view second_brand = "0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c12";
inline constexpr std::string_view deposits_link = "5d1f0c2a-0001-4000-8000-000000000001"; ///< 5 % on deposits-total
inline constexpr std::string_view ngr_link = "5d1f0c2a-0001-4000-8000-000000000002";      ///< 25 % on ngr
inline constexpr std::string_view disabled_link = "5d1f0c2a-0001-4000-8000-000000000003";
inline constexpr std::string_view demo_affiliate = "5d1f0c2a-0002-4000-8000-000000000001";

/// The whole product without its command line: RocksDB in a folder, gateway, routes and server on a free port. The
/// workspace is the demo workspace with a second brand (USD, NGR as running totals), an archived metric `retired`, a
/// disabled link and the keys above.
class running_ledger {
public:
  explicit running_ledger(std::filesystem::path folder, actors::gateway_options options = {},
                          http::deliver::stream_options streams = {}, http::deliver::delivery_options deliveries = {},
                          http::server_options served = {});
  ~running_ledger();
  running_ledger(const running_ledger&) = delete;
  running_ledger& operator=(const running_ledger&) = delete;

  /// Stops in order and starts again on the same folder.
  void restart();

  std::uint16_t port() const noexcept { return port_; }
  actors::gateway& gateway() noexcept { return *gateway_; }
  actors::books& books() noexcept { return *books_; }
  http::deliver::deliveries& deliveries() noexcept { return *deliveries_; }
  /// The table of every call.
  std::vector<http::route> routes() const;
  actors::billing& billing() noexcept { return *billing_; }

  /// The newest durable sequence and every player with its balances: two equal ones mean that nothing has changed.
  std::string state() const;

private:
  void start();
  void stop();

  std::filesystem::path folder_;
  actors::gateway_options options_;
  http::deliver::stream_options stream_options_;
  http::deliver::delivery_options delivery_options_;
  http::server_options served_;
  std::unique_ptr<persistence::rocksdb_store> store_;
  std::unique_ptr<persistence::committed_view> view_;
  std::unique_ptr<actors::gateway> gateway_;
  std::unique_ptr<actors::books> books_;
  std::shared_ptr<http::metrics> counters_;
  std::unique_ptr<http::deliver::entry_streams> streams_;
  std::unique_ptr<http::deliver::deliveries> deliveries_;
  std::unique_ptr<http::revvvs::tracking> tracking_;
  std::unique_ptr<actors::billing> billing_;
  std::unique_ptr<http::server> server_;
  std::uint16_t port_ = 0;
};

using header_list = std::vector<std::pair<std::string, std::string>>;

/// An answer as it came over the wire.
struct reply {
  int status = 0;
  std::string body;
  header_list headers;

  /// The header's value by its name in any case; empty when absent.
  std::string header(std::string_view name) const;
  /// A value of the JSON body by its path ("rows.0.client.id"): the text of strings, numbers and booleans, "[n]" for a
  /// list of n, "{}" for an object, "absent" when there is none. Fails the test when the body is not JSON.
  std::string at(std::string_view path) const;
};

/// A client of the ledger over one kept connection.
class api_client {
public:
  explicit api_client(const running_ledger& ledger, std::string_view key = all_scopes_key);
  ~api_client();

  reply get(const std::string& path, const header_list& headers = {});
  reply head(const std::string& path);
  reply post(const std::string& path, const std::string& json, const header_list& headers = {});
  /// Any method, type and headers. An empty type sends none.
  reply send(const std::string& method, const std::string& path, const std::string& body, const std::string& type,
             const header_list& headers = {});

  /// Follows a tracking link; the click's id.
  std::string click(std::string_view link);
  /// Registers a player of the demo brand through a click on the link.
  void register_player(const std::string& external_id, std::string_view link = deposits_link);
  /// Records updates of one player of the demo brand: {"ngr", "+1.50"} adds, {"bets", "=7"} replaces.
  reply record(const std::string& external_id, const std::string& request_id,
               const std::vector<std::pair<std::string, std::string>>& updates, const header_list& headers = {});

private:
  std::unique_ptr<httplib::Client> http_;
  std::string key_;
};

/// The body of a movement of the demo brand; `request_id` empty: none.
std::string movement_body(const std::string& external_id, const std::string& request_id,
                          const std::vector<std::pair<std::string, std::string>>& updates);

} // namespace croupier::test
