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

} // namespace

route backup_route(backup_maker make) {
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
  return line;
}

} // namespace croupier::http::ops
