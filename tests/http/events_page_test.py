#!/usr/bin/env python3
"""Pastes docs/integrate-revvvs.md and docs/integrate-wynta.md into a shell: events_page_test.py CROUPIER

Every block of a page runs in one shell, in order, against a fresh server with the demo workspace.
"""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))

import pages  # noqa: E402


def answers_of(binary, name):
    return [json.loads(line) for line in pages.printed_by(binary, name).splitlines()]


def balance(answer, code):
    listed = answer["integerMetrics"] + answer["decimalMetrics"]
    return next(entry["value"] for entry in listed if entry["code"] == code)


def check_revvvs(binary):
    registered, batch, retry, balances, listed = answers_of(binary, "integrate-revvvs.md")
    assert registered["result"]["status"] == "accepted", registered
    assert batch["summary"] == {"total": 2, "accepted": 2, "duplicates": 0, "errors": 0}, batch
    assert retry["result"]["status"] == "duplicate" and retry["result"]["payload_mismatch"], retry
    assert retry["result"]["event_id"] == batch["results"][0]["event_id"], retry
    assert balance(balances, "deposits-total") == "250.00" and balance(balances, "ngr") == "12.50", balances
    assert balances["revshare"]["total"] == "12.50", balances
    assert [row["eventName"] for row in listed["rows"]] == ["ngr_update", "first_deposit", "registration"], listed


def check_wynta(binary):
    first, second, tracked, retry, profile = answers_of(binary, "integrate-wynta.md")
    assert first == second == {"user_id": "ply_776192"}, (first, second)
    assert tracked == {"accepted": 2, "rejected": 1, "errors": [
        {"index": 2, "event_id": "e-3", "code": "MISSING_FIELD", "message": "event_name is required"}]}, tracked
    assert retry == {"accepted": 1, "rejected": 0, "errors": []}, retry
    assert profile["traits"] == {"brand_id": "brand_01", "country": "MT", "vip_level": "platinum"}, profile
    assert profile["balances"]["deposits-total"] == "100.00" and profile["balances"]["bets"] == 1, profile
    assert profile["balances"]["ngr"] == "2.00", profile


def main():
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    check_revvvs(binary)
    check_wynta(binary)
    print("the calls of both pages answer as they say")


if __name__ == "__main__":
    main()
