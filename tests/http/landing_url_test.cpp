#include "http/revvvs/landing_url.hpp"
#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace croupier;
using namespace croupier::http::revvvs;

TEST_CASE("the landing URL keeps host, query and fragment") {
  const uuid click = *uuid::parse("b1f3c5a7-9d2e-4a8b-bc11-7c2e0a9f4d6e");
  const std::string id = "click_id=b1f3c5a7-9d2e-4a8b-bc11-7c2e0a9f4d6e";
  struct row {
    std::string destination;
    std::string path;
    std::string landing;
  };
  for (const auto& [destination, path, landing] : std::vector<row>{
           {"https://casino.example", "", "https://casino.example?" + id},
           {"https://casino.example/", "", "https://casino.example/?" + id},
           {"https://casino.example/welcome", "", "https://casino.example/welcome?" + id},
           {"https://casino.example/welcome?a=b", "", "https://casino.example/welcome?a=b&" + id},
           {"https://casino.example/welcome?", "", "https://casino.example/welcome?" + id},
           {"https://casino.example/welcome?a=b&", "", "https://casino.example/welcome?a=b&" + id},
           {"https://casino.example/welcome#top", "", "https://casino.example/welcome?" + id + "#top"},
           {"https://casino.example/w?a=b#t?x#y", "slots", "https://casino.example/w/slots?a=b&" + id + "#t?x#y"},
           {"https://casino.example", "slots", "https://casino.example/slots?" + id},
           {"https://casino.example", ".evil.example", "https://casino.example/.evil.example?" + id},
           {"https://casino.example/", "/slots/a", "https://casino.example/slots/a?" + id},
           {"https://casino.example/w//", "slots/", "https://casino.example/w/slots/?" + id},
           {"https://casino.example:8443", "/a", "https://casino.example:8443/a?" + id},
           {"https://casino.example/a b\r\nX: y", "", "https://casino.example/a%20b%0D%0AX:%20y?" + id},
           {"https://casino.example/\xc3\xa9", "", "https://casino.example/%C3%A9?" + id},
       })
    CHECK(landing_url(destination, path, click) == landing);
  CHECK(landing_url("https://casino.example/w?a=b#t", "x", std::nullopt) == "https://casino.example/w/x?a=b#t");
}

TEST_CASE("only plain paths may be appended") {
  for (const auto* good : {"", "a", "/a", "a/b.html", "A-Z_0.9/", "/", "a//b", "./a"})
    CHECK(is_safe_relative_path(good));
  for (const auto* bad : {"..", "../a", "a/../b", "a..b", "//evil.example", "//", "a?b", "a#b", "a%2e", "a b", "a\\b",
                          "@evil.example", "a:b", "a\r\nX: y", "\xc3\xa9", "http://evil.example", "a&b", "a;b", "\t"})
    CHECK_FALSE(is_safe_relative_path(bad));
  CHECK(is_safe_relative_path(std::string(1024, 'a')));
  CHECK_FALSE(is_safe_relative_path(std::string(1025, 'a')));
  CHECK_FALSE(is_safe_relative_path(std::string_view("a\0b", 3)));
}
