"""Runs of jobs, as they tell a server of themselves, and as the server tells of them."""

import signal
import subprocess

import aws_clients
import matinee_server
import movie_job
import own_pages
import program
import publishing
import pytest
from enforced_cloud import ACCOUNT, Cloud, allow
from polling import eventually

ACCOUNTS = ("test", "111111111111")  # the key of account 000000000000, and another account's


@pytest.fixture
def server(tmp_path):
    with matinee_server.Server(tmp_path / "data") as server:
        yield server


def tell(server, run, key="test", how=own_pages.ask, **more):
    return how(server, "PUT", f"jobs/{run}", key=key, region="eu-west-1",
               body={"Kind": "movies", "State": "running", **more})


def runs(server, key="test"):
    return own_pages.read(server, "jobs", key=key)["Jobs"]


def refused(server, run, **more):
    status, _, message = tell(server, run, how=own_pages.refusal, **more)
    return status, message


def test_a_run_tells_of_itself_until_it_has_ended(server):
    assert runs(server) == []
    tell(server, "one", Name="mine", Done=3, Total=10, Unit="movies", Doing="Moving",
         StartedAt="2026-11-30T10:00:00Z")
    [run] = runs(server)
    told_at = run.pop("ToldAt")
    assert run == {"Id": "one", "Region": "eu-west-1", "Kind": "movies", "Name": "mine",
                   "State": "running", "Done": 3, "Total": 10, "Unit": "movies", "Doing": "Moving",
                   "StartedAt": "2026-11-30T10:00:00Z", "Silent": False}
    assert own_pages.read(server, "jobs", key="test")["Now"] >= told_at
    tell(server, "two", Share=0.25)
    tell(server, "one", State="done", Summary="all there")
    assert [(run["Id"], run["State"]) for run in runs(server)] == [
        ("two", "running"), ("one", "done")]
    assert refused(server, "one") == (400, "The run one has ended.")
    assert runs(server)[1]["Summary"] == "all there"


def test_an_account_sees_its_own_and_at_most_a_hundred(server):
    tell(server, "mine")
    for number in range(101):
        tell(server, f"run-{number}", key=ACCOUNTS[1])
    theirs = [run["Id"] for run in runs(server, key=ACCOUNTS[1])]
    assert theirs == [f"run-{number}" for number in range(100, 0, -1)]
    assert [run["Id"] for run in runs(server)] == ["mine"]


@pytest.mark.parametrize(("run", "more", "message"), [
    ("one", {"State": "asleep"}, "State is running, done, failed or stopped."),
    ("one", {"Kind": "a b"}, "Kind has 1 to 64 letters, digits, dots, hyphens and underscores."),
    ("x" * 65, {}, "Id has 1 to 64 letters, digits, dots, hyphens and underscores."),
    ("one", {"Name": "x" * 513}, "Name has no more than 512 bytes."),
    ("one", {"Doing": "x" * 4097}, "Doing has no more than 4096 bytes."),
    ("one", {"Summary": "x" * 4097}, "Summary has no more than 4096 bytes."),
    ("one", {"Done": -1}, "Done is at least 0."),
    ("one", {"Total": -1}, "Total is at least 0."),
    ("one", {"Share": 1.5}, "Share is a number from 0 to 1.")])
def test_what_is_no_run_is_refused_in_words(server, run, more, message):
    assert refused(server, run, **more) == (400, message)
    assert runs(server) == []


def test_the_movie_job_tells_how_far_it_is_and_how_it_has_ended(server):
    job = movie_job.Job("--count", 300, "--job-id", "mine", cloud=server.url)
    job.require_success()
    [run] = runs(server)
    assert (run["Kind"], run["Name"], run["State"]) == ("movies", "mine", "done")
    assert (run["Done"], run["Total"], run["Unit"]) == (300, 300, "movies")
    assert run["Doing"] == "Verifying: 300 of 300 movies"
    assert "300" in run["Summary"] and job.summary["object_sha256"] in run["Summary"]
    assert run["Region"] == aws_clients.REGION


