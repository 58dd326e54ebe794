#include "config/object_kind.hpp"
#include "http/admin/json_tree.hpp"
#include "http/entry_json.hpp"

/// Objects of the workspace as JSON: their members are listed once, in config/object_fields.hpp.
namespace croupier::http {

std::string_view type_of(const workspace_object& object) {
  return config::kind_of(object).label;
}

void write_object(json::writer& out, const workspace& ws, const workspace_object& object) {
  admin::write(out, config::kind_of(object).shown(ws, object, config::naming::api));
}

} // namespace croupier::http
