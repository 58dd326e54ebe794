#include "http/auth.hpp"

#include "http/ascii.hpp"
#include "http/secrets.hpp"

#include <array>
#include <cstring>
#include <map>
#include <openssl/crypto.h>
#include <unordered_map>
#include <utility>

namespace croupier::http {

namespace {

using digest = std::array<std::uint8_t, 32>;
using shortcut = std::pair<std::uint64_t, std::uint64_t>;

constexpr std::string_view bearer = "bearer ";

/// A hash table by the first bytes: what it leaks of a digest tells nothing of the key.
std::uint64_t first_bytes(const digest& of) noexcept {
  std::uint64_t number = 0;
  std::memcpy(&number, of.data(), sizeof number);
  return number;
}

} // namespace

std::string_view presented_key(std::string_view x_api_key, std::string_view authorization) noexcept {
  if (!x_api_key.empty()) return x_api_key;
  if (!ascii::same_ignoring_case(authorization.substr(0, bearer.size()), bearer)) return {};
  auto token = authorization.substr(bearer.size());
  while (token.starts_with(' ')) token.remove_prefix(1);
  return token;
}

struct authenticator::index {
  explicit index(std::shared_ptr<const workspace> from) : ws(std::move(from)) {
    for (const auto& key : ws->api_keys()) by_digest.emplace(first_bytes(key.secret_sha256), &key);
  }

  const api_key* find(const digest& of_presented) const {
    const api_key* found = nullptr;
    const auto [begin, end] = by_digest.equal_range(first_bytes(of_presented));
    for (auto at = begin; at != end; ++at)
      if (CRYPTO_memcmp(at->second->secret_sha256.data(), of_presented.data(), of_presented.size()) == 0)
        found = at->second;
    return found;
  }

  std::shared_ptr<const workspace> ws;
  std::unordered_multimap<std::uint64_t, const api_key*> by_digest;
  std::map<shortcut, const api_key*> presented; ///< the keys that were found, as many as there are at most
};

authenticator::authenticator() : shortcut_key_{draw_hash_key()} {}
authenticator::~authenticator() = default;

auth_result authenticator::check(const std::shared_ptr<const workspace>& ws, std::string_view presented,
                                 timestamp now) {
  if (presented.empty()) return {auth_outcome::missing, nullptr};
  const shortcut known_by{keyed_hash(shortcut_key_, 0, presented), keyed_hash(shortcut_key_, 1, presented)};
  const api_key* found = nullptr;
  {
    const std::scoped_lock lock(mutex_);
    if (!index_ || index_->ws != ws) index_ = std::make_unique<index>(ws);
    const auto known = index_->presented.find(known_by);
    if (known != index_->presented.end()) found = known->second;
  }
  if (found == nullptr) {
    const auto of_presented = sha256(presented);
    const std::scoped_lock lock(mutex_);
    if (index_->ws != ws) index_ = std::make_unique<index>(ws); // another request had another one meanwhile
    found = index_->find(of_presented);
    if (found != nullptr) index_->presented.emplace(known_by, found);
  }
  if (found == nullptr || found->revoked || (found->expires_at && *found->expires_at <= now))
    return {auth_outcome::invalid, nullptr};
  return {auth_outcome::ok, found};
}

} // namespace croupier::http
