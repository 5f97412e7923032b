"""`matinee publish` as a user meets it: on the embedded cloud, on a server, and on moto's."""

import json
import os
import pathlib
import signal
import subprocess

import aws_clients
import matinee_server
import moto_server
import pytest
from polling import eventually
from program import environment_with
from publishing import BUCKET, Cloud, Run, command, digests, once

ODD_KEYS = ["a/b/c", "a//b", "/", "with space", "plus+and%20", "no-extension", "stem.txt",
            "stem.json", "größe/ü", '"quoted"\\', "tab\tin it", "電影/🎬", "k" * 1024, "a&b<c>"]


@pytest.fixture
def server(tmp_path):
    with matinee_server.Server(tmp_path / "data") as running:
        yield running


@pytest.fixture
def cloud(server):
    return Cloud(server.url)


@pytest.fixture(scope="module")
def moto():
    with moto_server.running() as url:
        yield Cloud(url)


@pytest.fixture(autouse=True)
def ledgers(tmp_path, monkeypatch):
    """Each test has ledgers of its own."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))


def test_the_embedded_cloud_publishes_its_own_bucket(tmp_path):
    data = tmp_path / "home" / "matinee"
    with matinee_server.Server(data) as server:
        cloud = Cloud(server.url)
        keys = cloud.put(digests(300) + ODD_KEYS)
        cloud.create_queue("work.fifo")
    url = "http://127.0.0.1:4566/000000000000/work.fifo"
    summary = Run(BUCKET, url).require_success()
    assert summary["published"] == summary["objects_seen"] == len(keys)
    assert Run(BUCKET, "work.fifo").require_success()["published_before"] == len(keys)
    assert pathlib.Path(summary["ledger"]).parent == data / "publish"
    with matinee_server.Server(data) as server:
        # The server has the data now, and the ledger is the same.
        assert Run(BUCKET, url).require_success()["published_before"] == len(keys)
        cloud = Cloud(server.url)
        assert cloud.take(cloud.create_queue("work.fifo")) == once(keys)


@pytest.mark.parametrize("queue", ["work.fifo", "work"])
def test_each_object_of_a_server_gives_one_message(server, cloud, queue):
    keys = cloud.put(digests(1200) + ODD_KEYS)
    url = cloud.create_queue(queue)
    summary = Run(BUCKET, url, cloud=server.url).require_success()
    assert summary["published"] == len(keys) and summary["complete"]
    assert cloud.take(url) == once(keys)


def test_moto_has_the_same(moto):
    odd = moto.put(["odd/" + key for key in ODD_KEYS if key != "/" and len(key) < 1000])
    url = moto.create_queue("work.fifo")
    summary = Run(BUCKET, url, "--prefix", "odd/", cloud=moto.url).require_success()
    assert summary["published"] == summary["objects_seen"] == len(odd)
    assert moto.take(url) == once(odd)
    moto.put(["odd/new"])
    assert Run(BUCKET, url, "--prefix", "odd/", cloud=moto.url).require_success()["published"] == 1
    assert moto.take(url) == once(["odd/new"])


def test_moto_has_pages_of_objects_too(moto):
    count = len(moto.put([f"many/{key}" for key in digests(1050)]))
    url = moto.create_queue("many")
    arguments = (BUCKET, url, "--prefix", "many/")
    assert Run(*arguments, cloud=moto.url).require_success()["published"] == count
    assert Run(*arguments, cloud=moto.url).require_success()["published_before"] == count
    # To receive them one by one takes moto's server a minute and more.
    got = moto.sqs.get_queue_attributes(QueueUrl=url,
                                        AttributeNames=["ApproximateNumberOfMessages"])
    assert int(got["Attributes"]["ApproximateNumberOfMessages"]) == count


def test_an_empty_bucket_is_no_error(server, cloud):
    summary = Run(BUCKET, cloud.create_queue("work.fifo"), cloud=server.url).require_success()
    assert summary["published"] == 0 and summary["pages_listed"] == 1


def test_objects_are_selected_and_again_publishes_them_anew(server, cloud):
    keys = cloud.put(["a/1.json", "a/2.txt", "b/1.json"])
    url = cloud.create_queue("work.fifo")
    dry = Run(BUCKET, url, "--prefix", "a/", "--dry-run", cloud=server.url).require_success()
    assert dry["to_be_published"] == 2 and not cloud.take(url)
    Run(BUCKET, url, "--suffix", ".json", "--since", "1h", cloud=server.url).require_success()
    assert cloud.take(url) == once(["a/1.json", "b/1.json"])
    Run(BUCKET, url, cloud=server.url).require_success()
    assert cloud.take(url) == once(["a/2.txt"])
    Run(BUCKET, url, "--again", cloud=server.url).require_success()
    assert cloud.take(url) == once(keys)


@pytest.mark.parametrize("bucket, queue, sentence", [
    ("no-such-bucket", "work.fifo", "There is no bucket no-such-bucket in "),
    (BUCKET, "nothing.fifo", "There is no queue nothing.fifo in "),
    (BUCKET, "{url}/000000000000/nothing.fifo", "There is no queue http://")])
def test_what_is_missing_is_said_in_one_sentence(server, cloud, bucket, queue, sentence):
    cloud.create_queue("work.fifo")
    run = Run(bucket, queue.format(url=server.url), cloud=server.url)
    assert run.code == 1 and not run.output
    assert run.error.startswith("matinee: " + sentence) and run.error.count("\n") == 1


@pytest.mark.parametrize("host", ["127.0.0.1:9999", "evil.example", "localhost:4567"])
def test_a_queue_somewhere_else_is_not_taken_for_one_here(server, cloud, tmp_path, host):
    """Also not where there is a queue of that name here."""
    cloud.put(["one"])
    url = cloud.create_queue("std")
    data = tmp_path / "home" / "matinee"
    with matinee_server.Server(data) as embedded:
        own = Cloud(embedded.url)
        own.put(["one"])
        own.create_queue("std")
    for arguments in ({"cloud": server.url}, {}):
        run = Run(BUCKET, f"http://{host}/000000000000/std", **arguments)
        assert run.code == 1 and not run.output
        assert f" is at {host}, and not in " in run.error and "--cloud URL" in run.error
    assert not cloud.take(url)
    port = server.port
    for same in (f"http://localhost:{port}", f"http://127.0.0.1:{port}", "http://localhost:4566"):
        Run(BUCKET, f"{same}/000000000000/std", cloud=server.url).require_success()


def test_a_bucket_of_another_region_is_published_to_a_queue_of_this_one(server, cloud):
    cloud.put(["one"])
    sqs = aws_clients.client("sqs", server.url, "eu-west-1")
    url = sqs.create_queue(QueueName="work")["QueueUrl"]
    summary = Run(BUCKET, "work", "--region", "eu-west-1", cloud=server.url).require_success()
    assert summary["published"] == 1
    assert "Messages" in sqs.receive_message(QueueUrl=url)


def test_wrong_usage_is_said_in_one_sentence():
    for arguments in [(), (BUCKET,), (BUCKET, "q", "--since", "soon"), ("s3://b", "q"),
                      (BUCKET, "q", "--in-doubt", "perhaps"), (BUCKET, "q", "--groups", 0)]:
        run = Run(*arguments)
        assert run.code == 2 and run.error.startswith("matinee: ") and run.error.count("\n") == 1


def test_the_log_is_json_where_that_is_wanted(server, cloud):
    cloud.put(["one"])
    url = cloud.create_queue("work.fifo")
    run = Run(BUCKET, url, "--log", "json", cloud=server.url)
    lines = [json.loads(line) for line in run.error.splitlines()]
    assert lines[-1]["event"] == "finished" and lines[-1]["published"] == 1
    failed = Run("nothing", url, "--log", "json", cloud=server.url)
    [line] = [json.loads(line) for line in failed.error.splitlines()]
    assert failed.code == 1 and line["level"] == "error" and "no bucket" in line["message"]
    assert set(line) == {"time", "level", "event", "message"}


def test_messages_of_a_fifo_queue_are_in_groups_by_key(server, cloud):
    cloud.put(digests(40))
    url = cloud.create_queue("work.fifo")
    Run(BUCKET, url, "--groups", 3, cloud=server.url).require_success()
    messages = cloud.sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10,
        MessageSystemAttributeNames=["MessageGroupId", "MessageDeduplicationId"])["Messages"]
    assert {m["Attributes"]["MessageGroupId"] for m in messages} <= {
        "publish-0", "publish-1", "publish-2"}
    assert all(len(m["Attributes"]["MessageDeduplicationId"]) == 64 for m in messages)


def test_the_first_ctrl_c_ends_it_cleanly_and_the_same_command_goes_on(server, cloud):
    keys = cloud.put(digests(3000))
    url = cloud.create_queue("work.fifo")
    started = subprocess.Popen(command(BUCKET, url, "--concurrency", 1, cloud=server.url),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               env=environment_with())

    def has_begun():
        counts = cloud.sqs.get_queue_attributes(
            QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
        return int(counts["ApproximateNumberOfMessages"]) > 0

    eventually(has_begun, 20)
    started.send_signal(signal.SIGINT)
    _, error = started.communicate(timeout=30)
    assert started.returncode == 130
    assert "The same command goes on." in error
    summary = Run(BUCKET, url, cloud=server.url).require_success()
    assert summary["in_doubt"] == 0 and summary["published"] > 0
    assert cloud.take(url) == once(keys)


def test_a_ledger_elsewhere_is_used_by_one_run_at_a_time(server, cloud, tmp_path):
    cloud.put(digests(10))
    url = cloud.create_queue("work.fifo")
    ledger = tmp_path / "elsewhere"
    summary = Run(BUCKET, url, "--ledger", ledger, cloud=server.url).require_success()
    assert pathlib.Path(summary["ledger"]).parent == ledger
    assert sorted(os.listdir(summary["ledger"]))[0].startswith("lane-")
    assert Run(BUCKET, url, "--ledger", ledger,
               cloud=server.url).require_success()["published_before"] == 10
    assert Run(BUCKET, url, cloud=server.url).require_success()["published_before"] == 0


def test_a_queue_of_another_region_is_named_as_such(server, cloud):
    run = Run(BUCKET, "https://sqs.eu-west-1.amazonaws.com/123456789012/work.fifo", "--region",
              "us-east-1", "--cloud", "aws", environment={"AWS_ENDPOINT_URL_S3": server.url})
    assert run.code == 1 and run.error.count("\n") == 1
    assert "is in eu-west-1, and the region is us-east-1" in run.error


def deny(action, resource):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": resource}]})


def test_without_permission_one_sentence_names_the_permission(server, cloud):
    cloud.put(["one"])
    url = cloud.create_queue("work.fifo")
    cloud.sqs.set_queue_attributes(QueueUrl=url, Attributes={
        "Policy": deny("sqs:SendMessage", "arn:aws:sqs:us-east-1:000000000000:work.fifo")})
    run = Run(BUCKET, url, cloud=server.url)
    assert run.code == 1 and "sqs:SendMessage" in run.error and run.error.count("\n") == 1
    cloud.s3.put_bucket_policy(Bucket=BUCKET,
                               Policy=deny("s3:ListBucket", f"arn:aws:s3:::{BUCKET}"))
    run = Run(BUCKET, url, cloud=server.url)
    assert run.code == 1 and "s3:ListBucket" in run.error and run.error.count("\n") == 1


def test_a_publisher_may_send_without_the_right_to_look(server, cloud):
    cloud.put(["one"])
    url = cloud.create_queue("work.fifo")
    cloud.sqs.set_queue_attributes(QueueUrl=url, Attributes={
        "Policy": deny("sqs:GetQueueAttributes", "arn:aws:sqs:us-east-1:000000000000:work.fifo")})
    assert Run(BUCKET, url, cloud=server.url).require_success()["published"] == 1
