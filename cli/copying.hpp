#pragma once

#include "cli/progress_bar.hpp"

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace croupier::cli {

/// How far the copying of files is, for whoever waits for it. RocksDB, which copies, does not say.
struct copied {
  std::uint64_t bytes = 0;
  std::uint64_t of_bytes = 0; ///< about so many
};

/// The bytes of all files below a folder; one that goes away meanwhile has none.
std::uint64_t bytes_below(const std::filesystem::path& folder);

/// About what the next backup of a data folder will copy: the tables that the folder of backups does not share already,
/// and the write-ahead logs, which become tables first.
std::uint64_t bytes_to_back_up(const std::filesystem::path& data, const std::filesystem::path& backups);

/// Draws how far something is that goes on on other threads, several times a second, as long as the object lives.
/// `look` is called by a thread of its own, and only when there is a terminal; nothing: it is not known now.
class shown_meanwhile {
public:
  using looker = std::function<std::optional<copied>()>;
  explicit shown_meanwhile(looker look);
  ~shown_meanwhile();
  shown_meanwhile(const shown_meanwhile&) = delete;
  shown_meanwhile& operator=(const shown_meanwhile&) = delete;

private:
  void run();

  looker look_;
  progress_bar bar_;
  std::mutex lock_;
  std::condition_variable wake_;
  bool done_ = false;
  std::thread thread_;
};

/// The looker for a folder that grows to about `of_bytes` more than it has now.
shown_meanwhile::looker growth_of(const std::filesystem::path& folder, std::uint64_t of_bytes);

} // namespace croupier::cli
