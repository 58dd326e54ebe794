# Every library comes from the distribution; nothing is fetched and nothing is vendored.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(RocksDB REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(spdlog REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(CLI11 REQUIRED)

# cpp-httplib is a compiled library here: its pkg-config file carries the macros that it was compiled with, and a
# header that sees other macros has other class layouts.
pkg_check_modules(httplib REQUIRED IMPORTED_TARGET cpp-httplib)

# The distributions ship CAF without a CMake package. Its API changed wholly in 0.18, so the version is checked.
find_path(CAF_INCLUDE_DIR caf/actor.hpp REQUIRED)
find_library(CAF_CORE_LIBRARY caf_core REQUIRED)
file(STRINGS ${CAF_INCLUDE_DIR}/caf/config.hpp caf_version_line REGEX "#define CAF_VERSION [0-9]+")
if(NOT caf_version_line MATCHES "CAF_VERSION 1706$")
  message(FATAL_ERROR "CAF 0.17.6 is needed, found: ${caf_version_line}")
endif()
add_library(caf_core INTERFACE)
target_link_libraries(caf_core INTERFACE ${CAF_CORE_LIBRARY} Threads::Threads)

# Catch2 v2 and v3 differ in header and library; tests include "support/catch.hpp", which hides it.
find_package(Catch2 QUIET)

# The server allocates a few kilobytes for each request and frees them on another thread; glibc's allocator spends twice
# the time on that. Optional: without it everything works, more slowly.
find_library(JEMALLOC_LIBRARY jemalloc)

# Optional: without it destinations of the kind "nats" say that the build has none.
find_path(NATS_INCLUDE_DIR nats/nats.h)
find_library(NATS_LIBRARY nats)
