#include "benchmarks/support/movement_feed.hpp"

#include <algorithm>

namespace croupier::bench {

namespace {

constexpr std::uint64_t altered_one_in = 50;
constexpr std::size_t evidence_bytes_max = 400;

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

void movement_feed::remember(std::string_view evidence) {
  if (evidence_.empty()) evidence_ = evidence.substr(0, evidence_bytes_max);
}

std::size_t outcome_of(verdict settled, movement_feed& feed, int status, std::string_view body) {
  if (settled == verdict::wrong) feed.remember(std::to_string(status) + " " + std::string(body));
  return static_cast<std::size_t>(settled);
}

bool draft_groups::take(std::size_t size, std::uint64_t& tag) {
  if (free_.empty()) {
    free_.push_back(groups_.size());
    groups_.emplace_back();
  }
  auto& group = groups_[free_.back()];
  group.clear();
  for (draft what; group.size() < size && feed_.next(what);) group.push_back(what);
  if (group.empty()) return false;
  tag = free_.back();
  free_.pop_back();
  return true;
}

std::uint64_t draft_groups::fresh_in(std::uint64_t tag) const {
  const auto& group = groups_[tag];
  return static_cast<std::uint64_t>(
      std::count_if(group.begin(), group.end(), [](const draft& each) { return each.expected == verdict::applied; }));
}

verdict draft_groups::settle(std::uint64_t tag, verdict said) {
  for (const auto& each : groups_[tag]) feed_.settle(each, said == verdict::applied ? each.expected : said);
  if (said == verdict::applied) settled_ += groups_[tag].size();
  free_.push_back(tag);
  return said;
}

void draft_groups::lost(std::uint64_t tag) {
  for (const auto& each : groups_[tag]) feed_.lost(each);
  free_.push_back(tag);
}

} // namespace croupier::bench
