#include "persistence/audit_index.hpp"

#include "persistence/byte_codec.hpp"

#include <type_traits>

namespace croupier::persistence {
namespace {

constexpr std::uint32_t format = 1;

template<class Fact>
audit_mark mark_of(audit_kind kind, const Fact& fact) {
  audit_mark mark;
  mark.kind = static_cast<std::uint8_t>(kind);
  if constexpr (requires { fact.account; }) mark.affiliate = fact.account.affiliate;
  return mark;
}

/// What is to be remembered of the entry; nothing of most.
std::optional<audit_mark> mark_of(const entry& what) {
  if (const auto* one = std::get_if<workspace_changed>(&what)) {
    audit_mark mark;
    mark.kind = static_cast<std::uint8_t>(one->after.index());
    mark.object = std::visit([](const auto& object) { return object.id; }, one->after);
    return mark;
  }
  if (const auto* one = std::get_if<account_adjusted>(&what)) return mark_of(audit_kind::adjustment, *one);
  if (const auto* one = std::get_if<account_closed>(&what)) return mark_of(audit_kind::close, *one);
  if (const auto* one = std::get_if<settlement_recorded>(&what)) return mark_of(audit_kind::settlement, *one);
  if (const auto* one = std::get_if<settlement_status_recorded>(&what))
    return mark_of(audit_kind::settlement_status, *one);
  if (const auto* one = std::get_if<settlement_deletion_recorded>(&what))
    return mark_of(audit_kind::settlement_deletion, *one);
  return std::nullopt;
}

std::string key_of(const audit_mark& mark) {
  std::string key;
  put_fixed(key, mark.at.value);
  return key;
}

std::string value_of(const audit_mark& mark) {
  std::string value;
  put_fixed(value, static_cast<std::uint64_t>(mark.time.unix_us));
  put_byte(value, mark.kind);
  put_fixed(value, mark.object.high());
  put_fixed(value, mark.object.low());
  put_fixed(value, mark.affiliate.value);
  return value;
}

audit_mark mark_from(std::string_view key, std::string_view value) {
  byte_reader at(key);
  byte_reader from(value);
  audit_mark mark;
  mark.at.value = at.fixed<std::uint64_t>();
  mark.time.unix_us = static_cast<std::int64_t>(from.fixed<std::uint64_t>());
  mark.kind = from.byte();
  const auto high = from.fixed<std::uint64_t>();
  mark.object = uuid::from_halves(high, from.fixed<std::uint64_t>());
  mark.affiliate.value = from.fixed<std::uint32_t>();
  return mark;
}

bool matches(const audit_mark& mark, const audit_index::query& wanted) {
  if (wanted.before && mark.at >= *wanted.before) return false;
  if (wanted.from && mark.time < *wanted.from) return false;
  if (wanted.to && mark.time >= *wanted.to) return false;
  if (wanted.kind && mark.kind != *wanted.kind) return false;
  if (!wanted.object) return true;
  return mark.affiliate.value != 0 ? mark.affiliate == wanted.affiliate : mark.object == *wanted.object;
}

} // namespace

std::vector<sequence> audit_index::find(const query& wanted, std::size_t limit) const {
  std::vector<sequence> found;
  const std::scoped_lock lock(mutex_);
  for (auto mark = marks_.rbegin(); mark != marks_.rend() && found.size() < limit; ++mark)
    if (matches(*mark, wanted)) found.push_back(mark->at);
  return found;
}

result<sequence, storage_error> audit_index::restore() {
  try {
    const sequence upto = store_.restore(name(), format);
    const std::scoped_lock lock(mutex_);
    marks_.clear();
    store_.scan_up(name(), {}, [this](std::string_view key, std::string_view value) {
      marks_.push_back(mark_from(key, value));
      return true;
    });
    saved_ = marks_.size();
    return upto;
  } catch (const storage_failure& failed) {
    return failed.error();
  }
}

void audit_index::apply(const committed_entry& entry) {
  auto mark = mark_of(entry.what);
  if (!mark) return;
  mark->at = entry.at;
  mark->time = entry.time;
  const std::scoped_lock lock(mutex_);
  marks_.push_back(*mark);
}

result<done, storage_error> audit_index::save(sequence upto) {
  book_batch batch;
  // Nobody else adds marks, so those that are read here without the lock stay what they are.
  for (std::size_t i = saved_; i < marks_.size(); ++i) batch.put(key_of(marks_[i]), value_of(marks_[i]));
  auto saved = store_.save(name(), format, batch, upto);
  if (saved) saved_ = marks_.size();
  return saved;
}

} // namespace croupier::persistence
