#include "http/admission.hpp"
#include "http/auth.hpp"
#include "http/errors.hpp"
#include "http/metrics.hpp"
#include "http/prometheus.hpp"
#include "http/rate_limit.hpp"
#include "http/router.hpp"
#include "http/server/served.hpp"
#include "http/url.hpp"
#include "support/catch.hpp"

#include <set>
#include <string>
#include <vector>

using namespace croupier;
using namespace croupier::http;
using namespace std::chrono_literals;

namespace {

route one_route(std::string_view method, std::string_view pattern, error_style errors = error_style::plain) {
  route made;
  made.method = method;
  made.pattern = pattern;
  made.errors = errors;
  return made;
}

} // namespace

TEST_CASE("queries are decoded once, to the byte") {
  CHECK(query_parameter("a=1&b=2", "b") == "2");
  CHECK(query_parameter("a=1&a=2", "a") == "1");
  CHECK(query_parameter("cursor=YWJj==&x=", "cursor") == "YWJj==");
  CHECK(query_parameter("a=x+y%2B%26%3D%00z", "a") == std::string("x y+&=\0z", 8));
  CHECK(query_parameter("a%62=1", "ab") == "1");
  CHECK(query_parameter("a", "a") == "");
  CHECK(query_parameter("a=", "a") == "");
  CHECK(query_parameter("&&=x&a=1&", "a") == "1");
  CHECK(query_parameter("&&=x&a=1&", "b") == std::nullopt);
  CHECK(query_parameter("", "a") == std::nullopt);
  CHECK(query_parameter("a=%252e", "a") == "%2e");
  CHECK(percent_decoded("a+b%20%C3%a9") == "a+b \xc3\xa9");
  CHECK(escapes_are_whole("%41%4a%4A"));
  CHECK_FALSE(escapes_are_whole("%41%"));
  CHECK_FALSE(escapes_are_whole("%4"));
  CHECK_FALSE(escapes_are_whole("%%41"));
  CHECK_FALSE(escapes_are_whole("%u0041"));
}

TEST_CASE("routes are found by whole segments") {
  const router routes({one_route("GET", "/a"), one_route("POST", "/a", error_style::wynta),
                       one_route("GET", "/a/{id}", error_style::trackdesk),
                       one_route("GET", "/a/fixed", error_style::revvvs), one_route("PUT", "/{any}/b"),
                       one_route("DELETE", "/a/{id}", error_style::trackdesk), one_route("GET", "/{x}/{y}/{z}"),
                       one_route("GET", "/a/{y}/c"), one_route("GET", "/")});
  const auto index = [&](std::string_view method, std::string_view path) {
    const auto found = routes.find(method, path).route_index;
    return found ? static_cast<int>(*found) : -1;
  };
  CHECK(index("GET", "/a") == 0);
  CHECK(index("HEAD", "/a") == 0);
  CHECK(index("POST", "/a") == 1);
  CHECK(index("GET", "/a/7") == 2);
  CHECK(index("GET", "/a/fixed") == 3);
  CHECK(index("GET", "/a/fix%65d") == 3);
  CHECK(index("GET", "/%61") == 0);
  CHECK(index("GET", "/a/b/c") == 7);
  CHECK(index("GET", "/b/b/c") == 6);
  CHECK(index("GET", "/") == 8);
  for (const auto* const path : {"/A", "/a/", "//", "/a//c", "/b", "/a/b/c/d", "/a%2Fb", "/a/./7/c", "*"}) {
    INFO(path);
    CHECK(index("GET", path) == -1);
  }
  CHECK(index("get", "/a") == -1);
  CHECK(index("HEAD", "/x/b") == -1);
  CHECK(index("DELETE", "/a/fixed") == -1); // the literal path has its own methods

  CHECK(routes.find("PATCH", "/a").allow == "GET, HEAD, POST, OPTIONS");
  CHECK(routes.find("PATCH", "/a/7").allow == "GET, HEAD, DELETE, OPTIONS");
  CHECK(routes.find("PATCH", "/nothing").allow.empty());
  CHECK(routes.all_methods() == "GET, POST, PUT, DELETE, HEAD, OPTIONS");

  const auto escaped = routes.find("GET", "/a/x%2Fy%20%C3%A9");
  REQUIRE(escaped.parameters.size() == 1);
  CHECK(escaped.parameters[0].first == "id");
  CHECK(escaped.parameters[0].second == "x/y \xc3\xa9");
  CHECK(escaped.style == error_style::trackdesk);

  // Nobody's path is refused in the words of its nearest neighbour.
  CHECK(routes.find("GET", "/a/fixed/more/still").style == error_style::revvvs);
  CHECK(routes.find("GET", "/zzz").style == error_style::plain);
}

