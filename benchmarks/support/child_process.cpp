#include "benchmarks/support/child_process.hpp"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

namespace croupier::bench {

namespace {

namespace fs = std::filesystem;

struct process_line {
  pid_t parent = 0;
  double cpu_s = 0; ///< own and of ended children
};

std::optional<process_line> read_process(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text; // getline, unlike a stream iterator, takes a process that ends meanwhile for an end of file
  std::getline(file, text);
  const auto name_end = text.rfind(')'); // the name before it may hold anything
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(text.substr(name_end + 2));
  std::string word;
  process_line found;
  double ticks = 0;
  for (int field = 3; fields >> word && field <= 17; ++field) {
    if (field == 4) found.parent = std::stoi(word);
    if (field >= 14) ticks += std::stod(word); // utime, stime, cutime, cstime
  }
  found.cpu_s = ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
  return found;
}

std::uint64_t kilobytes_after(const fs::path& file, const std::string& label) {
  std::ifstream lines(file);
  for (std::string word; lines >> word;)
    if (word == label) {
      std::uint64_t kilobytes = 0;
      lines >> kilobytes;
      return kilobytes;
    }
  return 0;
}

/// What happens between fork and exec; only calls that are safe there.
[[noreturn]] void become(char* const* arguments, char* const* environment, int output, int errors, const passwd* user) {
  ::dup2(output, STDOUT_FILENO);
  if (errors >= 0) ::dup2(errors, STDERR_FILENO);
  ::setpgid(0, 0); // an interrupt at the terminal reaches the benchmark, which stops its servers in order
  if (user != nullptr && (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0))
    ::_exit(126);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::execve(arguments[0], arguments, environment);
  ::_exit(127);
}

std::vector<std::string> environment_with(const std::vector<std::pair<std::string, std::string>>& additions) {
  std::vector<std::string> all;
  for (char** each = ::environ; *each != nullptr; ++each) all.emplace_back(*each);
  for (const auto& [name, value] : additions) all.push_back(name + "=" + value);
  return all;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& each : texts) pointers.push_back(each.data());
  pointers.push_back(nullptr);
  return pointers;
}

} // namespace

child_process::child_process(const child_options& options) {
  auto arguments = options.arguments;
  auto environment = environment_with(options.environment);
  const auto argument_pointers = pointers_to(arguments);
  const auto environment_pointers = pointers_to(environment);
  const passwd* user = options.run_as.empty() ? nullptr : ::getpwnam(options.run_as.c_str());
  if (!options.run_as.empty() && user == nullptr) throw std::runtime_error("there is no user " + options.run_as);
  if (::access(arguments.front().c_str(), X_OK) != 0)
    throw std::runtime_error(arguments.front() + " cannot be run: " + std::strerror(errno));
  int pipe_ends[2];
  if (::pipe2(pipe_ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  const int errors = options.error_log.empty()
                         ? -1
                         : ::open(options.error_log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  pid_ = ::fork();
  if (pid_ == 0) become(argument_pointers.data(), environment_pointers.data(), pipe_ends[1], errors, user);
  ::close(pipe_ends[1]);
  if (errors >= 0) ::close(errors);
  output_ = pipe_ends[0];
  if (pid_ < 0) throw std::runtime_error("no process can be made");
}

child_process::~child_process() {
  if (running()) {
    thaw();
    stop(SIGKILL, std::chrono::seconds(10));
  }
  if (output_ >= 0) ::close(output_);
}

std::optional<std::string> child_process::read_line(std::chrono::milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  for (;;) {
    if (const auto end = unread_.find('\n'); end != std::string::npos) {
      auto line = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      return line;
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    pollfd watched{output_, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&watched, 1, static_cast<int>(left.count())) <= 0) return std::nullopt;
    char piece[4096];
    const auto got = ::read(output_, piece, sizeof piece);
    if (got <= 0) return std::nullopt;
    unread_.append(piece, static_cast<std::size_t>(got));
  }
}

int child_process::stop(int signal, std::chrono::seconds patience) {
  if (pid_ >= 0) ::kill(pid_, signal);
  return wait(patience);
}

int child_process::wait(std::chrono::seconds patience) {
  if (pid_ < 0) return 0;
  int status = 0;
  const auto until = std::chrono::steady_clock::now() + patience;
  while (::waitpid(pid_, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > until) {
      signal_tree(SIGKILL);
      ::waitpid(pid_, &status, 0);
      break;
    }
    ::usleep(2000);
  }
  pid_ = -1;
  return status;
}

bool child_process::running() {
  if (pid_ < 0) return false;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) == 0) return true;
  pid_ = -1;
  return false;
}

std::vector<pid_t> child_process::tree() const {
  std::multimap<pid_t, pid_t> children;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const auto name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const pid_t pid = std::stoi(name);
    if (const auto found = read_process(pid)) children.emplace(found->parent, pid);
  }
  std::vector<pid_t> all{pid_};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto [first, last] = children.equal_range(all[i]);
    for (auto each = first; each != last; ++each) all.push_back(each->second);
  }
  return all;
}

double child_process::cpu_s() const {
  double sum = 0;
  for (const auto pid : tree())
    if (const auto found = read_process(pid)) sum += found->cpu_s;
  return sum;
}

std::uint64_t child_process::memory_bytes() const {
  std::uint64_t sum = 0;
  for (const auto pid : tree()) sum += 1024 * kilobytes_after("/proc/" + std::to_string(pid) + "/smaps_rollup", "Pss:");
  return sum;
}

void child_process::signal_tree(int signal) const {
  for (const auto pid : tree()) ::kill(pid, signal);
}

void child_process::freeze() const {
  signal_tree(SIGSTOP);
}

void child_process::thaw() const {
  signal_tree(SIGCONT);
}

std::uint64_t own_resident_bytes() {
  return 1024 * kilobytes_after("/proc/self/status", "VmRSS:");
}

std::uint64_t disk_bytes_of(const fs::path& folder) {
  std::uint64_t sum = 0;
  std::error_code gone; // files come and go while a server runs
  for (auto each = fs::recursive_directory_iterator(folder, gone); each != fs::recursive_directory_iterator();
       each.increment(gone)) {
    if (gone) break;
    struct stat found {};
    if (::lstat(each->path().c_str(), &found) == 0 && S_ISREG(found.st_mode))
      sum += 512 * static_cast<std::uint64_t>(found.st_blocks);
  }
  return sum;
}

} // namespace croupier::bench
