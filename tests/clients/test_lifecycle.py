"""Starting, finding, stopping and misusing the program, as a user meets it."""

import http.client
import os
import pathlib
import re
import shutil
import signal
import subprocess
import threading

import aws_clients
import matinee_server
import pytest
from polling import Stopwatch, eventually

SECONDS = 30


def run(*arguments, **environment):
    """Runs the program to its end: (exit code, standard output, standard error)."""
    finished = subprocess.run(
        [matinee_server.find_binary(), *map(str, arguments)], capture_output=True, text=True,
        timeout=SECONDS, check=False, env={**os.environ, **environment})
    return finished.returncode, finished.stdout, finished.stderr


@pytest.fixture
def server(tmp_path):
    with matinee_server.Server(tmp_path / "data") as running:
        yield running


def test_the_ready_line_names_address_directory_and_time(server):
    assert f"127.0.0.1:{server.port}" in server.ready_line
    assert server.data in server.ready_line
    assert re.search(r"\d+(\.\d+)? ?ms", server.ready_line)


def test_a_server_keeps_everything_when_it_is_stopped_and_started_again(tmp_path):
    with matinee_server.Server(tmp_path / "data") as server:
        sqs = aws_clients.client("sqs", server.url)
        url = sqs.create_queue(QueueName="kept")["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody="kept")
        s3 = aws_clients.client("s3", server.url, s3={"addressing_style": "path"})
        s3.create_bucket(Bucket="kept")
        s3.put_object(Bucket="kept", Key="big", Body=b"x" * 1_000_000)
    with matinee_server.Server(tmp_path / "data") as server:
        sqs = aws_clients.client("sqs", server.url)
        [message] = sqs.receive_message(QueueUrl=url)["Messages"]
        assert message["Body"] == "kept"
        s3 = aws_clients.client("s3", server.url, s3={"addressing_style": "path"})
        assert s3.get_object(Bucket="kept", Key="big")["Body"].read() == b"x" * 1_000_000


@pytest.mark.parametrize("durability", ["process", "power", "memory"])
def test_every_durability_level_serves(tmp_path, durability):
    with matinee_server.Server(tmp_path / "data", ["--durability", durability]) as server:
        dynamodb = aws_clients.client("dynamodb", server.url)
        assert dynamodb.list_tables()["TableNames"] == []


def test_memory_durability_writes_no_directory(tmp_path):
    with matinee_server.Server(tmp_path / "data", ["--durability", "memory"]):
        assert not (tmp_path / "data").exists()


def test_interrupting_by_keyboard_stops_cleanly_too(tmp_path):
    server = matinee_server.Server(tmp_path / "data").start()
    server.process.send_signal(signal.SIGINT)
    assert server.wait() == 0


def test_a_long_poll_does_not_delay_the_end(tmp_path):
    server = matinee_server.Server(tmp_path / "data").start()
    sqs = aws_clients.client("sqs", server.url)
    url = sqs.create_queue(QueueName="empty")["QueueUrl"]
    answered = []

    def poll():
        try:
            answered.append(sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20))
        except Exception as error:  # pylint: disable=broad-except
            answered.append(error)

    waiting = threading.Thread(target=poll)
    waiting.start()
    attributes = ["ApproximateNumberOfMessages"]
    eventually(lambda: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=attributes))
    watch = Stopwatch()
    assert server.stop() == 0
    assert watch.seconds() < 10
    waiting.join(20)
    assert answered


def test_a_directory_has_one_server_at_a_time(server):
    code, _, error = run("up", "--port", 0, "--data", server.data)
    assert code == 1
    assert len(error.strip().splitlines()) == 1
    assert server.data in error
    assert aws_clients.client("sqs", server.url).list_queues()


def test_a_taken_port_is_refused_and_the_directory_stays_usable(server, tmp_path):
    other = tmp_path / "other"
    code, _, error = run("up", "--port", server.port, "--data", other)
    assert code == 1
    assert len(error.strip().splitlines()) == 1
    assert str(server.port) in error
    with matinee_server.Server(other) as second:
        assert aws_clients.client("sqs", second.url).list_queues()


@pytest.mark.parametrize("directory", ["/proc/matinee", "/dev/null/matinee"])
def test_a_directory_that_cannot_be_written_is_refused(directory):
    code, _, error = run("up", "--port", 0, "--data", directory)
    assert code == 1
    assert len(error.strip().splitlines()) == 1
    assert directory in error


