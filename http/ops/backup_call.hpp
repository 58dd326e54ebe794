#pragma once

#include "engine/result.hpp"
#include "http/route.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace croupier::http::ops {

/// What a backup amounts to; sizes in bytes.
struct backup_made {
  std::uint64_t number = 0;
  std::uint64_t sequence = 0; ///< every entry up to here is in it
  std::uint64_t bytes = 0;
  std::uint64_t new_bytes = 0;
};

/// Why there is none.
struct backup_refused {
  bool is_conflict = false; ///< one is being made, or none can be made here; otherwise the disk failed
  std::string why;
};

/// Makes a backup and waits for it. Where it goes is the server's business: a path that a client names would let a key
/// write anywhere.
using backup_maker = std::function<result<backup_made, backup_refused>()>;

/// The one line of the route table: `POST /admin/v1/backup`. An empty `make` refuses every call.
route backup_route(backup_maker make);

} // namespace croupier::http::ops