TEST_CASE("the key of a request") {
  CHECK(presented_key("k", "") == "k");
  CHECK(presented_key("k", "Bearer other") == "k");
  CHECK(presented_key("", "Bearer k") == "k");
  CHECK(presented_key("", "bEaReR   k") == "k");
  CHECK(presented_key("", "Bearer ").empty());
  CHECK(presented_key("", "Bearer").empty());
  CHECK(presented_key("", "Basic a2V5").empty());
  CHECK(presented_key("", "Bearerk").empty());
  CHECK(presented_key("", "").empty());
}

TEST_CASE("keys are known by their hash, in the workspace of the moment") {
  authenticator keys;
  const auto before = std::make_shared<const workspace>(test::workspace_with_keys());
  const auto now = *timestamp::parse("2026-01-01T00:00:00Z");
  CHECK(keys.check(before, "", now).outcome == auth_outcome::missing);
  CHECK(keys.check(before, "rv_nobody", now).outcome == auth_outcome::invalid);
  CHECK(keys.check(before, test::expired, now).outcome == auth_outcome::invalid);
  CHECK(keys.check(before, test::expired, *timestamp::parse("2019-12-31T23:59:59.999999Z")).outcome ==
        auth_outcome::ok);
  CHECK(keys.check(before, test::expired, *timestamp::parse("2020-01-01T00:00:00Z")).outcome == auth_outcome::invalid);
  CHECK(keys.check(before, test::revoked, now).outcome == auth_outcome::invalid);
  const auto known = keys.check(before, test::writer, now);
  REQUIRE(known.outcome == auth_outcome::ok);
  CHECK(known.key == &before->api_keys()[0]);

  auto changed = *before;
  auto withdrawn = changed.api_keys()[0];
  withdrawn.revoked = true;
  changed.put(withdrawn);
  const auto after = std::make_shared<const workspace>(std::move(changed));
  CHECK(keys.check(after, test::writer, now).outcome == auth_outcome::invalid);
  CHECK(keys.check(after, test::reader, now).key == &after->api_keys()[1]);
  CHECK(keys.check(before, test::writer, now).outcome == auth_outcome::ok);
}

TEST_CASE("a minute's requests may come at once, then they come back evenly") {
  rate_limiter limit(60);
  const rate_limiter::time_point start{};
  for (std::uint32_t i = 0; i < 60; ++i) {
    const auto verdict = limit.take(1, start);
    CHECK(verdict.allowed);
    CHECK(verdict.limit == 60);
    CHECK(verdict.remaining == 59 - i);
  }
  CHECK_FALSE(limit.take(1, start).allowed);
  CHECK(limit.take(1, start).retry_after_s == 1);
  CHECK(limit.take(2, start).allowed); // another key
  CHECK_FALSE(limit.take(1, start + 999ms).allowed);
  CHECK(limit.take(1, start + 1s).allowed);
  CHECK_FALSE(limit.take(1, start + 1s).allowed);
  CHECK_FALSE(limit.take(1, start).allowed); // a clock that was read earlier gives nothing back
  CHECK(limit.look(1, start + 11s).remaining == 10);
  CHECK(limit.look(1, start + 11s).remaining == 10);
  CHECK(limit.take(1, start + 24h).remaining == 59);
}

