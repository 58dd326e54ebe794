#pragma once

#include "benchmarks/load/generator.hpp"
#include "benchmarks/support/child_process.hpp"
#include "benchmarks/support/workload.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace croupier::bench {

struct croupier_options {
  std::filesystem::path program;   ///< the croupier binary
  std::filesystem::path folder;    ///< of data, settings and log; made when absent
  std::string workspace;           ///< text of the workspace file
  std::vector<std::string> extras; ///< further arguments of `croupier serve`
};

/// A `croupier serve` of the benchmark's own, on a free port, with an admin key of its own and quiet logs.
class croupier_server {
public:
  /// Returns when it serves; throws std::runtime_error when it does not within a minute.
  explicit croupier_server(const croupier_options& options);

  std::uint16_t port() const noexcept { return port_; }
  child_process& process() noexcept { return *process_; }
  const std::filesystem::path& data_folder() const noexcept { return data_; }
  /// Time from the start of the process to the line that says it serves.
  double start_s() const noexcept { return start_s_; }

  /// An orderly stop; throws when it does not end with 0.
  void stop();

  /// Request lines for one of its calls, with key and content type.
  load::request_head head(std::string_view method, std::string_view path,
                          const load::request_head::headers& further = {},
                          std::string_view content_type = "application/json") const;
  load::channel_maker channels() const;

  /// One call after the other, for what is not timed. Throws unless the status is as expected.
  std::string get(const std::string& path, int expected = 200) const;
  std::string post(const std::string& path, const std::string& body, int expected = 200) const;
  void erase(const std::string& path, int expected = 200) const; ///< DELETE

  /// Registers the players of a workload through the workspace's link, many at a time. Throws when one is refused.
  void register_players(const workload& players) const;

  /// Every player's balances: calls `each(external id, metric code, value)`.
  using balance_reader = std::function<void(std::string_view, std::string_view, std::string_view)>;
  void read_balances(const balance_reader& each) const;
  /// The value of a counter in /metrics. Throws when it is not there.
  std::uint64_t counter(const std::string& name) const;

private:
  std::string click() const;

  std::filesystem::path data_;
  std::string key_;
  std::unique_ptr<child_process> process_;
  std::uint16_t port_ = 0;
  double start_s_ = 0;
};

/// The croupier binary that stands beside this program, if there is one.
std::string croupier_beside_us();

} // namespace croupier::bench
