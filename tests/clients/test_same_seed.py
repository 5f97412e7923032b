"""`matinee up --seed N --clock paused`: the same requests have the same replies in each run,
byte for byte, with their ids, orders and faults.
"""

import json

import aws_clients
import matinee_server
import own_pages
import pytest

# The connection's and the machine's, not the cloud's.
NOT_OF_THE_CLOUD = {"date", "connection", "keep-alive"}
POLICY = json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:*",
                                    "Resource": "*"}]})


class Run:
    """A server, and clients of it that take down each reply."""

    def __init__(self, server):
        self.server = server
        self.replies = []

    def client(self, service):
        made = aws_clients.client(service, self.server.url, **(
            {"s3": {"addressing_style": "path"}} if service == "s3" else {}))
        made.meta.events.register("before-parse", self._take_down)
        return made

    def _take_down(self, operation_model, response_dict, **_):
        headers = sorted((name.lower(), value) for name, value in response_dict["headers"].items()
                         if name.lower() not in NOT_OF_THE_CLOUD)
        self.replies.append((operation_model.name, response_dict["status_code"], headers,
                             response_dict["body"]))

    def own(self, method, path, body=None):
        return own_pages.ask(self.server, method, path, body=body)


def attempt(call, **request):
    """Faults are part of the scenario."""
    try:
        return call(**request)
    except Exception as error:  # pylint: disable=broad-except
        if not hasattr(error, "response"):
            raise
        return None


