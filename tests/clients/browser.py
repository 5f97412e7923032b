"""A real Chromium, driven by the protocol that all browsers have for it (WebDriver): the page under
test runs its own scripts, and the browser decides by its own rules what they may do.
"""

import contextlib
import http.server
import json
import shutil
import socket
import subprocess
import threading
import urllib.error
import urllib.request

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage", "--no-proxy-server"]
SECONDS = 60


def is_here():
    return bool(shutil.which("chromium") and shutil.which("chromedriver"))


class Browser:
    """`names` maps host names to addresses, as a name server would that belongs to an attacker."""

    def __init__(self, profile, names=None):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.driver = f"http://127.0.0.1:{port}"
        flags = [*FLAGS, f"--user-data-dir={profile}"]
        if names:
            rules = ", ".join(f"MAP {name} {address}" for name, address in names.items())
            flags.append(f"--host-resolver-rules={rules}")
        self.options = {"binary": shutil.which("chromium"), "args": flags}
        self.process = subprocess.Popen(
            [shutil.which("chromedriver"), f"--port={port}"], stdout=subprocess.PIPE, text=True)
        self.session = None

    def __enter__(self):
        watchdog = threading.Timer(SECONDS, self.process.kill)
        watchdog.start()
        for line in self.process.stdout:
            if "was started successfully" in line:
                break
        watchdog.cancel()
        # What it says later is of no interest, but must not fill the pipe.
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        wanted = {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": self.options,
            "timeouts": {"script": SECONDS * 1000, "pageLoad": SECONDS * 1000}}}}
        self.session = self._send("POST", "/session", wanted)["sessionId"]
        return self

    def __exit__(self, *exception):
        with contextlib.suppress(OSError, RuntimeError):
            if self.session:
                self._send("DELETE", f"/session/{self.session}")
        self.process.terminate()
        self.process.wait(SECONDS)

    def open(self, url):
        self._send("POST", f"/session/{self.session}/url", {"url": url})

    def text(self):
        return self.run("return document.documentElement.innerText")

    def run(self, script, *arguments):
        """What the script returns; a promise is waited for."""
        return self._send("POST", f"/session/{self.session}/execute/sync",
                          {"script": script, "args": list(arguments)})

    def _send(self, method, path, body=None):
        request = urllib.request.Request(
            self.driver + path, method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=2 * SECONDS) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(error.read().decode()) from None


@contextlib.contextmanager
def site(page="<!doctype html><title>page</title>"):
    """A web server that answers everything with one page; gives its port."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):  # noqa: N802, the name is http.server's
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
