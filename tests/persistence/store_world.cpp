#include "tests/persistence/store_world.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace croupier::persistence {

namespace {

void expect(bool holds, const std::string& what) {
  if (!holds) throw std::runtime_error(what);
}

std::uint64_t movements_among(const std::vector<remembered>& entries, std::size_t count) {
  return static_cast<std::uint64_t>(std::count_if(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(count),
                                                  [](const auto& entry) { return is_movement(entry.record); }));
}

} // namespace

// -- folders ----------------------------------------------------------------------------------------------------------

disk_folder::disk_folder() {
  // In memory where the system has that: these tests open stores by the thousand, and what a power loss takes is
  // simulated, not suffered.
  const std::filesystem::path memory = "/dev/shm";
  const auto above = ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
  auto pattern = (above / "croupier-store-XXXXXX").string();
  expect(::mkdtemp(pattern.data()) != nullptr, "cannot make a temporary folder");
  path_ = pattern;
}

disk_folder::~disk_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void disk_folder::copy_from(const std::filesystem::path& other) {
  std::filesystem::remove_all(path_);
  std::filesystem::copy(other, path_, std::filesystem::copy_options::recursive);
}

std::vector<std::filesystem::path> disk_folder::files(std::string_view ending) const {
  std::vector<std::filesystem::path> found;
  for (const auto& file : std::filesystem::directory_iterator(path_))
    if (file.path().filename().string().ends_with(ending)) found.push_back(file.path());
  std::sort(found.begin(), found.end());
  return found;
}

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void write_bytes(const std::filesystem::path& file, std::string_view bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

void flip_byte(const std::filesystem::path& file, std::uint64_t offset) {
  auto bytes = bytes_of(file);
  bytes.at(offset) = static_cast<char>(bytes.at(offset) ^ 0x5a);
  write_bytes(file, bytes);
}

// -- records ----------------------------------------------------------------------------------------------------------

std::string movement_record(std::uint64_t number, std::size_t payload_bytes) {
  const auto request_id = "request-" + std::to_string(number);
  std::string payload = "{\"number\":" + std::to_string(number) + ",\"filler\":\"";
  payload.append(payload_bytes, static_cast<char>('a' + number % 26));
  payload += "\"}";
  movement_recorded movement;
  movement.player = {1 + number % 7};
  movement.brand = {1};
  movement.player_hash = number * 0x9e3779b97f4a7c15U;
  movement.ordinal = number;
  movement.request_id = request_id;
  movement.payload = payload;
  metric_change change;
  change.metric = {1};
  change.value = amount::from_integer(5);
  change.delta = change.value;
  change.balance_after = amount::from_integer(static_cast<std::int64_t>(5 * number));
  movement.changes.push_back(change);
  std::string record;
  encode(movement, record);
  return record;
}

std::string click_record(std::uint64_t number) {
  click_tracked click;
  click.link = {1};
  click.offer = {2};
  click.affiliate = {3};
  const auto agent = "browser " + std::to_string(number);
  click.ip = "192.0.2.7";
  click.user_agent = agent;
  std::string record;
  encode(entry(click), record);
  return record;
}

std::vector<std::string_view> views_of(const std::vector<std::string>& records) {
  return {records.begin(), records.end()};
}

// -- the world --------------------------------------------------------------------------------------------------------

std::optional<storage_error> store_world::open() {
  store_.reset();
  auto opened = rocksdb_store::open(options_);
  if (!opened) return opened.error();
  store_ = std::move(*opened);
  if (!options_.read_only) store_->begin_upkeep();
  return std::nullopt;
}

std::optional<storage_error> store_world::stop() {
  auto stopped = store_->close_cleanly();
  store_.reset();
  if (!stopped) return stopped.error();
  return std::nullopt;
}

std::optional<storage_error> store_world::append(const std::vector<std::string>& records, timestamp time) {
  const auto appended = journal().append(views_of(records), time);
  if (!appended) return appended.error();
  if (!acknowledged_.empty()) time = std::max(time, acknowledged_.back().time);
  for (const auto& record : records) acknowledged_.push_back({time, record});
  expect((*appended).last.value == acknowledged_.size(), "append gives another sequence than the next one");
  return std::nullopt;
}

void store_world::append_groups(std::size_t groups, std::size_t size, std::size_t payload_bytes) {
  for (std::size_t group = 0; group < groups; ++group) {
    std::vector<std::string> records;
    for (std::size_t i = 0; i < size; ++i)
      records.push_back(movement_record(acknowledged_.size() + i + 1, payload_bytes));
    const auto time = acknowledged_.empty() ? 1'700'000'000'000'000 : acknowledged_.back().time.unix_us + 1000;
    if (const auto error = append(records, {time})) throw std::runtime_error(error->text);
  }
}

std::vector<remembered> content_of(const journal& log) {
  std::vector<remembered> content;
  log.scan_up({1}, [&content](const committed_entry& entry, std::string_view record) {
    expect(entry.at.value == content.size() + 1, "scan_up skips an entry");
    content.push_back({entry.time, std::string(record)});
    return true;
  });
  return content;
}

void store_world::expect_journal_as_acknowledged() const {
  const auto& log = store_->journal();
  const auto same = [](const remembered& a, const remembered& b) { return a.time == b.time && a.record == b.record; };
  const auto up = content_of(log);
  expect(up.size() == acknowledged_.size(),
         "the journal has " + std::to_string(up.size()) + " entries, not " + std::to_string(acknowledged_.size()));
  expect(std::equal(up.begin(), up.end(), acknowledged_.begin(), same), "scan_up gives other entries");
  const auto last = log.last_position();
  expect(last.last.value == up.size(), "last_position has another sequence");
  expect(last.movement_count == movements_among(up, up.size()), "last_position counts other movements");
  std::vector<remembered> down;
  log.scan_down(last.last, [&down](const committed_entry& entry, std::string_view record) {
    down.push_back({entry.time, std::string(record)});
    return true;
  });
  std::reverse(down.begin(), down.end());
  expect(down.size() == up.size() && std::equal(up.begin(), up.end(), down.begin(), same), "scan_down differs");
  for (std::size_t i = 0; i < up.size(); i += 1 + up.size() / 50) {
    const sequence at{i + 1};
    const auto read = log.read(at);
    expect(read.bytes == up[i].record && read.entry.at == at && read.entry.time == up[i].time, "read differs");
    expect(log.movements_up_to(at) == movements_among(up, i + 1), "movements_up_to differs");
    const auto end = log.page_end(at);
    expect(end.last >= at && end.movement_count == movements_among(up, end.last.value), "page_end differs");
    const auto first = std::find_if(up.begin(), up.end(), [&](const auto& one) { return one.time >= up[i].time; });
    expect(log.first_at_or_after(up[i].time).value == static_cast<std::uint64_t>(first - up.begin()) + 1,
           "first_at_or_after differs");
  }
}

} // namespace croupier::persistence
