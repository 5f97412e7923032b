"""`matinee faults` and /_matinee/faults: errors, latency and lost replies on purpose."""

import json
import os
import subprocess
import time
import urllib.request

import aws_clients
import matinee_server
import own_pages
import pytest
from botocore.exceptions import (ClientError, ConnectionClosedError, HTTPClientError,
                                 ReadTimeoutError)

THROTTLING = {"Action": "error", "Error": "throttling"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with matinee_server.Server(tmp_path_factory.mktemp("faults") / "data",
                               arguments=["--seed", "42"]) as server:
        yield server


@pytest.fixture(autouse=True)
def no_faults_are_left(server):
    yield
    if server.is_running():
        ask(server, "DELETE")


@pytest.fixture
def sqs(server):
    return aws_clients.client("sqs", server.url)


def ask(server, method="GET", fault=None, query=""):
    return own_pages.ask(server, method, f"faults{query}", body=fault)


def add(server, **fault):
    return ask(server, "POST", fault)["Fault"]["Id"]


def mistake(server, **fault):
    status, _, message = own_pages.refusal(server, "POST", "faults", body=fault)
    assert status == 400
    return message


def run(server, *arguments, code=0):
    done = subprocess.run(
        [matinee_server.find_binary(), "faults", *arguments, "--cloud", server.url],
        capture_output=True, text=True, timeout=60,
        env={**os.environ, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"})
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


def code_of_call(call, **request):
    try:
        call(**request)
        return ""
    except ClientError as error:
        return error.response["Error"]["Code"]


def test_every_third_call_of_one_operation_is_throttled(server, sqs, name):
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    fault = add(server, **THROTTLING, Service="sqs", Operation="SendMessage", Every=3)
    codes = [code_of_call(sqs.send_message, QueueUrl=url, MessageBody=str(i)) for i in range(6)]
    assert codes == ["", "", "RequestThrottled"] * 2
    assert len(sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]) == 4
    [listed] = ask(server)["Faults"]
    assert (listed["Id"], listed["Asked"], listed["Hits"]) == (fault, 6, 2)


def test_an_error_of_the_model_comes_in_the_form_of_its_service(server, name):
    table = dict(TableName=name, Item={"id": {"S": "1"}})
    dynamodb = aws_clients.client("dynamodb", server.url)
    add(server, Action="error", Error="ProvisionedThroughputExceededException",
        Operation="PutItem", Resource=name)
    with pytest.raises(dynamodb.exceptions.ProvisionedThroughputExceededException):
        dynamodb.put_item(**table)
    assert code_of_call(dynamodb.put_item, **{**table, "TableName": "other-" + name}) == \
        "ResourceNotFoundException"
    s3 = aws_clients.client("s3", server.url)
    s3.create_bucket(Bucket=name)
    add(server, **THROTTLING, Service="s3", Resource=f"{name}/reels/*")
    with pytest.raises(ClientError) as raised:
        s3.put_object(Bucket=name, Key="reels/1", Body=b"a")
    assert aws_clients.error_of(raised) == ("SlowDown", 503)
    s3.put_object(Bucket=name, Key="posters/1", Body=b"a")
    sns = aws_clients.client("sns", server.url)
    add(server, Action="error", Error="internal", Service="sns")
    with pytest.raises(ClientError) as raised:
        sns.list_topics()
    assert aws_clients.error_of(raised)[1] == 500


def test_the_reply_and_the_journal_say_which_fault_it_was(server, sqs, name):
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    fault = add(server, **THROTTLING, Operation="SendMessage", Times=1)
    with pytest.raises(ClientError) as raised:
        sqs.send_message(QueueUrl=url, MessageBody="a")
    metadata = raised.value.response["ResponseMetadata"]
    assert metadata["HTTPHeaders"]["x-matinee-fault"] == fault
    later = sqs.send_message(QueueUrl=url, MessageBody="b")["ResponseMetadata"]["HTTPHeaders"]
    assert "x-matinee-fault" not in later
    with urllib.request.urlopen(f"{server.url}/_matinee/trace?queue={name}", timeout=30) as page:
        hops = json.load(page)["Hops"]
    [hop] = [hop for hop in hops if hop["Kind"] == "fault"]
    assert hop["Resource"].endswith(":" + name)
    assert hop["Reason"] == f"{fault}: error RequestThrottled on sqs:SendMessage"
    assert hop["Messages"][0]["Id"] == metadata["RequestId"]


def test_latency_comes_before_the_reply(server, sqs, name):
    sqs.create_queue(QueueName=name)
    add(server, Action="latency", Latency="300ms..400ms", Operation="GetQueueUrl")
    start = time.monotonic()
    reply = sqs.get_queue_url(QueueName=name)
    assert time.monotonic() - start >= 0.3
    assert "x-matinee-fault" in reply["ResponseMetadata"]["HTTPHeaders"]


def test_a_call_that_times_out_has_done_its_work(server, sqs, name):
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    add(server, Action="timeout", Operation="SendMessage", Times=1)
    impatient = aws_clients.client("sqs", server.url, read_timeout=1)
    with pytest.raises(ReadTimeoutError):
        impatient.send_message(QueueUrl=url, MessageBody="was it sent?")
    [message] = sqs.receive_message(QueueUrl=url)["Messages"]
    assert message["Body"] == "was it sent?"


def test_a_client_that_tries_again_after_a_lost_reply_sends_twice(server, sqs, name):
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    add(server, Action="lost-reply", Operation="SendMessage", Times=1)
    patient = aws_clients.client("sqs", server.url, retries={"total_max_attempts": 2})
    patient.send_message(QueueUrl=url, MessageBody="once?")
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert [message["Body"] for message in messages] == ["once?", "once?"]


def test_a_connection_that_is_reset_has_done_nothing(server, sqs, name):
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    add(server, Action="reset", Operation="SendMessage", Times=1)
    with pytest.raises((ConnectionClosedError, HTTPClientError)):
        sqs.send_message(QueueUrl=url, MessageBody="a")
    assert "Messages" not in sqs.receive_message(QueueUrl=url)


def test_only_one_caller_is_hit(server, name):
    ada = aws_clients.client("sqs", server.url)
    other = aws_clients.client("sqs", server.url, credentials={
        "aws_access_key_id": aws_clients.OTHER_ACCOUNT, "aws_secret_access_key": "secret"})
    add(server, **THROTTLING, Caller=f"*::{aws_clients.OTHER_ACCOUNT}:*")
    ada.create_queue(QueueName=name)
    assert code_of_call(other.create_queue, QueueName=name) == "RequestThrottled"


def test_the_same_seed_hits_the_same_calls(server, sqs, name):
    sqs.create_queue(QueueName=name)

    def hits(seed):
        ask(server, "DELETE")
        add(server, **THROTTLING, Operation="GetQueueUrl", Probability=0.5, Seed=seed)
        return [code_of_call(sqs.get_queue_url, QueueName=name) for _ in range(32)]

    first = hits(1)
    assert 4 < first.count("RequestThrottled") < 28
    assert hits(1) == first
    assert hits(2) != first


def test_the_command_adds_lists_and_ends_faults(server):
    assert run(server, "list") == "There are no faults.\n"
    added = run(server, "add", "error", "--error", "throttling", "--service", "sqs",
                "--probability", "0.25")
    fault = added.split(":")[0]
    assert added.splitlines()[0] == \
        f"{fault}: error throttling on sqs, with probability 0.25"
    assert added.splitlines()[1].startswith("seed ")
    run(server, "add", "latency", "--latency", "2s", "--times", "1")
    assert run(server, "list").splitlines()[1:] == [
        f"{fault}  error throttling on sqs, with probability 0.25: hit 0 of 0 times",
        f"f{int(fault[1:]) + 1}  latency of 2s on any service, 1 time: hit 0 of 0 times"]
    listed = json.loads(run(server, "list", "--format", "json"))
    assert [each["Action"] for each in listed["Faults"]] == ["error", "latency"]
    assert run(server, "clear", fault) == "Ended 1 fault.\n"
    assert run(server, "clear", fault, code=1) == f"matinee: There is no fault {fault}.\n"
    assert run(server, "clear") == "Ended 1 fault.\n"


def test_what_no_fault_can_be_is_refused_with_a_sentence(server):
    assert mistake(server, Action="explode").startswith('"explode" is no action; there are error,')
    assert mistake(server, Action="error", Error="NoSuchError", Service="sqs") == \
        'sqs has no error "NoSuchError"; with a Status it can be any.'
    assert mistake(server, Action="latency", Latency="soon").startswith('"soon" is no latency')
    assert mistake(server, **THROTTLING, Probability=1.5) == \
        "Probability is above 0 and at most 1."
    assert mistake(server, **THROTTLING, Seed=-1) == "Seed is at least 0."
    assert mistake(server, Action="error", Error="SlowDown", Service="sqs") == \
        'sqs has no error "SlowDown"; with a Status it can be any.'
    assert mistake(server, Action="crash-after", Service="sqs") == \
        "crash-after is for functions, and so of lambda."
    assert mistake(server, **THROTTLING, Service="sqz").startswith('There is no service "sqz"')
    assert ask(server)["Faults"] == []


def test_numbers_that_the_command_cannot_take_are_named(server):
    for option, sentence in {
            ("--probability", "abc"): "must be a number above 0 and at most 1, and \"abc\" is not",
            ("--probability", "0"): "must be a number above 0 and at most 1, and \"0\" is not",
            ("--seed", "18446744073709551615"):
                "must be a whole number between 0 and 9223372036854775807"}.items():
        assert f"{option[0]} {sentence}" in run(server, "add", "reset", *option, code=2)
    assert ask(server)["Faults"] == []
    run(server, "add", "reset", "--times", "1", "--seed", "9223372036854775807")
    assert ask(server)["Seed"] == 2**63 - 1


def test_a_server_stops_while_calls_hang(tmp_path, name):
    with matinee_server.Server(tmp_path / "data") as server:
        sqs = aws_clients.client("sqs", server.url, read_timeout=1)
        sqs.create_queue(QueueName=name)
        add(server, Action="timeout", Operation="GetQueueUrl")
        with pytest.raises(ReadTimeoutError):
            sqs.get_queue_url(QueueName=name)
        add(server, Action="latency", Latency="1h", Operation="ListQueues")
        with pytest.raises(ReadTimeoutError):
            sqs.list_queues()
        start = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - start < 5


def test_a_seed_and_a_paused_clock_make_the_same_ids_in_each_run(tmp_path):
    def ids(place, seed):
        with matinee_server.Server(tmp_path / place, arguments=[
                "--seed", seed, "--clock", "paused"]) as server:
            sqs = aws_clients.client("sqs", server.url)
            url = sqs.create_queue(QueueName="orders")["QueueUrl"]
            return [sqs.send_message(QueueUrl=url, MessageBody="a")["MessageId"] for _ in range(3)]

    first = ids("one", "7")
    assert ids("two", "7") == first
    assert ids("three", "8") != first


def test_a_seed_begins_with_an_empty_directory_for_its_ids_may_be_taken(tmp_path):
    with matinee_server.Server(tmp_path / "data", arguments=["--seed", "7"]):
        pass
    again = subprocess.run(
        [matinee_server.find_binary(), "up", "--port", "0", "--seed", "7",
         "--data", str(tmp_path / "data")],
        capture_output=True, text=True, timeout=60, check=False)
    assert again.returncode == 2
    assert "--seed begins with an empty data directory" in again.stderr
    with matinee_server.Server(tmp_path / "data"):
        pass


def book_with_a_look(dynamodb, payment):
    key = {"id": {"S": payment}}
    if "Item" in dynamodb.get_item(TableName="ledger", Key=key):
        return
    dynamodb.update_item(
        TableName="ledger", Key={"id": {"S": "total"}}, UpdateExpression="ADD amount :amount",
        ExpressionAttributeValues={":amount": {"N": "1"}})
    dynamodb.put_item(TableName="ledger", Item=key)


def book_with_a_transaction(dynamodb, payment):
    dynamodb.transact_write_items(TransactItems=[
        {"Put": {"TableName": "ledger", "Item": {"id": {"S": payment}},
                 "ConditionExpression": "attribute_not_exists(id)"}},
        {"Update": {"TableName": "ledger", "Key": {"id": {"S": "total"}},
                    "UpdateExpression": "ADD amount :amount",
                    "ExpressionAttributeValues": {":amount": {"N": "1"}}}}])


def test_lost_replies_find_the_bug_of_the_docs_and_its_remedy_holds(server):
    dynamodb = aws_clients.client("dynamodb", server.url, retries={"total_max_attempts": 3})
    dynamodb.create_table(
        TableName="ledger", BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])

    def total(book, operation, prefix):
        dynamodb.delete_item(TableName="ledger", Key={"id": {"S": "total"}})
        ask(server, "DELETE")
        if operation:
            add(server, Action="lost-reply", Service="dynamodb", Operation=operation, Every=2,
                Seed=7)
        for number in range(10):
            book(dynamodb, f"{prefix}{number}")
        item = dynamodb.get_item(TableName="ledger", Key={"id": {"S": "total"}})["Item"]
        return int(item["amount"]["N"])

    assert total(book_with_a_look, None, "quiet") == 10
    assert total(book_with_a_look, "UpdateItem", "lost") > 10
    assert total(book_with_a_transaction, "TransactWriteItems", "whole") == 10
