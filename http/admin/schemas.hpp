#pragma once

#include "config/object_kind.hpp"

#include <string>

namespace croupier::http::admin {

/// What /openapi.json says of the calls of one kind, besides what the route table knows.
struct kind_schemas {
  std::string list;
  std::string show;
  std::string create;
  std::string update;
  std::string retire;
};

kind_schemas schemas_of(const config::object_kind& kind);

} // namespace croupier::http::admin
