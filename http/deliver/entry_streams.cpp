#include "http/deliver/entry_streams.hpp"

#include "actors/wall_clock.hpp"
#include "http/entry_json.hpp"
#include "http/errors.hpp"
#include "http/prometheus.hpp"

#include <charconv>
#include <limits>
#include <optional>
#include <utility>

namespace croupier::http::deliver {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t piece_bytes = 32 * 1024;
constexpr std::uint64_t scanned_entries_max = 4'096; ///< of one piece, so that a heartbeat is never far
/// Between two looks at the journal while it grows: a look for each commit would cost the ledger more than it gives.
constexpr std::chrono::milliseconds gathering{5};
constexpr std::chrono::milliseconds longest_wait{200};

constexpr std::string_view schema = R"({
  "parameters": [
    {"name": "from", "in": "query", "required": false, "schema": {"type": "integer", "minimum": 0},
      "description": "The first sequence to send; absent: the next one that is committed."},
    {"name": "follow", "in": "query", "required": false, "schema": {"type": "string", "enum": ["true", "false"],
      "default": "true"}, "description": "false: end when everything that is durable now was sent."},
    {"name": "Last-Event-ID", "in": "header", "required": false, "schema": {"type": "integer", "minimum": 0},
      "description": "The sequence that was received last; goes before `from`."}],
  "responses": {
    "200": {"description": "Server-sent events. `id`: a sequence, `event`: a kind, `data`: an entry; last comes `end`.",
      "content": {"text/event-stream": {"schema": {"type": "string"}}}},
    "400": {"description": "A position is no number, or beyond the newest entry."},
    "503": {"description": "Too many streams are open. See Retry-After."}}})";

std::optional<std::uint64_t> parse_number(std::string_view text) noexcept {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

using actors::wall_clock;

response refused(std::string_view why) {
  return error_response(error_style::plain, error_kind::malformed, why);
}

} // namespace

/// One of the streams that may be open; it is given back with the last copy of the answer.
struct entry_streams::place {
  explicit place(std::atomic<std::uint64_t>& count) : open(count) {}
  ~place() { open.fetch_sub(1); }
  place(const place&) = delete;
  place& operator=(const place&) = delete;
  std::atomic<std::uint64_t>& open;
};

struct entry_streams::reader {
  std::uint32_t key = 0;              ///< number of its API key
  sequence next;                      ///< the first entry that it has not been sent
  std::optional<sequence> until = {}; ///< ends behind this one; none: follows
  sequence told = {};                 ///< the newest position that it knows of
  clock::time_point spoken = {};      ///< when it was sent something last
  std::shared_ptr<entry_renderer> render = nullptr;
};

entry_streams::entry_streams(const actors::gateway& ledger, const stream_options& options)
    : ledger_(ledger), options_(options) {}

entry_streams::~entry_streams() = default;

void entry_streams::stop() {
  stopping_ = true;
  const std::scoped_lock lock(mutex_);
  stopped_.notify_all();
}

response entry_streams::open(const request& req) {
  const auto newest = ledger_.view().durable();
  std::uint64_t next = newest.value + 1;
  if (const auto from = req.query("from")) {
    const auto number = parse_number(*from);
    if (!number) return refused("from: is not a sequence");
    next = std::max<std::uint64_t>(*number, 1);
  }
  if (const auto last = req.header("Last-Event-ID"); !last.empty()) {
    const auto number = parse_number(last);
    if (!number || *number == std::numeric_limits<std::uint64_t>::max())
      return refused("Last-Event-ID: is not a sequence");
    next = *number + 1;
  }
  if (next > newest.value + 1)
    return refused("from: the newest entry is " + std::to_string(newest.value) + ", and nothing behind it is known");
  const auto follow = req.query("follow").value_or("true");
  if (follow != "true" && follow != "false") return refused("follow: must be true or false");

  if (stopping_ || open_.fetch_add(1) >= options_.streams_max) {
    if (!stopping_) open_.fetch_sub(1);
    refused_.fetch_add(1);
    return error_response(error_style::plain, error_kind::overloaded, "too many streams are open");
  }
  const auto held = std::make_shared<place>(open_);
  opened_.fetch_add(1);
  reader start{req.key->number, {next}};
  if (follow == "false") start.until = newest;
  start.render = std::make_shared<entry_renderer>(ledger_.view());
  response answer;
  answer.content_type = "text/event-stream";
  answer.headers.emplace_back("Cache-Control", "no-store");
  answer.headers.emplace_back("X-Accel-Buffering", "no"); // a proxy would otherwise hold events back
  answer.stream = [this, held, start](body_writer& out) { run(out, start); };
  return answer;
}

