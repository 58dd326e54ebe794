// libFuzzer's side: the environment variable CROUPIER_FUZZ_TARGET names the target.

#include "tests/fuzz/targets.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

const croupier::fuzz::target* chosen = nullptr;

} // namespace

extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  const char* name = std::getenv("CROUPIER_FUZZ_TARGET");
  chosen = croupier::fuzz::find_target(name == nullptr ? "" : name);
  if (chosen == nullptr) {
    std::fputs("CROUPIER_FUZZ_TARGET names no target\n", stderr);
    std::exit(2);
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chosen->run({reinterpret_cast<const char*>(data), size});
  return 0;
}
