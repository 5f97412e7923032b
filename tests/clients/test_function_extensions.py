"""Extensions of functions: programs in layers that register, hear of calls and of the end."""

import json
import re

import aws_clients
import matinee_server
import polling
import pytest
from extension_kit import HEAD, LOOP, make_extended, make_hearer  # noqa: F401 (a fixture)
from functions_kit import is_locked_in, make_function, package, python_package


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with matinee_server.Server(tmp_path_factory.mktemp("extensions") / "data") as server:
        yield server


@pytest.fixture
def functions(server):
    return aws_clients.client("lambda", server.url)


def log_of(server, name):
    """All events of the function's log, in order."""
    logs = aws_clients.client("logs", server.url)
    group = f"/aws/lambda/{name}"
    if not logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
        return []
    streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
    return [event["message"] for stream in streams for event in logs.get_log_events(
        logGroupName=group, logStreamName=stream["logStreamName"],
        startFromHead=True)["events"]]


def await_line(server, name, pattern):
    """The first line of the log that begins like that."""
    def find():
        return [line for line in log_of(server, name) if re.match(pattern, line)]
    return polling.eventually(find)[0]


def update(functions, name):
    """Ends its instances."""
    functions.update_function_configuration(FunctionName=name, Description="changed")


def failure_of(functions, name):
    answer = functions.invoke(FunctionName=name)
    assert answer["FunctionError"] == "Unhandled"
    error = json.load(answer["Payload"])
    request_id = answer["ResponseMetadata"]["RequestId"]
    return error["errorType"], error["errorMessage"].replace(request_id, "ID")


def test_an_extension_hears_of_calls_and_of_the_end(server, functions, hearer):
    make_extended(functions, "watched", {"watch": LOOP}, python_package("return event"), hearer)
    answer = functions.invoke(FunctionName="watched", Payload=b"1")
    assert json.load(answer["Payload"]) == 1
    call, = hearer.hear("/INVOKE")
    assert call["requestId"] == answer["ResponseMetadata"]["RequestId"]
    assert call["invokedFunctionArn"].endswith(":function:watched")
    assert call["tracing"]["type"] == "X-Amzn-Trace-Id"
    assert call["deadlineMs"] > 0
    assert json.load(functions.invoke(FunctionName="watched", Payload=b"2")["Payload"]) == 2
    hearer.hear("/INVOKE", 2)
    assert await_line(server, "watched", "EXTENSION") == (
        "EXTENSION\tName: watch\tState: Ready\tEvents: [INVOKE, SHUTDOWN]\n")
    update(functions, "watched")
    end, = hearer.hear("/SHUTDOWN")
    assert end["shutdownReason"] == "SPINDOWN"


def test_the_caller_has_the_answer_before_the_extension_is_through(server, functions, hearer):
    make_extended(functions, "patient", {"slow": LOOP}, python_package("return 'now'"), hearer)
    held = hearer.hold("/INVOKE")
    assert json.load(functions.invoke(FunctionName="patient")["Payload"]) == "now"
    await_line(server, "patient", "START")
    assert not any(line.startswith("REPORT") for line in log_of(server, "patient"))
    held.set()
    await_line(server, "patient", "REPORT")


def test_what_extensions_see(functions, hearer):
    extension = '''
told = register("SHUTDOWN", Lambda_Extension_Accept_Feature="accountId")
tell("/seen", {"told": told, "variables": sorted(os.environ)})
next_event()
'''
    make_extended(functions, "shown", {"look": extension}, python_package("return 1"), hearer)
    functions.invoke(FunctionName="shown")
    seen, = hearer.hear("/seen")
    assert seen["told"] == {"functionName": "shown", "functionVersion": "$LATEST",
                            "handler": "app.handler", "accountId": "000000000000"}
    assert {"AWS_LAMBDA_FUNCTION_NAME", "AWS_ACCESS_KEY_ID", "AWS_REGION", "HEARER"} <= set(
        seen["variables"])
    assert not {"AWS_EXECUTION_ENV", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
                "AWS_XRAY_CONTEXT_MISSING", "AWS_XRAY_DAEMON_ADDRESS", "LAMBDA_RUNTIME_DIR",
                "LAMBDA_TASK_ROOT", "_HANDLER"} & set(seen["variables"])


