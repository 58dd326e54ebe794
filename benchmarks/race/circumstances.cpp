#include "benchmarks/race/report.hpp"

#include "benchmarks/race/postgres.hpp"
#include "benchmarks/race/redis.hpp"
#include "benchmarks/race/sqlite.hpp"
#include "benchmarks/support/arguments.hpp"
#include "benchmarks/support/figures.hpp"

#include <fcntl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace croupier::race {

namespace {

/// The first line that a command prints; empty when it fails.
std::string first_line_of(const std::string& command) {
  FILE* pipe = ::popen((command + " 2>/dev/null").c_str(), "r");
  if (pipe == nullptr) return {};
  char line[512] = "";
  const bool read = std::fgets(line, sizeof line, pipe) != nullptr;
  const bool done = ::pclose(pipe) == 0;
  std::string text = read && done ? line : "";
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

std::string value_in(const char* file, const std::string& name) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(name)) return line.substr(line.find_first_not_of(" \t:", name.size()));
  return "unknown";
}

/// How long the disk takes to make 512 appended bytes durable.
std::string sync_latency(const std::filesystem::path& folder) {
  const auto file = (folder / "sync-probe").string();
  const int handle = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (handle < 0) throw std::runtime_error(file + " cannot be written");
  const std::string block(512, 'x');
  bench::sample times;
  for (int i = 0; i < 300; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    if (::write(handle, block.data(), block.size()) != static_cast<ssize_t>(block.size()) || ::fdatasync(handle) != 0)
      throw std::runtime_error(file + " cannot be synced");
    times.add(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
  }
  ::close(handle);
  std::filesystem::remove(file);
  return "fdatasync of an appended 512 bytes: p50 " + bench::readable(times.quantile(0.5)) + " ms, p99 " +
         bench::readable(times.quantile(0.99)) + " ms";
}

std::string joined(const std::vector<std::string>& all) {
  std::string text;
  for (const auto& each : all) text += (text.empty() ? "" : ", ") + each;
  return text;
}

} // namespace

circumstances look_around(const race_options& options) {
  circumstances found;
  utsname kernel{};
  ::uname(&kernel);
  found.machine = value_in("/proc/cpuinfo", "model name") + ", " + std::to_string(::sysconf(_SC_NPROCESSORS_ONLN)) +
                  " cores, " + value_in("/proc/meminfo", "MemTotal") + ", Linux " + kernel.release +
                  "; generator and servers share the cores";
  found.disk = first_line_of("df --output=fstype '" + options.folder.string() + "' | tail -n 1") + "; " +
               sync_latency(options.folder);
  const auto commit = first_line_of("git describe --always --dirty --abbrev=12");
  found.commit = commit.empty() ? "unknown" : commit;
  std::ostringstream settings;
  settings << options.rounds << " rounds, " << std::chrono::duration<double>(options.size.duration).count() << " s or "
           << bench::readable(static_cast<double>(options.size.movements_max)) << " movements a turn, "
           << bench::readable(options.work.players) << " players of " << options.work.brands << " brands, "
           << options.work.metrics << " metric(s) a movement, seed " << options.work.seed
           << "\n- Croupier: settings as they come, durability sync\n- PostgreSQL (" << first_line_of("psql --version")
           << "): " << joined(postgres::settings()) << "\n- Redis (" << first_line_of("redis-server --version")
           << "): " << joined(redis::settings()) << "\n- SQLite: " << joined(sqlite::settings());
  found.settings = settings.str();
  return found;
}

} // namespace croupier::race
