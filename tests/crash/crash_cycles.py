#!/usr/bin/env python3
"""Kills a server under load, again and again, and compares what it comes back with to what its clients were told.

    crash_cycles.py CROUPIER [--cycles N] [--kill-points LIBRARY [--each N]] [--seed S]

Without --kill-points the server is killed at a random moment of each cycle. With it, it kills itself right before or
right after the n-th write, sync, rename, link, unlink or creation of a file in its data folder: each kind, before and
after, --each times.

Meanwhile affiliates are paid, see payments.py. Every --anew cycles a new ledger is begun, because all of it is compared
each time.

Each movement adds 1 to `bets` and a cent to `ngr`, so one that was applied by half would show. What clients were told:
  200, 409   the movement is there, once, whatever happens
  anything else, or nothing: it may be there once; it is sent again with the same request id, and then is there once.
"""

import argparse
import collections
import decimal
import http.client
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from croupier_process import DEMO_BRAND, DEMO_KEY, Server, clean_environment  # noqa: E402
from payments import AFFILIATES, LINKS, Payer, Payments, workspace_text  # noqa: E402

CLIENTS = 8
PLAYERS = 12
MOVEMENTS = "/tracking/clients/v1/metrics/movements"
LIST = "/api/node/clients/v1/metrics/movements/list"
ALWAYS = {"from": "2020-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"}
OPERATIONS = ("write", "sync", "rename", "link", "unlink", "create")


def body_of(player, request_id):
    metrics = [{"code": code, "valueType": "CLIENT_METRIC_VALUE_TYPE_RELATIVE", "value": value}
               for code, value in (("bets", "1"), ("ngr", "0.01"))]
    return json.dumps({"externalClientId": player, "revenueOriginId": DEMO_BRAND, "requestId": request_id,
                       "metrics": metrics})


class Client(threading.Thread):
    """Sends until the server is gone. What it was not told about it sends again in the next cycle."""

    def __init__(self, number, address, unsettled):
        super().__init__(daemon=True)
        self.number, self.address = number, address
        self.settled, self.unsettled = [], list(unsettled)
        self.unexpected = None

    def run(self):
        host, port = self.address.rsplit(":", 1)
        connection = http.client.HTTPConnection(host, int(port), timeout=10)
        random_source = random.Random(f"{self.number} {time.monotonic_ns()}")
        retries = collections.deque(self.unsettled)
        self.unsettled = []
        count = 0
        while True:
            count += 1
            if retries:
                player, request_id = retries[0]
            elif self.settled and random_source.random() < 0.1:
                player, request_id = random_source.choice(self.settled)  # a retry of what was answered
            else:
                player = f"player-{random_source.randrange(PLAYERS)}"
                request_id = f"{self.number}-{time.time_ns()}-{count}"
            try:
                connection.request("POST", MOVEMENTS, body_of(player, request_id),
                                   {"X-Api-Key": DEMO_KEY, "Content-Type": "application/json"})
                status = connection.getresponse()
                status.read()
            except (OSError, http.client.HTTPException):
                self.unsettled = list(retries) or [(player, request_id)]
                return
            if status.status not in (200, 409):
                self.unexpected = f"{status.status} for {player} {request_id}"
                self.unsettled = list(retries) or [(player, request_id)]
                return
            if retries:
                retries.popleft()
            self.settled.append((player, request_id))


class Ledger:
    """The data folder over all its lives, and what the clients were told of it."""

    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        self.promised = set()
        self.unsettled = [[] for _ in range(CLIENTS)]
        self.resolved = self.applied = 0
        self.payments = Payments()
        self.workspace = folder / "workspace.toml"
        self.workspace.write_text(workspace_text())

    def start(self, **environment):
        return Server(self.binary, self.folder, environment=clean_environment(**environment), workspace=self.workspace,
                      options=("--log-level", "warning", "--checkpoint-entries", "1000"))

    def prepare(self):
        server = self.start()
        clicks = []
        for link in LINKS:
            location = subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{redirect_url}",
                                       f"http://{server.address}/api/v1/track/click/{link}"],
                                      capture_output=True, text=True, check=True).stdout
            clicks.append(location.split("click_id=")[1])
        for number in range(PLAYERS):
            server.ok("POST", "/tracking/client/v1", {"externalId": f"player-{number}", "revenueOriginId": DEMO_BRAND,
                                                      "cid": clicks[number % len(clicks)]})
        server.kill()

    def load(self, server, until_gone):
        clients = [Client(number, server.address, self.unsettled[number]) for number in range(CLIENTS)]
        payer = Payer(server.address, self.payments)
        for thread in [payer, *clients]:
            thread.start()
        until_gone()
        for thread in [payer, *clients]:
            thread.join(30)
        for number, client in enumerate(clients):
            assert client.unexpected is None, client.unexpected
            self.resolved += len(set(self.unsettled[number]) & set(client.settled))
            self.promised.update(client.settled)
            self.unsettled[number] = client.unsettled

    def check(self, server):
        """Every promise is kept, nothing is there twice, every balance is the sum of its movements."""
        self.payments.resolve(server)
        seen = collections.Counter()
        sums = collections.defaultdict(lambda: [0, decimal.Decimal(0)])
        movements = []
        pagination = {"limit": 500, "offset": 0}
        while True:
            page = server.ok("POST", LIST, {"pagination": pagination, "filters": {"timeRange": ALWAYS}})
            for row in page["rows"]:
                player = row["client"]["externalId"]
                seen[player, row["requestId"]] += 1
                movements.append((AFFILIATES[int(player.split("-")[1]) % len(AFFILIATES)],
                                  row.get("accountSettlementId")))
                assert len(row["integerMetrics"]) == 1 and len(row["decimalMetrics"]) == 1, f"half applied: {row}"
                sums[player][0] += row["integerMetrics"][0]["value"]
                sums[player][1] += decimal.Decimal(row["decimalMetrics"][0]["value"])
            if not page["pagination"]["hasMore"]:
                break
            pagination = {"limit": 500, "cursor": page["pagination"]["nextCursor"]}
        lost = [key for key in self.promised if key not in seen]
        twice = [key for key, times in seen.items() if times > 1]
        assert not lost, f"{len(lost)} acknowledged movements are lost, e.g. {lost[0]}"
        assert not twice, f"{len(twice)} movements were applied twice, e.g. {twice[0]}"
        for player, (bets, ngr) in sums.items():
            shown = server.get("/api/node/clients/v1/balances", revenueOriginId=DEMO_BRAND, externalId=player)
            values = {each["code"]: each["value"] for each in shown["integerMetrics"] + shown["decimalMetrics"]}
            assert values["bets"] == bets and decimal.Decimal(values["ngr"]) == ngr, f"{player}: {values} is not {bets}, {ngr}"
        self.payments.check(server, movements)
        self.applied = len(seen)


