#!/usr/bin/env python3
"""Backing up, restoring, proving, exporting, completing: operations_test.py CROUPIER"""

import json
import os
import pathlib
import pty
import re
import subprocess
import sys
import threading
import unittest

import help_texts
from croupier_process import DEMO_BRAND, DEMO_KEY, NGR_LINK, clean_environment, run, serving, temporary_folder

BINARY = ""
ADMIN_KEY = "rv_" + "5" * 64
MOVEMENTS = "/tracking/clients/v1/metrics/movements"
LIST = "/api/node/clients/v1/metrics/movements/list"


def body(request_id, player="ann", value="10", code="ngr", how="RELATIVE"):
    return {"externalClientId": player, "revenueOriginId": DEMO_BRAND, "requestId": request_id,
            "metrics": [{"code": code, "valueType": f"CLIENT_METRIC_VALUE_TYPE_{how}", "value": value}]}


def lines(bodies):
    return "\n".join(map(json.dumps, bodies))


def with_admin(folder, **options):
    return serving(BINARY, folder, environment=clean_environment(CROUPIER_ADMIN_KEY=ADMIN_KEY), **options)


def admin(*arguments, **options):
    return run(BINARY, *arguments, CROUPIER_API_KEY=ADMIN_KEY, **options)


def recorded(server, request_ids):
    """How many of these request ids have a movement."""
    found = 0
    for start in range(0, len(request_ids), 500):
        filters = {"timeRange": {"from": "2000-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"},
                   "requestIds": request_ids[start:start + 500]}
        page = server.ok("POST", LIST, {"filters": filters, "pagination": {"limit": 500, "offset": 0}})
        found += len(page["rows"])
    return found


class Load:
    """Records movements as fast as one connection does, and knows which were answered."""

    def __init__(self, server):
        self.server = server
        self.answered = []
        self.ending = False
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def work(self):
        number = 0
        while not self.ending:
            number += 1
            try:
                status, _ = self.server.call("POST", MOVEMENTS, body(f"load-{number}", value="1"))
            except OSError:
                return
            if status == 200:
                self.answered.append(f"load-{number}")

    def wait_for(self, count):
        while len(self.answered) < count:
            assert self.thread.is_alive(), "the load has ended"
            self.thread.join(0.005)

    def end(self):
        self.ending = True
        self.thread.join()


class Verify(unittest.TestCase):
    def test_a_killed_ledger_is_sound_and_a_running_one_is_refused(self):
        with temporary_folder() as folder, serving(BINARY, folder) as server:
            run(BINARY, "import", "-", "--register-with-link", NGR_LINK, server=server,
                stdin=lines(body(str(i)) for i in range(300)))
            running = run(BINARY, "verify", folder / "data")
            self.assertEqual(running.returncode, 3)
            self.assertIn("in use by another process", running.stderr)
            server.kill()
            before = sorted(path.name for path in (folder / "data").iterdir())
            found = json.loads(run(BINARY, "verify", folder / "data", "--json").stdout)
            self.assertEqual((found["sound"], found["movements"], found["players"], found["requestIds"]),
                             (True, 300, 1, 300))
            small = run(BINARY, "verify", folder / "data", "--memory-mib", 1)
            self.assertEqual(small.returncode, 0, small.stderr)
            self.assertRegex(small.stdout, r"movements +300\n")
            self.assertEqual(sorted(path.name for path in (folder / "data").iterdir()), before)

    def test_no_ledger_is_exit_code_3(self):
        with temporary_folder() as folder:
            for where in (folder, folder / "nothing"):
                refused = run(BINARY, "verify", where, "--json")
                self.assertEqual(refused.returncode, 3, refused.stderr)
                self.assertFalse(json.loads(refused.stdout)["sound"])


