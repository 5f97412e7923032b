"""Functions that mean harm, or might as well: the server and its other functions go on, and the log
says what happened. What only a sandbox prevents is tried where this machine allows one. Those that
fork without end are in `make hostile`.
"""

import json
import time

import aws_clients
import matinee_server
import polling
import pytest
from functions_kit import is_locked_in, make_function, python_package

needs_sandbox = pytest.mark.skipif(not is_locked_in(), reason="this machine has no namespaces")
MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with matinee_server.Server(tmp_path_factory.mktemp("hostile") / "data") as server:
        yield server


@pytest.fixture
def functions(server):
    """The client; afterwards a function that was there before still answers, from the instance
    that it had."""
    client = aws_clients.client("lambda", server.url)
    if not client.list_functions()["Functions"]:
        make_function(client, "bystander", python_package("""
import time
globals().setdefault('began', time.time())
return {'began': began, 'secret': os.environ['SECRET']}"""),
                      Environment={"Variables": {"SECRET": "of the bystander"}})
    before = call(client, "bystander")
    yield client
    assert server.is_running()
    assert call(client, "bystander") == before


def call(client, name, payload=None):
    return json.load(client.invoke(FunctionName=name, Payload=json.dumps(payload))["Payload"])


def log_of(server, name, text):
    """The events of the function's log that have the text, once there is one."""
    logs = aws_clients.client("logs", server.url)
    group = f"/aws/lambda/{name}"

    def events():
        if not logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
            return []
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=group, filterPattern=f'"{text}"')
        return [event["message"] for page in pages for event in page["events"]]

    polling.eventually(events)
    return events()


def test_one_that_takes_all_memory_is_ended_and_its_log_says_why(server, functions):
    make_function(functions, "bomb", python_package("""
taken = []
while True:
    taken.append(b'x' * (1 << 20))"""), MemorySize=128, Timeout=30)
    answer = functions.invoke(FunctionName="bomb")
    assert answer["FunctionError"] == "Unhandled"
    told = json.load(answer["Payload"])
    # Python has the error by itself where an allocation is refused.
    assert told["errorType"] in ("Runtime.OutOfMemory", "MemoryError"), told
    assert log_of(server, "bomb", "Error")
    assert log_of(server, "bomb", "REPORT RequestId")


@needs_sandbox
def test_one_that_fills_tmp_fills_its_own(server, functions):
    make_function(functions, "filler", python_package("""
written = 0
with open('/tmp/full', 'wb', buffering=0) as file:
    try:
        while True:
            written += file.write(b'x' * (1 << 20))
    except OSError as error:
        print('NO ROOM', error.errno)
return written"""), Timeout=60, MemorySize=2048)
    make_function(functions, "tidy", python_package("""
with open('/tmp/mine', 'wb') as file:
    file.write(b'x' * (50 << 20))
return os.path.exists('/tmp/full')"""), MemorySize=512)
    written = call(functions, "filler")
    assert 400 * MEGABYTE < written <= 512 * MEGABYTE
    assert log_of(server, "filler", "NO ROOM 28")
    assert call(functions, "tidy") is False


@needs_sandbox
def test_nothing_can_be_written_outside_of_tmp(server, functions, tmp_path):
    make_function(functions, "writer", python_package("""
refused = {}
for path in event:
    try:
        with open(path, 'w') as file:
            file.write('was here')
        refused[path] = None
    except OSError as error:
        refused[path] = error.strerror
        print('REFUSED', path, error.strerror)
return refused"""))
    aim = tmp_path / "aim"
    aim.write_text("untouched")
    paths = ["/var/task/app.py", "/etc/passwd", "/usr/bin/env", "/proc/sys/kernel/hostname", "/new",
             str(aim), f"{server.data}/LOCK"]
    refused = call(functions, "writer", paths)
    assert all(refused[path] for path in paths), refused
    assert aim.read_text() == "untouched"
    assert len(log_of(server, "writer", "REFUSED")) == len(paths)


@needs_sandbox
def test_other_processes_are_neither_seen_nor_ended(server, functions):
    make_function(functions, "killer", python_package("""
import signal
seen, ended = [], []
for name in os.listdir('/proc'):
    if name.isdigit():
        try:
            with open(f'/proc/{name}/environ', 'rb') as file:
                seen.append(file.read().decode())
        except OSError as error:
            print('NOT READ', name, error.strerror)
for process in event:
    try:
        os.kill(process, signal.SIGKILL)
        ended.append(process)
    except OSError as error:
        print('NOT ENDED', process, error.strerror)
return {'seen': seen, 'ended': ended}"""))
    told = call(functions, "killer", [server.process.pid, server.process.pid + 1])
    assert told["ended"] == []
    assert not any("of the bystander" in environment for environment in told["seen"])
    assert log_of(server, "killer", f"NOT ENDED {server.process.pid}")


