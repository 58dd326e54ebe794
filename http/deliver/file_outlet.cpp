#include "http/deliver/outlet.hpp"

#include <vector>

namespace croupier::http::deliver {

namespace {

constexpr std::size_t batch_entries_max = 1'000;
constexpr std::size_t batch_bytes_max = 1'024 * 1'024;

/// Lines of JSON in files. What was written before a crash and is behind the position is cut off and written again, so
/// that each entry is in the files once.
class file_outlet final : public outlet {
public:
  file_outlet(const destination& target, const outlet_means& means)
      : files_(means.data_folder / "exports" / target.target, target.id.text(), means.export_file_bytes_max) {}

  result<done, std::string> resume(const persistence::delivery_position& position) override {
    reached_ = position;
    auto resumed = files_.resume(position);
    if (!resumed) return resumed.error().text;
    return done{};
  }

  void add(const committed_entry& entry, entry_renderer& render) override {
    line_of_entry line{{}, entry.at, entry.time};
    render.append(line.text, entry); // may fail
    bytes_ += line.text.size();
    lines_.push_back(std::move(line));
  }
  bool full() const override { return lines_.size() >= batch_entries_max || bytes_ >= batch_bytes_max; }
  bool pending() const override { return !lines_.empty(); }

  sent_outcome send() override {
    if (broken_) {
      // A line may be there in part: back to what is known to be whole.
      if (auto resumed = files_.resume(reached_); !resumed) return {false, resumed.error().text, {}};
      broken_ = false;
    }
    for (const auto& line : lines_)
      if (auto added = files_.append(line.text, line.time, line.at); !added) return fail(added.error().text);
    if (auto synced = files_.sync(); !synced) return fail(synced.error().text);
    lines_.clear();
    bytes_ = 0;
    reached_.file = files_.file();
    reached_.file_bytes = files_.file_bytes();
    return {true, files_.file(), {}};
  }

  void note(persistence::delivery_position& position) const override {
    position.file = files_.file();
    position.file_bytes = files_.file_bytes();
  }

private:
  struct line_of_entry {
    std::string text;
    sequence at;
    timestamp time;
  };

  sent_outcome fail(const std::string& why) {
    broken_ = true;
    return {false, why, {}};
  }

  persistence::export_folder files_;
  persistence::delivery_position reached_;
  std::vector<line_of_entry> lines_;
  std::size_t bytes_ = 0;
  bool broken_ = false;
};

} // namespace

std::unique_ptr<outlet> make_file_outlet(const destination& target, const outlet_means& means) {
  return std::make_unique<file_outlet>(target, means);
}

} // namespace croupier::http::deliver
