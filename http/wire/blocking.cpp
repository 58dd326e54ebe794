#include "http/wire/blocking.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <poll.h>
#include <utility>

namespace croupier::http::wire {

namespace {

constexpr std::size_t read_bytes = 64 * 1024;
constexpr std::size_t piece_bytes = 64 * 1024;

} // namespace

bool wait_for(const transport& io, bool for_writing, std::chrono::milliseconds at_most) noexcept {
  const auto until = std::chrono::steady_clock::now() + at_most;
  for (auto left = at_most;;
       left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now())) {
    pollfd one{io.socket(), static_cast<short>(for_writing ? POLLOUT : POLLIN), 0};
    const int count = ::poll(&one, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (count > 0) return true;
    if (count == 0 || errno != EINTR) return false;
  }
}

fill_outcome fill_buffer(connection& guest) {
  // One block a thread: idle connections keep none.
  static thread_local const auto block = std::make_unique<std::array<char, read_bytes>>();
  // A client that pipelines without end would otherwise never let the used part go.
  guest.in.erase(0, std::exchange(guest.in_begin, 0));
  const auto got = guest.io.read(block->data(), block->size());
  switch (got.status) {
  case io_status::done: guest.in.append(block->data(), got.bytes); return fill_outcome::filled;
  case io_status::wants_read: return fill_outcome::wants_read;
  case io_status::wants_write: return fill_outcome::wants_write;
  case io_status::ended: guest.input_ended = true; return fill_outcome::ended;
  case io_status::failed: return fill_outcome::failed;
  }
  return fill_outcome::failed;
}

bool flush_all(connection& guest, std::chrono::milliseconds at_most, metrics::counters& counters) {
  const auto until = std::chrono::steady_clock::now() + at_most;
  while (guest.out_begin < guest.out.size()) {
    const auto put = guest.io.write(std::string_view(guest.out).substr(guest.out_begin));
    if (put.status == io_status::done) {
      guest.out_begin += put.bytes;
      continue;
    }
    if (put.status != io_status::wants_read && put.status != io_status::wants_write) return false;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() > 0 && wait_for(guest.io, put.status == io_status::wants_write, left)) continue;
    counters.write_timeouts.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  guest.out.clear();
  guest.out_begin = 0;
  return true;
}

void invite_body(connection& guest) {
  if (!guest.head.expects_continue || !guest.unread().empty()) return;
  guest.head.expects_continue = false;
  guest.out += "HTTP/1.1 100 Continue\r\n\r\n";
}

std::string_view stream_reader::next() {
  piece_.clear();
  while (!failed_) {
    auto raw = guest_.unread();
    const auto before = raw.size();
    const auto state = guest_.decoder.feed(raw, piece_, piece_bytes);
    guest_.consume(before - raw.size());
    if (!piece_.empty()) return piece_;
    if (state == body_decoder::state::done) break;
    if (state == body_decoder::state::bad_framing) fail(&counters_.framing_errors);
    if (guest_.decoder.is_broken() || !wait_for_more()) fail(nullptr);
  }
  return {};
}

/// False when nothing more will come.
bool stream_reader::wait_for_more() {
  invite_body(guest_);
  for (;;) {
    if (!guest_.out.empty() && !flush_all(guest_, timeout_, counters_)) return false;
    const auto outcome = fill_buffer(guest_);
    if (outcome == fill_outcome::filled) return true;
    if (outcome == fill_outcome::ended || outcome == fill_outcome::failed) return false;
    if (wait_for(guest_.io, outcome == fill_outcome::wants_write, timeout_)) continue;
    counters_.body_timeouts.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
}

void stream_reader::fail(std::atomic<std::uint64_t>* counter) noexcept {
  failed_ = true;
  if (counter != nullptr) counter->fetch_add(1, std::memory_order_relaxed);
}

} // namespace croupier::http::wire
