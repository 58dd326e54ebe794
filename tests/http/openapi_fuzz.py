#!/usr/bin/env python3
"""Sends what /openapi.json allows, nearly allows and does not allow to every operation of a running server.

    openapi_fuzz.py CROUPIER [--requests N] [--seconds S] [--seed S]

No answer may be a 5xx (503 of overload aside), late, undocumented, or not of the documented schema. A key that is
limited to one brand must see nothing of another one and change nothing in it. At the end every balance must be the sum
of its movements, every account the sum of its statement, and both be the same after a restart.
"""

import argparse
import collections
import copy
import decimal
import gzip
import http.client
import json
import pathlib
import random
import re
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))
import croupier_process  # noqa: E402
from croupier_process import DEMO_BRAND, DEMO_WORKSPACE, NGR_LINK, serving, temporary_folder  # noqa: E402
from schema import HOSTILE, Schemas, nearly  # noqa: E402

decimal.getcontext().prec = 80
ANSWER_WITHIN_S = 30
OTHER_BRAND = "0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c12"
DEPOSITS_LINK = "5d1f0c2a-0001-4000-8000-000000000001"
OTHER_LINK = "5d1f0c2a-0001-4000-8000-000000000077"
LIMITED_KEY = "rv_key_of_one_brand_only_for_this_test"
READER_KEY = "rv_key_that_may_only_read_for_this_test"
SECRET = "SECRET-OF-THE-OTHER-BRAND"
WORKSPACE = f"""
[[brands]]
id = "{OTHER_BRAND}"
name = "{SECRET}-name"
currency = "USD"

[[links]]
id = "{OTHER_LINK}"
name = "A link that brings players to any brand"
offer = "5 % of deposits"
affiliate = "Demo Affiliate"
destination = "https://other.example/"

[[keys]]
name = "limited"
secret = "{LIMITED_KEY}"
brands = ["{DEMO_BRAND}"]
scopes = ["movements:write", "events:write", "read", "billing"]

[[keys]]
name = "reader"
secret = "{READER_KEY}"
brands = ["{DEMO_BRAND}"]
scopes = ["read"]

[[plans]]
name = "CPA"
offer = "5 % of deposits"
revshare = {{ metric = "deposits-total", tiers = [{{ up_to = "1000", rate_percent = "5" }}, {{ rate_percent = "6" }}] }}
cpa = {{ fee = "20", deposits = {{ metric = "deposits-total", at_least = "50" }}, reversal_days = 30, approval = "by_hand" }}
"""
# What the server itself may say to any request, before an operation is found or its body read.
ALWAYS_POSSIBLE = {400, 404, 405, 408, 411, 413, 414, 415, 417, 429, 431, 503}
METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]
LIST = "/api/node/clients/v1/metrics/movements/list"
ALWAYS = {"from": "2000-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"}


class Operation:
    def __init__(self, schemas, method, path, description):
        self.method, self.path = method.upper(), path
        self.parameters = [schemas.resolve(each) for each in description.get("parameters", [])]
        self.contents = schemas.resolve(description.get("requestBody", {})).get("content", {})
        self.responses = {code: schemas.resolve(each) for code, each in description["responses"].items()}
        self.admin = "admin" in str(description.get("x-scope", "")) or "/admin" in path
        self.kind = path.split("/")[3] if path.startswith("/admin/v1/") else ""  # of the objects that it is about
        self.unlimited = self.admin or "/billing/" in path  # a key of one brand only is refused


