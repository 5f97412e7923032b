#!/usr/bin/env python3
"""Prints what the loaders cost, in milliseconds: the start beside that of the bare interpreter, and
what they add to an invocation that is warm.

    tests/runtimes/measure.py [--starts 40] [--invocations 5000] INTERPRETER...
"""

import argparse
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
FUNCTIONS = {
    "python": ("bootstrap.py", "index.py", "def handler(event, context):\n    return event\n"),
    "nodejs": ("bootstrap.mjs", "index.js", "exports.handler = async (event) => event;\n")}
SAID = b'HTTP/1.1 202 Accepted\r\nContent-Length: 16\r\n\r\n{"status":"OK"}\n'
EVENT = (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n"
         b"Lambda-Runtime-Aws-Request-Id: 1\r\nLambda-Runtime-Deadline-Ms: 9999999999999\r\n"
         b"Lambda-Runtime-Invoked-Function-Arn: arn\r\n\r\n{\"film\":\"Heat\"}")


def request(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            while len(body) < int(line[15:]):
                body += connection.recv(65536)


def _surroundings():
    """Without what keeps the interpreter from writing what it has compiled."""
    return {name: value for name, value in os.environ.items()
            if name != "PYTHONDONTWRITEBYTECODE"}


class Instance:
    def __init__(self, interpreter, directory):
        self.listener = socket.create_server(("127.0.0.1", 0))
        environment = {**_surroundings(), "_HANDLER": "index.handler",
                       "LAMBDA_TASK_ROOT": directory,
                       "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self.listener.getsockname()[1]}",
                       **{f"AWS_LAMBDA_{name}": "1" for name in (
                           "FUNCTION_NAME", "FUNCTION_VERSION", "FUNCTION_MEMORY_SIZE",
                           "LOG_GROUP_NAME", "LOG_STREAM_NAME")}}
        self.start = time.perf_counter()
        self.process = subprocess.Popen(interpreter, cwd=directory, env=environment)
        self.connection, _ = self.listener.accept()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        request(self.connection)
        self.started = time.perf_counter() - self.start

    def invoke(self):
        begin = time.perf_counter()
        self.connection.sendall(EVENT)
        request(self.connection)
        taken = time.perf_counter() - begin
        self.connection.sendall(SAID)
        request(self.connection)
        return taken

    def end(self):
        """The processor time of the whole life."""
        self.process.kill()
        used = processor_time(self.process)
        self.connection.close()
        self.listener.close()
        return used


def processor_time(process):
    _, process.returncode, usage = os.wait4(process.pid, 0)
    return usage.ru_utime + usage.ru_stime


def bare(interpreter):
    """Seconds on the clock and of the processor for a program that does nothing."""
    nothing = ["-e", ""] if "node" in interpreter else ["-c", "pass"]
    begin = time.perf_counter()
    used = processor_time(subprocess.Popen([interpreter, *nothing]))
    return time.perf_counter() - begin, used


def line(name, seconds):
    ordered = sorted(second * 1000 for second in seconds)
    print(f"  {name:40} median {statistics.median(ordered):8.3f}  least {ordered[0]:8.3f}")
    return statistics.median(ordered), ordered[0]


def measure(interpreter, starts, invocations):
    kind = "nodejs" if "node" in interpreter else "python"
    loader, name, text = FUNCTIONS[kind]
    print(interpreter)
    with tempfile.TemporaryDirectory() as directory:
        runtime = shutil.copytree(ROOT / "runtimes" / kind, pathlib.Path(directory) / "runtime")
        pathlib.Path(directory, name).write_text(text, encoding="utf-8")
        command = [interpreter, str(runtime / loader)]
        Instance(command, directory).end()
        measure_starts(interpreter, command, directory, starts)
        instance = Instance(command, directory)
        for _ in range(200):
            instance.invoke()
        line("warm, from event to answer", [instance.invoke() for _ in range(invocations)])
        instance.end()


def measure_starts(interpreter, command, directory, starts):
    cold, plain = [], []
    for _ in range(starts):
        plain.append(bare(interpreter))
        instance = Instance(command, directory)
        cold.append((instance.started, instance.end()))
    for what, index in ("on the clock", 0), ("of the processor", 1):
        of_bare = line(f"bare interpreter, {what}", [times[index] for times in plain])
        of_loader = line(f"until it wants an event, {what}", [times[index] for times in cold])
        print(f"  {'ratio':40} median {of_loader[0] / of_bare[0]:8.3f}  "
              f"least {of_loader[1] / of_bare[1]:8.3f}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--starts", type=int, default=40)
    parser.add_argument("--invocations", type=int, default=5000)
    parser.add_argument("interpreters", nargs="+")
    arguments = parser.parse_args()
    for interpreter in arguments.interpreters:
        measure(interpreter, arguments.starts, arguments.invocations)


if __name__ == "__main__":
    main()
