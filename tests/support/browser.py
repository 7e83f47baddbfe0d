"""Chromium without a screen, spoken to through a pipe, for tests of pages."""

import base64
import fcntl
import json
import os
import shutil
import signal
import subprocess
import time
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")


def found():
    """Return the path of Chromium; None where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Browser:
    """One page in Chromium; everything that it complains of is kept.

    Attributes
    ----------
    complaints
        Lines of the console, and of the browser's own log, that are errors or warnings.
    """

    def __init__(self, profile):
        program = found()
        assert program is not None
        inward, self._to = os.pipe()
        self._from, outward = os.pipe()
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 20) for end in (inward, outward)]
        for end in (inward, outward):
            os.close(end)

        def wire():
            os.dup2(ends[0], 3)  # Chromium reads commands here, and answers there
            os.dup2(ends[1], 4)

        self._process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
             "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", f"--user-data-dir={profile}",
             "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            pass_fds=(3, 4), preexec_fn=wire, start_new_session=True,
        )  # fmt: skip
        for end in ends:
            os.close(end)
        self._number, self._rest, self._session = 0, b"", ""
        self._events: list[dict[str, Any]] = []
        self.complaints: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method, **params):
        """Return the answer to a command of the DevTools protocol."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer["error"]
                result: dict[str, Any] = answer["result"]
                return result
            self._note(answer)

    def open(self, path):
        """Open a file, or an address, and wait until it is loaded."""
        self._events.clear()
        url = path if isinstance(path, str) else path.resolve().as_uri()
        self.call("Page.navigate", url=url)
        while not any(event["method"] == "Page.loadEventFired" for event in self._events):
            self._note(self._next())

    def ask(self, script):
        """Return the value of an expression on the page, or what its promise gives."""
        answer = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def until(self, condition, seconds=200):
        """Wait until an expression on the page is true."""
        end = time.monotonic() + seconds
        while not self.ask(f"!!({condition})"):
            assert time.monotonic() < end, (condition, self.complaints)
            time.sleep(0.1)

    def picture(self):
        """Return the page as a PNG, all that is above and below as well."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        found = self.call("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        return base64.b64decode(found["data"])

    def width(self, pixels):
        """Set the width of the screen."""
        self.call("Emulation.setDeviceMetricsOverride", width=pixels, height=800,
                  deviceScaleFactor=1, mobile=False)  # fmt: skip

    def wait_until_drawn(self):
        """Wait until the page has been drawn with all that was set before."""
        frame = "requestAnimationFrame"
        self.ask(f"new Promise(done => {frame}(() => {frame}(() => done(true))))")

    @property
    def asked_for(self):
        """Addresses that the page has asked for."""
        return [event["params"]["request"]["url"] for event in self._events
                if event["method"] == "Network.requestWillBeSent"]  # fmt: skip

    def close(self):
        """End it and all that it has started."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._to)
        os.close(self._from)

    def _next(self):
        while b"\0" not in self._rest:
            piece = os.read(self._from, 1 << 20)
            assert piece, "Chromium has ended"
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\0")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _note(self, event):
        self._events.append(event)
        params = event.get("params", {})
        if event["method"] == "Runtime.exceptionThrown":
            self.complaints.append(str(params["exceptionDetails"]))
        elif event["method"] == "Runtime.consoleAPICalled" and params["type"] != "log":
            self.complaints.append(str(params["args"]))
        elif event["method"] == "Log.entryAdded":
            self.complaints.append(params["entry"]["text"])
        elif event["method"] == "Network.loadingFailed":
            self.complaints.append(params["errorText"])
