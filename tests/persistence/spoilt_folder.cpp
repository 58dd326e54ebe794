#include "tests/persistence/spoilt_folder.hpp"

#include "persistence/journal_page.hpp"
#include "support/catch.hpp"

#include <rocksdb/db.h>

#include <memory>

namespace croupier::persistence {

test::fault_env& well_disk() {
  static test::fault_env disk;
  return disk;
}

store_options options_for(const disk_folder& folder) {
  store_options options;
  options.env = well_disk().env();
  options.folder = folder.path();
  options.block_cache_bytes = 4 << 20;
  return options;
}

void with_bare_database(const disk_folder& folder,
                        const std::function<void(rocksdb::DB&, rocksdb::ColumnFamilyHandle&)>& change) {
  rocksdb::DB* raw = nullptr;
  std::vector<std::string> names;
  REQUIRE(rocksdb::DB::ListColumnFamilies(rocksdb::DBOptions(), folder.path().string(), &names).ok());
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const auto& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  REQUIRE(rocksdb::DB::Open(rocksdb::DBOptions(), folder.path().string(), families, &handles, &raw).ok());
  const std::unique_ptr<rocksdb::DB> db(raw);
  for (auto* handle : handles) change(*db, *handle);
  for (auto* handle : handles) REQUIRE(db->DestroyColumnFamilyHandle(handle).ok());
}

void remove_page(const disk_folder& folder, sequence first) {
  with_bare_database(folder, [first](rocksdb::DB& db, rocksdb::ColumnFamilyHandle& family) {
    if (family.GetName() == "journal") REQUIRE(db.Delete(rocksdb::WriteOptions(), &family, page_key(first)).ok());
  });
}

std::optional<storage_error> error_of_opening(const disk_folder& folder) {
  auto store = rocksdb_store::open(options_for(folder));
  if (store) return std::nullopt;
  return store.error();
}

} // namespace croupier::persistence
