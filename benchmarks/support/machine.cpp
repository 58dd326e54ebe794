#include "benchmarks/support/machine.hpp"

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstddef>
#include <fstream>

// jemalloc's, when it is linked: it gives memory back in its own time otherwise.
extern "C" int mallctl(const char* name, void* old, std::size_t* old_size, void* value, std::size_t size)
    __attribute__((weak));

namespace croupier::bench {

void give_back_free_memory() {
  constexpr const char* purge_all_arenas = "arena.4096.purge"; // MALLCTL_ARENAS_ALL
  ::malloc_trim(0);
  if (mallctl != nullptr) mallctl(purge_all_arenas, nullptr, nullptr, nullptr, 0);
}

bool forget_pages() {
  ::sync();
  std::ofstream switch_file("/proc/sys/vm/drop_caches");
  switch_file << "3" << std::flush;
  return switch_file.good();
}

double own_processor_time_us() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto us = [](const timeval& time) {
    return 1e6 * static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec);
  };
  return us(used.ru_utime) + us(used.ru_stime);
}

} // namespace croupier::bench