def test_a_directory_of_something_else_is_refused_and_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("Dear Fritz", encoding="utf-8")
    (tmp_path / "LOCK").write_text("mine", encoding="utf-8")
    before = sorted(os.listdir(tmp_path))
    code, _, error = run("up", "--port", 0, "--data", tmp_path / "letter.txt")
    assert code == 1 and len(error.strip().splitlines()) == 1
    assert sorted(os.listdir(tmp_path)) == before
    assert (tmp_path / "letter.txt").read_text(encoding="utf-8") == "Dear Fritz"


def test_status_and_down_find_the_server_of_a_directory(tmp_path):
    server = matinee_server.Server(tmp_path / "data").start()
    code, out, _ = run("status", "--data", server.data)
    assert code == 0
    assert f"127.0.0.1:{server.port}" in out and str(server.process.pid) in out
    code, _, _ = run("down", "--data", server.data)
    assert code == 0
    assert server.wait() == 0
    code, out, error = run("status", "--data", server.data)
    assert (code, out, error) == (1, "", f"No server is running on {server.data}.\n")


def test_a_detached_server_runs_on_until_it_is_told_to_stop(tmp_path):
    data = tmp_path / "data"
    code, out, error = run("up", "--detach", "--port", matinee_server.free_port(), "--data", data)
    assert code == 0, error
    [port] = re.findall(r"127\.0\.0\.1:(\d+)", out)
    try:
        assert aws_clients.client("sqs", f"http://127.0.0.1:{port}").list_queues()
    finally:
        code, _, error = run("down", "--data", data)
    assert code == 0, error


def test_the_weather_of_aws_tells_the_seed_that_it_is_drawn_from(tmp_path):
    data = tmp_path / "data"
    code, out, error = run("up", "--detach", "--weather", "aws", "--port",
                           matinee_server.free_port(), "--data", data)
    assert code == 0, error
    try:
        # It is said after the line that `up --detach` waits for.
        [seed] = eventually(lambda: re.findall(
            r"out of order, as AWS lets them, drawn from seed (\d+);",
            (data / "server.log").read_text()))
        code, out, error = run("faults", "list", "--data", data)
        assert code == 0, error
        assert out.splitlines() == [
            f"seed {seed}", "f1  duplicate on sqs, with probability 0.02: hit 0 of 0 times",
            "f2  reorder on sqs, with probability 0.2: hit 0 of 0 times"]
    finally:
        code, _, error = run("down", "--data", data)
    assert code == 0, error


def test_the_default_directory_is_below_the_data_home(tmp_path):
    home = tmp_path / "home"
    port = matinee_server.free_port()
    server = subprocess.Popen([matinee_server.find_binary(), "up", "--port", str(port)],
                              stdout=subprocess.PIPE, text=True,
                              env={**os.environ, "XDG_DATA_HOME": str(home)})
    try:
        assert str(home / "matinee") in server.stdout.readline()
        assert (home / "matinee").is_dir()
    finally:
        server.terminate()
        assert server.wait(SECONDS) == 0
        server.stdout.close()


def test_a_detached_server_that_cannot_start_says_why_itself(server, tmp_path):
    code, out, error = run("up", "--detach", "--port", server.port, "--data", tmp_path / "other")
    assert (code, out) == (1, "")
    assert error == f"matinee: Port {server.port} of 127.0.0.1 is already in use.\n"
    code, out, error = run("up", "--detach", "--data", server.data)
    assert (code, out) == (1, "")
    assert server.data in error and len(error.splitlines()) == 1
    code, out, error = run("up", "--detach", "--auth", "sigv4", "--data", tmp_path / "third")
    assert (code, out) == (2, "") and "--key" in error
    assert not (tmp_path / "third").exists()


def test_status_names_what_the_server_holds(server):
    aws_clients.client("sqs", server.url).create_queue(QueueName="letters")
    aws_clients.client("s3", server.url).create_bucket(Bucket="pictures")
    code, out, error = run("status", "--data", server.data, AWS_ACCESS_KEY_ID="test",
                           AWS_SECRET_ACCESS_KEY="test", AWS_REGION="us-east-1")
    assert (code, error) == (0, "")
    lines = out.splitlines()
    assert lines[1:5] == [
        "In us-east-1:", "  queues   letters", "  tables   none", "  buckets  pictures"]
    assert lines[5].startswith("Functions run ")


