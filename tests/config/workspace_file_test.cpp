#include "config/workspace_file.hpp"

#include "support/catch.hpp"

#include <openssl/sha.h>

#include <map>

using namespace croupier;
using namespace croupier::config;

namespace {

std::array<std::uint8_t, 32> sha256(std::string_view text) {
  std::array<std::uint8_t, 32> hash{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash.data());
  return hash;
}

workspace_sources sources(std::map<std::string, std::string> environment = {}) {
  return {[environment = std::move(environment)](const std::string& name) -> std::optional<std::string> {
            const auto found = environment.find(name);
            return found == environment.end() ? std::nullopt : std::optional(found->second);
          },
          sha256};
}

const timestamp now = *timestamp::parse("2026-11-01T00:00:00Z");

workspace put_all(const workspace_plan& plan, workspace into = {}) {
  for (const auto& object : plan.objects) {
    REQUIRE(problem_with(into, object, {}) == std::nullopt);
    put(into, object);
  }
  return into;
}

std::vector<std::string> problems_of(std::string_view toml, const workspace_sources& from = sources()) {
  std::vector<std::string> lines;
  const auto read = parse_workspace(toml, "w.toml", {}, from, now);
  if (!read)
    for (const problem& one : read.error()) lines.push_back(one.text());
  return lines;
}

constexpr std::string_view small_file = R"(
[[brands]]
name = "Casino"
currency = "EUR"

[[metrics]]
code = "ngr"
name = "NGR"
type = "decimal"
monetary = true

[[affiliates]]
name = "Ada"

[[offers]]
name = "Share"
revshare = { metric = "ngr", rate_percent = "12.5" }

[[links]]
name = "Banner"
offer = "Share"
affiliate = "Ada"
destination = "https://casino.example/"
)";

} // namespace

TEST_CASE("the demo workspace has the ids that integrations of the seeds' examples use") {
  const auto plan = load_workspace_file(SOURCE_DIR "/config/demo-workspace.toml", {}, sources(), now);
  INFO((plan ? std::string() : plan.error().front().text()));
  REQUIRE(plan);
  const workspace ws = put_all(*plan);
  const brand* casino = ws.find_brand(*uuid::parse("0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11"));
  REQUIRE(casino != nullptr);
  CHECK(casino->currency == "EUR");
  CHECK(casino->is_default);
  CHECK(ws.find_brand_by_alias("brand_01") == casino);
  for (const char* code : {"deposits-total", "ngr", "wagered", "won", "bonuses", "withdrawals"}) {
    CAPTURE(code);
    REQUIRE(ws.find_metric(code) != nullptr);
    CHECK(ws.find_metric(code)->type == metric_type::decimal);
  }
  for (const char* code : {"bets", "deposits-count"}) {
    CAPTURE(code);
    REQUIRE(ws.find_metric(code) != nullptr);
    CHECK(ws.find_metric(code)->type == metric_type::integer);
  }
  CHECK(ws.find_metric("bets")->id.text() == "7e2c1a4b-9f3d-4b2e-8a11-b6c2e0a9f4d6");
  CHECK(ws.find_metric("bets")->name == "Total bets");
  CHECK(ws.find_metric("deposits-total")->id.text() == "1a7c5e2f-3b4d-49a8-bcd1-72e0a9f4d6c8");
  CHECK(ws.find_metric("deposits-total")->name == "Lifetime deposits");
  const std::map<std::string, std::pair<std::string, std::string>> terms{
      {"5d1f0c2a-0001-4000-8000-000000000001", {"deposits-total", "5.00"}},
      {"5d1f0c2a-0001-4000-8000-000000000002", {"ngr", "25.00"}}};
  for (const auto& [id, expected] : terms) {
    const tracking_link* link = ws.find_link(*uuid::parse(id));
    REQUIRE(link != nullptr);
    const auto& revshare = ws.find(link->offer)->revshare;
    REQUIRE(revshare);
    CHECK(ws.find(revshare->metric)->code == expected.first);
    CHECK(revshare->rate.text() == expected.second);
  }
  REQUIRE(ws.api_keys().size() == 1);
  CHECK(ws.api_keys()[0].name == "tour (public)");
  CHECK(is_public(ws.api_keys()[0]));
  CHECK_FALSE(ws.api_keys()[0].may(scope::admin));
}