class Fuzzer:
    def __init__(self, server, rng, admin_key):
        self.server, self.rng, self.admin_key = server, rng, admin_key
        self.document = server.ok("GET", "/openapi.json", key=None)
        self.schemas = Schemas(self.document)
        self.operations = [Operation(self.schemas, method, path, description)
                           for path, methods in self.document["paths"].items()
                           for method, description in methods.items() if method.upper() in METHODS]
        self.statuses = collections.Counter()
        self.reached = collections.Counter()
        self.pools = {"uuid": []}
        self.sent = 0
        self.slowest_s, self.slowest = 0.0, ""
        self.connection = None

    # -- a world to fuzz in

    def prepare(self):
        clicks = [self.click(link) for link in (NGR_LINK, OTHER_LINK, DEPOSITS_LINK)]
        for number in range(20):
            self.server.ok("POST", "/tracking/client/v1", {"externalId": f"player-{number}", "cid": clicks[number % 2 * 2],
                                                           "revenueOriginId": DEMO_BRAND})
            self.server.ok("POST", "/tracking/clients/v1/metrics/movements", {
                "externalClientId": f"player-{number}", "revenueOriginId": DEMO_BRAND, "metrics": [
                    {"code": code, "valueType": "CLIENT_METRIC_VALUE_TYPE_RELATIVE", "value": "1000.01"}
                    for code in ("deposits-total", "ngr")]})
        self.server.ok("POST", "/tracking/client/v1", {"externalId": f"{SECRET}-player", "cid": clicks[1],
                                                       "revenueOriginId": OTHER_BRAND})
        self.server.ok("POST", "/tracking/clients/v1/metrics/movements",
                       {"externalClientId": f"{SECRET}-player", "revenueOriginId": OTHER_BRAND,
                        "requestId": f"{SECRET}-request", "metrics": [
                            {"code": "ngr", "valueType": "CLIENT_METRIC_VALUE_TYPE_RELATIVE", "value": "77.77"}]})
        others = self.rows_of(OTHER_BRAND)
        self.other_before = others
        players = [f"player-{number}" for number in range(20)] + ["nobody"]
        requests = [f"request-{number}" for number in range(300)]
        self.pools = {
            "uuid": [DEMO_BRAND, OTHER_BRAND, NGR_LINK, *clicks, others[0]["id"], others[0]["client"]["id"]],
            "revenueOriginId": [DEMO_BRAND] * 6 + [OTHER_BRAND], "cid": [clicks[0]] * 4 + [clicks[1]],
            "click_id": clicks, "linkId": [NGR_LINK, OTHER_LINK], "code": ["ngr", "bets", "deposits-total", "wagered"],
            "externalId": players, "externalClientId": players, "clientExternalId": players, "requestId": requests,
            "Idempotency-Key": requests, "Prefer": ["return=representation", "return=minimal"],
            "brand_id": ["brand_01", DEMO_BRAND, OTHER_BRAND], "player_id": players, "user_id": players,
            "clientId": [others[0]["client"]["id"]] + sorted({row["client"]["id"] for row in self.rows_of(DEMO_BRAND)}),
            "from": ["2000-01-01T00:00:00Z"], "to": ["2100-01-01T00:00:00Z"],
            "currency": ["EUR", "USD"], "destination": ["https://casino.example/"],
            "target": ["https://casino.example/", "folder"], "dimension": ["date", "brand", "link", "player"],
            "measures": [["click_count", "ngr"], ["registration_count", "total_reward"]], "token": [], "destinationId": [],
            "file": ["app.js", "style.css"], "validFrom": ["2090-01-01T00:00:00Z"],
            "upTo": ["2030-01-01T00:00:00Z", "2020-01-01T00:00:00Z"], "month": ["2020-01", "2020-02", "2020-03"],
            "accountSettlementId": [], "settlementId": []}
        for name, path in (("brandId", "brands"), ("metricId", "metrics"), ("affiliateId", "affiliates"),
                           ("offerId", "offers"), ("id", "affiliates")):
            rows = self.server.ok("GET", f"/admin/v1/{path}", key=self.admin_key)["rows"]
            self.pools[name] = [row["id"] for row in rows]
        for affiliate in self.pools["affiliateId"]:
            self.server.ok("PATCH", f"/admin/v1/affiliates/{affiliate}", {"paymentDetails": "IBAN"}, key=self.admin_key)

    def click(self, link):
        connection = http.client.HTTPConnection(self.server.address, timeout=ANSWER_WITHIN_S)
        connection.request("GET", f"/track/click/{link}")
        location = connection.getresponse().getheader("Location")
        connection.close()
        return location.split("click_id=")[1]

    def rows_of(self, brand):
        rows, page = [], {"limit": 500, "offset": 0}
        while True:
            answer = self.server.ok("POST", LIST, {"pagination": page, "filters": {
                "timeRange": ALWAYS, "revenueOriginIds": [brand]}})
            rows += answer["rows"]
            if not answer["pagination"]["hasMore"]:
                return rows
            page = {"limit": 500, "cursor": answer["pagination"]["nextCursor"]}

    # -- requests

    def request_of(self, operation):
        """Method, target, headers and body for one operation, more or less as it is described."""
        rng, mode = self.rng, self.rng.random()
        path, query, headers = operation.path, [], {}
        for parameter in operation.parameters:
            value = self.schemas.sample(parameter.get("schema", {}), rng, self.pools, self.pool_of(operation, parameter))
            if mode > 0.6 and rng.random() < 0.3:
                value = rng.choice(HOSTILE)
            text = value if isinstance(value, str) else json.dumps(value)
            if parameter["in"] == "path":
                path = path.replace("{" + parameter["name"] + "}", urllib.parse.quote(
                    text.encode("utf-8", "surrogatepass") or b"x", safe=""))
            elif parameter.get("required") or rng.random() < 0.4:
                if parameter["in"] == "query":
                    query.append((parameter["name"], text.encode("utf-8", "surrogatepass")))
                elif parameter["in"] == "header":
                    headers[parameter["name"]] = re.sub(r"[^\x20-\x7e]", "?", text)[:300]
        if "text/event-stream" in operation.responses.get("200", {}).get("content", {}):
            query = [pair for pair in query if pair[0] != "follow"] + [("follow", b"false")]  # otherwise it does not end
        if query:
            path += "?" + urllib.parse.urlencode(query)
        body = None
        if operation.contents:
            kind = rng.choice(list(operation.contents))
            headers["Content-Type"] = kind
            body = self.body_of(kind, operation.contents[kind].get("schema", {}), mode, headers)
        method = operation.method if rng.random() < 0.98 else rng.choice(METHODS)
        headers.update(self.access_of(operation))
        return method, path[:9000], headers, body

    def pool_of(self, operation, parameter):
        """The name of the pool for a parameter: an id is best one of the same kind of object, when any were made."""
        made = f"id of {operation.kind}"
        return made if parameter["name"] == "id" and self.pools.get(made) else parameter["name"]

    def body_of(self, kind, schema, mode, headers):
        rng = self.rng
        movement = self.document["components"]["schemas"].get("Movement", {})
        lines = "ndjson" in kind
        count = rng.randint(1, 5) if lines else 1
        values = []
        for _ in range(count):
            value = self.schemas.sample(movement if lines else schema, rng, self.pools)
            values.append(nearly(copy.deepcopy(value), rng) if mode > 0.5 else value)
        body = b"\n".join(json.dumps(value).encode("utf-8", "surrogatepass") for value in values)
        if mode > 0.85:
            body = self.damaged(body)
        if mode > 0.97:
            headers["Content-Type"] = rng.choice(["text/plain", "application/json; charset=utf-16", "", "multipart/x"])
        if rng.random() < 0.05:
            headers["Content-Encoding"] = "gzip"
            body = gzip.compress(body, 1) if rng.random() < 0.7 else body
        return body

    def damaged(self, body):
        rng = self.rng
        choice = rng.random()
        at = rng.randrange(len(body) + 1)
        if choice < 0.3:
            return body[:at]
        if choice < 0.5:
            return body[:at] + rng.choice([b"\0", b"\xff", b"\xc3", b"\xef\xbb\xbf", b"}", b'"', b"\\u12", b","]) + body[at:]
        if choice < 0.6:
            return b"[" * rng.choice([10, 40, 5000]) + body
        if choice < 0.7:
            return body + body
        if choice < 0.8:
            return body.replace(b'": "', b'": "' + b"x" * rng.choice([100, 255, 10000]), 1)
        return rng.randbytes(rng.randint(0, 200))

    def access_of(self, operation):
        choice = self.rng.random()
        if operation.unlimited and choice < 0.7:
            key = self.admin_key
        else:
            key = (LIMITED_KEY if choice < 0.8 else READER_KEY if choice < 0.9 else
                   self.rng.choice(["", "rv_wrong", "x" * 500, "\x7f"]))
        if self.rng.random() < 0.2:
            return {"Authorization": f"Bearer {key}"}
        return {"X-Api-Key": key} if key or self.rng.random() < 0.5 else {}

    # -- answers

    def exchange(self, method, target, headers, body):
        began = time.monotonic()
        for attempt in (1, 2):
            if self.connection is None:
                self.connection = http.client.HTTPConnection(self.server.address, timeout=ANSWER_WITHIN_S)
            try:
                self.connection.request(method, target, body, headers)
                answer = self.connection.getresponse()
                content = answer.read()
                break
            except (http.client.HTTPException, ConnectionError):
                # A server may close a connection between requests, and after one that it refused; then once more.
                self.connection.close()
                self.connection = None
                assert attempt == 1, "no answer, twice"
        if answer.will_close:
            self.connection.close()
            self.connection = None
        took_s = time.monotonic() - began
        if took_s > self.slowest_s:
            self.slowest_s, self.slowest = took_s, f"{method} {target[:100]} at request {self.sent}, {answer.status}"
        return answer, content

    def judge(self, operation, method, headers, answer, content):
        status = answer.status
        assert status < 500 or status in (503, 504), f"answered {status}"
        key = headers.get("X-Api-Key", headers.get("Authorization", "").removeprefix("Bearer "))
        by_token = operation.path.endswith("/{token}")  # which shows what its preset selects, whoever has it
        if key in (LIMITED_KEY, READER_KEY, "", "rv_wrong") and not by_token:
            assert SECRET.encode() not in content, "the other brand shows"
        if method != operation.method:
            return
        documented = operation.responses.get(str(status))
        if documented is None:
            assert status in ALWAYS_POSSIBLE, f"{status} is not documented"
            return
        if status == 201 and operation.admin:
            made = json.loads(content)  # keys and metrics that are needed are not among these
            self.pools.setdefault(f"id of {operation.kind}", []).append(made["id"])
            self.pools["token"] += [made["token"]] if "token" in made else []
            self.pools["destinationId"] += [made["id"]] if operation.kind == "destinations" else []
        if status == 200 and operation.path.endswith("/settle-balances"):
            made = json.loads(content)
            self.pools["settlementId"] += [made["id"]] if "id" in made else []
            self.pools["accountSettlementId"] += [part["id"] for part in made["accountSettlements"] if "id" in part]
        if status < 400:
            self.reached[f"{operation.method} {operation.path}"] += 1
        described = documented.get("content", {})
        kind = answer.getheader("Content-Type", "").split(";")[0]
        if not content or not described:
            assert not described or method == "HEAD", f"{status} without the body that is documented"
            return
        assert kind in described or "*/*" in described, f"{status} of type {kind!r}, documented are {list(described)}"
        if "json" in kind and "schema" in described[kind]:
            problems = list(self.schemas.problems(described[kind]["schema"], json.loads(content)))
            assert not problems, "; ".join(problems[:5])

    def step(self):
        operation = self.rng.choice(self.operations)
        method, target, headers, body = self.request_of(operation)
        self.sent += 1
        try:
            answer, content = self.exchange(method, target, headers, body)
            self.judge(operation, method, headers, answer, content)
        except (AssertionError, TimeoutError, ValueError) as problem:
            shown = {name: value for name, value in headers.items() if name not in ("X-Api-Key", "Authorization")}
            raise AssertionError(f"request {self.sent}: {method} {target} {shown} {str(body)[:1500]}\n{problem}") from problem
        self.statuses[answer.status] += 1

    # -- invariants

    def balances(self):
        found, page = {}, {"limit": 500, "offset": 0}
        while True:
            answer = self.server.ok("POST", "/api/node/clients/v1/list", {"pagination": page, "filters": {}})
            for row in answer["rows"]:
                found[row["client"]["id"]] = {each["code"]: decimal.Decimal(each["value"]) for each in
                                              row["integerMetrics"] + row["decimalMetrics"]}
            if not answer["pagination"]["hasMore"]:
                return found
            page = {"limit": 500, "cursor": answer["pagination"]["nextCursor"]}

    def accounts(self):
        """Where each account's money is. The lines of its statement add up to what it has earned."""
        found = {}
        rows = self.server.ok("GET", "/api/node/billing/v1/open-balances", key=self.admin_key)["rows"]
        for row in rows:
            path = f"/api/node/billing/v1/accounts/{row['affiliateId']}/statement?currency={row['currency']}"
            page = self.server.ok("GET", path, key=self.admin_key)
            buckets = {name: decimal.Decimal(sum_) for name, sum_ in page["buckets"].items()}
            while page["pagination"]["hasMore"]:
                page = self.server.ok("GET", f"{path}&cursor={page['pagination']['nextCursor']}", key=self.admin_key)
            assert page["sumHolds"], f"the statement of {row} does not add up"
            earned = buckets["earned"]
            assert sum(buckets.values()) == 2 * earned, f"{buckets} do not add up to what was earned"
            found[row["affiliateId"], row["currency"]] = buckets
        return found

    def check_invariants(self):
        assert self.rows_of(OTHER_BRAND) == self.other_before, "the other brand was changed"
        sums = collections.defaultdict(lambda: collections.defaultdict(decimal.Decimal))
        rows = self.rows_of(DEMO_BRAND) + self.other_before
        for row in rows:
            for metric in row["integerMetrics"] + row["decimalMetrics"]:
                sums[row["client"]["id"]][metric["code"]] += decimal.Decimal(metric["delta"])
        for player, shown in self.balances().items():
            for code, value in shown.items():
                assert value == sums[player][code], f"{player} has {value} {code}, its movements add up to {sums[player][code]}"
        gauge = re.search(r"^croupier_in_flight (\d+)$", self.server.ok("GET", "/metrics", key=None), re.MULTILINE)
        assert gauge.group(1) == "0", "something is still in flight"
        assert self.server.call("GET", "/readyz", key=None)[0] == 200
        return len(rows)


