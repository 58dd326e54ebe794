"""A client that keeps a list of its own of everything that a server promised it."""

import collections
import decimal
import http.client
import json
import pathlib
import re
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))
from croupier_process import DEMO_BRAND, NGR_LINK  # noqa: E402

MOVEMENTS = "/tracking/clients/v1/metrics/movements"
LIST = "/api/node/clients/v1/metrics/movements/list"
BALANCES = "/api/node/clients/v1/balances"
REPORT = "/api/v1/reports/query"
ACCOUNTS = "/api/node/billing/v1/open-balances"
BOOKS_PATIENCE_S = 1
ALWAYS = {"from": "2020-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"}


class Refused(Exception):
    """A read that the server refused loudly: no claim, so no false one."""


def counter(server, name):
    """The value of a metric without labels, or with the labels that `name` has."""
    text = server.ok("GET", "/metrics", key=None)
    return int(re.search(rf"^{re.escape(name)} (\d+)$", text, re.MULTILINE).group(1))


class OwnList:
    """Movements in the order of their answers: (player, request id, cents). Each also adds 1 to `bets`."""

    def __init__(self, players):
        self.players = [f"player-{number}" for number in range(players)]
        self.promised = []
        self.sent = 0

    def register(self, server):
        host, port = server.address.rsplit(":", 1)
        connection = http.client.HTTPConnection(host, int(port), timeout=30)
        connection.request("GET", f"/track/click/{NGR_LINK}")
        click = connection.getresponse().getheader("Location").split("click_id=")[1]
        connection.close()
        for player in self.players:
            server.ok("POST", "/tracking/client/v1",
                      {"externalId": player, "revenueOriginId": DEMO_BRAND, "cid": click})

    def next_movement(self):
        self.sent += 1
        return self.players[self.sent % len(self.players)], f"request-{self.sent}", 1 + self.sent * 37 % 9999

    @staticmethod
    def body_of(movement):
        player, request_id, cents = movement
        metrics = [{"code": code, "valueType": "CLIENT_METRIC_VALUE_TYPE_RELATIVE", "value": value}
                   for code, value in (("bets", "1"), ("ngr", f"{cents // 100}.{cents % 100:02}"))]
        return {"externalClientId": player, "revenueOriginId": DEMO_BRAND, "requestId": request_id, "metrics": metrics}

    def send(self, server, movement=None):
        """Sends a movement, the next one by default, takes down a promise, and gives (status, movement)."""
        movement = movement or self.next_movement()
        status, _ = server.call("POST", MOVEMENTS, self.body_of(movement))
        if status == 200:
            self.promised.append(movement)
        return status, movement

    def send_batch(self, server, count):
        """Sends so many movements in one request, all of which must be accepted."""
        movements = [self.next_movement() for _ in range(count)]
        report = server.ok("POST", MOVEMENTS + "/batch", {"movements": [self.body_of(each) for each in movements]})
        assert report["summary"]["accepted"] == count, report
        self.promised += movements

    def send_bulk(self, server, count, note):
        """Sends large movements, of which some may find no room, and takes down those that did."""
        movements = [self.next_movement() for _ in range(count)]
        bodies = [{**self.body_of(each), "note": note} for each in movements]
        status, report = server.call("POST", MOVEMENTS + "/batch", {"movements": bodies})
        if status == 200:
            refused = {each["index"] for each in report["results"]}
            assert len(refused) == report["summary"]["errors"] and report["summary"]["total"] == count, report["summary"]
            self.promised += [each for index, each in enumerate(movements) if index not in refused]

    def take_order_from(self, server):
        """The movements of a batch keep their order by player only: puts the list in the order that the ledger chose."""
        by_request_id = {movement[1]: movement for movement in self.promised}
        rows = self.listed(server)
        assert sorted(request_id for _, request_id in rows) == sorted(by_request_id)
        self.promised = [by_request_id[request_id] for _, request_id in rows]

    def sums_of(self, count):
        """What the balances must be after the first `count` promises: (bets, cents) by player."""
        sums = collections.defaultdict(lambda: (0, 0))
        for player, _, cents in self.promised[:count]:
            bets, all_cents = sums[player]
            sums[player] = bets + 1, all_cents + cents
        return {player: sums[player] for player in self.players}

    def shown(self, server):
        """The balances that the server shows, in the form of `sums_of`; Refused when it refuses one."""
        found = {}
        for player in self.players:
            query = urllib.parse.urlencode({"revenueOriginId": DEMO_BRAND, "externalId": player})
            status, answer = server.call("GET", f"{BALANCES}?{query}")
            if status != 200:
                raise Refused(f"balances of {player}: {status} {answer}")
            values = {each["code"]: each["value"] for each in answer["integerMetrics"] + answer["decimalMetrics"]}
            euros, _, cents = values["ngr"].partition(".")
            found[player] = values["bets"], int(euros) * 100 + int(cents or 0)
        return found

    def listed(self, server):
        """Every (player, request id) of the server, oldest first; Refused when it refuses a page."""
        rows, pagination = [], {"limit": 500, "offset": 0}
        while True:
            status, page = server.call("POST", LIST, {"pagination": pagination, "filters": {"timeRange": ALWAYS}})
            if status != 200:
                raise Refused(f"list: {status} {page}")
            rows += [(row["client"]["externalId"], row["requestId"]) for row in page["rows"]]
            if not page["pagination"]["hasMore"]:
                return rows[::-1]
            pagination = {"limit": 500, "cursor": page["pagination"]["nextCursor"]}

    def check(self, server, may_have_lost_the_newest=False):
        """Every promise is kept and nothing else is there; or, if that is allowed, nothing but a prefix of the promises.

        Gives the number of promises that are kept. AssertionError otherwise, Refused when the server refuses a read.
        """
        rows = self.listed(server)
        promised = [(player, request_id) for player, request_id, _ in self.promised]
        if may_have_lost_the_newest:
            assert rows == promised[:len(rows)], f"what is left is no prefix of what was promised: {len(rows)} rows"
        else:
            assert rows == promised, f"{len(rows)} movements instead of {len(promised)}"
        shown, wanted = self.shown(server), self.sums_of(len(rows))
        for player in self.players:
            assert shown[player] == wanted[player], f"{player} has {shown[player]} instead of {wanted[player]}"
        return len(rows)

    def check_books(self, server, kept):
        """The figures of reports and the affiliate's account follow from the kept promises, too.

        After a start they may still be being made. AssertionError, Refused as above.
        """
        cents = sum(each for _, _, each in self.promised[:kept])
        wanted = {"registration_count": len(self.players), "ngr": decimal.Decimal(cents) / 100,
                  "total_reward": decimal.Decimal(cents) / 400}
        totals = self.patiently(server, "POST", f"{REPORT}?exact=true", {"measures": list(wanted)})["totals"]
        shown = {measure: decimal.Decimal(totals[measure]) for measure in wanted}
        assert shown == wanted, f"a report says {shown} instead of {wanted}"
        rows = self.patiently(server, "GET", ACCOUNTS)["rows"]
        open_balance = sum(decimal.Decimal(row["openBalance"]) for row in rows)
        assert open_balance == wanted["total_reward"], f"accounts have {open_balance} instead of {wanted}"

    @staticmethod
    def patiently(server, method, path, body=None):
        """The answer, once the books are made; Refused when they are not after a while."""
        ends = time.monotonic() + BOOKS_PATIENCE_S
        while True:
            status, answer = server.call(method, path, body)
            if status == 200:
                return answer
            assert status == 503, f"{path}: {status} {answer}"
            if time.monotonic() > ends:
                raise Refused(f"{path}: {status} {answer}")
            time.sleep(0.02)

    def check_repeats(self, server, movements):
        """Repeats of kept promises change nothing."""
        for movement in movements:
            status, answer = server.call("POST", MOVEMENTS, self.body_of(movement))
            if status == 503:
                raise Refused(f"repeat: {answer}")
            assert status == 409, f"a repeat of {movement} was answered {status} {answer}"
