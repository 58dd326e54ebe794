#include "http/wire/driver.hpp"

#include "engine/check.hpp"
#include "http/wire/blocking.hpp"

#include <algorithm>
#include <spdlog/spdlog.h>

namespace croupier::http::wire {

namespace {

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// The rest of a request that has begun is usually on its way already.
constexpr milliseconds linger_within_request{2};
} // namespace

driver::driver(const server_options& options, admission& gate, answer_writer& writer, metrics& counters)
    : options_(options),
      gate_(gate),
      writer_(writer),
      counters_(counters),
      streams_max_(std::max<std::size_t>(options.worker_threads_max / 4, 1)) {}

void driver::belong_to(lobby& home, worker_pool& pool) {
  lobby_ = &home;
  pool_ = &pool;
  resumer_ = std::make_shared<resumer>(home, pool);
}

void resumer::resume(const std::shared_ptr<connection>& guest) {
  const std::scoped_lock lock(mutex_);
  if (lobby_ != nullptr && lobby_->take(*guest)) pool_->submit(guest);
}

void resumer::end() noexcept {
  const std::scoped_lock lock(mutex_);
  lobby_ = nullptr;
}

void driver::serve(const std::shared_ptr<connection>& guest) noexcept {
  try {
    auto what = std::exchange(guest->expired, false) ? expire(*guest) : need::nothing;
    while (what != need::end) {
      if (what == need::nothing && guest->at == phase::waiting) {
        const auto collected = collect(guest);
        if (!collected) return;
        what = *collected;
      } else if (what == need::nothing) {
        what = advance(*guest);
      } else if ((guest->at == phase::head || guest->at == phase::body) && clock::now() >= guest->deadline) {
        what = expire(*guest);
      } else if (linger(*guest, what)) {
        what = need::nothing;
      } else {
        return lobby_->park(guest, what == need::output);
      }
    }
  } catch (const std::exception& fault) { // memory has run out, most likely: this client goes, the others stay
    spdlog::error("a connection was ended: {}", fault.what());
  }
  lobby_->close(guest);
}

bool driver::linger(connection& guest, need what) const {
  if (!pool_->may_linger() || lobby_->stopping()) return false;
  const bool within = guest.at == phase::head || guest.at == phase::body;
  if (what != need::input || (guest.at != phase::idle && !within)) return false;
  const worker_pool::blocking_section others_may_run(*pool_);
  return wait_for(guest.io, false, within ? std::min(linger_within_request, options_.linger) : options_.linger);
}

driver::need driver::advance(connection& guest) {
  switch (guest.at) {
  case phase::handshake: return shake_hands(guest);
  case phase::idle:
  case phase::head: return read_head(guest);
  case phase::body: return read_body(guest);
  case phase::waiting: return need::nothing;
  case phase::writing: return write_out(guest);
  case phase::draining: return drain(guest);
  }
  ::croupier::detail::invariant_failed("phase in phases", __FILE__, __LINE__, "a phase is not one of its names");
}

driver::need driver::shake_hands(connection& guest) {
  switch (guest.io.handshake().status) {
  case io_status::done:
    guest.at = phase::idle;
    guest.deadline = clock::now() + options_.keep_alive_timeout;
    return need::nothing;
  case io_status::wants_read: return need::input;
  case io_status::wants_write: return need::output;
  case io_status::ended:
  case io_status::failed: break;
  }
  counters_.live.tls_failures.fetch_add(1, std::memory_order_relaxed);
  return need::end;
}

driver::need driver::fill(connection& guest) {
  switch (fill_buffer(guest)) {
  case fill_outcome::filled: return need::nothing;
  case fill_outcome::wants_read: return need::input;
  case fill_outcome::wants_write: return need::output;
  case fill_outcome::ended:
  case fill_outcome::failed: break;
  }
  return need::end; // in the middle of a request, or with none owed
}

driver::need driver::read_head(connection& guest) {
  while (guest.unread().starts_with("\r\n")) guest.consume(2); // RFC 9112 lets clients end their bodies so
  if (guest.unread().empty()) return guest.input_ended ? need::end : fill(guest);
  if (guest.at == phase::idle) {
    guest.at = phase::head;
    guest.deadline = clock::now() + options_.header_timeout;
  }
  if (guest.unread() != "\r") {
    const auto found = guest.scanner.scan(guest.unread());
    if (found.problem || found.head_bytes > 0) return begin_request(guest, found.head_bytes, found.problem);
  }
  return guest.input_ended ? need::end : fill(guest);
}

driver::need driver::begin_request(connection& guest, std::size_t head_bytes,
                                   const std::optional<head_problem>& problem) {
  guest.scanner.reset();
  // Of a head that never ended, whole lines are still good for the log and for the style of the answer.
  if (problem)
    head_bytes = guest.unread().rfind("\r\n") == std::string_view::npos ? 0 : guest.unread().rfind("\r\n") + 2;
  guest.head_text.assign(guest.unread().substr(0, head_bytes));
  guest.consume(head_bytes);
  const auto parsed = guest.head.parse(guest.head_text);
  guest.admitted = gate_.admit(guest.head, problem ? problem : parsed);
  if (const auto* key = guest.admitted.key) counters_.keys.note(key->number, std::chrono::system_clock::now());
  if (problem || parsed) counters_.live.framing_errors.fetch_add(1, std::memory_order_relaxed);
  switch (guest.admitted.body) {
  case body_plan::none:
  case body_plan::stream: return answer(guest);
  case body_plan::whole:
  case body_plan::discard: return begin_body(guest);
  }
  ::croupier::detail::invariant_failed("plan in body_plan", __FILE__, __LINE__, "a plan is not one of its names");
}

driver::need driver::begin_body(connection& guest) {
  guest.decoder.start(guest.head, guest.admitted.gzip, guest.admitted.body_bytes_max);
  guest.body.clear();
  guest.at = phase::body;
  guest.deadline = clock::now() + options_.body_timeout;
  return need::nothing;
}

driver::need driver::read_body(connection& guest) {
  if (!guest.out.empty()) { // the rest of an interim answer
    if (const auto what = flush(guest); what != need::nothing) return what;
  }
  auto raw = guest.unread();
  const auto before = raw.size();
  const auto state = guest.decoder.feed(raw, guest.body, SIZE_MAX);
  guest.consume(before - raw.size());
  if (guest.admitted.body == body_plan::discard) guest.body.clear();
  if (state == body_decoder::state::done) return answer(guest);
  if (state != body_decoder::state::more) {
    refuse_body(guest);
    return answer(guest);
  }
  invite_body(guest);
  return guest.out.empty() ? fill(guest) : need::nothing;
}

/// The decoder has given up. A refusal that was there before stays what it is.
void driver::refuse_body(connection& guest) {
  auto& admitted = guest.admitted;
  admitted.framing_lost = true;
  if (guest.decoder.now() == body_decoder::state::bad_framing)
    counters_.live.framing_errors.fetch_add(1, std::memory_order_relaxed);
  if (admitted.refusal) return;
  switch (guest.decoder.now()) {
  case body_decoder::state::bad_framing:
    admitted.refusal = error_response(admitted.style, error_kind::malformed, "malformed chunked body");
    return;
  case body_decoder::state::bad_gzip:
    admitted.refusal = error_response(admitted.style, error_kind::malformed, "malformed gzip body");
    return;
  case body_decoder::state::too_large:
    admitted.refusal = error_response(admitted.style, error_kind::body_too_large);
    return;
  case body_decoder::state::more:
  case body_decoder::state::done: break;
  }
  CROUPIER_ASSERT(false, "a body that is not broken was refused");
}

/// A request that has begun took too long: it is answered, and the connection ends.
driver::need driver::expire(connection& guest) {
  if (guest.at == phase::waiting) return give_up(guest);
  if (guest.at == phase::head) {
    counters_.live.header_timeouts.fetch_add(1, std::memory_order_relaxed);
    guest.head = request_head();
    guest.admitted = ticket();
    guest.admitted.request_id = request_id_from({});
  } else {
    CROUPIER_ASSERT(guest.at == phase::body, "only requests that have begun expire");
    counters_.live.body_timeouts.fetch_add(1, std::memory_order_relaxed);
  }
  auto& admitted = guest.admitted;
  admitted.framing_lost = true;
  if (!admitted.refusal) admitted.refusal = error_response(admitted.style, error_kind::request_timeout);
  return answer(guest);
}

} // namespace croupier::http::wire
