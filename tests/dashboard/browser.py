"""A real headless Chromium, driven through chromedriver's WebDriver protocol with nothing but the standard library."""

import atexit
import base64
import http.client
import json
import re
import shutil
import subprocess

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
PATIENCE_S = 60  # for what takes a moment; a test never waits for it to pass


def available():
    return shutil.which("chromedriver") is not None and shutil.which("chromium") is not None


class Browser:
    def __init__(self, width=1280, height=900, dark=False, downloads=None):
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                       text=True)
        atexit.register(self.close)
        for line in self.driver.stdout:
            found = re.search(r"started successfully on port (\d+)", line)
            if found:
                self.port = int(found.group(1))
                break
        else:
            raise AssertionError("chromedriver did not start")
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                     f"--window-size={width},{height}"]
        if dark:
            arguments.append("--force-dark-mode")
            arguments.append("--blink-settings=preferredColorScheme=0")
        options = {"args": arguments}
        if downloads:
            options["prefs"] = {"download.default_directory": str(downloads)}
        capabilities = {"alwaysMatch": {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}
        self.session = self._call("POST", "/session", {"capabilities": capabilities})["sessionId"]
        self._do("POST", "/timeouts", {"script": PATIENCE_S * 1000})

    def close(self):
        if self.driver.poll() is None:
            try:
                self._call("DELETE", f"/session/{self.session}")
            except (AttributeError, OSError, AssertionError):
                pass
            self.driver.terminate()
            self.driver.wait()

    def _call(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2 * PATIENCE_S)
        connection.request(method, path, json.dumps(body or {}) if method == "POST" else None,
                           {"Content-Type": "application/json"})
        answer = json.loads(connection.getresponse().read())["value"]
        connection.close()
        if isinstance(answer, dict) and "error" in answer:
            raise AssertionError(f"{answer['error']}: {answer['message']}")
        return answer

    def _do(self, method, path, body=None):
        return self._call(method, f"/session/{self.session}{path}", body)

    def open(self, url):
        self._do("POST", "/url", {"url": url})

    def run(self, script, *arguments):
        """The value of a script in the page: `return ...`."""
        return self._do("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def wait_for(self, condition, what):
        """Waits until the script's expression is true."""
        script = ("const done = arguments[arguments.length - 1];"
                  "(function look() { let value = false; try { value = " + condition + "; } catch { value = false; }"
                  " if (value) done(true); else requestAnimationFrame(look); })()")
        try:
            self._do("POST", "/execute/async", {"script": script, "args": []})
        except (AssertionError, OSError) as problem:
            raise AssertionError(f"{what} did not come: {self.text()[:800]}") from problem

    def find(self, selector):
        return self._do("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def click(self, selector):
        self._do("POST", f"/element/{self.find(selector)}/click", {})

    def click_text(self, selector, text):
        """Clicks the first element of that selector that reads so."""
        element = self.run("return [...document.querySelectorAll(arguments[0])]"
                           ".find((each) => each.textContent.trim() === arguments[1])", selector, text)
        assert element, f"there is no {selector} that reads {text!r}: {self.text()[:500]}"
        self._do("POST", f"/element/{element[ELEMENT]}/click", {})

    def type(self, selector, text):
        element = self.find(selector)
        self._do("POST", f"/element/{element}/clear", {})
        self._do("POST", f"/element/{element}/value", {"text": text})

    def press(self, key):
        """Presses a key, wherever the focus is."""
        self._do("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": [
            {"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]}]})

    def text(self):
        return self.run("return document.body.innerText")

    def screenshot(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(self._do("GET", "/screenshot")))

    def accept_alert(self):
        self._do("POST", "/alert/accept", {})

    def complaints(self):
        """What the page wrote into the console: errors, refused loads, broken policies."""
        return [entry["message"] for entry in self._do("POST", "/se/log", {"type": "browser"})
                if entry["level"] in ("SEVERE", "WARNING")]
