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

database_gate::database_gate() = default;
database_gate::~database_gate() = default;

database_gate::lease::lease(database_gate& gate) : gate_(gate), slot_(gate.lend()) {}

database_gate::lease::~lease() {
  gate_.take_back(slot_);
}

bool database_gate::lease::recalled() const {
  const std::lock_guard guard(gate_.mutex_);
  return &slot_ != gate_.current_.get();
}

database_gate::slot& database_gate::lend() {
  const std::lock_guard guard(mutex_);
  if (!current_)
    throw storage_failure(
        {storage_errc::io_failed, "the store is being opened anew after a failed write; try again", {}});
  ++current_->leases;
  return *current_;
}

void database_gate::take_back(slot& returned) {
  std::unique_ptr<slot> unused;
  {
    const std::lock_guard guard(mutex_);
    if (--returned.leases > 0 || &returned == current_.get()) return;
    const auto found =
        std::find_if(replaced_.begin(), replaced_.end(), [&](const auto& each) { return each.get() == &returned; });
    CROUPIER_ASSERT(found != replaced_.end(), "a lease came back to another gate");
    unused = std::move(*found);
    replaced_.erase(found);
  }
  close(std::move(unused));
}

void database_gate::replace(std::unique_ptr<database> content) {
  std::unique_ptr<slot> before;
  if (content) before = std::make_unique<slot>(slot{std::move(content), 0});
  {
    const std::lock_guard guard(mutex_);
    current_.swap(before);
    if (!before) return;
    ++to_close_;
    if (before->leases > 0) return replaced_.push_back(std::move(before));
  }
  close(std::move(before));
}

/// Closing takes its time; nobody waits for the lock meanwhile.
void database_gate::close(std::unique_ptr<slot> unused) {
  unused.reset();
  const std::lock_guard guard(mutex_);
  --to_close_;
  closed_.notify_all();
}

bool database_gate::wait_until_closed(std::chrono::milliseconds patience) {
  std::unique_lock guard(mutex_);
  return closed_.wait_for(guard, patience, [this] { return to_close_ == 0; });
}

} // namespace croupier::persistence
