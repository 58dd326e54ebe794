#!/usr/bin/env python3
"""Holds docs/destinations.md against the program: destinations_page_test.py CROUPIER

The workspace of the page is served beside the receiver of the page; its commands run in a shell.
"""

import json
import pathlib
import re
import socket
import subprocess
import sys
import unittest

import croupier_process
import pages
from croupier_process import DEMO_KEY, NGR_LINK, ROOT, clean_environment, run, serving, temporary_folder

BINARY = ""
PAGE = ROOT / "docs" / "destinations.md"
SECRET = "a secret of the page"


def blocks(language):
    return pages.blocks(pages.text_of("destinations.md"), language)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Page(unittest.TestCase):
    def test_it_works_as_it_says(self):
        port = free_port()
        with temporary_folder() as folder:
            demo = croupier_process.DEMO_WORKSPACE
            (folder / "receiver.py").write_text(blocks("python")[0])
            workspace = folder / "workspace.toml"
            workspace.write_text(demo.read_text() + blocks("toml")[0].replace("9099", str(port)))
            croupier_process.DEMO_WORKSPACE = workspace
            environment = clean_environment(CRM_SECRET=SECRET)
            try:
                with subprocess.Popen([sys.executable, "-u", str(folder / "receiver.py"), str(port)], env=environment,
                                      stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as receiver:
                    try:
                        self.check(folder, receiver, environment)
                    finally:
                        receiver.kill()
            finally:
                croupier_process.DEMO_WORKSPACE = demo

    def check(self, folder, receiver, environment):
        options = ("--allow-private-destinations", "true")
        with serving(BINARY, folder, options=options, environment=environment) as server:
            body = "\n".join(json.dumps({
                "externalClientId": "player-42", "revenueOriginId": croupier_process.DEMO_BRAND, "requestId": f"bet-{i}",
                "metrics": [{"code": "bets", "valueType": "CLIENT_METRIC_VALUE_TYPE_RELATIVE", "value": "1"}]})
                for i in range(5))
            imported = run(BINARY, "import", "-", "--register-with-link", NGR_LINK, server=server, stdin=body)
            self.assertEqual(imported.returncode, 0, imported.stderr)
            told = [receiver.stdout.readline().split() for _ in range(6)]
            self.assertEqual([kind for _, kind in told], ["player_registered"] + ["movement_recorded"] * 5)

            pages.paste(BINARY, server, folder, "".join(blocks("sh")), clean_environment(CROUPIER_API_KEY=DEMO_KEY))
            shown = [json.loads(line) for line in (folder / "journal.ndjson").read_text().splitlines()]
            self.assertEqual([one["sequence"] for one in shown if one["kind"] != "click_tracked"][-6:],
                             [int(sequence) for sequence, _ in told])
            self.assertEqual(server.stop(), 0)
        # An orderly stop has delivered what it could; what it has not comes at the next start.
        with serving(BINARY, folder, options=options, environment=environment) as server:
            last = server.ok("GET", "/readyz")["sequence"]
            files = sorted((folder / "data" / "exports" / "warehouse").glob("*.ndjson"))
            while not files or json.loads(files[-1].read_text().splitlines()[-1])["sequence"] < last:
                self.assertLess(len(files), 3)
                files = sorted((folder / "data" / "exports" / "warehouse").glob("*.ndjson"))
            lines = [json.loads(line) for file in files for line in file.read_text().splitlines()]
            sequences = [one["sequence"] for one in lines]
            self.assertEqual(sequences, list(range(sequences[0], last + 1)))


class Kinds(unittest.TestCase):
    def test_every_kind_is_on_the_page(self):
        header = (ROOT / "http" / "entry_json.hpp").read_text(encoding="utf-8")
        kinds = re.findall(r'"(\w+)"', header.split("entry_kinds{")[1].split("}")[0])
        self.assertEqual(len(kinds), 11)
        page = PAGE.read_text(encoding="utf-8")
        for kind in kinds:
            self.assertIn(f"`{kind}`", page)


if __name__ == "__main__":
    BINARY = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main()
