"""The zips of `make functions`, deployed to Lambda itself: a call sends the day's list through a
topic and a queue, a mapping hands it to the second function, and that writes a file.
"""

import itertools
import json
import struct

import boto3
import matinee_server
import polling
import pytest
from conftest import CREDENTIALS, GOOD_KEY, ROOT
from top_movies import BEST, DAY, FILMS, SCHEDULED, written

ROLE = "arn:aws:iam::000000000000:role/movies"
PROGRAM_INTERPRETER = 3  # the kind of an ELF segment that names the machine's loader
MOST_BYTES = 10_000_000
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    """Makes clients of a server whose functions find the stand-in for OMDb by OMDb's name."""
    arguments = ["--host", "www.omdbapi.com=omdb"]
    with matinee_server.Server(tmp_path_factory.mktemp("deployed"), arguments) as server:
        yield lambda service: boto3.client(service, endpoint_url=server.url, **CREDENTIALS)


@pytest.fixture
def name():
    return f"deployed-{next(_numbers)}"


@pytest.fixture
def deploy(cloud, name):
    """Makes a function of one of the zips, and tells its name."""
    def function(program, **environment):
        called = f"{name}-{program}"
        cloud("lambda").create_function(
            FunctionName=called, Runtime="provided.al2023", Handler="bootstrap", Role=ROLE,
            Code={"ZipFile": (ROOT / "build" / "functions" / f"{program}.zip").read_bytes()},
            Timeout=30, MemorySize=256, Environment={"Variables": environment})
        cloud("lambda").get_waiter("function_active_v2").wait(
            FunctionName=called, WaiterConfig={"Delay": 0, "MaxAttempts": 100})
        return called
    return function


@pytest.fixture
def bucket(cloud, name):
    """With the list of films in it."""
    cloud("s3").create_bucket(Bucket=name)
    cloud("s3").put_object(Bucket=name, Key="films.json", Body=FILMS.read_bytes())
    return name


@pytest.fixture
def queue(cloud, name):
    """URL and ARN of a queue to which topics may send."""
    policy = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
                             "Action": "sqs:SendMessage", "Resource": "*"}]}
    url = cloud("sqs").create_queue(QueueName=name, Attributes={
        "Policy": json.dumps(policy), "VisibilityTimeout": "60"})["QueueUrl"]
    return url, f"arn:aws:sqs:us-east-1:000000000000:{name}"


def segments(program):
    """The kinds of the segments of a 64-bit ELF file."""
    head = program.read_bytes()[:4096]
    offset, = struct.unpack_from("<Q", head, 32)
    size, count = struct.unpack_from("<HH", head, 54)
    return [struct.unpack_from("<I", head, offset + place * size)[0] for place in range(count)]


@pytest.mark.parametrize("program", ["get_top_movies", "enrich_movies"])
def test_a_program_is_small_and_needs_no_library_of_the_machine(programs, program):
    assert programs[program].stat().st_size < MOST_BYTES
    assert PROGRAM_INTERPRETER not in segments(programs[program])


@pytest.mark.parametrize("omdb_url", ["stand-in", "http://www.omdbapi.com/"])
def test_a_day_goes_through_both_functions(cloud, deploy, bucket, queue, name, omdb, omdb_url):
    topic = cloud("sns").create_topic(Name=name)["TopicArn"]
    url, queue_arn = queue
    cloud("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn)
    cloud("ssm").put_parameter(Name=f"/{name}/key", Type="SecureString", Value=GOOD_KEY)
    get = deploy("get_top_movies", MOVIES_BUCKET=bucket, MOVIES_KEY="films.json", TOPIC_ARN=topic)
    enrich = deploy("enrich_movies", OUTPUT_BUCKET=bucket, OMDB_KEY_PARAMETER=f"/{name}/key",
                    OMDB_URL=omdb.url if omdb_url == "stand-in" else omdb_url)
    cloud("lambda").create_event_source_mapping(
        FunctionName=enrich, EventSourceArn=queue_arn, BatchSize=5,
        FunctionResponseTypes=["ReportBatchItemFailures"])
    answer = cloud("lambda").invoke(FunctionName=get, Payload=json.dumps(SCHEDULED))
    document = json.load(answer["Payload"])
    assert "FunctionError" not in answer, document
    assert (document["day"], document["films"]) == (DAY, 10)

    def is_done():
        counts = cloud("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
        return (counts["Attributes"]["ApproximateNumberOfMessages"],
                counts["Attributes"]["ApproximateNumberOfMessagesNotVisible"]) == ("0", "0")

    polling.eventually(is_done, 60)
    films = written(cloud, bucket, DAY)["films"]
    assert [film["id"] for film in films] == BEST
    assert films[0]["title"] == "The Shawshank Redemption"
    assert films[0]["directors"] == ["Frank Darabont"]


def test_what_it_cannot_read_is_an_error_of_the_function(cloud, deploy, bucket, name, queue):
    get = deploy("get_top_movies", MOVIES_BUCKET=bucket, MOVIES_KEY="none.json",
                 QUEUE_URL=queue[0])
    answer = cloud("lambda").invoke(FunctionName=get, Payload=json.dumps(SCHEDULED))
    assert answer["FunctionError"] == "Unhandled"
    assert json.load(answer["Payload"])["errorType"] == "NoSuchKey"
