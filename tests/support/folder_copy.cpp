#include "tests/support/folder_copy.hpp"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace croupier::test {

namespace {

using rocksdb::IOOptions;

void must(const rocksdb::Status& status) {
  if (!status.ok()) throw std::runtime_error("the disk below fails by itself: " + status.ToString());
}

/// Visits all that is in a folder, in the order of names, folders after what is in them: `visit(path, is_folder)`.
void walk(rocksdb::FileSystem& disk, const std::string& folder,
          const std::function<void(const std::string& path, bool is_folder)>& visit) {
  std::vector<std::string> names;
  must(disk.GetChildren(folder, IOOptions(), &names, nullptr));
  std::sort(names.begin(), names.end());
  for (const auto& name : names) {
    if (name == "." || name == "..") continue;
    const auto path = folder + "/" + name;
    bool is_folder = false;
    must(disk.IsDirectory(path, IOOptions(), &is_folder, nullptr));
    if (is_folder) walk(disk, path, visit);
    visit(path, is_folder);
  }
}

} // namespace

void remove_folder(rocksdb::FileSystem& disk, const std::string& folder) {
  if (!disk.FileExists(folder, IOOptions(), nullptr).ok()) return;
  walk(disk, folder, [&disk](const std::string& path, bool is_folder) {
    must(is_folder ? disk.DeleteDir(path, IOOptions(), nullptr) : disk.DeleteFile(path, IOOptions(), nullptr));
  });
  must(disk.DeleteDir(folder, IOOptions(), nullptr));
}

void copy_folder(rocksdb::FileSystem& disk, const std::string& from, const std::string& to,
                 const std::function<void(const std::string& path, std::string& bytes)>& change) {
  remove_folder(disk, to);
  must(disk.CreateDirIfMissing(to, IOOptions(), nullptr));
  std::vector<std::string> files;
  walk(disk, from, [&](const std::string& path, bool is_folder) {
    if (is_folder)
      must(disk.CreateDirIfMissing(to + path.substr(from.size()), IOOptions(), nullptr));
    else
      files.push_back(path);
  });
  for (const auto& path : files) {
    std::string bytes;
    must(rocksdb::ReadFileToString(&disk, path, &bytes));
    change(path, bytes);
    must(rocksdb::WriteStringToFile(&disk, bytes, to + path.substr(from.size())));
  }
}

} // namespace croupier::test
