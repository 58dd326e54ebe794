#include "benchmarks/support/arguments.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

namespace croupier::bench {

namespace {

[[noreturn]] void refuse(const std::string& why) {
  std::cerr << why << '\n';
  std::exit(2);
}

} // namespace

void arguments::number(const std::string& name, std::uint64_t& value) {
  std::string read;
  text(name, read);
  if (read.empty()) return;
  if (read.find_first_not_of("0123456789") != std::string::npos) refuse(name + " takes a whole number");
  value = std::stoull(read);
}

void arguments::text(const std::string& name, std::string& value) {
  const auto at = std::find(words_.begin(), words_.end(), name);
  if (at == words_.end()) return;
  if (at + 1 == words_.end()) refuse(name + " takes a value");
  value = *(at + 1);
  words_.erase(at, at + 2);
}

void arguments::flag(const std::string& name, bool& value) {
  const auto at = std::find(words_.begin(), words_.end(), name);
  if (at == words_.end()) return;
  value = true;
  words_.erase(at);
}

void arguments::done() const {
  if (!words_.empty()) refuse("unknown argument: " + words_.front());
}

scratch_folder::scratch_folder(const std::string& name) {
  const char* chosen = std::getenv("CROUPIER_BENCH_DIR");
  const auto parent = chosen != nullptr ? std::filesystem::path(chosen) : std::filesystem::current_path();
  path_ = parent / (name + "-" + std::to_string(::getpid()));
  std::filesystem::remove_all(path_);
  std::filesystem::create_directories(path_);
}

scratch_folder::~scratch_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

double sample::median() const {
  return quantile(0.5);
}

double sample::quantile(double share) const {
  if (values_.empty()) return 0;
  auto sorted = values_;
  std::sort(sorted.begin(), sorted.end());
  const auto index = static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1) + 0.5);
  return sorted[index];
}

} // namespace croupier::bench
