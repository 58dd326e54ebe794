#!/usr/bin/env python3
"""Starting and stopping a server: serve_test.py CROUPIER"""

import json
import pathlib
import re
import signal
import socket
import subprocess
import sys
import unittest

import croupier_process
from croupier_process import DEMO_KEY, DEMO_WORKSPACE, ROOT, clean_environment, run, serving, temporary_folder

BINARY = ""
METRICS_CALL = ("GET", "/api/node/clients/v1/metrics")
ADMIN_KEY = re.compile(r"\brv_[0-9a-f]{64}\b")


def serve(folder, *options, **environment):
    """A start that is expected to be refused."""
    return run(BINARY, "serve", "--data-dir", folder / "data", "--listen", "127.0.0.1:0", *options, **environment)


class Stopping(unittest.TestCase):
    def test_a_signal_stops_it_in_order(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number), temporary_folder() as folder, serving(BINARY, folder) as server:
                self.assertEqual(server.stop(number), 0)
                events = re.findall(r'msg="([^"]*)"', server.log())
                self.assertEqual(events[-4:], [f"stopping: {number.name}",
                                               "taking no more requests; finishing those that have begun",
                                               "writing a last checkpoint, so that the next start has nothing to replay",
                                               "stopped"])

    def test_what_was_answered_is_there_after_a_kill(self):
        with temporary_folder() as folder:
            with serving(BINARY, folder) as server:
                before = server.ok(*METRICS_CALL)
                server.kill()
            with serving(BINARY, folder) as server:
                self.assertEqual(server.ok(*METRICS_CALL), before)

    def test_a_torn_end_of_the_journal_is_told_once(self):
        with temporary_folder() as folder:
            with serving(BINARY, folder) as server:
                before = server.ok(*METRICS_CALL)
                server.kill()
            log = max((folder / "data").glob("*.log"))
            log.write_bytes(log.read_bytes() + b"half a record")
            with serving(BINARY, folder) as server:
                self.assertRegex(server.log(), rf'cut off.* sequence=[1-9]\d* file="{log.name}" bytes=\d+\n')
                self.assertEqual(server.ok(*METRICS_CALL), before)
                told = server.log().count("cut off")
                server.kill()
            with serving(BINARY, folder) as server:
                self.assertEqual(server.log().count("cut off"), told)


