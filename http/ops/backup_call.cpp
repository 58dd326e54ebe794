#include "http/ops/backup_call.hpp"

#include "http/errors.hpp"
#include "http/json.hpp"

#include <utility>

namespace croupier::http::ops {

namespace {

constexpr std::string_view schema = R"({"responses": {
  "200": {"description": "The backup is whole.", "content": {"application/json": {"schema": {"type": "object",
    "required": ["backup", "sequence", "bytes", "newBytes"], "properties": {
      "backup": {"type": "integer", "description": "Its number."},
      "sequence": {"type": "integer", "description": "Every entry up to here is in it."},
      "bytes": {"type": "integer"}, "newBytes": {"type": "integer", "description": "What earlier ones did not have."}
    }}}}},
  "409": {"description": "Another one is being made, or the setting `backup_dir` is not set."},
  "503": {"description": "The disk of the backups failed."}}})";

constexpr std::string_view progress_schema = R"({"responses": {
  "200": {"description": "What is being done now.", "content": {"application/json": {"schema": {"type": "object",
    "required": ["running"], "properties": {
      "running": {"type": "boolean"},
      "bytes": {"type": "integer", "description": "Copied so far."},
      "ofBytes": {"type": "integer", "description": "About so many are to be copied."}}}}}}}})";

response answer_of(const backup_made& made) {
  response answer;
  json::writer out(answer.body);
  out.begin_object();
  out.key("backup").unsigned_integer(made.number);
  out.key("sequence").unsigned_integer(made.sequence);
  out.key("bytes").unsigned_integer(made.bytes);
  out.key("newBytes").unsigned_integer(made.new_bytes);
  out.end_object();
  return answer;
}

response answer_of(const backup_progress& now) {
  response answer;
  answer.headers.emplace_back("Cache-Control", "no-store");
  json::writer out(answer.body);
  out.begin_object().key("running").boolean(now.is_running);
  if (now.is_running) out.key("bytes").unsigned_integer(now.bytes).key("ofBytes").unsigned_integer(now.of_bytes);
  out.end_object();
  return answer;
}

} // namespace

void add_backup_routes(std::vector<route>& table, backup_maker make, backup_watcher watch) {
  table.push_back(
      {"GET", "/admin/v1/backup", scope::admin, body_policy::none, error_style::plain,
       "Tell how far the backup is that is being made.",
       [watch = std::move(watch)](const request&) { return answer_of(watch ? watch() : backup_progress()); },
       progress_schema});
  route line{"POST",
             "/admin/v1/backup",
             scope::admin,
             body_policy::none,
             error_style::plain,
             "Back the ledger up into the server's folder of backups, while it goes on.",
             [make = std::move(make)](const request&) {
               if (!make)
                 return error_response(error_style::plain, error_kind::conflict,
                                       "this server has no backup_dir, so it makes no backups");
               const auto made = make();
               if (made) return answer_of(*made);
               const auto& no = made.error();
               return error_response(error_style::plain,
                                     no.is_conflict ? error_kind::conflict : error_kind::storage_unavailable, no.why);
             },
             schema};
  line.holds_thread = true;
  table.push_back(std::move(line));
}

} // namespace croupier::http::ops
