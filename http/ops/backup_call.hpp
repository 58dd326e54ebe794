#pragma once

#include "engine/result.hpp"
#include "http/route.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

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

/// How far the backup is that is being made.
struct backup_progress {
  bool is_running = false;
  std::uint64_t bytes = 0;    ///< copied
  std::uint64_t of_bytes = 0; ///< about so many are to be copied
};

/// What is being done now. From any thread; quick.
using backup_watcher = std::function<backup_progress()>;

/// `POST /admin/v1/backup` makes one, `GET` tells how far it is. An empty `make` refuses every call, an empty `watch`
/// knows of none.
void add_backup_routes(std::vector<route>& table, backup_maker make, backup_watcher watch);

} // namespace croupier::http::ops
