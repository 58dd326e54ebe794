#include "http/access_log.hpp"
#include "http/url.hpp"
#include "http/wire/blocking.hpp"
#include "http/wire/driver.hpp"

#include <spdlog/spdlog.h>
#include <utility>

/// The driver's second half: from the complete request to the next one.
namespace croupier::http::wire {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds drain_timeout{2'000};
constexpr std::uint64_t drain_bytes_max = 8 << 20;
/// An idle connection keeps no buffer larger than this.
constexpr std::size_t idle_buffer_bytes_max = 4 * 1024;

void shrink(std::string& buffer) {
  buffer.clear();
  if (buffer.capacity() > idle_buffer_bytes_max) buffer.shrink_to_fit();
}

request request_of(connection& guest, milliseconds deadline, body_reader* stream) {
  auto& admitted = guest.admitted;
  request req;
  req.method = guest.head.method;
  req.path = admitted.path;
  req.path_parameters = std::move(admitted.path_parameters);
  req.body = std::move(guest.body);
  req.stream = stream;
  req.remote_ip = guest.remote_ip;
  req.request_id = admitted.request_id;
  req.ws = admitted.ws;
  req.key = admitted.key;
  req.deadline = std::chrono::steady_clock::now() + deadline;
  req.header = [&head = guest.head](std::string_view name) { return head.find(name); };
  req.query = [&head = guest.head](std::string_view name) { return query_parameter(head.query, name); };
  return req;
}

/// A handler answers by returning, failures of the disk included; what it throws is a fault of ours.
response call_handler(connection& guest, worker_pool& pool, milliseconds deadline, body_reader* stream) {
  const auto& admitted = guest.admitted;
  std::optional<worker_pool::blocking_section> others_may_run;
  if (admitted.to->holds_thread || stream != nullptr) others_may_run.emplace(pool);
  try {
    return admitted.to->handle(request_of(guest, deadline, stream));
  } catch (const std::exception& fault) {
    spdlog::error("request_id={} route={} handler failed: {}", admitted.request_id, admitted.to->pattern, fault.what());
  }
  return error_response(admitted.style, error_kind::internal);
}

} // namespace

driver::need driver::answer(connection& guest) {
  guest.answer_began = clock::now();
  std::optional<stream_place> place; // held until a streamed answer is out
  auto out = respond(guest, place);
  if (!out.pending) return put(guest, out);
  guest.pending = std::move(out.pending);
  guest.at = phase::waiting;
  guest.deadline = guest.answer_began + options_.request_deadline;
  return need::nothing;
}

std::optional<driver::need> driver::collect(const std::shared_ptr<connection>& guest) {
  std::optional<response> out;
  {
    const std::scoped_lock lock(guest->pending_mutex);
    // Held before the answer is asked for: whoever brings it, or finds the deadline passed, may take the connection
    // from then on, and it is not touched here until it has been taken back. They wait for the lock before they go on.
    lobby_->hold(*guest);
    try {
      out = guest->pending->take([home = resumer_, guest] { home->resume(guest); });
    } catch (const std::exception& fault) {
      spdlog::error("request_id={} an answer could not be made: {}", guest->admitted.request_id, fault.what());
      out = error_response(guest->admitted.style, error_kind::internal);
    }
    if (!out || !lobby_->take(*guest)) return std::nullopt;
    guest->pending.reset();
  }
  return put(*guest, *out);
}

/// The deadline of an answer that others work on has passed. They may still come with it, so the connection ends with
/// what the client is told.
driver::need driver::give_up(connection& guest) {
  response out;
  {
    const std::scoped_lock lock(guest.pending_mutex);
    out = std::exchange(guest.pending, nullptr)->give_up();
  }
  guest.admitted.framing_lost = true;
  return put(guest, out);
}

driver::need driver::put(connection& guest, response& out) {
  const int status = out.status;
  const auto body_bytes = out.body.size();
  const bool streams = out.stream != nullptr;
  const auto sent_before = guest.sent_bytes;
  std::optional<worker_pool::blocking_section> others_may_run;
  if (streams) others_may_run.emplace(*pool_);
  const bool whole = send(guest, out);
  tell(guest, status, streams ? guest.sent_bytes - sent_before : body_bytes, guest.answer_began);
  if (!whole) return need::end;
  guest.at = phase::writing;
  guest.deadline = clock::now() + options_.write_timeout;
  return need::nothing;
}

response driver::respond(connection& guest, std::optional<stream_place>& place) {
  auto& admitted = guest.admitted;
  const auto full = [&] { return error_response(admitted.style, error_kind::overloaded); };
  if (admitted.refusal) return std::move(*admitted.refusal);
  response out;
  if (admitted.body == body_plan::stream) {
    admitted.framing_lost = true; // until its end has been read
    place.emplace(counters_.live.streams_open, streams_max_);
    if (!place->taken()) return full();
    guest.decoder.start(guest.head, admitted.gzip, admitted.body_bytes_max);
    stream_reader reader(guest, options_.body_timeout, counters_.live);
    out = call_handler(guest, *pool_, options_.request_deadline, &reader);
    admitted.framing_lost = guest.decoder.now() != body_decoder::state::done;
  } else {
    out = call_handler(guest, *pool_, options_.request_deadline, nullptr);
  }
  if (!out.stream || place || guest.head.method == "HEAD") return out;
  place.emplace(counters_.live.streams_open, streams_max_);
  return place->taken() ? std::move(out) : full();
}

/// Puts the answer into the connection's buffer, or on the wire as far as it is streamed. False: the client has not
/// got all of it and cannot.
bool driver::send(connection& guest, response& out) {
  auto& admitted = guest.admitted;
  out.headers.emplace_back("X-Request-Id", admitted.request_id);
  for (auto& header : admitted.headers) out.headers.push_back(std::move(header));
  guest.drain_before_close = admitted.framing_lost && !guest.input_ended;
  guest.close_after_answer = admitted.framing_lost || !guest.head.keep_alive || lobby_->stopping();
  const answer_writer::circumstances when{guest.head.method == "HEAD", guest.head.http_1_0, guest.close_after_answer};
  try {
    return writer_.write(out, when, guest.out, [&] {
      guest.sent_bytes += guest.out.size() - guest.out_begin;
      return flush_all(guest, options_.write_timeout, counters_.live);
    });
  } catch (const std::exception& fault) { // of a handler that streams: the client sees a body without an end
    spdlog::error("request_id={} a streamed answer was cut short: {}", admitted.request_id, fault.what());
    return false;
  }
}

void driver::tell(const connection& guest, int status, std::uint64_t bytes, clock::time_point began) {
  const auto& admitted = guest.admitted;
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(clock::now() - began);
  counters_.record(admitted.route_index, status, took);
  if (!options_.access_log || !options_.access_log->should_log(spdlog::level::info)) return;
  const auto key_id = admitted.key == nullptr ? std::string() : admitted.key->id.text();
  access_entry entry;
  entry.request_id = admitted.request_id;
  entry.method = guest.head.method;
  if (admitted.to != nullptr) entry.route = admitted.to->pattern;
  entry.status = status;
  entry.bytes = bytes;
  entry.duration = took;
  entry.remote_ip = guest.remote_ip;
  entry.key_id = key_id;
  entry.client_id = guest.head.find("x-client-id");
  log_access(*options_.access_log, entry);
}

/// Nothing needed: all is written.
driver::need driver::flush(connection& guest) {
  while (guest.out_begin < guest.out.size()) {
    const auto put = guest.io.write(std::string_view(guest.out).substr(guest.out_begin));
    switch (put.status) {
    case io_status::done: guest.out_begin += put.bytes; break;
    case io_status::wants_read: return need::input;
    case io_status::wants_write: return need::output;
    case io_status::ended:
    case io_status::failed: return need::end;
    }
  }
  guest.out.clear();
  guest.out_begin = 0;
  return need::nothing;
}

driver::need driver::write_out(connection& guest) {
  const auto what = flush(guest);
  return what == need::nothing ? after_answer(guest) : what;
}

driver::need driver::after_answer(connection& guest) {
  const bool more_may_come = !guest.input_ended || !guest.unread().empty();
  if (guest.close_after_answer || !more_may_come) {
    guest.io.end_writing();
    if (!guest.drain_before_close) return need::end;
    // Closing with unread input resets the connection, and the client may lose the answer to it.
    guest.at = phase::draining;
    guest.deadline = clock::now() + drain_timeout;
    return need::nothing;
  }
  shrink(guest.out);
  shrink(guest.body);
  if (guest.unread().empty()) shrink(guest.in);
  guest.admitted = ticket();
  guest.at = phase::idle;
  guest.deadline = clock::now() + options_.keep_alive_timeout;
  return guest.unread().empty() && !guest.input_ended ? need::input : need::nothing;
}

driver::need driver::drain(connection& guest) {
  guest.drained_bytes += guest.in.size();
  guest.in.clear();
  guest.in_begin = 0;
  if (guest.drained_bytes > drain_bytes_max || clock::now() >= guest.deadline) return need::end;
  return fill(guest);
}

} // namespace croupier::http::wire
