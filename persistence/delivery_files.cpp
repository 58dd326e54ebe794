#include "persistence/delivery_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>
#include <utility>
#include <vector>

namespace croupier::persistence {

namespace {

constexpr std::string_view header = "croupier destination 1\n";
constexpr std::size_t small_file_bytes_max = 4'096;
constexpr std::size_t day_length = 10;
constexpr std::size_t sequence_digits = 20;

storage_error failed(const std::filesystem::path& path, std::string_view doing) {
  const int why = errno;
  const auto code = why == ENOSPC || why == EDQUOT ? storage_errc::no_space : storage_errc::io_failed;
  return {code, std::string(doing) + " " + path.string() + ": " + std::strerror(why), std::nullopt};
}

/// A file descriptor that is closed.
class descriptor {
public:
  explicit descriptor(int number) : number_(number) {}
  ~descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  int get() const noexcept { return number_; }
  int release() noexcept { return std::exchange(number_, -1); }
  explicit operator bool() const noexcept { return number_ >= 0; }

private:
  int number_;
};

bool write_all(int to, std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const auto put = ::write(to, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

/// Makes names in a folder durable.
bool sync_folder(const std::filesystem::path& folder) noexcept {
  const descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return opened && ::fsync(opened.get()) == 0;
}

/// Makes the folder, its parents too, durably.
bool make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::is_directory(folder, error)) return true;
  if (!folder.parent_path().empty() && !make_folder(folder.parent_path())) return false;
  if (::mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) return false;
  return folder.parent_path().empty() || sync_folder(folder.parent_path());
}

/// The beginning of a small file; nothing: there is none.
result<std::optional<std::string>, storage_error> read_file(const std::filesystem::path& path) {
  const descriptor opened(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!opened && errno == ENOENT) return std::optional<std::string>();
  if (!opened) return failed(path, "cannot open");
  std::array<char, small_file_bytes_max> text{};
  const auto count = ::read(opened.get(), text.data(), text.size());
  if (count < 0) return failed(path, "cannot read");
  return std::optional(std::string(text.data(), static_cast<std::size_t>(count)));
}

/// Durable when it returns; a crash leaves the old file or the new one. Its folder is there.
result<done, storage_error> replace_file(const std::filesystem::path& path, std::string_view text) {
  auto next = path;
  next += ".next";
  {
    const descriptor opened(::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (!opened) return failed(next, "cannot make");
    if (!write_all(opened.get(), text)) return failed(next, "cannot write");
    if (::fsync(opened.get()) != 0) return failed(next, "cannot sync");
  }
  if (::rename(next.c_str(), path.c_str()) != 0) return failed(path, "cannot replace");
  if (!sync_folder(path.parent_path())) return failed(path.parent_path(), "cannot sync");
  return done{};
}

bool take_number(std::string_view& from, std::string_view before, std::uint64_t& number) noexcept {
  if (!from.starts_with(before)) return false;
  from.remove_prefix(before.size());
  const auto [end, error] = std::from_chars(from.data(), from.data() + from.size(), number);
  if (error != std::errc{} || end == from.data()) return false;
  from.remove_prefix(static_cast<std::size_t>(end - from.data()));
  return true;
}

std::optional<delivery_position> parse(std::string_view text) {
  delivery_position found;
  if (!text.starts_with(header)) return std::nullopt;
  text.remove_prefix(header.size());
  if (!take_number(text, "delivered ", found.delivered.value)) return std::nullopt;
  if (!take_number(text, "\nbytes ", found.file_bytes)) return std::nullopt;
  constexpr std::string_view file = "\nfile ";
  if (!text.starts_with(file) || !text.ends_with('\n')) return std::nullopt;
  text.remove_prefix(file.size());
  found.file = text.substr(0, text.size() - 1);
  if (found.file.find_first_of("/\n") != std::string::npos) return std::nullopt;
  return found;
}

/// The first sequence of one of our files; nothing for any other name.
std::optional<std::uint64_t> first_entry_of(std::string_view name) {
  constexpr std::string_view suffix = ".ndjson";
  if (name.size() != day_length + 1 + sequence_digits + suffix.size() || !name.ends_with(suffix)) return std::nullopt;
  const auto digits = name.substr(day_length + 1, sequence_digits);
  std::uint64_t first = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), first);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return first;
}

} // namespace