def test_what_the_extensions_api_refuses(functions, hearer):
    extension = '''
def refused(answer):
    return [answer[0], json.loads(answer[2])["errorType"]]

name = {"Lambda_Extension_Name": NAME}
base = "/2020-01-01/extension"
found = {
    "name": refused(send("POST", base + "/register", {})),
    "json": refused(send("POST", base + "/register", "{", **name)),
    "event": refused(send("POST", base + "/register", {"events": ["SLEEP"]}, **name)),
    "id": refused(send("GET", base + "/event/next")),
    "unknown": refused(send("GET", base + "/event/next", Lambda_Extension_Identifier="x")),
}
register()
found["twice"] = refused(send("POST", base + "/register", {}, **name))
found["type"] = refused(send("POST", base + "/exit/error"))
tell("/refused", found)
next_event()
'''
    make_extended(functions, "strict", {"odd": extension}, python_package("return 1"), hearer)
    functions.invoke(FunctionName="strict")
    found, = hearer.hear("/refused")
    assert found == {
        "name": [403, "Extension.InvalidExtensionName"], "json": [403, "InvalidRequestFormat"],
        "event": [403, "Extension.InvalidEventType"], "id": [403, "Extension.MissingHeader"],
        "unknown": [403, "Extension.UnknownExtensionIdentifier"],
        "twice": [403, "Extension.InvalidExtensionState"],
        "type": [403, "Extension.MissingHeader"]}


def test_an_internal_extension_is_a_part_of_calls(server, functions):
    make_function(functions, "inner", package({"app.py": HEAD + '''
import threading
NAME = "inside"

def listen():
    register("INVOKE")
    registered.set()
    while True:
        event = next_event()
        with changed:
            heard.append(event["requestId"])
            changed.notify()

heard = []
changed = threading.Condition()
registered = threading.Event()
threading.Thread(target=listen, daemon=True).start()
registered.wait()

def handler(event, context):
    with changed:
        changed.wait_for(lambda: context.aws_request_id in heard)
    late = send("POST", "/2020-01-01/extension/register", {}, Lambda_Extension_Name="late")
    return [len(heard), json.loads(late[2])["errorType"]]
'''}), Timeout=10)
    for count in (1, 2):
        assert json.load(functions.invoke(FunctionName="inner")["Payload"]) == [
            count, "Extension.RegistrationClosed"]
    assert await_line(server, "inner", "EXTENSION") == (
        "EXTENSION\tName: inside\tState: Ready\tEvents: [INVOKE]\n")


@pytest.mark.parametrize("extension, kind, message", [
    ("sys.exit(3)", "Extension.Crash", "exit status 3"),
    ("register()", "Extension.Crash", "exit code 0"),
    ("""
register()
report_error("init")
sys.exit(1)""", "Extension.InitError", "exit status 1"),
    (("#!/bin/sh\n", 0o644), "Extension.LaunchError",
     "fork/exec /opt/extensions/bad: permission denied"),
    (("no program at all", 0o755), "Extension.LaunchError",
     "fork/exec /opt/extensions/bad: exec format error"),
])
def test_an_extension_that_fails_at_the_start_fails_the_call(server, functions, hearer, extension,
                                                             kind, message, request):
    name = "bad-" + str(request.node.callspec.indices["extension"])
    make_extended(functions, name, {"bad": extension}, python_package("return 1"), hearer)
    assert failure_of(functions, name) == (kind, f"RequestId: ID Error: {message}")
    lines = log_of(server, name)
    starts = [line for line in lines if line.startswith("INIT_REPORT")]
    assert re.fullmatch(rf"INIT_REPORT Init Duration: [0-9.]+ ms\tPhase: init\tStatus: error\t"
                        rf"Error Type: {kind}\n", starts[0])
    assert re.fullmatch(rf"INIT_REPORT Init Duration: [0-9.]+ ms\tPhase: invoke\tStatus: error\t"
                        rf"Error Type: {kind}\n", starts[1])
    assert any(line.endswith(f" Error: {message}\n{kind}\n") for line in lines)
    state = {"Extension.Crash": "Exited", "Extension.InitError": "InitError",
             "Extension.LaunchError": "LaunchError"}[kind]
    assert any(line.startswith(f"EXTENSION\tName: bad\tState: {state}\t") for line in lines)