void entry_streams::run(body_writer& out, reader from) {
  from.told = {from.next.value - 1};
  from.spoken = clock::now();
  if (!out.write("retry: 1000\n\n")) return;
  const char* why = "the storage cannot be read";
  try {
    why = serve(out, from);
  } catch (const persistence::storage_failure& failure) {
    ledger_.note_unreadable(failure.error()); // the client is told, too, and comes back for the rest
  }
  if (why == nullptr) return;
  const auto last = std::to_string(from.next.value - 1);
  out.write("id: " + last + "\nevent: end\ndata: {\"reason\":\"" + why +
            "\",\"from\":" + std::to_string(from.next.value) + "}\n\n");
}

/// Why the stream ends; nullptr: nobody is there any more who could be told.
const char* entry_streams::serve(body_writer& out, reader& from) {
  for (;;) {
    if (stopping_) return "the server stops";
    if (!key_holds(from)) return "the key is not valid any more";
    if (from.until && from.next > *from.until) return "everything was sent";
    const auto piece = collect(from);
    switch (send(out, from, piece)) {
    case step::sent: break;
    case step::idle: wait(from); break;
    case step::gone: return nullptr;
    case step::slow: dropped_.fetch_add(1); return "the reader is too slow";
    }
  }
}

/// The events of the next entries; shorter, even empty, when the end of the journal is near or little may be seen.
std::string entry_streams::collect(reader& from) {
  std::string piece;
  const auto ws = ledger_.view().current_workspace();
  const auto& key = ws->api_keys()[from.key - 1];
  std::uint64_t scanned = 0;
  auto next = from.next; // taken over when the piece is whole: reading may fail
  auto told = from.told;
  std::uint64_t sent = 0;
  ledger_.view().scan_up(from.next, [&](const committed_entry& entry, std::string_view) {
    if (from.until && entry.at > *from.until) return false;
    next = {entry.at.value + 1};
    if (may_see(key, entry.what)) {
      piece.append("id: ").append(std::to_string(entry.at.value));
      piece.append("\nevent: ").append(kind_of(entry.what)).append("\ndata: ");
      from.render->append(piece, entry);
      piece += "\n\n";
      told = entry.at;
      ++sent;
    }
    return piece.size() < piece_bytes && ++scanned < scanned_entries_max;
  });
  from.next = next;
  from.told = told;
  entries_.fetch_add(sent, std::memory_order_relaxed);
  return piece;
}

entry_streams::step entry_streams::send(body_writer& out, reader& from, const std::string& piece) {
  const auto began = clock::now();
  std::string_view bytes = piece;
  std::string beat;
  if (piece.empty()) {
    if (began - from.spoken < options_.heartbeat) return ledger_.view().durable() < from.next ? step::idle : step::sent;
    // The id of an event without data moves a client's position: past entries that its key does not see.
    beat = from.told.value + 1 < from.next.value ? "id: " + std::to_string(from.next.value - 1) + "\n: \n\n" : ": \n\n";
    from.told = {from.next.value - 1};
    bytes = beat;
  }
  const bool written = out.write(bytes);
  from.spoken = clock::now();
  const bool slow = from.spoken - began > options_.slow_after;
  if (!written && slow) dropped_.fetch_add(1);
  if (!written) return step::gone;
  return slow ? step::slow : step::sent;
}

bool entry_streams::key_holds(const reader& from) const {
  const auto ws = ledger_.view().current_workspace();
  const auto& key = ws->api_keys()[from.key - 1];
  return !key.revoked && key.may(scope::read) && (!key.expires_at || *key.expires_at > wall_clock());
}

/// Until something is committed, but not for long: a heartbeat may be due, or the end.
void entry_streams::wait(const reader& from) {
  const auto now = clock::now();
  ledger_.view().wait_beyond({from.next.value - 1}, std::min(now + longest_wait, from.spoken + options_.heartbeat));
  std::unique_lock lock(mutex_);
  stopped_.wait_for(lock, gathering, [this] { return stopping_.load(); });
}

void entry_streams::write_prometheus(std::string& out) const {
  prometheus_writer to(out);
  to.gauge("croupier_streams_open", "Streams of entries that are open.").sample(open_.load());
  to.counter("croupier_streams_opened_total", "Streams of entries that were opened.").sample(opened_.load());
  to.counter("croupier_streams_refused_total", "Streams refused because too many were open.").sample(refused_.load());
  to.counter("croupier_streams_dropped_total", "Streams ended because their reader was too slow.")
      .sample(dropped_.load());
  to.counter("croupier_stream_entries_total", "Entries sent, over all streams.").sample(entries_.load());
}

void add_stream_route(std::vector<route>& table, entry_streams& streams) {
  table.push_back({"GET", "/admin/v1/stream", scope::read, body_policy::none, error_style::plain,
                   "Follow committed entries as server-sent events.",
                   [&streams](const request& req) { return streams.open(req); }, schema});
}

} // namespace croupier::http::deliver
