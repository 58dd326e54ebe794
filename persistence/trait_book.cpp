#include "persistence/trait_book.hpp"

#include "persistence/field_codec.hpp"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

namespace croupier::persistence {

template<>
struct fields_of<kept_trait> {
  static auto in(auto& it) { return std::tie(it.value, it.occurred_at, it.entry); }
};

namespace {

constexpr std::uint32_t format = 1;

bool outdoes(const kept_trait& one, const kept_trait& other) noexcept {
  return std::tie(one.occurred_at, one.entry) > std::tie(other.occurred_at, other.entry);
}

void take(kept_traits& into, std::string_view name, kept_trait told) {
  const auto known = into.find(name);
  if (known == into.end())
    into.emplace(name, std::move(told));
  else if (outdoes(told, known->second))
    known->second = std::move(told);
}

/// The newest stay.
void cut(kept_traits& traits) {
  if (traits.size() <= trait_book::traits_max) return;
  std::vector<kept_traits::iterator> oldest_first;
  for (auto one = traits.begin(); one != traits.end(); ++one) oldest_first.push_back(one);
  std::sort(oldest_first.begin(), oldest_first.end(),
            [](auto one, auto other) { return outdoes(other->second, one->second); });
  oldest_first.resize(traits.size() - trait_book::traits_max);
  for (const auto one : oldest_first) traits.erase(one);
}

/// Ascending by number.
std::string key_of(player_number player) {
  std::string key;
  for (int shift = 56; shift >= 0; shift -= 8) key += static_cast<char>(player.value >> shift & 0xff);
  return key;
}

std::string encoded(const kept_traits& traits) {
  std::string out;
  put_varint(out, traits.size());
  for (const auto& [name, trait] : traits) {
    put_fields(out, name);
    put_fields(out, trait);
  }
  return out;
}

kept_traits decoded(std::string_view bytes) {
  kept_traits traits;
  byte_reader in(bytes);
  const auto count = in.varint();
  for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
    std::string name;
    kept_trait trait;
    read_fields(in, name);
    read_fields(in, trait);
    traits.emplace(std::move(name), std::move(trait));
  }
  in.expect_end();
  if (in.failed())
    throw storage_failure({storage_errc::corrupt, "the saved traits of a player are damaged", std::nullopt});
  return traits;
}

} // namespace

result<sequence, storage_error> trait_book::restore() {
  const std::scoped_lock lock(mutex_);
  unsaved_.clear();
  try {
    return store_.restore(name(), format);
  } catch (const storage_failure& failed) {
    return failed.error();
  }
}

void trait_book::apply(const committed_entry& entry) {
  const auto* movement = std::get_if<movement_recorded>(&entry.what);
  if (movement == nullptr || !movement->event || movement->event->traits.empty()) return;
  const std::scoped_lock lock(mutex_);
  auto& traits = unsaved_[movement->player];
  for (const auto& told : movement->event->traits)
    take(traits, told.name, {std::string(told.value), movement->event->occurred_at, entry.at});
  cut(traits);
}

kept_traits trait_book::merged(player_number player, const kept_traits& newer) const {
  const auto saved = store_.get(name(), key_of(player));
  if (!saved) return newer;
  auto traits = decoded(*saved);
  for (const auto& [trait, told] : newer) take(traits, trait, told);
  cut(traits);
  return traits;
}

result<done, storage_error> trait_book::save(sequence upto) {
  // Only this thread adds to what is unsaved; readers go on meanwhile.
  book_batch batch;
  try {
    for (const auto& [player, traits] : unsaved_) batch.put(key_of(player), encoded(merged(player, traits)));
  } catch (const storage_failure& failed) {
    return failed.error();
  }
  auto saved = store_.save(name(), format, batch, upto);
  if (!saved) return saved;
  const std::scoped_lock lock(mutex_);
  unsaved_.clear();
  return saved;
}

kept_traits trait_book::traits_of(player_number player) const {
  kept_traits newer;
  {
    const std::scoped_lock lock(mutex_);
    if (const auto found = unsaved_.find(player); found != unsaved_.end()) newer = found->second;
  }
  // A save in between is no harm: what it wrote is merged with what was gathered, which gives the same.
  auto traits = merged(player, newer);
  std::erase_if(traits, [](const auto& each) { return each.second.value.empty(); });
  return traits;
}

} // namespace croupier::persistence
