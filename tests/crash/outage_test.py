#!/usr/bin/env python3
"""Takes the disk away from a running server and gives it back.

    outage_test.py CROUPIER --failing-disk LIBRARY [--rounds N]      EIO on write, ENOSPC on write, EIO on sync
    outage_test.py CROUPIER --small-disk                             a file system of 256 MiB that is filled up

While the disk fails every movement is refused with 503, the balances stay what they were and can be read at any moment,
and /readyz says so; after it has come back the same process takes movements again. A restart after a kill then shows
exactly what was acknowledged.
--small-disk needs to be allowed to mount a tmpfs; where it is not, the exit code is 77.
"""

import argparse
import contextlib
import os
import pathlib
import subprocess
import sys
import threading
import time

from own_list import OwnList, Refused, counter
from croupier_process import Server, clean_environment, temporary_folder

PATIENCE_S = 60
REFUSALS_EACH = 150  # each of them is repeated after the outage, so that there need not be many
SKIPPED = 77
QUIET = ("--log-level", "warning", "--checkpoint-entries", "1000")


def until(condition, what):
    """Tries until it is true; the answer of the condition."""
    give_up = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up:
        answer = condition()
        if answer:
            return answer
    raise AssertionError(f"waited {PATIENCE_S} s in vain: {what}")


def readiness(server):
    status, answer = server.call("GET", "/readyz", key=None)
    assert status in (200, 503) and answer["status"] == ("ready" if status == 200 else "not ready"), (status, answer)
    return status == 200


class Load(threading.Thread):
    """Movements one after the other beside the outage, so that it comes in the middle of commits."""

    def __init__(self, server, own):
        super().__init__(daemon=True)
        self.server, self.own = server, own
        self.ending = threading.Event()
        self.statuses = set()
        self.refused = []

    def run(self):
        while not self.ending.is_set() and len(self.refused) < REFUSALS_EACH:
            status, movement = self.own.send(self.server)
            self.statuses.add(status)
            if status != 200:
                self.refused.append(movement)

    def end(self):
        self.ending.set()
        self.join(PATIENCE_S)
        assert not self.is_alive(), "a call hangs"
        assert self.statuses <= {200, 503}, f"unexpected answers: {self.statuses}"


class Reading(threading.Thread):
    """Reads balances and lists from before an outage until after it; not one may be refused."""

    def __init__(self, server, own):
        super().__init__(daemon=True)
        self.server, self.own = server, own
        self.ending = threading.Event()
        self.count = 0
        self.refused = []

    def run(self):
        while not self.ending.is_set():
            try:
                self.own.shown(self.server)
                self.own.listed(self.server)
            except Refused as why:
                self.refused.append(why)
            self.count += 1

    def end(self):
        self.ending.set()
        self.join(PATIENCE_S)
        assert not self.is_alive(), "a read hangs"
        assert self.count > 0 and not self.refused, f"{len(self.refused)} of {self.count}: {self.refused[:1]}"


def one_outage(server, own, fail, relieve):
    """`fail` may be called again and again; it takes the disk away a little more each time."""
    loads = [Load(server, OwnListShare(own, number)) for number in range(3)]
    reading = Reading(server, own)
    for each in (*loads, reading):
        each.start()
    until(lambda: all(load.own.sent > 5 for load in loads), "some movements before the outage")

    def broken():
        fail()
        return all(load.refused for load in loads)

    until(broken, "a movement that is refused")
    until(lambda: not readiness(server), "/readyz that says so")
    observed_until = time.monotonic() + 1.5
    while time.monotonic() < observed_until and len(loads[0].refused) < 3 * REFUSALS_EACH:
        assert not readiness(server), "/readyz says ready while the disk fails"
        status, movement = own.send(server)
        loads[0].refused.append(movement)
        assert status == 503, f"a movement was answered {status} while the disk fails"
        assert server.call("GET", "/healthz", key=None)[0] == 200
    for load in loads:
        load.end()
        own.promised += load.own.promised
    own.check_unordered(server)  # the balances are what they were, and can be read
    relieve()
    own.outages += 1
    refused = [movement for load in loads for movement in load.refused]
    until(lambda: own.send(server, refused[0])[0] == 200, "a movement that is taken after the outage")
    assert readiness(server)
    reading.end()
    for movement in refused[1:]:
        status, _ = own.send(server, movement)
        assert status == 200, f"{movement} was refused with 503 and now is answered {status}: it was applied after all"
    own.check_unordered(server)
    assert counter(server, "croupier_in_flight") == 0
    assert counter(server, "croupier_journal_errors_total") > 0
    assert counter(server, 'croupier_failures_total{reason="journal_unavailable"}') > 0
    said = server.log()
    # The journal and the checkpoints each say so when theirs is back.
    assert own.outages <= said.count("the storage is back") <= 2 * own.outages, said[-2000:]
    assert "the storage fails" in said
    return len(refused)


