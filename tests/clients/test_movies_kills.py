"""The movie job killed at random moments and started again with the same job id."""

import os
import random
import subprocess

import matinee_server
import pytest
from movie_job import Job, Left, command
from program import environment_with

COUNT = 6000


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The digest of the object that a job leaves which nobody killed."""
    home = {"XDG_DATA_HOME": str(tmp_path_factory.mktemp("undisturbed"))}
    return Job("--count", COUNT, environment=home).require_success()["object_sha256"]


def run_until_killed(arguments, seconds, environment=None):
    """Starts the job and kills it then; returns its exit code if it was done before."""
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env=environment_with(environment))
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return None


def moments(seed, count):
    """Random times to live, most of them short."""
    generator = random.Random(seed)
    return [generator.choice((0.02, 0.1, 0.3, 0.8)) * generator.uniform(0.5, 1.5)
            for _ in range(count)]


def check_final_state(left, job_id, summary, undisturbed):
    assert summary["object_sha256"] == undisturbed
    left.require_complete(job_id, COUNT)
    assert left.messages_in_queue() == 0
    assert left.messages_in_queue(left.dead_letter_url()) == 0


@pytest.mark.parametrize("seed", [1, 2])
def test_an_embedded_job_killed_at_random_moments_ends_as_if_undisturbed(
        tmp_path, undisturbed, seed):
    home = {"XDG_DATA_HOME": str(tmp_path)}
    arguments = ("--count", COUNT, "--job-id", "killed")
    for moment in moments(seed, 5):
        run_until_killed(command(*arguments), moment, home)
    summary = Job(*arguments, environment=home).require_success()
    with matinee_server.Server(os.path.join(tmp_path, "matinee")) as server:
        check_final_state(Left(server.url), "killed", summary, undisturbed)


def test_a_job_over_http_killed_at_random_moments_ends_as_if_undisturbed(tmp_path, undisturbed):
    with matinee_server.Server(tmp_path / "data") as server:
        arguments = ("--count", COUNT, "--job-id", "killed")
        for moment in moments(3, 5):
            run_until_killed(command(*arguments, cloud=server.url), moment)
        summary = Job(*arguments, cloud=server.url).require_success()
        check_final_state(Left(server.url), "killed", summary, undisturbed)


def test_a_job_outlives_kills_of_its_server(tmp_path, undisturbed):
    server = matinee_server.Server(tmp_path / "data").start()
    port = server.port
    arguments = command("--count", COUNT, "--job-id", "killed", cloud=server.url)
    job = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                           env=environment_with())
    for moment in moments(4, 3):
        try:
            job.wait(moment)
        except subprocess.TimeoutExpired:
            pass
        server.kill()
        server = matinee_server.Server(tmp_path / "data", port=port).start()
    with server_as_context(server):
        job.wait(120)
        summary = Job("--count", COUNT, "--job-id", "killed", cloud=server.url).require_success()
        check_final_state(Left(server.url), "killed", summary, undisturbed)


class server_as_context:  # pylint: disable=invalid-name
    """Stops a server that runs already."""

    def __init__(self, server):
        self.server = server

    def __enter__(self):
        return self.server

    def __exit__(self, *exception):
        assert self.server.stop() == 0
