#include "cli/text_table.hpp"

#include "support/catch.hpp"

#include <sstream>

using namespace croupier::cli;

TEST_CASE("columns are as wide as their widest cell, counted in characters") {
  using enum text_table::side;
  text_table table({left, right, left}, {"NAME", "N", "LAST"});
  table.add({"é", "1", "x"});
  table.add({"longer", "12345", ""});
  std::ostringstream out;
  table.print(out);
  CHECK(out.str() == "NAME        N  LAST\n"
                     "é           1  x\n"
                     "longer  12345\n");
}

TEST_CASE("thousands") {
  CHECK(with_thousands(0) == "0");
  CHECK(with_thousands(999) == "999");
  CHECK(with_thousands(1000) == "1,000");
  CHECK(with_thousands(1234567) == "1,234,567");
  CHECK(with_thousands(18446744073709551615U) == "18,446,744,073,709,551,615");
}
