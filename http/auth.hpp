#pragma once

#include "engine/keyed_hash.hpp"
#include "engine/timestamp.hpp"
#include "engine/workspace.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>

namespace croupier::http {

enum class auth_outcome : std::uint8_t {
  ok,
  missing, ///< no `X-Api-Key`, and no `Authorization: Bearer` with something behind it
  invalid  ///< unknown, expired or revoked
};

struct auth_result {
  auth_outcome outcome = auth_outcome::missing;
  const api_key* key = nullptr; ///< of the workspace that was asked; only when ok
};

/// The key that a request presents: `X-Api-Key`, else the token of `Authorization: Bearer` (the scheme in any case).
/// Empty when it presents none.
std::string_view presented_key(std::string_view x_api_key, std::string_view authorization) noexcept;

/// Knows keys by their SHA-256. All members from any thread.
///
/// Operation: a key that was found valid is known again by a keyed hash of 128 bits, which costs a tenth of a SHA-256.
///   The hash's own key is drawn anew by every process and told to nobody, so nobody can aim at it.
class authenticator {
public:
  authenticator();
  ~authenticator();

  /// Looks the presented key up among the workspace's; the index is rebuilt when the workspace is another one than at
  /// the last call. Time does not depend on how much of a key is right.
  auth_result check(const std::shared_ptr<const workspace>& ws, std::string_view presented, timestamp now);

private:
  struct index;

  const folder_key shortcut_key_; ///< of the keyed hash, and of nothing else
  std::mutex mutex_;
  std::unique_ptr<index> index_; ///< under mutex_; holds its workspace, so that its address stays its own
};

} // namespace croupier::http
