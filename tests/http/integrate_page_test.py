#!/usr/bin/env python3
"""Pastes docs/integrate-trackdesk.md into a shell: integrate_page_test.py CROUPIER

Every block runs in one shell, in order, against a fresh server with the demo workspace; every line that a call prints
must be the JSON of an answer, not of an error.
"""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))

import pages  # noqa: E402


def main():
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    printed = pages.printed_by(binary, "integrate-trackdesk.md")
    answers = [json.loads(line) for line in printed.splitlines()]
    assert len(answers) == 13, printed
    for answer in answers:
        assert "message" not in answer, answer
    bets = [entry["value"] for entry in answers[9]["integerMetrics"] if entry["code"] == "bets"]
    assert bets == [5], answers[9]
    assert answers[12]["rows"][0]["openBalance"] == "12.50", answers[12]
    print(f"{len(answers)} calls of the page answer")


if __name__ == "__main__":
    main()
