"""How environments of functions begin, fail to, and begin anew."""

import base64
import json
import re

import aws_clients
import matinee_server
import moved_clock
import polling
import pytest
from botocore.exceptions import ClientError
from functions_kit import make_function, package, python_package


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with matinee_server.Server(tmp_path_factory.mktemp("starts") / "data") as server:
        yield server


@pytest.fixture
def functions(server):
    return aws_clients.client("lambda", server.url)


def call(functions, name, payload=None):
    return json.load(functions.invoke(FunctionName=name, Payload=json.dumps(payload))["Payload"])


def streams_of(server, name):
    """The events of each stream of the function's log, once the last one ends with a report."""
    logs = aws_clients.client("logs", server.url)
    group = f"/aws/lambda/{name}"

    def read():
        if not logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
            return None
        streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
        return [[event["message"] for event in logs.get_log_events(
            logGroupName=group, logStreamName=stream["logStreamName"],
            startFromHead=True)["events"]] for stream in streams]

    polling.eventually(lambda: max(read() or [[""]], key=len)[-1].startswith(("REPORT", "{")))
    return read()


def kinds(lines):
    return [re.match(r"[A-Z_]+", line)[0] for line in lines
            if line.startswith(("INIT_START", "INIT_REPORT", "START", "END", "REPORT"))]


def test_an_initialization_that_takes_too_long_is_repeated_as_a_part_of_the_call(server, functions):
    make_function(functions, "lazy", package({"app.py": '''
import os, signal
if not os.path.exists(os.environ.get("TMPDIR", "/tmp") + "/tried"):
    open(os.environ.get("TMPDIR", "/tmp") + "/tried", "w").close()
    signal.pause()

def handler(event, context):
    return "ready"
'''}), Timeout=20)
    assert call(functions, "lazy") == "ready"
    lines, = streams_of(server, "lazy")
    assert kinds(lines) == ["INIT_START", "INIT_REPORT", "INIT_START", "START", "END", "REPORT"]
    report, = [line for line in lines if line.startswith("INIT_REPORT")]
    assert re.fullmatch(
        r"INIT_REPORT Init Duration: 100[0-9]{2}\.[0-9]{2} ms\tPhase: init\tStatus: timeout\n",
        report)
    # The second initialization is a part of the call's duration.
    assert "Init Duration" not in lines[-1]


def test_an_initialization_that_fails_twice_fails_the_call(server, functions):
    make_function(functions, "broken", package({"app.py": "import os; os._exit(7)"}))
    answer = functions.invoke(FunctionName="broken", LogType="Tail")
    request_id = answer["ResponseMetadata"]["RequestId"]
    message = f"RequestId: {request_id} Error: Runtime exited with error: exit status 7"
    assert json.load(answer["Payload"]) == {"errorType": "Runtime.ExitError",
                                            "errorMessage": message}
    tail = base64.b64decode(answer["LogResult"]).decode()
    assert tail.startswith(f"START RequestId: {request_id}")
    lines, = streams_of(server, "broken")
    assert kinds(lines) == ["INIT_START", "INIT_REPORT"] * 2 + ["START", "END", "REPORT"]
    failed = r"INIT_REPORT Init Duration: [0-9.]+ ms\tPhase: {}\tStatus: error\t" \
             r"Error Type: Runtime.ExitError\n"
    for phase in ("init", "invoke"):
        assert len([line for line in lines if re.fullmatch(failed.format(phase), line)]) == 1
    assert f"{message}\nRuntime.ExitError\n" in lines
    assert lines[-1].endswith("Status: error\tError Type: Runtime.ExitError\n")


@pytest.mark.parametrize("files, message", [
    ({"other": "x"}, "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"),
    ({"bootstrap": ("#!/bin/sh\n", 0o644)}, "fork/exec /var/task/bootstrap: permission denied"),
    ({"bootstrap": ("what is this", 0o755)}, "fork/exec /var/task/bootstrap: exec format error"),
    ({"bootstrap": ("#!/no/such/shell\n", 0o755)},
     "fork/exec /var/task/bootstrap: no such file or directory"),
])
def test_a_program_that_cannot_be_started_is_told_in_awss_words(functions, files, message, request):
    name = "entry-" + str(request.node.callspec.indices["files"])
    make_function(functions, name, package(files), Runtime="provided.al2023")
    answer = functions.invoke(FunctionName=name)
    request_id = answer["ResponseMetadata"]["RequestId"]
    assert answer["FunctionError"] == "Unhandled"
    assert json.load(answer["Payload"]) == {
        "errorType": "Runtime.InvalidEntrypoint",
        "errorMessage": f"RequestId: {request_id} Error: {message}"}


BEGINS_ANEW = package({"app.py": '''
import os, signal
calls = []

def handler(event, context):
    calls.append(event)
    kept = os.environ.get("TMPDIR", "/tmp") + "/kept"
    there = os.path.exists(kept)
    if event != "again":
        open(kept, "w").close()
    if event == "time-out":
        signal.pause()
    if event == "crash":
        os.abort()
    return [len(calls), there]
'''})


