"""Drives a headless Chromium by the DevTools protocol, over the pipe that --remote-debugging-pipe opens.

Owns the browser's process and its temporary profile; knows nothing of memtrace. A page notes what tests hold against
it: each request it makes, each word on its console, each uncaught exception, each dialog.
Anything that does not come in time is a `Trouble` that names what was waited for.
"""

import base64
import fcntl
import json
import os
import select
import shutil
import signal
import tempfile
import time

SECONDS = 60  # for any one answer: far more than any takes
PROGRAMS = ["chromium", "chromium-browser", "google-chrome"]
ARGUMENTS = [
    "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
    "--no-first-run", "--no-default-browser-check", "--disable-background-networking", "--disable-component-update",
    "--disable-extensions", "--disable-sync", "--mute-audio", "--force-device-scale-factor=1", "--lang=en-US",
]  # fmt: skip
MODIFIERS = {"Alt": 1, "Control": 2, "Meta": 4, "Shift": 8}
KEYS = {"Enter": (13, "\r"), "Tab": (9, ""), "Escape": (27, ""), "Backspace": (8, ""), "Delete": (46, ""), " ": (32, " "),
        "Home": (36, ""), "End": (35, ""), "ArrowLeft": (37, ""), "ArrowUp": (38, ""), "ArrowRight": (39, ""),
        "ArrowDown": (40, ""), "PageUp": (33, ""), "PageDown": (34, "")}  # fmt: skip


class Trouble(Exception):
    pass


