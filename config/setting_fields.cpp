#include "config/settings.hpp"

#include "config/setting_names.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace croupier::config {
namespace {

// Where a bound is about this machine rather than about sense, it is generous: the operator knows the machine.
constexpr std::array fields{
    setting_field{"listen", &settings::listen, 0, 0,
                  "Address and port to serve on; port 0 takes a free one. Only this machine reaches the default."},
    setting_field{"data_dir", &settings::data_dir, 0, 0,
                  "Folder of the ledger; made when it is absent, locked while the server runs."},
    setting_field{
        "workspace", &settings::workspace, 0, 0,
        "Workspace file (TOML) that a new data folder starts with; a folder that has a workspace ignores it."},
    setting_field{
        "backup_dir", &settings::backup_dir, 0, 0,
        "Folder, better on another disk, for the backups that `croupier backup` asks for; without it they are "
        "refused."},
    setting_field{"backups_kept", &settings::backups_kept, 1, 100'000,
                  "The newest so many backups stay in `backup_dir`."},
    setting_field{"environment", &settings::environment, 0, 0,
                  "API keys of this environment are taken; one of the other counts as unknown, in every dialect."},
    setting_field{"durability", &settings::durability, 0, 0,
                  "When a write is answered: `sync` after it is on the disk, `async` once it is written but up to "
                  "`sync_interval_ms` before it is on the disk, so that a power cut can take it back."},
    setting_field{"sync_interval_ms", &settings::sync_interval_ms, 1, 60'000,
                  "With durability `async`: how often the journal is synced."},
    setting_field{"in_flight_max", &settings::in_flight_max, 1, 1'000'000,
                  "Movements accepted and not yet answered, in the whole process; beyond it calls are answered 503."},
    setting_field{"awake_players_max", &settings::awake_players_max, 1'000, 50'000'000,
                  "Players held in memory; beyond it the longest idle ones are put to sleep."},
    setting_field{"idle_after_s", &settings::idle_after_s, 1, 86'400,
                  "A player without a call for this long is put to sleep."},
    setting_field{"checkpoint_entries", &settings::checkpoint_entries, 1'000, 10'000'000,
                  "Entries after which a checkpoint is written; bounds the time of a start and about 300 bytes of "
                  "memory an entry."},
    setting_field{"checkpoint_after_s", &settings::checkpoint_after_s, 1, 86'400,
                  "A checkpoint is also written when the oldest entry without one is this old."},
    setting_field{"actor_threads", &settings::actor_threads, 1, 256,
                  "Threads of the actor system, for what no request's own thread runs."},
    setting_field{"block_cache_mib", &settings::block_cache_mib, 8, 1'048'576, "Memory for blocks read from the disk."},
    setting_field{
        "request_filter_mib", &settings::request_filter_mib, 1, 1'048'576,
        "At most so much memory for telling new request ids from known ones, 1.5 to 3 bytes for each id in the "
        "folder; with less than that, more new ids are looked up on the disk."},
    setting_field{"worker_threads_max", &settings::worker_threads_max, 4, 65'536,
                  "Threads that serve requests; silent connections hold none. A quarter may be held by streams."},
    setting_field{"connections_max", &settings::connections_max, 1, 1'000'000,
                  "Open connections; further clients are answered 503 and closed."},
    setting_field{"keep_alive_timeout_s", &settings::keep_alive_timeout_s, 1, 3'600,
                  "A connection without a request is closed after this long."},
    setting_field{"header_timeout_s", &settings::header_timeout_s, 1, 3'600,
                  "Time for the head of a request, or a TLS handshake, from its first byte to its last."},
    setting_field{"body_timeout_s", &settings::body_timeout_s, 1, 3'600,
                  "Time for the body of a request; of a stream, for each piece of it."},
    setting_field{"write_timeout_s", &settings::write_timeout_s, 1, 3'600,
                  "Time for a client to read its answer; of a stream, each piece of it."},
    setting_field{"request_deadline_ms", &settings::request_deadline_ms, 10, 600'000,
                  "A write that has no answer by then is answered 504; repeating it with its request id is safe."},
    setting_field{"rate_limit_per_minute", &settings::rate_limit_per_minute, 0, 100'000'000,
                  "Requests a minute and API key; beyond it they are answered 429. 0: no limit."},
    setting_field{"tls_certificate", &settings::tls_certificate, 0, 0,
                  "Certificate chain (PEM file); with `tls_key` the server speaks HTTPS only."},
    setting_field{"tls_key", &settings::tls_key, 0, 0, "Private key of the certificate (PEM file)."},
    setting_field{"allow_private_destinations", &settings::allow_private_destinations, 0, 0,
                  "Let destinations be on this machine and in its private networks; otherwise they are refused."},
    setting_field{"access_log", &settings::access_log, 0, 0, "A log line for every request, at level `info`."},
    setting_field{"log_level", &settings::log_level, 0, 0, "The least important log lines that are written."},
    setting_field{"log_format", &settings::log_format, 0, 0,
                  "Log lines as `key=value` pairs or as JSON objects, on standard error."},
};

std::string in_code(std::string_view text) {
  return "`" + std::string(text) + "`";
}

} // namespace

