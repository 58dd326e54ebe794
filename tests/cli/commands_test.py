#!/usr/bin/env python3
"""The commands around a server: commands_test.py CROUPIER"""

import hashlib
import json
import pathlib
import re
import sys
import unittest

import help_texts
from croupier_process import (DEMO_BRAND, DEMO_KEY, DEMO_WORKSPACE, NGR_LINK, ROOT, clean_environment, run, serving,
                              temporary_folder)

BINARY = ""
MAPPING = ROOT / "config" / "crash-game-mapping.toml"
HEADER = "bet_id,game_id,player,bet,cashed_out,profit,busted_at,played_at\n"


def movement(request_id, player="ann", value="10", code="ngr"):
    return json.dumps({"externalClientId": player, "revenueOriginId": DEMO_BRAND, "requestId": request_id,
                       "metrics": [{"code": code, "valueType": "CLIENT_METRIC_VALUE_TYPE_RELATIVE", "value": value}]})


def counts(result):
    return {name.strip(): int(number.replace(",", ""))
            for name, number in re.findall(r"^ *(.*?) +([\d,]+)$", result.stdout, re.MULTILINE)}


class Help(unittest.TestCase):
    def test_every_command_explains_itself(self):
        commands = help_texts.commands(BINARY)
        self.assertGreater(len(commands), 15)
        speaks_json = set(commands) - {"serve", "keys", "completion", "version"}
        for command in ["", *commands, "keys list", "keys create", "keys revoke", "keys generate"]:
            with self.subTest(command):
                result = run(BINARY, *command.split(), "--help")
                self.assertEqual(result.returncode, 0)
                self.assertIn(f"Usage: croupier {command}".rstrip(), result.stdout)
                self.assertIn(f"\n  croupier {command.split(' ')[0]}".rstrip(), result.stdout.split("Examples:")[1])
                self.assertIn("Exit codes: 0 ", result.stdout)
                if command in speaks_json or command.startswith("keys "):
                    self.assertRegex(result.stdout, r"(?m)^  --json ")
                # Nothing in it is a byte of something else.
                self.assertRegex(result.stdout, r"\A[\x20-\x7e\n]*\Z")
        self.assertIn("--request-deadline-ms", run(BINARY, "serve", "--help").stdout)

    def test_wrong_usage_is_exit_code_2(self):
        for command in ([], ["dance"], ["serve", "--nope"], ["import"], ["balance", "--player", "x"],
                        ["balance", "--brand", "b", "--player", "x", "--url", "ftp://x"],
                        ["import", "x", "--register-with-link", "a", "--register-with-click", "b"],
                        ["export", "-", "--json"], ["report", "--measures", "ngr", "--filter", "brand"]):
            with self.subTest(command):
                result = run(BINARY, *command)
                self.assertEqual(result.returncode, 2, result.stderr)
                self.assertNotEqual(result.stderr, "")

    def test_version(self):
        self.assertRegex(run(BINARY, "version").stdout, r"^croupier \d+\.\d+\.\d+\n$")


class Apply(unittest.TestCase):
    ADMIN = "rv_admin_key_of_the_apply_test"

    def test_a_file_is_applied_once_and_problems_have_their_lines(self):
        with temporary_folder() as folder, serving(
                BINARY, folder, environment=clean_environment(CROUPIER_ADMIN_KEY=self.ADMIN)) as server:
            file = folder / "more.toml"

            def apply(text, *options, **environment):
                file.write_text(text)
                return run(BINARY, "apply", file, *options, server=server,
                           **{"CROUPIER_API_KEY": self.ADMIN, **environment})

            keys = '[[keys]]\nname = "k"\nscopes = ["read"]\nsecret_env = "K"\n'
            self.assertIn("created key 'k'", apply(keys, "--dry-run", K="k" * 30).stdout)
            self.assertIn("1 changed, 0 unchanged", apply(keys, K="k" * 30).stdout)
            self.assertIn("0 changed, 1 unchanged", apply(keys, K="k" * 30).stdout)
            changed = apply(keys, K="j" * 30).stdout
            self.assertIn("secret: (the secret is another one)", changed)
            self.assertNotIn("jjj", changed)
            self.assertEqual(server.call("GET", "/api/node/clients/v1/metrics", key="k" * 30)[0], 401)
            self.assertEqual(server.call("GET", "/api/node/clients/v1/metrics", key="j" * 30)[0], 200)
            unset = apply(keys)
            self.assertEqual(unset.returncode, 2)
            self.assertIn("more.toml:4: key 'k': secret_env: the environment variable K is not set", unset.stderr)
            self.assertEqual(apply("[[brands").returncode, 2)
            self.assertEqual(apply("", CROUPIER_API_KEY=DEMO_KEY).returncode, 1)
            self.assertIn("left alone: brand 'Demo Casino'", apply(pathlib.Path(DEMO_WORKSPACE).read_text().split(
                "[[brands]]")[0]).stdout)
            again = apply(pathlib.Path(DEMO_WORKSPACE).read_text())
            self.assertRegex(again.stdout, r"^0 changed, \d+ unchanged$|\n0 changed, \d+ unchanged\n")
            missing = run(BINARY, "apply", folder, server=server)
            self.assertEqual(missing.returncode, 2)
            self.assertIn("cannot be read", missing.stderr)
            told = json.loads(apply(keys, "--json", K="j" * 30).stdout)
            self.assertEqual((told["changes"], told["dryRun"], len(told["unchanged"])), ([], False, 1))


