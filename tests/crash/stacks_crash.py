#!/usr/bin/env python3
"""The crash test of stacks: a stack of about 100 resources of many types fails and is taken back,
is made, changed, changed in vain, changed again and removed, while the server is killed with
SIGKILL at random moments and started again. After each of these all must be as in a run that
nothing has disturbed: what the stack says, and what the services have, nothing twice, nothing
left over and nothing missing. Prints its seed; the same seed kills at the same moments, though
not at the same places.
"""

import argparse
import collections
import pathlib
import random
import shutil
import sys
import tempfile
import threading
import time
import uuid

import stack_state
from crash import Server, find_binary, restart
from stack_template import FAILING, Template, take_names
from wire import InDoubt, Refused, Wire

STACK = "crash"
END_SECONDS = 120
Phase = collections.namedtuple("Phase", "name operation version fails end")
PHASES = [
    Phase("a creation that fails", "CreateStack", 0, True, "ROLLBACK_COMPLETE"),
    Phase("removal of what failed", "DeleteStack", None, False, "DELETE_COMPLETE"),
    Phase("creation", "CreateStack", 0, False, "CREATE_COMPLETE"),
    Phase("update", "UpdateStack", 1, False, "UPDATE_COMPLETE"),
    Phase("an update that fails", "UpdateStack", 2, True, "UPDATE_ROLLBACK_COMPLETE"),
    Phase("update after that", "UpdateStack", 2, False, "UPDATE_COMPLETE"),
    Phase("removal", "DeleteStack", None, False, "DELETE_COMPLETE"),
]


class Kills:
    """Kills the server at random moments of a phase that takes so many seconds undisturbed."""

    def __init__(self, server, generator, left):
        self.server = server
        self.generator = generator
        self.left = left
        self.done = 0
        self.slowest = 0
        self.timer = None

    def plan(self, seconds):
        if self.left > 0:
            self.left -= 1
            self.timer = threading.Timer(self.generator.uniform(0, seconds),
                                         self.server.process.kill)
            self.timer.start()

    def wait_for(self):
        """Lets a kill that was planned happen, and starts the server again."""
        if self.timer:
            self.timer.join()
            self.timer = None
            self.server.kill()
            self.done += 1
            self.slowest = max(self.slowest, restart(self.server, self.generator))


class Life:
    """One stack, from its creation to its end, on a data directory of its own."""

    def __init__(self, arguments, directory, generator, kills):
        self.server = Server(find_binary(arguments.binary), directory,
                             ["--functions", arguments.functions])
        # What custom resources were told before is answered at the same port, or at no more.
        self.server.keeps_port = generator.random() < 0.5
        self.kills = Kills(self.server, generator, kills)
        self.generator = generator
        self.id = STACK
        self.ids = {}
        self.services = stack_state.Services(
            {kind for version in range(3) for kind in Template(STACK, version).types()})

    def start(self):
        self.server.launch()
        self.server.wait_until_ready()
        wire = Wire(self.server.port)
        take_names(wire)
        wire.close()

    def carry_out(self, phase, seconds):
        """Returns how long it took, and what is there then, as lines."""
        token = str(uuid.UUID(int=self.generator.getrandbits(128)))
        fails = self.generator.choice(FAILING) if phase.fails else None
        started = time.monotonic()
        self.kills.plan(seconds)
        while True:
            wire = Wire(self.server.port)
            try:
                self._begin(wire, phase, fails, token)
                self._wait_for_end(wire)
                took = time.monotonic() - started
                if not self.kills.timer:
                    return took, self._state(wire, phase)
            except InDoubt as error:
                if not self.kills.timer:
                    raise AssertionError(f"the server has ended: {error}") from error
            finally:
                wire.close()
            self.kills.wait_for()
            # Half of the time it is killed again in what it goes on with.
            if self.generator.random() < 0.5:
                self.kills.plan(seconds)

    def _begin(self, wire, phase, fails, token):
        """Asks for the phase's operation, unless an earlier try was heard."""
        if phase.operation == "CreateStack":
            self.id = STACK
        if stack_state.has_begun(wire, self.id, token):
            return
        parameters = {"StackName": self.id, "ClientRequestToken": token}
        if phase.version is not None:
            parameters["TemplateBody"] = Template(STACK, phase.version, fails).body()
            parameters["Capabilities.member.1"] = "CAPABILITY_NAMED_IAM"
        wire.query("cloudformation", phase.operation, **parameters)

    def _wait_for_end(self, wire):
        deadline = time.monotonic() + END_SECONDS
        while True:
            found = stack_state.described(wire, self.id)
            self.id = found.findtext("StackId")
            if not found.findtext("StackStatus").endswith("_IN_PROGRESS"):
                return
            if time.monotonic() > deadline:
                unsettled = [line for line in stack_state.of_stack(wire, self.id)
                             if "_IN_PROGRESS" in line]
                raise AssertionError("it does not end: " + "; ".join(unsettled))
            time.sleep(0.02)

    def _state(self, wire, phase):
        lines = [f"stack: {line}" for line in stack_state.of_stack(wire, self.id)]
        if lines[0] != f"stack: status {phase.end}":
            raise AssertionError(f"{lines[0]}: {stack_state.failures(wire, self.id)}")
        ids = stack_state.physical_ids(wire, self.id)
        lines += [f"kept {name}" for name, found in ids.items() if self.ids.get(name) == found]
        self.ids = ids
        return lines + self.services.read(wire)