class OwnListShare(OwnList):
    """A list of one thread, with request ids of its own and the players of the whole."""

    def __init__(self, whole, number):
        super().__init__(0)
        self.players = whole.players
        whole.shares += 1
        self.prefix = f"share-{whole.shares}-{number}"

    def next_movement(self):
        player, request_id, cents = super().next_movement()
        return player, f"{self.prefix}-{request_id}", cents


class WholeList(OwnList):
    shares = 0
    outages = 0

    def check_unordered(self, server):
        """Promises of several threads: in which order the ledger took them is its own affair."""
        assert len(self.listed(server)) == len(self.promised), "not as many movements as were acknowledged"
        self.take_order_from(server)
        self.check(server)


def check_after_kill(binary, folder, server, own):
    server.kill()
    server = Server(binary, folder, options=QUIET)
    own.check_unordered(server)
    assert server.stop() == 0


def failing_disk(binary, library, rounds):
    with temporary_folder() as folder:
        switch = folder / "switch"
        server = Server(binary, folder, options=QUIET, environment=clean_environment(
            LD_PRELOAD=library, FAILING_DISK_FOLDER=str(folder / "data"), FAILING_DISK_SWITCH=str(switch)))
        own = WholeList(8)
        own.register(server)
        outages, refused = 0, 0
        for _ in range(rounds):
            for fault in ("sync", "write", "space"):
                control = pathlib.Path(f"{switch}.{fault}")
                refused += one_outage(server, own, control.touch, control.unlink)
                outages += 1
        check_after_kill(binary, folder, server, own)
    print(f"{outages} outages, {len(own.promised)} movements acknowledged, {refused} refused and then repeated; "
          "0 lost, 0 twice, /readyz right throughout")


@contextlib.contextmanager
def small_disk(mebibytes):
    with temporary_folder() as folder:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "croupier-test", str(folder)],
                                 capture_output=True, text=True, check=False)
        if mounted.returncode != 0:
            print(f"SKIPPED: a small file system is needed and may not be mounted here: {mounted.stderr.strip()}")
            sys.exit(SKIPPED)
        try:
            yield folder
        finally:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def full_disk(binary):
    with small_disk(256) as folder:
        server = Server(binary, folder, options=QUIET)
        own = WholeList(8)
        own.register(server)
        ballast = folder / "ballast"

        def fill():
            with open(ballast, "ab", buffering=0) as file:
                for piece in (1 << 20, 1 << 12):
                    with contextlib.suppress(OSError):
                        while file.write(bytes(piece)) == piece:
                            pass
            # What RocksDB has set aside for its log is room still, and movements must come to its end.
            own.send_bulk(server, 40, "x" * 30_000)

        refused = one_outage(server, own, fill, ballast.unlink)
        check_after_kill(binary, folder, server, own)
    print(f"a full disk: {len(own.promised)} movements acknowledged, {refused} refused and then repeated; "
          "0 lost, 0 twice, /readyz right throughout")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--failing-disk")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--small-disk", action="store_true")
    chosen = parser.parse_args()
    if chosen.small_disk:
        full_disk(chosen.binary)
    else:
        failing_disk(chosen.binary, os.path.abspath(chosen.failing_disk), chosen.rounds)


if __name__ == "__main__":
    sys.exit(main())
