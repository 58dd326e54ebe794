#!/usr/bin/env python3
"""Damages the files of a data folder, one at a time, starts the server on it, and compares with what clients were told.

    damage_test.py CROUPIER [--all] [--seed S]

Each file is cut, emptied, ended in zeros, changed in a byte, removed, exchanged with another one and replaced by that
of another ledger, in a folder that was left by an orderly stop and in one that was left by a kill. The server must
refuse to start with one line, or refuse to read what is damaged, or show exactly what was promised, reports and
accounts included. One thing cannot be told from a torn write after a kill, and may lose the newest promises: damage to
the log that was being written.
"""

import argparse
import collections
import os
import pathlib
import random
import shutil
import subprocess
import sys

from own_list import OwnList, Refused
from croupier_process import Server, clean_environment, temporary_folder

# Notes for people, locks and copies of options: RocksDB writes them anew and no value depends on them.
NO_DATA = ("LOG", "LOCK", "croupier.lock", "OPTIONS", "IDENTITY")
QUIET = ("--log-level", "warning", "--checkpoint-entries", "1000")


def make_ledger(binary, folder, orderly):
    """A folder with table files of several checkpoints and a log, and what was promised of it."""
    folder.mkdir()
    own = OwnList(6)
    server = Server(binary, folder, options=QUIET)
    own.register(server)
    for round_number in range(3):
        own.send_batch(server, 980 + round_number)
    for _ in range(12):
        own.send(server)
    if orderly:
        assert server.stop() == 0
        server = Server(binary, folder, options=QUIET)
        own.send_batch(server, 30)
        own.take_order_from(server)
        assert server.stop() == 0
    else:
        own.take_order_from(server)
        server.kill()
    return own


def files_of(folder):
    return sorted(path for path in (folder / "data").rglob("*")
                  if path.is_file() and not path.name.startswith(NO_DATA))


def flip(path, at):
    content = bytearray(path.read_bytes())
    content[at] ^= 1 << at % 8
    path.write_bytes(content)


def exchange(path, other):
    mine, theirs = path.read_bytes(), other.read_bytes()
    path.write_bytes(theirs)
    other.write_bytes(mine)


def blank(path, begin):
    size = path.stat().st_size
    path.write_bytes(path.read_bytes()[:begin] + bytes(size - begin))


def size_of(path):
    """Without the room that is reserved behind what is in a log."""
    return len(path.read_bytes().rstrip(b"\0")) if path.suffix == ".log" else path.stat().st_size


def accidents_of(path, files, foreign, rng):
    """(name, what to do to the folder) for one file; the functions take the file's twin in a copy of the folder."""
    size = size_of(path)
    yield "remove", lambda twin: twin.unlink()
    yield "append", lambda twin: twin.write_bytes(twin.read_bytes() + b"garbage")
    if size > 0:
        yield "empty", lambda twin: twin.write_bytes(b"")
        yield "cut one byte", lambda twin: twin.write_bytes(twin.read_bytes()[:size - 1])
        # A catalogue that ends early is as good as one of an earlier moment: only what stands elsewhere tells.
        for part in {rng.randrange(size) for _ in range(8 if path.name.startswith("MANIFEST") else 1)}:
            yield f"cut to {part}", lambda twin, part=part: twin.write_bytes(twin.read_bytes()[:part])
            yield f"zeros from {part}", lambda twin, part=part: blank(twin, part)
        for at in sorted({0, size - 1, *(rng.randrange(size) for _ in range(4))}):
            yield f"flip byte {at}", lambda twin, at=at: flip(twin, at)
    alike = [each for each in files if each.suffix == path.suffix and each != path]
    if alike:
        other = rng.choice(alike)
        there = pathlib.PurePath(os.path.relpath(other, path.parent))
        yield f"exchange with {other.name}", lambda twin: exchange(twin, twin.parent / there)
    theirs = [each for each in files_of(foreign) if each.suffix == path.suffix]
    if theirs:
        replacement = next((each for each in theirs if each.name == path.name), rng.choice(theirs))
        yield "replace by another ledger's", lambda twin: shutil.copy(replacement, twin)


def may_lose_newest(path, orderly):
    """Whether a file ends in what may have been torn when the process was killed."""
    return not orderly and path.suffix == ".log"


def start_and_judge(binary, folder, own, may_lose):
    """What became of it: "refused", "refused when read" or "recovered"."""
    try:
        server = Server(binary, folder, options=QUIET)
    except AssertionError:
        lines = [line for line in (folder / "server.log").read_text().splitlines() if line.startswith("croupier: ")]
        assert len(lines) == 1, f"refused with {len(lines)} lines: {(folder / 'server.log').read_text()}"
        again = subprocess.run([binary, "serve", "--data-dir", folder / "data", "--listen", "127.0.0.1:0"],
                               capture_output=True, text=True, env=clean_environment(), timeout=60, check=False)
        assert again.returncode == 3, f"refused with exit code {again.returncode}: {again.stderr}"
        return "refused"
    try:
        kept = own.check(server, may_lose)
        own.check_repeats(server, own.promised[:kept:97])
        own.check_books(server, kept)
        if may_lose and kept < len(own.promised):
            return "recovered without the newest"
        return "recovered"
    except Refused:
        said = server.log()
        assert "could not be read" in said or "the books" in said, f"a read was refused and the log is silent: {said}"
        return "refused when read"
    finally:
        server.kill()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    chosen = parser.parse_args()
    rng = random.Random(chosen.seed)
    print(f"seed {chosen.seed}", flush=True)
    outcomes, failures = collections.Counter(), []
    with temporary_folder() as scratch:
        make_ledger(chosen.binary, scratch / "foreign", orderly=False)
        cases = []
        for orderly, name in ((True, "stopped"), (False, "killed")):
            own = make_ledger(chosen.binary, scratch / name, orderly)
            files = files_of(scratch / name)
            for path in files:
                accidents = list(accidents_of(path, files, scratch / "foreign", rng))
                for accident, change in accidents if chosen.all else rng.sample(accidents, min(3, len(accidents))):
                    cases.append((name, orderly, own, path, accident, change))
        for name, orderly, own, path, accident, change in cases:
            copy = scratch / "copy"
            shutil.copytree(scratch / name, copy)
            (copy / "server.log").unlink()
            try:
                change(copy / path.relative_to(scratch / name))
                outcome = start_and_judge(chosen.binary, copy, own, may_lose_newest(path, orderly))
            except AssertionError as problem:
                failures.append(f"{name}, {path.name}, {accident}: {problem}")
                outcome = "WRONG"
            outcomes[outcome] += 1
            if chosen.all:
                print(f"{name:8} {path.name:18} {accident:30} {outcome}", flush=True)
            shutil.rmtree(copy)
    assert not failures, "\n".join(failures)
    print(f"{sum(outcomes.values())} accidents, seed {chosen.seed}: " +
          ", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common()) + "; 0 silently accepted")
    assert outcomes["refused"] > 0 and outcomes["recovered"] > 0, "accidents of both kinds are part of this test"


if __name__ == "__main__":
    sys.exit(main())
