#!/usr/bin/env python3
"""Pastes the tour of README.md into a shell: tour_test.py CROUPIER

The blocks marked `sh` are run in one shell, in order, with the address and the program of this test in place of the
ones that a reader has. The block behind each is what it must print, apart from ids and times.
"""

import pathlib
import re
import sys

import croupier_process
import pages
from croupier_process import ROOT

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z")
MARK = "--- end of a block ---"


def tour():
    """The shell blocks of the tour, each with what it must print."""
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("## A tour of two minutes\n")[1].split("\n## ")[0]
    steps = []
    for language, text in pages.BLOCK.findall(section):
        if language == "sh":
            steps.append([text, ""])
        else:
            steps[-1][1] = text
    return steps


def without_chance(text):
    return TIME.sub("<time>", UUID.sub("<id>", text))


def main():
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    steps = tour()
    assert sum(1 for _, expected in steps if expected) >= 5, "the tour is not where this test looks for it"
    with croupier_process.temporary_folder() as folder, croupier_process.serving(binary, folder) as server:
        script = f"echo '{MARK}'\n".join(text for text, _ in steps).replace("build/release/croupier", "croupier")
        output = pages.paste(binary, server, folder, script)
    for (text, expected), printed in zip(steps, output.split(MARK + "\n"), strict=True):
        if without_chance(printed) != without_chance(expected):
            print(f"{text}\nshould print\n\n{expected}\nand prints\n\n{printed}")
            return 1
    print(f"{len(steps)} steps of the tour print what README.md says")
    return 0


if __name__ == "__main__":
    sys.exit(main())
