#include "config/field_names.hpp"

#include <algorithm>

namespace croupier::config {
namespace {

constexpr std::array references{std::string_view("offer"),        std::string_view("brand"),
                                std::string_view("affiliate"),    std::string_view("metric"),
                                std::string_view("creative"),     std::string_view("marketing_source"),
                                std::string_view("default_brand")};

} // namespace

std::string_view words_for(ref_kind kind) noexcept {
  switch (kind) {
  case ref_kind::brand: return "brand";
  case ref_kind::metric: return "metric";
  case ref_kind::affiliate: return "affiliate";
  case ref_kind::offer: return "offer";
  case ref_kind::marketing_source: return "marketing source";
  case ref_kind::creative: return "creative";
  }
  return {};
}

std::string api_name(std::string_view file_name) {
  if (file_name == "brands") return "brandIds";
  std::string name;
  bool raise = false;
  for (const char c : file_name) {
    if (c != '_') name.push_back(raise && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    raise = c == '_';
  }
  return std::find(references.begin(), references.end(), file_name) == references.end() ? name : name + "Id";
}

std::string api_path(std::string_view file_path) {
  std::string path;
  while (true) {
    const std::size_t dot = file_path.find('.');
    const auto step = file_path.substr(0, dot);
    const std::size_t bracket = std::min(step.find('['), step.size());
    path.append(api_name(step.substr(0, bracket))).append(step.substr(bracket));
    if (dot == std::string_view::npos) return path;
    path.push_back('.');
    file_path.remove_prefix(dot + 1);
  }
}

} // namespace croupier::config