TEST_CASE("ids that a file leaves out are the same everywhere") {
  const auto once = parse_workspace(small_file, "w.toml", {}, sources(), now);
  const auto again = parse_workspace(small_file, "elsewhere.toml", {}, sources(), now);
  REQUIRE(once);
  REQUIRE(again);
  CHECK(once->objects == again->objects);
  const workspace ws = put_all(*once);
  // Frozen: a file that was loaded by an earlier build must name the same objects in a later one.
  CHECK(ws.brands()[0].id.text() == "4da95faf-b6c3-829b-a2a3-100614c852cc");
  CHECK(ws.offers()[0].revshare->rate == *percentage::parse("12.5"));
}

TEST_CASE("objects are numbered behind those that exist, and may refer to them") {
  const auto first = parse_workspace(small_file, "w.toml", {}, sources(), now);
  REQUIRE(first);
  const workspace base = put_all(*first);
  const auto more = parse_workspace("[[brands]]\nname = \"Second\"\ncurrency = \"USD\"\n"
                                    "[[links]]\nname = \"Other\"\noffer = \"Share\"\naffiliate = \"Ada\"\n"
                                    "destination = \"https://other.example\"\n",
                                    "w.toml", base, sources(), now);
  REQUIRE(more);
  const workspace ws = put_all(*more, base);
  CHECK(ws.brands().size() == 2);
  CHECK(ws.links()[1].offer == ws.offers()[0].number);
}

TEST_CASE("a key comes as a hash or from the environment") {
  const std::string secret = "rv_0123456789abcdef0123456789";
  const auto plan = parse_workspace("[[brands]]\nname = \"B\"\ncurrency = \"EUR\"\n"
                                    "[[keys]]\nname = \"one\"\nscopes = [\"read\", \"billing\"]\nbrands = [\"B\"]\n"
                                    "secret_env = \"ONE\"\nexpires_at = \"2030-01-01T00:00:00Z\"\n"
                                    "[[keys]]\nname = \"two\"\nscopes = [\"movements:write\"]\nsecret_sha256 = "
                                    "\"0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef\"\n",
                                    "w.toml", {}, sources({{"ONE", secret}}), now);
  REQUIRE(plan);
  const workspace ws = put_all(*plan);
  CHECK(ws.api_keys()[0].secret_sha256 == sha256(secret));
  CHECK(ws.api_keys()[0].scopes == (static_cast<int>(scope::read) | static_cast<int>(scope::billing)));
  CHECK(ws.api_keys()[0].brands == std::vector<brand_number>{{1}});
  CHECK(ws.api_keys()[0].expires_at == timestamp::parse("2030-01-01T00:00:00Z"));
  CHECK(ws.api_keys()[1].secret_sha256[0] == 0x01);
  CHECK(ws.api_keys()[1].secret_sha256[15] == 0xef);
  CHECK(ws.api_keys()[1].brands.empty());
  CHECK_FALSE(is_public(ws.api_keys()[0]));
}

