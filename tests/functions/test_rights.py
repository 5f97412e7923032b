"""The functions with a role that may do what docs/functions.md says they need, and nothing else."""

import itertools
import json

import matinee_server
import pytest
import run_function
from conftest import GOOD_KEY
from enforced_cloud import ACCOUNT, Cloud, allow
from top_movies import BEST, DAY, FILMS, SCHEDULED, failed, message, sqs_event

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    arguments = ["--durability", "memory", "--iam", "enforce"]
    with matinee_server.Server(tmp_path_factory.mktemp("enforcing"), arguments) as server:
        yield Cloud(server)


@pytest.fixture
def run_as(cloud, programs, tmp_path, name):
    """Runs a function in a session of a role that has only the given statements."""
    def run(function, event, statements, **environment):
        role = cloud.role(f"{name}-{next(_numbers)}", *statements)
        who = cloud.session(role, cloud.user(f"{name}-{next(_numbers)}",
                                             allow("sts:AssumeRole", role)))
        return run_function.run(
            [str(programs[function])], tmp_path, "bootstrap", run_function.events(event),
            directory_of_run=tmp_path / str(next(_numbers)), frames=False,
            environment={**{key.upper(): value for key, value in who.items()},
                         "AWS_ENDPOINT_URL": cloud.server.url, **environment})
    return run


@pytest.fixture
def bucket(cloud, name):
    cloud.client("s3").create_bucket(Bucket=name)
    return name


def test_get_top_movies_reads_one_object_and_tells_one_topic_or_queue(
        cloud, run_as, bucket, name):
    cloud.client("s3").put_object(Bucket=bucket, Key="films.json", Body=FILMS.read_bytes())
    topic = cloud.client("sns").create_topic(Name=name)["TopicArn"]
    url, queue = cloud.queue(name)
    read = allow("s3:GetObject", f"arn:aws:s3:::{bucket}/films.json")
    place = {"MOVIES_BUCKET": bucket, "MOVIES_KEY": "films.json"}
    for right, target in ((allow("sns:Publish", topic), {"TOPIC_ARN": topic}),
                          (allow("sqs:SendMessage", queue), {"QUEUE_URL": url})):
        answer = run_as("get_top_movies", SCHEDULED, [read, right], **place, **target).body()
        assert answer["films"] == len(BEST)
        assert "AccessDenied" in run_as("get_top_movies", SCHEDULED, [right], **place,
                                        **target).body()["errorType"]
        assert run_as("get_top_movies", SCHEDULED, [read], **place, **target).body()[
            "errorType"].startswith(("AccessDenied", "AuthorizationError"))


def test_enrich_movies_reads_one_parameter_and_writes_below_its_prefix(
        cloud, run_as, bucket, name, omdb):
    key = cloud.client("kms").create_key()["KeyMetadata"]["Arn"]
    cloud.client("ssm").put_parameter(Name=f"/{name}/key", Type="SecureString", Value=GOOD_KEY,
                                      KeyId=key)
    rights = [allow("ssm:GetParameter",
                    f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/{name}/key"),
              allow("kms:Decrypt", key),
              allow(["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::{bucket}/top-movies/*")]
    environment = {"OUTPUT_BUCKET": bucket, "OMDB_KEY_PARAMETER": f"/{name}/key",
                   "OMDB_URL": omdb.url}
    event = sqs_event(message(DAY, *BEST[:2]))
    for missing in (0, 1):
        some = rights[:missing] + rights[missing + 1:]
        ran = run_as("enrich_movies", event, some, **environment)
        assert (ran.body(), "AccessDenied" in ran.output) == (failed(0), True)
    assert run_as("enrich_movies", event, rights, **environment).body() == failed()
    assert run_as("enrich_movies", event, rights, **environment).body() == failed()
    found = cloud.client("s3").get_object(Bucket=bucket, Key=f"top-movies/{DAY}.json")
    assert [film["id"] for film in json.load(found["Body"])["films"]] == BEST[:2]
