"""Notifications from buckets to queues, as boto3 sees them."""

import concurrent.futures
import json

import aws_clients
import matinee_server
import pytest
import urllib3
from botocore.exceptions import ClientError


@pytest.fixture(scope="module")
def sqs_client(endpoint):
    return aws_clients.client("sqs", endpoint)


class Target:
    """A queue that a bucket may notify."""

    def __init__(self, sqs, name, bucket, allow=True):
        self.sqs = sqs
        self.url = sqs.create_queue(QueueName=name)["QueueUrl"]
        self.arn = sqs.get_queue_attributes(
            QueueUrl=self.url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        if allow:
            self.allow(bucket)

    def allow(self, bucket):
        policy = {"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "sqs:SendMessage", "Resource": self.arn,
            "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{bucket}"}}}]}
        self.sqs.set_queue_attributes(QueueUrl=self.url,
                                      Attributes={"Policy": json.dumps(policy)})

    def receive(self, count):
        """Exactly so many messages, as JSON."""
        bodies = []
        while len(bodies) < count:
            messages = self.sqs.receive_message(
                QueueUrl=self.url, MaxNumberOfMessages=10, WaitTimeSeconds=10)["Messages"]
            for message in messages:
                bodies.append(json.loads(message["Body"]))
                self.sqs.delete_message(QueueUrl=self.url,
                                        ReceiptHandle=message["ReceiptHandle"])
        assert len(bodies) == count
        return bodies


@pytest.fixture
def target(sqs_client, bucket, name):
    return Target(sqs_client, f"{name}-queue", bucket)


def rule(target, events, **filters):
    configuration = {"Id": "rule", "QueueArn": target.arn, "Events": events}
    if filters:
        configuration["Filter"] = {"Key": {"FilterRules": [
            {"Name": name, "Value": value} for name, value in filters.items()]}}
    return configuration


def notify(s3, bucket, *rules, **parameters):
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"QueueConfigurations": list(rules)},
        **parameters)


def test_a_configuration_is_returned_and_begins_with_a_test_message(s3, bucket, target):
    empty = s3.get_bucket_notification_configuration(Bucket=bucket)
    assert "QueueConfigurations" not in empty
    notify(s3, bucket, rule(target, ["s3:ObjectCreated:*"], prefix="in/", suffix=".jpg"))
    [test] = target.receive(1)
    assert test["Event"] == "s3:TestEvent"
    assert test["Bucket"] == bucket
    assert test["Service"] == "Amazon S3"
    [kept] = s3.get_bucket_notification_configuration(Bucket=bucket)["QueueConfigurations"]
    assert kept == rule(target, ["s3:ObjectCreated:*"], Prefix="in/", Suffix=".jpg")


def test_records_have_the_form_that_consumers_know(s3, bucket, target):
    notify(s3, bucket, rule(target, ["s3:ObjectCreated:*"]))
    target.receive(1)
    put = s3.put_object(Bucket=bucket, Key="in/a b+ä.jpg", Body=b"content")
    [message] = target.receive(1)
    [record] = message["Records"]
    assert record["eventVersion"] == "2.1"
    assert record["eventSource"] == "aws:s3"
    assert record["awsRegion"] == "us-east-1"
    assert record["eventName"] == "ObjectCreated:Put"
    assert record["eventTime"].endswith("Z") and len(record["eventTime"]) == 24
    assert record["requestParameters"] == {"sourceIPAddress": "127.0.0.1"}
    assert record["responseElements"]["x-amz-request-id"] == put["ResponseMetadata"]["RequestId"]
    assert record["responseElements"]["x-amz-id-2"] == put["ResponseMetadata"]["HostId"]
    assert record["s3"]["configurationId"] == "rule"
    assert record["s3"]["bucket"]["name"] == bucket
    assert record["s3"]["bucket"]["arn"] == f"arn:aws:s3:::{bucket}"
    described = record["s3"]["object"]
    assert described.pop("sequencer")
    assert described == {"key": "in/a+b%2B%C3%A4.jpg", "size": 7, "eTag": put["ETag"].strip('"')}


