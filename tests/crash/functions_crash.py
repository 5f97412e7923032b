#!/usr/bin/env python3
"""The crash test of functions: calls them asynchronously, sends to the queues that they read,
makes and changes them, and kills the server with SIGKILL while calls and batches are under way.
Whatever was acknowledged must have been handled in the end: a handler writes each event that it
has into a table of the same server, and now and then fails, exits, or reports some of a batch.
Nothing that a function has started outlives its server, and nothing that it needs on the disk
grows. Prints its seed; the same seed makes the same calls and the same moments, though not the
same interleaving.
"""

import argparse
import os
import pathlib
import random
import shutil
import sys
import tempfile
import time

from crash import Client, Server, find_binary, restart, write_until_killed
from function_model import Calls, Deployments, Queued
from wire import InDoubt, Refused, Wire

ENDED_SECONDS = 10


class Worker(Client):
    """One client with functions and queues of its own."""

    def __init__(self, number, seed, mark):
        super().__init__(random.Random(f"{seed}-{number}"), [
            Calls(number, mark), Queued(f"work-{number}", mark),
            Queued(f"line-{number}.fifo", mark), Deployments(number, mark)])

    def set_up(self, port):
        wire = Wire(port)
        for model in self.models:
            model.set_up(wire)
        wire.close()


def processes_with(mark):
    """Those whose environment has the mark that all functions of this run have."""
    found = []
    for process in pathlib.Path("/proc").iterdir():
        if not process.name.isdigit() or int(process.name) == os.getpid():
            continue
        try:
            if mark.encode() in (process / "environ").read_bytes():
                found.append(process.name)
        except OSError:
            continue
    return found


def orphans(mark):
    """Processes of functions that are still there some time after their server was killed."""
    deadline = time.monotonic() + ENDED_SECONDS
    while True:
        found = processes_with(mark)
        if not found:
            return
        if time.monotonic() > deadline:
            yield f"processes of functions outlive the server: {found}"
            return
        time.sleep(0.01)


def leftovers(directory):
    """Run folders of earlier servers, once another has started a function."""
    folders = list((directory / "data" / "functions").glob("matinee-*"))
    if len(folders) > 1:
        yield f"{len(folders)} folders of functions are left: {[f.name for f in folders]}"


def mounts():
    return len(pathlib.Path("/proc/self/mountinfo").read_text().splitlines())


class Run:
    """A server, its workers, and what has been found."""

    def __init__(self, arguments, directory):
        self.directory = directory
        self.mark = f"crash-{os.getpid()}-{arguments.seed}"
        self.generator = random.Random(arguments.seed)
        self.server = Server(find_binary(arguments.binary), directory / "data",
                             ["--functions", arguments.functions], arguments.preload)
        self.workers = [Worker(number, arguments.seed, self.mark)
                        for number in range(arguments.clients)]
        self.under_way = 0
        self.slowest = 0

    def work_until_killed(self, seconds):
        def count():
            self.under_way += len(processes_with(self.mark))
        write_until_killed(self.server, self.workers, seconds, before_kill=count)

    def check(self, settled):
        wire = Wire(self.server.port)
        try:
            for worker in self.workers:
                for model in worker.models:
                    yield from model.check(wire, settled)
        finally:
            wire.close()
        if settled:
            yield from leftovers(self.directory)

    def survive(self, kills):
        """Returns the problems found; stops at the first kill that shows any."""
        self.server.launch()
        self.server.wait_until_ready()
        for worker in self.workers:
            worker.set_up(self.server.port)
        before = mounts()
        for kill in range(1, kills + 1):
            self.work_until_killed(self.generator.uniform(0.1, 0.9))
            problems = list(orphans(self.mark))
            self.slowest = max(self.slowest, restart(self.server, self.generator))
            settled = kill == kills or self.generator.random() < 0.3
            problems += self.check(settled)
            if mounts() > before:
                problems.append(f"{mounts()} mounts, where there were {before}")
            if problems:
                return [f"after kill {kill}: {problem}" for problem in problems]
            if sys.stderr.isatty():
                print(f"\r{kill} of {kills} kills", end="", file=sys.stderr)
        if sys.stderr.isatty():
            print(file=sys.stderr)
        handled = sum(model.handled for worker in self.workers for model in worker.models)
        print(f"{kills} kills survived: {handled} acknowledged events, messages and deployments "
              f"found again, {self.under_way} processes of functions killed with their server, "
              f"slowest recovery {self.slowest:.0f} ms")
        return []


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--clients", type=int, default=2)
    parser.add_argument("--functions", default="sandbox", choices=["sandbox", "process"])
    parser.add_argument("--binary", help="the program; by default the release or dev build")
    parser.add_argument("--preload", help="a library that breaks the server, which must be found")
    return parser.parse_args()


def main():
    arguments = read_arguments()
    print(f"crash test of functions: {arguments.kills} kills, seed {arguments.seed}", flush=True)
    directory = pathlib.Path(tempfile.mkdtemp(prefix="matinee-crash-"))
    run = Run(arguments, directory)
    try:
        problems = run.survive(arguments.kills)
    except (AssertionError, InDoubt, Refused) as error:
        problems = [str(error)]
    code = run.server.stop()
    if code != 0:
        problems.append(f"the server ended with {code} after SIGTERM")
    problems += orphans(run.mark)
    if problems:
        print("\n".join(problems[:20]))
        print(f"{len(problems)} problems; replay with --seed {arguments.seed}; "
              f"the data is kept in {directory}")
        return 1
    shutil.rmtree(directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
