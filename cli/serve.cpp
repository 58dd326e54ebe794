#include "cli/commands.hpp"
#include "cli/copying.hpp"
#include "cli/first_start.hpp"
#include "cli/log.hpp"
#include "cli/stop_signal.hpp"
#include "cli/storage_refusal.hpp"
#include "config/setting_names.hpp"
#include "config/workspace_file.hpp"
#include "http/metrics.hpp"
#include "http/routes.hpp"
#include "http/server.hpp"
#include "persistence/rocksdb_store.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <sys/resource.h>
#include <sys/stat.h>

namespace croupier::cli {
namespace {

using config::log_level;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds progress_interval{2};

constexpr const char* footer = R"(Every setting may also stand in the file of --config (TOML, with underscores) and in
the environment (CROUPIER_ and the name in capitals); the command line is strongest.
CROUPIER_ADMIN_KEY sets the admin key; without it the first start makes one and
prints it, once. SIGTERM and SIGINT stop the server in an orderly way; nothing that
was answered depends on that.

Examples:
  croupier serve --workspace config/demo-workspace.toml
  croupier serve --config /etc/croupier/croupier.toml --listen 0.0.0.0:443

Exit codes: 0 stopped, 1 failure, 2 wrong usage, settings or workspace, 3 data folder
locked, foreign, of an unknown version or corrupt, 4 a second signal forced the end.)";

std::optional<std::string> environment_value(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

exit_code list(const config::problems& problems, exit_code code) {
  for (const config::problem& one : problems) std::cerr << "croupier: " << one.text() << '\n';
  return code;
}

persistence::durability storage_durability(config::durability mode) {
  switch (mode) {
  case config::durability::sync: return persistence::durability::sync;
  case config::durability::async: return persistence::durability::async;
  }
  return persistence::durability::sync;
}

actors::gateway_options gateway_options_of(const config::settings& from) {
  actors::gateway_options options;
  options.in_flight_max = from.in_flight_max;
  options.awake_players_max = from.awake_players_max;
  options.idle_after = seconds(from.idle_after_s);
  options.checkpoint_entries = from.checkpoint_entries;
  options.checkpoint_after = seconds(from.checkpoint_after_s);
  options.sync_interval = milliseconds(from.sync_interval_ms);
  options.mode = storage_durability(from.durability);
  options.worker_threads = from.actor_threads;
  return options;
}

http::server_options server_options_of(const config::settings& from, const log& lines) {
  http::server_options options;
  options.host = from.listen.host;
  options.port = from.listen.port;
  options.tls_certificate_path = from.tls_certificate;
  options.tls_key_path = from.tls_key;
  options.worker_threads_max = from.worker_threads_max;
  options.connections_max = from.connections_max;
  options.rate_limit_per_minute = static_cast<std::uint32_t>(from.rate_limit_per_minute);
  options.environment =
      from.environment == config::environment::staging ? key_environment::staging : key_environment::live;
  options.keep_alive_timeout = seconds(from.keep_alive_timeout_s);
  options.header_timeout = seconds(from.header_timeout_s);
  options.body_timeout = seconds(from.body_timeout_s);
  options.write_timeout = seconds(from.write_timeout_s);
  options.request_deadline = milliseconds(from.request_deadline_ms);
  if (from.access_log) options.access_log = lines.access_logger();
  return options;
}

/// Half of the threads that streams may hold at all are left to those that bring or fetch data in bulk.
http::deliver::stream_options stream_options_of(const config::settings& from) {
  http::deliver::stream_options options;
  options.streams_max = std::max<std::size_t>(from.worker_threads_max / 8, 1);
  return options;
}

/// Lines about destinations that fail, and one when such a one is back.
std::function<void(const http::deliver::delivery_event&)> delivery_lines(log& lines) {
  using kind = http::deliver::delivery_event::kind;
  return [&lines](const http::deliver::delivery_event& event) {
    const auto position = std::to_string(event.delivered.value);
    switch (event.what) {
    case kind::failed:
      lines.write(log_level::warning, "a delivery failed",
                  {{"destination", event.destination},
                   {"why", event.why},
                   {"delivered", position},
                   {"failures", std::to_string(event.failures)},
                   {"retry_after_ms", std::to_string(event.pause.count())}});
      break;
    case kind::delivers_again:
      lines.write(log_level::info, "a destination takes entries again",
                  {{"destination", event.destination}, {"delivered", position}});
      break;
    case kind::position_ahead:
      lines.write(log_level::warning, "a destination is ahead of the data folder; it goes on from the newest entry",
                  {{"destination", event.destination}, {"why", event.why}});
      break;
    case kind::position_unnoted:
      lines.write(log_level::error, "the position of a destination cannot be noted",
                  {{"destination", event.destination}, {"why", event.why}});
      break;
    }
  };
}

http::deliver::delivery_options delivery_options_of(const config::settings& from, log& lines) {
  http::deliver::delivery_options options;
  options.data_folder = from.data_dir;
  options.allow_private = from.allow_private_destinations;
  options.on_event = delivery_lines(lines);
  return options;
}

/// Each open connection and each file of the data folder takes a descriptor; the usual soft limit of 1024 is for
/// programs that use select().
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

/// Lines about a replay that takes its time.
persistence::replay_progress replay_lines(log& lines) {
  return [&lines, last = std::chrono::steady_clock::now()](sequence done, sequence end) mutable {
    const auto now = std::chrono::steady_clock::now();
    if (now - last < progress_interval) return;
    last = now;
    lines.write(log_level::info, "replaying the journal",
                {{"sequence", std::to_string(done.value)}, {"of", std::to_string(end.value)}});
  };
}

/// A line about a write that a crash interrupted. What it was to record was not answered.
void tell_cut(const std::optional<persistence::torn_tail>& cut, log& lines) {
  if (!cut) return;
  lines.write(
      log_level::warning, "the journal's last write was not whole and has been cut off",
      {{"sequence", std::to_string(cut->last.value)}, {"file", cut->file}, {"bytes", std::to_string(cut->bytes)}});
}

/// Lines about a disk that fails, one when it is back, and those about what could not be read.
std::function<void(actors::storage_event, const std::string&)> storage_lines(log& lines) {
  return [&lines](actors::storage_event what, const std::string& text) {
    switch (what) {
    case actors::storage_event::failed:
      lines.write(log_level::error, "the storage fails; trying again", {{"why", text}});
      break;
    case actors::storage_event::back: lines.write(log_level::warning, "the storage is back"); break;
    case actors::storage_event::unreadable:
      lines.write(log_level::error, "stored data could not be read", {{"why", text}});
      break;
    }
  };
}

void tell_workspace(const workspace_start& start, const config::settings& settings, const workspace& ws, log& lines) {
  if (start.objects_loaded > 0)
    lines.write(log_level::info, "workspace loaded",
                {{"file", settings.workspace}, {"objects", std::to_string(start.objects_loaded)}});
  if (start.file_ignored)
    lines.write(log_level::info, "workspace file not read: the data folder has its own workspace",
                {{"file", settings.workspace}});
  if (ws.brands().empty())
    lines.write(log_level::warning, "the workspace has no brand yet: start once with --workspace FILE");
  for (const api_key& key : ws.api_keys())
    if (config::is_public(key))
      lines.write(log_level::warning, "everyone knows this key; it is for trying Croupier out", {{"key", key.name}});
  if (start.admin_key_replaced) lines.write(log_level::info, "admin key replaced by CROUPIER_ADMIN_KEY");
  if (start.new_admin_key)
    std::cout << "The admin key of this ledger, which is not shown again: " << *start.new_admin_key << std::endl;
}

/// Backups on demand, one at a time. Any thread.
class backups {
public:
  backups(const persistence::rocksdb_store& store, const config::settings& settings, log& lines)
      : store_(store), lines_(lines) {
    data_ = settings.data_dir;
    options_.folder = settings.backup_dir;
    options_.keep = static_cast<std::uint32_t>(settings.backups_kept);
    options_.cancelled = &cancelled_;
  }

  result<http::ops::backup_made, http::ops::backup_refused> make() {
    const std::unique_lock one(running_, std::try_to_lock);
    if (!one) return http::ops::backup_refused{true, "another backup is being made"};
    {
      const std::lock_guard held(looking_);
      look_ = growth_of(options_.folder, bytes_to_back_up(data_, options_.folder));
    }
    const auto made = store_.back_up(options_);
    {
      const std::lock_guard held(looking_);
      look_ = nullptr;
    }
    if (!made) {
      lines_.write(log_level::error, "backup failed", {{"reason", made.error().text}});
      return http::ops::backup_refused{made.error().code == persistence::storage_errc::foreign, made.error().text};
    }
    lines_.write(log_level::info, "backup made",
                 {{"backup", std::to_string(made->number)},
                  {"sequence", std::to_string(made->at.value)},
                  {"new_bytes", std::to_string(made->new_bytes)}});
    return http::ops::backup_made{made->number, made->at.value, made->bytes, made->new_bytes};
  }

  http::ops::backup_progress progress() const {
    const std::lock_guard held(looking_);
    const auto now = look_ ? look_() : std::nullopt;
    return now ? http::ops::backup_progress{true, now->bytes, now->of_bytes} : http::ops::backup_progress{};
  }

  /// The one that is being made is given up, and no other is made, so that a stop does not wait for it.
  void cancel() { cancelled_ = true; }

private:
  const persistence::rocksdb_store& store_;
  log& lines_;
  persistence::backup_options options_;
  std::atomic<bool> cancelled_{false};
  std::mutex running_;
  std::filesystem::path data_;
  mutable std::mutex looking_;
  shown_meanwhile::looker look_; ///< empty: none is being made
};

/// The HTTP side, from listening to the last answer.
exit_code serve_http(const config::settings& settings, const persistence::rocksdb_store& store, actors::gateway& ledger,
                     actors::books& books, actors::billing& billing, stop_signal& signal, log& lines) {
  backups on_demand(store, settings, lines);
  http::ops::backup_maker maker;
  if (!settings.backup_dir.empty()) maker = [&on_demand] { return on_demand.make(); };
  const auto counters = std::make_shared<http::metrics>();
  http::deliver::entry_streams streams(ledger, stream_options_of(settings));
  http::deliver::deliveries deliveries(ledger, delivery_options_of(settings, lines));
  http::revvvs::tracking tracking(ledger);
  auto routes =
      http::make_routes({ledger, books, billing, [counters](std::string& out) { counters->write_prometheus(out); },
                         streams, deliveries, tracking, maker, [&on_demand] { return on_demand.progress(); },
                         [counters](std::uint32_t key) { return counters->keys.last_used(key); }});
  http::server server(
      server_options_of(settings, lines), std::move(routes), [&ledger] { return ledger.view().current_workspace(); },
      counters);
  const auto port = server.start();
  if (!port) return fail(port.error());
  config::listen_address bound = settings.listen;
  bound.port = *port;
  signal.serving();
  std::cout << "croupier is serving on " << (settings.tls_certificate.empty() ? "http://" : "https://") << bound.text()
            << " with its data in " << settings.data_dir << std::endl;
  signal.wait();
  on_demand.cancel();
  lines.write(log_level::info, "taking no more requests; finishing those that have begun");
  streams.stop();
  deliveries.stop();
  server.stop();
  tracking.impressions.stop();
  return exit_code::success;
}

/// The books beside the ledger, around everything that reads them.
exit_code serve_books(const config::settings& settings, const persistence::rocksdb_store& store,
                      actors::gateway& ledger, stop_signal& signal, log& lines) {
  const auto books = actors::books::open(settings.data_dir, ledger.view(),
                                         [&lines](const std::string& line) { lines.write(log_level::error, line); });
  if (!books) return refusal_of(books.error());
  actors::billing billing(ledger, **books);
  const auto code = serve_http(settings, store, ledger, **books, billing, signal, lines);
  billing.stop();
  (*books)->stop();
  return code;
}

exit_code serve(const config::settings& settings) {
  take_over_signals();
  raise_descriptor_limit();
  umask(S_IRWXG | S_IRWXO); // the data folder holds what players did: nobody else's business
  log lines(settings.log_level, settings.log_format);
  stop_signal signal([&lines](const char* what) { lines.write(log_level::info, what); });

  persistence::store_options store_options;
  store_options.folder = settings.data_dir;
  store_options.mode = storage_durability(settings.durability);
  store_options.block_cache_bytes = settings.block_cache_mib << 20;
  store_options.request_filter_bytes = settings.request_filter_mib << 20;
  const auto store = persistence::rocksdb_store::open(store_options);
  if (!store) return refusal_of(store.error());

  persistence::committed_view view((*store)->key(), (*store)->journal(), (*store)->checkpoints());
  tell_cut((*store)->cut_at_opening(), lines);
  const auto restored = view.restore(replay_lines(lines));
  if (!restored) return refusal_of(restored.error());
  lines.write(log_level::info, "ledger restored",
              {{"folder", settings.data_dir},
               {"sequence", std::to_string(view.durable().value)},
               {"players", std::to_string(view.player_count())},
               {"durability", std::string(name_of(settings.durability))}});

  auto gateway_options = gateway_options_of(settings);
  gateway_options.on_storage_event = storage_lines(lines);
  actors::gateway ledger(**store, view, gateway_options);
  exit_code code = exit_code::success;
  if (const auto start = start_workspace(ledger, settings, environment_value)) {
    tell_workspace(*start, settings, *view.current_workspace(), lines);
    code = serve_books(settings, **store, ledger, signal, lines);
  } else {
    code = list(start.error().problems, start.error().code);
  }

  lines.write(log_level::info, "writing a last checkpoint, so that the next start has nothing to replay");
  const auto stopped = ledger.stop();
  if (!stopped) return refusal_of(stopped.error());
  lines.write(log_level::info, "stopped", {{"sequence", std::to_string(view.durable().value)}});
  return code;
}

struct serve_arguments {
  std::optional<std::string> config_file;
  std::vector<std::pair<std::string, std::optional<std::string>>> values; ///< by setting name
};

exit_code run(const serve_arguments& arguments) {
  config::settings_sources sources{arguments.config_file, environment_value, {}};
  for (const auto& [name, value] : arguments.values)
    if (value) sources.command_line.emplace_back(name, *value);
  const auto settings = config::load_settings(sources);
  return settings ? serve(*settings) : list(settings.error(), exit_code::usage);
}

} // namespace

void add_serve(CLI::App& app, exit_code& code) {
  CLI::App* command = app.add_subcommand("serve", "Run the ledger");
  auto arguments = std::make_shared<serve_arguments>();
  command->option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  command->add_option("--config", arguments->config_file, "File of settings (TOML)")->type_name("FILE");
  const config::settings defaults;
  const auto fields = config::setting_fields();
  arguments->values.reserve(fields.size()); // the options keep pointers into it
  for (const config::setting_field& field : fields) {
    auto& value = arguments->values.emplace_back(field.name, std::nullopt).second;
    const std::string usual = field.value_text(defaults);
    command
        ->add_option(field.option_name(), value,
                     std::string(field.sentence) + (usual.empty() ? "" : " [" + usual + "]"))
        ->type_name(field.allowed());
  }
  command->footer(footer);
  command->callback([arguments, &code] { code = run(*arguments); });
}

} // namespace croupier::cli