@needs_sandbox
def test_the_data_of_the_server_is_not_to_be_seen(server, functions):
    make_function(functions, "reader", python_package("""
found = []
for path in event:
    try:
        found.append(os.listdir(path))
    except OSError as error:
        print('NOT SEEN', path, error.strerror)
return found"""))
    assert call(functions, "reader", [server.data, f"{server.data}/functions", "/root"]) == []
    assert log_of(server, "reader", f"NOT SEEN {server.data}")


def test_sockets_that_it_keeps_open_hold_nobody_up(server, functions):
    make_function(functions, "keeper", python_package("""
import socket, urllib.parse
kept = globals().setdefault('kept', [])
clouds = [urllib.parse.urlparse(os.environ['AWS_ENDPOINT_URL']).netloc,
          os.environ['AWS_LAMBDA_RUNTIME_API']]
for address in clouds:
    host, port = address.split(':')
    for number in range(300):
        try:
            kept.append(socket.create_connection((host, int(port)), timeout=5))
            kept[-1].sendall(b'POST / HTTP/1.1\\r\\nContent-Length: 1000000\\r\\n')
        except OSError as error:
            print('NO MORE', error)
            break
print('KEPT', len(kept))
return len(kept)"""), Timeout=30)
    assert call(functions, "keeper") > 0
    began = time.monotonic()
    assert call(functions, "bystander")
    assert time.monotonic() - began < 5
    assert log_of(server, "keeper", "KEPT")
    functions.delete_function(FunctionName="keeper")


def test_one_that_does_not_listen_to_sigterm_ends_all_the_same(tmp_path):
    with matinee_server.Server(tmp_path / "data") as server:
        client = aws_clients.client("lambda", server.url)
        make_function(client, "deaf", python_package("""
import signal, subprocess
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen(['/bin/sh', '-c', 'trap "" TERM HUP INT; while true; do sleep 1; done'],
                 start_new_session=True)
return os.environ['GENERATION']"""), Environment={"Variables": {"GENERATION": "1"}})
        assert call(client, "deaf") == "1"
        client.update_function_configuration(
            FunctionName="deaf", Environment={"Variables": {"GENERATION": "2"}})
        assert call(client, "deaf") == "2"
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < 15


def test_one_that_prints_without_end_is_ended_and_the_server_does_not_grow(server, functions):
    make_function(functions, "chatty", python_package("""
import sys
print('BEGIN')
line = 'x' * 1000 + '\\n'
while True:
    sys.stdout.write(line * 1000)"""), Timeout=2)
    before = server.resident_megabytes()
    answer = functions.invoke(FunctionName="chatty")
    assert json.load(answer["Payload"])["errorType"] == "Sandbox.Timedout"
    assert server.resident_megabytes() - before < 300
    assert log_of(server, "chatty", "BEGIN")
    assert log_of(server, "chatty", "Task timed out after 2.00 seconds")


def test_garbage_on_the_runtime_api_changes_nothing(server, functions):
    make_function(functions, "babbler", python_package("""
import http.client, socket
address = os.environ['AWS_LAMBDA_RUNTIME_API']
host, port = address.split(':')
base = '/2018-06-01/runtime/'
statuses = []
def ask(method, path, body=None):
    connection = http.client.HTTPConnection(address, timeout=10)
    connection.request(method, path, body)
    statuses.append(connection.getresponse().status)
    connection.close()
for rubbish in (b'\\x00\\xff' * 1000, b'GET ' + b'x' * 100000, b'POST / HTTP/1.1\\r\\n',
                b'POST /2018-06-01/runtime/invocation/x/response HTTP/9.9\\r\\n\\r\\n'):
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        raw.sendall(rubbish)
ask('GET', base + 'invocation/next')
ask('POST', base + 'invocation/00000000-0000-0000-0000-000000000000/response', b'{}')
ask('POST', base + 'invocation/../../response', b'{}')
ask('POST', base + 'init/error', b'{}')
ask('DELETE', '/', None)
ask('GET', '/2015-03-31/functions')
print('SAID', statuses)
return statuses"""), Timeout=30)
    statuses = call(functions, "babbler")
    assert len(statuses) == 6 and all(400 <= status < 500 for status in statuses), statuses
    assert call(functions, "babbler") == statuses
    assert log_of(server, "babbler", "SAID")


def test_an_answer_that_is_no_json_is_passed_on_as_it_is(server, functions):
    """As AWS's clients send it who are told to: the caller gets the bytes."""
    make_function(functions, "raw", python_package("""
import http.client
connection = http.client.HTTPConnection(os.environ['AWS_LAMBDA_RUNTIME_API'])
connection.request('POST', '/2018-06-01/runtime/invocation/' + context.aws_request_id
                   + '/response', b'\\xff\\xfe{')
assert connection.getresponse().status == 202
print('ANSWERED')
return 'too late'"""))
    answer = functions.invoke(FunctionName="raw")
    assert answer["Payload"].read() == b"\xff\xfe{"
    assert log_of(server, "raw", "ANSWERED")