class Backup(unittest.TestCase):
    def test_a_backup_under_load_has_everything_that_was_answered_before_it(self):
        with temporary_folder() as folder:
            backups = folder / "backups"
            with with_admin(folder, options=("--backup-dir", str(backups))) as server:
                run(BINARY, "import", "-", "--register-with-link", NGR_LINK, server=server, stdin=json.dumps(body("0")))
                load = Load(server)
                answered_before = {}
                for number in (1, 2):
                    load.wait_for(number * 150)
                    answered = list(load.answered)
                    made = admin("backup", "--json", server=server)
                    self.assertEqual(made.returncode, 0, made.stderr)
                    answered_before[json.loads(made.stdout)["backup"]] = answered
                load.wait_for(400)
                server.kill()
                load.end()
            self.assertEqual(list(answered_before), [1, 2])
            for number, answered in answered_before.items():
                there = folder / f"restored-{number}"
                restored = run(BINARY, "restore", backups, there / "data", "--number", number)
                self.assertEqual(restored.returncode, 0, restored.stderr)
                self.assertIn("and sound", restored.stdout)
                proved = run(BINARY, "verify", there / "data")
                self.assertEqual(proved.returncode, 0, proved.stderr)
                with serving(BINARY, there) as server:
                    self.assertEqual(recorded(server, answered), len(answered))

    def test_a_second_backup_writes_what_is_new(self):
        with temporary_folder() as folder:
            backups = folder / "backups"
            with with_admin(folder, options=("--backup-dir", str(backups), "--backups-kept", "2")) as server:
                noise = [{**body(str(i)), "note": f"{i * 2654435761 % 2**64:x}" * 40} for i in range(3000)]
                run(BINARY, "import", "-", "--register-with-link", NGR_LINK, server=server, stdin=lines(noise))
                first = json.loads(admin("backup", "--json", server=server).stdout)
                run(BINARY, "import", "-", server=server, stdin=json.dumps(body("one more")))
                second = json.loads(admin("backup", "--json", server=server).stdout)
                self.assertGreater(second["sequence"], first["sequence"])
                self.assertLess(second["newBytes"] * 5, first["newBytes"])
                self.assertRegex(admin("backup", server=server).stdout, r"^backup +3\nup to entry +\d+\nbytes ")
            listed = json.loads(run(BINARY, "restore", backups, "--list", "--json").stdout)
            self.assertEqual([one["backup"] for one in listed], [2, 3])
            self.assertRegex(run(BINARY, "restore", backups, "--list").stdout, r"(?m)^ +3  20\d\d-")

    def test_a_server_without_a_folder_for_them_or_a_key_without_the_scope_refuses(self):
        with temporary_folder() as folder, with_admin(folder) as server:
            refused = admin("backup", server=server)
            self.assertEqual((refused.returncode, refused.stdout), (1, ""))
            self.assertIn("backup_dir", refused.stderr)
            status, _ = server.call("POST", "/admin/v1/backup", key=DEMO_KEY)
            self.assertEqual(status, 403)
            status, _ = server.call("POST", "/admin/v1/backup", key=None)
            self.assertEqual(status, 401)

    def test_a_stopped_ledger_is_backed_up_and_restored_by_its_folder(self):
        with temporary_folder() as folder:
            data, backups, restored = folder / "data", folder / "backups", folder / "new" / "data"
            with serving(BINARY, folder) as server:
                in_use = run(BINARY, "backup", "--data-dir", data, "--into", backups)
                self.assertEqual(in_use.returncode, 3)
                run(BINARY, "import", "-", "--register-with-link", NGR_LINK, server=server,
                    stdin=lines(body(str(i)) for i in range(50)))
                self.assertEqual(server.stop(), 0)
            made = run(BINARY, "backup", "--data-dir", data, "--into", backups, "--json")
            self.assertEqual(made.returncode, 0, made.stderr)
            said = json.loads(run(BINARY, "restore", backups, restored, "--json").stdout)
            self.assertEqual(said["sequence"], json.loads(made.stdout)["sequence"])
            again = run(BINARY, "restore", backups, restored)
            self.assertEqual(again.returncode, 3)
            self.assertIn("is not empty", again.stderr)
            with serving(BINARY, folder / "new") as server:
                self.assertEqual(recorded(server, [str(i) for i in range(50)]), 50)