TEST_CASE("limits that do not divide a minute are kept to the request") {
  for (const std::uint32_t per_minute : {1U, 7U, 59U, 61U, 1'000U, 999'999'937U}) {
    rate_limiter limit(per_minute);
    const rate_limiter::time_point start{};
    CHECK(limit.take(1, start).remaining == per_minute - 1);
    if (per_minute > 1'000) continue;
    for (std::uint32_t i = 1; i < per_minute; ++i) CHECK(limit.take(1, start).allowed);
    const auto refused = limit.take(1, start);
    CHECK_FALSE(refused.allowed);
    CHECK(limit.take(1, start + std::chrono::seconds(refused.retry_after_s)).allowed);
  }
}

TEST_CASE("every style has its words for every kind") {
  const auto text = [](error_style style, error_kind kind, std::string_view message = {}) {
    const auto answer = error_response(style, kind, message);
    CHECK(answer.status == status_of(kind));
    CHECK(answer.content_type == "application/json");
    return std::to_string(answer.status) + " " + answer.body;
  };
  using k = error_kind;
  const auto trackdesk = error_style::trackdesk;
  CHECK(text(trackdesk, k::credentials_missing) == R"(401 {"code":16,"message":"unauthenticated","details":[]})");
  CHECK(text(trackdesk, k::credentials_invalid) == R"(401 {"code":16,"message":"unauthenticated","details":[]})");
  CHECK(text(trackdesk, k::forbidden) == R"(403 {"code":7,"message":"permission denied","details":[]})");
  CHECK(text(trackdesk, k::rate_limited) == R"(429 {"code":8,"message":"rate limit exceeded","details":[]})");
  CHECK(text(trackdesk, k::not_found) == R"(404 {"code":5,"message":"not found","details":[]})");
  CHECK(text(trackdesk, k::malformed, "a \"b\"\n") == R"(400 {"code":3,"message":"a \"b\"\n","details":[]})");
  const auto wynta = error_style::wynta;
  CHECK(text(wynta, k::credentials_missing) ==
        R"(401 {"code":"invalid_token","message":"Missing or malformed Authorization header"})");
  CHECK(text(wynta, k::credentials_invalid) == R"(401 {"code":"invalid_token","message":"Invalid or expired token"})");
  CHECK(text(wynta, k::forbidden) == R"(403 {"code":"forbidden","message":"Token scope insufficient"})");
  const auto revvvs = error_style::revvvs;
  CHECK(text(revvvs, k::credentials_missing) ==
        R"(401 {"error":{"code":"INVALID_API_KEY","message":"Invalid or missing API key","details":[]}})");
  CHECK(text(revvvs, k::rate_limited) ==
        R"(429 {"error":{"code":"RATE_LIMITED","message":"Rate limit exceeded","details":[]}})");
  CHECK(text(error_style::plain, k::not_found) == R"(404 {"error":{"code":"not_found","message":"not found"}})");

  for (const auto style : {trackdesk, revvvs, wynta, error_style::plain}) {
    std::set<int> statuses;
    for (auto kind = 0; kind <= static_cast<int>(k::deadline_passed); ++kind) {
      const auto answer = error_response(style, static_cast<k>(kind));
      CHECK(answer.body.find(R"("message":"")") == std::string::npos);
      statuses.insert(answer.status);
      const bool retry = !answer.headers.empty() && answer.headers[0].first == "Retry-After";
      CHECK(retry == (answer.status == 503));
    }
    CHECK(statuses.size() == 17);
  }
}

TEST_CASE("request ids that could harm a log are replaced") {
  CHECK(request_id_from("a.B_3-") == "a.B_3-");
  CHECK(request_id_from(std::string(128, 'x')) == std::string(128, 'x'));
  std::set<std::string> made;
  for (const std::string_view bad : {"", " ", "a b", "a\"b", "a=b", "\xc3\xa9", "a\r\nb"})
    made.insert(request_id_from(bad));
  made.insert(request_id_from(std::string(129, 'x')));
  CHECK(made.size() == 8);
  for (const auto& id : made) CHECK(id.size() == 16);
}

TEST_CASE("metrics are written as Prometheus reads them") {
  std::string out;
  prometheus_writer to(out);
  to.counter("a_total", "Things.").sample(3).sample(4, {{"kind", "x\"\\\ny"}});
  const std::vector<std::uint32_t> bounds{50, 1'000'000};
  const std::vector<std::uint64_t> counts{1, 2, 3};
  to.histogram("b_seconds", "Time.").buckets(bounds, counts, 2'500'001, {{"k", "v"}});
  CHECK(out ==
        "# HELP a_total Things.\n# TYPE a_total counter\na_total 3\na_total{kind=\"x\\\"\\\\\\ny\"} 4\n"
        "# HELP b_seconds Time.\n# TYPE b_seconds histogram\n"
        "b_seconds_bucket{k=\"v\",le=\"0.00005\"} 1\nb_seconds_bucket{k=\"v\",le=\"1\"} 3\n"
        "b_seconds_bucket{k=\"v\",le=\"+Inf\"} 6\nb_seconds_sum{k=\"v\"} 2.500001\nb_seconds_count{k=\"v\"} 6\n");
}

TEST_CASE("requests are counted by route and status, and their time in buckets") {
  metrics counters;
  counters.expect_routes({one_route("GET", "/a"), one_route("POST", "/b/{id}")});
  counters.record(1, 200, 100us);
  counters.record(1, 200, 101us);
  counters.record(2, 404, 6s);
  counters.record(metrics::unmatched, 418, 0us);
  CHECK(counters.answered(1, 200) == 2);
  CHECK(counters.answered(2, 404) == 1);
  CHECK(counters.answered(metrics::unmatched, 418) == 1);
  CHECK(counters.figures().requests == 4);
  std::string out;
  counters.write_prometheus(out);
  const auto has = [&](std::string_view line) { return out.find(std::string(line) + "\n") != std::string::npos; };
  CHECK(has(R"(croupier_http_requests_total{method="GET",route="/a",status="200"} 2)"));
  CHECK(has(R"(croupier_http_requests_total{method="POST",route="/b/{id}",status="404"} 1)"));
  CHECK(has(R"(croupier_http_requests_total{method="-",route="-",status="other"} 1)"));
  CHECK(has(R"(croupier_http_request_duration_seconds_bucket{method="GET",route="/a",le="0.0001"} 1)"));
  CHECK(has(R"(croupier_http_request_duration_seconds_bucket{method="GET",route="/a",le="0.00025"} 2)"));
  CHECK(has(R"(croupier_http_request_duration_seconds_bucket{method="POST",route="/b/{id}",le="5"} 0)"));
  CHECK(has(R"(croupier_http_request_duration_seconds_bucket{method="POST",route="/b/{id}",le="+Inf"} 1)"));
  CHECK(has(R"(croupier_http_request_duration_seconds_sum{method="GET",route="/a"} 0.000201)"));
}
