#include "tests/fuzz/targets.hpp"

#include "cli/csv.hpp"
#include "cli/movement_source.hpp"
#include "config/import_mapping.hpp"
#include "engine/check.hpp"
#include "engine/fixed_point.hpp"
#include "engine/plain_number.hpp"
#include "engine/timestamp.hpp"
#include "engine/uuid.hpp"
#include "http/json.hpp"
#include "http/json_texts.hpp"
#include "http/revvvs/landing_url.hpp"
#include "http/trackdesk/line_splitter.hpp"
#include "http/trackdesk/requests.hpp"
#include "http/url.hpp"
#include "http/wire/body_decoder.hpp"
#include "http/wire/request_head.hpp"
#include "persistence/checkpoint_codec.hpp"
#include "persistence/journal_page.hpp"
#include "persistence/record_codec.hpp"
#include "tests/fuzz/programme_targets.hpp"

#include <algorithm>
#include <array>
#include <sstream>

namespace croupier::fuzz {
namespace {

constexpr folder_key key{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};

/// The first byte steers the target, the rest is for the parser.
unsigned steer(std::string_view& input) {
  if (input.empty()) return 0;
  const auto byte = static_cast<unsigned char>(input.front());
  input.remove_prefix(1);
  return byte;
}

void json(std::string_view input) {
  http::json::document document;
  if (document.parse(input)) return;
  std::string again;
  http::json::writer out(again);
  http::json::write(out, document.root());
  http::json::document second;
  CROUPIER_ASSERT(!second.parse(again), "what was written can be parsed");
  CROUPIER_ASSERT(http::json::differences(document.root(), second.root(), 1).empty(), "and means the same");
  if (document.root().is_array() || document.root().is_object()) {
    const auto parts = http::json::children(input);
    CROUPIER_ASSERT(parts.size() == document.root().items().size() + document.root().members().size(),
                    "every child has a text");
  }
}

void bodies(std::string_view input) {
  http::json::document document;
  if (http::trackdesk::parse_object(input, document)) return;
  using namespace http::trackdesk;
  if (const auto movement = read_movement(document.root())) {
    CROUPIER_ASSERT(!movement->external_id.empty(), "a movement has a player");
    CROUPIER_ASSERT(movement->metrics.size() >= 1, "and a metric");
  }
  if (const auto player = read_registration(document.root()))
    CROUPIER_ASSERT(!player->external_id.empty(), "a registration has a name");
  if (const auto list = read_movement_list(document.root(), key))
    CROUPIER_ASSERT(list->page.limit >= 1 && list->page.limit <= page_limit_max, "a page is bounded");
  if (const auto list = read_player_list(document.root(), key))
    CROUPIER_ASSERT(list->page.limit >= 1 && list->page.limit <= page_limit_max, "a page is bounded");
}

/// `-?(0|[1-9][0-9]*)(\.[0-9]+)?`, written a second time.
bool is_decimal(std::string_view text, std::size_t& whole, std::size_t& fraction) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const auto digits = [&] {
    const auto end = std::find_if(text.begin(), text.end(), [](char c) { return c < '0' || c > '9'; });
    const auto count = static_cast<std::size_t>(end - text.begin());
    text.remove_prefix(count);
    return count;
  };
  const bool zero = text.starts_with('0');
  whole = digits();
  fraction = 0;
  if (whole == 0 || (zero && whole > 1)) return false;
  if (!text.starts_with('.')) return text.empty();
  text.remove_prefix(1);
  fraction = digits();
  return fraction > 0 && text.empty();
}

void decimal(std::string_view input) {
  std::size_t whole = 0;
  std::size_t fraction = 0;
  const bool valid = is_decimal(input, whole, fraction);
  number_text parsed;
  const auto wrong = parse_amount(input, parsed);
  CROUPIER_ASSERT((wrong == number_error::malformed) == !valid, "the grammar is what is accepted");
  CROUPIER_ASSERT(!valid || (whole <= 18 && fraction <= 8) == !wrong, "and so are the numbers of digits");
  if (!wrong) {
    const auto value = amount::from_units(parsed.units);
    CROUPIER_ASSERT(amount::parse(input) == value && amount::parse(value.text()) == value, "a value prints as itself");
    CROUPIER_ASSERT(detail::print_fixed_exact(parsed.units, 8, parsed.fraction_digits, parsed.negative_zero) == input,
                    "the very text can be given back");
  }
  if (!parse_integer_amount(input, parsed)) CROUPIER_ASSERT(in_integer_range(amount::from_units(parsed.units)), "");
  if (const auto plain = plain_number(input))
    CROUPIER_ASSERT(is_decimal(*plain, whole, fraction), "a plain number is in the grammar");
  if (const auto time = timestamp::parse(input))
    CROUPIER_ASSERT(timestamp::parse(time->text()) == time, "a time prints as itself");
  if (const auto id = uuid::parse(input)) CROUPIER_ASSERT(uuid::parse(id->text()) == id, "an id prints as itself");
}

void record(std::string_view input) {
  std::string again;
  if (const auto decoded = persistence::decode(input)) {
    persistence::encode(*decoded, again);
    CROUPIER_ASSERT(again == input, "a record has one form");
  }
  again.clear();
  if (const auto object = persistence::decode_object(input)) {
    persistence::encode_object(*object, again);
    CROUPIER_ASSERT(again == input, "an object has one form");
  }
  (void)persistence::decode_committed({7}, {1}, input);
}

void page(std::string_view input) {
  (void)persistence::parse_page_header(input);
  for (const std::uint64_t first : {1U, 41U}) {
    const auto parsed = persistence::parse_page(input, {first});
    if (!parsed) continue;
    CROUPIER_ASSERT(parsed->header.first.value == first && parsed->records.size() == parsed->header.count, "");
    for (auto at = parsed->header.first; at <= parsed->header.last(); ++at.value) (void)parsed->record(at);
    (void)parsed->movements_up_to(parsed->header.last());
    (void)persistence::page_hasher().holds(input, persistence::chain_origin(key));
  }
}

void checkpoint(std::string_view input) {
  const std::size_t where = steer(input); // shortens the input
  const std::size_t half = where % (input.size() + 1);
  const auto front = input.substr(0, half);
  const auto back = input.substr(half);
  (void)persistence::decode_player({1}, input);
  if (const auto merged = persistence::merge_players(std::array{front, back}))
    (void)persistence::decode_player({1}, *merged);
  (void)persistence::decode_history(front, back);
  (void)persistence::decode_number(input);
  (void)persistence::decode_head_record(input);
  persistence::checkpoint_head head;
  (void)persistence::read_head_part(std::string(persistence::head_prefix) + std::string(front), back, head);
}

const config::import_mapping& sample_mapping() {
  static const auto mapping = config::parse_import_mapping(R"(
brand = "0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11"
player = "{who}"
request_id = "r-{id}"
[[rules]]
metric = "ngr"
value = "bet - won"
when_present = ["bet"]
[[rules]]
metric = "bets"
type = "absolute"
value = "won"
when_absent = ["bet"]
)",
                                                           "sample");
  CROUPIER_ASSERT(mapping.has_value(), "the sample is a mapping");
  return *mapping;
}

