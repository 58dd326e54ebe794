#include "benchmarks/race/postgres.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <deque>
#include <stdexcept>

namespace croupier::race {

namespace {

constexpr const char* statement = "submit";
constexpr const char* single_sql =
    "select submit($1::integer, $2::text, $3::text, $4::text, $5::text[], $6::numeric[])";
constexpr const char* batch_sql =
    "select submit_batch($1::integer[], $2::text[], $3::text[], $4::text[], $5::text[], $6::numeric[])";
constexpr int parameter_count = 6;

struct finish {
  void operator()(PGconn* connection) const { ::PQfinish(connection); }
};
struct clear {
  void operator()(PGresult* result) const { ::PQclear(result); }
};
using result_ptr = std::unique_ptr<PGresult, clear>;

/// The parameters of a call as text; the strings keep their memory from call to call.
class parameters {
public:
  explicit parameters(const workload& work) : work_(work) {
    auto& codes = texts_[4];
    for (const auto& each : work.metrics()) codes.append(codes.empty() ? "{" : ",").append(each.code);
    codes += '}';
  }

  void set(const movement& what) {
    texts_[0] = std::to_string(what.brand);
    texts_[1] = what.external_id;
    texts_[2] = what.request_id;
    texts_[3] = what.payload;
    texts_[5] = '{';
    add_values(what);
    texts_[5] += '}';
  }

  void set(const std::vector<movement>& all) {
    for (const int i : {0, 1, 2, 3, 5}) texts_[i] = '{';
    for (const auto& each : all) {
      for (const int i : {0, 1, 2, 3, 5})
        if (texts_[i].size() > 1) texts_[i] += ',';
      texts_[0] += std::to_string(each.brand);
      texts_[1] += each.external_id;
      texts_[2] += each.request_id;
      add_quoted(texts_[3], each.payload);
      add_values(each);
    }
    for (const int i : {0, 1, 2, 3, 5}) texts_[i] += '}';
  }

  std::array<const char*, parameter_count> pointers() const {
    std::array<const char*, parameter_count> all{};
    for (int i = 0; i < parameter_count; ++i) all[i] = texts_[i].c_str();
    return all;
  }

private:
  void add_values(const movement& what) {
    for (std::size_t i = 0; i < what.changes.size(); ++i) {
      if (i > 0) texts_[5] += ',';
      bench::append_value(texts_[5], what.changes[i], work_.metrics()[i].decimal);
    }
  }

  static void add_quoted(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += '"';
  }

  const workload& work_;
  std::array<std::string, parameter_count> texts_;
};

/// "applied deposits-total=12.50000000", "replayed", "conflict".
verdict verdict_of(std::string_view text, std::string_view& balances) {
  constexpr std::string_view applied = "applied";
  if (text.starts_with(applied)) {
    balances = text.substr(std::min(text.size(), applied.size() + 1));
    return verdict::applied;
  }
  if (text == "replayed") return verdict::replayed;
  if (text == "conflict") return verdict::conflict;
  return verdict::wrong;
}

class connection {
public:
  connection(const std::string& text, const char* sql) : handle_(::PQconnectdb(text.c_str())) {
    if (::PQstatus(handle_.get()) != CONNECTION_OK) throw std::runtime_error(::PQerrorMessage(handle_.get()));
    const result_ptr prepared(::PQprepare(handle_.get(), statement, sql, parameter_count, nullptr));
    if (::PQresultStatus(prepared.get()) != PGRES_COMMAND_OK) throw std::runtime_error(::PQerrorMessage(handle_.get()));
  }
  PGconn* get() const noexcept { return handle_.get(); }

private:
  std::unique_ptr<PGconn, finish> handle_;
};

class blocking_engine final : public engine {
public:
  blocking_engine(const std::string& text, const workload& work) : connection_(text, single_sql), parameters_(work) {}

  verdict apply(const movement& what, std::string& balances) override {
    parameters_.set(what);
    const result_ptr got(::PQexecPrepared(connection_.get(), statement, parameter_count, parameters_.pointers().data(),
                                          nullptr, nullptr, 0));
    if (::PQresultStatus(got.get()) != PGRES_TUPLES_OK) throw std::runtime_error(::PQerrorMessage(connection_.get()));
    std::string_view found;
    const auto said = verdict_of(::PQgetvalue(got.get(), 0, 0), found);
    balances = found;
    return said;
  }

private:
  connection connection_;
  parameters parameters_;
};

/// Whether a channel sends one movement or many in a call; both are the same to libpq.
class native_channel final : public load::channel {
public:
  native_channel(std::string text, const workload& work, movement_lookup find_one, movements_lookup find_many)
      : text_(std::move(text)), parameters_(work), find_one_(std::move(find_one)), find_many_(std::move(find_many)) {}

  io connect() override {
    try {
      connection_ = std::make_unique<connection>(text_, find_many_ ? batch_sql : single_sql);
    } catch (const std::runtime_error&) {
      return io::closed;
    }
    return ::PQsetnonblocking(connection_->get(), 1) == 0 ? io::done : io::closed;
  }
  io continue_connect() override { return io::closed; }
  int descriptor() const noexcept override { return ::PQsocket(connection_->get()); }

  void queue(const load::request& next) override {
    if (find_many_) {
      find_many_(next.tag, movements_);
      parameters_.set(movements_);
    } else {
      find_one_(next.tag, movement_);
      parameters_.set(movement_);
    }
    queued_ = true;
  }

  io flush() override {
    if (queued_) {
      queued_ = false;
      if (::PQsendQueryPrepared(connection_->get(), statement, parameter_count, parameters_.pointers().data(), nullptr,
                                nullptr, 0) != 1)
        return io::closed;
    }
    const int left = ::PQflush(connection_->get());
    if (left < 0) return io::closed;
    return left == 0 ? io::done : io::pending;
  }

  io receive(load::answer_sink& sink) override {
    if (::PQconsumeInput(connection_->get()) != 1) return io::closed;
    while (::PQisBusy(connection_->get()) == 0) {
      const result_ptr got(::PQgetResult(connection_->get()));
      if (!got) break; // the end of the call
      hand_over(*got, sink);
    }
    return io::done;
  }

  void close() noexcept override { connection_.reset(); }

private:
  void hand_over(const PGresult& got, load::answer_sink& sink) {
    auto said = verdict::wrong;
    std::string_view body;
    if (::PQresultStatus(&got) == PGRES_TUPLES_OK) {
      const std::string_view text = ::PQgetvalue(&got, 0, 0);
      said = find_many_ ? verdict::applied : verdict_of(text, body);
      if (find_many_) body = text;
    } else {
      body = ::PQresultErrorMessage(&got);
    }
    sink.answered({static_cast<int>(said), body});
  }

  std::string text_;
  std::unique_ptr<connection> connection_;
  parameters parameters_;
  movement_lookup find_one_;
  movements_lookup find_many_;
  movement movement_;
  std::vector<movement> movements_;
  bool queued_ = false;
};

} // namespace

std::unique_ptr<engine> postgres_engine(const std::string& connection_text, const workload& work) {
  return std::make_unique<blocking_engine>(connection_text, work);
}

load::channel_maker postgres_channels(const std::string& connection_text, const workload& work, movement_lookup find) {
  return [=, &work] { return std::make_unique<native_channel>(connection_text, work, find, nullptr); };
}

load::channel_maker postgres_batch_channels(const std::string& connection_text, const workload& work,
                                            movements_lookup find) {
  return [=, &work] { return std::make_unique<native_channel>(connection_text, work, nullptr, find); };
}

} // namespace croupier::race
