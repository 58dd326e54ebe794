#include "config/reference_book.hpp"

#include <algorithm>

namespace croupier::config {
namespace {

std::optional<ref_kind> kind_referred_to(const object_kind& kind) noexcept {
  for (std::size_t i = 0; i < ref_kinds; ++i)
    if (words_for(static_cast<ref_kind>(i)) == kind.label) return static_cast<ref_kind>(i);
  return std::nullopt;
}

} // namespace

reference_book::reference_book(const workspace& ws) {
  for (const object_kind& kind : object_kinds()) {
    if (!kind_referred_to(kind)) continue;
    for (std::size_t number = 1; number <= kind.count(ws); ++number) add(kind.at(ws, number), false);
  }
}

void reference_book::add(const workspace_object& object, bool was_refused) {
  const auto kind = kind_referred_to(config::kind_of(object));
  if (!kind) return;
  const auto number = was_refused ? 0U : static_cast<std::uint32_t>(number_of(object));
  add(*kind, title_of(object), number);
  add(*kind, id_of(object).text(), number);
  if (const auto* one = std::get_if<brand>(&object))
    for (const std::string& alias : one->aliases) add(*kind, alias, number);
}

void reference_book::add(ref_kind kind, std::string_view word, std::uint32_t number) {
  auto& words = by_word_[static_cast<std::size_t>(kind)];
  const auto [at, is_new] = words.try_emplace(std::string(word), holder{number, false});
  if (!is_new && number != 0 && at->second.number != number) at->second.is_one_of_several = true;
}

result<std::uint32_t, std::string> reference_book::find(ref_kind kind, const std::string& reference) const {
  const auto& words = by_word_[static_cast<std::size_t>(kind)];
  const auto found = words.find(reference);
  const std::string label(words_for(kind));
  if (found == words.end()) return "there is no " + label + " '" + reference + "'";
  if (found->second.is_one_of_several) return "more than one " + label + " is called '" + reference + "': give the id";
  return found->second.number;
}

} // namespace croupier::config
