#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace croupier::bench {

/// `--name value` and `--flag` arguments; anything that is left over ends the program with a message.
class arguments {
public:
  arguments(int argc, char** argv) : words_(argv + 1, argv + argc) {}

  void number(const std::string& name, std::uint64_t& value);
  void text(const std::string& name, std::string& value);
  void flag(const std::string& name, bool& value);
  void done() const;

private:
  std::vector<std::string> words_;
};

/// A folder that is made anew and goes with the object. Below $CROUPIER_BENCH_DIR, or the current folder: /tmp may be
/// memory, and memory needs no sync.
class scratch_folder {
public:
  explicit scratch_folder(const std::string& name);
  ~scratch_folder();
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  const std::filesystem::path& path() const noexcept { return path_; }

private:
  std::filesystem::path path_;
};

/// Figures of several rounds.
class sample {
public:
  void add(double value) { values_.push_back(value); }
  bool empty() const noexcept { return values_.empty(); }
  /// Of no figures: 0, like every quantile.
  double median() const;
  /// The value below which this share (0 to 1) of the values lies.
  double quantile(double share) const;

private:
  std::vector<double> values_;
};

} // namespace croupier::bench
