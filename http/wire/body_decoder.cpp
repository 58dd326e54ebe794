#include "http/wire/body_decoder.hpp"

#include "engine/check.hpp"
#include "http/ascii.hpp"

#include <algorithm>
#include <zlib.h>

namespace croupier::http::wire {

namespace {

constexpr std::size_t chunk_size_digits_max = 15; // 60 bits: no sum of them overflows
constexpr std::size_t overhead_bytes_max = 16 * 1024;
constexpr int gzip_only = 16; // added to zlib's window bits

} // namespace

void body_framing::start_length(std::uint64_t bytes) noexcept {
  *this = body_framing();
  remaining_ = bytes;
  state_ = bytes == 0 ? state::complete : state::data;
}

void body_framing::start_chunked() noexcept {
  *this = body_framing();
  chunked_ = true;
  overhead_left_ = overhead_bytes_max;
  state_ = state::size_begin;
}

std::string_view body_framing::payload(std::string_view& raw) noexcept {
  while (state_ != state::data && state_ != state::complete && state_ != state::broken && !raw.empty()) {
    state_ = step(raw.front());
    raw.remove_prefix(1);
  }
  if (state_ != state::data) return {};
  return raw.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, raw.size())));
}

void body_framing::take(std::string_view& raw, std::size_t bytes) noexcept {
  raw.remove_prefix(bytes);
  remaining_ -= bytes;
  if (remaining_ == 0) state_ = chunked_ ? state::data_cr : state::complete;
}

body_framing::state body_framing::step(char c) noexcept {
  switch (state_) {
  case state::data_cr: return c == '\r' ? state::data_lf : state::broken;
  case state::data_lf: digits_ = 0; return c == '\n' ? state::size_begin : state::broken;
  case state::size_begin:
  case state::size: return step_size(c);
  case state::extension:
    if (c == '\r') return state::size_lf;
    return ascii::is_control(c) || overhead_left_-- == 0 ? state::broken : state::extension;
  case state::size_lf: return c == '\n' ? after_size() : state::broken;
  case state::trailer_begin:
    if (c == '\r') return state::end_lf;
    return ascii::is_control(c) || overhead_left_-- == 0 ? state::broken : state::trailer;
  case state::trailer:
    if (c == '\r') return state::trailer_lf;
    return ascii::is_control(c) || overhead_left_-- == 0 ? state::broken : state::trailer;
  case state::trailer_lf: return c == '\n' ? state::trailer_begin : state::broken;
  case state::end_lf: return c == '\n' ? state::complete : state::broken;
  case state::data:
  case state::complete:
  case state::broken: break;
  }
  CROUPIER_ASSERT(false, "a body's framing was asked to go on where it cannot");
  return state::broken;
}

body_framing::state body_framing::step_size(char c) noexcept {
  if (const int digit = ascii::hex_value(c); digit >= 0) {
    remaining_ = remaining_ * 16 + static_cast<std::uint64_t>(digit);
    return ++digits_ > chunk_size_digits_max ? state::broken : state::size;
  }
  if (digits_ == 0) return state::broken;
  if (c == '\r') return state::size_lf;
  return c == ';' ? state::extension : state::broken;
}

body_decoder::body_decoder() = default;
body_decoder::~body_decoder() = default;

void body_decoder::inflate_end::operator()(z_stream_s* stream) const noexcept {
  inflateEnd(stream);
  delete stream;
}

void body_decoder::start(const request_head& head, bool gzip, std::uint64_t limit_bytes) {
  if (head.chunked)
    framing_.start_chunked();
  else
    framing_.start_length(head.content_length.value_or(0));
  gzip_.reset();
  member_ended_ = false;
  has_more_ = false;
  left_ = limit_bytes;
  state_ = state::more;
  if (!gzip) return;
  auto fresh = std::make_unique<z_stream_s>();
  const int made = inflateInit2(fresh.get(), gzip_only + MAX_WBITS);
  CROUPIER_ASSERT(made == Z_OK, "zlib could not be set up");
  gzip_.reset(fresh.release());
}

body_decoder::state body_decoder::feed(std::string_view& raw, std::string& out, std::size_t room) {
  if (state_ == state::more) state_ = gzip_ ? decode_gzip(raw, out, room) : decode_plain(raw, out, room);
  if (state_ != state::more) gzip_.reset(); // an idle connection keeps no window
  return state_;
}

body_decoder::state body_decoder::decode_plain(std::string_view& raw, std::string& out, std::size_t room) {
  for (;;) {
    const auto piece = framing_.payload(raw);
    if (framing_.broken()) return state::bad_framing;
    if (framing_.complete()) return state::done;
    const auto bytes = std::min(piece.size(), room);
    if (bytes == 0) return state::more;
    if (bytes > left_) return state::too_large;
    out.append(piece.substr(0, bytes));
    framing_.take(raw, bytes);
    room -= bytes;
    left_ -= bytes;
  }
}

body_decoder::state body_decoder::decode_gzip(std::string_view& raw, std::string& out, std::size_t room) {
  for (;;) {
    // What is wrong first is told, however the bytes come: first everything comes out that has gone in.
    const bool drains = has_more_;
    const auto piece = drains ? std::string_view() : framing_.payload(raw);
    if (framing_.broken()) return state::bad_framing;
    if (member_ended_) { // members may follow one another; anything else behind one is refused by the next inflate
      if (framing_.complete()) return state::done;
      if (piece.empty()) return state::more;
      inflateReset(gzip_.get());
      member_ended_ = false;
    }
    char block[16 * 1024];
    // One byte beyond the limit is asked for, to see whether there is one.
    const auto one_beyond = left_ == UINT64_MAX ? left_ : left_ + 1;
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>({sizeof block, room, one_beyond}));
    if (wanted == 0) return state::more;
    const auto given = static_cast<uInt>(std::min<std::size_t>(piece.size(), 1U << 30U));
    gzip_->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data())); // NOLINT: zlib's interface
    gzip_->avail_in = given;
    gzip_->next_out = reinterpret_cast<Bytef*>(block);
    gzip_->avail_out = static_cast<uInt>(wanted);
    const int outcome = inflate(gzip_.get(), Z_NO_FLUSH);
    const auto used = given - gzip_->avail_in;
    const auto made = wanted - gzip_->avail_out;
    if (outcome != Z_OK && outcome != Z_STREAM_END && outcome != Z_BUF_ERROR) return state::bad_gzip;
    if (used > 0) framing_.take(raw, used);
    if (made > left_) return state::too_large;
    out.append(block, made);
    room -= made;
    left_ -= made;
    member_ended_ = outcome == Z_STREAM_END;
    has_more_ = made == wanted && !member_ended_;
    if (used == 0 && made == 0 && !member_ended_ && !drains) return framing_.complete() ? state::bad_gzip : state::more;
  }
}

} // namespace croupier::http::wire
