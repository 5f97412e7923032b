"""The query protocol of SQS and STS as it goes over the wire: older clients search its texts."""

import json

import pytest
import raw_http

VERSION = "Version=2012-11-05"


@pytest.fixture
def ask(matinee):
    """Sends one request; gives (status, body)."""
    def send(path, headers=None, method="GET", body=b"", service="sqs"):
        with raw_http.Connection(matinee.port) as connection:
            connection.send(raw_http.request(method, path, headers, body, service))
            status, answer = connection.answer()
            return status, answer.decode()
    return send


@pytest.fixture
def path(ask, name):
    """The path of a new queue's URL."""
    ask(f"/?Action=CreateQueue&QueueName={name}&{VERSION}")
    return f"/000000000000/{name}"


UNSIGNED = {"Authorization": None}
JSON = {"Accept": "application/json"}


def test_a_missing_queue_is_told_in_the_words_of_this_protocol(ask, sqs, name):
    status, body = ask(f"/000000000000/{name}?Action=GetQueueAttributes&AttributeName.1=All")
    assert status == 400
    assert "<Code>AWS.SimpleQueueService.NonExistentQueue</Code>" \
        "<Message>The specified queue does not exist for this wsdl version.</Message>" in body
    target = {"X-Amz-Target": "AmazonSQS.GetQueueUrl", "Content-Type": "application/x-amz-json-1.0"}
    _, body = ask("/", target, "POST", json.dumps({"QueueName": name}).encode())
    assert json.loads(body)["message"] == "The specified queue does not exist."


def test_an_empty_result_is_one_element(ask, path):
    status, body = ask(f"{path}?Action=ReceiveMessage&{VERSION}")
    assert status == 200
    assert "<ReceiveMessageResult/>" in body


def test_replies_come_in_json_where_they_are_wanted_so(ask, path):
    status, body = ask(f"/?Action=ListQueues&QueueNamePrefix={path.rpartition('/')[2]}&{VERSION}",
                       JSON)
    assert status == 200
    urls = json.loads(body)["ListQueuesResponse"]["ListQueuesResult"]["queueUrls"]
    assert [url.endswith(path) for url in urls] == [True]
    ask(f"{path}?Action=SendMessage&MessageBody=hello&{VERSION}")
    _, body = ask(f"{path}?Action=ReceiveMessage&{VERSION}", JSON)
    document = json.loads(body)["ReceiveMessageResponse"]
    assert [found["Body"] for found in document["ReceiveMessageResult"]["messages"]] == ["hello"]
    assert document["ResponseMetadata"]["RequestId"]
    _, body = ask(f"{path}?Action=ReceiveMessage&{VERSION}", JSON)
    assert json.loads(body)["ReceiveMessageResponse"]["ReceiveMessageResult"]["messages"] is None


def test_errors_come_in_json_too(ask, name):
    status, body = ask(f"/?Action=GetQueueUrl&QueueName={name}&{VERSION}", JSON)
    assert status == 400
    assert json.loads(body)["Error"] == {
        "Code": "AWS.SimpleQueueService.NonExistentQueue", "Type": "Sender",
        "Message": "The specified queue does not exist for this wsdl version."}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_identity_comes_in_json(ask, method):
    action = "Action=GetCallerIdentity&Version=2011-06-15"
    form = {**JSON, "Content-Type": "application/x-www-form-urlencoded"}
    status, body = ask(f"/?{action}" if method == "GET" else "/", form, method,
                       b"" if method == "GET" else action.encode(), "sts")
    assert status == 200
    result = json.loads(body)["GetCallerIdentityResponse"]["GetCallerIdentityResult"]
    assert result == {"Account": "000000000000", "Arn": "arn:aws:iam::000000000000:root",
                      "UserId": result["UserId"]}


@pytest.mark.parametrize("headers", [None, JSON, UNSIGNED])
def test_the_address_of_a_queue_alone_asks_for_nothing(ask, path, headers):
    status, body = ask(path, headers)
    assert status == 404
    assert body.endswith("<UnknownOperationException/>")


@pytest.mark.parametrize("action", ["CreateQueue&QueueName=pwn", "ListQueues", "GetQueueUrl"])
def test_the_address_of_a_queue_is_for_that_queue_alone(ask, path, action):
    status, body = ask(f"{path}?Action={action}&{VERSION}")
    assert status == 400
    action = action.partition("&")[0]
    assert "<Code>InvalidAction</Code>" in body
    assert f"<Message>The action {action} is not valid for this endpoint.</Message>" in body
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    status, body = ask(path, form, "POST", f"Action={action}&{VERSION}".encode())
    assert (status, "<Code>InvalidAction</Code>" in body) == (400, True)
    assert "pwn" not in ask(f"/?Action=ListQueues&{VERSION}")[1]


def test_a_form_is_a_query_whatever_target_it_names(ask, name):
    form = {"Content-Type": "application/x-www-form-urlencoded;charset=utf-8",
            "X-Amz-Target": "AmazonSQSv20121105.CreateQueue"}
    status, body = ask("/", form, "POST", f"Action=CreateQueue&QueueName={name}&{VERSION}".encode())
    assert status == 200
    assert f"/000000000000/{name}</QueueUrl>" in body


def test_a_host_without_its_port_is_told_the_port(ask, matinee, name):
    _, body = ask(f"/?Action=CreateQueue&QueueName={name}&{VERSION}", {"Host": "127.0.0.1"})
    assert f"<QueueUrl>http://127.0.0.1:{matinee.port}/000000000000/{name}</QueueUrl>" in body