def make_resources(run):
    sqs, sns, s3, events, dynamodb = (
        run.client(service) for service in ("sqs", "sns", "s3", "events", "dynamodb"))
    url = sqs.create_queue(QueueName="orders", Attributes={"Policy": POLICY})["QueueUrl"]
    arn = "arn:aws:sqs:us-east-1:000000000000:orders"
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn,
                  Attributes={"RawMessageDelivery": "true"})
    s3.create_bucket(Bucket="reels")
    s3.put_bucket_notification_configuration(Bucket="reels", NotificationConfiguration={
        "QueueConfigurations": [{"Id": "new", "QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]})
    events.put_rule(Name="all", EventPattern='{"source": ["films"]}')
    events.put_targets(Rule="all", Targets=[{"Id": "1", "Arn": arn}])
    dynamodb.create_table(
        TableName="films", BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})
    return url, topic


FAULTS = [
    {"Action": "error", "Error": "throttling", "Probability": 0.2},
    {"Action": "error", "Error": "internal", "Service": "dynamodb", "Every": 5},
    {"Action": "latency", "Latency": "1ms..5ms", "Probability": 0.3},
    {"Action": "duplicate", "Probability": 0.3},
    {"Action": "reorder", "Latency": "0ms..5s", "Probability": 0.5},
    {"Action": "lost-ack", "Probability": 0.2},
]


def use_everything(run, url, topic):
    sqs, sns, s3, events, dynamodb, kms = (
        run.client(service) for service in ("sqs", "sns", "s3", "events", "dynamodb", "kms"))
    key = attempt(kms.create_key)
    for number in range(12):
        attempt(sqs.send_message, QueueUrl=url, MessageBody=f"sent {number}")
        attempt(sns.publish, TopicArn=topic, Message=f"published {number}")
        attempt(s3.put_object, Bucket="reels", Key=f"{number}", Body=b"reel")
        attempt(events.put_events, Entries=[
            {"Source": "films", "DetailType": "seen", "Detail": json.dumps({"number": number})}])
        attempt(dynamodb.put_item, TableName="films", Item={"id": {"S": str(number)}})
        if key:
            attempt(kms.describe_key, KeyId=key["KeyMetadata"]["KeyId"])
        run.own("POST", "clock?advance=1s")
    run.own("POST", "clock?action=run-until-idle")
    for _ in range(20):
        for message in (attempt(sqs.receive_message, QueueUrl=url, MaxNumberOfMessages=10,
                                AttributeNames=["All"]) or {}).get("Messages", []):
            attempt(sqs.delete_message, QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        run.own("POST", "clock?advance=7s")
    attempt(dynamodb.scan, TableName="films")
    attempt(s3.list_objects_v2, Bucket="reels")


def replies_of(place, port, seed):
    with matinee_server.Server(place, port=port,
                               arguments=["--seed", seed, "--clock", "paused"]) as server:
        run = Run(server)
        url, topic = make_resources(run)
        for fault in FAULTS:
            run.own("POST", "faults", fault)
        use_everything(run, url, topic)
        faults = run.own("GET", "faults")
        assert all(fault["Hits"] > 0 for fault in faults["Faults"]), faults
        return run.replies, faults


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    port = matinee_server.free_port()
    return [replies_of(tmp_path_factory.mktemp("seed") / str(number), port, seed)
            for number, seed in enumerate(["7", "7", "8"])]


def test_six_services_reply_the_same_bytes_for_the_same_seed(runs):
    [(first, faults), (second, faults_again), _] = runs
    assert len(first) > 80
    for one, other in zip(first, second):
        assert one == other
    assert len(first) == len(second)
    assert faults == faults_again


def test_whoever_looks_on_and_what_a_job_tells_of_itself_changes_no_id(tmp_path):
    def ids(place, watch):
        with matinee_server.Server(place, arguments=["--seed", "7", "--clock", "paused"]) as server:
            run = Run(server)
            sqs = run.client("sqs")
            url = sqs.create_queue(QueueName="orders")["QueueUrl"]
            for number in range(5):
                watch(run, number)
                sqs.send_message(QueueUrl=url, MessageBody=f"sent {number}")
            return [(headers, body) for _, _, headers, body in run.replies]

    def tell(run, number):
        run.own("PUT", "jobs/one", {"Kind": "publish", "State": "running", "Done": number})
        run.own("GET", "jobs")
        run.own("GET", "trace")

    quiet, watched = [[(dict(headers).get("x-amzn-requestid"), json.loads(body).get("MessageId"))
                       for headers, body in ids(tmp_path / name, watch)]
                      for name, watch in [("quiet", lambda *_: None), ("watched", tell)]]
    assert all(request for request, _ in quiet)
    assert watched == quiet


def test_a_clock_that_stands_begins_at_the_same_time_in_each_run(tmp_path):
    with matinee_server.Server(tmp_path / "data",
                               arguments=["--seed", "7", "--clock", "paused"]) as server:
        clock = Run(server).own("GET", "clock")
        assert clock["Now"] == "2040-01-01T00:00:00Z"
    # What is kept is not from the future of the next run.
    with matinee_server.Server(tmp_path / "data") as server:
        assert Run(server).own("GET", "clock")["Now"][:4] == "2040"


def test_another_seed_has_other_ids_and_faults(runs):
    [(first, faults), _, (other, other_faults)] = runs
    assert first != other
    assert faults != other_faults


def test_with_a_seed_what_a_call_has_caused_is_done_when_it_is_answered(tmp_path):
    with matinee_server.Server(tmp_path / "data",
                               arguments=["--seed", "7", "--clock", "paused"]) as server:
        run = Run(server)
        sqs, sns = run.client("sqs"), run.client("sns")
        topic = sns.create_topic(Name="news")["TopicArn"]
        urls = []
        for number in range(50):
            urls.append(sqs.create_queue(QueueName=f"q{number}", Attributes={"Policy": POLICY})[
                "QueueUrl"])
            sns.subscribe(TopicArn=topic, Protocol="sqs",
                          Endpoint=f"arn:aws:sqs:us-east-1:000000000000:q{number}")
        # Whose attempts may be hit is not handed over within the call.
        run.own("POST", "faults", {"Action": "lost-ack", "Every": 1000})
        sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[
            {"Id": str(number), "Message": 20_000 * "a"} for number in range(10)])
        held = [len(sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []))
                for url in reversed(urls)]
        assert held == 50 * [10]