def test_all_kinds_of_changes_are_told(s3, bucket, target):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    notify(s3, bucket, rule(target, ["s3:ObjectCreated:*", "s3:ObjectRemoved:*",
                                     "s3:ObjectTagging:*"]))
    target.receive(1)
    version = s3.put_object(Bucket=bucket, Key="key", Body=b"1")["VersionId"]
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/key")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="parts")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="parts", UploadId=upload, PartNumber=1, Body=b"x")
    s3.complete_multipart_upload(
        Bucket=bucket, Key="parts", UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    s3.put_object_tagging(Bucket=bucket, Key="key",
                          Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    s3.delete_object_tagging(Bucket=bucket, Key="key")
    s3.delete_object(Bucket=bucket, Key="key")
    s3.delete_object(Bucket=bucket, Key="key", VersionId=version)
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "copy"}, {"Key": "parts"}]})
    told = [(record["eventName"], record["s3"]["object"]["key"])
            for message in target.receive(9) for record in message["Records"]]
    assert sorted(told) == sorted([
        ("ObjectCreated:Put", "key"), ("ObjectCreated:Copy", "copy"),
        ("ObjectCreated:CompleteMultipartUpload", "parts"), ("ObjectTagging:Put", "key"),
        ("ObjectTagging:Delete", "key"), ("ObjectRemoved:DeleteMarkerCreated", "key"),
        ("ObjectRemoved:Delete", "key"), ("ObjectRemoved:DeleteMarkerCreated", "copy"),
        ("ObjectRemoved:DeleteMarkerCreated", "parts")])


