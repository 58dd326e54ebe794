#!/usr/bin/env python3
"""Pastes docs/reports.md into a shell, and asks the same with `croupier report`: reports_page_test.py CROUPIER"""

import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))

import croupier_process  # noqa: E402
import pages  # noqa: E402
from croupier_process import PATIENCE_S  # noqa: E402

KEY = "rv_demo_key_that_everyone_knows"
ADMIN_KEY = "rv_" + "7" * 64
QUESTION = ["--group-by", "campaign,sub1", "--measures", "deposit_amount,ftd_count"]


def report(binary, server, *arguments):
    """What `croupier report` prints, and its exit code."""
    done = subprocess.run([binary, "report", "--url", "http://" + server.address, *arguments], capture_output=True,
                          text=True, timeout=PATIENCE_S, check=False,
                          env={**croupier_process.clean_environment(), "CROUPIER_API_KEY": KEY})
    return done.stdout, done.stderr, done.returncode


def main():
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    environment = croupier_process.clean_environment(CROUPIER_ADMIN_KEY=ADMIN_KEY)
    with (croupier_process.temporary_folder() as folder,
          croupier_process.serving(binary, folder, environment=environment) as server):
        printed = pages.paste(binary, server, folder, "".join(pages.blocks(pages.text_of("reports.md"))), environment)
        answers = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
        assert answers[:2] == [{}, {}], answers
        assert answers[2]["rows"] == [{
            "groupKeys": {"affiliate": "Demo Affiliate", "sub1": "spring"},
            "metrics": {"click_count": 1, "registration_count": 1, "ftd_count": 1, "deposit_amount": "250.00",
                        "total_reward": "12.50"}}], answers[2]

        assert "date,click_count,total_reward" in printed and "Total,1,12.50" in printed, printed
        rotated, refused, disabled = answers[3:]
        assert rotated["name"] == "Weekly" and rotated["token"].startswith("rv_"), rotated
        assert refused["error"]["message"] == "Invalid or disabled report token", refused
        assert disabled["enabled"] is False and "token" not in disabled, disabled

        out, err, code = report(binary, server, *QUESTION, "--json")
        assert code == 0 and json.loads(out)["totals"] == {"deposit_amount": "250.00", "ftd_count": 1}, out + err
        out, err, code = report(binary, server, *QUESTION, "--csv")
        assert code == 0 and out.splitlines() == ["campaign,sub1,deposit_amount,ftd_count",
                                                  "5 % of deposits,spring,250.00,1", "Total,,250.00,1"], out + err
        out, err, code = report(binary, server, *QUESTION, "--filter", "sub1=autumn")
        assert code == 0 and "Total" in out and "spring" not in out, out + err
        out, err, code = report(binary, server, "--preset", "rp_unknown")
        assert code == 1 and out == "" and "Invalid or disabled report token" in err, out + err
        for wrong in ([], ["--preset", "a/b"], ["--preset", "a", "--measures", "ngr"], [*QUESTION, "--csv", "--json"]):
            assert report(binary, server, *wrong)[2] == 2, wrong
    print("the page of reports and the command agree")


if __name__ == "__main__":
    main()
