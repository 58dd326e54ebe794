#include "actors/accounts.hpp"

#include "actors/account_facts.hpp"
#include "actors/lane.hpp"
#include "engine/check.hpp"
#include "persistence/account_codec.hpp"
#include "persistence/byte_codec.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace croupier::actors {

// Keys in the store, with <> for concatenation; an account's key is its affiliate (fixed32) <> its currency:
//
//   "a" <> account                             -> the account (account_codec)
//   "n" <> account                             -> the sequences that fill no block yet, coded like a block
//   "s" <> sequence (fixed64)                  -> the request id of the settlement that was made there
//   "b" <> account <> first sequence (fixed64) -> a block of 1,024 sequences
//
// A block is the number of its sequences and the steps between them, from 0 (varints).

namespace {

using persistence::byte_reader;
using persistence::storage_error;

constexpr std::uint32_t format = 1;
constexpr std::size_t block_size = 1024;

auto patience() {
  return std::chrono::steady_clock::now() + std::chrono::hours(24);
}

std::string key_of(char kind, const account_key& account) {
  std::string out(1, kind);
  persistence::put_fixed(out, account.affiliate.value);
  out.append(account.currency.text());
  return out;
}

std::string block_key(const account_key& account, std::uint64_t first) {
  auto out = key_of('b', account);
  persistence::put_fixed(out, first);
  return out;
}

template<class Iterator>
std::string coded(Iterator from, Iterator to) {
  std::string out;
  persistence::put_varint(out, static_cast<std::uint64_t>(to - from));
  std::uint64_t before = 0;
  for (; from != to; before = *from++) persistence::put_varint(out, *from - before);
  return out;
}

std::vector<std::uint64_t> decoded(std::string_view bytes) {
  byte_reader in(bytes);
  std::vector<std::uint64_t> out;
  std::uint64_t at = 0;
  for (auto left = in.varint(); left > 0 && !in.failed(); --left) out.push_back(at += in.varint());
  in.expect_end();
  if (in.failed())
    throw persistence::storage_failure({persistence::storage_errc::corrupt,
                                        "a block of an account's entries is damaged: " + in.problem() +
                                            "; stop the server, remove the folder projections and start it again",
                                        std::nullopt});
  return out;
}

} // namespace

accounts::config::config() {
  // Whoever asks an account runs it; a worker is for what a lane leaves, and sleeps until then (see actor_house).
  set("scheduler.policy", caf::atom("sharing"));
  set("scheduler.max-threads", std::size_t{1});
}

accounts::accounts(persistence::projection_store& store, const persistence::committed_view& view)
    : store_(store), view_(view), system_(config_) {}

accounts::~accounts() {
  for (auto& [key, actor] : actors_) caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
}

// ---- the projection

result<sequence, storage_error> accounts::restore() {
  const auto at = store_.restore(name(), format);
  std::vector<affiliate_account> found;
  bool damaged = false;
  if (at.value != 0)
    store_.scan_up(name(), "a", [&](std::string_view key, std::string_view value) {
      if (!key.starts_with('a')) return false;
      auto account = persistence::decode_account(value);
      damaged = !account;
      if (account) found.push_back(std::move(*account));
      return !damaged;
    });
  if (damaged) {
    // Another format makes it forget everything.
    store_.restore(name(), format + 1);
    return sequence{};
  }
  store_.scan_up(name(), "s", [&](std::string_view key, std::string_view value) {
    if (!key.starts_with('s')) return false;
    note_settlement({byte_reader(key.substr(1)).fixed<std::uint64_t>()}, std::string(value));
    return true;
  });
  for (auto& account : found) {
    const auto key = account.key();
    const auto newest = store_.get(name(), key_of('n', key));
    open(key, {std::move(account), newest ? decoded(*newest) : std::vector<std::uint64_t>{}});
  }
  return at;
}

void accounts::apply(const committed_entry& entry) {
  const auto* movement = std::get_if<movement_recorded>(&entry.what);
  if (movement != nullptr && movement->revshare && !movement->claim && !movement->charged_back) {
    const auto key = account_of_brand(movement->revshare->affiliate, movement->brand);
    gathered_[key].items.push_back({entry.at, entry.time, revshare_accrued{movement->revshare->earned}});
    return;
  }
  if (const auto* made = std::get_if<settlement_recorded>(&entry.what)) {
    unsaved_settlements_.emplace(entry.at, made->what.request_id);
    note_settlement(entry.at, made->what.request_id);
  }
  for (auto& [key, facts] : account_facts_of(entry, view_))
    gathered_[key].items.push_back({entry.at, entry.time, std::move(facts)});
}

account_key accounts::account_of_brand(affiliate_number affiliate, brand_number brand) {
  const auto known = currencies_.find(brand);
  if (known != currencies_.end()) return {affiliate, known->second};
  const auto key = account_of(affiliate, brand, *view_.current_workspace());
  currencies_.emplace(brand, key.currency);
  return key;
}

