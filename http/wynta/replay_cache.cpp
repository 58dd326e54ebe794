#include "http/wynta/replay_cache.hpp"

#include "engine/check.hpp"
#include "http/ascii.hpp"
#include "http/errors.hpp"
#include "http/secrets.hpp"
#include "http/wynta/validation.hpp"

#include <algorithm>
#include <utility>

namespace croupier::http::wynta {

namespace {

constexpr std::string_view header_name = "X-Idempotency-Key";
constexpr std::size_t name_length_max = 255;

replay_cache::digest digest_of(const request& req) {
  return sha256(std::string(req.path).append("\n").append(req.body));
}

bool is_kept(int status) noexcept {
  return status == 202 || status == 422;
}

response about_key(std::string_view what, std::string_view input) {
  std::string shown;
  json::writer(shown).string(input);
  return to_response(
      {{{"header", std::string(header_name)}, "Value error, " + std::string(what), "value_error", shown}});
}

/// The place of a running call: given up when it ends without an answer.
class place {
public:
  place(std::shared_ptr<replay_cache> cache, replay_cache::key of, std::shared_ptr<const answer_mark> mark)
      : cache_(std::move(cache)), of_(std::move(of)), mark_(std::move(mark)) {}
  ~place() {
    if (cache_) cache_->drop(of_);
  }
  place(const place&) = delete;
  place& operator=(const place&) = delete;

  /// The call has its answer. When that is not kept, the key is free again before the client can ask again.
  void keep(const response& answer) {
    const auto cache = std::exchange(cache_, nullptr);
    if (mark_->is_final && is_kept(answer.status))
      cache->finish(of_, answer.status, answer.body);
    else
      cache->drop(of_);
  }

private:
  std::shared_ptr<replay_cache> cache_;
  const replay_cache::key of_;
  const std::shared_ptr<const answer_mark> mark_;
};

class kept_answer final : public pending_answer {
public:
  kept_answer(std::shared_ptr<pending_answer> inner, std::unique_ptr<place> held)
      : inner_(std::move(inner)), held_(std::move(held)) {}

  std::optional<response> take(const std::function<void()>& wake) override {
    auto answer = inner_->take(wake);
    if (answer) held_->keep(*answer);
    return answer;
  }

  response give_up() override {
    auto answer = inner_->give_up();
    held_->keep(answer);
    return answer;
  }

private:
  const std::shared_ptr<pending_answer> inner_;
  const std::unique_ptr<place> held_;
};

} // namespace

std::size_t replay_cache::size_of(const entry& one) noexcept {
  constexpr std::size_t table_bytes = 160; // nodes of the list and the map, and the second copy of the name's object
  return sizeof(entry) + table_bytes + 2 * one.of.name.size() + one.body.size();
}

void replay_cache::forget(entries::iterator one) {
  bytes_ -= size_of(*one);
  by_key_.erase(one->of);
  oldest_first_.erase(one);
}

/// Calls that run stay: as many as there can be connections.
void replay_cache::make_room(clock::time_point now) {
  for (auto one = oldest_first_.begin(); one != oldest_first_.end();) {
    const auto next = std::next(one);
    const bool old = now - one->since >= kept_for;
    if (!old && bytes_ <= bytes_max) return;
    if (one->status != 0) forget(one);
    one = next;
  }
}

replay_cache::finding replay_cache::begin(const key& of, const digest& request, clock::time_point now) {
  const std::scoped_lock lock(mutex_);
  make_room(now);
  if (const auto known = by_key_.find(of); known != by_key_.end()) {
    const auto& one = *known->second;
    if (one.request != request) return {verdict::mismatch};
    if (one.status == 0) return {verdict::running};
    return {verdict::replay, one.status, one.body};
  }
  oldest_first_.push_back({of, request, now, 0, {}});
  by_key_.emplace(of, std::prev(oldest_first_.end()));
  bytes_ += size_of(oldest_first_.back());
  return {};
}

void replay_cache::finish(const key& of, int status, const std::string& body) {
  const std::scoped_lock lock(mutex_);
  const auto known = by_key_.find(of);
  CROUPIER_ASSERT(known != by_key_.end(), "a running call is in the cache");
  auto& one = *known->second;
  one.status = status;
  one.body = body;
  bytes_ += body.size();
}

void replay_cache::drop(const key& of) {
  const std::scoped_lock lock(mutex_);
  if (const auto known = by_key_.find(of); known != by_key_.end()) forget(known->second);
}

std::size_t replay_cache::bytes() const {
  const std::scoped_lock lock(mutex_);
  return bytes_;
}

response replayable(const std::shared_ptr<replay_cache>& cache, const request& req,
                    const std::function<response(const std::shared_ptr<answer_mark>&)>& handle) {
  const auto mark = std::make_shared<answer_mark>();
  const auto name = ascii::trimmed(req.header(header_name));
  if (name.empty()) return handle(mark);
  const auto visible = [](char c) { return c > 0x20 && c < 0x7f; };
  if (name.size() > name_length_max || !std::all_of(name.begin(), name.end(), visible))
    return about_key("must have 1-255 visible ASCII characters", name.substr(0, name_length_max));
  const replay_cache::key of{req.key == nullptr ? 0 : req.key->number, std::string(name)};
  auto found = cache->begin(of, digest_of(req), replay_cache::clock::now());
  switch (found.what) {
  case replay_cache::verdict::mismatch: return about_key("stands for another request", name);
  case replay_cache::verdict::running:
    return error_response(error_style::wynta, error_kind::conflict,
                          "A request with this X-Idempotency-Key is being processed");
  case replay_cache::verdict::replay: {
    response answer;
    answer.status = found.status;
    answer.body = std::move(found.body);
    answer.headers.emplace_back("Idempotency-Replayed", "true");
    return answer;
  }
  case replay_cache::verdict::run: break;
  }
  auto held = std::make_unique<place>(cache, of, mark);
  auto answer = handle(mark);
  if (answer.pending)
    answer.pending = std::make_shared<kept_answer>(std::move(answer.pending), std::move(held));
  else
    held->keep(answer);
  return answer;
}

} // namespace croupier::http::wynta
