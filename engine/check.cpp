#include "engine/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace croupier::detail {

void invariant_failed(const char* condition, const char* file, int line, const char* why) noexcept {
  std::fprintf(stderr, "croupier: broken invariant: %s (%s) at %s:%d\n", why, condition, file, line);
  std::fflush(stderr);
  std::abort();
}

} // namespace croupier::detail
