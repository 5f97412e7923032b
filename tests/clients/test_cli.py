"""The aws command: every operation of SQS, DynamoDB and STS, typed as a user would."""

import json

import pytest
from aws_cli import Cli, Failed


@pytest.fixture
def aws(endpoint, tmp_path):
    return Cli(endpoint, tmp_path)


def test_queues_by_command(aws, name):
    url = aws("sqs", "create-queue", "--queue-name", name, "--attributes", "VisibilityTimeout=40",
              "--tags", "team=cinema")["QueueUrl"]
    assert aws("sqs", "get-queue-url", "--queue-name", name) == {"QueueUrl": url}
    listed = aws("sqs", "list-queues", "--queue-name-prefix", name)
    assert listed["QueueUrls"] == [url]
    aws("sqs", "set-queue-attributes", "--queue-url", url, "--attributes", "DelaySeconds=0")
    got = aws("sqs", "get-queue-attributes", "--queue-url", url, "--attribute-names", "All")
    assert got["Attributes"]["VisibilityTimeout"] == "40"
    aws("sqs", "tag-queue", "--queue-url", url, "--tags", "stage=test")
    aws("sqs", "untag-queue", "--queue-url", url, "--tag-keys", "team")
    assert aws("sqs", "list-queue-tags", "--queue-url", url)["Tags"] == {"stage": "test"}
    aws("sqs", "purge-queue", "--queue-url", url)
    aws("sqs", "delete-queue", "--queue-url", url)
    with pytest.raises(Failed) as raised:
        aws("sqs", "get-queue-url", "--queue-name", name)
    assert "NonExistentQueue" in raised.value.error


def test_messages_by_command(aws, name):
    url = aws("sqs", "create-queue", "--queue-name", name)["QueueUrl"]
    sent = aws("sqs", "send-message", "--queue-url", url, "--message-body", "one",
               "--message-attributes", "film={DataType=String,StringValue=M}")
    assert sent["MD5OfMessageAttributes"]
    batch = [{"Id": str(i), "MessageBody": f"b{i}"} for i in range(3)]
    sent = aws("sqs", "send-message-batch", "--queue-url", url, "--entries", json.dumps(batch))
    assert len(sent["Successful"]) == 3
    handles = {}
    while len(handles) < 4:
        received = aws("sqs", "receive-message", "--queue-url", url, "--max-number-of-messages",
                       "10", "--wait-time-seconds", "5", "--message-attribute-names", "All")
        handles |= {message["Body"]: message["ReceiptHandle"] for message in received["Messages"]}
    aws("sqs", "change-message-visibility", "--queue-url", url, "--visibility-timeout", "60",
        "--receipt-handle", handles["one"])
    changes = [{"Id": "c", "ReceiptHandle": handles["b0"], "VisibilityTimeout": 60}]
    changed = aws("sqs", "change-message-visibility-batch", "--queue-url", url, "--entries",
                  json.dumps(changes))
    assert changed["Successful"] == [{"Id": "c"}]
    aws("sqs", "delete-message", "--queue-url", url, "--receipt-handle", handles["one"])
    deletions = [{"Id": key, "ReceiptHandle": handles[key]} for key in ("b0", "b1", "b2")]
    deleted = aws("sqs", "delete-message-batch", "--queue-url", url, "--entries",
                  json.dumps(deletions))
    assert len(deleted["Successful"]) == 3


def test_tables_and_items_by_command(aws, name):
    table = ("--table-name", name)
    key = json.dumps({"id": {"S": "a"}})
    aws("dynamodb", "create-table", *table, "--billing-mode", "PAY_PER_REQUEST",
        "--attribute-definitions", "AttributeName=id,AttributeType=S",
        "--key-schema", "AttributeName=id,KeyType=HASH")
    aws("dynamodb", "wait", "table-exists", *table)
    assert name in aws("dynamodb", "list-tables")["TableNames"]
    described = aws("dynamodb", "describe-table", *table)
    assert described["Table"]["TableStatus"] == "ACTIVE"
    item = {"id": {"S": "a"}, "n": {"N": "1"}}
    aws("dynamodb", "put-item", *table, "--item", json.dumps(item))
    assert aws("dynamodb", "get-item", *table, "--key", key)["Item"] == item
    updated = aws("dynamodb", "update-item", *table, "--key", key, "--update-expression",
                  "SET n = n + :one", "--expression-attribute-values", '{":one": {"N": "1"}}',
                  "--return-values", "ALL_NEW")
    assert updated["Attributes"]["n"] == {"N": "2"}
    puts = {name: [{"PutRequest": {"Item": {"id": {"S": "b"}}}}]}
    aws("dynamodb", "batch-write-item", "--request-items", json.dumps(puts))
    got = aws("dynamodb", "batch-get-item", "--request-items",
              json.dumps({name: {"Keys": [{"id": {"S": "b"}}]}}))
    assert got["Responses"][name] == [{"id": {"S": "b"}}]
    queried = aws("dynamodb", "query", *table, "--key-condition-expression", "id = :id",
                  "--expression-attribute-values", '{":id": {"S": "a"}}')
    assert queried["Count"] == 1
    assert aws("dynamodb", "scan", *table, "--page-size", "1")["Count"] == 2
    aws("dynamodb", "delete-item", *table, "--key", key)
    with pytest.raises(Failed) as raised:
        aws("dynamodb", "delete-item", *table, "--key", key, "--condition-expression",
            "attribute_exists(id)")
    assert "ConditionalCheckFailedException" in raised.value.error
    aws("dynamodb", "delete-table", *table)