void accounts::settle() {
  if (gathered_.empty()) return;
  const auto taken = std::make_shared<countdown>();
  taken->expect(static_cast<std::uint32_t>(gathered_.size()));
  {
    lane here(system_);
    for (auto& [key, portion] : gathered_) {
      unsaved_.insert(key);
      auto sent = std::make_shared<account_portion>(std::move(portion));
      sent->taken = taken;
      here.send(actor_of(key), apply_atom::value, std::move(sent));
    }
    gathered_.clear();
  }
  taken->wait(patience());
}

result<done, storage_error> accounts::save(sequence upto) {
  persistence::book_batch batch;
  std::vector<std::pair<account_key, std::size_t>> full;
  for (const auto& key : unsaved_) {
    ask(
        actor_of(key),
        [&](const kept_account& kept) {
          auto from = kept.newest.begin();
          for (; kept.newest.end() - from >= static_cast<std::ptrdiff_t>(block_size); from += block_size)
            batch.put(block_key(key, *from), coded(from, from + block_size));
          batch.put(key_of('n', key), coded(from, kept.newest.end()));
          batch.put(key_of('a', key), persistence::encode_account(kept.account));
          if (from != kept.newest.begin()) full.emplace_back(key, from - kept.newest.begin());
        },
        0);
  }
  for (const auto& [at, request_id] : unsaved_settlements_) {
    std::string key = "s";
    persistence::put_fixed(key, at.value);
    batch.put(std::move(key), request_id);
  }
  auto saved = store_.save(name(), format, batch, upto);
  if (!saved) return saved;
  unsaved_.clear();
  unsaved_settlements_.clear();
  // Only now: whoever asks the actor first and the store then finds every block in one of them.
  for (const auto& [key, count] : full)
    ask(
        actor_of(key), [](const kept_account&) {}, count);
  return saved;
}

// ---- reading

std::vector<account_key> accounts::keys() const {
  const std::lock_guard guard(lock_);
  std::vector<account_key> out;
  out.reserve(actors_.size());
  for (const auto& [key, actor] : actors_) out.push_back(key);
  return out;
}

bool accounts::read(const account_key& key, const std::function<void(const affiliate_account&)>& look) const {
  const auto actor = find(key);
  if (actor)
    ask(
        *actor, [&look](const kept_account& kept) { look(kept.account); }, 0);
  return actor.has_value();
}

affiliate_account accounts::copy(const account_key& key) const {
  affiliate_account out(key);
  read(key, [&out](const affiliate_account& account) { out = account; });
  return out;
}

std::vector<sequence> accounts::newest_entries(const account_key& key, sequence before, std::size_t most) const {
  std::vector<sequence> out;
  auto limit = before.value;
  const auto take = [&](const std::vector<std::uint64_t>& ascending) {
    auto at = std::lower_bound(ascending.begin(), ascending.end(), limit);
    while (at != ascending.begin() && out.size() < most) out.push_back({limit = *--at});
    return out.size() < most;
  };
  const auto actor = find(key);
  if (!actor || limit == 0) return out;
  bool more = true;
  ask(
      *actor, [&](const kept_account& kept) { more = take(kept.newest); }, 0);
  if (!more || limit == 0) return out;
  const auto prefix = key_of('b', key);
  store_.scan_down(name(), block_key(key, limit - 1), [&](std::string_view found, std::string_view block) {
    return found.starts_with(prefix) && take(decoded(block));
  });
  return out;
}

std::vector<sequence> accounts::settlements() const {
  const std::lock_guard guard(lock_);
  std::vector<sequence> out;
  for (const auto& [at, request_id] : settlements_) out.push_back(at);
  return out;
}

bool accounts::has_settlements() const {
  const std::lock_guard guard(lock_);
  return !settlements_.empty();
}

std::optional<sequence> accounts::settlement_of_request(const std::string& request_id) const {
  const std::lock_guard guard(lock_);
  const auto found = settlement_requests_.find(request_id);
  return found == settlement_requests_.end() ? std::nullopt : std::optional(found->second);
}

void accounts::note_settlement(sequence at, const std::string& request_id) {
  const std::lock_guard guard(lock_);
  settlements_.emplace(at, request_id);
  settlement_requests_.emplace(request_id, at);
}

// ---- actors

account_actor accounts::actor_of(const account_key& key) {
  if (auto found = find(key)) return *found;
  open(key, {affiliate_account(key), {}});
  return *find(key);
}

std::optional<account_actor> accounts::find(const account_key& key) const {
  const std::lock_guard guard(lock_);
  const auto found = actors_.find(key);
  return found == actors_.end() ? std::nullopt : std::optional(found->second);
}

void accounts::open(const account_key& key, kept_account start) {
  auto actor = system_.spawn<caf::lazy_init>(account, std::move(start));
  const std::lock_guard guard(lock_);
  actors_.emplace(key, std::move(actor));
}

void accounts::ask(const account_actor& whom, const std::function<void(const kept_account&)>& look,
                   std::size_t forget) const {
  const auto question = std::make_shared<account_question>();
  question->look = look;
  question->forget = forget;
  question->answered.expect(1);
  {
    lane here(system_);
    here.send(whom, look_atom::value, question);
  }
  question->answered.wait(patience());
}

} // namespace croupier::actors
