#include "cli/bench/other_calls.hpp"

#include <algorithm>
#include <charconv>

namespace croupier::cli {
namespace {

constexpr std::string_view batch_path = "/tracking/clients/v1/metrics/movements/batch";
constexpr std::uint64_t refused_max = 20'000;
constexpr std::size_t evidence_bytes_max = 300;
constexpr std::uint64_t cents_max = 9'999;

bool is_passing(int status) {
  return status == 429 || status == 503 || status == 504;
}

void keep(std::string& first, int status, std::string_view body) {
  if (first.empty()) first = std::to_string(status) + " " + std::string(body.substr(0, evidence_bytes_max));
}

/// The number behind `name` in a JSON text of the server's own writing.
std::uint64_t number_after(std::string_view body, std::string_view name) {
  const auto at = body.find(name);
  std::uint64_t value = 0;
  if (at != std::string_view::npos) std::from_chars(body.data() + at + name.size(), body.data() + body.size(), value);
  return value;
}

} // namespace

batch_calls::batch_calls(const contestants& whom, std::uint32_t movements, std::uint64_t seed,
                         std::function<void(std::uint64_t)> show)
    : whom_(whom),
      movements_(movements),
      seed_(seed),
      show_(std::move(show)),
      head_(whom.head("POST", batch_path)),
      promised_(whom.count()) {}

std::uint64_t batch_calls::size_of(std::uint64_t batch) const noexcept {
  return std::min<std::uint64_t>(movements_per_batch, movements_ - batch * movements_per_batch);
}

std::uint32_t batch_calls::player_of(std::uint64_t number) const noexcept {
  return static_cast<std::uint32_t>(scattered(seed_, number) % whom_.count());
}

std::int64_t batch_calls::cents_of(std::uint64_t number) const noexcept {
  return 1 + static_cast<std::int64_t>(scattered(~seed_, number) % cents_max);
}

bool batch_calls::next(load::request& to_fill) {
  if (refused_ >= refused_max) return false;
  if (!again_.empty()) {
    to_fill.tag = again_.back();
    again_.pop_back();
  } else if (next_ * movements_per_batch < movements_) {
    to_fill.tag = next_++;
  } else {
    return false;
  }
  body_.assign(R"({"movements":[)");
  const std::uint64_t first = to_fill.tag * movements_per_batch;
  for (std::uint64_t number = first; number < first + size_of(to_fill.tag); ++number) {
    if (number > first) body_ += ',';
    whom_.append_movement(body_, player_of(number), number, cents_of(number));
  }
  body_ += "]}";
  head_.render(body_, to_fill.wire);
  return true;
}

void batch_calls::promise(std::uint64_t batch) {
  const std::uint64_t first = batch * movements_per_batch;
  for (std::uint64_t number = first; number < first + size_of(batch); ++number) {
    expected_balance& one = promised_[player_of(number)];
    one.cents += cents_of(number);
    ++one.movements;
  }
  accepted_ += size_of(batch);
  show_(accepted_);
}

std::size_t batch_calls::judge(const load::request& sent, const load::answer& got) {
  const std::uint64_t size = size_of(sent.tag);
  // What a batch holds may be there already when it had to be sent again.
  const std::uint64_t duplicates = number_after(got.body, R"("duplicates":)");
  if (got.status == 200 && number_after(got.body, R"("accepted":)") + duplicates == size &&
      (duplicates == 0 || refused_ > 0)) {
    promise(sent.tag);
    return static_cast<std::size_t>(outcome::accepted);
  }
  // Of a batch that was answered 200 a part may have found no room.
  if (is_passing(got.status) || got.status == 200) {
    again_.push_back(sent.tag);
    if (++refused_ == refused_max) keep(first_error_, got.status, got.body);
    return static_cast<std::size_t>(outcome::overloaded);
  }
  keep(first_error_, got.status, got.body);
  return static_cast<std::size_t>(outcome::error);
}

void batch_calls::lost(const load::request& sent, load::loss why) {
  again_.push_back(sent.tag);
  if (++refused_ == refused_max) keep(first_error_, 0, load::name_of(why));
}

read_calls::read_calls(const contestants& whom, std::uint32_t reads, std::function<void(std::uint64_t)> show)
    : show_(std::move(show)), wires_(whom.count()), reads_(reads) {
  for (std::uint32_t player = 0; player < whom.count(); ++player)
    whom.head("GET", whom.balance_path(player)).render_without_body(wires_[player]);
}

bool read_calls::next(load::request& to_fill) {
  if (next_ == reads_) return false;
  to_fill.wire = wires_[next_++ % wires_.size()];
  show_(next_);
  return true;
}

std::size_t read_calls::judge(const load::request&, const load::answer& got) {
  if (got.status == 200) return static_cast<std::size_t>(outcome::read);
  if (is_passing(got.status)) return static_cast<std::size_t>(outcome::overloaded);
  keep(first_error_, got.status, got.body);
  return static_cast<std::size_t>(outcome::error);
}

void read_calls::lost(const load::request&, load::loss why) {
  keep(first_error_, 0, load::name_of(why));
}

} // namespace croupier::cli
