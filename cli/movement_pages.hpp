#pragma once

#include "cli/api_client.hpp"

#include <boost/json/array.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace croupier::cli {

/// Which movements a server is asked for. Empty lists: all.
struct movement_filters {
  std::string from = "0001-01-01T00:00:00Z"; ///< RFC 3339, inclusive
  std::string to = "9999-12-31T23:59:59Z";   ///< exclusive
  std::vector<std::string> brands;           ///< ids
  std::vector<std::string> players;          ///< external ids
  std::vector<std::string> request_ids;
};

/// Asks a server for movements, newest first, page by page, and gives each page's rows to `take` with how many match in
/// all, where the server knows. At most `limit` rows. What goes wrong, as one line; empty: nothing.
std::string
each_movement_page(const server_access& server, const movement_filters& filters, std::uint64_t limit,
                   const std::function<void(const boost::json::array& rows, std::optional<std::uint64_t> total)>& take);

} // namespace croupier::cli