class Keys(unittest.TestCase):
    def test_a_new_key_comes_with_its_hash(self):
        made = run(BINARY, "keys", "generate").stdout
        key = re.search(r"^key +(rv_[0-9a-f]{64})$", made, re.MULTILINE).group(1)
        digest = hashlib.sha256(key.encode()).hexdigest()
        self.assertIn(f'secret_sha256 = "{digest}"', made)
        self.assertEqual(run(BINARY, "keys", "hash", stdin=key + "\n").stdout, digest + "\n")
        self.assertEqual(run(BINARY, "keys", "hash", stdin="").returncode, 1)
        self.assertNotEqual(made, run(BINARY, "keys", "generate").stdout)
        told = json.loads(run(BINARY, "keys", "generate", "--json").stdout)
        self.assertEqual(hashlib.sha256(told["secret"].encode()).hexdigest(), told["secretSha256"])

    def test_programs_get_json(self):
        admin = "rv_admin_key_of_the_keys_test"
        environment = clean_environment(CROUPIER_ADMIN_KEY=admin)
        with temporary_folder() as folder, serving(BINARY, folder, environment=environment) as server:
            def keys(*arguments):
                done = run(BINARY, "keys", *arguments, "--json", server=server, CROUPIER_API_KEY=admin)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                return json.loads(done.stdout)

            made = keys("create", "--name", "platform", "--scope", "read")
            self.assertRegex(made["secret"], r"^rv_[0-9a-f]{64}$")
            self.assertEqual([each["id"] for each in keys("list") if each["name"] == "platform"], [made["id"]])
            self.assertTrue(keys("revoke", made["id"])["revoked"])


