#pragma once

#include "cli/csv.hpp"
#include "config/import_mapping.hpp"
#include "engine/result.hpp"

#include <cstdint>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace croupier::cli {

/// A movement of a file, or why a place in the file gives none.
struct import_item {
  std::uint64_t line = 0;
  std::string body;     ///< the JSON body of the call, on one line
  std::string brand;    ///< as in the body
  std::string player;   ///< as in the body
  bool opening = false; ///< it is an opening balance, as an export marks them
  std::string problem;  ///< when not empty, the line gives no movement and the rest is meaningless
};

/// Gives the movements of a file, one by one, in the order of the file.
class movement_source {
public:
  virtual ~movement_source() = default;

  /// False at the end of the file.
  virtual bool next(import_item& out) = 0;

  /// Not empty: the file cannot be read on from a place, and the message says which and why.
  virtual std::string broken() const = 0;

  virtual std::uint64_t bytes_read() const noexcept = 0;
};

/// Each line is the body of a movement call; empty lines are skipped. A line without a request id is a problem, since a
/// second import would apply it again.
std::unique_ptr<movement_source> read_ndjson(std::istream& from);

/// Each row becomes the movement that the mapping makes of it; the first row names the columns. A problem when the
/// mapping names a column that is not there. The stream and the mapping outlive the source.
result<std::unique_ptr<movement_source>, std::string> read_csv(std::istream& from,
                                                               const config::import_mapping& mapping);

} // namespace croupier::cli
