#include "engine/movement.hpp"

namespace croupier {

metric_update resolve_update(const workspace& ws, std::string_view code, value_type how,
                             std::string_view value) noexcept {
  metric_update update;
  update.how = how;
  const metric* found = ws.find_metric(code);
  if (found == nullptr || found->archived) return update;
  update.metric = found->number;
  update.type = found->type;
  switch (found->type) {
  case metric_type::integer: update.malformed = parse_integer_amount(value, update.value); break;
  case metric_type::decimal: update.malformed = parse_amount(value, update.value); break;
  }
  return update;
}

std::string metric_change::value_text() const {
  return detail::print_fixed_exact(value.units(), amount::scale, fraction_digits, negative_zero);
}

} // namespace croupier
