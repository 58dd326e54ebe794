#pragma once

#include "engine/ids.hpp"

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

namespace croupier::persistence {

/// Broken machinery of the disk. Values are metric labels: do not change them.
enum class storage_errc : std::uint8_t {
  io_failed = 1,       ///< a read, write or sync failed; the data that was acknowledged is intact
  no_space = 2,        ///< the disk is full
  corrupt = 3,         ///< a checksum, the hash chain or the grammar does not hold
  version_unknown = 4, ///< written by a version of the format that this build does not know
  foreign = 5,         ///< not a Croupier data folder, or its parts come from different folders
  locked = 6           ///< another process has the folder open
};

/// One line that tells the reader what happened and what to do.
struct storage_error {
  storage_errc code = storage_errc::io_failed;
  std::string text;
  std::optional<sequence> at; ///< the first sequence concerned, when known
};

/// Thrown by reads: a query that cannot be answered because the disk failed. Writes return storage_error instead.
class storage_failure : public std::runtime_error {
public:
  explicit storage_failure(storage_error error) : std::runtime_error(error.text), error_(std::move(error)) {}
  const storage_error& error() const noexcept { return error_; }

private:
  storage_error error_;
};

} // namespace croupier::persistence