def started(binary, folder):
    return serving(binary, folder, options=("--log-level", "error", "--backup-dir", str(folder / "backups")))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    chosen = parser.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    with temporary_folder() as folder:
        workspace = folder / "workspace.toml"
        workspace.write_text(DEMO_WORKSPACE.read_text() + WORKSPACE)
        croupier_process.DEMO_WORKSPACE = workspace
        with started(chosen.binary, folder) as server:
            admin_key = re.search(r"\brv_[0-9a-f]{64}\b", "".join(server.printed)).group()
            fuzzer = Fuzzer(server, random.Random(chosen.seed), admin_key)
            fuzzer.prepare()
            began = time.monotonic()
            while fuzzer.sent < chosen.requests and time.monotonic() - began < chosen.seconds:
                fuzzer.step()
            took = time.monotonic() - began
            movements = fuzzer.check_invariants()
            before = fuzzer.balances(), fuzzer.accounts()
            assert server.stop() == 0
        with started(chosen.binary, folder) as fuzzer.server:
            assert fuzzer.check_invariants() == movements, "a restart changed the movements"
            assert (fuzzer.balances(), fuzzer.accounts()) == before, "a restart changed something"
            assert fuzzer.server.stop() == 0
    unreached = [f"{each.method} {each.path}" for each in fuzzer.operations
                 if not fuzzer.reached[f"{each.method} {each.path}"]]
    print(f"{fuzzer.sent} requests in {took:.0f} s, seed {chosen.seed}, {len(fuzzer.operations)} operations, slowest "
          f"{fuzzer.slowest_s * 1000:.0f} ms ({fuzzer.slowest}), {movements} movements applied; answers: " +
          ", ".join(f"{status}: {count}" for status, count in sorted(fuzzer.statuses.items())))
    print("never succeeded: " + (", ".join(unreached) or "none"))
    assert fuzzer.statuses[200] > fuzzer.sent // 20, "hardly anything was understood: the test has lost its grip"


if __name__ == "__main__":
    sys.exit(main())
