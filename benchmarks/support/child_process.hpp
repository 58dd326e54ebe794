#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace croupier::bench {

/// What to start and how.
struct child_options {
  std::vector<std::string> arguments; ///< the program's path first
  std::vector<std::pair<std::string, std::string>> environment;
  std::filesystem::path error_log; ///< standard error goes there; empty: it is ours
  std::string run_as;              ///< a user to change to; empty: stay
};

/// A server that a benchmark runs for its own use. It dies with the benchmark, whatever becomes of that.
class child_process {
public:
  /// Throws std::runtime_error when the program cannot be started.
  explicit child_process(const child_options& options);
  /// Kills what is still running.
  ~child_process();
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  /// The next line of its standard output, without the line end; nothing when the output ended or the time is over.
  std::optional<std::string> read_line(std::chrono::milliseconds patience);

  /// Waits for the end; gives the exit status as waitpid does. After the patience it is killed.
  int wait(std::chrono::seconds patience);
  /// Sends the signal, then waits.
  int stop(int signal, std::chrono::seconds patience);
  bool running();
  pid_t pid() const noexcept { return pid_; }

  /// Processor time that the process and its children have used, in seconds, those that have ended included.
  double cpu_s() const;
  /// Memory of the process and its children, shared pages divided among those that share them. Linux: Pss.
  std::uint64_t memory_bytes() const;
  /// Freezes and thaws the process and its children, so that only one server at a time uses the machine.
  void freeze() const;
  void thaw() const;

private:
  std::vector<pid_t> tree() const;
  void signal_tree(int signal) const;

  pid_t pid_ = -1;
  int output_ = -1;
  std::string unread_;
};

/// Resident memory of this process, in bytes.
std::uint64_t own_resident_bytes();

/// Bytes that the files below a folder take on the disk.
std::uint64_t disk_bytes_of(const std::filesystem::path& folder);

} // namespace croupier::bench
