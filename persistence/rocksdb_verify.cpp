#include "persistence/rocksdb_folder.hpp"
#include "persistence/rocksdb_store.hpp"
#include "persistence/verifier.hpp"

#include <rocksdb/env.h>

#include <unistd.h>

namespace croupier::persistence {

namespace {

/// The lock of a folder, or none where nobody can write.
result<std::unique_ptr<folder_lock>, storage_error> lock_where_possible(const std::string& folder) {
  auto lock = folder_lock::take(*rocksdb::Env::Default(), folder);
  if (lock || lock.error().code == storage_errc::locked) return lock;
  if (::access(folder.c_str(), W_OK) == 0) return lock;
  return std::unique_ptr<folder_lock>();
}

} // namespace

result<verification, storage_error> verify_folder(const std::filesystem::path& folder, const verify_options& options,
                                                  const verify_progress& progress) {
  const auto content = look_at_folder(*rocksdb::Env::Default(), folder.string());
  if (!content) return content.error();
  if (*content == folder_content::nothing)
    return storage_error{storage_errc::foreign, "there is no ledger in " + folder.string(), {}};
  const auto lock = lock_where_possible(folder.string());
  if (!lock) return lock.error();
  store_options opening;
  opening.folder = folder;
  opening.read_only = true;
  opening.block_cache_bytes = 64ULL << 20;
  const auto store = rocksdb_store::open(opening);
  if (!store) return store.error();
  auto& opened = **store;
  return verify_ledger({opened.key(), opened.journal(), opened.checkpoints(), opened.rows()}, options, progress);
}

} // namespace croupier::persistence
