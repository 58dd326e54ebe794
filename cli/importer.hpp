#pragma once

#include "cli/api_client.hpp"
#include "cli/movement_source.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace croupier::cli {

/// Whether players that the ledger does not know are registered, and with which click.
struct registration_wish {
  std::string click; ///< an existing click, or empty
  std::string link;  ///< a tracking link on which one click is made when the first player is met; or empty

  bool any() const noexcept { return !click.empty() || !link.empty(); }
};

/// What the values of a file are.
enum class import_kind {
  movements,       ///< what happened: it earns what the plans say
  opening_balances ///< what players bring along from elsewhere: nothing is earned
};

struct import_summary {
  std::uint64_t lines = 0; ///< movements that the file gives, and places where it should
  std::uint64_t accepted = 0;
  std::uint64_t duplicates = 0; ///< the ledger had them
  std::uint64_t mismatches = 0; ///< of the duplicates, those that the ledger has with another content
  std::uint64_t errors = 0;
  std::uint64_t registered = 0;                                    ///< players
  std::vector<std::pair<std::uint64_t, std::string>> first_errors; ///< line and what is wrong, at most errors_kept
  std::string stopped; ///< not empty: the import ended before the file did, and why

  static constexpr std::size_t errors_kept = 10;
};

/// Sends the movements of a source to a server, in order, in NDJSON batches over one connection.
///
/// Purpose: a file of any size ends up in the ledger exactly once. What the server cannot take at the moment (busy,
///   restarting) is sent again; since every movement has a request id, sending again is safe, and so is a second
///   import.
///   Lines that an export marked as opening balances are sent as such, whatever the others are.
/// Operation: per batch, players that were not met before are registered if that is wished (several at a time), then
///   the batch goes out; an item that met a passing failure is repeated in the next round, in order.
/// Concurrency: one thread calls it; registering uses a few of its own.
class importer {
public:
  importer(server_access access, registration_wish wish, import_kind kind);

  using progress = std::function<void(const import_summary&, std::uint64_t bytes_read)>;

  /// Imports all of it. Called once.
  import_summary run(movement_source& source, const progress& show);

private:
  struct line {
    std::uint64_t number = 0;
    std::string body;
  };
  struct player {
    std::string brand;
    std::string id;
  };
  struct batch {
    std::vector<line> lines;
    std::vector<player> new_players;
    std::size_t bytes = 0;
    import_kind kind = import_kind::movements; ///< of all its lines
  };

  import_kind kind_of(const import_item& item) const noexcept;
  void add(import_item&& item);
  bool full() const noexcept;
  /// All of these answer false when the import cannot go on; `summary_.stopped` then says why.
  bool flush();
  bool register_players();
  bool make_click();
  bool send_lines();
  bool take_report(const std::string& body, std::vector<line>& again);
  bool stop(std::string why);

  void note_error(std::uint64_t line_number, std::string what);
  std::string registration_of(const player& who) const;

  server_access access_;
  registration_wish wish_;
  import_kind kind_;
  api_client client_;
  batch batch_;
  import_summary summary_;
  std::unordered_set<std::string> met_; ///< brand and id of the players met so far
};

} // namespace croupier::cli
