// The race: the same work, on the same machine, durable before every answer, by Croupier, PostgreSQL, Redis and SQLite.
// What exactly, and what to make of it: benchmarks/README.md.
//
//   race [--quick] [--rounds 5] [--seconds 8] [--players 100000] [--metrics 1|3] [--only TEXT]
//        [--server PATH_TO_croupier] [--output FOLDER]

#include "benchmarks/race/chart.hpp"
#include "benchmarks/race/report.hpp"
#include "benchmarks/race/shim.hpp"
#include "benchmarks/support/arguments.hpp"
#include "benchmarks/support/croupier_server.hpp"

#include <fstream>
#include <iostream>
#include <stdexcept>

namespace {

using namespace croupier;

struct command_line {
  std::uint64_t rounds = 5;
  std::uint64_t seconds = 8;
  std::uint64_t players = 100'000;
  std::uint64_t brands = 8;
  std::uint64_t metrics = 1;
  std::uint64_t turn_movements = 1'000'000;
  std::string only;
  std::string server = bench::croupier_beside_us();
  std::string output = ".";
  race::shim_options shim;
};

command_line read(int argc, char** argv) {
  command_line read;
  bench::arguments args(argc, argv);
  bool quick = false;
  args.flag("--quick", quick);
  if (quick) {
    read.rounds = 2;
    read.seconds = 1;
    read.players = 10'000;
  }
  args.number("--rounds", read.rounds);
  args.number("--seconds", read.seconds);
  args.number("--players", read.players);
  args.number("--brands", read.brands);
  args.number("--metrics", read.metrics);
  args.number("--turn-movements", read.turn_movements);
  args.text("--only", read.only);
  args.text("--server", read.server);
  args.text("--output", read.output);
  args.text("--shim", read.shim.store); // the program starts itself with it, as the thin HTTP server
  args.text("--address", read.shim.address);
  args.done();
  read.shim.metrics = static_cast<std::uint32_t>(read.metrics);
  return read;
}

void write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream out(file);
  out << text << std::flush;
  if (!out) throw std::runtime_error(file.string() + " cannot be written");
  std::cerr << "written: " << file.string() << '\n';
}

int run(const command_line& asked) {
  for (const auto& missing : {race::postgres::missing(), race::redis::missing()})
    if (!missing.empty()) throw std::runtime_error("not installed: " + missing + "; see benchmarks/packages.txt");
  const bench::scratch_folder scratch("croupier-race");
  race::race_options options;
  options.work.players = static_cast<std::uint32_t>(asked.players);
  options.work.brands = static_cast<std::uint32_t>(asked.brands);
  options.work.metrics = static_cast<std::uint32_t>(asked.metrics);
  options.field = {asked.server, asked.only, std::filesystem::read_symlink("/proc/self/exe")};
  options.rounds = asked.rounds;
  options.size = {std::chrono::seconds(asked.seconds), asked.turn_movements};
  options.folder = scratch.path();
  const auto where = race::look_around(options);
  const auto all = race::run_race(options, [](const std::string& line) { std::cerr << line << '\n'; });

  const std::filesystem::path output(asked.output);
  std::filesystem::create_directories(output);
  const auto report = race::to_markdown(all, where);
  std::cout << report;
  write(output / "race.md", report);
  write(output / "race.csv", race::to_csv(all));
  write(output / "race.svg", race::to_svg(all));
  return all.any_void() ? 1 : 0;
}

} // namespace

int main(int argc, char** argv) {
  try {
    const auto asked = read(argc, argv);
    return asked.shim.store.empty() ? run(asked) : race::serve_shim(asked.shim);
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << '\n';
    return 1;
  }
}