def test_output_that_cannot_be_written_is_a_failure():
    for arguments in (["coverage"], ["--help"], ["--version"], ["up", "--help"], ["help"]):
        with open("/dev/full", "w", encoding="ascii") as full:
            finished = subprocess.run(
                [matinee_server.find_binary(), *arguments], stdout=full, stderr=subprocess.PIPE,
                text=True, timeout=SECONDS, check=False)
        assert finished.returncode == 1
        assert finished.stderr == "matinee: The output could not be written.\n"
        closed = subprocess.run(
            ["sh", "-c", '"$@" >&-', "sh", matinee_server.find_binary(), *arguments],
            stderr=subprocess.PIPE, text=True, timeout=SECONDS, check=False)
        assert (closed.returncode, closed.stderr) == (finished.returncode, finished.stderr)


def test_status_finds_a_server_that_does_not_know_the_credentials(tmp_path):
    keys = ["--auth", "sigv4", "--key", "known:secret"]
    with matinee_server.Server(tmp_path / "data", keys) as server:
        code, out, error = run("status", "--data", server.data, AWS_ACCESS_KEY_ID="stranger",
                               AWS_SECRET_ACCESS_KEY="x", AWS_REGION="us-east-1")
        assert (code, error) == (0, "")
        assert server.url in out and "does not tell these credentials" in out


def test_a_relative_directory_with_spaces_is_named_in_full(tmp_path):
    directory = tmp_path / "my data"
    binary = matinee_server.find_binary()
    port = str(matinee_server.free_port())
    up = subprocess.run([binary, "up", "--detach", "--port", port, "--data", "my data/"],
                        cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS, check=True)
    code, out, _ = run("status", "--data", directory)
    run("down", "--data", directory)
    assert f"data in {directory}," in up.stdout
    assert code == 0 and f"data in {directory}." in out


def test_help_and_version_explain_the_program():
    code, out, _ = run("--help")
    assert code == 0
    assert all(command in out for command in ("up", "status", "down", "run"))
    for command in (("up",), ("status",), ("down",), ("run",), ("run", "movies")):
        code, out, _ = run(*command, "--help")
        assert code == 0 and "--help" in out
    code, version, _ = run("--version")
    assert code == 0 and re.search(r"\d+\.\d+", version)
    assert [run("-v")[1], run("version")[1]] == [version, version]
    assert run("help") == run("--help")
    assert run("help", "up") == run("up", "--help")
    assert run("help", "run", "movies") == run("run", "movies", "--help")


@pytest.mark.parametrize("arguments, meant", [
    (("stauts",), "status"), (("dwon",), "down"), (("run", "movie"), "movies"),
    (("up", "--prot", "1"), "--port"), (("up", "--auth", "sigv"), "sigv4"),
    (("run", "movies", "--region", "eu-centrall-1"), "eu-central-1")])
def test_what_was_meant_is_asked_after_a_typing_error(arguments, meant):
    code, _, error = run(*arguments)
    assert code == 2
    assert f'did you mean "{meant}"?' in error


def test_long_values_are_not_repeated_in_full():
    code, _, error = run("run", "movies", "--job-id", "x" * 3000)
    assert code == 2 and len(error) < 300 and "xxx..." in error


def test_options_that_contradict_each_other_are_refused(tmp_path):
    for arguments in (("--durability", "memory", "--data", tmp_path / "data"),
                      ("--detach", "--exit-with-parent"), ("--key", "A", "--key-file", "-")):
        code, _, error = run("up", "--port", 0, *arguments)
        assert code == 2 and len(error.splitlines()) == 1
        assert all(word in error for word in arguments if str(word).startswith("--"))
    assert not (tmp_path / "data").exists()


def test_a_port_with_a_zero_before_it_is_that_port(tmp_path):
    port = matinee_server.free_port()
    process = subprocess.Popen(
        [matinee_server.find_binary(), "up", "--port", f"0{port}", "--data", tmp_path / "data"],
        stdout=subprocess.PIPE, text=True)
    assert f":{port} " in process.stdout.readline()
    process.terminate()
    assert process.wait(SECONDS) == 0
    process.stdout.close()