void drain(cli::movement_source& source, std::size_t bytes) {
  cli::import_item item;
  std::size_t items = 0;
  http::json::document document;
  while (source.next(item)) {
    CROUPIER_ASSERT(++items <= bytes + 1, "every item takes a byte");
    CROUPIER_ASSERT(item.body.find('\n') == std::string::npos || !item.problem.empty(), "a body is one line");
  }
  CROUPIER_ASSERT(source.bytes_read() <= bytes + 1, "each byte is read once, and a line end that is missing");
}

void csv(std::string_view input) {
  std::istringstream plain{std::string(input)};
  cli::csv_reader reader(plain);
  cli::csv_record row;
  std::uint64_t line = 0;
  for (auto step = reader.next(row); step == cli::csv_reader::step::record; step = reader.next(row)) {
    CROUPIER_ASSERT(row.line > line && !row.fields.empty(), "records go on line by line");
    line = row.line;
  }
  std::istringstream rows("id,who,bet,won\n" + std::string(input));
  if (const auto source = cli::read_csv(rows, sample_mapping())) drain(**source, input.size() + 16);
  std::istringstream lines{std::string(input)};
  drain(*cli::read_ndjson(lines), input.size());
}

void mapping(std::string_view input) {
  (void)config::parse_import_mapping(input, "fuzzed.toml");
}

/// A head must read the same whether it comes at once or in pieces.
void head(std::string_view input) {
  const std::size_t piece = 1 + steer(input) % 64;
  http::wire::head_scanner at_once;
  const auto whole = at_once.scan(input);
  http::wire::head_scanner bit_by_bit;
  http::wire::head_scanner::finding found;
  for (std::size_t size = 0; size < input.size() && found.head_bytes == 0 && !found.problem;) {
    size = std::min(input.size(), size + piece);
    found = bit_by_bit.scan(input.substr(0, size));
  }
  CROUPIER_ASSERT(found.head_bytes == whole.head_bytes && found.problem.has_value() == whole.problem.has_value(),
                  "pieces change nothing");
  if (whole.head_bytes == 0) return;
  http::wire::request_head parsed;
  if (parsed.parse(input.substr(0, whole.head_bytes))) return;
  CROUPIER_ASSERT(!parsed.chunked || !parsed.content_length, "where a body ends is no matter of opinion");
  (void)http::query_parameter(parsed.query, "click_id");
  (void)http::percent_decoded(parsed.path);
}

