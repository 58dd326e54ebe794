#include "benchmarks/race/pgbench_entrant.hpp"

#include "benchmarks/race/postgres_schema.hpp"

#include <sys/resource.h>

#include <cstdio>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace croupier::race {

namespace {

constexpr const char* database = "pgbench";
constexpr std::chrono::seconds duration_min{4}; // it counts the time of 256 connections being made
constexpr std::size_t complaint_bytes_max = 300;

/// Random request ids of 62 bits do not meet; if two did, the count would tell.
constexpr const char* script = R"(\set player random(0, :players - 1)
\set brand :player % :brands
\set request random(1, 4000000000000000000)
select submit(:brand::integer, 'player-' || :player::text, 'movement-' || :request::text, :payload::text,
              '{deposits-total}'::text[], '{12.50}'::numeric[]);
)";

constexpr const char* differences = R"(select
  (select count(*) from movement) || ' ' ||
  (select count(*) from (select player, count(*) * 12.50 as value from movement group by player) as expected
   full join balance using (player) where expected.value is distinct from balance.value))";

double children_cpu_s() {
  rusage used{};
  ::getrusage(RUSAGE_CHILDREN, &used);
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + 1e-6 * double(t.tv_usec); };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

std::string output_of(const std::string& command) {
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot run " + command);
  std::string text;
  char piece[4096];
  while (const auto got = std::fread(piece, 1, sizeof piece, pipe)) text.append(piece, got);
  if (::pclose(pipe) != 0) throw std::runtime_error("pgbench failed: " + text.substr(0, complaint_bytes_max));
  return text;
}

/// The number behind a label of pgbench's report.
double number_after(const std::string& report, const std::string& label) {
  const auto at = report.find(label);
  if (at == std::string::npos)
    throw std::runtime_error("pgbench does not say \"" + label + "\": " + report.substr(0, complaint_bytes_max));
  return std::stod(report.substr(at + label.size()));
}

} // namespace

void pgbench_entrant::start() {
  postgres_.make_database(database);
  script_ = postgres_.folder() / "movement.pgbench";
  std::ofstream(script_) << script;
}

bool pgbench_entrant::takes(const cell& what) const {
  return what.whom == bench::shape::uniform && what.retry_percent == 0 && what.load_share == 0 &&
         home().model().work().metrics().size() == 1;
}

measured pgbench_entrant::run(const cell& what, const extent& size, double) {
  const auto& work = home().model().work();
  bench::movement typical;
  work.make(bench::shape::uniform, 1, false, typical);
  std::ostringstream command;
  command << postgres::program("pgbench") << " -n -M prepared -j 1 -c " << what.connections << " -T "
          << std::max(duration_min, std::chrono::ceil<std::chrono::seconds>(size.duration)).count() << " -f " << script_
          << " -D players=" << work.options().players << " -D brands=" << work.options().brands << " -D payload='"
          << typical.payload << "' '" << postgres_.connection_text(database) << "'";
  const auto server_before = home().cpu_s();
  const auto caller_before = children_cpu_s();
  const auto report = output_of(command.str());
  measured found;
  found.server_cpu_s = home().cpu_s() - server_before;
  found.caller_cpu_s = children_cpu_s() - caller_before;
  found.movements = static_cast<std::uint64_t>(number_after(report, "number of transactions actually processed: "));
  found.movements_per_s = found.calls_per_s = number_after(report, "tps = ");
  movements_ += found.movements;
  const auto outcome = postgres_.query_text(database, differences);
  if (outcome != std::to_string(movements_) + " 0")
    throw std::runtime_error("movements and wrong balances: " + outcome + ", expected " + std::to_string(movements_) +
                             " 0");
  return found;
}

} // namespace croupier::race