@pytest.mark.parametrize("arguments", [
    (), ("frob",), ("up", "--frob"), ("up", "--port", "many"), ("up", "--port", "70000"),
    ("up", "--durability", "eternal"), ("up", "--quotas", "some"), ("run",), ("run", "frob"),
    ("run", "movies", "--frob"), ("completion", "cmd.exe"),
    # A word that is no command, whatever comes after it.
    ("frob", "--help"), ("run", "frob", "--help"), ("help", "frob"), ("help", "run", "frob"),
    # Nothing is not the default.
    ("up", "--data", ""), ("up", "--data="), ("down", "--data", ""), ("status", "--data", ""),
    ("run", "movies", "--job-id", ""), ("run", "movies", "--region", ""),
    ("run", "movies", "--cloud", ""), ("run", "movies", "--download", ""),
    ("publish", "", "queue"), ("publish", "bucket", ""), ("publish", "b", "q", "--prefix", ""),
    # A region with a typing error would be a second, empty cloud.
    ("up", "--region", "mars-1"), ("up", "--region", "eu west"),
    ("run", "movies", "--region", "nowhere-1"), ("publish", "b", "q", "--region", "eu-west-9"),
    ("up", "--listen", ""), ("up", "--listen", "example.com"), ("up", "--port", "0x50"),
    ("up", "--port", "080x"), ("up", "--detach=maybe")])
def test_wrong_usage_is_explained_with_exit_code_two(arguments):
    code, out, error = run(*arguments)
    assert code == 2
    assert "--help" in error and not out
    assert not arguments or len(error.splitlines()) == 1
    assert "Could not convert" not in error


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script_its_shell_accepts(shell, tmp_path):
    code, out, _ = run("completion", shell)
    assert code == 0
    assert "matinee" in out and "movies" in out
    script = tmp_path / "completion"
    script.write_text(out, encoding="utf-8")
    if shutil.which(shell):
        subprocess.run([shell, "-n", str(script)], check=True)


@pytest.mark.parametrize("words, expected", [
    (["matinee", "s"], ["status", "snapshot", "stacks"]),
    (["matinee", "help", "stat"], ["status"]),
    (["matinee", "status", "--format", ""], ["text", "json", "pid"]),
    (["matinee", "run", ""], ["movies", "top-movies", "--help"]),
    (["matinee", "run", "movies", "--co"], ["--count", "--consumer"]),
    (["matinee", "run", "movies", "--only", ""], ["produce", "consume"]),
    (["matinee", "run", "movies", "--count", ""], []),
    (["matinee", "up", "--durability", "p"], ["process", "power"]),
    (["matinee", "up", "--quotas", ""], ["none", "aws"]),
    (["matinee", "completion", "z"], ["zsh"])])
def test_bash_completes_commands_options_and_their_words(words, expected, tmp_path):
    script = tmp_path / "completion.bash"
    script.write_text(run("completion", "bash")[1], encoding="utf-8")
    finished = subprocess.run(
        ["bash", "-c", 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _matinee; '
         'printf "%s\\n" "${COMPREPLY[@]}"', str(script), *words],
        capture_output=True, text=True, timeout=SECONDS, check=True)
    assert finished.stdout.split() == expected


def test_only_loopback_is_listened_on_unless_told_otherwise(server):
    listening = pathlib.Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    addresses = {line.split()[1] for line in listening if line.split()[3] == "0A"}
    port = f":{server.port:04X}"
    assert {address for address in addresses if address.endswith(port)} == {"0100007F" + port}


def test_connections_are_kept_open_between_requests(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    for _ in range(3):
        connection.request("GET", "/_matinee/health")
        answer = connection.getresponse()
        assert answer.status == 200
        answer.read()
        assert connection.sock is not None
    connection.close()


def test_the_coverage_page_is_what_the_program_says():
    page = pathlib.Path(__file__).parents[2] / "docs" / "coverage.md"
    code, output, _ = run("coverage", "--format", "markdown")
    assert code == 0
    assert "## SQS\n\nServed:\n\n" in output
    assert page.read_text() == output, "run `make coverage`"


def test_the_page_of_resource_types_is_what_the_program_says():
    page = pathlib.Path(__file__).parents[2] / "docs" / "resource-types.md"
    code, output, _ = run("coverage", "--types", "--format", "markdown")
    assert code == 0
    assert "## AWS::SQS::Queue\n\nCarried out: " in output
    assert page.read_text() == output, "run `make coverage`"
