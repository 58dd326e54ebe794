#!/usr/bin/env python3
"""Pastes docs/administer.md into a shell: administer_page_test.py CROUPIER

Every block runs in one shell, in order, against a fresh server with the demo workspace.
"""

import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))

import pages  # noqa: E402
from croupier_process import clean_environment  # noqa: E402

ADMIN_KEY = "rv_admin_key_of_the_page_test"
APPLIED = """    payment_details: "DE89 3704 0044" -> "DE89 3704 0044 0532 0130 00"
created plan 'Ada's tiers'
"""


def main():
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    page = pages.text_of("administer.md")
    output = pages.printed_by(binary, "administer.md", clean_environment(CROUPIER_ADMIN_KEY=ADMIN_KEY))
    answers = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    ada, link, reset, unknown, in_use, registered, opened, owed, key, log = answers
    assert ada["name"] == "Ada" and link["affiliateId"] == ada["id"], output
    assert reset["deal"]["carryover"] == "reset" and reset["paymentDetails"] == ada["paymentDetails"], output
    for answer in (unknown, in_use):
        # The page shows the answer, or its beginning, in the comment behind the call.
        shown = [line[2:].removesuffix(" ...").rstrip(",") for line in page.splitlines() if line.startswith("# {")]
        assert any(json.dumps(answer, separators=(",", ":")).startswith(one) for one in shown), answer
    assert registered == opened == {}, output
    assert all(row["openBalance"] == "0" for row in owed["rows"]), owed
    assert key["secret"].startswith("rv_"), output
    assert re.search(r"^key  rv_[0-9a-f]{64}$", output, re.MULTILINE), output
    assert "platform" in output and "revoked 'for a day'" in output, output
    assert output.count(APPLIED) == 2, output
    assert "2 would change, 0 unchanged" in output and "2 changed, 0 unchanged" in output, output
    assert "0 changed, 2 unchanged" in output, output
    assert [row["change"] for row in log["rows"]] == ["changed", "changed", "created"], log
    assert log["rows"][0]["fields"] == ["paymentDetails"], log
    print(f"{len(answers)} calls of the page answer")


if __name__ == "__main__":
    main()
