"""The programs in surroundings such as AWS's: HTTPS, proxies, a Runtime API on a Unix socket or one
that closes connections, an empty file system.
"""

import os
import shutil
import subprocess
import time
import urllib.request

import boto3
import matinee_server
import pytest
import run_function
from runtime_api import RuntimeApi
from top_movies import DAY, FILMS, SCHEDULED, days, failed, message, receive, sqs_event


@pytest.fixture(scope="session")
def certificate(server, tmp_path_factory):
    """The file that clients of the server's HTTPS trust."""
    place = tmp_path_factory.mktemp("tls") / "ca.pem"
    with urllib.request.urlopen(server.url + "/_matinee/certificate") as reply:
        place.write_bytes(reply.read())
    return str(place)


def test_over_https_a_trusted_server_is_spoken_to(
        aws, run, film_list, queue, server, certificate):
    url = server.url.replace("http://", "https://")
    answer = run("get_top_movies", SCHEDULED, SCHEDULED, **film_list(), QUEUE_URL=queue,
                 AWS_ENDPOINT_URL=url, AWS_CA_BUNDLE=certificate).bodies()
    assert [body["films"] for body in answer] == [10, 10]
    assert len(receive(aws, queue)) == 2


def test_over_https_a_server_that_nobody_vouches_for_is_not(run, film_list, queue, server):
    url = server.url.replace("http://", "https://")
    error = run("get_top_movies", SCHEDULED, **film_list(), QUEUE_URL=queue,
                AWS_ENDPOINT_URL=url).body()
    assert error["errorType"] == "CertificateNotTrusted"
    assert "The certificate of 127.0.0.1 is not trusted" in error["errorMessage"]


def test_one_service_may_be_elsewhere(aws, run, film_list, queue, server):
    run("get_top_movies", SCHEDULED, **film_list(), QUEUE_URL=queue,
        AWS_ENDPOINT_URL="http://127.0.0.1:1", AWS_ENDPOINT_URL_S3=server.url,
        AWS_ENDPOINT_URL_SQS=server.url)
    assert len(receive(aws, queue)) == 1


def test_omdb_is_reached_through_a_proxy_by_its_own_name(aws, run, output, bucket, omdb):
    """As `--host www.omdbapi.com=…` gives it to functions: no name server is asked."""
    event = sqs_event(message(DAY, "tt0111161"))
    ran = run("enrich_movies", event, **{**output, "OMDB_URL": "http://www.omdbapi.com/"},
              http_proxy=omdb.url.rstrip("/"))
    assert ran.body() == failed()
    assert days(aws, bucket) == [DAY]


def test_a_function_follows_its_trace(aws, run, film_list, queue):
    run("get_top_movies", SCHEDULED, **film_list(), QUEUE_URL=queue)
    [sent] = aws("sqs").receive_message(QueueUrl=queue,
                                        MessageSystemAttributeNames=["All"])["Messages"]
    assert sent["Attributes"]["AWSTraceHeader"].startswith(
        "Root=1-00000001-000000000000000000000000")


@pytest.mark.parametrize("closes", [False, True])
def test_the_runtime_api_may_be_a_unix_socket_or_close_its_connections(
        programs, server, tmp_path, film_list, queue, closes):
    environment = {**film_list(), "QUEUE_URL": queue, "AWS_ENDPOINT_URL": server.url,
                   "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    ran = run_function.run(
        [str(programs["get_top_movies"])], tmp_path, "bootstrap",
        run_function.events(SCHEDULED, SCHEDULED), directory_of_run=tmp_path / "run",
        environment=environment, frames=False, closes_after_answers=closes,
        api_path=None if closes else str(tmp_path / "api"))
    assert [body["day"] for body in ran.bodies()] == [DAY, DAY]
    assert (ran.api.connections > 1) == closes


def test_the_programs_are_small_and_need_nothing_of_the_machine(programs, tmp_path):
    """In a file system with nothing else in it, where the machine lets anybody make one."""
    for name, program in programs.items():
        assert program.stat().st_size < 10_000_000
        headers = subprocess.run(["readelf", "--program-headers", "--dynamic", program],
                                 capture_output=True, text=True, check=True).stdout
        assert "INTERP" not in headers and "NEEDED" not in headers
        root = tmp_path / name
        root.mkdir()
        shutil.copy(program, root / "bootstrap")
        alone = ["unshare", "--user", "--map-root-user", "chroot", root]
        if subprocess.run([*alone[:3], "true"], capture_output=True).returncode != 0:
            continue
        ended = subprocess.run([*alone, "/bootstrap"], capture_output=True, text=True,
                               env={"PATH": os.environ["PATH"]})
        assert (ended.returncode, ended.stderr) == (1, "")
        assert "The environment variable AWS_LAMBDA_RUNTIME_API is not set." in ended.stdout


def test_a_cold_start_takes_a_moment(programs, server, film_list, queue):
    """From the start of the process until it asks for an event."""
    took = []
    for _ in range(20):
        with RuntimeApi([]) as api:
            environment = {**film_list(), "QUEUE_URL": queue, "AWS_ENDPOINT_URL": server.url,
                           "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
                           "AWS_REGION": "us-east-1", "AWS_LAMBDA_RUNTIME_API": api.address}
            started = time.monotonic()
            process = subprocess.Popen([programs["get_top_movies"]], env=environment)
            assert api.is_done.wait(20)
            took.append(time.monotonic() - started)
            process.kill()
            process.wait()
    # With other work on the machine the median says nothing; the best of many says what it can do.
    assert min(took) < 0.05


@pytest.fixture
def run_with_keys(programs, tmp_path):
    """Runs get_top_movies with a secret for a key, against a server that checks signatures."""
    keys = {"aws_access_key_id": "AKIAFILMS", "aws_secret_access_key": "a-secret",
            "region_name": "us-east-1"}
    arguments = ["--durability", "memory", "--auth", "sigv4"]
    with matinee_server.Server(tmp_path, arguments,
                               environment={"MATINEE_KEYS": "AKIAFILMS:a-secret"}) as server:
        s3, sqs = (boto3.client(name, endpoint_url=server.url, **keys) for name in ("s3", "sqs"))
        s3.create_bucket(Bucket="lists")
        s3.put_object(Bucket="lists", Key="a b+c/ü.json", Body=FILMS.read_bytes())
        queue = sqs.create_queue(QueueName="films")["QueueUrl"]

        def run(secret):
            return run_function.run(
                [str(programs["get_top_movies"])], tmp_path, "bootstrap",
                run_function.events(SCHEDULED), directory_of_run=tmp_path / secret, frames=False,
                environment={"MOVIES_BUCKET": "lists", "MOVIES_KEY": "a b+c/ü.json",
                             "QUEUE_URL": queue, "AWS_ENDPOINT_URL": server.url,
                             "AWS_ACCESS_KEY_ID": "AKIAFILMS",
                             "AWS_SECRET_ACCESS_KEY": secret}).body()
        yield run


def test_requests_are_signed_as_aws_wants_it(run_with_keys):
    """Signatures and their dates are checked; a wrong secret is refused."""
    good, bad = run_with_keys("a-secret"), run_with_keys("another")
    assert good["films"] == 10
    assert bad["errorType"] == "SignatureDoesNotMatch"
