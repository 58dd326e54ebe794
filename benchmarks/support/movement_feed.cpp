#include "benchmarks/support/movement_feed.hpp"

namespace croupier::bench {

namespace {

constexpr std::uint64_t altered_one_in = 50;

} // namespace

std::vector<std::string> verdict_names() {
  return {"applied", "replayed", "conflict", "overloaded", "wrong"};
}

movement_feed::movement_feed(model& expected, std::atomic<std::uint64_t>& numbers, const feed_options& options)
    : model_(expected), numbers_(numbers), options_(options), random_(options.seed) {}

bool movement_feed::next(draft& into) {
  if (!again_.empty()) {
    into = again_.back();
    again_.pop_back();
    return true;
  }
  if (given_ == options_.limit) return false;
  ++given_;
  if (options_.retry_percent > 0 && !settled_.empty() && random_() % 100 < options_.retry_percent) {
    into.number = settled_[random_() % settled_.size()];
    into.expected = random_() % altered_one_in == 0 ? verdict::conflict : verdict::replayed;
    return true;
  }
  into = {numbers_.fetch_add(1, std::memory_order_relaxed), verdict::applied};
  return true;
}

void movement_feed::make(const draft& what, movement& into) const {
  model_.work().make(options_.whom, what.number, what.expected == verdict::conflict, into);
}

verdict movement_feed::settle(const draft& what, verdict said) {
  if (said == verdict::overloaded) {
    again_.push_back(what);
    return said;
  }
  const auto player = model_.work().player_of(options_.whom, what.number);
  if (said == verdict::applied) model_.apply(player, what.number);
  if (said != what.expected) {
    // After an answer that explains nothing, nobody knows what was done.
    if (said == verdict::wrong) model_.uncertain();
    ++wrong_;
    return verdict::wrong;
  }
  if (said == verdict::applied && options_.retry_percent > 0) {
    if (settled_.size() < remembered) {
      settled_.push_back(what.number);
    } else {
      settled_[oldest_] = what.number;
      oldest_ = (oldest_ + 1) % remembered;
    }
  }
  return said;
}

void movement_feed::lost(const draft&) {
  model_.uncertain();
  ++wrong_;
}

} // namespace croupier::bench
