#include "cli/answers.hpp"
#include "cli/commands.hpp"
#include "cli/event_reader.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <limits>
#include <optional>
#include <thread>

namespace croupier::cli {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

constexpr std::uint64_t newest_shown = 10;
constexpr int attempts_max = 16; ///< in a row without an event, when not following
constexpr milliseconds first_pause{250};
constexpr milliseconds longest_pause{5'000};
constexpr std::chrono::seconds silence_max{60}; ///< the server says something every 15 seconds

constexpr const char* footer =
    R"(Without --from it begins with the newest ten entries. With --follow it goes on until it
is interrupted, over broken connections and restarts of the server, without a gap.

Examples:
  croupier tail --follow
  croupier tail --from 1 --json > journal.ndjson

Exit codes: 0 success, 1 failure (the last line says why), 2 wrong usage.)";

struct tail_arguments {
  std::optional<std::uint64_t> from;
  bool follow = false;
  bool as_json = false;
  std::shared_ptr<server_access> server;
};

/// "ngr +1.50, bets +1": what the entry did to each metric.
std::string changes_of(const json::object& entry) {
  std::string text;
  for (const json::value& each : list_member(entry, "changes")) {
    const json::object* change = each.if_object();
    if (change == nullptr) continue;
    const std::string delta = text_member(*change, "delta");
    text += (text.empty() ? "" : ", ") + text_member(*change, "metric") + (delta.starts_with('-') ? " " : " +") + delta;
  }
  return text;
}

std::string summary_of(const json::object& entry) {
  std::string text;
  const auto add = [&text](const std::string& before, const std::string& value) {
    if (!value.empty()) text += (text.empty() ? "" : "  ") + before + value;
  };
  add("", text_member(object_member(entry, "event"), "name"));
  add("player ", text_member(entry, "externalId"));
  add("", changes_of(entry));
  add("revshare ", text_member(object_member(entry, "revshare"), "earned"));
  add("link ", text_member(entry, "linkId"));
  add("count ", text_member(entry, "count"));
  add("", text_member(entry, "type"));
  add("", text_member(object_member(entry, "after"), "name"));
  add("affiliate ", text_member(entry, "affiliateId"));
  add("status ", text_member(entry, "status"));
  add("by ", text_member(entry, "who"));
  return text;
}

void print_row(const std::string& data) {
  boost::system::error_code error;
  const auto parsed = json::parse(data, error);
  const json::object* entry = error ? nullptr : parsed.if_object();
  if (entry == nullptr) return;
  std::cout << text_member(*entry, "sequence") << "  " << text_member(*entry, "time") << "  "
            << text_member(*entry, "kind") << "  " << summary_of(*entry) << '\n';
}

/// What ended one connection.
enum class ending { finished, broken, nobody_reads };

class follower {
public:
  explicit follower(const tail_arguments& arguments) : arguments_(arguments), client_(*arguments.server) {}

  exit_code run() {
    if (const auto wrong = find_start()) return fail(*wrong);
    milliseconds pause = first_pause;
    for (int attempt = 0; arguments_.follow || attempt < attempts_max; ++attempt) {
      const auto before = next_;
      const auto outcome = connect();
      if (!outcome) return fail(outcome.error());
      if (*outcome == ending::finished) return exit_code::success;
      if (*outcome == ending::nobody_reads) return exit_code::failed;
      if (next_ != before) pause = first_pause;
      if (next_ != before) attempt = 0;
      std::this_thread::sleep_for(pause);
      pause = std::min(pause * 2, longest_pause);
    }
    return fail(why_);
  }

private:
  /// What is wrong, or nothing.
  std::optional<std::string> find_start() {
    if (arguments_.from) {
      next_ = *arguments_.from;
      return std::nullopt;
    }
    const auto ready = client_.get("/readyz");
    if (!ready) return ready.error().text;
    boost::system::error_code error;
    const auto parsed = json::parse(ready->body, error);
    const auto* object = error ? nullptr : parsed.if_object();
    const auto* newest = object == nullptr ? nullptr : object->if_contains("sequence");
    if (newest == nullptr || !newest->is_int64()) return "/readyz does not say what the newest entry is";
    const auto last = static_cast<std::uint64_t>(newest->get_int64());
    next_ = last < newest_shown ? 1 : last + 1 - newest_shown;
    return std::nullopt;
  }

  /// Reads on until the connection ends. An error is final.
  result<ending, std::string> connect() {
    bool finished = false;
    events_.begin();
    const auto given = client_.follow(
        "/admin/v1/stream", {{"from", std::to_string(next_)}, {"follow", arguments_.follow ? "true" : "false"}},
        silence_max, [&](std::string_view piece) {
          const bool wanted = events_.read(piece, [&](const server_event& event) {
            finished = event.kind == "end" && event.data.find("\"everything was sent\"") != std::string::npos;
            if (event.kind != "end") print(event.data);
            return !finished && std::cout.good();
          });
          std::cout.flush();
          note_position();
          return wanted && std::cout.good();
        });
    if (!std::cout.good()) return ending::nobody_reads;
    if (finished) return ending::finished;
    if (!given && given.error().never_sent && !reached_) return given.error().text;
    reached_ = true;
    why_ = given ? given->message() : given.error().text;
    const bool final = given && given->status >= 400 && given->status != 429 && given->status < 500;
    if (final) return why_;
    return ending::broken;
  }

  void print(const std::string& data) {
    if (arguments_.as_json) {
      std::cout << data << '\n';
    } else {
      print_row(data);
    }
  }

  void note_position() {
    reached_ = true;
    const auto& id = events_.last_id();
    if (!id.empty()) next_ = std::strtoull(id.c_str(), nullptr, 10) + 1;
  }

  const tail_arguments& arguments_;
  api_client client_;
  event_reader events_;
  std::uint64_t next_ = 1;
  bool reached_ = false; ///< the server was there once: it is waited for from then on
  std::string why_;
};

} // namespace

void add_tail(CLI::App& app, exit_code& code) {
  CLI::App* command = app.add_subcommand("tail", "Show committed entries, and go on as they come");
  auto arguments = std::make_shared<tail_arguments>();
  command->add_option("--from", arguments->from, "Begin with this sequence")->type_name("N");
  command->add_flag("--follow,-f", arguments->follow, "Go on with what is committed from now on");
  command->add_flag("--json", arguments->as_json, "Print the entries as they are, one JSON object a line");
  arguments->server = add_server_access(*command);
  command->footer(footer);
  command->callback([arguments, &code] { code = follower(*arguments).run(); });
}

} // namespace croupier::cli
