"""`matinee run top-movies`: the template with both functions, deployed, run and verified."""

import json
import os
import subprocess

import boto3
import matinee_server
import own_pages
import pytest
from conftest import CREDENTIALS, GOOD_KEY, ROOT, Omdb
from top_movies import BEST

SECONDS = 180


class Pipeline:
    """Runs of the command against one cloud."""

    def __init__(self, *where, environment=None):
        self.where = where
        self.environment = {**os.environ, "AWS_ACCESS_KEY_ID": "test",
                            "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1",
                            **(environment or {})}

    def command(self, *arguments):
        return subprocess.run(
            [matinee_server.find_binary(), *map(str, arguments), *self.where], cwd=ROOT,
            capture_output=True, text=True, timeout=SECONDS, check=False, env=self.environment)

    def run(self, *arguments):
        finished = self.command("run", "top-movies", "--format", "json", *arguments)
        assert finished.stdout, finished.stderr
        return json.loads(finished.stdout)


@pytest.fixture
def embedded(tmp_path):
    return Pipeline("--data", tmp_path / "data")


@pytest.fixture(scope="module")
def enforced(tmp_path_factory):
    """A server on which roles may do what their policies say, and nothing else."""
    with matinee_server.Server(tmp_path_factory.mktemp("enforced"),
                               ["--iam", "enforce"]) as server:
        pipeline = Pipeline("--cloud", server.url)
        pipeline.client = lambda service: boto3.client(service, endpoint_url=server.url,
                                                       **CREDENTIALS)
        yield pipeline


@pytest.mark.parametrize("via", ["sns", "sqs"])
def test_a_day_comes_and_its_ten_best_films_are_there(embedded, via):
    summary = embedded.run("--via", via)
    assert summary["verified"], summary
    assert [film["id"] for film in summary["films"]] == BEST
    assert summary["films"][0]["directors"] == ["Frank Darabont"]
    assert summary["key"] == f"top-movies/{summary['day']}.json"
    assert (summary["encryption"], summary["private"]) == ("AES256", True)
    kinds = {hop["Resource"].split(":")[2] for hop in summary["journey"] if "Resource" in hop}
    assert ({"sns", "sqs", "lambda"} if via == "sns" else {"sqs", "lambda"}) <= kinds


def test_people_see_the_films_and_the_way_of_the_message(embedded):
    finished = embedded.command("run", "top-movies")
    assert finished.returncode == 0, finished.stderr
    assert "   1  9.2  The Shawshank Redemption (1994), Frank Darabont" in finished.stdout
    assert "verified             yes: 10 films in order, enriched" in finished.stdout
    assert "The way of the message" in finished.stdout
    assert "topic top-movies" in finished.stdout and "queue top-movies" in finished.stdout
    assert "Moving the clock to " in finished.stderr


def test_the_same_day_twice_is_written_once(embedded):
    first = embedded.run("--day", "2026-01-31")
    assert (first["verified"], first["was_there"]) == (True, False)
    again = embedded.run("--day", "2026-01-31")
    assert (again["verified"], again["was_there"]) == (True, True)
    assert again["version"] == first["version"]


def test_the_next_run_is_the_next_day(embedded):
    first, second = embedded.run(), embedded.run()
    assert first["verified"] and second["verified"]
    assert first["day"] < second["day"]


def test_the_way_can_be_changed_without_losing_anything(embedded):
    assert embedded.run("--via", "sns", "--day", "2026-02-01")["verified"]
    assert embedded.run("--via", "sqs", "--day", "2026-02-02")["verified"]
    assert embedded.run("--via", "sqs", "--day", "2026-02-01")["was_there"]


