#!/usr/bin/env python3
"""Holds docs/operate.md and the files beside it against the program: operate_page_test.py CROUPIER

The blocks marked `sh` run in one shell, in order, beside a server with a folder of backups. Every metric of the
alerts is one that /metrics gives. The unit's command and exit codes are the program's.
"""

import configparser
import pathlib
import re
import sys
import unittest

import pages
from croupier_process import NGR_LINK, ROOT, clean_environment, run, serving, temporary_folder

BINARY = ""
ADMIN_KEY = "rv_" + "5" * 64
DOCS = ROOT / "docs"
BODY = ('{"externalClientId":"player-42","revenueOriginId":"0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11","requestId":"bet-1",'
        '"metrics":[{"code":"bets","valueType":"CLIENT_METRIC_VALUE_TYPE_RELATIVE","value":"1"}]}')


class Page(unittest.TestCase):
    def test_its_commands_do_what_it_says(self):
        blocks = pages.blocks(pages.text_of("operate.md"))
        self.assertGreaterEqual(len(blocks), 4)
        with temporary_folder() as folder:
            backups = folder / "backups"
            environment = clean_environment(CROUPIER_ADMIN_KEY=ADMIN_KEY)
            with serving(BINARY, folder, options=("--backup-dir", str(backups)), environment=environment) as server:
                run(BINARY, "import", "-", "--register-with-link", NGR_LINK, server=server, stdin=BODY)
                printed = pages.paste(BINARY, server, folder,
                                      "".join(blocks).replace("/var/backups/croupier", str(backups)),
                                      clean_environment(CROUPIER_API_KEY=ADMIN_KEY))
            self.assertIn("restored is sound", printed)
            self.assertIn('"requestId":"bet-1"', (folder / "movements.ndjson").read_text())


class Alerts(unittest.TestCase):
    def test_every_metric_is_one_that_the_server_gives(self):
        expressions = re.findall(r"expr: (.*)", (DOCS / "prometheus-alerts.yml").read_text(encoding="utf-8"))
        self.assertGreaterEqual(len(expressions), 8)
        with temporary_folder() as folder, serving(BINARY, folder) as server:
            text = server.ok("GET", "/metrics", key=None)
            text = server.ok("GET", "/metrics", key=None)  # the first call is in the second answer
        names = set(re.findall(r"^(croupier_\w+)", text, re.MULTILINE))
        for expression in expressions:
            for name in re.findall(r"croupier_\w+", expression):
                self.assertIn(name, names)
        for name, label, value in re.findall(r'(croupier_\w+)\{(\w+)="(\w+)"\}', " ".join(expressions)):
            if label == "mode":  # only the present one is given
                self.assertIn(value, ("sync", "async"))
            else:
                self.assertIn(f'{name}{{{label}="{value}"}}', text)


class Unit(unittest.TestCase):
    def test_it_starts_the_program_and_knows_its_exit_codes(self):
        unit = configparser.ConfigParser(strict=False, interpolation=None)
        unit.optionxform = str
        unit.read(DOCS / "croupier.service")
        service = unit["Service"]
        program, command, option, _ = service["ExecStart"].split()
        self.assertTrue(program.endswith("/croupier"))
        usage = run(BINARY, command, "--help").stdout
        self.assertIn(option, usage)
        for code in service["RestartPreventExitStatus"].split():
            self.assertIn(f" {code} ", usage)


if __name__ == "__main__":
    BINARY = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main()
