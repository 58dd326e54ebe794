#include "http/trackdesk/line_splitter.hpp"

namespace croupier::http::trackdesk {

void line_splitter::feed(std::string_view piece, const receiver& take) {
  for (auto end = piece.find('\n'); end != std::string_view::npos; end = piece.find('\n')) {
    give(piece.substr(0, end), take);
    piece.remove_prefix(end + 1);
  }
  keep(piece);
}

void line_splitter::finish(const receiver& take) {
  if (!begun_.empty() || too_long_) give({}, take);
}

void line_splitter::keep(std::string_view part) {
  // One byte more than allowed for a line may be the CR of its end.
  if (!too_long_ && begun_.size() + part.size() <= line_bytes_max_ + 1) {
    begun_ += part;
    return;
  }
  too_long_ = true;
  begun_.clear();
}

void line_splitter::give(std::string_view last_part, const receiver& take) {
  line whole;
  whole.index = next_index_++;
  if (begun_.empty() && !too_long_) {
    whole.text = last_part;
  } else {
    keep(last_part);
    whole.text = begun_;
  }
  if (whole.text.ends_with('\r')) whole.text.remove_suffix(1);
  whole.too_long = too_long_ || whole.text.size() > line_bytes_max_;
  if (whole.too_long) whole.text = {};
  take(whole);
  begun_.clear();
  too_long_ = false;
}

} // namespace croupier::http::trackdesk
