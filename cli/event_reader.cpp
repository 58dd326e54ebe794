#include "cli/event_reader.hpp"

namespace croupier::cli {

void event_reader::begin() {
  rest_.clear();
  next_ = {};
  next_id_ = last_id_;
  has_data_ = false;
}

bool event_reader::read(std::string_view piece, const std::function<bool(const server_event&)>& take) {
  for (;;) {
    const auto end = piece.find('\n');
    rest_ += piece.substr(0, end);
    if (end == std::string_view::npos) return true;
    piece.remove_prefix(end + 1);
    if (!rest_.empty() && rest_.back() == '\r') rest_.pop_back();
    if (!rest_.empty()) {
      read_line(rest_);
      rest_.clear();
      continue;
    }
    last_id_ = next_id_; // an event without data moves the position all the same
    const bool whole = has_data_;
    const server_event event = std::move(next_);
    next_ = {};
    has_data_ = false;
    if (whole && !take(event)) return false;
  }
}

void event_reader::read_line(std::string_view line) {
  const auto colon = line.find(':');
  const auto field = line.substr(0, colon);
  auto value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "id") {
    next_id_ = value;
  } else if (field == "event") {
    next_.kind = value;
  } else if (field == "data") {
    if (has_data_) next_.data += '\n';
    next_.data += value;
    has_data_ = true;
  }
}

} // namespace croupier::cli
