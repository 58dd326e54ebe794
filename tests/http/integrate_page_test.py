#!/usr/bin/env python3
"""Pastes docs/integrate-trackdesk.md into a shell: integrate_page_test.py CROUPIER

Every block runs in one shell, in order, against a fresh server with the demo workspace; every line that a call prints
must be the JSON of an answer, not of an error.
"""

import json
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))

import croupier_process  # noqa: E402
from croupier_process import PATIENCE_S, ROOT  # noqa: E402


def main():
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    page = (ROOT / "docs" / "integrate-trackdesk.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    with croupier_process.temporary_folder() as folder, croupier_process.serving(binary, folder) as server:
        script = ("set -euo pipefail\n" + "".join(blocks)).replace("127.0.0.1:8080", server.address)
        result = subprocess.run(["bash"], input=script, capture_output=True, text=True, timeout=PATIENCE_S,
                                env=croupier_process.clean_environment(), check=False)
    assert result.returncode == 0 and result.stderr == "", result.stdout + result.stderr
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(answers) == 12, result.stdout
    for answer in answers:
        assert "message" not in answer, answer
    bets = [entry["value"] for entry in answers[9]["integerMetrics"] if entry["code"] == "bets"]
    assert bets == [5], answers[9]
    assert answers[11]["rows"][0]["openBalance"] == "12.50", answers[11]
    print(f"{len(answers)} calls of the page answer")


if __name__ == "__main__":
    main()
