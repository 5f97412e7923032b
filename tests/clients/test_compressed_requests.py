"""Requests that a client has compressed, as SDKs do for operations whose model allows it: the
signature is over what was sent, and the service reads what was compressed.
"""

import gzip

import aws_clients
import matinee_server
import pytest
from aws_clients import error_of
from botocore.exceptions import ClientError

MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def strict(tmp_path_factory):
    arguments = ["--auth", "sigv4", "--key", "AKIDEXAMPLE:secret"]
    with matinee_server.Server(tmp_path_factory.mktemp("compressed") / "data",
                               arguments) as server:
        yield server


def compressing(service, server):
    """A client, and the list of the bodies that it has sent."""
    client = aws_clients.compressing(service, server.url)
    sent = []
    client.meta.events.register(
        "before-send", lambda request, **_: sent.append((request.headers, request.body)))
    return client, sent


def test_an_item_and_a_message_go_in_compressed_and_come_out_whole(strict):
    dynamodb, sent = compressing("dynamodb", strict)
    dynamodb.create_table(TableName="films", BillingMode="PAY_PER_REQUEST",
                          KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}],
                          AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"}])
    item = {"p": {"S": "long"}, "v": {"S": "film " * 70_000}}
    dynamodb.put_item(TableName="films", Item=item)
    assert dynamodb.get_item(TableName="films", Key={"p": item["p"]})["Item"] == item
    sqs, sent_messages = compressing("sqs", strict)
    url = sqs.create_queue(QueueName="films")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="film " * 50_000)
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "film " * 50_000
    assert len(sent) == 3 and len(sent_messages) == 3
    for headers, body in sent + sent_messages:
        assert headers["Content-Encoding"] in ("gzip", b"gzip")
        assert gzip.decompress(body) != body


def test_a_form_is_unzipped_too(strict):
    sts, sent = compressing("sts", strict)
    assert sts.get_caller_identity()["Account"] == "000000000000"
    assert gzip.decompress(sent[0][1]).startswith(b"Action=GetCallerIdentity")


def test_the_limit_is_for_what_was_compressed(strict):
    sqs, sent = compressing("sqs", strict)
    with pytest.raises(ClientError) as raised:
        sqs.send_message(QueueUrl=f"{strict.url}/000000000000/q", MessageBody="a" * 64 * MEBIBYTE)
    assert error_of(raised) == ("RequestEntityTooLargeException", 413)
    assert len(sent[0][1]) < MEBIBYTE
