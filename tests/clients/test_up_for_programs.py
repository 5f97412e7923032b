"""What test suites need of `matinee up`: a ready line and a status that programs read, a port file,
an end with the parent; and what it says to people beside that."""

import json
import os
import pathlib
import signal
import stat
import subprocess
import sys

import aws_clients
import matinee_server
import pytest
from polling import eventually
from test_lifecycle import SECONDS, run

LEGACY_PORTS = {"dynamodb": 4569, "s3": 4572, "sqs": 4576}


class Up:
    """`matinee up` with these arguments, from its first line to its end."""

    def __init__(self, *arguments, **environment):
        self.process = subprocess.Popen(
            [matinee_server.find_binary(), "up", *map(str, arguments)], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, stdin=subprocess.PIPE, text=True,
            env={**os.environ, **environment})

    def tell(self, text):
        self.process.stdin.write(text)
        self.process.stdin.close()
        self.process.stdin = None
        return self

    def first_line(self):
        return self.process.stdout.readline()

    def stop(self, number=signal.SIGTERM):
        """(exit code, the rest of its output, its errors)"""
        self.process.send_signal(number)
        output, errors = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, output, errors


def test_the_ready_line_for_programs_is_one_line_of_json(tmp_path):
    up = Up("--port", 0, "--data", tmp_path / "data", "--format", "json")
    ready = json.loads(up.first_line())
    assert aws_clients.client("sqs", ready["address"]).list_queues()
    assert ready["address"] == f"http://127.0.0.1:{ready['port']}"
    assert ready["ports"] == [ready["port"]]
    assert ready["pid"] == up.process.pid
    assert ready["data"] == str(tmp_path / "data")
    assert up.stop() == (0, "", "")


def test_in_memory_there_are_no_data():
    up = Up("--port", 0, "--durability", "memory", "--format", "json")
    assert json.loads(up.first_line())["data"] is None
    assert up.stop() == (0, "", "")
    up = Up("--port", 0, "--durability", "memory")
    assert "(nothing is kept, " in up.first_line()
    assert up.stop() == (0, "", "Stopped; nothing is kept.\n")


def test_a_detached_server_has_such_a_line_too(tmp_path):
    data = tmp_path / "data"
    code, out, error = run("up", "--detach", "--port", 0, "--data", data, "--format", "json")
    assert code == 0, error
    ready = json.loads(out)
    assert run("status", "--data", data, "--format", "pid") == (0, f"{ready['pid']}\n", "")
    assert run("down", "--data", data)[0] == 0


def test_every_port_is_named_where_there_are_several(tmp_path):
    taken = [port for port in LEGACY_PORTS.values() if not matinee_server.is_port_free(port)]
    if taken:
        pytest.skip(f"the legacy port {taken[0]} is taken on this machine")
    with matinee_server.Server(tmp_path / "data", ["--legacy-ports"]) as server:
        assert "on port 4569 for dynamodb, 4572 for s3, 4576 for sqs" in server.ready_line
        assert "4569 for dynamodb" in run("status", "--data", server.data)[1]
        status = json.loads(run("status", "--data", server.data, "--format", "json")[1])
        assert status["ports"] == [server.port, *LEGACY_PORTS.values()]
        assert status["legacy_ports"] == LEGACY_PORTS


def test_the_status_for_programs(tmp_path):
    data = str(tmp_path / "data")
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}
    code, out, error = run("status", "--data", data, "--format", "json")
    assert (code, json.loads(out), error) == (1, {"running": False, "data": data}, "")
    with matinee_server.Server(data) as server:
        aws_clients.client("sqs", server.url).create_queue(QueueName="letters")
        code, out, error = run("status", "--data", data, "--format", "json", **keys)
        assert (code, error) == (0, "")
        state = json.loads(out)
        functions = state.pop("functions")
        assert functions["run"] is True
        assert set(functions) == {"run", "locked_in", "memory_limited", "missing"}
        assert state == {
            "running": True, "address": server.url, "port": server.port, "ports": [server.port],
            "pid": server.process.pid, "data": data, "pid_is_here": True, "answers": True,
            "region": "us-east-1", "queues": ["letters"], "tables": [], "buckets": [],
            "more": False}
        code, out, _ = run("status", "--data", data, "--format", "pid")
        assert (code, out) == (0, f"{server.process.pid}\n")
    assert run("status", "--data", data, "--format", "pid")[0] == 1