def random_cycles(ledger, cycles, rng):
    for _ in range(cycles):
        server = ledger.start()
        ledger.load(server, lambda server=server: (time.sleep(rng.uniform(0.02, 0.5)), server.kill()))
        server = ledger.start()
        ledger.check(server)
        server.kill()
    return cycles


def kill_point_cycles(ledger, library, each, rng):
    hit = collections.Counter()
    highest = {"write": 400, "sync": 200, "rename": 3, "link": 6, "unlink": 6, "create": 12}
    wanted = [(operation, after) for operation in OPERATIONS for after in ("0", "1")]
    tries = 0
    while any(hit[point] < each for point in wanted):
        tries += 1
        assert tries < 40 * each * len(wanted), f"some kill points are never reached: {hit}"
        operation, after = rng.choice([point for point in wanted if hit[point] < each])
        environment = {"LD_PRELOAD": library, "KILL_POINT_OPERATION": operation, "KILL_POINT_AFTER": after,
                       "KILL_POINT_NUMBER": str(rng.randint(1, highest[operation])),
                       "KILL_POINT_FOLDER": str(ledger.folder / "data")}
        try:
            server = ledger.start(**environment)
        except AssertionError:  # it was killed while it started
            hit[operation, after] += 1
        else:
            ended = threading.Event()

            def wait_for_the_end(server=server, ended=ended):
                try:
                    server.process.wait(timeout=1.5)
                    ended.set()
                except subprocess.TimeoutExpired:
                    server.kill()

            ledger.load(server, wait_for_the_end)
            hit[operation, after] += ended.is_set()
        server = ledger.start()
        ledger.check(server)
        server.kill()
    print("kill points: " + ", ".join(f"{'after' if after == '1' else 'before'} {operation} {hit[operation, after]}"
                                      for operation, after in wanted))
    return tries


def one_ledger(chosen, cycles, rng):
    """The kills of one ledger, a last run, and the ledger."""
    with tempfile.TemporaryDirectory(prefix="croupier-crash-") as folder:
        ledger = Ledger(chosen.binary, pathlib.Path(folder))
        ledger.prepare()
        if chosen.kill_points:
            kills = kill_point_cycles(ledger, chosen.kill_points, cycles, rng)
        else:
            kills = random_cycles(ledger, cycles, rng)
        server = ledger.start()
        ledger.load(server, lambda: (time.sleep(0.3), server.kill()))
        server = ledger.start()
        ledger.check(server)
        server.kill()
        return kills, ledger


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--cycles", type=int, default=20)
    parser.add_argument("--anew", type=int, default=25)
    parser.add_argument("--kill-points")
    parser.add_argument("--each", type=int, default=1)
    parser.add_argument("--seed", type=int, default=os.getpid())
    chosen = parser.parse_args()
    rng = random.Random(chosen.seed)
    began = time.monotonic()
    sums = collections.Counter()
    left = chosen.each if chosen.kill_points else chosen.cycles
    while left > 0:
        cycles = 1 if chosen.kill_points else min(left, chosen.anew)
        left -= cycles
        kills, ledger = one_ledger(chosen, cycles, rng)
        sums.update(kills=kills, acknowledged=len(ledger.promised), applied=ledger.applied, resolved=ledger.resolved,
                    decisions=len(ledger.payments.answers), settlements=ledger.payments.settlement_count())
        sums.update(ledger.payments.left_open)
        if left > 0:
            print(f"... {sums['kills']} kills", flush=True)
    print(f"{sums['kills']} kills, seed {chosen.seed}, {time.monotonic() - began:.0f} s: {sums['acknowledged']} "
          f"acknowledged, {sums['applied']} applied, {sums['resolved']} unanswered ones resolved by repeating; "
          f"0 lost, 0 twice, 0 by half")
    print(f"{sums['decisions']} settlements and adjustments, {sums['settlements']} of them settlements that stand or were "
          f"deleted; settlements cut off by a kill: {sums['made']} were whole, {sums['not made']} were not there; "
          f"every account is what its movements and adjustments earned")


if __name__ == "__main__":
    main()