TEST_CASE("everything that is wrong with a workspace file is reported at once, with its line") {
  constexpr std::string_view file = R"(colour = "red"
[[brands]]
name = "A"
currency = "euro"
[[brands]]
id = "nonsense"
currency = "EUR"
extra = 1
[[metrics]]
code = "Not Kebab"
name = "x"
type = "decimal"
[[metrics]]
code = "count"
name = "Count"
type = "float"
[[metrics]]
code = "bets"
name = "Bets"
type = "integer"
[[affiliates]]
name = 5
[[offers]]
name = "float rate"
revshare = { metric = "bets", rate_percent = 2.5 }
[[offers]]
name = "on an integer"
revshare = { metric = "bets", rate_percent = "25" }
[[offers]]
name = "on a refused metric"
revshare = { metric = "count", rate_percent = "25" }
[[offers]]
name = "on nothing"
revshare = { metric = "nothing", rate_percent = "1.23456" }
[[links]]
name = "to refused things"
offer = "on an integer"
affiliate = "nobody"
destination = "https://a.example"
[[links]]
name = "nowhere"
offer = "nope"
[[keys]]
name = "open"
scopes = ["read"]
secret = "rv_0123456789abcdef0123456789"
[[keys]]
name = "two secrets"
scopes = ["read", "write"]
secret_env = "UNSET"
secret_sha256 = "00"
[[keys]]
name = "unset"
secret_env = "UNSET"
expires_at = "tomorrow"
brands = ["A", "Z"]
)";
  CHECK(problems_of(file) ==
        std::vector<std::string>{
            "w.toml:4: brand 'A': currency: must be a code of three capital letters",
            "w.toml:6: brand: id: 'nonsense' is not a UUID",
            "w.toml:5: brand: name: is required",
            "w.toml:8: brand: extra: unknown field",
            "w.toml:10: metric 'Not Kebab': code: must be 1 to 100 lower-case letters and digits, "
            "in groups joined by single hyphens",
            "w.toml:16: metric 'count': type: must be \"integer\" or \"decimal\"",
            "w.toml:22: affiliate: name: must be a text in quotes",
            "w.toml:25: offer 'float rate': revshare.rate_percent: must be a text such as "
            "\"12.5\", with at most 4 digits after the point",
            "w.toml:28: offer 'on an integer': revshare.metric: must be a decimal metric",
            "w.toml:34: offer 'on nothing': revshare.metric: there is no metric 'nothing'",
            "w.toml:34: offer 'on nothing': revshare.rate_percent: must be a text such as "
            "\"12.5\", with at most 4 digits after the point",
            "w.toml:38: link 'to refused things': affiliate: there is no affiliate 'nobody'",
            "w.toml:42: link 'nowhere': offer: there is no offer 'nope'",
            "w.toml:40: link 'nowhere': affiliate: is required",
            "w.toml:40: link 'nowhere': destination: is required",
            "w.toml:46: key 'open': secret: a key stands in the open in demo files only; use "
            "secret_sha256 or secret_env",
            "w.toml:51: key 'two secrets': secret_sha256: give one of secret_sha256 and secret_env",
            "w.toml:49: key 'two secrets': scopes: there is no scope 'write'",
            "w.toml:54: key 'unset': secret_env: the environment variable UNSET is not set",
            "w.toml:52: key 'unset': scopes: is required",
            "w.toml:56: key 'unset': brands[1]: there is no brand 'Z'",
            "w.toml:55: key 'unset': expires_at: 'tomorrow' is not a time such as "
            "2030-01-01T00:00:00Z",
            "w.toml:1: colour: unknown field",
        });
}

TEST_CASE("rules between objects of a file are the engine's") {
  CHECK(problems_of("[[brands]]\nname = \"A\"\ncurrency = \"EUR\"\ndefault = true\n"
                    "[[brands]]\nname = \"B\"\ncurrency = \"EUR\"\ndefault = true\n") ==
        std::vector<std::string>{"w.toml:8: brand 'B': default: brand 'A' is the default already"});
  CHECK(problems_of("[[metrics]]\ncode = \"a\"\nname = \"A\"\ntype = \"integer\"\nmonetary = true\n") ==
        std::vector<std::string>{"w.toml:5: metric 'a': monetary: an integer metric is never monetary"});
  CHECK(problems_of("[[brands]]\nname = \"A\"\ncurrency = \"EUR\"\n[[brands]]\nname = \"A\"\ncurrency = \"EUR\"\n") ==
        std::vector<std::string>{"w.toml:4: brand 'A': id: is in use"});
}

TEST_CASE("a short key is refused") {
  CHECK(problems_of("[[keys]]\nname = \"k\"\nscopes = [\"read\"]\nsecret_env = \"K\"\n", sources({{"K", "short"}})) ==
        std::vector<std::string>{"w.toml:4: key 'k': secret_env: the key must have at least 20 characters"});
}

TEST_CASE("tables of the wrong shape are problems, not crashes") {
  CHECK(problems_of("brands = 5\n") ==
        std::vector<std::string>{"w.toml:1: brands: must be a list of tables: [[brands]]"});
  CHECK(problems_of("[brands]\nname = \"x\"\n") ==
        std::vector<std::string>{"w.toml:1: brands: must be a list of tables: [[brands]]"});
  CHECK(problems_of("[[offers]]\nname = \"o\"\nrevshare = \"25\"\n") ==
        std::vector<std::string>{"w.toml:3: offer 'o': revshare: must be a table"});
  CHECK(problems_of("[[brands\n").front().starts_with("w.toml:1: "));
}