@pytest.mark.parametrize("via", ["sns", "sqs"])
def test_the_roles_of_the_template_are_enough_and_have_nothing_to_spare(enforced, via):
    stack = f"films-{via}"
    for _ in range(2):  # that a day is there already is looked up
        summary = enforced.run("--via", via, "--stack", stack, "--day", "2026-03-01")
        assert summary["verified"], summary
    roles = {resource["LogicalResourceId"]: resource["PhysicalResourceId"]
             for resource in enforced.client("cloudformation").describe_stack_resources(
                 StackName=stack)["StackResources"]
             if resource["ResourceType"] == "AWS::IAM::Role"}
    # Nothing has failed, and logs are written by Matinee itself.
    for role, unused in [("GetRole", {"KeepFailedCalls", "Log"}), ("EnrichRole", {"Log"})]:
        iam = enforced.client("iam")
        [policy] = iam.list_role_policies(RoleName=roles[role])["PolicyNames"]
        allowed = iam.get_role_policy(RoleName=roles[role], PolicyName=policy)["PolicyDocument"]
        statements = [each for each in allowed["Statement"] if each["Sid"] not in unused]
        suggested = enforced.command("policy", "suggest", "--role", roles[role])
        assert suggested.returncode == 0, suggested.stderr
        # AWS wants it of the role of whoever takes from a queue; Matinee knows its queues.
        assert (actions(json.loads(suggested.stdout)["Statement"]) ==
                actions(statements) - {"sqs:GetQueueAttributes"})


def test_a_server_is_told_how_far_a_run_is_and_how_it_has_ended(tmp_path):
    with matinee_server.Server(tmp_path / "data") as server:
        pipeline = Pipeline("--cloud", server.url)
        # It tells once a second, and would be done in one.
        own_pages.ask(server, "POST", "faults", body={
            "Action": "latency", "Latency": "1s", "Service": "cloudformation"})
        seen = []
        with subprocess.Popen(
                [matinee_server.find_binary(), "run", "top-movies", "--day", "2026-02-01",
                 *pipeline.where], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                env=pipeline.environment) as process:
            while process.poll() is None:
                seen += own_pages.read(server, "jobs")["Jobs"]
            assert process.returncode == 0, process.stdout.read()
        running = [job for job in seen if job["State"] == "running"]
        assert {(job["Kind"], job["Silent"]) for job in running} == {("top-movies", False)}
        assert all(job["Doing"] for job in running)
        assert len({job["Doing"] for job in running}) > 1, "it goes on"
        [job] = own_pages.read(server, "jobs")["Jobs"]
        assert (job["Id"], job["State"]) == (running[0]["Id"], "done")
        assert "The Shawshank Redemption" in job["Summary"]


def actions(statements):
    found = set()
    for statement in statements:
        listed = statement["Action"]
        found |= {listed} if isinstance(listed, str) else set(listed)
    return found


def test_a_refused_key_is_named_and_nothing_is_written(embedded):
    omdb = Omdb("--api-key", GOOD_KEY)
    try:
        embedded.environment["OMDB_API_KEY"] = "wrong"
        finished = embedded.command("run", "top-movies", "--omdb", omdb.url, "--day", "2026-01-31")
        assert finished.returncode == 1
        assert "The day 2026-01-31 is not written" in finished.stderr
        assert "OmdbKeyRefused" in finished.stderr
        assert "/top-movies/omdb-key" in finished.stderr
        embedded.environment["OMDB_API_KEY"] = GOOD_KEY
        good = embedded.run("--omdb", omdb.url, "--day", "2026-02-01")
        assert good["verified"]
    finally:
        omdb.stop()


@pytest.mark.parametrize(("arguments", "sentence"), [
    (["--omdb", "moon"], "--omdb must be stand-in or a URL"),
    (["--day", "2026-02-30"], "--day must be a day"),
    (["--cloud", "aws", "--omdb", "stand-in"], "The stand-in for OMDb is on this machine"),
    (["--stack", "9"], "--stack must begin with a letter")])
def test_wrong_usage_ends_with_2(arguments, sentence):
    finished = subprocess.run(
        [matinee_server.find_binary(), "run", "top-movies", *arguments],
        capture_output=True, text=True, timeout=60, check=False)
    assert finished.returncode == 2
    assert sentence in finished.stderr
