#pragma once

#include <functional>
#include <string>

namespace rocksdb {
class FileSystem;
}

namespace croupier::test {

// Whole folders on a disk that may be in memory. A disk that fails by itself throws std::runtime_error.

/// Removes the folder with all that is in it, if it is there.
void remove_folder(rocksdb::FileSystem& disk, const std::string& folder);

/// Replaces `to` by a copy of `from`, its files in the order of their names; `change(path, bytes)` may change what a
/// file of `from` has in the copy.
void copy_folder(rocksdb::FileSystem& disk, const std::string& from, const std::string& to,
                 const std::function<void(const std::string& path, std::string& bytes)>& change);

} // namespace croupier::test