def test_an_extension_that_fails_in_a_call_fails_it_and_the_others_hear_why(functions, hearer):
    make_extended(functions, "unlucky", {"fails": '''
register("INVOKE")
next_event()
report_error("exit")
sys.exit(1)
''', "watch": LOOP}, python_package("import signal; signal.pause()"), hearer, Timeout=30)
    assert failure_of(functions, "unlucky") == (
        "Extension.ExitError", "RequestId: ID Error: exit status 1")
    assert hearer.hear("/SHUTDOWN")[0]["shutdownReason"] == "FAILURE"


def test_a_time_out_covers_extensions_too(server, functions, hearer):
    make_extended(functions, "late", {"watch": LOOP}, python_package("return 1"), hearer, Timeout=1)
    hearer.hold("/INVOKE")
    assert json.load(functions.invoke(FunctionName="late")["Payload"]) == 1
    await_line(server, "late", r".* Task timed out after 1\.00 seconds\n")
    assert await_line(server, "late", "REPORT").endswith("Status: timeout\n")


def test_the_runtime_is_asked_to_end_where_there_are_extensions(functions, hearer):
    make_extended(functions, "polite", {"watch": LOOP}, package({"app.py": HEAD + '''
def say_goodbye(*_):
    tell("/SIGTERM", {})
    os._exit(0)

signal.signal(signal.SIGTERM, say_goodbye)

def handler(event, context):
    if event:
        signal.pause()
    return 1
'''}), hearer, Timeout=1)
    functions.invoke(FunctionName="polite", Payload=b"0")
    answer = functions.invoke(FunctionName="polite", Payload=b"1")
    assert json.load(answer["Payload"])["errorType"] == "Sandbox.Timedout"
    assert hearer.hear("/SHUTDOWN")[0]["shutdownReason"] == "TIMEOUT"
    hearer.hear("/SIGTERM")
    # It is there again for the next one.
    assert json.load(functions.invoke(FunctionName="polite", Payload=b"0")["Payload"]) == 1


def test_an_extension_that_does_not_end_is_killed(functions, hearer):
    make_extended(functions, "stubborn", {"stay": '''
signal.signal(signal.SIGTERM, signal.SIG_IGN)
register("INVOKE", "SHUTDOWN")
while True:
    event = next_event()
    tell("/" + event["eventType"], {"pid": os.getpid()})
    if event["eventType"] == "SHUTDOWN":
        signal.pause()
'''}, python_package("return os.getpid()"), hearer)
    functions.invoke(FunctionName="stubborn")
    update(functions, "stubborn")
    hearer.hear("/SHUTDOWN")
    # The next call does not wait for that.
    watch = polling.Stopwatch()
    functions.invoke(FunctionName="stubborn")
    assert watch.seconds() < 10


def test_what_extensions_write_is_in_the_log(server, functions, hearer):
    make_extended(functions, "talks", {"loud": '''
print("FROM THE EXTENSION", flush=True)
register("SHUTDOWN")
next_event()
'''}, python_package("print('FROM THE FUNCTION')"), hearer)
    functions.invoke(FunctionName="talks")
    await_line(server, "talks", "FROM THE FUNCTION\n")
    await_line(server, "talks", "FROM THE EXTENSION\n")


@pytest.mark.skipif(not is_locked_in(), reason="without namespaces names are the machine's")
def test_the_environment_has_a_name(functions, hearer):
    make_extended(functions, "named", {"names": '''
import socket
register("SHUTDOWN")
tell("/address", {"address": socket.gethostbyname("sandbox.localdomain")})
next_event()
'''}, python_package("return 1"), hearer)
    functions.invoke(FunctionName="named")
    assert hearer.hear("/address") == [{"address": "127.0.0.1"}]
