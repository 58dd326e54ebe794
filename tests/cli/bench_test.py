#!/usr/bin/env python3
"""The load that users can make themselves: bench_test.py CROUPIER [--movements N] [--copies K] [--seed S]

The short form is a retry storm of 100,000 movements, three copies each; the long one --movements 1000000 --copies 5.
"""

import argparse
import json
import re
import sys

from croupier_process import run, serving, temporary_folder

CHOSEN = argparse.Namespace()


def counter(server, name):
    text = server.ok("GET", "/metrics", key=None)
    return int(re.search(rf"^{name} (\d+)$", text, re.MULTILINE).group(1))


def bench(server, *arguments, code=0):
    result = run(CHOSEN.binary, "bench", "--json", *arguments, server=server,
                 patience_s=120 + CHOSEN.movements * CHOSEN.copies // 1000)
    assert result.returncode == code, f"{arguments}: exit code {result.returncode}\n{result.stdout}{result.stderr}"
    return json.loads(result.stdout)


def retry_storm(server):
    before = counter(server, "croupier_movements_accepted_total")
    told = bench(server, "--scenario", "retry-storm", "--movements", CHOSEN.movements, "--copies", CHOSEN.copies,
                 "--cut", 1, "--changed", 3, "--seed", CHOSEN.seed)
    applied = counter(server, "croupier_movements_accepted_total") - before
    answers = {name: figures["count"] for name, figures in told["answers"].items()}
    assert applied == CHOSEN.movements, f"{applied} movements were applied instead of {CHOSEN.movements}"
    assert answers["error"] == 0 and answers["mismatch"] > 0 and told["unanswered"]["cut on purpose"] > 0, told
    heard = answers["accepted"] + answers["duplicate"] + answers["mismatch"]
    assert heard + sum(told["unanswered"].values()) == CHOSEN.movements * CHOSEN.copies + told["askedAgain"], told
    assert counter(server, "croupier_in_flight") == 0
    print(f"retry storm: {CHOSEN.movements} x {CHOSEN.copies}, seed {CHOSEN.seed}, {told['elapsedMs'] / 1000:.1f} s, "
          f"{told['answersPerSecond']} answers/s: {answers['accepted']} accepted, {answers['duplicate']} duplicates, "
          f"{answers['mismatch']} mismatches, {told['unanswered']['cut on purpose']} cut; p99 "
          f"{told['answers']['accepted']['p99Us'] / 1000:.1f} ms accepted, "
          f"{told['answers']['duplicate']['p99Us'] / 1000:.1f} ms duplicates; 0 differences")


def other_scenarios(server):
    for scenario, outcome, times in (("single", "accepted", 1), ("batch", "accepted", 100), ("reads", "read", 1)):
        told = bench(server, "--scenario", scenario, "--movements", 2000, "--players", 50, "--connections", 8)
        assert told["answers"][outcome]["count"] * times == 2000, told


def wrong_use(server):
    for arguments in (["--scenario", "dance"], ["--copies", 0], ["--cut", 101], ["--url", "nowhere"]):
        result = run(CHOSEN.binary, "bench", *arguments, server=server)
        assert result.returncode == 2, f"{arguments}: {result.returncode} {result.stderr}"
    for arguments, text in ((["--link", "00000000-0000-4000-8000-000000000000"], "no click"),
                            (["--brand", "00000000-0000-4000-8000-000000000000"], "could not be registered"),
                            (["--api-key", "wrong"], "metrics cannot be read"),
                            (["--url", "https://127.0.0.1:1"], "plain HTTP")):
        result = run(CHOSEN.binary, "bench", *arguments, server=server)
        assert result.returncode == 1 and text in result.stderr, f"{arguments}: {result.returncode} {result.stderr}"
        assert result.stderr.count("\n") == 1, result.stderr


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--movements", type=int, default=100_000)
    parser.add_argument("--copies", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.parse_args(namespace=CHOSEN)
    with temporary_folder() as folder, serving(CHOSEN.binary, folder, options=("--log-level", "warning")) as server:
        other_scenarios(server)
        wrong_use(server)
        retry_storm(server)
        assert server.stop() == 0


if __name__ == "__main__":
    sys.exit(main())
