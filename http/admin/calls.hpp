#pragma once

#include "actors/gateway.hpp"
#include "config/object_kind.hpp"
#include "http/routes.hpp"

#include <optional>
#include <string>
#include <vector>

/// The calls under /admin/v1. Each needs a key with the scope `admin` that is not limited to brands.
namespace croupier::http::admin {

/// GET /{kind}: by number, `?archived=true` those out of use, `?archived=false` the others; `limit`, `offset`.
response list_objects(const services& with, const config::object_kind& kind, const request& req);

/// GET /{kind}/{id}.
response show_object(const services& with, const config::object_kind& kind, const request& req);

/// POST /{kind}: 201 with the object, and with its secret if the kind has one: it is made here and shown this once.
/// The id is the body's, or a new one.
response create_object(const services& with, const config::object_kind& kind, const request& req);

/// PATCH /{kind}/{id}: members that are left out stay; a table inside the object is replaced as a whole.
response update_object(const services& with, const config::object_kind& kind, const request& req);

/// DELETE /{kind}/{id}: takes the object out of use, or 409. Again: 200 and nothing changes.
response retire_object(const services& with, const config::object_kind& kind, const request& req);

/// POST /report-presets/{id}/rotate: gives the object a new secret and shows it this once; the old one opens nothing
/// from the commit on. Only for kinds whose secret is made here (CROUPIER_ASSERT).
response rotate_secret(const services& with, const config::object_kind& kind, const request& req);

/// POST /workspace/apply: brings the workspace to what a file says, or tells what that would change.
response apply_workspace(const services& with, const request& req);

/// GET /audit-log: what people changed, newest first.
response list_audit_log(const services& with, const request& req);

/// Why the objects may not be put, in order, in words of the engine; nothing when they may. Beyond the engine's rules
/// there stays a key that may administer: without one nobody could ever mend anything.
std::optional<std::string> problem_with(const workspace& newest, const std::vector<workspace_object>& objects,
                                        timestamp now);

} // namespace croupier::http::admin