class Import(unittest.TestCase):
    def test_lines_are_accepted_known_or_wrong_each_on_its_own(self):
        with temporary_folder() as folder, serving(BINARY, folder) as server:
            file = folder / "movements.ndjson"
            file.write_text("\n".join([movement("1"), "", movement("2", value="x"), "{broken", movement("1"),
                                       movement("1", value="11"), movement("3", code="nope"), movement("4")]))
            unknown = run(BINARY, "import", file, server=server)
            self.assertEqual(unknown.returncode, 1)
            self.assertEqual(counts(unknown), {"lines": 7, "accepted": 0, "duplicates": 0, "errors": 7})
            self.assertIn(f"{file}:1: client not found", unknown.stderr)
            known = run(BINARY, "import", file, "--register-with-link", NGR_LINK, server=server)
            self.assertEqual(known.returncode, 1)
            self.assertEqual(counts(known), {"lines": 7, "accepted": 2, "duplicates": 2, "with other content": 1,
                                             "errors": 3, "players registered": 1})
            self.assertEqual(known.stderr.splitlines(), [f"{file}:4: not a JSON object",
                                                         f"{file}:3: invalid decimal metric value",
                                                         f"{file}:7: metric not found"])

    def test_programs_get_the_summary_as_one_json_object(self):
        with temporary_folder() as folder, serving(BINARY, folder) as server:
            lines = [movement("1"), "{broken", movement("1"), movement("1", value="11"),
                     *(movement(f"bad {number}", code="nope") for number in range(12))]
            done = run(BINARY, "import", "-", "--register-with-link", NGR_LINK, "--json", server=server,
                       stdin="\n".join(lines))
            self.assertEqual(done.returncode, 1)
            told = json.loads(done.stdout)
            first = told.pop("firstErrors")
            self.assertEqual(told, {"complete": True, "lines": 16, "accepted": 1, "duplicates": 2,
                                    "payloadMismatches": 1, "errors": 13, "playersRegistered": 1})
            self.assertEqual((len(first), first[:2]), (10, [{"line": 2, "message": "not a JSON object"},
                                                            {"line": 5, "message": "metric not found"}]))
            self.assertIn("-: and 3 more lines with errors", done.stderr)  # people are told all the same
            refused = run(BINARY, "import", "-", "--json", server=server, stdin=movement("2"), CROUPIER_API_KEY="wrong")
            told = json.loads(refused.stdout)
            self.assertEqual((refused.returncode, told["complete"], told["accepted"]), (1, False, 0))
            self.assertIn("unauthenticated", told["stopped"])

    def test_standard_input_and_a_click_of_ones_own(self):
        with temporary_folder() as folder, serving(BINARY, folder) as server:
            first = run(BINARY, "import", "-", "--register-with-link", NGR_LINK, server=server, stdin=movement("1"))
            self.assertEqual(first.returncode, 0, first.stderr)
            rows = server.ok("POST", "/api/node/clients/v1/list", {"pagination": {"limit": 1, "offset": 0}})["rows"]
            other = run(BINARY, "import", "-", "--register-with-click", rows[0]["cid"], server=server,
                        stdin=movement("1", player="bob"))
            self.assertEqual(other.returncode, 0, other.stderr)
            wrong = run(BINARY, "import", "-", "--register-with-click", "00000000-0000-4000-8000-000000000000",
                        server=server, stdin=movement("1", player="eve"))
            self.assertEqual(wrong.returncode, 1)
            self.assertIn("conversion source not exists", wrong.stderr)

    def test_a_file_that_breaks_off_says_where_and_keeps_what_came_before(self):
        with temporary_folder() as folder, serving(BINARY, folder) as server:
            file = folder / "bets.csv"
            file.write_text(HEADER + '1,1,ann,10,,,1.5,t\n2,1,"ann,10\n')
            result = run(BINARY, "import", file, "--mapping", MAPPING, "--register-with-link", NGR_LINK, server=server)
            self.assertEqual(result.returncode, 1)
            self.assertIn("line 3: the file ends inside a quoted field", result.stderr)
            self.assertEqual(counts(result)["accepted"], 1)

    def test_opening_balances_earn_nothing_however_often_they_are_imported(self):
        admin = "rv_admin_key_of_the_opening_test"
        with temporary_folder() as folder, serving(
                BINARY, folder, environment=clean_environment(CROUPIER_ADMIN_KEY=admin)) as server:
            (folder / "totals.toml").write_text(
                f'brand = "{DEMO_BRAND}"\nplayer = "{{who}}"\nrequest_id = "opening-{{who}}"\n'
                '[[rules]]\nmetric = "ngr"\nvalue = "stakes - wins"\n'
                '[[rules]]\nmetric = "deposits-total"\nvalue = "deposits"\ntype = "absolute"\n')
            (folder / "totals.csv").write_text("who,deposits,stakes,wins\nann,100.50,20,25.25\nbob,0,0,0\n")
            (folder / "more.ndjson").write_text(movement("opening-2", player="bob", value="7"))
            table = ["import", folder / "totals.csv", "--mapping", folder / "totals.toml", "--opening"]
            lines = ["import", folder / "more.ndjson", "--opening"]
            refused = run(BINARY, *lines, server=server)
            self.assertEqual(refused.returncode, 1)
            self.assertIn("permission denied", refused.stderr)
            for attempt in ("accepted", "duplicates"):
                for command, number in (([*table, "--register-with-link", NGR_LINK], 2), (lines, 1)):
                    done = run(BINARY, *command, server=server, CROUPIER_API_KEY=admin)
                    self.assertEqual((done.returncode, counts(done)[attempt], counts(done)["errors"]), (0, number, 0))
            played = run(BINARY, "import", folder / "more.ndjson", server=server)
            self.assertEqual(counts(played)["with other content"], 1, "it would have earned something")
            rows = server.ok("POST", "/api/node/clients/v1/list", {"pagination": {"limit": 9, "offset": 0}})["rows"]
            found = {row["client"]["externalId"]: [row["revshare"]["total"], *(
                each["value"] for each in row["decimalMetrics"] if each["code"] in ("deposits-total", "ngr"))]
                     for row in rows}
            self.assertEqual(found, {"ann": ["0", "100.50", "-5.25"], "bob": ["0", "0", "7.00"]})
            owed = server.ok("GET", "/api/node/billing/v1/open-balances")["rows"]
            self.assertEqual([row["openBalance"] for row in owed], ["0"])

    def test_wrong_files_and_mappings_are_exit_code_2(self):
        with temporary_folder() as folder:
            (folder / "bets.csv").write_text("id,who\n")
            (folder / "bad.toml").write_text('brand = 1\n')
            for arguments, text in ((["no-such.csv"], "cannot be read"),
                                    ([folder / "bets.csv", "--mapping", folder / "bad.toml"], "bad.toml:1: brand"),
                                    ([folder / "bets.csv", "--mapping", MAPPING], "'bet'")):
                with self.subTest(text):
                    result = run(BINARY, "import", *arguments)
                    self.assertEqual(result.returncode, 2)
                    self.assertIn(text, result.stderr)

    def test_a_server_that_is_not_there_or_refuses_the_key(self):
        with temporary_folder() as folder, serving(BINARY, folder) as server:
            refused = run(BINARY, "import", "-", server=server, stdin=movement("1"), CROUPIER_API_KEY="wrong")
            self.assertEqual(refused.returncode, 1)
            self.assertIn("unauthenticated", refused.stderr)
            server.stop()
            gone = run(BINARY, "import", "-", server=server, stdin=movement("1"))
            self.assertEqual(gone.returncode, 1)
            self.assertIn("no answer", gone.stderr)


