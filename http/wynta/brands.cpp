#include "http/wynta/brands.hpp"

namespace croupier::http::wynta {

const brand* resolve_brand(const request& req, std::string_view named) noexcept {
  const auto& ws = *req.ws;
  const auto seen = [&req](const brand* found) {
    return found != nullptr && (req.key == nullptr || req.key->sees(found->number));
  };
  if (!named.empty()) {
    const auto id = uuid::parse(named);
    const auto* found = id ? ws.find_brand(*id) : nullptr;
    if (found == nullptr) found = ws.find_brand_by_alias(named);
    if (seen(found)) return found;
  }
  if (req.key != nullptr && seen(ws.find(req.key->default_brand))) return ws.find(req.key->default_brand);
  return seen(ws.default_brand()) ? ws.default_brand() : nullptr;
}

} // namespace croupier::http::wynta
