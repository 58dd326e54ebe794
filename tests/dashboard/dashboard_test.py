"""The dashboard in a real browser: signing in, finding a player, watching a movement arrive.

usage: dashboard_test.py BINARY [SCREENSHOT_FOLDER]
"""

import http.client
import json
import pathlib
import re
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
TAB = "\ue004"
# Far above what it takes: machines that run tests are busy.
SLOWEST_PAINT_MS = 10_000
# Each page, with words that are on it when it is drawn.
PAGES = (("overview", "Newest movements"), ("players", "alice"), ("movements", "alice-1"),
         ("affiliates", "Demo Affiliate"), ("reports", "Build report"),
         ("destinations", "Entries as they are committed"), ("workspace", "API keys"),
         ("workspace?kind=links", "destination"), ("workspace?kind=audit", "Who changed what"))


class ServerGone(unittest.TestCase):
    """A server of its own, because it is taken away."""

    def test_a_server_that_is_gone_is_told_and_asked_again(self):
        with tempfile.TemporaryDirectory() as folder:
            environment = croupier.clean_environment(CROUPIER_ADMIN_KEY=ADMIN_KEY)
            server = croupier.Server(BINARY, folder, environment=environment)
            browser = Browser()
            try:
                browser.open(f"http://{server.address}/")
                browser.wait_for("document.querySelector('input[name=key]')", "the sign-in page")
                browser.type("input[name=key]", ADMIN_KEY)
                browser.click("main button")
                # Nothing has happened in this ledger: every page says so instead of being bare.
                for page, words in (("overview", "No movement yet."), ("players", "No player fits the search."),
                                    ("movements", "No movement fits the filters."),
                                    ("affiliates", "No settlement yet."),
                                    ("reports", "No preset yet."), ("destinations", "No destination yet")):
                    browser.run("location.hash = arguments[0]", f"#/{page}")
                    browser.wait_for(f"document.querySelector('main').innerText.includes({json.dumps(words)})", words)
                browser.run("location.hash = '#/players'")
                browser.wait_for("document.querySelector('main').innerText.includes('No player fits')", "the players")
                server.kill()
                browser.click_text("button", "Search")
                browser.wait_for("document.querySelector('.problem')?.innerText.includes('cannot be reached')",
                                 "that the server is gone")
                if SHOTS:
                    browser.screenshot(SHOTS / "gone.png")
                back = croupier.Server(BINARY, folder, listen=server.address, environment=environment)
                browser.click_text("button", "Try again")
                browser.wait_for("document.querySelector('main').innerText.includes('No player fits')", "players again")
                back.end()
            finally:
                browser.close()
                server.end()


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
    def call(cls, method, path, body=None, key=ADMIN_KEY):
        connection = http.client.HTTPConnection(cls.server.address, timeout=60)
        connection.request(method, path, json.dumps(body) if body is not None else None,
                           {"Content-Type": "application/json", "X-Api-Key": key})
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

    def sign_in(self, key=ADMIN_KEY):
        self.browser.open(f"http://{self.server.address}/")
        self.browser.run("sessionStorage.clear()")
        self.browser.open(f"http://{self.server.address}/?{uuid.uuid4()}")
        self.browser.wait_for("document.querySelector('input[name=key]')", "the sign-in page")
        self.browser.type("input[name=key]", key)
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
        self.browser.click_text("button", "Statement of Demo Affiliate in EUR")
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
            for page, what in PAGES:
                self.go(page, what)
                self.settled()
                self.assertLessEqual(browser.run("return document.documentElement.scrollWidth - window.innerWidth"), 0,
                                     page)
                self.shot(f"phone-{page.split('?')[0]}")
        finally:
            browser.close()
            self.browser = kept

    def test_every_control_has_a_name_and_the_keyboard_reaches_the_content(self):
        self.sign_in()
        for page, what in PAGES:
            self.go(page, what)
            self.settled()
            nameless = self.browser.run("""
                const named = (each) =>
                    each.textContent.trim() || each.getAttribute('aria-label') || each.labels?.length;
                const kinds = 'button, a, input, select, canvas, th, nav, dialog, [role=region]';
                return [...document.querySelectorAll(kinds)]
                    .filter((each) => !named(each)).map((each) => each.outerHTML.slice(0, 120))""")
            self.assertEqual(nameless, [], page)
            headings = self.browser.run("return [...document.querySelectorAll('h1, h2')].map((each) => each.tagName)")
            self.assertEqual(headings.count("H1"), 1, page)
            self.assertEqual(headings[0], "H1", page)
        self.browser.open(f"http://{self.server.address}/?{uuid.uuid4()}")
        self.browser.wait_for("!document.getElementById('top').hidden", "the dashboard")
        self.browser.press(TAB)
        self.assertEqual(self.browser.run("return document.activeElement.textContent"), "Skip to content")

    def test_many_affiliates_have_pages_and_are_found_by_name(self):
        for number in range(60):
            self.call("POST", "/admin/v1/affiliates", {"name": f"Partner {number:02}"})
        self.sign_in()
        self.go("affiliates", "61 accounts")
        self.assertNotIn("Partner 55", self.browser.text())
        self.browser.click_text("button", "Next")
        self.browser.wait_for("document.body.innerText.includes('Partner 55')", "the second page")
        self.browser.type("input[name=search]", "partner 07")
        self.browser.click_text("button", "Search")
        self.browser.wait_for("document.body.innerText.includes('1 account')", "the affiliate by its name")
        self.browser.type("input[name=search]", "nobody has this name")
        self.browser.click_text("button", "Search")
        self.browser.wait_for("document.body.innerText.includes('No affiliate has that in its name.')", "nobody")
        self.shot("affiliates-none")

    def addresses(self):
        return self.browser.run("return [...document.querySelectorAll('.done pre')].map((each) => each.textContent)")

    def status_of(self, address):
        connection = http.client.HTTPConnection(self.server.address, timeout=60)
        connection.request("GET", address.split(self.server.address)[1])
        status = connection.getresponse().status
        connection.close()
        return status

    def test_a_preset_is_saved_rotated_and_disabled(self):
        self.sign_in()
        self.go("reports", "Presets")
        self.browser.click_text("button", "Add a filter")
        self.browser.run("document.querySelector('select[name=filterBy]').value = 'affiliate'")
        self.browser.type("input[name=filterValues]", "Demo Affiliate, Somebody else")
        self.browser.type("input[name=name]", "For the partner")
        self.browser.click_text("button", "Save as preset")
        self.browser.wait_for("document.querySelector('.done pre')", "the address")
        first = self.addresses()[0]
        self.assertEqual(self.status_of(first), 200)
        self.browser.wait_for("document.querySelector('main').innerText.includes('filtered')", "the preset in the list")
        self.shot("preset")
        self.browser.click_text("button", "Rotate the address of For the partner")
        self.browser.click_text("dialog button", "Rotate")
        self.browser.wait_for(f"document.querySelector('.done pre')?.textContent !== {json.dumps(first)}",
                              "the new address")
        second = self.addresses()[0]
        self.assertEqual((self.status_of(first), self.status_of(second)), (401, 200))
        self.browser.click_text("button", "Disable For the partner")
        self.browser.wait_for("document.body.innerText.includes('disabled')", "the disabled preset")
        self.assertEqual(self.status_of(second), 401)

    def test_a_key_is_made_and_revoked(self):
        self.sign_in()
        self.go("workspace", "API keys")
        self.browser.type("input[name=name]", "for a day")
        self.browser.click_text("button", "Create key")
        self.browser.wait_for("document.querySelector('.done pre')", "the key")
        key = self.browser.run("return document.querySelector('.done pre').textContent")
        self.call("GET", "/api/node/clients/v1/metrics", key=key)
        self.browser.wait_for("document.querySelector('main tbody').innerText.includes('for a day')", "the new key")
        self.browser.click_text("button", "Revoke the key for a day")
        self.browser.click_text("dialog button", "Revoke")
        self.browser.wait_for("document.querySelector('.pill.bad')?.textContent === 'revoked'", "the revoked key")
        with self.assertRaisesRegex(AssertionError, "401"):
            self.call("GET", "/api/node/clients/v1/metrics", key=key)
        self.go("workspace?kind=audit", "for a day")
        self.shot("audit")

    def test_a_key_that_may_only_read_is_told_what_it_may_not(self):
        made = json.loads(self.call("POST", "/admin/v1/api-keys", {"name": "reader", "scopes": ["read"]})[1])
        self.sign_in(made["secret"])
        self.assertNotIn("Affiliates", self.browser.text())
        self.go("affiliates", 'that needs a key with the scope "billing"')
        self.go("destinations", 'shown to keys with the scope "admin"')
        self.go("reports", "Build report")
        self.assertNotIn("Save as preset", self.browser.text())
        self.call("DELETE", f"/admin/v1/api-keys/{made['id']}")
        self.browser.run("location.hash = '#/players'")
        self.browser.wait_for("document.body.innerText.includes('The key is not valid any more.')", "the sign-in page")

    def test_the_first_paint_is_quick(self):
        times = []
        for _ in range(5):
            self.sign_in()
            self.browser.open(f"http://{self.server.address}/?{uuid.uuid4()}")  # signed in by the key of the tab
            self.browser.wait_for("document.querySelectorAll('main tbody tr').length > 0 && "
                                  "performance.getEntriesByName('first-contentful-paint').length", "the overview")
            times.append(self.browser.run("return [performance.getEntriesByName('first-contentful-paint')[0].startTime,"
                                          "performance.now()]"))
        paint, whole = (sorted(each)[len(times) // 2] for each in zip(*times))
        print(f"first contentful paint {paint:.0f} ms, the overview whole by {whole:.0f} ms (medians of {len(times)})")
        self.assertLess(paint, SLOWEST_PAINT_MS)

    def test_every_module_is_fetched_at_once(self):
        assets = croupier.ROOT / "http" / "dashboard" / "assets"
        page = (assets / "index.html").read_text(encoding="utf-8")
        named = {name for name in re.findall(r'href="/dashboard/(\w+\.js)"', page)}
        self.assertEqual(named | {"app.js"}, {path.name for path in assets.glob("*.js")})

    def settled(self):
        """Waits until nothing on the page is on its way."""
        self.browser.wait_for("!document.querySelector('[aria-busy]')", "the end of loading")

    def policy_complaints(self):
        return [line for line in self.browser.complaints() if "404" not in line and "401" not in line]


if __name__ == "__main__":
    if not available():
        print("chromium or chromedriver is not installed: the dashboard is not tested", file=sys.stderr)
        sys.exit(77)
    unittest.main(verbosity=2)
