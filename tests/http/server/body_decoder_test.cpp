#include "http/server/served.hpp"
#include "http/wire/body_decoder.hpp"
#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace croupier::http::wire;
using croupier::test::chunked;
using croupier::test::gzip;

namespace {

struct decoded {
  body_decoder::state state = body_decoder::state::more;
  std::string body;
  std::string behind; ///< what was left for the next request
};

/// Decodes what comes in pieces of `step` bytes, with room for `room` bytes at a time.
decoded decode(std::string_view wire, const request_head& head, bool zipped, std::uint64_t limit, std::size_t step,
               std::size_t room = SIZE_MAX) {
  body_decoder decoder;
  decoder.start(head, zipped, limit);
  decoded result;
  std::string buffer;
  for (;;) {
    std::string_view raw = buffer;
    const auto before = result.body.size();
    result.state = decoder.feed(raw, result.body, room);
    CHECK(result.body.size() - before <= room);
    const bool moved = raw.size() != buffer.size() || result.body.size() != before;
    buffer = std::string(raw);
    if (result.state != body_decoder::state::more || (!moved && wire.empty())) break;
    buffer.append(wire.substr(0, step));
    wire.remove_prefix(std::min(step, wire.size()));
  }
  result.behind = buffer + std::string(wire);
  return result;
}

request_head of_length(std::uint64_t bytes) {
  request_head head;
  head.content_length = bytes;
  return head;
}

request_head of_chunks() {
  request_head head;
  head.chunked = true;
  return head;
}

constexpr std::string_view next = "GET / HTTP/1.1\r\n";

} // namespace

