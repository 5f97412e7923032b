"""Events that services of the cloud send to the default bus, as AWS documents them."""

import datetime
import json
import subprocess

import aws_clients
import matinee_server
import pytest

ACCOUNT = "000000000000"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with matinee_server.Server(tmp_path_factory.mktemp("told") / "data",
                               arguments=["--clock", "paused"]) as server:
        yield server


@pytest.fixture(scope="module")
def ssm(server):
    return aws_clients.client("ssm", server.url)


@pytest.fixture(scope="module")
def kms(server):
    return aws_clients.client("kms", server.url)


@pytest.fixture
def heard(server, name):
    """What a rule hears of a service, in the order of time."""
    sqs = aws_clients.client("sqs", server.url)
    events = aws_clients.client("events", server.url)
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
                      "Action": "sqs:SendMessage", "Resource": arn}})})

    def listen(source):
        events.put_rule(Name=name, EventPattern=json.dumps({"source": [source]}))
        events.put_targets(Rule=name, Targets=[{"Id": "q", "Arn": arn}])

    def receive():
        found = []
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                found.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return sorted(found, key=lambda event: event["time"])

    yield listen, receive
    events.remove_targets(Rule=name, Ids=["q"])
    events.delete_rule(Name=name)


def advance(server, span):
    subprocess.run([matinee_server.find_binary(), "clock", "advance", span, "--cloud", server.url],
                   check=True, timeout=60, capture_output=True)


def now_of(server):
    done = subprocess.run([matinee_server.find_binary(), "clock", "--format", "json", "--cloud",
                           server.url], check=True, timeout=60, capture_output=True)
    return datetime.datetime.fromisoformat(json.loads(done.stdout)["Now"])


def test_changes_of_a_parameter_are_told(ssm, heard, name):
    listen, receive = heard
    listen("aws.ssm")
    ssm.put_parameter(Name=f"/{name}/p", Value="a", Type="String", Description="Sample Parameter")
    ssm.put_parameter(Name=f"/{name}/p", Value="b", Overwrite=True)
    ssm.label_parameter_version(Name=f"/{name}/p", Labels=["good"])
    ssm.delete_parameters(Names=[f"/{name}/p", "/none"])
    told = receive()
    assert {event["detail-type"] for event in told} == {"Parameter Store Change"}
    assert {event["detail"]["operation"] for event in told} == {
        "Create", "Update", "LabelParameterVersion", "Delete"} and len(told) == 4
    assert told[0]["source"] == "aws.ssm" and told[0]["resources"] == [
        f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/{name}/p"]
    [created] = [event for event in told if event["detail"]["operation"] == "Create"]
    assert created["detail"] == {"operation": "Create", "name": f"/{name}/p", "type": "String",
                                 "description": "Sample Parameter"}


def test_policies_of_a_parameter_are_told_when_their_time_comes(server, ssm, heard, name):
    listen, receive = heard
    end = (now_of(server) + datetime.timedelta(days=10)).isoformat()
    no_change = {"Type": "NoChangeNotification", "Version": "1.0",
                 "Attributes": {"After": "36", "Unit": "Hours"}}
    ssm.put_parameter(Name=name, Value="v", Type="String", Tier="Advanced", Policies=json.dumps([
        {"Type": "Expiration", "Version": "1.0", "Attributes": {"Timestamp": end}},
        {"Type": "ExpirationNotification", "Version": "1.0",
         "Attributes": {"Before": "1", "Unit": "Days"}}, no_change]))
    listen("aws.ssm")
    advance(server, "2d")
    [told] = receive()
    assert told["detail-type"] == "Parameter Store Policy Action"
    detail = told["detail"]
    assert json.loads(detail.pop("policy-content")) == no_change
    reason = detail.pop("action-reason")
    assert reason.startswith("The parameter has not been changed for 36 hours. This notification "
                             "was generated based on the policy created at ")
    assert detail == {"policy-type": "NoChangeNotification", "parameter-name": name,
                      "parameter-type": "String", "action-status": "Success"}
    advance(server, "8d")
    told = receive()
    assert [event["detail"]["policy-type"] for event in told] == ["ExpirationNotification",
                                                                  "Expiration"]
    assert told[1]["detail"]["parameter-name"] == name
    with pytest.raises(ssm.exceptions.ParameterNotFound):
        ssm.get_parameter(Name=name)


def test_a_changed_parameter_waits_anew_and_forgets_policies_that_went(server, ssm, heard, name):
    listen, receive = heard
    listen("aws.ssm")
    policy = [{"Type": "NoChangeNotification", "Version": "1.0",
               "Attributes": {"After": "2", "Unit": "Days"}}]
    for parameter in ("kept", "bare"):
        ssm.put_parameter(Name=f"/{name}/{parameter}", Value="v", Type="String", Tier="Advanced",
                          Policies=json.dumps(policy))
    advance(server, "1d")
    ssm.put_parameter(Name=f"/{name}/kept", Value="w", Overwrite=True)
    ssm.put_parameter(Name=f"/{name}/bare", Value="w", Overwrite=True, Policies="[{}]")
    receive()
    advance(server, "1d12h")
    assert receive() == []
    advance(server, "1d")
    assert [event["detail"]["parameter-name"] for event in receive()] == [f"/{name}/kept"]


def test_keys_tell_of_their_rotation_and_their_end(server, kms, heard):
    listen, receive = heard
    listen("aws.kms")
    key = kms.create_key()["KeyMetadata"]
    kms.enable_key_rotation(KeyId=key["KeyId"], RotationPeriodInDays=90)
    advance(server, "91d")
    [rotated] = [event for event in receive() if event["resources"] == [key["Arn"]]]
    assert rotated["detail-type"] == "KMS CMK Rotation"
    assert rotated["detail"] == {"key-id": key["KeyId"]}
    kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    advance(server, "8d")
    [gone] = [event for event in receive() if event["resources"] == [key["Arn"]]]
    assert gone["detail-type"] == "KMS CMK Deletion"


def test_a_bucket_tells_what_happened_to_its_objects(server, heard, name):
    listen, receive = heard
    listen("aws.s3")
    s3 = aws_clients.client("s3", server.url, s3={"addressing_style": "path"})
    s3.create_bucket(Bucket=name)
    s3.put_bucket_notification_configuration(
        Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}})
    s3.put_object(Bucket=name, Key="a b", Body=b"hello")
    s3.copy_object(Bucket=name, Key="copy", CopySource={"Bucket": name, "Key": "a b"})
    s3.put_object_tagging(Bucket=name, Key="copy", Tagging={
        "TagSet": [{"Key": "k", "Value": "v"}]})
    s3.delete_object(Bucket=name, Key="a b")
    told = receive()
    by_kind = {(event["detail-type"], event["detail"].get("reason")): event["detail"]
               for event in told}
    assert set(by_kind) == {("Object Created", "PutObject"), ("Object Created", "CopyObject"),
                            ("Object Tags Added", None), ("Object Deleted", "DeleteObject")}
    created = by_kind["Object Created", "PutObject"]
    assert list(created) == ["version", "event-version", "bucket", "object", "request-id",
                             "requester", "source-ip-address", "reason"]
    assert created["event-version"] == "1.1" and created["requester"] == ACCOUNT
    assert list(created["object"]) == ["key", "size", "etag", "sequencer"]
    assert created["object"]["key"] == "a b" and created["object"]["size"] == 5
    deleted = by_kind["Object Deleted", "DeleteObject"]
    assert deleted["deletion-type"] == "Permanently Deleted"
    # Size and entity tag are only told of delete markers.
    assert list(deleted["object"]) == ["key", "sequencer"]
