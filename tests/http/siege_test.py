#!/usr/bin/env python3
"""Good clients beside hostile ones of every kind (siege.py): siege_test.py CROUPIER [--movements N] [--idle N]

The good ones must be served and keep their balances, memory must stay bounded, and /metrics must count what happened.
How much longer they wait is printed, and asserted loosely: on two cores the attackers take processor time, too.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))
from croupier_process import DEMO_KEY, clean_environment, serving, temporary_folder  # noqa: E402

LIMITS = ("--header-timeout-s", "2", "--body-timeout-s", "2", "--write-timeout-s", "2", "--keep-alive-timeout-s", "3",
          "--log-level", "error")
WORSE_AT_MOST = 40
COUNTED = ['croupier_http_timeouts_total{kind="header"}', 'croupier_http_timeouts_total{kind="body"}',
           'croupier_http_timeouts_total{kind="write"}', 'croupier_http_timeouts_total{kind="idle"}',
           "croupier_http_framing_errors_total"]


def memory_kib(server):
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.search(r"^VmRSS:\s+(\d+)", status, re.MULTILINE).group(1))


def figures(server):
    return {name: float(value) for name, value in re.findall(
        r"^(croupier_\S+) (\S+)$", server.ok("GET", "/metrics", key=None), re.MULTILINE)}


def good_clients(binary, server, movements):
    """The report of good clients, and the most memory that the server had meanwhile."""
    command = [binary, "bench", "--scenario", "single", "--movements", str(movements), "--players", "100",
               "--connections", "8", "--json", "--url", f"http://{server.address}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                          env=clean_environment(CROUPIER_API_KEY=DEMO_KEY)) as process:
        most = 0
        while True:
            most = max(most, memory_kib(server))
            try:
                output, _ = process.communicate(timeout=0.1)
                break
            except subprocess.TimeoutExpired:
                continue
    assert process.returncode == 0, output
    return json.loads(output), most


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--movements", type=int, default=10_000)
    parser.add_argument("--idle", type=int, default=1_000)
    parser.add_argument("--growth-mib", type=int, default=256, help="how much memory the server may take on top")
    chosen = parser.parse_args()
    with temporary_folder() as folder, serving(chosen.binary, folder, options=LIMITS) as server:
        quiet, memory_before = good_clients(chosen.binary, server, chosen.movements)
        attack = subprocess.Popen([sys.executable, "-B", str(pathlib.Path(__file__).with_name("siege.py")),
                                   server.address, str(chosen.idle)],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        rounds, most, sums = 0, 0, []
        counted = {}
        # Until every kind of attack has come to its end at least once, whatever the pace of the machine.
        while rounds < 2 or (rounds < 30 and not all(counted.get(name, 0) > 0 for name in COUNTED)):
            report, memory = good_clients(chosen.binary, server, chosen.movements)
            sums.append(report["answers"]["accepted"])
            rounds, most, counted = rounds + 1, max(most, memory), figures(server)
        output, _ = attack.communicate(input="", timeout=60)
        done = json.loads(output)
        wrong = {name: count for name, count in done.items() if name.startswith("wrong")}
        assert not wrong, wrong
        assert set(done) >= {"slow_headers", "half_closed", "pipelining", "header_flood", "smuggling", "huge_chunks",
                             "tls_garbage"}, done
        for name in COUNTED:
            assert counted.get(name, 0) > 0, f"{name} counted nothing: {done}"
        refused = {status: sum(value for name, value in counted.items() if name.startswith("croupier_http_requests_total")
                               and f'status="{status}"' in name) for status in (413, 431)}
        assert all(refused.values()), f"not every refusal is counted: {refused}"
        assert most - memory_before < chosen.growth_mib * 1024, f"memory grew from {memory_before} to {most} KiB"
        assert server.stop() == 0
    calm, worst = quiet["answers"]["accepted"], max(sums, key=lambda each: each["p99Us"])
    ratio = worst["p99Us"] / calm["p99Us"]
    print(f"good clients: p99 {calm['p99Us'] / 1000:.1f} ms quiet, {worst['p99Us'] / 1000:.1f} ms besieged ({ratio:.1f} x), "
          f"largest {worst['maxUs'] / 1000:.0f} ms; memory {memory_before // 1024} MiB, at most {most // 1024} MiB; "
          f"{chosen.idle} idle connections and " + ", ".join(f"{count} {name}" for name, count in sorted(done.items())))
    assert ratio < WORSE_AT_MOST, f"good clients wait {ratio:.1f} times as long"


if __name__ == "__main__":
    sys.exit(main())
