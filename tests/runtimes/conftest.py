"""Fixtures of the tests of runtimes/: each function runs under the loader of this tree and, where
a test asks for `both`, under the client that AWS publishes; what is seen of the two must agree.
"""

import concurrent.futures
import itertools
import os
import re
import sys

import nodejs
import pytest
import run_function

PYTHON = os.environ.get("MATINEE_TEST_PYTHON", sys.executable)
PYTHON_FUNCTIONS = run_function.HERE / "functions" / "python"
LOADER = run_function.ROOT / "runtimes" / "python" / "bootstrap.py"
# AWS's words for a runtime update that may have broken the function; there are none here.
WARNING_OF_AWS = "LAMBDA_WARNING: Unhandled exception."
REPEATED = re.compile(r"repeated \d+ more times")

_runs = itertools.count(1)


def command_of_loader(handler):
    return [PYTHON, str(LOADER)]


def command_of_aws(handler):
    return [PYTHON, "-m", "awslambdaric", handler]


@pytest.fixture
def node(tmp_path):
    """Runs a Node.js function under the loader."""
    def run(handler, *invocations, declared=nodejs.CALLBACKS, environment=None, **options):
        place = tmp_path / str(next(_runs))
        return run_function.run(
            nodejs.command_of_loader(), nodejs.FUNCTIONS, handler,
            run_function.events(*invocations or ({},)), directory_of_run=place,
            environment={"AWS_EXECUTION_ENV": declared, **(environment or {})}, **options)
    return run


@pytest.fixture
def both_nodes(node, tmp_path):
    """Runs a Node.js function under the loader and under aws-lambda-ric, holds what is seen of them
    against each other, and returns the loader's run."""
    def run(handler, *invocations, declared=nodejs.CALLBACKS, environment=None, **options):
        place = tmp_path / str(next(_runs))
        variables = {"AWS_EXECUTION_ENV": declared, **(environment or {})}
        with concurrent.futures.ThreadPoolExecutor() as pool:
            theirs = pool.submit(
                run_function.run, nodejs.command_of_aws(handler, variables), nodejs.FUNCTIONS,
                handler, run_function.events(*invocations or ({},)), directory_of_run=place,
                environment=variables, **options)
            ours = node(handler, *invocations, declared=declared, environment=environment,
                        **options)
        assert nodejs.seen(ours) == nodejs.seen(theirs.result())
        return ours
    return run


@pytest.fixture
def loader(tmp_path):
    """Runs a Python function under the loader."""
    def run(handler, *invocations, directory=PYTHON_FUNCTIONS, **options):
        return run_function.run(command_of_loader(handler), directory, handler,
                                run_function.events(*invocations or ({},)),
                                directory_of_run=tmp_path / str(next(_runs)), **options)
    return run


@pytest.fixture
def both(loader, tmp_path):
    """Runs a Python function under the loader and under awslambdaric, holds what is seen of them
    against each other, and returns the loader's run."""
    def run(handler, *invocations, directory=PYTHON_FUNCTIONS, **options):
        place = tmp_path / str(next(_runs))
        with concurrent.futures.ThreadPoolExecutor() as pool:
            theirs = pool.submit(
                run_function.run, command_of_aws(handler), directory, handler,
                run_function.events(*invocations or ({},)), directory_of_run=place, **options)
            ours = loader(handler, *invocations, directory=directory, **options)
        assert seen(ours) == seen(theirs.result())
        return ours
    return run


def seen(run):
    """What must agree. Hints are ours alone, a warning is theirs; times and places differ."""
    return {
        "answers": [(answer.path, content_type(answer), error_type(answer), without_places(
            answer.body.decode("utf-8", "backslashreplace"))) for answer in run.answers],
        "exit code": run.exit_code,
        "output": without_lines_of_one(run.output.splitlines(keepends=True)),
        "frames": [(frame.level, frame.is_json, without_places(frame.text))
                   for frame in run.frames if not is_of_one(frame.text)]}


def error_type(answer):
    """Of errors of invocations awslambdaric tells the type in the document only."""
    if answer.path == "/init/error":
        return answer.headers.get("lambda-runtime-function-error-type")
    return None


def content_type(answer):
    return answer.headers.get("content-type") if answer.path.endswith("/response") else None


def is_of_one(line):
    return WARNING_OF_AWS in line or "matinee runtimes add" in line


def without_lines_of_one(lines):
    return without_places("".join(line for line in lines if not is_of_one(line)))


def without_places(text):
    """A stack that overflows has a few frames more or less in the two runtimes."""
    return REPEATED.sub("repeated N more times", run_function.without_times(text))


def pytest_assertrepr_compare(op, left, right):
    if op == "==" and isinstance(left, dict) and "answers" in left:
        found = ["the two runtimes differ (ours, theirs):"]
        for part in left:
            pairs = itertools.zip_longest(*(
                side[part] if isinstance(side[part], list) else [side[part]]
                for side in (left, right)))
            found += [f"{part}:\n   {ours!r}\n   {theirs!r}" for ours, theirs in pairs
                      if ours != theirs]
        return found
    return None
