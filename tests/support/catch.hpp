#pragma once

/// Catch2, whichever version the system has: v2 is one header, v3 is many and a library. Tests include this and nothing
/// of Catch2 itself.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