def differences(expected, found):
    """What two lists of lines do not have in common, each with how often."""
    expected, found = collections.Counter(expected), collections.Counter(found)
    for line, count in sorted((expected - found).items()):
        yield f"missing ({count}): {line}"
    for line, count in sorted((found - expected).items()):
        yield f"too much ({count}): {line}"


def undisturbed(arguments, directory):
    """How long each phase takes, and what is there after it."""
    life = Life(arguments, directory, random.Random(arguments.seed), 0)
    life.start()
    try:
        results = [life.carry_out(phase, 0) for phase in PHASES]
    finally:
        life.server.stop()
    check_undisturbed(results)
    return results


def check_undisturbed(results):
    """The comparison would be worth nothing if these did not hold. Keys wait for their end, and
    the log group of a function that was called stays.
    """
    lines = [[line for line in state if not line.startswith(("stack:", "kept", "AWS::KMS::Key"))
              and "/aws/lambda/" not in line] for _, state in results]
    if len(lines[2]) < 100:
        raise AssertionError(f"only {len(lines[2])} resources are seen")
    taken_back = list(differences(lines[3], lines[4]))
    left = list(differences(lines[1], lines[6]))
    if taken_back or left:
        raise AssertionError("\n".join(["undisturbed, too, there are differences", *taken_back,
                                        *left]))


def survive(arguments, directory, generator, reference):
    """Goes through lives until there were enough kills; returns what is wrong."""
    done = lives = slowest = 0
    while done < arguments.kills:
        lives += 1
        life = Life(arguments, directory / f"life-{lives}", generator, arguments.kills - done)
        life.start()
        try:
            for phase, (seconds, expected) in zip(PHASES, reference):
                try:
                    _, found = life.carry_out(phase, seconds)
                    problems = list(differences(expected, found))
                except (AssertionError, Refused) as error:
                    problems = [str(error)]
                if problems:
                    return [f"life {lives}, {phase.name}, after {done + life.kills.done} kills: "
                            f"{problem}" for problem in problems]
        finally:
            code = life.server.stop()
        if code != 0:
            return [f"the server ended with {code} after SIGTERM"]
        done += life.kills.done
        slowest = max(slowest, life.kills.slowest)
        shutil.rmtree(directory / f"life-{lives}")
        if sys.stderr.isatty():
            print(f"\r{done} of {arguments.kills} kills", end="", file=sys.stderr)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    print(f"{done} kills survived by {lives} stacks of {len(reference[2][1])} lines compared after "
          f"each of {len(PHASES)} operations, slowest recovery {slowest:.0f} ms")
    return []


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--functions", default="sandbox", choices=["sandbox", "process"])
    parser.add_argument("--binary", help="the program; by default the release or dev build")
    return parser.parse_args()


def main():
    arguments = read_arguments()
    print(f"crash test of stacks: {arguments.kills} kills, seed {arguments.seed}", flush=True)
    directory = pathlib.Path(tempfile.mkdtemp(prefix="matinee-crash-"))
    try:
        reference = undisturbed(arguments, directory / "undisturbed")
        problems = survive(arguments, directory, random.Random(arguments.seed), reference)
    except (AssertionError, Refused) as error:
        problems = [str(error)]
    if problems:
        print("\n".join(problems[:20]))
        print(f"{len(problems)} problems; replay with --seed {arguments.seed}; "
              f"the data is kept in {directory}")
        return 1
    shutil.rmtree(directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