class Export(unittest.TestCase):
    def balances(self, server):
        rows = server.ok("POST", "/api/node/clients/v1/list", {"pagination": {"limit": 500, "offset": 0}})["rows"]
        return {row["client"]["externalId"]: (row["integerMetrics"], row["decimalMetrics"], row["revshare"])
                for row in rows}

    def test_what_is_exported_and_imported_elsewhere_is_the_same_ledger(self):
        bodies = [body(str(i), player=f"p{i % 7}", value=f"{i % 13}.{i % 100:02}1") for i in range(1200)]
        bodies += [body(f"set {i}", player=f"p{i}", value=str(1000 + i), how="ABSOLUTE") for i in range(7)]
        bodies += [body(f"bet {i}", player=f"p{i}", value="9007199254740993", code="bets") for i in range(7)]
        with temporary_folder() as folder:
            file = folder / "movements.ndjson"
            with serving(BINARY, folder) as server:
                run(BINARY, "import", "-", "--register-with-link", NGR_LINK, server=server, stdin=lines(bodies))
                pretty = json.dumps({**body("pretty", player="p1"), "note": "two\nlines \u00fc"}, indent=2)
                sent = subprocess.run(["curl", "-sf", "-o", "/dev/null", f"http://{server.address}{MOVEMENTS}", "-d", pretty, "-H",
                                       "Content-Type: application/json", "-H", f"X-Api-Key: {DEMO_KEY}"], check=False)
                self.assertEqual(sent.returncode, 0)
                result = run(BINARY, "export", file, server=server)
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertEqual(result.stdout, f"1,215 movements in {file}\n")
                told = json.loads(run(BINARY, "export", file, "--json", server=server).stdout)
                self.assertEqual(told, {"movements": 1215, "file": str(file)})
                before = self.balances(server)
                only = run(BINARY, "export", "-", "--player", "p3", server=server).stdout
                self.assertEqual({json.loads(line)["externalClientId"] for line in only.splitlines()}, {"p3"})
                same = run(BINARY, "import", file, server=server)
                self.assertRegex(same.stdout, r"accepted +0\nduplicates +1,215\nerrors +0\n")
            exported = [json.loads(line) for line in file.read_text().splitlines()]
            # An import goes on several connections, each player's movements on one of them.
            for player in {one["externalClientId"] for one in bodies}:
                expected = [one["requestId"] for one in bodies if one["externalClientId"] == player]
                found = [one["requestId"] for one in exported if one["externalClientId"] == player]
                self.assertEqual(found, expected + ["pretty"] * (player == "p1"))
            self.assertEqual(len(exported), len(bodies) + 1)
            (folder / "other").mkdir()
            with serving(BINARY, folder / "other") as server:
                copied = run(BINARY, "import", file, "--register-with-link", NGR_LINK, server=server)
                self.assertEqual(copied.returncode, 0, copied.stderr)
                self.assertEqual(self.balances(server), before)

    def test_an_opening_balance_is_exported_and_imported_as_one(self):
        opening = {**body("opening", value="500", how="ABSOLUTE"), "note": "carried over"}
        with temporary_folder() as folder:
            file = folder / "movements.ndjson"
            with with_admin(folder) as server:
                admin("import", "-", "--register-with-link", NGR_LINK, server=server, stdin=lines([body("1", value="2")]))
                server.ok("POST", "/tracking/clients/v1/metrics/opening-balances", opening, key=ADMIN_KEY)
                admin("import", "-", server=server, stdin=lines([body("2", value="4")]))
                self.assertEqual(run(BINARY, "export", file, server=server).returncode, 0)
                before = self.balances(server)
                same = admin("import", file, server=server)
                self.assertRegex(same.stdout, r"accepted +0\nduplicates +3\nerrors +0\n")
            self.assertEqual(before["ann"][2]["total"], "1.50")
            exported = [json.loads(line) for line in file.read_text().splitlines()]
            self.assertEqual(exported, [body("1", value="2"), {"opening": True, **opening}, body("2", value="4")])
            (folder / "other").mkdir()
            with with_admin(folder / "other") as server:
                copied = admin("import", file, "--register-with-link", NGR_LINK, server=server)
                self.assertEqual(copied.returncode, 0, copied.stderr)
                self.assertEqual(self.balances(server), before)

    def test_what_cannot_be_written_or_asked_for_is_exit_code_1(self):
        with temporary_folder() as folder, serving(BINARY, folder) as server:
            self.assertEqual(run(BINARY, "export", folder / "no" / "file", server=server).returncode, 1)
            self.assertEqual(run(BINARY, "export", "-", server=server, CROUPIER_API_KEY="wrong").returncode, 1)


