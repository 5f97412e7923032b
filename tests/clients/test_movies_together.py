"""Movie jobs beside each other, and after others that were stopped, all on the default queue."""

import json
import signal
import subprocess

import matinee_server
import pytest
from movie_job import Job, Left, command
from polling import eventually
from program import environment_with

COUNT = 20_000


@pytest.fixture
def server(tmp_path):
    with matinee_server.Server(tmp_path / "data") as running:
        yield running


def start(*arguments, cloud):
    return subprocess.Popen(command(*arguments, "--format", "json", cloud=cloud), text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            env=environment_with())


def end(process):
    output, error = process.communicate(timeout=120)
    assert process.returncode == 0, error
    return json.loads(output)


def begin_and_interrupt(server, *arguments):
    """Starts a job and stops it by Ctrl-C when it is under way; its exit code and what it said."""
    left = Left(server.url)
    process = start(*arguments, cloud=server.url)
    job_id = arguments[arguments.index("--job-id") + 1]

    def is_under_way():
        tables = left.dynamodb.list_tables()["TableNames"]
        return "movie-job-information" in tables and len(left.items(job_id)) > 5

    eventually(is_under_way, 20)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=30)
    return process.returncode, error


def test_two_jobs_at_once_each_run_at_40_percent_of_the_speed_of_one(server):
    alone = Job("--count", COUNT, "--job-id", "alone", cloud=server.url).require_success()
    best = 0
    for attempt in range(3):
        started = [start("--count", COUNT, "--job-id", f"job-{attempt}-{name}", "--seed", seed,
                         cloud=server.url) for seed, name in enumerate("ab")]
        together = [end(process) for process in started]
        assert [job["foreign_messages"] for job in together] == [0, 0]
        assert [job["duplicates_dropped"] for job in together] == [0, 0]
        best = max(best, min(job["movies_per_second"] for job in together))
        if best >= 0.4 * alone["movies_per_second"]:
            break
    assert best >= 0.4 * alone["movies_per_second"], f"{best} of {alone['movies_per_second']}"
    left = Left(server.url)
    assert left.messages_in_queue() == 0
    queues = [url.rsplit("/", 1)[1] for url in left.sqs.list_queues()["QueueUrls"]]
    assert queues == ["movie-load-dlq.fifo", "movie-load.fifo"]


def test_ctrl_c_says_how_to_go_on_and_exits_with_130(server):
    arguments = ("--count", 200_000, "--job-id", "stopped", "--seed", 7)
    code, error = begin_and_interrupt(server, *arguments)
    assert code == 130
    assert error.endswith("Stopped; everything so far is kept.\nThe same command goes on.\n")


def test_what_stopped_jobs_have_left_costs_later_ones_nothing(server):
    for name in ("first", "second"):
        code, _ = begin_and_interrupt(server, "--count", 200_000, "--job-id", name)
        assert code == 130
    for name in ("third", "fourth"):
        job = Job("--count", 2000, "--job-id", name, cloud=server.url)
        assert job.require_success()["foreign_messages"] == 0
        assert "another job" in job.error and "messages of another job" not in job.error
        assert job.summary["seconds"] < 10