def test_the_port_file_has_the_port_while_it_is_served(tmp_path):
    file = tmp_path / "port"
    file.write_text("of an earlier one", encoding="ascii")
    up = Up("--port", 0, "--durability", "memory", "--port-file", file)
    port = int(up.first_line().split("127.0.0.1:")[1].split()[0])
    assert file.read_text(encoding="ascii") == f"{port}\n"
    assert up.stop()[0] == 0
    assert not file.exists()


def test_a_port_file_that_cannot_be_written_is_named(tmp_path):
    code, out, error = run("up", "--port", 0, "--durability", "memory", "--port-file",
                           tmp_path / "missing" / "port")
    assert (code, out) == (1, "")
    assert "--port-file" in error and str(tmp_path / "missing") in error


# The parent starts the server from a thread that ends, tells where it is, and waits.
PARENT = """
import subprocess, sys, threading
def start():
    global server
    server = subprocess.Popen([*sys.argv[1:], "--exit-with-parent"], stdout=subprocess.PIPE)
thread = threading.Thread(target=start)
thread.start()
thread.join()
print(server.stdout.readline().decode(), end="", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_server_ends_with_its_parent_and_not_with_a_thread_of_it(number):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, matinee_server.find_binary(), "up", "--port", "0",
         "--durability", "memory", "--format", "json"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    ready = json.loads(parent.stdout.readline())
    assert aws_clients.client("sqs", ready["address"]).list_queues()
    parent.send_signal(number)
    parent.wait(SECONDS)
    eventually(lambda: matinee_server.is_port_free(ready["port"]))
    parent.stdin.close()
    parent.stdout.close()


# The parent starts the server, and ends with the reply to a restore: before the server that takes
# the place of the first one has begun.
RESTORING_PARENT = """
import http.client, json, os, subprocess, sys
server = subprocess.Popen([*sys.argv[1:], "--exit-with-parent"], stdout=subprocess.PIPE)
ready = server.stdout.readline().decode()
print(ready, end="", flush=True)
for method, path in ("PUT", "/_matinee/snapshots/one"), ("POST", "/_matinee/snapshots/one/restore"):
    connection = http.client.HTTPConnection("127.0.0.1", json.loads(ready)["port"])
    connection.request(method, path)
    assert connection.getresponse().status == 200, path