struct decoded_body {
  http::wire::body_decoder::state end{};
  std::string content;
  std::size_t used = 0;
};

decoded_body decode_body(std::string_view input, unsigned how, std::size_t piece, std::size_t room) {
  constexpr std::uint64_t limit = 1U << 16U;
  using state = http::wire::body_decoder::state;
  http::wire::request_head head;
  head.chunked = (how & 1U) != 0;
  if (!head.chunked) head.content_length = input.size() - std::min<std::size_t>(input.size(), how >> 4U);
  http::wire::body_decoder decoder;
  decoder.start(head, (how & 2U) != 0, limit);
  decoded_body result;
  std::string_view raw;
  std::size_t given = 0;
  for (;;) {
    const auto before = raw.size();
    const auto came_out = result.content.size();
    result.end = decoder.feed(raw, result.content, room);
    CROUPIER_ASSERT(result.content.size() <= limit && result.content.size() - came_out <= room,
                    "what comes is bounded");
    if (result.end != state::more) break;
    if (raw.size() == before && result.content.size() == came_out) {
      if (given == input.size()) break;
      const std::size_t more = std::min(piece, input.size() - given);
      raw = input.substr(given - raw.size(), raw.size() + more);
      given += more;
    }
  }
  result.used = given - raw.size();
  return result;
}

void body(std::string_view input) {
  const unsigned how = steer(input);
  const auto whole = decode_body(input, how, input.size() + 1, 1U << 17U);
  const auto pieces = decode_body(input, how, 1 + how / 8, 100);
  CROUPIER_ASSERT(whole.end == pieces.end, "pieces change nothing about the end");
  const auto common = std::min(whole.content.size(), pieces.content.size());
  CROUPIER_ASSERT(whole.content.compare(0, common, pieces.content, 0, common) == 0, "nor about the content");
  if (whole.end == http::wire::body_decoder::state::done)
    CROUPIER_ASSERT(whole.content == pieces.content && whole.used == pieces.used, "nor about what follows");
}

void url(std::string_view input) {
  const auto visible = [](char c) { return c > ' ' && c < '\x7f'; };
  if (http::revvvs::is_safe_relative_path(input))
    for (const std::string_view destination :
         {"https://casino.example", "https://casino.example/a/?x=1#f", "https://casino.example?x"}) {
      const auto landing = http::revvvs::landing_url(destination, input, uuid::from_halves(1, 2));
      CROUPIER_ASSERT(landing.starts_with("https://casino.example"), "a click leads to the destination");
      CROUPIER_ASSERT(landing.size() == 22 || std::string_view("/?#").find(landing[22]) != std::string_view::npos,
                      "and to no host of a similar name");
      CROUPIER_ASSERT(std::all_of(landing.begin(), landing.end(), visible), "and cannot break a header");
    }
  if (!http::escapes_are_whole(input)) return;
  CROUPIER_ASSERT(http::percent_decoded(input).size() <= input.size(), "decoding never grows");
  for (const std::string_view name : {"a", "relativepath", ""}) (void)http::query_parameter(input, name);
}

void lines(std::string_view input) {
  const std::size_t piece = 1 + steer(input);
  using http::trackdesk::line_splitter;
  const auto split = [&](std::size_t size) {
    std::vector<std::pair<std::string, bool>> all;
    line_splitter splitter(100);
    const auto take = [&](const line_splitter::line& each) {
      CROUPIER_ASSERT(each.index == all.size(), "every line is counted");
      all.emplace_back(each.text, each.too_long);
    };
    for (std::size_t at = 0; at < input.size(); at += size) splitter.feed(input.substr(at, size), take);
    splitter.finish(take);
    return all;
  };
  CROUPIER_ASSERT(split(piece) == split(input.size() + 1), "pieces change nothing");
}

constexpr std::array<target, 14> all_targets{{{"json", json},
                                              {"bodies", bodies},
                                              {"decimal", decimal},
                                              {"record", record},
                                              {"page", page},
                                              {"checkpoint", checkpoint},
                                              {"csv", csv},
                                              {"mapping", mapping},
                                              {"head", head},
                                              {"body", body},
                                              {"url", url},
                                              {"lines", lines},
                                              {"workspace_file", workspace_file},
                                              {"events", events}}};

} // namespace

std::span<const target> targets() {
  return all_targets;
}

const target* find_target(std::string_view name) {
  const auto* found =
      std::find_if(all_targets.begin(), all_targets.end(), [&](const target& each) { return each.name == name; });
  return found == all_targets.end() ? nullptr : found;
}

} // namespace croupier::fuzz
