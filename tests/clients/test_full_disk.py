"""A disk that is full: what would store more is refused, everything else goes on, and so does the
server. On a small file system of its own, so only where mounting is permitted.
"""

import hashlib
import subprocess

import aws_clients
import matinee_server
import pytest
from botocore.exceptions import ClientError

DISK = "200m"
OBJECT = 4 * 1000 * 1000
MESSAGE = "m" * 100_000


@pytest.fixture
def small_disk(tmp_path):
    directory = tmp_path / "disk"
    directory.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "none", directory],
                             capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"mounting a small file system is not permitted: {mounted.stderr.strip()}")
    yield directory
    subprocess.run(["umount", directory], check=True)


@pytest.fixture
def server(small_disk):
    with matinee_server.Server(small_disk / "data") as running:
        yield running


@pytest.fixture
def s3(server):
    client = aws_clients.client("s3", server.url, s3={"addressing_style": "path"})
    client.create_bucket(Bucket="films")
    return client


@pytest.fixture
def sqs(server):
    return aws_clients.client("sqs", server.url)


def body(number):
    return hashlib.sha256(str(number).encode()).digest() * (OBJECT // 32)


def fill_with_objects(s3):
    """Puts objects until the disk is full; returns how many there are, and the error."""
    for number in range(1000):
        try:
            s3.put_object(Bucket="films", Key=str(number), Body=body(number))
        except ClientError as error:
            return number, error.response
    raise AssertionError("the disk never became full")


def fill_with_messages(sqs, url):
    for number in range(100_000):
        try:
            sqs.send_message(QueueUrl=url, MessageBody=f"{number} {MESSAGE}")
        except ClientError as error:
            return number, error.response
    raise AssertionError("the disk never became full")


def assert_objects(s3, numbers):
    listed = s3.list_objects_v2(Bucket="films").get("Contents", [])
    assert sorted(int(entry["Key"]) for entry in listed) == sorted(numbers)
    for number in numbers:
        assert s3.get_object(Bucket="films", Key=str(number))["Body"].read() == body(number)


def test_uploads_fail_with_an_error_and_the_server_goes_on(server, s3):
    count, error = fill_with_objects(s3)
    assert count > 10
    assert error["Error"]["Code"] == "InternalError"
    assert "is full" in error["Error"]["Message"]
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert server.is_running()
    assert_objects(s3, range(count))


def test_what_is_deleted_makes_room(s3):
    count, _ = fill_with_objects(s3)
    for number in range(count // 2):
        s3.delete_object(Bucket="films", Key=str(number))
    s3.get_waiter("object_not_exists").wait(Bucket="films", Key="0")
    # Files of deleted objects go within a tenth of a second, once the deletion is on the disk.
    for _ in range(1000):
        again, _ = fill_with_objects(s3)
        if again > 0:
            break
    assert again > 0
    assert_objects(s3, sorted({*range(again), *range(count // 2, count)}))


def test_messages_are_refused_and_can_still_be_received_and_deleted(server, s3, sqs):
    url = sqs.create_queue(QueueName="films")["QueueUrl"]
    fifo = sqs.create_queue(QueueName="groups.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    filler = sqs.create_queue(QueueName="filler")["QueueUrl"]
    for number in range(20):
        sqs.send_message(QueueUrl=url, MessageBody=str(number))
        sqs.send_message(QueueUrl=fifo, MessageBody=str(number), MessageGroupId="g",
                         MessageDeduplicationId=str(number))
    fill_with_objects(s3)
    fill_with_messages(sqs, filler)
    with pytest.raises(ClientError) as refused:
        sqs.send_message(QueueUrl=url, MessageBody="one too many")
    assert aws_clients.error_of(refused) == ("InternalFailure", 500)
    with pytest.raises(ClientError):
        sqs.send_message(QueueUrl=fifo, MessageBody="one too many", MessageGroupId="g",
                         MessageDeduplicationId="20")
    for queue in (url, fifo):
        received = []
        while len(received) < 20:
            messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
            received += [message["Body"] for message in messages]
            sqs.delete_message_batch(QueueUrl=queue, Entries=[
                {"Id": str(index), "ReceiptHandle": message["ReceiptHandle"]}
                for index, message in enumerate(messages)])
        assert sorted(received, key=int) == [str(number) for number in range(20)]
        assert "Messages" not in sqs.receive_message(QueueUrl=queue)
    assert server.is_running()


def test_nothing_acknowledged_is_lost_when_the_server_is_killed_on_a_full_disk(server, s3, sqs):
    url = sqs.create_queue(QueueName="films")["QueueUrl"]
    count, error = fill_with_messages(sqs, url)
    assert count > 100
    assert (error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"]) == (
        "InternalFailure", 500)
    objects, _ = fill_with_objects(s3)
    server.kill()
    server.start()
    attributes = sqs.get_queue_attributes(
        QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
    assert attributes["ApproximateNumberOfMessages"] == str(count)
    assert_objects(s3, range(objects))
    sqs.purge_queue(QueueUrl=url)
    assert server.is_running()