TEST_CASE("bodies come out whole wherever they are cut, and nothing behind them is touched") {
  std::string text;
  for (int i = 0; i < 300; ++i) text += std::to_string(i) + ",";
  const auto zipped = gzip(text);
  for (const std::size_t step : {1U, 2U, 3U, 7U, 64U, 100'000U}) {
    for (const std::size_t room : {std::size_t{1}, std::size_t{50}, SIZE_MAX}) {
      const auto expect = [&](const decoded& got) {
        CHECK(got.state == body_decoder::state::done);
        CHECK(got.body == text);
        CHECK(got.behind == next);
      };
      const auto limit = step == 2 ? UINT64_MAX : text.size();
      expect(decode(text + std::string(next), of_length(text.size()), false, limit, step, room));
      expect(decode(chunked(text, 17) + std::string(next), of_chunks(), false, limit, step, room));
      expect(decode(zipped + std::string(next), of_length(zipped.size()), true, limit, step, room));
      expect(decode(chunked(zipped, 5) + std::string(next), of_chunks(), true, limit, step, room));
    }
  }
}

TEST_CASE("chunked bodies are read strictly") {
  struct sample {
    std::string wire;
    body_decoder::state state;
    std::string body;
  };
  using s = body_decoder::state;
  const std::vector<sample> samples{
      {"0\r\n\r\n", s::done, ""},
      {"000\r\n\r\n", s::done, ""},
      {"3\r\nabc\r\n0\r\n\r\n", s::done, "abc"},
      {"A\r\n0123456789\r\n0\r\n\r\n", s::done, "0123456789"},
      {"3;name=value;other=\"x\"\r\nabc\r\n0;last\r\n\r\n", s::done, "abc"},
      {"3\r\nabc\r\n0\r\nTrailer: x\r\nOther: y\r\n\r\n", s::done, "abc"},
      {"3\r\nab", s::more, "ab"},
      {"0\r\n", s::more, ""},
      {"0x3\r\nabc\r\n0\r\n\r\n", s::bad_framing, ""},
      {"+3\r\nabc\r\n0\r\n\r\n", s::bad_framing, ""},
      {"-1\r\nabc\r\n", s::bad_framing, ""},
      {" 3\r\nabc\r\n", s::bad_framing, ""},
      {"3 \r\nabc\r\n", s::bad_framing, ""},
      {"\r\n", s::bad_framing, ""},
      {";x\r\n", s::bad_framing, ""},
      {"3\nabc\r\n", s::bad_framing, ""},
      {"3\r\nabcd\r\n", s::bad_framing, "abc"},
      {"3\r\nabc\n", s::bad_framing, "abc"},
      {"3\r\nabc0\r\n\r\n", s::bad_framing, "abc"},
      {"3\rabc\r\n", s::bad_framing, ""},
      {"3;a\nb\r\n", s::bad_framing, ""},
      {"0\r\nTrailer: x\n\r\n", s::bad_framing, ""},
      {"0\r\n\r0", s::bad_framing, ""},
      {"0000000000000003\r\nabc\r\n0\r\n\r\n", s::bad_framing, ""},
      {"ffffffffffffffff\r\n", s::bad_framing, ""},
      {"3;" + std::string(20'000, 'e') + "\r\nabc\r\n0\r\n\r\n", s::bad_framing, ""},
      {"0\r\nT: " + std::string(20'000, 'e') + "\r\n\r\n", s::bad_framing, ""},
  };
  for (const auto& [wire, state, body] : samples)
    for (const std::size_t step : {1U, 1'000U}) {
      INFO(wire.substr(0, 60));
      const auto got = decode(wire, of_chunks(), false, 100, step);
      CHECK(got.state == state);
      CHECK(got.body == body);
    }
}

TEST_CASE("extensions cannot make a small body a large one, however they are spread") {
  std::string wire;
  for (int i = 0; i < 200; ++i) wire += "1;" + std::string(100, 'e') + "\r\nx\r\n";
  CHECK(decode(wire + "0\r\n\r\n", of_chunks(), false, 1'000, 1'000).state == body_decoder::state::bad_framing);
}

TEST_CASE("bodies over the limit are given up at the limit") {
  const std::string text(1'000, 'x');
  CHECK(decode(text, of_length(1'000), false, 1'000, 64).state == body_decoder::state::done);
  CHECK(decode(chunked(text, 10), of_chunks(), false, 1'000, 64).state == body_decoder::state::done);
  CHECK(decode(chunked(text, 10), of_chunks(), false, 999, 64).state == body_decoder::state::too_large);
  CHECK(decode(gzip(text), of_length(gzip(text).size()), true, 1'000, 64).state == body_decoder::state::done);
  CHECK(decode(gzip(text), of_length(gzip(text).size()), true, 999, 64).state == body_decoder::state::too_large);
  const auto bomb = gzip(std::string(50 << 20, '\0'));
  const auto got = decode(bomb, of_length(bomb.size()), true, 1 << 20, SIZE_MAX);
  CHECK(got.state == body_decoder::state::too_large);
  CHECK(got.body.size() <= 1 << 20);
}

TEST_CASE("gzip bodies that are not what they say") {
  const std::string text = "some text that is worth compressing, compressing, compressing";
  const auto good = gzip(text);
  const auto state_of = [](const std::string& wire) {
    return decode(wire, of_length(wire.size()), true, 10'000, 16).state;
  };
  CHECK(state_of("not gzip at all") == body_decoder::state::bad_gzip);
  CHECK(state_of(good.substr(0, good.size() - 1)) == body_decoder::state::bad_gzip);
  CHECK(state_of(good.substr(0, 5)) == body_decoder::state::bad_gzip);
  CHECK(state_of(good + "garbage") == body_decoder::state::bad_gzip);
  CHECK(state_of(good + std::string(1, '\0')) == body_decoder::state::bad_gzip);
  for (std::size_t at = 10; at < good.size(); ++at) { // behind the header, whose fields say little
    auto changed = good;
    changed[at] = static_cast<char>(changed[at] ^ 0x20);
    const auto got = decode(changed, of_length(changed.size()), true, 10'000, 16);
    // The last byte of the data has bits that mean nothing.
    CHECK((got.state == body_decoder::state::bad_gzip || got.body == text));
  }
  const auto two = decode(good + good, of_length(2 * good.size()), true, 10'000, 16);
  CHECK(two.state == body_decoder::state::done);
  CHECK(two.body == text + text);
}
