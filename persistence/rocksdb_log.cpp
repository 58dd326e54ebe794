#include "persistence/rocksdb_log.hpp"

#include <rocksdb/env.h>

#include <cstdarg>
#include <cstdio>
#include <ctime>
#include <mutex>

namespace croupier::persistence {

namespace {

constexpr long file_bytes_max = 4 << 20;
constexpr std::size_t line_bytes_max = 2'000;

class file_closer {
public:
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

class storage_log final : public rocksdb::Logger {
public:
  explicit storage_log(const std::string& folder)
      : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL), path_(folder + "/LOG") {}

  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    char line[line_bytes_max];
    const int length = std::vsnprintf(line, sizeof line, format, arguments);
    if (length <= 0) return;
    std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    char time[32];
    std::strftime(time, sizeof time, "%Y-%m-%dT%H:%M:%SZ", &parts);
    const std::lock_guard guard(mutex_);
    if (!file_) file_.reset(std::fopen(path_.c_str(), "ae"));
    if (!file_) return;
    std::fprintf(file_.get(), "%s %s\n", time, line);
    std::fflush(file_.get());
    begin_anew_when_grown();
  }

  /// The options, a thousand lines at every start: they are the same every time, and in the OPTIONS file.
  void LogHeader(const char* /*format*/, va_list /*arguments*/) override {}

private:
  void begin_anew_when_grown() {
    if (std::ftell(file_.get()) < file_bytes_max) return;
    file_.reset();
    std::rename(path_.c_str(), (path_ + ".old").c_str());
  }

  std::string path_;
  std::mutex mutex_;
  std::unique_ptr<std::FILE, file_closer> file_;
};

class silent_log final : public rocksdb::Logger {
public:
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

} // namespace

std::shared_ptr<rocksdb::Logger> new_storage_log(const std::string& folder) {
  return std::make_shared<storage_log>(folder);
}

std::shared_ptr<rocksdb::Logger> new_silent_log() {
  return std::make_shared<silent_log>();
}

} // namespace croupier::persistence
