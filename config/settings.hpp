#pragma once

#include "config/problems.hpp"
#include "engine/result.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace croupier::config {

/// When a movement is answered.
enum class durability : std::uint8_t { sync, async };
enum class log_level : std::uint8_t { debug, info, warning, error };
enum class log_format : std::uint8_t { logfmt, json };
/// Which API keys the server takes.
enum class environment : std::uint8_t { live, staging };

/// Where the server listens, as one setting: "127.0.0.1:8080", "localhost:8080", "[::1]:8080". Port 0 asks the system
/// for a free one.
struct listen_address {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;

  static std::optional<listen_address> parse(std::string_view text);
  std::string text() const;
  /// Whether only this machine can reach it.
  bool is_loopback() const noexcept;
  friend bool operator==(const listen_address&, const listen_address&) = default;
};

/// How the server runs. Plain values with their defaults; names, bounds and explanations are in `setting_fields()`,
/// which the help text, the documentation and all three sources read.
struct settings {
  listen_address listen;
  std::string data_dir = "data";
  std::string workspace;
  std::string backup_dir;
  std::uint64_t backups_kept = 7;
  config::environment environment = config::environment::live;

  config::durability durability = durability::sync;
  std::uint64_t sync_interval_ms = 100;
  std::uint64_t in_flight_max = 8192;
  std::uint64_t awake_players_max = 200'000;
  std::uint64_t idle_after_s = 300;
  std::uint64_t checkpoint_entries = 131'072;
  std::uint64_t checkpoint_after_s = 60;
  std::uint64_t actor_threads = 2;
  std::uint64_t block_cache_mib = 256;
  std::uint64_t request_filter_mib = 256;

  std::uint64_t worker_threads_max = 256;
  std::uint64_t connections_max = 10'000;
  std::uint64_t keep_alive_timeout_s = 60;
  std::uint64_t header_timeout_s = 10;
  std::uint64_t body_timeout_s = 30;
  std::uint64_t write_timeout_s = 30;
  std::uint64_t request_deadline_ms = 10'000;
  std::uint64_t rate_limit_per_minute = 0;
  std::string tls_certificate;
  std::string tls_key;
  bool allow_private_destinations = false;

  bool access_log = true;
  config::log_level log_level = log_level::info;
  config::log_format log_format = log_format::logfmt;
};

/// One setting: what there is to say about it, said once.
struct setting_field {
  using member = std::variant<std::uint64_t settings::*, bool settings::*, std::string settings::*,
                              listen_address settings::*, durability settings::*, log_level settings::*,
                              log_format settings::*, config::environment settings::*>;

  std::string_view name; ///< the key in the file; "in_flight_max" is CROUPIER_IN_FLIGHT_MAX and --in-flight-max
  member where;
  std::uint64_t minimum = 0; ///< of numbers, inclusive
  std::uint64_t maximum = 0; ///< of numbers, inclusive
  std::string_view sentence; ///< what it does, for the help text and the documentation

  std::string environment_name() const;
  std::string option_name() const;
  /// What it may be: "1 to 65536", "sync or async", "true or false", "HOST:PORT", "path".
  std::string allowed() const;
  /// Its value in `from`, as the file would have it without quotes; empty text for "not set".
  std::string value_text(const settings& from) const;
};

/// Every setting, in the order of the documentation.
std::span<const setting_field> setting_fields();

/// Texts by name, as an environment or a command line gives them.
using named_texts = std::vector<std::pair<std::string, std::string>>;

/// Where the values come from, weakest first.
struct settings_sources {
  std::optional<std::string> file; ///< path of a TOML file; none: no file
  std::function<std::optional<std::string>(const std::string& name)> environment;
  named_texts command_line; ///< by setting name
};

/// Reads the defaults, then the file, the environment and the command line over them, and checks the whole. Either
/// settings that are valid in every respect, or everything that is wrong. Reads the file; no other effect.
result<settings, problems> load_settings(const settings_sources& sources);

/// The same from the text of a file that is called `name`.
result<settings, problems> parse_settings(std::string_view toml, std::string_view name,
                                          const settings_sources& overrides);

/// The table of all settings for the documentation, in Markdown.
std::string settings_table_markdown();

} // namespace croupier::config
