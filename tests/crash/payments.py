"""People who pay affiliates while the server is killed under them, and what must hold of it afterwards.

What they were told:
  a settlement or adjustment was answered: it is there, whole, and its request id answers it again for ever
  no answer: it is there, whole, or it is not; asked again with the same request id it is there, and then stays
  a status or a deletion was answered: it is so; without an answer it may be so
"""

import decimal
import http.client
import json
import random
import threading
import time

from croupier_process import DEMO_KEY, DEMO_WORKSPACE, NGR_LINK

BASE = "/api/node/billing/v1/"
AFFILIATES = ["5d1f0c2a-0002-4000-8000-000000000001"] + [f"5d1f0c2a-0002-4000-8000-0000000000a{n}" for n in range(1, 5)]
LINKS = [NGR_LINK] + [f"5d1f0c2a-0001-4000-8000-0000000000a{n}" for n in range(1, 5)]
SHARE = decimal.Decimal("0.25")
STEPS = {"NEW": ["IN_PROGRESS"], "IN_PROGRESS": ["PAID", "ERROR"], "ERROR": ["IN_PROGRESS"], "PAID": []}


def workspace_text():
    """The demo workspace with more affiliates, each with a link to the offer of 25 % of the NGR."""
    text = DEMO_WORKSPACE.read_text()
    for number in range(1, len(AFFILIATES)):
        text += f"""
[[affiliates]]
id = "{AFFILIATES[number]}"
name = "Affiliate {number}"
payment_details = "IBAN {number}"

[[links]]
id = "{LINKS[number]}"
name = "Link {number}"
offer = "25 % of net gaming revenue"
affiliate = "Affiliate {number}"
destination = "https://casino.example/welcome"
"""
    return text


