#include "persistence/rocksdb_database.hpp"

#include "engine/check.hpp"

#include <rocksdb/db.h>

#include <algorithm>

namespace croupier::persistence {

namespace {

constexpr std::array<std::string_view, family_count> family_names = {"meta",  "journal",  "players",
                                                                     "names", "requests", "history"};

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

storage_errc code_of(const rocksdb::Status& status) {
  if (status.IsNoSpace()) return storage_errc::no_space;
  if (status.IsCorruption() || status.IsPathNotFound()) return storage_errc::corrupt; // or a file that is gone
  return storage_errc::io_failed;
}

std::string_view advice_for(storage_errc code) {
  switch (code) {
  case storage_errc::io_failed: return "check the disk";
  case storage_errc::no_space: return "free space on the disk";
  case storage_errc::corrupt: return "restore the folder from a backup";
  case storage_errc::version_unknown: return "use the version of croupier that wrote it";
  case storage_errc::foreign: return "give croupier its own folder";
  case storage_errc::locked: return "stop the other process";
  }
  return {};
}

} // namespace

std::string_view name_of(family which) noexcept {
  return family_names[static_cast<std::size_t>(which)];
}

storage_error to_error(const rocksdb::Status& status, std::string_view doing, std::optional<sequence> at) {
  const auto code = code_of(status);
  auto text = std::string(doing) + ": " + one_line(status.ToString()) + "; ";
  if (status.IsPathNotFound()) text += "see that its disk is mounted, or ";
  text += advice_for(code);
  return {code, std::move(text), at};
}

void throw_unless_ok(const rocksdb::Status& status, std::string_view doing, std::optional<sequence> at) {
  if (!status.ok()) throw storage_failure(to_error(status, doing, at));
}

// -- database ---------------------------------------------------------------------------------------------------------

rocksdb::ColumnFamilyHandle* database::handle(family which) const noexcept {
  return handles_[static_cast<std::size_t>(which) + 1];
}

database::~database() {
  for (auto* handle : handles_) engine_->DestroyColumnFamilyHandle(handle);
  // Closing waits for background work; what it says is of no use to anyone any more.
  if (engine_) engine_->Close().PermitUncheckedError();
}

// -- gate -------------------------------------------------------------------------------------------------------------

database_gate::lease::lease(const database_gate& gate) : gate_(gate) {
  const std::lock_guard guard(gate_.mutex_);
  if (gate_.is_shut_)
    throw storage_failure(
        {storage_errc::io_failed, "the store is being opened anew after a failed write; try again", {}});
  ++gate_.leases_;
  content_ = gate_.content_.get();
}

database_gate::lease::~lease() {
  const std::lock_guard guard(gate_.mutex_);
  if (--gate_.leases_ == 0 && gate_.is_shut_) gate_.returned_.notify_all();
}

bool database_gate::lease::recalled() const {
  const std::lock_guard guard(gate_.mutex_);
  return gate_.is_shut_;
}

void database_gate::open(std::unique_ptr<database> content) {
  const std::lock_guard guard(mutex_);
  CROUPIER_ASSERT(is_shut_ && leases_ == 0, "a database was put over one in use");
  content_ = std::move(content);
  is_shut_ = false;
}

bool database_gate::shut(std::chrono::milliseconds patience) {
  std::unique_lock guard(mutex_);
  is_shut_ = true;
  if (!returned_.wait_for(guard, patience, [this] { return leases_ == 0; })) return false;
  const auto closing = std::move(content_);
  guard.unlock(); // whoever asks for a lease meanwhile is refused at once, and does not wait for the disk
  return true;
}

} // namespace croupier::persistence