def find_chromium():
    """The path of the browser, or None."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


class Browser:
    def __init__(self, program):
        self.home = tempfile.mkdtemp(prefix="memtrace-browser-")
        self.pid = None
        self.buffer = b""
        self.last_id = 0
        self.pages = {}  # by session
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        self.input, self.output = ours_in, ours_out
        # The child has its ends as 3 and 4, so they must not be there before.
        theirs = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10) for fd in (theirs_in, theirs_out)]
        log = os.open(os.path.join(self.home, "log"), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        environment = dict(os.environ, HOME=self.home, XDG_CONFIG_HOME=self.home, XDG_CACHE_HOME=self.home, TZ="UTC")
        for name in ("LD_PRELOAD", "DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS"):
            environment.pop(name, None)
        self.pid = os.posix_spawn(
            program, [program, *ARGUMENTS, f"--user-data-dir={self.home}/profile", "about:blank"], environment,
            file_actions=[(os.POSIX_SPAWN_DUP2, theirs[0], 3), (os.POSIX_SPAWN_DUP2, theirs[1], 4),
                          (os.POSIX_SPAWN_DUP2, log, 1), (os.POSIX_SPAWN_DUP2, log, 2)], setpgroup=0)  # fmt: skip
        for fd in (theirs_in, theirs_out, *theirs, log):
            os.close(fd)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.output)  # at which it ends by itself
        deadline = time.monotonic() + 5
        while os.waitpid(self.pid, os.WNOHANG)[0] == 0:
            if time.monotonic() > deadline:
                os.killpg(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                break
            time.sleep(0.02)
        os.close(self.input)
        shutil.rmtree(self.home, ignore_errors=True)

    def receive(self, seconds):
        """Takes one message in: an answer is returned, an event goes to its page. None when none came."""
        while b"\0" not in self.buffer:
            if not select.select([self.input], [], [], max(0, seconds))[0]:
                return None
            data = os.read(self.input, 1 << 20)
            if not data:
                with open(os.path.join(self.home, "log"), errors="replace") as log:
                    raise Trouble("chromium has ended: " + log.read()[-2000:])
            self.buffer += data
        text, self.buffer = self.buffer.split(b"\0", 1)
        message = json.loads(text)
        if "method" in message and message.get("sessionId") in self.pages:
            self.pages[message["sessionId"]].event(message["method"], message["params"])
        return message

    def call(self, method, session=None, **parameters):
        self.last_id += 1
        message = {"id": self.last_id, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.output, data):]
        deadline = time.monotonic() + SECONDS
        while True:
            answer = self.receive(deadline - time.monotonic())
            if answer is None:
                raise Trouble(f"no answer to {method}")
            if answer.get("id") == message["id"]:
                if "error" in answer:
                    raise Trouble(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def page(self, width=1200, height=800):
        return Page(self, width, height)


class Page:
    """A tab. Coordinates are CSS pixels of its window."""

    def __init__(self, browser, width, height):
        self.browser = browser
        self.requests, self.console, self.exceptions, self.dialogs = [], [], [], []
        self.urls, self.blocked = {}, []  # by request; what the page's own policy kept from being asked for
        self.loaded = False
        self.running = True  # its scripts
        self.target = browser.call("Target.createTarget", url="about:blank", newWindow=True)["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=self.target, flatten=True)["sessionId"]
        browser.pages[self.session] = self
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(domain + ".enable")
        self.call("Emulation.setFocusEmulationEnabled", enabled=True)  # what is not in front draws nothing
        self.resize(width, height)

    def close(self):
        self.browser.call("Target.closeTarget", targetId=self.target)
        del self.browser.pages[self.session]

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def event(self, method, parameters):
        if method == "Page.loadEventFired":
            self.loaded = True
        elif method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])
            self.urls[parameters["requestId"]] = parameters["request"]["url"]
        elif method == "Network.loadingFailed" and parameters.get("blockedReason") == "csp":
            self.blocked.append(self.urls[parameters["requestId"]])
        elif method == "Log.entryAdded":
            self.console.append(parameters["entry"]["level"] + ": " + parameters["entry"]["text"])
        elif method == "Runtime.consoleAPICalled":
            words = " ".join(str(a.get("value", a.get("description", "?"))) for a in parameters["args"])
            self.console.append(parameters["type"] + ": " + words)
        elif method == "Runtime.exceptionThrown":
            details = parameters["exceptionDetails"]
            self.exceptions.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Page.javascriptDialogOpening":
            self.dialogs.append(parameters["message"])
            # Not call(): this may be while another answer is waited for.
            text = {"id": 0, "sessionId": self.session, "method": "Page.handleJavaScriptDialog", "params": {"accept": False}}
            os.write(self.browser.output, json.dumps(text).encode() + b"\0")

    def open(self, url):
        """Loads it, and forgets what earlier pages did."""
        self.call("Page.navigate", url="about:blank")
        self.requests.clear(), self.blocked.clear(), self.console.clear(), self.exceptions.clear(), self.dialogs.clear()
        self.loaded = False
        answer = self.call("Page.navigate", url=url)
        if answer.get("errorText"):
            raise Trouble(f"{url}: {answer['errorText']}")
        deadline = time.monotonic() + SECONDS
        while not (self.loaded and self.evaluate("document.readyState") == "complete"):
            if time.monotonic() > deadline:
                raise Trouble(f"{url} does not load")
            self.browser.receive(0.05)
        self.settle()

    def resize(self, width, height, scale=1):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=False)

    def scheme(self, name):
        """light or dark"""
        self.call("Emulation.setEmulatedMedia", media="screen", features=[{"name": "prefers-color-scheme", "value": name}])

    def scripts(self, run):
        self.running = run
        self.call("Emulation.setScriptExecutionDisabled", value=not run)

    def evaluate(self, expression):
        """The value of JavaScript, a promise's once it is kept."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise Trouble(f"{details.get('exception', {}).get('description', details['text'])} in: {expression[:300]}")
        return answer["result"].get("value")

    def wait(self, condition, words=None):
        """Until the expression is true."""
        deadline = time.monotonic() + SECONDS
        while not self.evaluate(f"!!({condition})"):
            if time.monotonic() > deadline:
                raise Trouble(f"never: {words or condition}")
            self.browser.receive(0.01)

    def settle(self):
        """Two frames on: whatever was to be drawn is drawn."""
        if not self.running:
            self.screenshot()  # waits for a frame as well
            return
        self.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")

    def move(self, x, y, buttons=0):
        self.mouse("mouseMoved", x, y, buttons=buttons)

    def mouse(self, kind, x, y, **more):
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def click(self, x, y, count=1):
        self.move(x, y)
        for number in range(1, count + 1):
            self.mouse("mousePressed", x, y, button="left", buttons=1, clickCount=number)
            self.mouse("mouseReleased", x, y, button="left", buttons=0, clickCount=number)
        self.settle()

    def drag(self, x0, y0, x1, y1, steps=8):
        self.move(x0, y0)
        self.mouse("mousePressed", x0, y0, button="left", buttons=1, clickCount=1)
        for step in range(1, steps + 1):
            self.mouse("mouseMoved", x0 + (x1 - x0) * step / steps, y0 + (y1 - y0) * step / steps, button="left", buttons=1)
        self.mouse("mouseReleased", x1, y1, button="left", buttons=0, clickCount=1)
        self.settle()

    def key(self, name, *held):
        """A key by its name in KeyboardEvent.key, with modifiers held."""
        code, text = KEYS.get(name) or (ord(name.upper()), name)
        same = {"key": name, "code": name if len(name) > 1 else "Key" + name.upper(), "windowsVirtualKeyCode": code,
                "modifiers": sum(MODIFIERS[modifier] for modifier in held)}  # fmt: skip
        typed = {"text": text} if text and not set(held) - {"Shift"} else {}
        self.call("Input.dispatchKeyEvent", type="keyDown" if typed else "rawKeyDown", **same, **typed)
        self.call("Input.dispatchKeyEvent", type="keyUp", **same)
        self.settle()

    def type(self, text):
        self.call("Input.insertText", text=text)
        self.settle()

    def screenshot(self, path=None, whole=False):
        """PNG bytes of the window, or of the whole page; written to `path` as well."""
        answer = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        data = base64.b64decode(answer["data"])
        if path:
            with open(path, "wb") as file:
                file.write(data)
        return data