class Refusing(unittest.TestCase):
    def assert_refused(self, result, code, *lines):
        self.assertEqual(result.returncode, code, result.stderr)
        errors = [line for line in result.stderr.splitlines() if line.startswith("croupier: ")]
        self.assertEqual(len(errors), len(lines), result.stderr)
        for error, pattern in zip(errors, lines):
            self.assertRegex(error, pattern)

    def test_a_folder_that_another_process_has_open(self):
        with temporary_folder() as folder, serving(BINARY, folder) as server:
            self.assert_refused(serve(folder), 3, "data.*(in use|lock)")
            self.assertEqual(server.stop(), 0)

    def test_a_folder_that_is_not_a_ledger(self):
        with temporary_folder() as folder:
            (folder / "data").mkdir()
            (folder / "data" / "holiday.txt").write_text("sun")
            self.assert_refused(serve(folder), 3, "data")
            self.assertEqual((folder / "data" / "holiday.txt").read_text(), "sun")

    def test_a_port_that_is_taken(self):
        with temporary_folder() as folder, socket.create_server(("127.0.0.1", 0)) as taken:
            result = run(BINARY, "serve", "--data-dir", folder / "data",
                         "--listen", f"127.0.0.1:{taken.getsockname()[1]}")
            self.assert_refused(result, 1, "in use")

    def test_all_problems_of_the_settings_at_once(self):
        with temporary_folder() as folder:
            file = folder / "croupier.toml"
            file.write_text('in_flight_max = 0\nlisten = "nowhere"\nunheard_of = 1\n')
            result = run(BINARY, "serve", "--config", file, "--log-level", "loud", CROUPIER_IDLE_AFTER_S="soon")
            self.assert_refused(result, 2, r"toml:1: in_flight_max", r"toml:2: listen", r"toml:3: unknown setting",
                                r"CROUPIER_IDLE_AFTER_S", r"--log-level")
            self.assertFalse(pathlib.Path("data").exists())

    def test_all_problems_of_the_workspace_at_once(self):
        with temporary_folder() as folder:
            file = folder / "workspace.toml"
            file.write_text('[[brands]]\nname = "A"\n[[metrics]]\ncode = "a"\nname = "A"\ntype = "real"\n')
            result = serve(folder, "--workspace", file)
            self.assert_refused(result, 2, r"toml:1: brand 'A': currency", r"toml:6: metric 'a': type")
            # Nothing of it was kept: the mended file is loaded as if it were the first.
            file.write_text('[[brands]]\nname = "A"\ncurrency = "EUR"\n')
            with serving(BINARY, folder, options=("--workspace", str(file))) as server:
                self.assertIn('msg="workspace loaded"', server.log())

    def test_a_key_that_everyone_knows_where_others_can_reach_it(self):
        with temporary_folder() as folder:
            self.assert_refused(serve(folder, "--workspace", DEMO_WORKSPACE, "--listen", "0.0.0.0:0"), 2, "tour")
            with serving(BINARY, folder) as server:
                self.assertEqual(server.stop(), 0)
            self.assert_refused(serve(folder, "--listen", "0.0.0.0:0"), 2, "tour")

    def test_a_short_admin_key(self):
        with temporary_folder() as folder:
            self.assert_refused(serve(folder, CROUPIER_ADMIN_KEY="secret"), 2, "CROUPIER_ADMIN_KEY")


class AdminKey(unittest.TestCase):
    def test_it_is_printed_at_the_first_start_only_and_works(self):
        with temporary_folder() as folder:
            with serving(BINARY, folder) as server:
                key = ADMIN_KEY.search("".join(server.printed)).group()
                server.ok(*METRICS_CALL, key=key)
                self.assertNotIn(key, server.log())
                server.kill()
            with serving(BINARY, folder) as server:
                self.assertIsNone(ADMIN_KEY.search("".join(server.printed)))
                server.ok(*METRICS_CALL, key=key)

    def test_the_environment_sets_and_replaces_it(self):
        first, second = "first-admin-key-0123456789", "second-admin-key-0123456789"
        with temporary_folder() as folder:
            for key, other in ((first, second), (second, first), (second, first)):
                environment = clean_environment(CROUPIER_ADMIN_KEY=key)
                with serving(BINARY, folder, environment=environment) as server:
                    self.assertIsNone(ADMIN_KEY.search("".join(server.printed)))
                    self.assertEqual(server.call(*METRICS_CALL, key=key)[0], 200)
                    self.assertEqual(server.call(*METRICS_CALL, key=other)[0], 401)
                    self.assertNotIn(key, server.log())
                    self.assertEqual(server.stop(), 0)
            self.assertEqual(server.log().count("admin key replaced"), 1)

    def test_it_follows_the_environment_and_other_keys_do_not(self):
        with temporary_folder() as folder:
            with serving(BINARY, folder) as server:
                key = ADMIN_KEY.search("".join(server.printed)).group()
                server.stop()
            for environment, tour in (("staging", 401), ("live", 200)):
                with serving(BINARY, folder, options=("--environment", environment)) as server:
                    server.ok(*METRICS_CALL, key=key)
                    self.assertEqual(server.call(*METRICS_CALL, key=DEMO_KEY)[0], tour)
                    self.assertIsNone(ADMIN_KEY.search("".join(server.printed)))
                    self.assertNotIn("admin key replaced", server.log())
                    server.stop()