print("restored", flush=True)
os._exit(0)
"""


def test_a_parent_that_ends_while_a_snapshot_is_restored_is_noticed(tmp_path):
    parent = subprocess.Popen(
        [sys.executable, "-c", RESTORING_PARENT, matinee_server.find_binary(), "up", "--port", "0",
         "--data", tmp_path / "data", "--format", "json"], stdout=subprocess.PIPE, text=True)
    ready = json.loads(parent.stdout.readline())
    assert parent.stdout.readline() == "restored\n"
    parent.wait(SECONDS)
    eventually(lambda: matinee_server.is_port_free(ready["port"]))
    parent.stdout.close()


def test_ctrl_c_says_that_everything_is_kept(tmp_path):
    up = Up("--port", 0, "--data", tmp_path / "data")
    assert up.first_line()
    code, _, errors = up.stop(signal.SIGINT)
    assert (code, errors) == (0, f"Stopped; {tmp_path / 'data'} keeps everything.\n")


def test_the_data_are_the_users_alone(tmp_path):
    data = tmp_path / "home" / "data"
    with matinee_server.Server(data) as server:
        s3 = aws_clients.client("s3", server.url, s3={"addressing_style": "path"})
        s3.create_bucket(Bucket="films")
        s3.put_object(Bucket="films", Key="k", Body=b"x" * 100_000)
        for path in [data.parent, data, *data.rglob("*")]:
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    run("run", "movies", "--count", 1, "--data", tmp_path / "job")
    assert stat.S_IMODE((tmp_path / "job").stat().st_mode) == 0o700
    code, _, error = run("up", "--detach", "--port", 0, "--data", tmp_path / "detached")
    assert code == 0, error
    run("down", "--data", tmp_path / "detached")
    for path in (tmp_path / "detached", tmp_path / "detached" / "server.log"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def accepts(url, key, secret):
    client = aws_clients.client("sqs", url, credentials={
        "aws_access_key_id": key, "aws_secret_access_key": secret})
    try:
        client.list_queues()
        return True
    except client.exceptions.ClientError:
        return False


def test_secrets_come_by_file_variable_and_standard_input(tmp_path):
    (tmp_path / "keys").write_text("# those of the tests\nFILE:one\n", encoding="ascii")
    up = Up("--port", 0, "--durability", "memory", "--format", "json", "--auth", "sigv4",
            "--key-file", tmp_path / "keys", "--key", "INPUT", "--key", "SECOND",
            MATINEE_KEYS="VARIABLE:two").tell("three\nfour\n")
    url = json.loads(up.first_line())["address"]
    for key, secret in (("FILE", "one"), ("VARIABLE", "two"), ("INPUT", "three"),
                        ("SECOND", "four")):
        assert accepts(url, key, secret)
        assert not accepts(url, key, "other")
    assert up.stop()[0] == 0


def test_a_detached_server_shows_no_secret_in_its_command_line(tmp_path):
    data = tmp_path / "data"
    code, out, error = run("up", "--detach", "--port", 0, "--data", data, "--format", "json",
                           "--auth", "sigv4", "--key", "K:hush-hush")
    assert code == 0, error
    ready = json.loads(out)
    process = pathlib.Path("/proc") / str(ready["pid"])
    try:
        assert b"hush-hush" not in (process / "cmdline").read_bytes()
        assert b"hush-hush" not in (process / "environ").read_bytes()
        assert accepts(ready["address"], "K", "hush-hush")
    finally:
        assert run("down", "--data", data)[0] == 0


@pytest.mark.parametrize("arguments, named", [
    (("--auth", "sigv4"), "--key-file"), (("--key", ":x"), "--key"),
    (("--auth", "sigv4", "--key", "A"), "input"), (("--key-file", "-"), "input")])
def test_keys_that_are_none_are_wrong_usage(arguments, named):
    finished = subprocess.run(
        [matinee_server.find_binary(), "up", "--port", "0", "--durability", "memory", *arguments],
        input="no key\n" if "-" in arguments else "", capture_output=True, text=True,
        timeout=SECONDS, check=False)
    assert finished.returncode == 2
    assert named in finished.stderr and len(finished.stderr.splitlines()) == 1


def test_a_server_for_everybody_warns_and_one_with_signatures_does_not(tmp_path):
    for address, keys, warns in (("0.0.0.0", (), True), ("::", (), True), ("127.0.0.1", (), False),
                                 ("0.0.0.0", ("--auth", "sigv4", "--key", "A:b"), False)):
        up = Up("--listen", address, "--port", 0, "--durability", "memory", *keys)
        assert up.first_line()
        errors = up.stop()[2]
        assert errors.startswith("warning: ") == warns
        assert ("--auth sigv4" in errors) == warns
    _, _, error = run("up", "--detach", "--listen", "0.0.0.0", "--port", 0, "--data",
                      tmp_path / "data")
    run("down", "--data", tmp_path / "data")
    assert error.startswith("warning: ")


def test_down_with_nothing_to_stop_is_done_and_says_so(tmp_path):
    data = tmp_path / "data"
    assert run("down", "--data", data) == (0, "", f"No server is running on {data}.\n")


@pytest.fixture
def producing(tmp_path):
    """A job that goes on until it is stopped, on a cloud of its own."""
    job = subprocess.Popen(
        [matinee_server.find_binary(), "run", "movies", "--count", "3000000", "--only", "produce",
         "--job-id", "long", "--data", tmp_path / "data"], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True)
    eventually(lambda: run("status", "--data", tmp_path / "data")[2].count("but a job is"))
    yield job
    if job.poll() is None:
        job.kill()
        job.communicate()


def test_down_does_not_stop_a_job_and_says_so(producing, tmp_path):
    code, out, error = run("down", "--data", tmp_path / "data")
    assert (code, out) == (1, "")
    assert f"a job is, as process {producing.pid}" in error
    assert producing.poll() is None
    status = json.loads(run("status", "--data", tmp_path / "data", "--format", "json")[1])
    assert status == {"running": False, "data": str(tmp_path / "data"),
                      "job_pid": producing.pid}


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_job_that_is_stopped_says_how_to_go_on(producing, number, code):
    producing.send_signal(number)
    _, errors = producing.communicate(timeout=SECONDS)
    assert producing.returncode == code
    assert errors.endswith("Stopped; everything so far is kept.\nThe same command goes on.\n")


def test_a_server_in_another_process_namespace_is_not_mistaken_for_a_process_here(tmp_path):
    data = tmp_path / "data"
    up = subprocess.Popen(
        ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", matinee_server.find_binary(),
         "up", "--port", "0", "--data", data], stdout=subprocess.PIPE, text=True)
    try:
        if not up.stdout.readline():
            pytest.skip("this machine gives no process namespaces")
        code, out, _ = run("status", "--data", data)
        assert code == 0 and "as process 1 of another process namespace" in out
        code, _, error = run("down", "--data", data)
        assert code == 1 and "stop it there" in error
        assert run("status", "--data", data, "--format", "pid")[0] == 1
        assert up.poll() is None
    finally:
        up.kill()
        up.wait()
        up.stdout.close()