result<std::optional<delivery_position>, storage_error> position_file::read() const {
  const auto text = read_file(path_);
  if (!text) return text.error();
  if (!*text) return std::optional<delivery_position>();
  auto found = parse(**text);
  if (!found)
    return storage_error{storage_errc::corrupt,
                         path_.string() + " is damaged: remove it to have everything delivered again", std::nullopt};
  return found;
}

result<done, storage_error> position_file::write(const delivery_position& position) const {
  if (!make_folder(path_.parent_path())) return failed(path_.parent_path(), "cannot make");
  std::string text(header);
  text += "delivered " + std::to_string(position.delivered.value) + "\nbytes " + std::to_string(position.file_bytes) +
          "\nfile " + position.file + "\n";
  return replace_file(path_, text);
}

export_folder::~export_folder() {
  close();
}

void export_folder::close() noexcept {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

result<done, storage_error> export_folder::claim() const {
  const auto path = folder_ / ".destination";
  const auto found = read_file(path);
  if (!found) return found.error();
  if (!*found) return replace_file(path, owner_ + "\n");
  if (**found == owner_ + "\n") return done{};
  return storage_error{storage_errc::foreign,
                       "the files in " + folder_.string() + " are of the destination " +
                           (*found)->substr(0, (*found)->find('\n')) + ": take another folder, or move this one away",
                       std::nullopt};
}

result<done, storage_error> export_folder::resume(const delivery_position& position) {
  close();
  file_.clear();
  file_bytes_ = 0;
  if (!make_folder(folder_)) return failed(folder_, "cannot make");
  if (auto ours = claim(); !ours) return ours;
  std::error_code error;
  for (const auto& each : std::filesystem::directory_iterator(folder_, error)) {
    const auto begins_at = first_entry_of(each.path().filename().string());
    if (!begins_at || *begins_at <= position.delivered.value) continue;
    if (::unlink(each.path().c_str()) != 0) return failed(each.path(), "cannot remove");
  }
  if (error) return storage_error{storage_errc::io_failed, "cannot list " + folder_.string(), std::nullopt};
  if (position.file.empty()) return done{};
  const auto path = folder_ / position.file;
  descriptor opened(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!opened && errno == ENOENT) return done{};
  if (!opened) return failed(path, "cannot open");
  struct stat now {};
  if (::fstat(opened.get(), &now) != 0) return failed(path, "cannot look at");
  if (static_cast<std::uint64_t>(now.st_size) < position.file_bytes) return done{};
  if (::ftruncate(opened.get(), static_cast<off_t>(position.file_bytes)) != 0) return failed(path, "cannot cut");
  if (::lseek(opened.get(), 0, SEEK_END) < 0) return failed(path, "cannot look at");
  descriptor_ = opened.release();
  file_ = position.file;
  file_bytes_ = position.file_bytes;
  return done{};
}

result<done, storage_error> export_folder::append(std::string_view line, timestamp time, sequence at) {
  const auto day = time.text().substr(0, day_length);
  const bool other_day = !file_.starts_with(day);
  if (descriptor_ < 0 || other_day || file_bytes_ >= file_bytes_max_) {
    if (descriptor_ >= 0 && ::fsync(descriptor_) != 0) return failed(folder_ / file_, "cannot sync");
    if (auto begun = begin_file(day, at); !begun) return begun;
  }
  std::string whole(line);
  whole += '\n';
  if (!write_all(descriptor_, whole)) return failed(folder_ / file_, "cannot write");
  file_bytes_ += whole.size();
  return done{};
}

result<done, storage_error> export_folder::begin_file(const std::string& day, sequence at) {
  close();
  const auto number = std::to_string(at.value);
  file_ = day + "-" + std::string(sequence_digits - number.size(), '0') + number + ".ndjson";
  file_bytes_ = 0;
  const auto path = folder_ / file_;
  descriptor_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor_ < 0) return failed(path, "cannot make");
  if (!sync_folder(folder_)) return failed(folder_, "cannot sync");
  return done{};
}

result<done, storage_error> export_folder::sync() {
  if (descriptor_ >= 0 && ::fdatasync(descriptor_) != 0) return failed(folder_ / file_, "cannot sync");
  return done{};
}

} // namespace croupier::persistence