def test_the_caller_by_command(aws):
    identity = aws("sts", "get-caller-identity")
    assert identity["Account"] == "000000000000"
    assert identity["Arn"].startswith("arn:aws:")
    assert identity["UserId"]
    identity = aws("sts", "get-caller-identity", AWS_ACCESS_KEY_ID="123456789012")
    assert identity["Account"] == "123456789012"


def test_objects_by_api_command(aws, tmp_path, name):
    bucket = ("--bucket", name)
    key = (*bucket, "--key", "k")
    (tmp_path / "body").write_bytes(b"0123456789")
    aws("s3api", "create-bucket", *bucket)
    aws("s3api", "head-bucket", *bucket)
    aws("s3api", "put-object", *key, "--body", "body", "--metadata", "a=1",
        "--checksum-algorithm", "SHA256")
    head = aws("s3api", "head-object", *key, "--checksum-mode", "ENABLED")
    assert (head["ContentLength"], head["Metadata"]) == (10, {"a": "1"})
    assert head["ChecksumSHA256"]
    aws("s3api", "get-object", *key, "--range", "bytes=2-4", "out")
    assert (tmp_path / "out").read_bytes() == b"234"
    aws("s3api", "copy-object", *bucket, "--key", "copy", "--copy-source", f"{name}/k")
    listed = aws("s3api", "list-objects-v2", *bucket)["Contents"]
    assert [found["Key"] for found in listed] == ["copy", "k"]
    assert len(aws("s3api", "list-objects", *bucket)["Contents"]) == 2
    upload = aws("s3api", "create-multipart-upload", *key)["UploadId"]
    part = (*key, "--upload-id", upload)
    etag = aws("s3api", "upload-part", *part, "--part-number", "1", "--body", "body")["ETag"]
    assert len(aws("s3api", "list-parts", *part)["Parts"]) == 1
    aws("s3api", "complete-multipart-upload", *part, "--multipart-upload",
        json.dumps({"Parts": [{"PartNumber": 1, "ETag": etag}]}))
    upload = aws("s3api", "create-multipart-upload", *key)["UploadId"]
    aws("s3api", "abort-multipart-upload", *key, "--upload-id", upload)
    for gone in ("k", "copy"):
        aws("s3api", "delete-object", *bucket, "--key", gone)
    aws("s3api", "delete-bucket", *bucket)
    with pytest.raises(Failed) as raised:
        aws("s3api", "head-bucket", *bucket)
    assert "404" in raised.value.error


def test_files_are_copied_moved_listed_and_synchronised(aws, tmp_path, name):
    (tmp_path / "films").mkdir()
    for i in range(3):
        (tmp_path / "films" / f"{i}.txt").write_text(f"film {i}", encoding="utf-8")
    (tmp_path / "big").write_bytes(bytes(range(256)) * 80_000)
    assert aws("s3", "mb", f"s3://{name}").strip() == f"make_bucket: {name}"
    assert name in aws("s3", "ls")
    aws("s3", "cp", "big", f"s3://{name}/big", "--no-progress")
    aws("s3", "cp", f"s3://{name}/big", "back", "--no-progress")
    assert (tmp_path / "back").read_bytes() == (tmp_path / "big").read_bytes()
    aws("s3", "sync", "films", f"s3://{name}/films", "--no-progress")
    assert aws("s3", "sync", "films", f"s3://{name}/films", "--no-progress") == ""
    listing = aws("s3", "ls", f"s3://{name}")
    assert "PRE films/" in listing and "20480000 big" in listing
    assert aws("s3", "ls", f"s3://{name}/films/", "--recursive").count(".txt") == 3
    aws("s3", "mv", f"s3://{name}/films/0.txt", "moved.txt", "--no-progress")
    assert (tmp_path / "moved.txt").read_text(encoding="utf-8") == "film 0"
    assert aws("s3", "ls", f"s3://{name}/films/").count(".txt") == 2
    aws("s3", "cp", f"s3://{name}/films/1.txt", f"s3://{name}/copy.txt", "--no-progress")
    (tmp_path / "films" / "1.txt").unlink()
    aws("s3", "sync", "films", f"s3://{name}/films", "--delete", "--no-progress")
    assert "1.txt" not in aws("s3", "ls", f"s3://{name}/films/")
    url = aws("s3", "presign", f"s3://{name}/copy.txt").strip()
    assert "X-Amz-Signature" in url or "Signature=" in url
    aws("s3", "rm", f"s3://{name}", "--recursive")
    assert aws("s3", "rb", f"s3://{name}").strip() == f"remove_bucket: {name}"


def test_a_bucket_that_is_not_empty_is_removed_only_by_force(aws, tmp_path, name):
    (tmp_path / "f").write_text("x", encoding="utf-8")
    aws("s3", "mb", f"s3://{name}")
    aws("s3", "cp", "f", f"s3://{name}/f", "--no-progress")
    with pytest.raises(Failed) as raised:
        aws("s3", "rb", f"s3://{name}")
    assert "BucketNotEmpty" in raised.value.error
    aws("s3", "rb", f"s3://{name}", "--force")