@pytest.mark.parametrize("way", ["time-out", "crash"])
def test_tmp_and_the_log_stay_when_an_environment_begins_anew(server, functions, way):
    make_function(functions, way, BEGINS_ANEW, Timeout=1)

    def is_kept():
        assert call(functions, way, way)["errorType"] == {
            "time-out": "Sandbox.Timedout", "crash": "Runtime.ExitError"}[way]
        return call(functions, way, "again") == [1, True]

    # On a busy machine another environment may take the call that follows, as at AWS.
    polling.eventually(is_kept)
    assert call(functions, way, "again") == [2, True]
    lines = max(streams_of(server, way), key=len)
    assert kinds(lines)[-7:] == ["INIT_START", "START", "END", "REPORT", "START", "END", "REPORT"]
    assert kinds(lines)[:4] == ["INIT_START", "START", "END", "REPORT"]


def test_a_wrapper_runs_also_where_the_environment_is_sealed(server, functions):
    key = aws_clients.client("kms", server.url).create_key()["KeyMetadata"]["Arn"]
    make_function(functions, "wrapped", package({
        "app.py": "import os\ndef handler(event, context):\n  return os.environ.get('WRAPPED')\n",
        "wrapper": ("#!/bin/sh\nexport WRAPPED=yes\nexec \"$@\"\n", 0o755)}),
        KMSKeyArn=key, Environment={"Variables": {"AWS_LAMBDA_EXEC_WRAPPER": "{task}/wrapper"}})
    assert call(functions, "wrapped") == "yes"


def test_records_of_the_system_have_their_levels(server, functions):
    make_function(functions, "records", python_package("return 1"), LoggingConfig={
        "LogFormat": "JSON", "SystemLogLevel": "DEBUG"})
    call(functions, "records")

    def types():
        return [json.loads(line)["type"] for lines in streams_of(server, "records")
                for line in lines if line.startswith("{")]

    polling.eventually(lambda: "platform.report" in types())
    assert types() == ["platform.initStart", "platform.initRuntimeDone", "platform.initReport",
                       "platform.start", "platform.runtimeDone", "platform.report"]


def test_a_call_that_is_sampled_has_a_line_of_x_ray(functions):
    make_function(functions, "traced", python_package("return os.environ['_X_AMZN_TRACE_ID']"))

    def add_trace(params, **_):
        params["headers"]["X-Amzn-Trace-Id"] = (
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1")

    functions.meta.events.register("before-call.lambda.Invoke", add_trace)
    answer = functions.invoke(FunctionName="traced", LogType="Tail")
    assert "Root=1-5759e988-bd862e3fe1be46a994272793" in json.load(answer["Payload"])
    assert re.search("\t\nXRAY TraceId: 1-5759e988-bd862e3fe1be46a994272793\tSegmentId: "
                     "[0-9a-f]{16}\tSampled: true\t",
                     base64.b64decode(answer["LogResult"]).decode())


KEYS = package({"app.py": """
import os
def handler(event, context):
    names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]
    return [os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"]] + [os.environ[name] for name in names]
"""})


def caller_of(server, keys):
    names = ["aws_access_key_id", "aws_secret_access_key", "aws_session_token"]
    sts = aws_clients.client("sts", server.url, credentials=dict(zip(names, keys)))
    return sts.get_caller_identity()["Arn"]


def test_a_call_gets_credentials_that_are_good_wherever_the_clock_was_moved(server, functions):
    make_function(functions, "keys", KEYS)
    _, *first = call(functions, "keys")
    assert call(functions, "keys")[1:] == first
    moved_clock.Clock(server).advance(hours=13)
    with pytest.raises(ClientError, match="ExpiredToken"):
        caller_of(server, first)
    _, *second = call(functions, "keys")
    assert second[0] != first[0]
    assert caller_of(server, second).endswith(":assumed-role/function/keys")
    assert call(functions, "keys")[1:] == second


def test_credentials_last_for_the_whole_time_that_a_call_may_take(server, functions):
    make_function(functions, "long-keys", KEYS, Timeout=900)
    _, *first = call(functions, "long-keys")
    clock = moved_clock.Clock(server)
    clock.advance(hours=11, minutes=40)
    assert call(functions, "long-keys")[1:] == first
    clock.advance(minutes=10)
    assert call(functions, "long-keys")[1] != first[0]


def test_what_is_kept_ready_is_made_anew_when_its_credentials_expire(server, functions):
    make_function(functions, "ready-keys", KEYS)
    functions.publish_version(FunctionName="ready-keys")

    def call_version():
        return json.load(functions.invoke(FunctionName="ready-keys", Qualifier="1")["Payload"])

    functions.put_provisioned_concurrency_config(
        FunctionName="ready-keys", Qualifier="1", ProvisionedConcurrentExecutions=1)
    polling.eventually(lambda: functions.get_provisioned_concurrency_config(
        FunctionName="ready-keys", Qualifier="1")["Status"] == "READY")
    kind, *first = call_version()
    assert kind == "provisioned-concurrency"
    moved_clock.Clock(server).advance(hours=13)
    assert caller_of(server, call_version()[1:])
    polling.eventually(lambda: call_version()[0] == "provisioned-concurrency")
    _, *second = call_version()
    assert second[0] != first[0]
    assert caller_of(server, second)
