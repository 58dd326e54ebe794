#include "cli/copying.hpp"

#include "cli/text_table.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <utility>

namespace croupier::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds look_interval{200};
constexpr std::uint64_t megabyte = 1'000'000;

/// Calls `visit` with every file below a folder and its size.
template<class Visit>
void each_file(const fs::path& folder, Visit visit) {
  std::error_code gone;
  for (auto at = fs::recursive_directory_iterator(folder, gone); !gone && at != fs::recursive_directory_iterator();
       at.increment(gone)) {
    std::error_code vanished;
    const auto size = at->is_regular_file(vanished) ? at->file_size(vanished) : 0;
    if (!vanished && size > 0) visit(at->path(), size);
  }
}

} // namespace

std::uint64_t bytes_below(const fs::path& folder) {
  std::uint64_t bytes = 0;
  each_file(folder, [&bytes](const fs::path&, std::uint64_t size) { bytes += size; });
  return bytes;
}

std::uint64_t bytes_to_back_up(const fs::path& data, const fs::path& backups) {
  // A shared table is named by its number and by what tells one ledger's from another's.
  std::set<std::string> shared;
  each_file(backups / "shared_checksum", [&shared](const fs::path& file, std::uint64_t) {
    const auto name = file.filename().string();
    shared.insert(name.substr(0, name.find('_')));
  });
  std::uint64_t bytes = 0;
  std::error_code gone;
  for (auto at = fs::directory_iterator(data, gone); !gone && at != fs::directory_iterator(); at.increment(gone)) {
    const auto& file = at->path();
    const bool is_new_table = file.extension() == ".sst" && !shared.contains(file.stem().string());
    std::error_code vanished;
    const auto size = is_new_table || file.extension() == ".log" ? at->file_size(vanished) : 0;
    if (!vanished) bytes += size;
  }
  return bytes;
}

shown_meanwhile::shown_meanwhile(looker look) : look_(std::move(look)) {
  if (bar_.is_shown()) thread_ = std::thread([this] { run(); });
}

shown_meanwhile::~shown_meanwhile() {
  {
    const std::lock_guard held(lock_);
    done_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void shown_meanwhile::run() {
  std::unique_lock held(lock_);
  do {
    held.unlock();
    if (const auto now = look_())
      bar_.show(std::min(now->bytes, now->of_bytes), now->of_bytes,
                with_thousands(now->bytes / megabyte) + " of about " + with_thousands(now->of_bytes / megabyte) +
                    " MB");
    held.lock();
  } while (!wake_.wait_for(held, look_interval, [this] { return done_; }));
}

shown_meanwhile::looker growth_of(const fs::path& folder, std::uint64_t of_bytes) {
  return [folder, of_bytes, before = bytes_below(folder)]() -> std::optional<copied> {
    const auto now = bytes_below(folder);
    return copied{now - std::min(now, before), of_bytes};
  };
}

} // namespace croupier::cli