class Queries(unittest.TestCase):
    def test_balances_and_movements_as_tables_and_as_json(self):
        with temporary_folder() as folder, serving(BINARY, folder) as server:
            lines = [movement(str(i), value="0.1") for i in range(1, 701)]
            run(BINARY, "import", "-", "--register-with-link", NGR_LINK, server=server, stdin="\n".join(lines))
            player = ("--brand", DEMO_BRAND, "--player", "ann")
            table = run(BINARY, "balance", *player, server=server).stdout
            self.assertRegex(table, r"(?m)^ngr +70\.00$")
            self.assertRegex(table, r"(?m)^revshare +17\.50 in all, 17\.50 open$")
            answer = json.loads(run(BINARY, "balance", *player, "--json", server=server).stdout)
            past = run(BINARY, "balance", *player, "--at-sequence", answer["sequence"] - 600, server=server).stdout
            self.assertRegex(past, r"(?m)^ngr +10\.00$")
            rows = run(BINARY, "movements", "--player", "ann", "--limit", 1000, "--json", server=server).stdout
            self.assertEqual([json.loads(row)["requestId"] for row in rows.splitlines()],
                             [str(i) for i in range(700, 0, -1)])
            table = run(BINARY, "movements", "--request-id", "7", "--limit", 1, server=server).stdout
            self.assertRegex(table, r" ann +7 +ngr \+0\.10 +0\.025\n$")
            self.assertEqual(run(BINARY, "balance", "--brand", DEMO_BRAND, "--player", "eve", server=server).returncode, 1)

    def test_a_statement_and_a_settlement_with_its_preview(self):
        with temporary_folder() as folder, serving(BINARY, folder) as server:
            lines = [movement(str(i), value="0.1") for i in range(1, 101)]
            run(BINARY, "import", "-", "--register-with-link", NGR_LINK, server=server, stdin="\n".join(lines))
            account = ("--affiliate", "5d1f0c2a-0002-4000-8000-000000000001", "--currency", "EUR")
            table = run(BINARY, "statement", *account, "--limit", 2, server=server).stdout
            self.assertRegex(table, r"(?m)^open +2\.50$")
            self.assertRegex(table, r"(?m) movement +ngr x 25\.00 % +0\.10 +0\.025 +2\.50$")
            self.assertIn("older lines: --cursor ", table)
            preview = run(BINARY, "settle", server=server).stdout
            self.assertRegex(preview, r"(?m)^Demo Affiliate +EUR +2\.50 +2\.50 +100$")
            self.assertIn("Nothing was changed", preview)
            self.assertEqual(run(BINARY, "settle", "--yes", server=server).returncode, 2)
            done = [json.loads(run(BINARY, "settle", "--request-id", "may", "--yes", "--json", server=server).stdout)
                    for _ in range(2)]
            self.assertEqual(done[0]["id"], done[1]["id"])
            self.assertEqual([one["replayed"] for one in done], [False, True])
            table = run(BINARY, "statement", *account, server=server).stdout
            self.assertRegex(table, r"(?m)^open +0$")
            self.assertRegex(table, r"(?m)^pending +2\.50$")


if __name__ == "__main__":
    BINARY = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main()
