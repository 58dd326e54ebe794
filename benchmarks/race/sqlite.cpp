#include "benchmarks/race/sqlite.hpp"

#include <sqlite3.h>

#include <stdexcept>

namespace croupier::race {

namespace {

constexpr const char* schema = R"sql(
create table player (id integer primary key, brand integer not null, external_id text not null,
                     unique (brand, external_id));
create table movement (player integer not null, request_id text not null, payload text not null,
                       primary key (player, request_id)) without rowid;
create table balance (player integer not null, metric text not null, units integer not null,
                      primary key (player, metric)) without rowid;
)sql";

/// A prepared statement, reset after each use.
class statement {
public:
  statement(sqlite3* database, const char* sql) : database_(database) {
    if (::sqlite3_prepare_v2(database, sql, -1, &handle_, nullptr) != SQLITE_OK) fail();
  }
  ~statement() { ::sqlite3_finalize(handle_); }
  statement(const statement&) = delete;
  statement& operator=(const statement&) = delete;

  statement& bind(int place, std::int64_t value) {
    ::sqlite3_bind_int64(handle_, place, value);
    return *this;
  }
  statement& bind(int place, std::string_view text) {
    ::sqlite3_bind_text(handle_, place, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
    return *this;
  }
  /// True when there is a row.
  bool step() {
    const int code = ::sqlite3_step(handle_);
    if (code != SQLITE_ROW && code != SQLITE_DONE) fail();
    return code == SQLITE_ROW;
  }
  std::int64_t number(int column) const { return ::sqlite3_column_int64(handle_, column); }
  std::string_view text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(::sqlite3_column_text(handle_, column));
    return {bytes, static_cast<std::size_t>(::sqlite3_column_bytes(handle_, column))};
  }
  void reset() { ::sqlite3_reset(handle_); }
  /// For statements without rows.
  void run() {
    step();
    reset();
  }

private:
  [[noreturn]] void fail() { throw std::runtime_error("SQLite: " + std::string(::sqlite3_errmsg(database_))); }

  sqlite3* database_;
  sqlite3_stmt* handle_ = nullptr;
};

sqlite3* open(const std::filesystem::path& file) {
  sqlite3* made = nullptr;
  if (::sqlite3_open(file.c_str(), &made) != SQLITE_OK) throw std::runtime_error("SQLite: " + file.string());
  return made;
}

sqlite3* with_schema(sqlite3* handle) {
  for (const auto& each : sqlite::settings())
    if (::sqlite3_exec(handle, ("pragma " + each).c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
      throw std::runtime_error("SQLite: pragma " + each);
  if (::sqlite3_exec(handle, schema, nullptr, nullptr, nullptr) != SQLITE_OK)
    throw std::runtime_error("SQLite: " + std::string(::sqlite3_errmsg(handle)));
  return handle;
}

} // namespace

class sqlite::database final : public engine {
public:
  database(const std::filesystem::path& file, const workload& work) : work_(work), handle_(open(file)) {}

  void register_players() {
    statement add(handle_.get(), "insert into player (brand, external_id) values (?, ?)");
    begin_.run();
    for (std::uint32_t i = 0; i < work_.options().players; ++i) {
      const auto name = bench::external_id_of(i);
      add.bind(1, std::int64_t{work_.brand_of(i)}).bind(2, name).run();
    }
    commit_.run();
  }

  verdict apply(const movement& what, std::string& balances) override {
    begin_.run();
    const auto said = in_transaction(what, balances);
    commit_.run();
    return said;
  }

  void show(bench::balance_check& check) {
    statement all(handle_.get(),
                  "select p.external_id, b.metric, b.units from balance b join player p on p.id = b.player");
    while (all.step()) check.see(all.text(0), all.text(1), all.number(2));
    statement count(handle_.get(), "select count(*) from movement");
    count.step();
    check.see_count(static_cast<std::uint64_t>(count.number(0)));
  }

private:
  struct close {
    void operator()(sqlite3* handle) const { ::sqlite3_close(handle); }
  };

  verdict in_transaction(const movement& what, std::string& balances) {
    find_.bind(1, std::int64_t{what.brand}).bind(2, what.external_id);
    const bool found = find_.step();
    const auto player = found ? find_.number(0) : 0;
    find_.reset();
    if (!found) return verdict::wrong;
    insert_.bind(1, player).bind(2, what.request_id).bind(3, what.payload).run();
    if (::sqlite3_changes(handle_.get()) == 0) {
      old_.bind(1, player).bind(2, what.request_id).step();
      const bool same = old_.text(0) == what.payload;
      old_.reset();
      return same ? verdict::replayed : verdict::conflict;
    }
    balances.clear();
    for (std::size_t i = 0; i < what.changes.size(); ++i) {
      const auto code = work_.metrics()[i].code;
      change_.bind(1, player).bind(2, code).bind(3, what.changes[i]).step();
      balances.append(code).append("=").append(std::to_string(change_.number(0))).append(" ");
      change_.reset();
    }
    return verdict::applied;
  }

  const workload& work_;
  std::unique_ptr<sqlite3, close> handle_;
  sqlite3* ready_ = with_schema(handle_.get());
  statement begin_{ready_, "begin immediate"};
  statement commit_{ready_, "commit"};
  statement find_{ready_, "select id from player where brand = ? and external_id = ?"};
  statement insert_{ready_,
                    "insert into movement (player, request_id, payload) values (?, ?, ?) on conflict do nothing"};
  statement old_{ready_, "select payload from movement where player = ? and request_id = ?"};
  statement change_{ready_, "insert into balance (player, metric, units) values (?, ?, ?) on conflict (player, metric) "
                            "do update set units = units + excluded.units returning units"};
};

sqlite::sqlite(const workload& work) : system(work) {}

sqlite::~sqlite() = default;

const std::vector<std::string>& sqlite::settings() {
  static const std::vector<std::string> all{"journal_mode = wal", "synchronous = full", "cache_size = -262144"};
  return all;
}

void sqlite::start(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  database_ = std::make_unique<database>(folder / "ledger.sqlite", model().work());
  database_->register_players();
}

void sqlite::stop() {
  database_.reset();
}

void sqlite::show(bench::balance_check& check) {
  database_->show(check);
}

engine& sqlite::writer() noexcept {
  return *database_;
}

} // namespace croupier::race
