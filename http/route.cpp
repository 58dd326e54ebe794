#include "http/route.hpp"

namespace croupier::http {

std::string_view request::path_parameter(std::string_view name) const noexcept {
  for (const auto& [known, value] : path_parameters)
    if (known == name) return value;
  return {};
}

} // namespace croupier::http
