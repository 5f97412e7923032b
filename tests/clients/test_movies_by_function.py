"""`matinee run movies --consumer function`: the stack of templates/movies, whose function stores
what the job sends, and the same verification as ever.
"""

import hashlib
import json

import aws_clients
import matinee_server
import pytest
from movie_job import Job, Left

BY_FUNCTION = ("--consumer", "function")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with matinee_server.Server(tmp_path_factory.mktemp("server") / "data") as running:
        yield running


def outputs(url, stack):
    cloudformation = aws_clients.client("cloudformation", url)
    [found] = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    return {each["OutputKey"]: each["OutputValue"] for each in found["Outputs"]}


def left_by(url, stack="movies"):
    made = outputs(url, stack)
    return Left(url, made["Queue"], made["Table"], made["Bucket"])


def test_a_function_stores_the_same_bytes_as_a_process(server):
    process = Job("--count", 4321, "--seed", 7, cloud=server.url).require_success()
    function = Job("--count", 4321, "--seed", 7, "--job-id", "by-function", *BY_FUNCTION,
                   cloud=server.url).require_success()
    assert function["object_sha256"] == process["object_sha256"]
    assert function["consumer"] == "function" and "received" not in function
    assert function["sent"] == function["stored"] == 4321 and function["parts"] == 3
    left = left_by(server.url)
    body = left.require_complete("by-function", 4321)
    assert hashlib.sha256(body).hexdigest() == function["object_sha256"]
    # A header and three parts: no chunks, and no notes of them.
    assert len(left.items("by-function")) == 4
    assert left.messages_in_queue() == 0


def test_a_job_that_is_complete_is_only_verified(server):
    arguments = ("--count", 500, "--job-id", "twice", *BY_FUNCTION)
    Job(*arguments, cloud=server.url).require_success()
    again = Job(*arguments, cloud=server.url).require_success()
    assert again["sent"] == 0 and again["stored_before"] == 500


def test_a_queue_of_ones_own_does_not_go_with_the_stack(server):
    for option in ("--queue", "--table", "--bucket"):
        refused = Job(*BY_FUNCTION, option, "mine", cloud=server.url)
        assert refused.code == 2 and option in refused.error
    refused = Job(*BY_FUNCTION, "--only", "produce", cloud=server.url)
    assert refused.code == 2 and "--only" in refused.error


def test_the_embedded_cloud_runs_the_function_too(tmp_path):
    home = {"XDG_DATA_HOME": str(tmp_path / "home")}
    summary = Job("--count", 2500, "--job-id", "embedded", *BY_FUNCTION,
                  environment=home).require_success()
    assert summary["stored"] == 2500
    with matinee_server.Server(tmp_path / "home" / "matinee") as server:
        left_by(server.url).require_complete("embedded", 2500)


def test_the_role_of_the_function_is_all_that_it_needs(tmp_path):
    with matinee_server.Server(tmp_path / "data", ["--iam", "enforce"]) as server:
        summary = Job("--count", 2500, *BY_FUNCTION, cloud=server.url).require_success()
        assert summary["stored"] == 2500
        roles = aws_clients.client("iam", server.url)
        function = aws_clients.client("lambda", server.url).get_function_configuration(
            FunctionName=outputs(server.url, "movies")["Function"])
        role = function["Role"].rsplit("/", 1)[1]
        [name] = roles.list_role_policies(RoleName=role)["PolicyNames"]
        document = roles.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        assert "*" not in json.dumps([each["Resource"] for each in document["Statement"]])