def test_filters_choose_by_the_beginning_and_the_end_of_keys(s3, bucket, target):
    notify(s3, bucket, rule(target, ["s3:ObjectCreated:Put"], prefix="in/", suffix=".jpg"))
    target.receive(1)
    for key in ("in/a.png", "out/a.jpg", "in/a.jpg"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    [message] = target.receive(1)
    assert message["Records"][0]["s3"]["object"]["key"] == "in/a.jpg"


def test_sequencers_of_a_key_grow(s3, bucket, target):
    notify(s3, bucket, rule(target, ["s3:ObjectCreated:*"]))
    target.receive(1)
    etags = [s3.put_object(Bucket=bucket, Key="key", Body=str(i).encode())["ETag"].strip('"')
             for i in range(20)]
    objects = [message["Records"][0]["s3"]["object"] for message in target.receive(20)]
    objects.sort(key=lambda each: each["sequencer"])
    assert [each["eTag"] for each in objects] == etags


def refusal(s3, bucket, *rules):
    with pytest.raises(ClientError) as refused:
        notify(s3, bucket, *rules)
    return refused.value.response["Error"]


def test_a_queue_must_be_there_and_let_the_bucket_send(s3, bucket, name, sqs_client, target):
    unable = "Unable to validate the following destination configurations"
    closed = Target(sqs_client, f"{name}-closed", bucket, allow=False)
    created = ["s3:ObjectCreated:*"]
    error = refusal(s3, bucket, rule(closed, created))
    assert (error["Code"], error["Message"]) == ("InvalidArgument", unable)
    assert error["ArgumentName1"] == closed.arn
    assert "Permissions" in error["ArgumentValue1"]
    sqs_client.delete_queue(QueueUrl=target.url)
    error = refusal(s3, bucket, rule(target, created))
    assert (error["Code"], error["Message"]) == ("InvalidArgument", unable)
    assert error["ArgumentValue1"] == "The destination queue does not exist"
    assert "QueueConfigurations" not in s3.get_bucket_notification_configuration(Bucket=bucket)
    notify(s3, bucket, rule(closed, created), SkipDestinationValidation=True)
    assert "QueueConfigurations" in s3.get_bucket_notification_configuration(Bucket=bucket)


def test_a_queue_that_lets_another_bucket_send_refuses_this_one(s3, bucket, name, sqs_client):
    other = Target(sqs_client, f"{name}-other", "another-bucket")
    assert refusal(s3, bucket, rule(other, ["s3:ObjectCreated:*"]))["Code"] == "InvalidArgument"


def test_configurations_that_make_no_sense_are_refused(s3, bucket, target, sqs_client, name):
    one = rule(target, ["s3:ObjectCreated:*"])
    two = rule(target, ["s3:ObjectCreated:Put"]) | {"Id": "two"}
    assert refusal(s3, bucket, one, two)["Message"].startswith("Configurations overlap")
    assert refusal(s3, bucket, rule(target, ["s3:ObjectEaten:*"]))["Code"] == "InvalidArgument"
    assert refusal(s3, bucket, rule(target, ["s3:ObjectCreated:*"], infix="x"))[
        "Code"] == "InvalidArgument"
    fifo = sqs_client.create_queue(QueueName=f"{name}.fifo", Attributes={"FifoQueue": "true"})
    arn = sqs_client.get_queue_attributes(QueueUrl=fifo["QueueUrl"], AttributeNames=["QueueArn"])
    assert refusal(s3, bucket, one | {"QueueArn": arn["Attributes"]["QueueArn"]})[
        "Code"] == "InvalidArgument"


def test_a_function_that_is_not_there_is_refused(s3, bucket):
    configuration = {"LambdaFunctionConfigurations": [
        {"LambdaFunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:f",
         "Events": ["s3:ObjectCreated:*"]}]}
    with pytest.raises(ClientError) as refused:
        s3.put_bucket_notification_configuration(Bucket=bucket,
                                                 NotificationConfiguration=configuration)
    error = refused.value.response["Error"]
    assert error["Code"] == "InvalidArgument"
    assert error["Message"] == "Unable to validate the following destination configurations"


def test_a_topic_that_is_not_there_is_refused(s3, bucket):
    configuration = {"TopicConfigurations": [
        {"TopicArn": "arn:aws:sns:us-east-1:000000000000:missing",
         "Events": ["s3:ObjectCreated:*"]}]}
    with pytest.raises(ClientError) as refused:
        s3.put_bucket_notification_configuration(Bucket=bucket,
                                                 NotificationConfiguration=configuration)
    error = refused.value.response["Error"]
    assert error["Code"] == "InvalidArgument"
    assert error["ArgumentValue1"] == "The destination topic does not exist"


def test_an_empty_configuration_ends_notifications(s3, bucket, target, sqs_client):
    notify(s3, bucket, rule(target, ["s3:ObjectCreated:*"]))
    target.receive(1)
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    s3.put_object(Bucket=bucket, Key="silent", Body=b"x")
    notify(s3, bucket, rule(target, ["s3:ObjectRemoved:*"]))
    [message] = target.receive(1)
    assert message["Event"] == "s3:TestEvent"


def keys_told(target, wanted):
    """Keys of events until all that are wanted have come; each may come more than once."""
    told = set()
    while not wanted <= told:
        messages = target.sqs.receive_message(
            QueueUrl=target.url, MaxNumberOfMessages=10, WaitTimeSeconds=20).get("Messages", [])
        assert messages, f"never told: {sorted(wanted - told)[:10]}"
        for message in messages:
            records = json.loads(message["Body"]).get("Records", [])
            told |= {record["s3"]["object"]["key"] for record in records}
            target.sqs.delete_message(QueueUrl=target.url,
                                      ReceiptHandle=message["ReceiptHandle"])
    return told


def test_what_was_acknowledged_is_told_though_the_server_is_killed(tmp_path):
    with matinee_server.Server(tmp_path / "data") as server:
        s3 = aws_clients.client("s3", server.url, s3={"addressing_style": "path"})
        s3.create_bucket(Bucket="bucket")
        target = Target(aws_clients.client("sqs", server.url), "queue", "bucket")
        notify(s3, "bucket", rule(target, ["s3:ObjectCreated:*"]))
        # A queue that is closed for the moment, so that all is still to be told.
        target.sqs.set_queue_attributes(QueueUrl=target.url, Attributes={"Policy": ""})
        waiting = {f"waiting-{i}" for i in range(50)}
        for key in sorted(waiting):
            s3.put_object(Bucket="bucket", Key=key, Body=b"x")
        server.kill()
        server.start()
        target.allow("bucket")
        acknowledged = set()

        def put(number):
            s3.put_object(Bucket="bucket", Key=f"later-{number}", Body=b"x")
            acknowledged.add(f"later-{number}")
            if number == 300:
                server.process.kill()

        with concurrent.futures.ThreadPoolExecutor(8) as threads:
            puts = [threads.submit(put, number) for number in range(600)]
        failures = [each.exception() for each in puts]
        assert any(failures) and len(acknowledged) >= 200
        server.wait()
        server.start()
        keys_told(target, waiting | acknowledged)


def test_a_browsers_form_is_told_of_as_such(s3, bucket, target):
    notify(s3, bucket, rule(target, ["s3:ObjectCreated:Post"]))
    target.receive(1)
    s3.put_object(Bucket=bucket, Key="by-put", Body=b"x")
    form = s3.generate_presigned_post(bucket, "by-form")
    answer = urllib3.request("POST", form["url"], fields={**form["fields"], "file": ("f", b"xyz")})
    assert answer.status == 204
    [message] = target.receive(1)
    assert message["Records"][0]["eventName"] == "ObjectCreated:Post"
    assert message["Records"][0]["s3"]["object"]["key"] == "by-form"
    assert message["Records"][0]["s3"]["object"]["size"] == 3


def test_the_removal_of_what_is_not_there_is_told(s3, bucket, target):
    notify(s3, bucket, rule(target, ["s3:ObjectRemoved:*"]))
    target.receive(1)  # the test message
    s3.delete_object(Bucket=bucket, Key="one")
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "two"}, {"Key": "three"}]})
    records = [message["Records"][0] for message in target.receive(3)]
    assert {record["s3"]["object"]["key"] for record in records} == {"one", "two", "three"}
    assert {record["eventName"] for record in records} == {"ObjectRemoved:Delete"}


