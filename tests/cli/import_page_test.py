#!/usr/bin/env python3
"""Pastes docs/import.md into a shell: import_page_test.py CROUPIER"""

import pathlib
import re
import sys

import croupier_process
import pages
from croupier_process import DEMO_BRAND, ROOT, clean_environment


def main():
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    page = pages.text_of("import.md")
    environment = clean_environment(CROUPIER_ADMIN_KEY="rv_admin_key_of_the_import_page")
    with croupier_process.temporary_folder() as folder, \
            croupier_process.serving(binary, folder, environment=environment) as server:
        (folder / "config").symlink_to(ROOT / "config")
        printed = pages.paste(binary, server, folder, "".join(pages.blocks(page)), environment)
        balances = server.get("/api/node/clients/v1/balances", revenueOriginId=DEMO_BRAND, externalId="player-1")
        ann = server.get("/api/node/clients/v1/balances", revenueOriginId=DEMO_BRAND, externalId="ann")
    shown = "".join(pages.blocks(page, "text")[:2])
    assert printed.startswith(shown), f"the page shows\n{shown}\nand the import prints\n{printed}"
    assert re.findall(r"accepted +(\d+)", printed) == ["3", "1", "3", "2"], printed
    assert ann["revshare"]["total"] == "0" and {"code": "ngr", "value": "239.25"} in ann["decimalMetrics"], ann
    values = {each["code"]: each["value"] for each in balances["decimalMetrics"] + balances["integerMetrics"]}
    # Two bets as the first mapping says, one line of NDJSON, and the same two bets as the page's own mapping says.
    assert values["bets"] == 3 and values["wagered"] == "686.66" and values["won"] == "4696.66", values
    print("the page of imports does what it says")


if __name__ == "__main__":
    main()
