"""Runs the program for a test: a server on a free port, and commands against it."""

import atexit
import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEMO_WORKSPACE = ROOT / "config" / "demo-workspace.toml"
DEMO_KEY = "rv_demo_key_that_everyone_knows"
DEMO_BRAND = "0d7a8b6e-1f43-4f8d-9e2c-2b1f3a4e7c11"
NGR_LINK = "5d1f0c2a-0001-4000-8000-000000000002"
PATIENCE_S = 120  # for what takes a moment; a test never waits for it to pass


def clean_environment(**more):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CROUPIER_")}
    return {**environment, **more}


class Server:
    """A running `croupier serve`. Its log goes to a file beside the data folder."""

    def __init__(self, binary, folder, listen="127.0.0.1:0", options=(), environment=None, workspace=None):
        self.log_path = pathlib.Path(folder) / "server.log"
        self.printed = []
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [binary, "serve", "--data-dir", str(pathlib.Path(folder) / "data"), "--workspace",
                 str(workspace or DEMO_WORKSPACE), "--listen", listen, *options],
                stdout=subprocess.PIPE, stderr=log, env=environment or clean_environment(), text=True)
        atexit.register(self.end)
        self.address = self._wait_until_serving()

    def _wait_until_serving(self):
        for line in self.process.stdout:
            self.printed.append(line)
            found = re.match(r"croupier is serving on https?://(\S+) ", line)
            if found:
                return found.group(1)
        raise AssertionError(f"the server ended with {self.process.wait()} before it served:\n{self.log()}")

    def log(self):
        return self.log_path.read_text()

    def end(self):
        """Whatever became of the test, no server outlives it."""
        if self.process.poll() is None:
            self.kill()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def stop(self, number=signal.SIGTERM):
        """Asks it to stop and gives its exit code."""
        self.process.send_signal(number)
        code = self.process.wait(timeout=PATIENCE_S)
        self.process.stdout.close()
        return code

    def call(self, method, path, body=None, key=DEMO_KEY):
        """Status and parsed JSON (or text) of one call."""
        host, port = self.address.rsplit(":", 1)
        connection = http.client.HTTPConnection(host, int(port), timeout=PATIENCE_S)
        with contextlib.closing(connection):
            headers = {"X-Api-Key": key} if key else {}
            if body is not None:
                headers["Content-Type"] = "application/json"
                body = json.dumps(body)
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            is_json = "json" in answer.getheader("Content-Type", "")
            return answer.status, json.loads(text) if is_json else text

    def ok(self, method, path, body=None, key=DEMO_KEY):
        status, answer = self.call(method, path, body, key)
        assert status == 200, f"{method} {path}: {status} {answer}"
        return answer

    def get(self, path, **query):
        return self.ok("GET", path + "?" + urllib.parse.urlencode(query))


def run(binary, *arguments, server=None, stdin=None, patience_s=PATIENCE_S * 5, **environment):
    """Runs a command to its end, with the address and key of a server in its environment."""
    if server:
        environment = {"CROUPIER_URL": f"http://{server.address}", "CROUPIER_API_KEY": DEMO_KEY, **environment}
    return subprocess.run([binary, *map(str, arguments)], capture_output=True, text=True, input=stdin,
                          env=clean_environment(**environment), timeout=patience_s, check=False)


@contextlib.contextmanager
def temporary_folder():
    with tempfile.TemporaryDirectory(prefix="croupier-test-") as folder:
        yield pathlib.Path(folder)


@contextlib.contextmanager
def serving(binary, folder, **options):
    """A server that is killed at the end of the block, unless it has ended by then."""
    server = Server(binary, folder, **options)
    try:
        yield server
    finally:
        server.end()
