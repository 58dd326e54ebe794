"""The dashboard in a real browser: signing in, finding a player, watching a movement arrive.

usage: dashboard_test.py BINARY [SCREENSHOT_FOLDER]
"""

import http.client
import json
import pathlib
import sys
import tempfile
import unittest
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))

from browser import Browser, available  # noqa: E402
import croupier_process as croupier  # noqa: E402

BINARY = sys.argv.pop(1) if len(sys.argv) > 1 else None
SHOTS = pathlib.Path(sys.argv.pop(1)) if len(sys.argv) > 1 else None
ADMIN_KEY = "a-key-for-the-dashboard-test-only"


class Dashboard(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.server = croupier.Server(BINARY, cls.folder.name,
                                     environment=croupier.clean_environment(CROUPIER_ADMIN_KEY=ADMIN_KEY))
        cls.browser = Browser()
        for name, amounts in (("alice", ["100.10", "-20.25", "9007199254740993.01"]), ("böb <b>", ["5.00"])):
            cls.register(name)
            for number, amount in enumerate(amounts):
                cls.move(name, amount, f"{name}-{number}")

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.server.end()
        cls.folder.cleanup()

    @classmethod
    def call(cls, method, path, body=None):
        connection = http.client.HTTPConnection(cls.server.address, timeout=60)
        connection.request(method, path, json.dumps(body) if body is not None else None,
                           {"Content-Type": "application/json", "X-Api-Key": ADMIN_KEY})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        assert answer.status < 400, f"{method} {path}: {answer.status} {text}"
        return dict(answer.getheaders()), text

    @classmethod
    def register(cls, name):
        headers, _ = cls.call("GET", f"/track/click/{croupier.NGR_LINK}")
        click = headers["Location"].rsplit("click_id=", 1)[1]
        cls.call("POST", "/tracking/client/v1",
                 {"externalId": name, "revenueOriginId": croupier.DEMO_BRAND, "cid": click})

    @classmethod
    def move(cls, name, amount, request_id):
        cls.call("POST", "/tracking/clients/v1/metrics/movements",
                 {"externalClientId": name, "revenueOriginId": croupier.DEMO_BRAND, "requestId": request_id,
                  "metrics": [{"code": "ngr", "valueType": "CLIENT_METRIC_VALUE_TYPE_RELATIVE", "value": amount},
                              {"code": "bets", "valueType": "CLIENT_METRIC_VALUE_TYPE_RELATIVE", "value": "1"}]})

    def shot(self, name):
        if SHOTS:
            self.browser.screenshot(SHOTS / f"{name}.png")

    def sign_in(self):
        self.browser.open(f"http://{self.server.address}/")
        self.browser.run("sessionStorage.clear()")
        self.browser.open(f"http://{self.server.address}/?{uuid.uuid4()}")
        self.browser.wait_for("document.querySelector('input[name=key]')", "the sign-in page")
        self.browser.type("input[name=key]", ADMIN_KEY)
        self.browser.click("main button")
        self.browser.wait_for("!document.getElementById('top').hidden", "the dashboard")

    def go(self, page, what):
        self.browser.run("location.hash = arguments[0]", f"#/{page}")
        self.browser.wait_for(f"document.querySelector('main').innerText.includes({json.dumps(what)})", what)

    def test_a_wrong_key_is_told_so(self):
        self.browser.open(f"http://{self.server.address}/")
        self.browser.run("sessionStorage.clear()")
        self.browser.open(f"http://{self.server.address}/?wrong")
        self.browser.wait_for("document.querySelector('input[name=key]')", "the sign-in page")
        self.browser.type("input[name=key]", "not a key")
        self.browser.click("main button")
        self.browser.wait_for("document.querySelector('[role=alert]')", "the refusal")
        self.assertIn("does not know this key", self.browser.text())
        self.shot("sign-in")

    def test_a_movement_arrives_live(self):
        self.sign_in()
        self.browser.wait_for("document.querySelectorAll('main tbody tr').length >= 4", "the newest movements")
        self.move("alice", "0.01", "live")
        self.browser.wait_for("document.querySelector('tr.fresh td') && document.body.innerText.includes('live')",
                              "the movement that was just made")
        self.shot("overview")
        self.assertEqual(self.policy_complaints(), [])

    def test_a_player_is_found_and_exact(self):
        self.sign_in()
        self.go("players", "alice")
        self.browser.type("input[name=external]", "alice")
        self.browser.click("main form button")
        self.browser.wait_for("document.querySelectorAll('main tbody tr').length === 1", "one player")
        self.shot("players")
        self.browser.click("main tbody a")
        self.browser.wait_for("document.querySelector('h1').textContent === 'Player alice'", "the player")
        # One digit more than a binary floating point number can hold.
        self.assertRegex(self.browser.text(), r"9,007,199,254,741,072\.8[67]")
        self.shot("player")

    def test_names_are_text(self):
        self.sign_in()
        self.go("players", "böb <b>")
        self.assertEqual(self.browser.run("return document.querySelectorAll('main b').length"), 0)

    def test_movements_show_their_payload(self):
        self.sign_in()
        self.go("movements", "alice-1")
        self.browser.click("main tbody button")
        self.browser.wait_for("document.querySelector('dialog[open] pre')", "the payload")
        self.assertIn('"requestId": "', self.browser.text())
        self.shot("movements")

    def test_an_affiliate_is_settled_after_a_preview(self):
        self.sign_in()
        self.go("affiliates", "Demo Affiliate")
        self.browser.click_text("button", "Statement")
        self.browser.wait_for("document.body.innerText.includes('The lines add up to what was earned in all.')",
                              "the statement, proved")
        self.shot("statement")
        self.browser.click_text("button", "Preview")
        self.browser.wait_for("document.body.innerText.includes('What would be settled')", "the preview")
        before = self.call("GET", "/api/node/billing/v1/settlements")[1]
        self.assertEqual(json.loads(before)["rows"], [])
        self.shot("settle-preview")
        self.browser.click_text("button", "Settle 1 account")
        self.browser.wait_for("[...document.querySelectorAll('.pill')].some((each) => each.textContent === 'NEW')",
                              "the settlement")
        self.assertEqual(len(json.loads(self.call("GET", "/api/node/billing/v1/settlements")[1])["rows"]), 1)
        self.shot("affiliates")

    def test_a_report_is_built(self):
        self.sign_in()
        self.go("reports", "Group by")
        self.browser.wait_for("document.querySelector('tfoot') && document.querySelector('canvas')", "the report")
        self.browser.click("input[name=dimensions][value=affiliate]")
        self.browser.click_text("button", "Build report")
        self.browser.wait_for("document.querySelector('main tbody').innerText.includes('Demo Affiliate')",
                              "the report by affiliate")
        self.shot("reports")

    def test_entries_and_objects_are_shown(self):
        self.sign_in()
        self.go("destinations", "Entries as they are committed")
        self.browser.wait_for("document.querySelectorAll('main tbody tr').length > 3", "the stream of entries")
        self.shot("destinations")
        self.go("workspace", "API keys")
        self.browser.wait_for("document.querySelector('main tbody').innerText.includes('tour')", "the keys")
        self.shot("workspace")
        self.assertEqual(self.policy_complaints(), [])

    def test_it_fits_a_phone_and_the_dark(self):
        browser = Browser(width=500, height=900, dark=True)
        try:
            self.browser, kept = browser, self.browser
            self.sign_in()
            self.go("players", "alice")
            self.assertLessEqual(browser.run("return document.documentElement.scrollWidth - window.innerWidth"), 0)
            self.shot("phone")
        finally:
            browser.close()
            self.browser = kept

    def policy_complaints(self):
        return [line for line in self.browser.complaints() if "404" not in line and "401" not in line]


if __name__ == "__main__":
    if not available():
        print("chromium or chromedriver is not installed: the dashboard is not tested", file=sys.stderr)
        sys.exit(77)
    unittest.main(verbosity=2)