class Completion(unittest.TestCase):
    """The script against the help texts: two printings of the same definitions."""

    @classmethod
    def setUpClass(cls):
        cls.script = run(BINARY, "completion", "bash").stdout

    def complete(self, *words, cwd=None):
        """What bash would offer for these words, the last one begun."""
        command = (self.script + '\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _croupier; printf "%s\\n" "${COMPREPLY[@]}"')
        result = subprocess.run(["bash", "-u", "-c", command, "bash", "croupier", *words], capture_output=True,
                                text=True, check=False, cwd=cwd)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return result.stdout.split()

    def test_every_command_and_every_option_of_the_help_is_offered(self):
        commands = help_texts.commands(BINARY)
        self.assertGreater(len(commands), 15)
        self.assertLessEqual(set(commands), set(self.complete("")))
        for command in commands:
            with self.subTest(command):
                options = help_texts.options(BINARY, command)
                self.assertIn("--help", options)
                self.assertLessEqual(set(options), set(self.complete(command, "--")))

    def test_only_what_was_begun_is_offered(self):
        self.assertEqual(self.complete("ver"), ["verify", "version"])
        self.assertEqual(self.complete("keys", "gen"), ["generate"])
        self.assertEqual(self.complete("restore", "--nu"), ["--number"])
        self.assertEqual(self.complete("keys", "generate", "--"), ["--help", "--json"])

    def test_values_are_choices_folders_and_files(self):
        self.assertEqual(self.complete("serve", "--durability", ""), ["sync", "async"])
        self.assertEqual(self.complete("serve", "--log-level", "w"), ["warning"])
        self.assertEqual(self.complete("serve", "--in-flight-max", ""), [])
        with temporary_folder() as folder:
            (folder / "data").mkdir()
            (folder / "dump.ndjson").write_text("")
            self.assertEqual(self.complete("verify", "d", cwd=folder), ["data"])
            self.assertEqual(sorted(self.complete("import", "d", cwd=folder)), ["data", "dump.ndjson"])

    def test_other_shells_are_refused(self):
        self.assertEqual(run(BINARY, "completion", "fish").returncode, 2)


class Terminal(unittest.TestCase):
    def test_nothing_that_only_a_terminal_understands_is_written_to_a_file(self):
        with temporary_folder() as folder, serving(BINARY, folder) as server:
            result = run(BINARY, "import", "-", "--register-with-link", NGR_LINK, server=server,
                         stdin=lines(body(str(i)) for i in range(200)))
            server.stop()
            proved = run(BINARY, "verify", folder / "data")
            for text in (result.stdout, result.stderr, proved.stdout, proved.stderr, server.log()):
                self.assertNotIn("\x1b", text)

    def on_a_terminal(self, *arguments, **environment):
        """Exit code, standard output (a file) and what standard error, a terminal, was given."""
        reader, terminal = pty.openpty()
        process = subprocess.Popen([BINARY, *map(str, arguments)], stdout=subprocess.PIPE, stderr=terminal, text=True,
                                   env=clean_environment(**environment))
        os.close(terminal)
        drawn = b""
        while True:
            try:
                drawn += os.read(reader, 4096)  # ends with an error when nobody has the terminal any more
            except OSError:
                break
        os.close(reader)
        return process.wait(), process.communicate()[0], drawn.decode()

    def test_long_work_draws_a_bar_on_a_terminal_and_wipes_it(self):
        with temporary_folder() as folder:
            with with_admin(folder, options=("--backup-dir", str(folder / "online"))) as server:
                run(BINARY, "import", "-", "--register-with-link", NGR_LINK, server=server,
                    stdin=lines(body(str(i)) for i in range(3000)))
                self.assertEqual(server.call("GET", "/admin/v1/backup", key=ADMIN_KEY), (200, {"running": False}))
                code, out, drawn = self.on_a_terminal("backup", "--json", CROUPIER_URL=f"http://{server.address}",
                                                      CROUPIER_API_KEY=ADMIN_KEY)
                self.assertEqual((code, json.loads(out)["backup"]), (0, 1), drawn)
                self.assertEqual(server.stop(), 0)
            bar = r"\r\x1b\[K\[[#.]{30}\] +\d+ %  [\d,]+ of (about )?[\d,]+ "
            for arguments, unit in ((("backup", "--data-dir", folder / "data", "--into", folder / "offline"), "MB"),
                                    (("verify", folder / "data"), "entries"),
                                    (("restore", folder / "online", folder / "restored"), "entries")):
                with self.subTest(arguments[0]):
                    code, out, drawn = self.on_a_terminal(*arguments)
                    self.assertEqual(code, 0, drawn)
                    self.assertNotIn("\x1b", out)
                    self.assertRegex(drawn, bar + unit)
                    self.assertTrue(drawn.endswith("\r\x1b[K"), drawn)


if __name__ == "__main__":
    BINARY = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main()