class Payments:
    """What was asked for over all lives of a ledger, and what was promised. One payer at a time uses it."""

    def __init__(self):
        self.orders = {}      # request id -> (path, body)
        self.answers = {}     # request id -> what identifies what it made
        self.statuses = {}    # account settlement -> the statuses that it may have; "DELETED" among them
        self.known_parts = {}  # request id of a settlement -> its parts, as they were read
        self.made_by = {}      # account settlement -> request id
        self.unanswered = []  # request ids
        self.left_open = {"made": 0, "not made": 0}  # unanswered settlements, by what had become of them
        self.unexpected = None

    # -- asking

    def next_call(self, rng):
        """(method, path, body, request id or account settlement)"""
        if self.unanswered:
            return self.again(self.unanswered[0])
        choice = rng.random()
        request_id = f"pay-{len(self.orders)}"
        if choice < 0.5:
            who = {"all": True} if rng.random() < 0.5 else {"affiliateIds": rng.sample(AFFILIATES, rng.randint(1, 4))}
            self.orders[request_id] = ("settle-balances", {"requestId": request_id, **who})
        elif choice < 0.65:
            self.orders[request_id] = ("adjustments", {
                "requestId": request_id, "affiliateId": rng.choice(AFFILIATES), "currency": "EUR", "reason": "crash",
                "amount": f"{rng.choice(['', '', '-'])}0.{rng.randint(1, 9999):04}"})
        elif choice < 0.8 and self.answers:
            request_id = rng.choice(list(self.answers))
        elif self.statuses:
            return self.next_change(rng)
        else:
            return "GET", "open-balances", None, None
        return self.again(request_id)

    def again(self, request_id):
        path, body = self.orders[request_id]
        return "POST", path, body, request_id

    def next_change(self, rng):
        """Of what can still change: mostly of the newest."""
        living = [key for key, may in list(self.statuses.items())[-30:] if may & {"NEW", "IN_PROGRESS", "ERROR"}]
        if not living:
            return "GET", "open-balances", None, None
        which = rng.choice(living)
        if rng.random() < 0.4:
            return "DELETE", f"account-settlements/{which}", None, which
        status = rng.choice(["IN_PROGRESS", "PAID", "ERROR"])
        return "POST", f"account-settlements/{which}/status", {"status": status}, which

    # -- being told

    def told(self, call, status, answer):
        """Takes an answer down. A server that is ending may refuse with 503: that is no answer."""
        method, path, body, what = call
        if what is None or status == 503:
            return
        if what in self.orders:
            self.told_of_order(what, status, answer)
        else:
            self.told_of_change(method, body, what, status)

    def told_of_order(self, request_id, status, answer):
        if request_id in self.unanswered:
            self.unanswered.remove(request_id)
        if status != 200:
            self.unexpected = f"{request_id}: {status} {answer}"
            return
        if "accountSettlements" in answer:
            if "id" not in answer:
                return  # there was nothing to settle, so nothing was made
            made = (answer["id"], tuple((part["id"], part["affiliateId"], part["exact"], part["amount"])
                                        for part in answer["accountSettlements"]))
            for part in answer["accountSettlements"]:
                self.statuses.setdefault(part["id"], {"NEW"})
                self.made_by[part["id"]] = request_id
        else:
            made = answer["sequence"]
        if self.answers.setdefault(request_id, made) != made:
            self.unexpected = f"{request_id} was answered {self.answers[request_id]}, and then {made}"

    def told_of_change(self, method, body, which, status):
        may = self.statuses[which]
        self.known_parts.pop(self.made_by[which], None)
        if method == "DELETE":
            self.statuses[which] = {"DELETED"} if status == 200 and may - {"PAID"} else may & {"PAID", "DELETED"}
        else:
            able = {one for one in may if body["status"] == one or body["status"] in STEPS.get(one, ())}
            self.statuses[which] = {body["status"]} if status == 200 and able else may - able
        if not self.statuses[which]:
            self.unexpected = f"{which}, which may be {may}, answered {method} {body} with {status}"

    def not_told(self, call):
        """The server went before it answered."""
        method, _, body, what = call
        if what is None:
            return
        if what in self.orders:
            if what not in self.unanswered and what not in self.answers:
                self.unanswered.append(what)
            return
        may = self.statuses[what]
        self.known_parts.pop(self.made_by[what], None)
        if method == "DELETE":
            may |= {"DELETED"} if may & {"NEW", "IN_PROGRESS", "ERROR"} else set()
        elif any(body["status"] in STEPS.get(one, ()) for one in may):
            may |= {body["status"]}

    def settlement_count(self):
        return sum(isinstance(made, tuple) for made in self.answers.values())

    # -- what must hold

    def check(self, server, movements):
        """`movements`: (affiliate, account settlement or None) of every movement that is there; each is of 0.01 NGR."""
        standing = self.check_settlements(server)
        counted = {}
        for _, settlement in movements:
            if settlement is not None:
                assert settlement in standing, f"a movement is in {settlement}, which does not stand"
                counted[settlement] = counted.get(settlement, 0) + 1
        for key, part in standing.items():
            assert counted.get(key, 0) == part["movements"], f"{key}: {part}, but {counted.get(key, 0)} movements name it"
        self.check_balances(server, movements, standing)
        return len(standing)

    def resolve(self, server):
        """Asks again for what was not answered, and once more; afterwards the accounts are there."""
        assert self.unexpected is None, self.unexpected
        self.ok(server, "GET", "open-balances")
        for request_id in list(self.unanswered):
            _, path, body, _ = call = self.again(request_id)
            for turn in range(2):
                answer = self.ok(server, "POST", path, body)
                self.told(call, 200, answer)
                assert turn == 0 or request_id not in self.answers or answer["replayed"], f"{request_id}: {answer}"
                if turn == 0 and path == "settle-balances":
                    self.left_open["made" if answer["replayed"] else "not made"] += 1
            assert self.unexpected is None, self.unexpected

    def check_settlements(self, server):
        """The account settlements that stand, by id. Every settlement is as it was answered, and each request id made one."""
        standing, seen, offset = {}, {}, 0
        while True:
            page = self.ok(server, "GET", f"settlements?limit=500&offset={offset}")
            for row in page["rows"]:
                assert row["requestId"] not in seen, f"{row['requestId']} made two settlements"
                seen[row["requestId"]] = row
            if not page["pagination"]["hasMore"]:
                break
            offset += 500
        for request_id, made in self.answers.items():
            if isinstance(made, tuple):
                assert seen.get(request_id, {}).get("id") == made[0], f"{request_id}, answered {made[0]}, is lost"
        for request_id, row in seen.items():
            for part in self.parts_of(server, request_id, row["id"]):
                status, = self.statuses[part["id"]]
                if status != "DELETED":
                    standing[part["id"]] = {**part, "status": status}
        return standing

    def parts_of(self, server, request_id, settlement):
        """The parts of a settlement. What was looked at before and has not been touched since is not read every time."""
        known = self.known_parts.get(request_id)
        if known and all(len(self.statuses[part["id"]]) == 1 for part in known) and random.random() > 0.1:
            return known
        parts = self.ok(server, "GET", f"settlements/{settlement}")["accountSettlements"]
        told = tuple((part["id"], part["affiliateId"], part["exact"], part["amount"]) for part in parts)
        assert self.answers.get(request_id) == (settlement, told), f"{request_id}: {told} is not what was answered"
        for part in parts:
            may = self.statuses[part["id"]]
            assert part["status"] in may, f"{part['id']} is {part['status']}, not one of {may}"
            self.statuses[part["id"]] = {part["status"]}
        self.known_parts[request_id] = parts
        return parts

    def check_balances(self, server, movements, standing):
        """Every affiliate's buckets add up to what its movements and adjustments earned."""
        earned = {affiliate: decimal.Decimal(0) for affiliate in AFFILIATES}
        for affiliate, _ in movements:
            earned[affiliate] += SHARE * decimal.Decimal("0.01")
        for request_id in self.answers:
            path, body = self.orders[request_id]
            if path == "adjustments":
                earned[body["affiliateId"]] += decimal.Decimal(body["amount"])
        rows = {row["affiliateId"]: row for row in self.ok(server, "GET", "open-balances")["rows"]}
        for affiliate in AFFILIATES:
            has = {name: decimal.Decimal(value) for name, value in rows[affiliate]["buckets"].items()}
            mine = [part for part in standing.values() if part["affiliateId"] == affiliate]
            exact = sum((decimal.Decimal(part["exact"]) for part in mine), decimal.Decimal(0))
            paid = sum((decimal.Decimal(part["amount"]) for part in mine if part["status"] == "PAID"), decimal.Decimal(0))
            pending = sum((decimal.Decimal(part["amount"]) for part in mine if part["status"] != "PAID"),
                          decimal.Decimal(0))
            wanted = {"open": earned[affiliate] - exact, "onHold": 0, "carried": 0, "pending": pending, "paid": paid,
                      "rounding": exact - paid - pending, "earned": earned[affiliate]}
            assert has == wanted, f"affiliate {affiliate} has {has}, not {wanted}"

    def ok(self, server, method, path, body=None):
        """The answer; the accounts may still be on their way after a start."""
        for _ in range(60):
            status, answer = server.call(method, BASE + path, body)
            if status != 503:
                break
        assert status == 200, f"{method} {path} {body}: {status} {answer}"
        return answer


class Payer(threading.Thread):
    """Asks until the server is gone."""

    def __init__(self, address, payments):
        super().__init__(daemon=True)
        self.address, self.payments = address, payments

    def run(self):
        host, port = self.address.rsplit(":", 1)
        connection = http.client.HTTPConnection(host, int(port), timeout=10)
        rng = random.Random(f"payer {time.monotonic_ns()}")
        while self.payments.unexpected is None:
            call = self.payments.next_call(rng)
            method, path, body, _ = call
            try:
                headers = {"X-Api-Key": DEMO_KEY}
                if body is not None:
                    headers["Content-Type"] = "application/json"
                connection.request(method, BASE + path, None if body is None else json.dumps(body), headers)
                answer = connection.getresponse()
                text = answer.read().decode()
            except (OSError, http.client.HTTPException):
                self.payments.not_told(call)
                return
            if answer.status == 503:
                self.payments.not_told(call)
            self.payments.told(call, answer.status, json.loads(text))
