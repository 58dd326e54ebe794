#!/usr/bin/env python3
"""croupier tail, and what it follows: tail_test.py CROUPIER"""

import json
import signal
import subprocess
import sys
import unittest

from croupier_process import DEMO_BRAND, DEMO_KEY, NGR_LINK, Server, clean_environment, run, serving, temporary_folder

BINARY = ""


def movement(number, player="ann"):
    return {"externalClientId": player, "revenueOriginId": DEMO_BRAND, "requestId": f"r-{number}",
            "metrics": [{"code": "ngr", "valueType": "CLIENT_METRIC_VALUE_TYPE_RELATIVE", "value": "1.50"}]}


def register(server, player="ann"):
    import http.client
    host, port = server.address.rsplit(":", 1)
    connection = http.client.HTTPConnection(host, int(port), timeout=60)
    connection.request("GET", f"/track/click/{NGR_LINK}")
    location = connection.getresponse().getheader("Location")
    connection.close()
    server.ok("POST", "/tracking/client/v1",
              {"externalId": player, "revenueOriginId": DEMO_BRAND, "cid": location.split("click_id=")[1]})


def record(server, *numbers):
    for number in numbers:
        server.ok("POST", "/tracking/clients/v1/metrics/movements", movement(number))


def newest(server):
    return server.ok("GET", "/readyz")["sequence"]


class Tail(unittest.TestCase):
    def test_it_shows_what_is_there_and_ends(self):
        with temporary_folder() as folder, serving(BINARY, folder) as server:
            register(server)
            record(server, *range(20))
            last = newest(server)
            shown = run(BINARY, "tail", server=server)
            self.assertEqual(shown.returncode, 0, shown.stderr)
            rows = shown.stdout.splitlines()
            self.assertEqual([int(row.split()[0]) for row in rows], list(range(last - 9, last + 1)))
            self.assertRegex(rows[-1], r"^\d+  \S+Z  movement_recorded  player ann  ngr \+1\.50  revshare 0\.375$")
            entries = [json.loads(line) for line in
                       run(BINARY, "tail", "--from", "1", "--json", server=server).stdout.splitlines()]
            self.assertEqual(entries[-1]["sequence"], last)
            self.assertEqual([one["requestId"] for one in entries if one["kind"] == "movement_recorded"],
                             [f"r-{number}" for number in range(20)])
            self.assertEqual(json.loads(entries[-1]["payload"]), movement(19))

    def test_wrong_keys_positions_and_addresses_are_told(self):
        with temporary_folder() as folder, serving(BINARY, folder) as server:
            for arguments, environment in ((["tail", "--from", "99999"], {}),
                                           (["tail", "--from", "1"], {"CROUPIER_API_KEY": "rv_nobody"}),
                                           (["tail", "--from", "1"], {"CROUPIER_URL": "http://127.0.0.1:1"})):
                with self.subTest(arguments):
                    result = run(BINARY, *arguments, server=server, **environment)
                    self.assertEqual(result.returncode, 1)
                    self.assertTrue(result.stderr.startswith("croupier: "), result.stderr)
            self.assertEqual(run(BINARY, "tail", "--from", "x", server=server).returncode, 2)

    def test_following_goes_on_over_a_restart_without_a_gap(self):
        with temporary_folder() as folder, serving(BINARY, folder) as server:
            register(server)
            record(server, 0)
            first = newest(server)
            environment = clean_environment(CROUPIER_URL=f"http://{server.address}", CROUPIER_API_KEY=DEMO_KEY)
            with subprocess.Popen([BINARY, "tail", "--from", str(first), "--follow", "--json"],
                                  stdout=subprocess.PIPE, env=environment, text=True) as tail:
                read = lambda count: [json.loads(tail.stdout.readline())["sequence"] for _ in range(count)]
                seen = read(1)
                record(server, 1, 2)
                seen += read(2)
                self.assertEqual(server.stop(), 0)
                again = Server(BINARY, folder, listen=server.address)
                try:
                    record(again, 3, 4)
                    seen += read(2)
                    again.kill()
                    once_more = Server(BINARY, folder, listen=server.address)
                    record(once_more, 5)
                    seen += read(1)
                    self.assertEqual(seen, list(range(first, first + 6)))
                    once_more.kill()
                finally:
                    again.end()
                    tail.send_signal(signal.SIGINT)


if __name__ == "__main__":
    BINARY = sys.argv.pop(1)
    unittest.main()
