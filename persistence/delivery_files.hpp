#pragma once

#include "engine/ids.hpp"
#include "engine/result.hpp"
#include "engine/timestamp.hpp"
#include "persistence/storage_error.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

/// The files of destinations: where each one is, and the files that some of them write.
namespace croupier::persistence {

/// How far a destination has been delivered to.
struct delivery_position {
  sequence delivered;           ///< everything up to here is at the receiver, or was none of its business
  std::string file;             ///< of a file destination: the newest file; empty: none yet
  std::uint64_t file_bytes = 0; ///< how much of it is durable
  friend bool operator==(const delivery_position&, const delivery_position&) = default;
};

/// A position on the disk. A small text file, replaced whole: a crash leaves the old one or the new one. One thread.
class position_file {
public:
  explicit position_file(std::filesystem::path path) : path_(std::move(path)) {}

  /// Nothing: there is none yet. An unreadable or damaged one is an error.
  result<std::optional<delivery_position>, storage_error> read() const;
  /// Durable when it returns. Makes the folder when it is absent.
  result<done, storage_error> write(const delivery_position& position) const;

private:
  std::filesystem::path path_;
};

/// A folder of files with one JSON object a line. A file is named by the day (UTC) and the sequence of its first
/// entry; another one is begun when it has grown enough, and on another day. A folder belongs to whoever wrote there
/// first (`owner`, one line, in its file `.destination`): another one would remove files that are not its own. One
/// thread.
class export_folder {
public:
  export_folder(std::filesystem::path folder, std::string owner, std::uint64_t file_bytes_max)
      : folder_(std::move(folder)), owner_(std::move(owner)), file_bytes_max_(file_bytes_max) {}
  ~export_folder();
  export_folder(const export_folder&) = delete;
  export_folder& operator=(const export_folder&) = delete;

  /// Goes on where the position says: what a crash left behind it, whole lines or parts of one, is cut off, and files
  /// that begin behind it are removed, for their entries come again. A file that is gone or shorter than it was is left
  /// alone, and a new one is begun. A folder that is somebody else's is an error, and nothing in it is touched.
  result<done, storage_error> resume(const delivery_position& position);

  /// Adds a line. It is durable after the next `sync`.
  result<done, storage_error> append(std::string_view line, timestamp time, sequence at);
  result<done, storage_error> sync();

  /// The newest file and how much was written to it.
  const std::string& file() const noexcept { return file_; }
  std::uint64_t file_bytes() const noexcept { return file_bytes_; }

private:
  result<done, storage_error> claim() const;
  result<done, storage_error> begin_file(const std::string& day, sequence at);
  void close() noexcept;

  const std::filesystem::path folder_;
  const std::string owner_;
  const std::uint64_t file_bytes_max_;
  std::string file_;
  std::uint64_t file_bytes_ = 0;
  int descriptor_ = -1;
};

} // namespace croupier::persistence