def test_a_job_is_seen_while_it_runs_and_when_it_is_stopped(server):
    process = subprocess.Popen(
        movie_job.command("--count", 1000000, "--job-id", "long", cloud=server.url),
        env=program.environment_with(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        eventually(lambda: [run for run in runs(server)
                            if run["State"] == "running" and run["Done"] > 0])
        [before] = runs(server)
        eventually(lambda: runs(server)[0]["Done"] > before["Done"])
        [run] = runs(server)
        assert run["Total"] == 1000000
        assert run["Doing"].startswith("Moving: ")
    finally:
        process.send_signal(signal.SIGINT)
        error = process.communicate(timeout=30)[1]
    assert process.returncode == 130
    assert b"Stopped; everything so far is kept." in error
    [run] = runs(server)
    assert run["State"] == "stopped"


def test_a_job_that_fails_says_why(server):
    job = movie_job.Job("--count", 10, "--no-create", cloud=server.url)
    assert job.code == 1
    [run] = runs(server)
    assert run["State"] == "failed"
    assert run["Summary"] in job.error


def test_the_publisher_tells_too(server, tmp_path):
    s3 = aws_clients.client("s3", server.url, s3={"addressing_style": "path"})
    s3.create_bucket(Bucket="films")
    for number in range(12):
        s3.put_object(Bucket="films", Key=f"film-{number}")
    aws_clients.client("sqs", server.url).create_queue(QueueName="work")
    publishing.Run("films", "work", "--ledger", tmp_path / "ledger",
                   cloud=server.url).require_success()
    [run] = runs(server)
    assert (run["Kind"], run["Name"], run["State"]) == ("publish", "films to work", "done")
    assert (run["Done"], run["Unit"]) == (12, "objects")
    assert "Total" not in run
    assert "12" in run["Summary"]


def test_a_publisher_that_a_second_signal_ends_says_so(server, tmp_path):
    """The first one waits for what is being sent, which is never answered."""
    s3 = aws_clients.client("s3", server.url, s3={"addressing_style": "path"})
    s3.create_bucket(Bucket="films")
    s3.put_object(Bucket="films", Key="film")
    aws_clients.client("sqs", server.url).create_queue(QueueName="work")
    own_pages.ask(server, "POST", "faults", body={"Action": "timeout", "Service": "sqs",
                                                  "Operation": "SendMessage*"})
    process = subprocess.Popen(
        publishing.command("films", "work", "--ledger", tmp_path / "ledger", cloud=server.url),
        env=program.environment_with(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        eventually(lambda: own_pages.read(server, "faults")["Faults"][0]["Hits"] > 0)
        eventually(lambda: runs(server) and runs(server)[0]["State"] == "running")
    finally:
        # Two of one kind that come together are one.
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        error = process.communicate(timeout=30)[1]
    assert process.returncode in (130, 143)
    assert b"Stopped; what is published is kept in the ledger." in error
    assert [run["State"] for run in runs(server)] == ["stopped"]


def test_with_iam_a_run_tells_where_it_may_and_goes_on_where_it_may_not(tmp_path):
    with matinee_server.Server(tmp_path / "data", ["--iam", "enforce"]) as server:
        cloud = Cloud(server)
        silent = {**allow("matinee:ReportJob"), "Effect": "Deny"}
        for name, statements in [("may", [allow("*")]), ("may-not", [allow("*"), silent])]:
            who = cloud.user(name, *statements)
            movie_job.Job("--count", 100, "--job-id", name, "--queue", f"{name}.fifo", "--table",
                          name, "--bucket", f"movies-of-{name}", cloud=server.url, environment={
                              "AWS_ACCESS_KEY_ID": who["aws_access_key_id"],
                              "AWS_SECRET_ACCESS_KEY": who["aws_secret_access_key"]
                          }).require_success()
        assert [(run["Name"], run["State"]) for run in runs(server, key=ACCOUNT)] == [
            ("may", "done")]
        looks = cloud.user("looks", allow("matinee:ListJobs"))
        assert len(runs(server, key=looks["aws_access_key_id"])) == 1
        blind = cloud.user("blind", allow("sqs:*"))
        status, _, message = own_pages.refusal(server, "GET", "jobs",
                                               key=blind["aws_access_key_id"])
        assert status in (400, 403) and "matinee:ListJobs" in message
