#pragma once

#include "persistence/rocksdb_store.hpp"
#include "tests/persistence/store_world.hpp"

#include <memory>
#include <stdexcept>

namespace croupier::persistence {

/// See media.hpp: a ledger in RocksDB, in a folder that goes with the object.
class rocksdb_medium {
public:
  rocksdb_medium() { open(); }

  persistence::journal& journal() { return store_->journal(); }
  persistence::checkpoint_store& checkpoints() { return store_->checkpoints(); }
  const folder_key& key() { return store_->key(); }
  void reopen() {
    store_.reset();
    open();
  }

private:
  void open() {
    store_options options;
    options.folder = folder_.path();
    options.block_cache_bytes = 8ULL << 20;
    auto opened = rocksdb_store::open(options);
    if (!opened) throw std::runtime_error(opened.error().text);
    store_ = std::move(*opened);
    store_->begin_upkeep();
  }

  disk_folder folder_;
  std::unique_ptr<rocksdb_store> store_;
};

} // namespace croupier::persistence
