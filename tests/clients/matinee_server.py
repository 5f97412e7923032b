"""Starts and stops the program under test as a user would: `matinee up` on a port that the kernel
chose, a data directory of its own, its ready line on standard output, SIGTERM at the end.
"""

import os
import pathlib
import signal
import socket
import subprocess
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
READY_SECONDS = 20
STOP_SECONDS = 30


def find_binary():
    """The program: $MATINEE_BINARY, else the release build, else the dev build."""
    candidates = [ROOT / "build" / preset / "src" / "matinee" for preset in ("release", "dev")]
    if os.environ.get("MATINEE_BINARY"):
        candidates = [pathlib.Path(os.environ["MATINEE_BINARY"]).resolve()]
    for candidate in candidates:
        if candidate.is_file():
            return str(candidate)
    raise FileNotFoundError("no matinee program at " + " or ".join(map(str, candidates)))


def free_port():
    """A port of 127.0.0.1 that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_port_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


class Server:
    """One `matinee up`. `arguments` are added to the command line; `wrapper` stands before it, and
    becomes the program (as `prlimit` does)."""

    def __init__(self, data, arguments=(), environment=None, port=None, wrapper=()):
        self.data = str(data)
        self.port = port or free_port()
        self.arguments = list(arguments)
        self.wrapper = list(wrapper)
        self.environment = {**os.environ, **(environment or {})}
        self.process = None
        self.ready_line = ""

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        command = [*self.wrapper, find_binary(), "up", "--port", str(self.port)]
        if "memory" not in self.arguments:
            command += ["--data", self.data]
        self.process = subprocess.Popen(
            command + self.arguments, stdout=subprocess.PIPE, text=True, env=self.environment)
        watchdog = threading.Timer(READY_SECONDS, self.process.kill)
        watchdog.start()
        self.ready_line = self.process.stdout.readline()
        watchdog.cancel()
        if not self.ready_line:
            raise RuntimeError(f"{command} ended with {self.process.wait()} before it was ready")
        return self

    def stop(self):
        """Asks it to end; returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        """Gives it no chance to do anything."""
        self.process.kill()
        return self.wait()

    def wait(self):
        code = self.process.wait(STOP_SECONDS)
        self.process.stdout.close()
        self.process = None
        return code

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def resident_megabytes(self):
        with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6

    def __enter__(self):
        return self.start()

    def __exit__(self, *exception):
        if self.is_running():
            code = self.stop()
            assert code == 0, f"the server ended with {code} after SIGTERM"
