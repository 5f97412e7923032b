"""Requests and replies that are large: within a service's limit they mean what they say, beyond it
they are refused, and whatever they are made of, others are answered while they are worked on."""

import json
import threading

import pytest
from raw_http import Connection, json_request, request

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MEBIBYTE = 1024 * 1024


@pytest.fixture
def table(dynamodb, name):
    dynamodb.create_table(TableName=name, BillingMode="PAY_PER_REQUEST",
                          KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}],
                          AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"}])
    yield name
    dynamodb.delete_table(TableName=name)


def exchange(matinee, data):
    with Connection(matinee.port, timeout=120) as connection:
        connection.send(data)
        return connection.answer()


def test_batches_of_the_largest_items_go_in_and_come_out(dynamodb, table):
    items = [{"p": {"S": f"item-{number}"}, "v": {"S": chr(ord("a") + number) * 390_000}}
             for number in range(25)]
    reply = dynamodb.batch_write_item(
        RequestItems={table: [{"PutRequest": {"Item": item}} for item in items]})
    assert reply["UnprocessedItems"] == {}
    found = []
    for page in dynamodb.get_paginator("scan").paginate(TableName=table):
        found += page["Items"]
    assert sorted(found, key=str) == sorted(items, key=str)
    reply = dynamodb.batch_get_item(
        RequestItems={table: {"Keys": [{"p": item["p"]} for item in items]}})
    assert sorted(reply["Responses"][table], key=str) == sorted(items, key=str)


def test_each_service_refuses_bodies_beyond_its_limit(matinee):
    status, body = exchange(matinee, json_request("AmazonSQS.SendMessage", b" " * (5 * MEBIBYTE)))
    assert (status, b"4 MiB" in body) == (413, True)
    status, body = exchange(
        matinee, json_request("DynamoDB_20120810.PutItem", b" " * (17 * MEBIBYTE)))
    assert (status, b"16 MiB" in body) == (413, True)
    status, body = exchange(
        matinee, request(path="/bucket?delete", body=b" " * (3 * MEBIBYTE), service="s3"))
    assert (status, b"<Code>MaxMessageLengthExceeded</Code>" in body) == (400, True)


def test_the_longest_message_fits_however_it_is_escaped(sqs, name):
    url = sqs.create_queue(QueueName=name, Attributes={"MaximumMessageSize": str(MEBIBYTE)})
    url = url["QueueUrl"]
    text = "\u4f60" * (MEBIBYTE // 3)
    sqs.send_message(QueueUrl=url, MessageBody=text)
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == text


def test_a_form_of_too_many_parameters_is_refused(matinee):
    form = b"Action=ListQueues&Version=2012-11-05" + b"&a=b" * 9_998
    assert exchange(matinee, request(headers=FORM, body=form))[0] == 200
    status, body = exchange(matinee, request(headers=FORM, body=form + b"&a=b"))
    assert (status, b"MalformedQueryString" in body) == (400, True)


def test_of_a_million_broken_rules_a_thousand_are_told(matinee):
    entries = ",".join("{}" for _ in range(500_000))
    status, body = exchange(matinee, json_request(
        "AmazonSQS.SendMessageBatch", f'{{"QueueUrl":"q","Entries":[{entries}]}}'.encode()))
    assert status == 400
    tables = ",".join(f'"t{number}":{{}}' for number in range(1_000_000))
    status, body = exchange(matinee, json_request(
        "DynamoDB_20120810.BatchGetItem", f'{{"RequestItems":{{{tables}}}}}'.encode()))
    assert status == 400
    assert len(body) < MEBIBYTE
    assert json.loads(body)["__type"].endswith("ValidationException")


def test_others_are_answered_while_a_hard_condition_is_looked_at(matinee, dynamodb, table):
    """A hundred searches that nearly match everywhere, in the largest item."""
    dynamodb.put_item(TableName=table, Item={"p": {"S": "a"}, "v": {"S": "ab" * 195_000}})
    terms = " OR ".join(f"contains(v, :c{number})" for number in range(100))
    values = {f":c{number}": {"S": "ab" * 7000 + "b" + "c" * number} for number in range(100)}
    refused = []

    def remove():
        for _ in range(5):
            with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException):
                dynamodb.delete_item(TableName=table, Key={"p": {"S": "a"}},
                                     ConditionExpression=terms, ExpressionAttributeValues=values)
            refused.append(True)

    client = threading.Thread(target=remove)
    client.start()
    answered = 0
    while client.is_alive():
        with Connection(matinee.port) as connection:
            connection.send(json_request("DynamoDB_20120810.ListTables", b"{}"))
            assert connection.answer()[0] == 200
        answered += 1
    client.join()
    assert len(refused) == 5
    assert answered >= 5
