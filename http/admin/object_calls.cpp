#include "config/object_kind.hpp"
#include "engine/check.hpp"
#include "http/admin/answers.hpp"
#include "http/admin/calls.hpp"
#include "http/admin/json_tree.hpp"
#include "http/errors.hpp"
#include "http/json.hpp"
#include "http/secrets.hpp"

#include <algorithm>

namespace croupier::http::admin {

namespace {

using config::field_problem;
using config::object_kind;
using config::tree;
using problems = std::vector<field_problem>;

/// A secret that was made, to be shown once.
struct made_secret {
  std::string name; ///< of the member: "secret", "token"
  std::string text;
};

void write_object(json::writer& out, const services& with, const object_kind& kind, const workspace& ws,
                  const workspace_object& object, const made_secret* secret = nullptr) {
  out.begin_object();
  write_members(out, kind.shown(ws, object, config::naming::api));
  if (secret != nullptr) out.key(secret->name).string(secret->text);
  if (const auto* key = std::get_if<api_key>(&object); key != nullptr && with.key_last_used)
    if (const auto used = with.key_last_used(key->number)) out.key("lastUsedAt").string(used->text());
  out.end_object();
}

response shown(const services& with, const object_kind& kind, const workspace& ws, const workspace_object& object,
               int status = 200, const made_secret* secret = nullptr) {
  response answer;
  answer.status = status;
  json::writer out(answer.body);
  write_object(out, with, kind, ws, object, secret);
  return answer;
}

/// The number of the object that the path names; 0 when there is none.
std::size_t number_in_path(const object_kind& kind, const workspace& ws, const request& req) {
  const auto id = uuid::parse(req.path_parameter("id"));
  return id ? kind.find(ws, *id) : 0;
}

response nothing_there(const object_kind& kind) {
  return error_response(error_style::plain, error_kind::not_found, "there is no such " + std::string(kind.label));
}

/// The body as a table; or nothing, and then `problems` says why.
std::optional<tree> read_body(const request& req, problems& found) {
  json::document body;
  if (const auto error = body.parse(req.body)) {
    found.push_back({"", error->what, 0});
    return std::nullopt;
  }
  if (!body.root().is_object()) {
    found.push_back({"", "the body must be an object", 0});
    return std::nullopt;
  }
  return tree_of(body.root());
}

/// What is wrong with the members, read into the object.
problems read_members(const object_kind& kind, workspace_object& object, const tree& body, const workspace& newest,
                      bool is_new) {
  const auto find = config::finder_by_id(newest);
  config::reading how{config::naming::api, is_new, false, &find};
  kind.read(object, body, how);
  return std::move(how.problems);
}

/// What came of a change: the answer when it was refused, else the object as it is now.
struct change {
  std::optional<response> refusal;
  std::optional<workspace_object> object;
};

/// Carries a change of one object out: `edit` sees the newest workspace and gives the object as it shall be, or leaves
/// a refusal; no other change comes between.
change carry_out(const services& with, const request& req, error_kind when_ruled_out,
                 const std::function<std::optional<workspace_object>(const workspace&, timestamp, change&)>& edit) {
  change made;
  const auto decide = [&](const workspace& newest, timestamp now) -> std::optional<std::vector<workspace_object>> {
    auto object = edit(newest, now, made);
    if (!object) return std::nullopt;
    made.object = *object;
    const auto& kind = config::kind_of(*object);
    const auto number = config::number_of(*object);
    if (number != 0 && number <= kind.count(newest) && kind.at(newest, number) == *object) return std::nullopt;
    if (const auto wrong = problem_with(newest, {*object}, now)) {
      made.refusal = refused(when_ruled_out, {problem_from(*wrong)});
      return std::nullopt;
    }
    return std::vector{std::move(*object)};
  };
  const auto outcome = with.ledger.change_workspace(decide, req.key->id.text(), req.deadline);
  if (outcome && !made.refusal) made.refusal = failed(*outcome);
  return made;
}

/// Carries a change of the object in the path out; `edit` changes it, or gives the refusal.
change change_in_path(const services& with, const object_kind& kind, const request& req, error_kind when_ruled_out,
                      const std::function<std::optional<response>(const workspace&, workspace_object&)>& edit) {
  return carry_out(with, req, when_ruled_out,
                   [&](const workspace& newest, timestamp /*now*/, change& so_far) -> std::optional<workspace_object> {
                     const std::size_t number = number_in_path(kind, newest, req);
                     if (number == 0) {
                       so_far.refusal = nothing_there(kind);
                       return std::nullopt;
                     }
                     auto object = kind.at(newest, number);
                     so_far.refusal = edit(newest, object);
                     return so_far.refusal ? std::nullopt : std::optional(std::move(object));
                   });
}

std::optional<uuid> id_for_new(const tree& body, problems& found) {
  const tree* given = body.find("id");
  if (given == nullptr) return generate_uuid();
  const auto id = given->type == tree::kind::text ? uuid::parse(given->text) : std::nullopt;
  if (!id) found.push_back({"id", "must be a UUID", 0});
  return id;
}

/// Nothing when the id in the body, if any, is that of the path.
std::optional<field_problem> other_id_in(const tree& body, const workspace_object& object) {
  const tree* given = body.find("id");
  if (given == nullptr || (given->type == tree::kind::text && uuid::parse(given->text) == config::id_of(object)))
    return std::nullopt;
  return field_problem{"id", "is permanent", 0};
}

/// Gives the object a new secret, if its kind has one; the one that it had opens nothing any more.
std::optional<made_secret> make_secret(const object_kind& kind, workspace_object& object) {
  auto* hash = kind.secret_hash(object);
  if (hash == nullptr) return std::nullopt;
  for (const auto& entry : kind.catalogue()) {
    if (entry.shape != config::field_shape::hash) continue;
    made_secret made{config::api_name(entry.name), generate_api_key()};
    *hash = sha256(made.text);
    return made;
  }
  return std::nullopt;
}

} // namespace

std::optional<std::string> problem_with(const workspace& newest, const std::vector<workspace_object>& objects,
                                        timestamp now) {
  workspace next = newest;
  bool touches_keys = false;
  for (const auto& object : objects) {
    if (auto wrong = config::problem_with(next, object, now)) return wrong;
    config::put(next, object);
    touches_keys |= std::holds_alternative<api_key>(object);
  }
  const auto administers = [&](const api_key& key) {
    return key.may(scope::admin) && key.brands.empty() && !key.revoked && (!key.expires_at || *key.expires_at > now);
  };
  const auto any_administers = [&](const workspace& ws) {
    return std::any_of(ws.api_keys().begin(), ws.api_keys().end(), administers);
  };
  if (touches_keys && any_administers(newest) && !any_administers(next))
    return "scopes: this is the last key that may administer";
  return std::nullopt;
}

response list_objects(const services& with, const object_kind& kind, const request& req) {
  problems found;
  const auto archived = req.query("archived");
  if (archived && *archived != "true" && *archived != "false")
    found.push_back({"archived", "must be true or false", 0});
  const auto asked = read_page(req, found);
  if (!found.empty()) return refused(error_kind::malformed, found);
  const auto ws = with.ledger.view().current_workspace();
  response answer;
  json::writer out(answer.body);
  out.begin_object().key("rows").begin_array();
  std::size_t matched = 0;
  for (std::size_t number = 1; number <= kind.count(*ws); ++number) {
    const auto object = kind.at(*ws, number);
    if (archived && kind.is_retired(object) != (*archived == "true")) continue;
    const std::size_t place = matched++;
    if (place >= asked->offset && place < asked->offset + asked->limit) write_object(out, with, kind, *ws, object);
  }
  out.end_array().key("pagination").begin_object();
  out.key("limit").unsigned_integer(asked->limit).key("offset").unsigned_integer(asked->offset);
  out.key("totalCount").unsigned_integer(matched).key("hasMore").boolean(asked->offset + asked->limit < matched);
  out.end_object().end_object();
  return answer;
}

response show_object(const services& with, const object_kind& kind, const request& req) {
  const auto ws = with.ledger.view().current_workspace();
  const std::size_t number = number_in_path(kind, *ws, req);
  return number == 0 ? nothing_there(kind) : shown(with, kind, *ws, kind.at(*ws, number));
}

response create_object(const services& with, const object_kind& kind, const request& req) {
  problems found;
  const auto body = read_body(req, found);
  const auto id = body ? id_for_new(*body, found) : std::nullopt;
  if (!body || !id) return refused(error_kind::malformed, found);
  std::optional<made_secret> secret;
  const auto made =
      carry_out(with, req, error_kind::malformed,
                [&](const workspace& newest, timestamp now, change& so_far) -> std::optional<workspace_object> {
                  if (kind.find(newest, *id) != 0) {
                    so_far.refusal = refused(error_kind::conflict, {{"id", "is in use", 0}});
                    return std::nullopt;
                  }
                  auto object = kind.blank(kind.count(newest) + 1, *id, now);
                  if (const auto wrong = read_members(kind, object, *body, newest, true); !wrong.empty()) {
                    so_far.refusal = refused(error_kind::malformed, wrong);
                    return std::nullopt;
                  }
                  secret = make_secret(kind, object);
                  return object;
                });
  if (made.refusal) return *made.refusal;
  auto answer =
      shown(with, kind, *with.ledger.view().current_workspace(), *made.object, 201, secret ? &*secret : nullptr);
  answer.headers.emplace_back("Location", std::string(req.path) + "/" + id->text());
  return answer;
}

response update_object(const services& with, const object_kind& kind, const request& req) {
  problems found;
  const auto body = read_body(req, found);
  if (!body) return refused(error_kind::malformed, found);
  const auto made =
      change_in_path(with, kind, req, error_kind::malformed,
                     [&](const workspace& newest, workspace_object& object) -> std::optional<response> {
                       auto wrong = read_members(kind, object, *body, newest, false);
                       if (const auto other = other_id_in(*body, object)) wrong.push_back(*other);
                       return wrong.empty() ? std::nullopt : std::optional(refused(error_kind::malformed, wrong));
                     });
  return made.refusal ? *made.refusal : shown(with, kind, *with.ledger.view().current_workspace(), *made.object);
}

response retire_object(const services& with, const object_kind& kind, const request& req) {
  const auto made =
      change_in_path(with, kind, req, error_kind::conflict,
                     [&](const workspace& /*newest*/, workspace_object& object) -> std::optional<response> {
                       const auto why = kind.retire(object);
                       return why ? std::optional(refused(error_kind::conflict, {{"", *why, 0}})) : std::nullopt;
                     });
  return made.refusal ? *made.refusal : shown(with, kind, *with.ledger.view().current_workspace(), *made.object);
}

response rotate_secret(const services& with, const object_kind& kind, const request& req) {
  std::optional<made_secret> secret;
  const auto made =
      change_in_path(with, kind, req, error_kind::conflict,
                     [&](const workspace& /*newest*/, workspace_object& object) -> std::optional<response> {
                       secret = make_secret(kind, object);
                       CROUPIER_ASSERT(secret.has_value(), "only what has a secret is given another one");
                       return std::nullopt;
                     });
  if (made.refusal) return *made.refusal;
  return shown(with, kind, *with.ledger.view().current_workspace(), *made.object, 200, &*secret);
}

} // namespace croupier::http::admin
