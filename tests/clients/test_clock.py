"""`matinee clock`, and /_matinee/clock: time that passes at once."""

import datetime
import json
import signal
import subprocess
import time
import urllib.error
import urllib.request

import aws_clients
import matinee_server
import own_pages
import pytest

DAY = datetime.timedelta(days=1)


@pytest.fixture
def server(tmp_path):
    with matinee_server.Server(tmp_path / "data", arguments=["--clock", "paused"]) as server:
        yield server


def clock(server, *arguments, fails=False):
    run = subprocess.run([matinee_server.find_binary(), "clock", *arguments, "--cloud", server.url],
                         capture_output=True, text=True, timeout=60,
                         env={"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
                              "HOME": "/nonexistent"})
    assert (run.returncode != 0) == fails, run.stderr
    return run.stderr if fails else run.stdout


def state(server, *arguments):
    return json.loads(clock(server, *arguments, "--format", "json"))


def now(server):
    return datetime.datetime.fromisoformat(state(server, "now")["Now"])


def page(server, method, query=""):
    return own_pages.ask(server, method, f"clock{query}")


def test_a_paused_clock_stands_until_it_is_moved(server):
    before = now(server)
    assert now(server) == before
    assert "time stands" in clock(server)
    clock(server, "advance", "1d12h")
    assert now(server) == before + 1.5 * DAY
    clock(server, "resume")
    first = now(server)
    assert first >= before + 1.5 * DAY
    assert now(server) > first


def test_retention_delays_and_time_outs_of_queues_follow_the_clock(server, name):
    sqs = aws_clients.client("sqs", server.url)
    url = sqs.create_queue(QueueName=name, Attributes={
        "MessageRetentionPeriod": "3600", "VisibilityTimeout": "600"})["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="late", DelaySeconds=900)
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    clock(server, "advance", "15m")
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "late"
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    clock(server, "advance", "10m")
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "late"
    clock(server, "advance", "1h")
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["ApproximateNumberOfMessages"] == "0"
    assert attributes["ApproximateNumberOfMessagesNotVisible"] == "0"


def test_long_polls_and_signatures_go_by_the_machines_clock(server, name):
    sqs = aws_clients.client("sqs", server.url)
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    began = time.monotonic()
    assert "Messages" not in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1)
    assert 0.9 < time.monotonic() - began < 20
    clock(server, "advance", "4w")
    with urllib.request.urlopen(f"{server.url}/_matinee/health", timeout=30) as response:
        date = datetime.datetime.strptime(response.headers["Date"], "%a, %d %b %Y %H:%M:%S GMT")
    assert abs(date - datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)) < DAY


def test_the_clock_never_goes_back_not_even_over_a_restart(tmp_path):
    with matinee_server.Server(tmp_path / "data") as server:
        clock(server, "advance", "10d")
        moved = now(server)
        assert "does not go back" in clock(server, "set", "2020-01-01", fails=True)
        aws_clients.client("sqs", server.url).create_queue(QueueName="q")
        server.kill()
    with matinee_server.Server(tmp_path / "data") as server:
        assert now(server) > moved - datetime.timedelta(minutes=1)


def test_the_page_does_what_the_command_does(server):
    before = page(server, "GET")
    assert before["Paused"] is True
    after = page(server, "POST", "?advance=2h")
    assert after["Complete"] is True
    passed = (datetime.datetime.fromisoformat(after["Now"])
              - datetime.datetime.fromisoformat(before["Now"]))
    assert passed == datetime.timedelta(hours=2)
    assert page(server, "POST", "?action=resume")["Paused"] is False
    with pytest.raises(urllib.error.HTTPError) as refused:
        page(server, "POST", "?advance=tomorrow")
    assert refused.value.code == 400
    assert "no span of time" in refused.value.read().decode()


def test_the_clock_does_not_go_back_where_moving_it_was_all_that_happened(tmp_path):
    with matinee_server.Server(tmp_path / "data", arguments=["--clock", "paused"]) as server:
        clock(server, "advance", "10d")
        clock(server, "advance", "7s")
        before = now(server)
        server.kill()
    with matinee_server.Server(tmp_path / "data", arguments=["--clock", "paused"]) as server:
        assert now(server) == before


def test_ctrl_c_ends_a_move_where_it_is_and_the_next_one_goes_on_from_there(server, name):
    rules = aws_clients.client("events", server.url)
    rules.put_rule(Name=name, ScheduleExpression="rate(1 minute)")
    before = now(server)
    mover = subprocess.Popen(
        [matinee_server.find_binary(), "clock", "advance", "20000d", "--cloud", server.url],
        env={"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "HOME": "/nonexistent"},
        # What a shell starts in its background ignores Ctrl-C, and so would this.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
    while now(server) < before + DAY:
        assert mover.poll() is None
    mover.send_signal(signal.SIGINT)
    mover.wait(timeout=20)
    stopped = now(server)
    while (later := now(server)) != stopped:  # until the server has noticed
        stopped = later
    assert before + DAY < stopped < before + 20000 * DAY
    assert rules.describe_rule(Name=name)["State"] == "ENABLED"
    clock(server, "advance", "1d")
    assert now(server) == stopped + DAY


def test_a_clock_is_moved_without_a_server_too(tmp_path):
    directory = tmp_path / "data"
    with matinee_server.Server(directory) as server:
        sqs = aws_clients.client("sqs", server.url)
        url = sqs.create_queue(QueueName="q", Attributes={"MessageRetentionPeriod": "60"})
        sqs.send_message(QueueUrl=url["QueueUrl"], MessageBody="short-lived")
    subprocess.run([matinee_server.find_binary(), "clock", "advance", "1d", "--data", directory],
                   check=True, capture_output=True, timeout=60)
    with matinee_server.Server(directory) as server:
        sqs = aws_clients.client("sqs", server.url)
        assert "Messages" not in sqs.receive_message(QueueUrl=sqs.get_queue_url(
            QueueName="q")["QueueUrl"])
