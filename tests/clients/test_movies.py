"""The movie job on the embedded cloud, and against a `matinee up` over HTTP."""

import hashlib
import json
import os
import re
import subprocess
import sys

import aws_clients
import matinee_server
import pytest
from movie_job import Job, Left, command
from polling import eventually
from program import environment_with


@pytest.fixture
def server(tmp_path):
    """A server without anything in it."""
    with matinee_server.Server(tmp_path / "server") as running:
        yield running


@pytest.fixture
def home(tmp_path):
    """The environment of a user whose embedded cloud is empty."""
    return {"XDG_DATA_HOME": str(tmp_path / "home")}


def served(home):
    """A server on the directory of the embedded cloud, to look at what a job left there."""
    return matinee_server.Server(os.path.join(home["XDG_DATA_HOME"], "matinee"))


def run_for_people(*arguments, cloud):
    """What a user who runs it successfully in a terminal sees of it."""
    finished = subprocess.run(command(*arguments, cloud=cloud), capture_output=True, text=True,
                              timeout=60, check=False, env=environment_with())
    assert finished.returncode == 0, finished.stderr
    return finished.stdout + finished.stderr


def test_an_embedded_job_leaves_what_its_summary_says(home):
    summary = Job("--count", 5000, "--job-id", "first", environment=home).require_success()
    assert summary["job_id"] == "first"
    assert summary["sent"] == summary["received"] == summary["stored"] == 5000
    assert summary["verified"] is True and summary["differences"] == []
    with served(home) as server:
        left = Left(server.url)
        body = left.require_complete("first", 5000)
        assert left.messages_in_queue() == 0
    assert len(body) == summary["object_bytes"]
    assert hashlib.sha256(body).hexdigest() == summary["object_sha256"]
    assert summary["parts"] >= 1 and summary["seconds"] > 0


def test_a_job_over_http_leaves_the_same_bytes_as_an_embedded_one(home, server):
    embedded = Job("--count", 3000, environment=home).require_success()
    remote = Job("--count", 3000, "--job-id", "remote", cloud=server.url).require_success()
    assert remote["object_sha256"] == embedded["object_sha256"]
    body = Left(server.url).require_complete("remote", 3000)
    assert hashlib.sha256(body).hexdigest() == embedded["object_sha256"]


def test_the_seed_decides_the_movies(server):
    digests = [Job("--count", 100, "--seed", seed, cloud=server.url).require_success()[
        "object_sha256"] for seed in (1, 1, 2)]
    assert digests[0] == digests[1] != digests[2]


def test_a_job_that_is_complete_may_be_run_again(server):
    first = Job("--count", 500, "--job-id", "again", cloud=server.url).require_success()
    second = Job("--count", 500, "--job-id", "again", cloud=server.url).require_success()
    assert second["object_sha256"] == first["object_sha256"]
    left = Left(server.url)
    left.require_complete("again", 500)
    assert left.messages_in_queue() == 0


@pytest.mark.parametrize("count", [1, 9, 10, 11, 2001])
def test_jobs_of_odd_sizes_are_complete(server, count):
    Job("--count", count, "--job-id", f"odd-{count}", cloud=server.url).require_success()
    Left(server.url).require_complete(f"odd-{count}", count)


def test_no_item_is_longer_than_dynamodb_allows(server):
    Job("--count", 5000, "--job-id", "parts", cloud=server.url).require_success()
    items = Left(server.url).items("parts")
    assert sum("movies" in item for item in items) >= 2
    header = Left(server.url).header("parts")
    assert {"job_id", "started_on", "count", "parts", "state"} <= set(header)


def test_what_is_missing_is_created_and_said(server):
    said = run_for_people("--count", 10, cloud=server.url)
    for name in ("movie-load.fifo", "movie-job-information", "movie-bucket"):
        assert re.search(rf"Created .*{re.escape(name)}", said)
    assert "Created" not in run_for_people("--count", 10, cloud=server.url)


def test_the_created_queue_has_a_dead_letter_queue(server):
    Job("--count", 1, cloud=server.url).require_success()
    assert Left(server.url).dead_letter_url().endswith(".fifo")


def test_nothing_is_created_if_that_is_forbidden(server):
    job = Job("--count", 10, "--no-create", cloud=server.url)
    assert job.code == 1
    assert "movie-load.fifo" in job.error
    left = Left(server.url)
    assert not left.sqs.list_queues().get("QueueUrls")
    assert left.dynamodb.list_tables()["TableNames"] == []
    assert left.s3.list_buckets()["Buckets"] == []
    Job("--count", 10, cloud=server.url).require_success()
    Job("--count", 10, "--no-create", cloud=server.url).require_success()


