#include "benchmarks/race/postgres.hpp"

#include "benchmarks/race/postgres_schema.hpp"

#include <libpq-fe.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace croupier::race {

namespace {

namespace fs = std::filesystem;

constexpr auto start_patience = std::chrono::seconds(60);
constexpr auto stop_patience = std::chrono::seconds(120);

/// The folder of the newest server installed.
fs::path programs() {
  std::vector<fs::path> found;
  std::error_code absent;
  for (const auto& each : fs::directory_iterator("/usr/lib/postgresql", absent))
    if (fs::exists(each.path() / "bin" / "initdb")) found.push_back(each.path() / "bin");
  std::sort(found.begin(), found.end());
  return found.empty() ? fs::path() : found.back();
}

/// initdb refuses to run as root.
std::string server_user() {
  return ::geteuid() == 0 ? "postgres" : "";
}

void hand_over(const fs::path& folder) {
  const passwd* user = server_user().empty() ? nullptr : ::getpwnam(server_user().c_str());
  if (user != nullptr && ::chown(folder.c_str(), user->pw_uid, user->pw_gid) != 0)
    throw std::runtime_error(folder.string() + " cannot be given to " + user->pw_name);
}

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct finish {
  void operator()(PGconn* connection) const { ::PQfinish(connection); }
};
using connection_ptr = std::unique_ptr<PGconn, finish>;
struct clear {
  void operator()(PGresult* result) const { ::PQclear(result); }
};
using result_ptr = std::unique_ptr<PGresult, clear>;

connection_ptr connect(const std::string& text) {
  connection_ptr made(::PQconnectdb(text.c_str()));
  if (::PQstatus(made.get()) != CONNECTION_OK) throw std::runtime_error(::PQerrorMessage(made.get()));
  return made;
}

result_ptr query(PGconn* connection, const std::string& sql) {
  result_ptr got(::PQexec(connection, sql.c_str()));
  const auto status = ::PQresultStatus(got.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) throw std::runtime_error(::PQerrorMessage(connection));
  return got;
}

} // namespace

postgres::postgres(const workload& work) : system(work) {}

postgres::~postgres() = default;

const std::vector<std::string>& postgres::settings() {
  static const std::vector<std::string> all{
      "fsync=on",          "synchronous_commit=on", "full_page_writes=on",     "shared_buffers=1GB",
      "wal_buffers=64MB",  "max_wal_size=8GB",      "max_connections=400",     "jit=off",
      "listen_addresses=", "logging_collector=off", "log_min_messages=warning"};
  return all;
}

std::string postgres::missing() {
  if (programs().empty()) return "initdb (package postgresql)";
  if (!server_user().empty() && ::getpwnam(server_user().c_str()) == nullptr) return "the user " + server_user();
  return "";
}

std::string postgres::program(const std::string& name) {
  return (programs() / name).string();
}

std::string postgres::connection_text(const std::string& database) const {
  return "host=" + folder_.string() + " user=race dbname=" + database;
}

void postgres::start(const fs::path& folder) {
  folder_ = folder;
  fs::create_directories(folder);
  hand_over(folder);
  const auto data = folder / "cluster";
  const auto log = folder / "log.txt";
  bench::child_process maker(
      {{program("initdb"), "-D", data.string(), "-U", "race", "-A", "trust", "-E", "UTF8", "--locale=C"},
       {},
       log,
       server_user()});
  while (maker.read_line(start_patience)) {
  }
  if (maker.wait(start_patience) != 0) throw std::runtime_error("initdb failed: " + text_of(log));

  bench::child_options server{
      {program("postgres"), "-D", data.string(), "-k", folder.string()}, {}, log, server_user()};
  for (const auto& each : settings()) server.arguments.insert(server.arguments.end(), {"-c", each});
  server_ = std::make_unique<bench::child_process>(server);
  const auto until = std::chrono::steady_clock::now() + start_patience;
  while (::PQping(connection_text().c_str()) != PQPING_OK) {
    if (!server_->running() || std::chrono::steady_clock::now() > until)
      throw std::runtime_error("PostgreSQL does not serve: " + text_of(log));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  fill("postgres");
}

void postgres::fill(const std::string& database) {
  const auto connection = connect(connection_text(database));
  const auto& options = model().work().options();
  query(connection.get(), postgres_schema);
  query(connection.get(), "insert into player (brand, external_id) select n % " + std::to_string(options.brands) +
                              ", 'player-' || n from generate_series(0, " + std::to_string(options.players - 1) +
                              ") n");
  query(connection.get(), "vacuum analyze");
}

void postgres::make_database(const std::string& name) {
  query(connect(connection_text()).get(), "create database " + name);
  fill(name);
}

std::string postgres::query_text(const std::string& database, const std::string& sql) const {
  const auto connection = connect(connection_text(database));
  return ::PQgetvalue(query(connection.get(), sql).get(), 0, 0);
}

std::uint64_t postgres::disk_bytes(const fs::path&) const {
  return std::stoull(query_text("postgres", "select pg_database_size('postgres')"));
}

void postgres::stop() {
  if (server_->stop(SIGINT, stop_patience) != 0) throw std::runtime_error("PostgreSQL did not stop in order");
}

void postgres::show(bench::balance_check& check) {
  const auto connection = connect(connection_text());
  const auto rows = query(connection.get(),
                          "select p.external_id, b.metric, b.value from balance b join player p on p.id = b.player");
  for (int i = 0; i < ::PQntuples(rows.get()); ++i)
    check.see(std::string_view(::PQgetvalue(rows.get(), i, 0)), ::PQgetvalue(rows.get(), i, 1),
              std::string_view(::PQgetvalue(rows.get(), i, 2)));
  const auto count = query(connection.get(), "select count(*) from movement");
  check.see_count(std::stoull(::PQgetvalue(count.get(), 0, 0)));
}

} // namespace croupier::race
