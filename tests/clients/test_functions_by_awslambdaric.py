"""The client that AWS publishes for Python, awslambdaric, as a function's own runtime: the same
function under it and under Matinee's loader gives the same answers, errors and lines of its log.
tests/runtimes compares both in all details, against a Runtime API of its own.
"""

import base64
import json
import pathlib
import re
import subprocess
import sys

import aws_clients
import awslambdaric
import pytest
from functions_kit import is_locked_in, make_function, package

PYTHON = "/usr/bin/python3"
PACKAGES = pathlib.Path(awslambdaric.__file__).parents[1]
BOOTSTRAP = f"""#!/bin/sh
export PYTHONPATH="$LAMBDA_TASK_ROOT/packages"
exec {PYTHON} -m awslambdaric "$_HANDLER"
"""
APP = """
import decimal, logging, sys

logger = logging.getLogger()
logger.setLevel("INFO")

class FilmError(Exception):
    pass

def inner(text):
    raise FilmError(text)

def handler(event, context):
    kind = event.get("kind") if isinstance(event, dict) else None
    if kind == "error":
        inner("no film é")
    if kind == "nested":
        try:
            1 / 0
        except ZeroDivisionError as error:
            raise ValueError(("two", 2)) from error
    if kind == "unknown":
        return object()
    if kind == "decimal":
        return {"rating": decimal.Decimal("9.20"), 1: (None, True), "nan": float("inf")}
    if kind == "exit":
        sys.exit(3)
    if kind == "log":
        print("printed")
        logger.info("told %s", "twice")
    if kind == "context":
        return [context.function_name, context.function_version, context.invoked_function_arn,
                context.memory_limit_in_mb, context.log_group_name,
                context.client_context.custom, context.client_context.client.app_title,
                context.identity.cognito_identity_id, context.get_remaining_time_in_millis() > 0]
    return event
"""


@pytest.fixture(scope="module")
def functions(endpoint):
    return aws_clients.client("lambda", endpoint)


@pytest.fixture(scope="module")
def both(functions):
    """The names of both functions: by the loader, and by AWS's client."""
    if not is_locked_in():
        pytest.skip("without a sandbox functions see paths of their own")
    version = subprocess.run([PYTHON, "-c", "import sys; print(sys.version_info[:2])"],
                             capture_output=True, text=True, check=False).stdout.strip()
    if version != str(sys.version_info[:2]):
        pytest.skip(f"awslambdaric is here for {sys.version_info[:2]}, {PYTHON} is {version}")
    files = {"app.py": APP, "bootstrap": (BOOTSTRAP, 0o755)}
    for pattern in ("awslambdaric/**/*", "simplejson/**/*", "snapshot_restore_py.py",
                    "runtime_client*.so"):
        files |= {f"packages/{path.relative_to(PACKAGES)}": (path.read_bytes(), 0o644)
                  for path in PACKAGES.glob(pattern)
                  if path.is_file() and path.suffix != ".pyc"}
    runtime = "python{}.{}".format(*sys.version_info[:2])
    make_function(functions, "by-loader", package({"app.py": APP}), Runtime=runtime, Timeout=20)
    make_function(functions, "by-client", package(files), Runtime="provided.al2023", Timeout=20)
    yield "by-loader", "by-client"
    for name in ("by-loader", "by-client"):
        functions.delete_function(FunctionName=name)


def seen(functions, name, event, **more):
    """What a caller gets: whether it failed, the answer and the function's lines of the log,
    without what differs from call to call."""
    answer = functions.invoke(FunctionName=name, Payload=json.dumps(event), LogType="Tail", **more)
    request = answer["ResponseMetadata"]["RequestId"]
    body = answer["Payload"].read().decode().replace(request, "ID").replace(name, "NAME")
    log = base64.b64decode(answer["LogResult"]).decode().replace(request, "ID")
    lines = [re.sub(r"\d{4}-\d\d-\d\dT[0-9:.]+Z", "TIME", line)
             for line in re.split("[\r\n]+", log)
             if line and not re.match(r"START |END |REPORT |INIT_START |LAMBDA_WARNING", line)]
    return answer.get("FunctionError"), body, lines


@pytest.mark.parametrize("event", [
    {"film": "Amélie", "n": [1, 2.5, None, True]}, "text", 7, None, [], {"kind": "decimal"}],
    ids=str)
def test_answers_are_the_same(functions, both, event):
    by_loader, by_client = [seen(functions, name, event) for name in both]
    assert by_loader == by_client
    assert by_loader[0] is None


@pytest.mark.parametrize("kind", ["error", "nested", "unknown"])
def test_errors_and_their_traces_are_the_same(functions, both, kind):
    by_loader, by_client = [seen(functions, name, {"kind": kind}) for name in both]
    assert by_loader == by_client
    assert by_loader[0] == "Unhandled"


def test_an_exit_is_the_same(functions, both):
    by_loader, by_client = [seen(functions, name, {"kind": "exit"}) for name in both]
    assert by_loader == by_client
    assert json.loads(by_loader[1])["errorType"] == "Runtime.ExitError"


def test_lines_of_the_log_are_the_same(functions, both):
    by_loader, by_client = [seen(functions, name, {"kind": "log"})[2] for name in both]
    assert by_loader == by_client
    assert by_loader == ["printed", "[INFO]\tTIME\tID\ttold twice"]


def test_contexts_are_the_same(functions, both):
    context = base64.b64encode(json.dumps({
        "client": {"app_title": "box office"}, "custom": {"a": "b"}, "env": {}}, indent=1).encode())
    by_loader, by_client = [
        seen(functions, name, {"kind": "context"}, ClientContext=context.decode())[:2]
        for name in both]
    assert by_loader == by_client
    assert by_loader[0] is None and "box office" in by_loader[1]
