"""moto's server: an implementation of AWS that is not ours."""

import contextlib
import pathlib
import socket
import subprocess
import sys

import matinee_server
from polling import eventually


def _answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def running():
    """Gives its URL."""
    port = matinee_server.free_port()
    program = str(pathlib.Path(sys.executable).parent / "moto_server")
    server = subprocess.Popen([program, "-H", "127.0.0.1", "-p", str(port)],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: _answers(port), 60)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)
