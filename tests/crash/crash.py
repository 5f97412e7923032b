#!/usr/bin/env python3
"""The crash test: writes to all services from several clients, kills the server with SIGKILL
at random moments, starts it again, and compares. Every acknowledged write must be there, every
other one wholly or not at all. Prints its seed; the same seed makes the same writes and the same
moments, though not the same interleaving.
"""

import argparse
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import dynamodb_model
import identity_model
import s3_model
import s3_version_model
import sqs_model
import sqs_move_model
import values_model
import watching_model
from wire import InDoubt, Refused, Wire

ROOT = pathlib.Path(__file__).resolve().parents[2]
READY_SECONDS = 30
LEAK_SECONDS = 10


class Server:
    """The real program on a directory; killed and started again and again."""

    def __init__(self, binary, directory, arguments, preload=None):
        self.command = [binary, "up", "--data", str(directory), *arguments]
        self.blobs = pathlib.Path(directory) / "blobs"
        self.environment = {**os.environ, **({"LD_PRELOAD": preload} if preload else {})}
        self.process = None
        self.port = 0
        self.keeps_port = False  # whether it has the same one when it is started again

    def launch(self):
        """Starts it without waiting for it."""
        if not self.port or not self.keeps_port:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.port = probe.getsockname()[1]
        self.process = subprocess.Popen([*self.command, "--port", str(self.port)],
                                        stdout=subprocess.PIPE, text=True,
                                        env=self.environment)

    def wait_until_ready(self):
        """Returns the milliseconds from now to its ready line."""
        started = time.monotonic()
        watchdog = threading.Timer(READY_SECONDS, self.process.kill)
        watchdog.start()
        line = self.process.stdout.readline()
        watchdog.cancel()
        if not line:
            raise AssertionError(f"the server did not start again: exit {self.process.wait()}")
        return (time.monotonic() - started) * 1000

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        """Asks it to end; returns its exit code."""
        self.process.terminate()
        return self.process.wait(30)


class Client:
    """Takes steps of its models, chosen by the generator, until the server is gone."""

    def __init__(self, generator, models):
        self.generator = generator
        self.models = models
        self.steps = 0
        self.failure = None

    def run(self, port):
        wire = Wire(port)
        try:
            while True:
                self.generator.choice(self.models).step(wire, self.generator)
                self.steps += 1
        except InDoubt:
            pass
        except Exception as error:  # pylint: disable=broad-except
            self.failure = error
        finally:
            wire.close()


class Worker(Client):
    """One client with its own table, bucket and queues, writing until the server dies."""

    def __init__(self, number, seed):
        self.objects = [s3_model.Objects(number), s3_version_model.VersionedObjects(number)]
        models = [dynamodb_model.Items(number), *self.objects,
                  sqs_model.Messages(number), sqs_model.OrderedMessages(number),
                  sqs_move_model.MovedMessages(number), sqs_move_model.MovedInOrder(number),
                  identity_model.UserPolicies(number), values_model.Parameters(number),
                  values_model.Secrets(number), values_model.Ciphertexts(number),
                  watching_model.Events(number), watching_model.Measured(number)]
        super().__init__(random.Random(f"{seed}-{number}"), models)

    def check(self, port):
        wire = Wire(port)
        try:
            return [problem for model in self.models for problem in model.check(wire)]
        finally:
            wire.close()

    def count_files(self):
        """How many files the worker's objects have, once they are checked."""
        return sum(model.count_files() for model in self.objects)


def in_parallel(functions):
    """Runs them all; returns their results in order, or raises what one raised."""
    results = [None] * len(functions)

    def run(index):
        try:
            results[index] = functions[index]()
        except Exception as error:  # pylint: disable=broad-except
            results[index] = error

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(functions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results:
        if isinstance(result, Exception):
            raise result
    return results


def write_until_killed(server, workers, seconds, before_kill=lambda: None):
    """Lets the workers write for so long, then kills the server under them."""
    threads = [threading.Thread(target=worker.run, args=(server.port,)) for worker in workers]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    before_kill()
    server.kill()
    for thread in threads:
        thread.join()
    for worker in workers:
        if worker.failure:
            raise worker.failure


def restart(server, generator):
    """Starts the server again; sometimes it is killed while it recovers. Returns milliseconds."""
    while generator.random() < 0.2:
        server.launch()
        time.sleep(generator.uniform(0, 0.03))
        server.kill()
    server.launch()
    return server.wait_until_ready()


def find_leaks(server, workers):
    """Yields the files that no object has, or that objects lack; the server removes what a kill
    has left in the background."""
    expected = sum(worker.count_files() for worker in workers)
    deadline = time.monotonic() + LEAK_SECONDS
    while True:
        files = sum(path.is_file() for path in server.blobs.rglob("*"))
        if files == expected:
            return
        if time.monotonic() > deadline:
            yield f"{files} files for {expected} objects in {server.blobs}"
            return
        time.sleep(0.05)


def survive(server, workers, kills, generator):
    """Returns the problems found; stops at the first kill that shows any."""
    server.launch()
    server.wait_until_ready()
    slowest = 0
    for kill in range(1, kills + 1):
        write_until_killed(server, workers, generator.uniform(0.02, 0.5))
        slowest = max(slowest, restart(server, generator))
        found = in_parallel([lambda worker=worker: worker.check(server.port)
                             for worker in workers])
        problems = [problem for of_one in found for problem in of_one]
        problems += find_leaks(server, workers)
        if problems:
            return [f"after kill {kill}: {problem}" for problem in problems]
        if sys.stderr.isatty():
            print(f"\r{kill} of {kills} kills", end="", file=sys.stderr)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    writes = sum(worker.steps for worker in workers)
    print(f"{kills} kills survived: {writes} writes acknowledged and found again, "
          f"slowest recovery {slowest:.0f} ms")
    return []


def find_binary(given):
    candidates = [ROOT / "build" / preset / "src" / "matinee" for preset in ("release", "dev")]
    for candidate in [pathlib.Path(given)] if given else candidates:
        if candidate.is_file():
            return str(candidate.resolve())
    sys.exit("no matinee program; build it or name it with --binary")


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--binary", help="the program; by default the release or dev build")
    parser.add_argument("--durability", default="process", choices=["process", "power"])
    parser.add_argument("--preload", help="a library that breaks the server, which must be found")
    return parser.parse_args()


def main():
    arguments = read_arguments()
    print(f"crash test: {arguments.kills} kills, seed {arguments.seed}", flush=True)
    directory = pathlib.Path(tempfile.mkdtemp(prefix="matinee-crash-"))
    server = Server(find_binary(arguments.binary), directory / "data",
                    ["--durability", arguments.durability], arguments.preload)
    workers = [Worker(number, arguments.seed) for number in range(arguments.clients)]
    try:
        problems = survive(server, workers, arguments.kills, random.Random(arguments.seed))
    except (AssertionError, Refused) as error:
        problems = [str(error)]
    code = server.stop()
    if code != 0:
        problems.append(f"the server ended with {code} after SIGTERM")
    if problems:
        print("\n".join(problems[:20]))
        print(f"{len(problems)} problems; replay with --seed {arguments.seed}; "
              f"the data is kept in {directory}")
        return 1
    shutil.rmtree(directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
