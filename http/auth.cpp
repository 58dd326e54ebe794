#include "http/auth.hpp"

#include "http/ascii.hpp"
#include "http/secrets.hpp"

#include <array>
#include <cstring>
#include <openssl/crypto.h>
#include <unordered_map>

namespace croupier::http {

namespace {

using digest = std::array<std::uint8_t, 32>;

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

  std::shared_ptr<const workspace> ws;
  std::unordered_multimap<std::uint64_t, const api_key*> by_digest;
};

authenticator::authenticator() = default;
authenticator::~authenticator() = default;

auth_result authenticator::check(const std::shared_ptr<const workspace>& ws, std::string_view presented,
                                 timestamp now) {
  if (presented.empty()) return {auth_outcome::missing, nullptr};
  const auto of_presented = sha256(presented);
  const auto known = index_of(ws);
  const api_key* found = nullptr;
  const auto [begin, end] = known->by_digest.equal_range(first_bytes(of_presented));
  for (auto at = begin; at != end; ++at)
    if (CRYPTO_memcmp(at->second->secret_sha256.data(), of_presented.data(), of_presented.size()) == 0)
      found = at->second;
  if (found == nullptr || found->revoked || (found->expires_at && *found->expires_at <= now))
    return {auth_outcome::invalid, nullptr};
  return {auth_outcome::ok, found};
}

std::shared_ptr<const authenticator::index> authenticator::index_of(const std::shared_ptr<const workspace>& ws) {
  const std::scoped_lock lock(mutex_);
  if (!index_ || index_->ws != ws) index_ = std::make_shared<const index>(ws);
  return index_;
}

} // namespace croupier::http