class Workspace(unittest.TestCase):
    def test_a_folder_keeps_the_workspace_that_it_started_with(self):
        with temporary_folder() as folder:
            other = folder / "other.toml"
            other.write_text('[[brands]]\nname = "Other"\ncurrency = "USD"\n')
            with serving(BINARY, folder) as server:
                before = server.ok(*METRICS_CALL)
                server.stop()
            with serving(BINARY, folder, options=("--workspace", str(other))) as server:
                self.assertEqual(server.ok(*METRICS_CALL), before)
                self.assertIn("workspace file not read", server.log())

    def test_a_folder_may_start_without_one_and_get_it_later(self):
        with temporary_folder() as folder:
            with serving(BINARY, folder, options=("--workspace", "")) as server:
                key = ADMIN_KEY.search("".join(server.printed)).group()
                self.assertEqual(server.ok(*METRICS_CALL, key=key), {"integerMetrics": [], "decimalMetrics": []})
                self.assertIn("no brand yet", server.log())
                server.stop()
            with serving(BINARY, folder) as server:
                self.assertEqual(len(server.ok(*METRICS_CALL, key=key)["integerMetrics"]), 2)
                server.ok(*METRICS_CALL, key=DEMO_KEY)


class Documentation(unittest.TestCase):
    def test_it_names_the_metrics_that_there_are(self):
        with temporary_folder() as folder, serving(BINARY, folder) as server:
            page = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
            there = set(re.findall(r"^# TYPE (croupier_\w+) ", server.ok("GET", "/metrics", key=None), re.MULTILINE))
            self.assertEqual(set(re.findall(r"`(croupier_\w+)", page)), there)


class Tls(unittest.TestCase):
    def test_it_speaks_https_with_a_certificate_and_nothing_else(self):
        with temporary_folder() as folder:
            certificate, key = folder / "certificate.pem", folder / "key.pem"
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test",
                            "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
                           check=True, capture_output=True)
            options = ("--tls-certificate", str(certificate), "--tls-key", str(key))
            with serving(BINARY, folder, options=options) as server:
                access = {"CROUPIER_URL": f"https://{server.address}", "CROUPIER_API_KEY": DEMO_KEY}
                trusted = run(BINARY, "movements", SSL_CERT_FILE=str(certificate), **access)
                self.assertEqual(trusted.returncode, 0, trusted.stderr)
                self.assertEqual(run(BINARY, "movements", **access).returncode, 1)
                plain = run(BINARY, "movements", **{**access, "CROUPIER_URL": f"http://{server.address}"})
                self.assertEqual(plain.returncode, 1)
                self.assertEqual(server.stop(), 0)

    def test_files_that_are_no_certificate_are_refused(self):
        with temporary_folder() as folder:
            (folder / "x.pem").write_text("x")
            result = serve(folder, "--tls-certificate", folder / "x.pem", "--tls-key", folder / "x.pem")
            self.assertEqual(result.returncode, 1)
            self.assertEqual(len([line for line in result.stderr.splitlines() if line.startswith("croupier: ")]), 1)


class Log(unittest.TestCase):
    def test_every_line_is_json_when_asked_for(self):
        with temporary_folder() as folder, serving(BINARY, folder, options=("--log-format", "json")) as server:
            server.ok(*METRICS_CALL)
            server.call("GET", '/no/such/"path"', key="no such key")
            self.assertEqual(server.stop(), 0)
            lines = [json.loads(line) for line in server.log().splitlines()]
            self.assertTrue(all(line["ts"].endswith("Z") and line["level"] for line in lines))
            requests = [line for line in lines if "request_id" in line]
            self.assertEqual([line["status"] for line in requests], [200, 404])

    def test_no_key_is_ever_in_it(self):
        with temporary_folder() as folder, serving(BINARY, folder, options=("--log-level", "debug")) as server:
            server.ok(*METRICS_CALL)
            server.call(*METRICS_CALL, key="a-key-that-is-wrong")
            self.assertEqual(server.stop(), 0)
            self.assertNotIn(DEMO_KEY, server.log())
            self.assertNotIn("a-key-that-is-wrong", server.log())


if __name__ == "__main__":
    BINARY = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main()