def test_queue_table_and_bucket_may_have_other_names(server):
    names = {"queue": "films.fifo", "table": "films-table", "bucket": "films-bucket"}
    options = [text for key, value in names.items() for text in (f"--{key}", value)]
    Job("--count", 50, "--job-id", "named", *options, cloud=server.url).require_success()
    Left(server.url, **names).require_complete("named", 50)


def test_a_standard_queue_will_do(server):
    Job("--count", 300, "--job-id", "std", "--queue", "plain", cloud=server.url).require_success()
    Left(server.url, queue="plain").require_complete("std", 300)


def test_a_table_whose_only_key_is_the_job_works(server):
    left = Left(server.url)
    left.dynamodb.create_table(
        TableName="movie-job-information", BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "job_id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "job_id", "KeyType": "HASH"}])
    Job("--count", 4500, "--job-id", "simple", cloud=server.url).require_success()
    left.require_complete("simple", 4500)
    item = left.dynamodb.get_item(TableName="movie-job-information",
                                  Key={"job_id": {"S": "simple"}})["Item"]
    assert item["count"] == {"N": "4500"}


def test_producing_and_consuming_may_be_two_commands(server):
    produced = Job("--count", 700, "--job-id", "two", "--only", "produce", cloud=server.url)
    assert produced.require_success()["sent"] == 700
    left = Left(server.url)
    assert left.messages_in_queue() == 700
    consumed = Job("--count", 700, "--job-id", "two", "--only", "consume", cloud=server.url)
    summary = consumed.require_success()
    assert (summary["sent"], summary["received"], summary["verified"]) == (0, 700, True)
    left.require_complete("two", 700)
    assert left.messages_in_queue() == 0


def test_sending_a_job_twice_is_harmless(server):
    for _ in range(2):
        Job("--count", 200, "--job-id", "dup", "--only", "produce", cloud=server.url)
    Job("--count", 200, "--job-id", "dup", "--only", "consume", cloud=server.url).require_success()
    Left(server.url).require_complete("dup", 200)


def test_messages_of_other_jobs_are_not_lost_and_not_counted(server):
    Job("--count", 40, "--job-id", "other", "--only", "produce", cloud=server.url)
    summary = Job("--count", 300, "--job-id", "mine", cloud=server.url).require_success()
    assert summary["stored"] == summary["received"] == 300
    left = Left(server.url)
    left.require_complete("mine", 300)
    assert left.messages_in_queue() == 40
    Job("--count", 40, "--job-id", "other", "--only", "consume", cloud=server.url
        ).require_success()
    left.require_complete("other", 40)
    assert left.messages_in_queue() == 0


def test_messages_that_cannot_be_understood_end_in_the_dead_letter_queue(server):
    Job("--count", 1, cloud=server.url).require_success()
    left = Left(server.url)
    nonsense = ["hello", "{}", '{"job_id": 7}', '{"job_id":"mine","movie_id":"mine:0"}', "[1,2]"]
    for i, body in enumerate(nonsense):
        left.sqs.send_message(QueueUrl=left.queue_url(), MessageBody=body,
                              MessageGroupId=f"nonsense-{i}", MessageDeduplicationId=f"n{i}")
    job = Job("--count", 200, "--job-id", "mine", cloud=server.url)
    assert job.require_success()["dead_letters"] == len(nonsense)
    left.require_complete("mine", 200)
    dead = left.receive_all(left.dead_letter_url(), MessageAttributeNames=["All"])
    assert sorted(message["Body"] for message in dead) == sorted(nonsense)
    assert job.error.count("dead") >= 1
    assert left.messages_in_queue() == 0


def test_the_object_is_downloaded_if_asked(server, tmp_path):
    summary = Job("--count", 100, "--job-id", "down", "--download", tmp_path / "got",
                  cloud=server.url).require_success()
    body = (tmp_path / "got" / "down.json").read_bytes()
    assert hashlib.sha256(body).hexdigest() == summary["object_sha256"]
    assert body == Left(server.url).object("down")


def test_a_download_makes_one_directory_and_no_tree_of_them(home, tmp_path):
    job = Job("--count", 10, "--download", tmp_path / "no" / "such" / "place", environment=home)
    assert job.code == 2 and str(tmp_path / "no" / "such") in job.error
    assert not (tmp_path / "no").exists() and not (tmp_path / "home").exists()


@pytest.mark.parametrize("embedded", [True, False])
def test_a_second_region_uses_the_bucket_that_is_there(home, server, embedded):
    where = {"environment": home} if embedded else {"cloud": server.url}
    first = Job("--count", 10, "--region", "us-east-1", **where)
    first.require_success()
    second = Job("--count", 10, "--job-id", "west", "--region", "eu-west-1", **where)
    assert second.require_success()["verified"]
    assert "The bucket movie-bucket is in us-east-1, and is used there." in second.error
    assert "another region" not in first.error
    assert any("s3 cp" in line and "--region us-east-1" in line
               for line in second.summary["where_to_look"])


def test_a_profile_that_does_not_exist_is_named(home, server):
    for where in ({"environment": home}, {"cloud": server.url}):
        job = Job("--count", 1, "--profile", "nope", **where)
        assert job.code == 1 and 'There is no profile "nope".' in job.error
    assert not os.path.exists(home["XDG_DATA_HOME"])


def test_a_server_that_is_stopped_under_a_job_leaves_it_a_way_to_go_on(home):
    server = served(home).start()
    job = subprocess.Popen(command("--count", 3_000_000, "--only", "produce"),
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                           env=environment_with(home))
    left = Left(server.url)
    eventually(lambda: left.sqs.list_queues().get("QueueUrls"))
    assert server.stop() == 0
    _, error = job.communicate(timeout=90)
    assert job.returncode == 1
    assert "gives no answer" in error and f"is kept in {server.data}" in error
    assert re.search(r"The same command with --job-id [-0-9a-f]{36} goes on", error)


def test_the_summary_fits_a_screen_of_80_columns(server):
    said = run_for_people("--count", 10, "--job-id", "narrow", cloud=server.url)
    assert max(map(len, said.splitlines())) <= 80


def test_the_summary_for_people_says_the_same(server):
    said = run_for_people("--count", 1234, "--job-id", "people", cloud=server.url)
    digest = hashlib.sha256(Left(server.url).object("people")).hexdigest()
    assert "people" in said and "1,234" in said
    assert digest in said
    assert "s3://movie-bucket" in said


@pytest.mark.parametrize("arguments", [
    ("--count", "0"), ("--count", "-5"), ("--count", "many"), ("--only", "watch"),
    ("--groups", "0"), ("--format", "xml"), ("--queue", "no spaces"), ("--job-id", "a/b")])
def test_options_that_make_no_sense_are_wrong_usage(home, arguments):
    job = Job(*arguments, environment=home)
    assert job.code == 2
    assert job.error.strip()


def test_an_endpoint_that_is_none_is_named():
    job = Job("--count", 10, cloud="ftp://films")
    assert job.code in (1, 2)
    assert "ftp://films" in job.error


def test_an_endpoint_that_does_not_answer_fails_with_a_sentence():
    port = matinee_server.free_port()
    job = Job("--count", 10, cloud=f"http://127.0.0.1:{port}")
    assert job.code == 1
    assert str(port) in job.error


def test_an_embedded_job_uses_the_server_that_holds_its_directory(home):
    with served(home) as server:
        Job("--count", 50, "--job-id", "shared", environment=home).require_success()
        Left(server.url).require_complete("shared", 50)


def test_profiles_and_regions_decide_where_a_job_goes(server, tmp_path):
    (tmp_path / "config").write_text(
        "[profile cinema]\nregion = eu-west-1\naws_access_key_id = 123456789012\n"
        "aws_secret_access_key = any\n", encoding="utf-8")
    environment = {"AWS_CONFIG_FILE": str(tmp_path / "config"), "AWS_REGION": "",
                   "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    Job("--count", 20, "--profile", "cinema", cloud=server.url, environment=environment
        ).require_success()
    credentials = {"aws_access_key_id": "123456789012", "aws_secret_access_key": "any"}
    cinema = aws_clients.client("sqs", server.url, "eu-west-1", credentials=credentials)
    assert cinema.get_queue_url(QueueName="movie-load.fifo")
    assert not aws_clients.client("sqs", server.url).list_queues().get("QueueUrls")


def test_two_consumers_share_a_job(server):
    Job("--count", 2000, "--job-id", "shared", "--only", "produce", cloud=server.url)
    consume = command("--count", 2000, "--job-id", "shared", "--only", "consume", "--format",
                      "json", cloud=server.url)
    consumers = [subprocess.Popen(consume, stdout=subprocess.PIPE, text=True,
                                  env=environment_with()) for _ in range(2)]
    outputs = [consumer.communicate(timeout=120)[0] for consumer in consumers]
    assert [consumer.returncode for consumer in consumers] == [0, 0]
    assert sum(json.loads(output)["received"] for output in outputs) >= 2000
    Left(server.url).require_complete("shared", 2000)


# Asked by a small process of its own: what a process has ever had in memory counts what its parent
# had when it was started, and the tests' own process is large.
PEAK_OF = ("import resource, subprocess, sys; "
           "code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode; "
           "print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)")


def test_a_larger_job_stays_below_200_megabytes(home):
    told = subprocess.run([sys.executable, "-c", PEAK_OF, *command("--count", 60_000)],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, text=True,
                          env=environment_with(home), timeout=150).stdout
    code, peak = map(int, told.split())
    assert code == 0
    assert 10e6 < peak < 200e6
