#include "cli/bench/retry_storm.hpp"

#include "engine/check.hpp"

#include <algorithm>
#include <utility>

namespace croupier::cli {
namespace {

using payload = storm_record::payload;

constexpr std::string_view movements_path = "/tracking/clients/v1/metrics/movements";

// Different questions about the same number must not have the same answer.
constexpr std::uint64_t about_order = 1;
constexpr std::uint64_t about_nearness = 2;
constexpr std::uint64_t about_payload = 3;
constexpr std::uint64_t about_cut = 4;
constexpr std::uint64_t about_player = 5;
constexpr std::uint64_t about_value = 6;

/// Copies that race are within this many requests of each other.
constexpr std::uint64_t near = 64;
/// Answers are some 300 bytes: cuts hit every part of one, and the time before it.
constexpr std::uint64_t cut_within_bytes = 400;
constexpr std::int64_t cents_max = 9'999;
constexpr std::uint32_t refused_in_a_row_max = 20'000;
constexpr std::size_t evidence_bytes_max = 300;
constexpr std::uint64_t show_every = 256;

std::uint64_t answer_to(std::uint64_t question, std::uint64_t seed, std::uint64_t number) {
  return scattered(seed * 8 + question, number);
}

/// Every copy of every movement, in the order in which they are sent.
std::vector<std::uint64_t> shuffled(const storm_options& options) {
  const std::uint64_t all = std::uint64_t{options.movements} * options.copies;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> places(all);
  for (std::uint64_t tag = 0; tag < all; ++tag) {
    const std::uint64_t first = tag - tag % options.copies;
    const bool close = tag != first && answer_to(about_nearness, options.seed, tag) % 2 == 0;
    const std::uint64_t random = answer_to(about_order, options.seed, tag);
    places[tag] = {close ? places[first].first + random % near : random % all, tag};
  }
  std::sort(places.begin(), places.end());
  std::vector<std::uint64_t> order(all);
  std::transform(places.begin(), places.end(), order.begin(), [](const auto& each) { return each.second; });
  return order;
}

} // namespace

void storm_record::answered(std::uint32_t movement, payload sent, said what) noexcept {
  std::uint8_t& known = known_[movement];
  const auto own = static_cast<std::uint8_t>(sent);
  switch (what) {
  case said::accepted:
    known |= (known & accepted_) != 0 ? twice_ : accepted_;
    known |= own;
    break;
  case said::duplicate: known |= own; break;
  case said::mismatch: known |= own ^ payloads_; break;
  }
}

std::string_view storm_record::problem(std::uint32_t movement) const noexcept {
  const std::uint8_t known = known_[movement];
  if ((known & payloads_) == 0) return "nothing is known of it";
  if ((known & twice_) != 0) return "was accepted twice";
  if ((known & payloads_) == payloads_) return "was answered as if both payloads had been applied";
  if ((known & (accepted_ | lost_)) == 0) return "is a duplicate of something that nobody sent";
  return {};
}

std::vector<std::string> retry_storm::outcomes() {
  return {"accepted", "duplicate", "mismatch", "overloaded", "error"};
}

retry_storm::retry_storm(const contestants& whom, const storm_options& options, std::function<void(std::uint64_t)> show)
    : whom_(whom),
      options_(options),
      show_(std::move(show)),
      head_(whom.head("POST", movements_path)),
      order_(shuffled(options)),
      record_(options.movements) {
  CROUPIER_ASSERT(options.copies > 0, "a movement is sent at least once");
}

payload retry_storm::payload_of(std::uint64_t tag) const noexcept {
  const bool changed =
      tag % options_.copies != 0 && answer_to(about_payload, options_.seed, tag) % 100 < options_.changed_percent;
  return changed ? payload::changed : payload::original;
}

std::uint32_t retry_storm::player_of(std::uint32_t movement) const noexcept {
  return static_cast<std::uint32_t>(answer_to(about_player, options_.seed, movement) % whom_.count());
}

std::int64_t retry_storm::cents_of(std::uint32_t movement, payload which) const noexcept {
  const std::uint64_t random = answer_to(about_value, options_.seed, movement);
  const auto cents = 1 + static_cast<std::int64_t>(random % cents_max);
  // The house wins a little more often than the player. A changed payload is another amount, never zero.
  const std::int64_t original = random / cents_max % 16 < 9 ? cents : -cents;
  return which == payload::original ? original : original + cents_max + 2;
}

bool retry_storm::next(load::request& to_fill) {
  if (refused_in_a_row_ >= refused_in_a_row_max) return false;
  if (!again_.empty()) {
    to_fill.tag = again_.back();
    again_.pop_back();
  } else if (next_ < order_.size()) {
    to_fill.tag = order_[next_++];
  } else {
    return false;
  }
  const std::uint32_t movement = movement_of(to_fill.tag);
  body_.clear();
  whom_.append_movement(body_, player_of(movement), movement, cents_of(movement, payload_of(to_fill.tag)));
  head_.render(body_, to_fill.wire);
  const std::uint64_t random = answer_to(about_cut, options_.seed, to_fill.tag);
  if (cutting_ && random % 100 < options_.cut_percent) to_fill.cut_after = random / 100 % cut_within_bytes;
  return true;
}

void retry_storm::put_back(std::uint64_t tag, std::string why) {
  again_.push_back(tag);
  if (++refused_in_a_row_ == refused_in_a_row_max)
    first_error_ = "the server answers nothing but: " + why.substr(0, evidence_bytes_max);
}

void retry_storm::count_done() {
  refused_in_a_row_ = 0;
  if (++done_ % show_every == 0) show_(done_);
}

std::size_t retry_storm::judge(const load::request& sent, const load::answer& got) {
  const auto tell = [&](storm_record::said what, outcome counted) {
    record_.answered(movement_of(sent.tag), payload_of(sent.tag), what);
    count_done();
    return static_cast<std::size_t>(counted);
  };
  if (got.status == 200) return tell(storm_record::said::accepted, outcome::accepted);
  if (got.status == 409 && got.body.find(R"("payloadMismatch":false)") != std::string_view::npos)
    return tell(storm_record::said::duplicate, outcome::duplicate);
  if (got.status == 409 && got.body.find(R"("payloadMismatch":true)") != std::string_view::npos)
    return tell(storm_record::said::mismatch, outcome::mismatch);
  const std::string shown = std::to_string(got.status) + " " + std::string(got.body);
  if (got.status == 503 || got.status == 504 || got.status == 429) {
    // After a 504 it may have been applied; sending it again is safe and tells.
    if (got.status == 504) record_.unheard(movement_of(sent.tag));
    put_back(sent.tag, shown);
    return static_cast<std::size_t>(outcome::overloaded);
  }
  if (first_error_.empty()) first_error_ = shown.substr(0, evidence_bytes_max);
  count_done();
  return static_cast<std::size_t>(outcome::error);
}

void retry_storm::lost(const load::request& sent, load::loss why) {
  if (why == load::loss::refused) return put_back(sent.tag, std::string(load::name_of(why)));
  record_.unheard(movement_of(sent.tag));
  count_done();
}

bool retry_storm::ask_again() {
  if (refused_in_a_row_ >= refused_in_a_row_max) return false;
  cutting_ = false;
  order_.clear();
  next_ = 0;
  for (std::uint32_t movement = 0; movement < record_.size(); ++movement)
    if (!record_.settled(movement)) order_.push_back(std::uint64_t{movement} * options_.copies);
  asked_again_ += order_.size();
  return !order_.empty();
}

std::vector<expected_balance> retry_storm::promised() const {
  std::vector<expected_balance> all(whom_.count());
  for (std::uint32_t movement = 0; movement < record_.size(); ++movement) {
    if (!record_.settled(movement)) continue;
    expected_balance& one = all[player_of(movement)];
    one.cents += cents_of(movement, record_.applied(movement));
    ++one.movements;
  }
  return all;
}

std::uint64_t retry_storm::contradictions(std::string& first) const {
  std::uint64_t found = 0;
  for (std::uint32_t movement = 0; movement < record_.size(); ++movement) {
    const std::string_view problem = record_.problem(movement);
    if (!problem.empty() && found++ == 0) first = "movement " + std::to_string(movement) + " " + std::string(problem);
  }
  return found;
}

} // namespace croupier::cli