@pytest.mark.parametrize("spelling", ["prefix", "Prefix", "PREFIX", "pReFiX"])
def test_the_names_of_filters_are_taken_in_any_case(s3, bucket, target, spelling):
    notify(s3, bucket, rule(target, ["s3:ObjectCreated:*"], **{spelling: "films/"}))
    kept = s3.get_bucket_notification_configuration(Bucket=bucket)["QueueConfigurations"][0]
    assert kept["Filter"]["Key"]["FilterRules"] == [{"Name": "Prefix", "Value": "films/"}]


def test_a_name_that_no_filter_has_is_shown(s3, bucket, target):
    with pytest.raises(ClientError) as raised:
        notify(s3, bucket, rule(target, ["s3:ObjectCreated:*"], infix="x"))
    assert raised.value.response["Error"] == {
        "Code": "InvalidArgument", "Message": "filter rule name must be either prefix or suffix",
        "ArgumentName": "FilterRule.Name", "ArgumentValue": "infix"}


def test_the_trace_of_a_request_goes_with_its_message(s3, sqs_client, bucket, target):
    trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"
    notify(s3, bucket, rule(target, ["s3:ObjectCreated:*"]))
    target.receive(1)  # the test message
    s3.meta.events.register_first(
        "before-send.s3.PutObject",
        lambda request, **_: request.headers.__setitem__("X-Amzn-Trace-Id", trace),
        unique_id="trace")
    try:
        s3.put_object(Bucket=bucket, Key="traced")
    finally:
        s3.meta.events.unregister("before-send.s3.PutObject", unique_id="trace")
    s3.put_object(Bucket=bucket, Key="untraced")
    seen = {}
    while len(seen) < 2:
        for message in sqs_client.receive_message(
                QueueUrl=target.url, MaxNumberOfMessages=10, WaitTimeSeconds=10,
                MessageSystemAttributeNames=["AWSTraceHeader"])["Messages"]:
            key = json.loads(message["Body"])["Records"][0]["s3"]["object"]["key"]
            seen[key] = message.get("Attributes", {}).get("AWSTraceHeader")
    assert seen == {"traced": trace, "untraced": None}
