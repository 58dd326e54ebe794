#!/usr/bin/env python3
"""The main job on real input: main_job_test.py CROUPIER

Imports the bets of a crash game and compares what the ledger says with a calculation of its own, to the last digit:
after a kill -9 in the middle of the import, after another one at its end, and after importing the file again.
"""

import csv
import pathlib
import random
import subprocess
import sys
from collections import defaultdict
from decimal import Decimal

import croupier_process
from croupier_process import DEMO_BRAND, NGR_LINK, ROOT

REAL_BETS = ROOT.parent / "shared" / "data" / "crash-game-bets.csv"
MAPPING = ROOT / "config" / "crash-game-mapping.toml"
METRICS = ("bets", "wagered", "won", "ngr")


def made_up_bets(path):
    """A small file of the same shape, for where the real one is not."""
    dice = random.Random(20211031)
    with open(path, "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow("bet_id,game_id,player,bet,cashed_out,profit,busted_at,played_at".split(","))
        for number in range(1, 6001):
            bet = dice.choice(["1", "10", "2.5", "0.01", "333.33", "90000"])
            won = dice.random() < 0.6
            profit = dice.choice(["0.5", "12.34", "2.00E+03", "0.01"]) if won else ""
            rows.writerow([number * 7, number // 3, f"player-{dice.randrange(700):05}", bet, "1.5" if won else "",
                           profit, "2.02", "2021-10-31T15:38:43Z"])
    return path


def expected_of(path):
    """The balances of each player, and the request ids, straight from the file."""
    players = defaultdict(lambda: dict.fromkeys(METRICS, Decimal(0)))
    request_ids = set()
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            balance = players[row["player"]]
            bet = Decimal(row["bet"])
            balance["bets"] += 1
            balance["wagered"] += bet
            if row["profit"]:
                balance["won"] += bet + Decimal(row["profit"])
                balance["ngr"] -= Decimal(row["profit"])
            else:
                balance["ngr"] += bet
            request_ids.add(row["bet_id"])
    return dict(players), request_ids


def all_rows(server, path, body):
    cursor = {"offset": 0}
    while cursor:
        page = server.ok("POST", path, {**body, "pagination": {"limit": 500, **cursor}})
        yield from page["rows"]
        more = page["pagination"]["hasMore"]
        cursor = {"cursor": page["pagination"]["nextCursor"]} if more else None


def balances_in(row):
    metrics = row["integerMetrics"] + row["decimalMetrics"]
    return {one["code"]: Decimal(one["value"]) for one in metrics if one["code"] in METRICS}


def compare(server, players, request_ids):
    """Everything that the ledger says about the file against what is expected of it."""
    ledger = {row["client"]["externalId"]: row for row in all_rows(server, "/api/node/clients/v1/list", {})}
    assert set(ledger) == set(players), "not the players of the file"
    for player, expected in players.items():
        assert balances_in(ledger[player]) == expected, f"{player}: {balances_in(ledger[player])} is not {expected}"
        share = expected["ngr"] * 25 / 100
        assert Decimal(ledger[player]["revshare"]["open"]) == share, f"{player}: revshare is not {share}"
    for player in list(players)[:50]:
        alone = server.get("/api/node/clients/v1/balances", revenueOriginId=DEMO_BRAND, externalId=player)
        assert balances_in(alone) == players[player], f"{player}: another balance alone than in the list"

    filters = {"timeRange": {"from": "2000-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"}}
    listed = "/api/node/clients/v1/metrics/movements/list"
    first = server.ok("POST", listed, {"filters": filters, "pagination": {"limit": 1, "offset": 0}})
    assert first["pagination"]["totalCount"] == len(request_ids), first["pagination"]
    seen = [row["requestId"] for row in all_rows(server, listed, {"filters": filters})]
    assert len(seen) == len(request_ids) and set(seen) == request_ids, "not each bet once"

    rows = server.get("/api/node/billing/v1/open-balances")["rows"]
    earned = sum(balance["ngr"] for balance in players.values()) * 25 / 100
    assert [Decimal(row["openBalance"]) for row in rows] == [earned], f"{rows}: the open balance is not {earned}"


def import_command(binary, bets):
    return [binary, "import", bets, "--mapping", MAPPING, "--register-with-link", NGR_LINK]


def accepted(server):
    for line in server.ok("GET", "/metrics", key=None).splitlines():
        if line.startswith("croupier_movements_accepted_total "):
            return int(line.split()[1])
    raise AssertionError("/metrics does not count accepted movements")


def import_through_a_crash(binary, folder, bets):
    """Kills the server in the middle of the import; the import goes on when it is back. Gives the new server."""
    server = croupier_process.Server(binary, folder)
    environment = croupier_process.clean_environment(CROUPIER_URL=f"http://{server.address}",
                                                     CROUPIER_API_KEY=croupier_process.DEMO_KEY)
    with subprocess.Popen(list(map(str, import_command(binary, bets))), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, env=environment) as importing:
        while accepted(server) < 2000 and importing.poll() is None:
            pass
        server.kill()
        server = croupier_process.Server(binary, folder, listen=server.address)
        output = importing.communicate()[0]
        assert importing.returncode == 0, output
    return server


def main():
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    with croupier_process.temporary_folder() as folder:
        bets = REAL_BETS if REAL_BETS.exists() else made_up_bets(folder / "bets.csv")
        players, request_ids = expected_of(bets)
        print(f"{len(request_ids)} bets of {len(players)} players from {bets.name}")

        server = import_through_a_crash(binary, folder, bets)
        compare(server, players, request_ids)
        print("as calculated, although the server was killed in the middle")

        server.kill()
        with croupier_process.serving(binary, folder) as server:
            compare(server, players, request_ids)
            print("as calculated after kill -9 and a restart")
            again = croupier_process.run(*import_command(binary, bets), server=server)
            counts = dict(line.rsplit(maxsplit=1) for line in again.stdout.splitlines())
            assert again.returncode == 0 and counts["accepted"] == "0", again.stdout + again.stderr
            assert int(counts["duplicates"].replace(",", "")) == len(request_ids), again.stdout
            compare(server, players, request_ids)
            print("as calculated after importing the file again")
            assert server.stop() == 0, server.log()
        with croupier_process.serving(binary, folder) as server:
            compare(server, players, request_ids)
            print("as calculated after an orderly stop and a restart")


if __name__ == "__main__":
    main()