std::span<const setting_field> setting_fields() {
  return fields;
}

std::string setting_field::environment_name() const {
  std::string result = "CROUPIER_";
  for (const char c : name) result.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
  return result;
}

std::string setting_field::option_name() const {
  std::string result = "--" + std::string(name);
  std::replace(result.begin(), result.end(), '_', '-');
  return result;
}

std::string setting_field::allowed() const {
  struct describe {
    const setting_field& field;
    std::string operator()(std::uint64_t settings::*) const {
      return std::to_string(field.minimum) + " to " + std::to_string(field.maximum);
    }
    std::string operator()(bool settings::*) const { return "true or false"; }
    std::string operator()(std::string settings::*) const { return "path"; }
    std::string operator()(listen_address settings::*) const { return "HOST:PORT"; }
    std::string operator()(durability settings::*) const { return choices_text<durability>(); }
    std::string operator()(log_level settings::*) const { return choices_text<log_level>(); }
    std::string operator()(log_format settings::*) const { return choices_text<log_format>(); }
    std::string operator()(config::environment settings::*) const { return choices_text<config::environment>(); }
  };
  return std::visit(describe{*this}, where);
}

std::string setting_field::value_text(const settings& from) const {
  struct print {
    const settings& from;
    std::string operator()(std::uint64_t settings::*member) const { return std::to_string(from.*member); }
    std::string operator()(bool settings::*member) const { return from.*member ? "true" : "false"; }
    std::string operator()(std::string settings::*member) const { return from.*member; }
    std::string operator()(listen_address settings::*member) const { return (from.*member).text(); }
    std::string operator()(durability settings::*member) const { return std::string(name_of(from.*member)); }
    std::string operator()(log_level settings::*member) const { return std::string(name_of(from.*member)); }
    std::string operator()(log_format settings::*member) const { return std::string(name_of(from.*member)); }
    std::string operator()(config::environment settings::*member) const { return std::string(name_of(from.*member)); }
  };
  return std::visit(print{from}, where);
}

std::optional<listen_address> listen_address::parse(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  if (host.front() == '[') {
    if (host.size() < 3 || host.back() != ']') return std::nullopt;
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return std::nullopt; // an IPv6 address needs its brackets, or its last group would be read as the port
  }
  listen_address result{std::string(host), 0};
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), result.port);
  if (error != std::errc{} || end != port.data() + port.size()) return std::nullopt;
  return result;
}

std::string listen_address::text() const {
  const bool bracketed = host.find(':') != std::string::npos;
  return (bracketed ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool listen_address::is_loopback() const noexcept {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

std::string settings_table_markdown() {
  const settings defaults;
  std::string table = "| Key in the file | Default | Allowed | What it does |\n|---|---|---|---|\n";
  for (const setting_field& field : fields) {
    const std::string value = field.value_text(defaults);
    table += "| " + in_code(field.name) + " | " + (value.empty() ? std::string("not set") : in_code(value)) + " | " +
             field.allowed() + " | " + std::string(field.sentence) + " |\n";
  }
  return table;
}

} // namespace croupier::config
