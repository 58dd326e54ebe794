#include "config/object_kind.hpp"
#include "http/admin/answers.hpp"
#include "http/admin/calls.hpp"
#include "http/admin/json_tree.hpp"
#include "http/errors.hpp"
#include "http/json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace croupier::http::admin {

namespace {

using config::field_problem;
using config::tree;
using persistence::audit_kind;

constexpr std::array account_kinds{
    std::pair{audit_kind::adjustment, std::string_view("account-adjustments")},
    std::pair{audit_kind::close, std::string_view("account-closes")},
    std::pair{audit_kind::settlement, std::string_view("settlements")},
    std::pair{audit_kind::settlement_status, std::string_view("settlement-statuses")},
    std::pair{audit_kind::settlement_deletion, std::string_view("settlement-deletions")}};

/// The number of a kind by its name: that of its list, or one of the names above.
std::optional<std::uint8_t> kind_named(std::string_view name) {
  for (const auto& [kind, its_name] : account_kinds)
    if (its_name == name) return static_cast<std::uint8_t>(kind);
  const auto* kind = config::kind_at_path(name);
  if (kind == nullptr) return std::nullopt;
  return static_cast<std::uint8_t>(kind->blank(1, {}, {}).index());
}

std::string_view name_of(audit_kind wanted) {
  for (const auto& [kind, name] : account_kinds)
    if (kind == wanted) return name;
  return {};
}

std::optional<timestamp> read_time(const request& req, std::string_view name, std::vector<field_problem>& found) {
  const auto text = req.query(name);
  if (!text) return std::nullopt;
  const auto time = timestamp::parse(*text);
  if (!time) found.push_back({std::string(name), "must be a time such as 2030-01-01T00:00:00Z", 0});
  return time;
}

persistence::audit_index::query read_query(const request& req, const workspace& ws, std::vector<field_problem>& found) {
  persistence::audit_index::query wanted;
  wanted.from = read_time(req, "from", found);
  wanted.to = read_time(req, "to", found);
  if (const auto text = req.query("kind")) {
    wanted.kind = kind_named(*text);
    if (!wanted.kind) found.push_back({"kind", "there is no such kind", 0});
  }
  if (const auto text = req.query("objectId")) {
    wanted.object = uuid::parse(*text);
    if (!wanted.object) found.push_back({"objectId", "must be a UUID", 0});
    if (wanted.object)
      if (const auto* owner = ws.find_affiliate(*wanted.object)) wanted.affiliate = owner->number;
  }
  if (const auto text = req.query("cursor")) {
    std::uint64_t before = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), before);
    if (error != std::errc{} || end != text->data() + text->size())
      found.push_back({"cursor", "must be the nextCursor of an answer", 0});
    wanted.before = sequence{before};
  }
  return wanted;
}

void write_change(json::writer& out, const workspace& ws, const workspace_changed& change) {
  const auto& kind = config::kind_of(change.after);
  out.key("kind").string(kind.path).key("objectId").string(config::id_of(change.after).text());
  out.key("change").string(change.before ? "changed" : "created");
  const workspace_object* before = change.before ? &*change.before : nullptr;
  out.key("fields").begin_array();
  for (const auto& each : config::changes_between(ws, before, change.after, config::naming::api)) out.string(each.name);
  out.end_array();
  if (before != nullptr) write(out.key("before"), kind.shown(ws, *before, config::naming::api));
  write(out.key("after"), kind.shown(ws, change.after, config::naming::api));
}

void write_account(json::writer& out, const workspace& ws, const account_key& account) {
  out.key("objectId").string(ws.find(account.affiliate)->id.text());
  out.key("currency").string(account.currency.text());
}

void write_adjustment(json::writer& out, const account_adjustment& line) {
  out.key("reason").string(text_of(line.reason)).key("effectiveAt").string(line.effective_at.text());
  out.key("open").string(line.change.open.text()).key("onHold").string(line.change.on_hold.text());
  out.key("carried").string(line.change.carried.text());
  if (!line.request_id.empty()) out.key("requestId").string(line.request_id);
  if (!line.note.empty()) out.key("note").string(line.note);
}

struct fact_writer {
  json::writer& out;
  const workspace& ws;

  void operator()(const workspace_changed& fact) const { write_change(out, ws, fact); }
  void operator()(const account_adjusted& fact) const {
    out.key("kind").string(name_of(audit_kind::adjustment));
    write_account(out, ws, fact.account);
    write_adjustment(out, fact.line);
  }
  void operator()(const account_closed& fact) const {
    out.key("kind").string(name_of(audit_kind::close));
    write_account(out, ws, fact.account);
    out.key("month").string(fact.close.month.text());
    out.key("adjustments").unsigned_integer(fact.close.adjustments.size());
  }
  void operator()(const settlement_recorded& fact) const {
    out.key("kind").string(name_of(audit_kind::settlement));
    out.key("accounts").unsigned_integer(fact.what.parts.size());
    out.key("skipped").unsigned_integer(fact.what.skipped.size());
    if (!fact.what.request_id.empty()) out.key("requestId").string(fact.what.request_id);
    if (!fact.what.note.empty()) out.key("note").string(fact.what.note);
  }
  void operator()(const settlement_status_recorded& fact) const {
    out.key("kind").string(name_of(audit_kind::settlement_status));
    write_settlement(fact.what.settlement);
    out.key("status").string(text_of(fact.what.status));
  }
  void operator()(const settlement_deletion_recorded& fact) const {
    out.key("kind").string(name_of(audit_kind::settlement_deletion));
    write_settlement(fact.what.settlement);
  }
  template<class Other>
  void operator()(const Other& /*never marked*/) const {}

  void write_settlement(const settlement_id& id) const {
    out.key("settlementSequence").unsigned_integer(id.entry.value).key("settlementIndex").unsigned_integer(id.index);
  }
};

void write_row(json::writer& out, const workspace& ws, const committed_entry& entry) {
  out.begin_object().key("sequence").unsigned_integer(entry.at.value).key("time").string(entry.time.text());
  std::visit(
      [&](const auto& fact) {
        if constexpr (requires { fact.who; }) out.key("who").string(fact.who);
      },
      entry.what);
  std::visit(fact_writer{out, ws}, entry.what);
  out.end_object();
}

} // namespace

response list_audit_log(const services& with, const request& req) {
  std::vector<field_problem> found;
  const auto asked = read_page(req, found);
  const auto& view = with.ledger.view();
  const sequence newest = view.durable();
  const auto wanted = read_query(req, *view.current_workspace(), found);
  if (!found.empty()) return refused(error_kind::malformed, found);
  // A caller's own change is in the log that it reads.
  if (!with.books.feed().wait_for(newest, req.deadline))
    return error_response(error_style::plain, error_kind::overloaded, "the audit log is being made again: try later");
  const auto marks = with.books.audit().find(wanted, asked->limit + 1);
  const auto ws = view.current_workspace();
  response answer;
  json::writer out(answer.body);
  out.begin_object().key("rows").begin_array();
  const std::size_t shown = std::min(marks.size(), asked->limit);
  for (std::size_t i = 0; i < shown; ++i) {
    const auto stored = view.entry_at(marks[i]);
    write_row(out, *ws, stored.entry);
  }
  out.end_array().key("pagination").begin_object().key("limit").unsigned_integer(asked->limit);
  if (marks.size() > shown) out.key("nextCursor").string(std::to_string(marks[shown - 1].value));
  out.end_object().end_object();
  return answer;
}

} // namespace croupier::http::admin
