"""Configurations of S3 buckets: kept as they were put, returned as infrastructure tools expect."""

import json

import aws_clients
import pytest
from aws_clients import error_of
from botocore.exceptions import ClientError

SIMPLE = {
    "cors": ("CORSConfiguration", {"CORSRules": [
        {"ID": "one", "AllowedHeaders": ["*"], "AllowedMethods": ["GET", "PUT"],
         "AllowedOrigins": ["https://*.example.com"], "ExposeHeaders": ["ETag"],
         "MaxAgeSeconds": 3000},
        {"AllowedMethods": ["HEAD"], "AllowedOrigins": ["*"]}]}),
    "tagging": ("Tagging", {"TagSet": [{"Key": "stage", "Value": "rehearsal"},
                                       {"Key": "owner", "Value": ""}]}),
    "website": ("WebsiteConfiguration", {
        "IndexDocument": {"Suffix": "index.html"}, "ErrorDocument": {"Key": "errors/404.html"},
        "RoutingRules": [{"Condition": {"KeyPrefixEquals": "docs/"},
                          "Redirect": {"ReplaceKeyPrefixWith": "documents/"}}]}),
}


def without_metadata(response):
    return {name: value for name, value in response.items() if name != "ResponseMetadata"}


@pytest.mark.parametrize("kind", SIMPLE)
def test_a_configuration_is_returned_as_it_was_put_until_it_is_deleted(s3, bucket, kind):
    argument, configuration = SIMPLE[kind]
    put, get, delete = (getattr(s3, f"{verb}_bucket_{kind}") for verb in ("put", "get", "delete"))
    with pytest.raises(ClientError) as raised:
        get(Bucket=bucket)
    assert raised.value.response["Error"]["BucketName"] == bucket
    put(Bucket=bucket, **{argument: configuration})
    assert without_metadata(get(Bucket=bucket)) == configuration
    assert delete(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert delete(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 204
    with pytest.raises(ClientError):
        get(Bucket=bucket)


@pytest.mark.parametrize("call, code, message", [
    ("get_bucket_cors", "NoSuchCORSConfiguration", "The CORS configuration does not exist"),
    ("get_bucket_tagging", "NoSuchTagSet", "The TagSet does not exist"),
    ("get_bucket_website", "NoSuchWebsiteConfiguration",
     "The specified bucket does not have a website configuration"),
    ("get_bucket_lifecycle_configuration", "NoSuchLifecycleConfiguration",
     "The lifecycle configuration does not exist"),
    ("get_bucket_replication", "ReplicationConfigurationNotFoundError",
     "The replication configuration was not found"),
])
def test_what_was_never_put_is_missing_under_its_own_code(s3, bucket, call, code, message):
    with pytest.raises(ClientError) as raised:
        getattr(s3, call)(Bucket=bucket)
    assert error_of(raised) == (code, 404)
    assert raised.value.response["Error"]["Message"] == message


def test_what_every_bucket_has_is_told_of_new_ones(s3, bucket):
    encryption = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    assert encryption == {"Rules": [
        {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
         "BucketKeyEnabled": False}]}
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"
    assert "Status" not in s3.get_bucket_accelerate_configuration(Bucket=bucket)
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)
    assert s3.get_bucket_abac(Bucket=bucket)["AbacStatus"]["Status"] == "Disabled"


def test_default_encryption_can_be_changed_and_reset(s3, bucket):
    key = "arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555"
    rules = [{"ApplyServerSideEncryptionByDefault":
              {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}, "BucketKeyEnabled": True}]
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": rules})
    found = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    assert found["Rules"] == rules
    s3.delete_bucket_encryption(Bucket=bucket)
    found = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    assert found["Rules"][0]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] = "AES256"
    with pytest.raises(ClientError) as raised:
        s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": rules})
    assert error_of(raised) == ("InvalidArgument", 400)


def test_logs_go_to_a_bucket_that_exists_until_logging_ends(s3, bucket, name):
    logging = {"TargetBucket": name + "-logs", "TargetPrefix": "logs/",
               "TargetObjectKeyFormat": {"PartitionedPrefix": {"PartitionDateSource": "EventTime"}}}
    with pytest.raises(ClientError) as raised:
        s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={"LoggingEnabled": logging})
    assert error_of(raised) == ("InvalidTargetBucketForLogging", 400)
    s3.create_bucket(Bucket=name + "-logs")
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={"LoggingEnabled": logging})
    assert s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"] == logging
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={})
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)


def test_payment_acceleration_and_access_by_tags_are_switches(s3, bucket):
    s3.put_bucket_request_payment(
        Bucket=bucket, RequestPaymentConfiguration={"Payer": "Requester"})
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "Requester"
    s3.put_bucket_accelerate_configuration(
        Bucket=bucket, AccelerateConfiguration={"Status": "Enabled"})
    assert s3.get_bucket_accelerate_configuration(Bucket=bucket)["Status"] == "Enabled"
    s3.put_bucket_abac(Bucket=bucket, AbacStatus={"Status": "Enabled"})
    assert s3.get_bucket_abac(Bucket=bucket)["AbacStatus"]["Status"] == "Enabled"


def test_names_with_dots_are_not_accelerated(s3, name):
    s3.create_bucket(Bucket=name + ".dotted")
    with pytest.raises(ClientError) as raised:
        s3.put_bucket_accelerate_configuration(
            Bucket=name + ".dotted", AccelerateConfiguration={"Status": "Enabled"})
    assert error_of(raised) == ("InvalidRequest", 400)


def test_replication_needs_versioning_and_a_target(s3, bucket, name):
    target = name + "-target"
    s3.create_bucket(Bucket=target)
    configuration = {
        "Role": "arn:aws:iam::000000000000:role/replication",
        "Rules": [{"ID": "all", "Priority": 1, "Filter": {"Prefix": ""}, "Status": "Enabled",
                   "DeleteMarkerReplication": {"Status": "Disabled"},
                   "Destination": {"Bucket": f"arn:aws:s3:::{target}",
                                   "StorageClass": "STANDARD_IA"}}]}

    def put():
        s3.put_bucket_replication(Bucket=bucket, ReplicationConfiguration=configuration)

    with pytest.raises(ClientError) as raised:
        put()
    assert error_of(raised) == ("InvalidRequest", 400)
    for each in (bucket, target):
        s3.put_bucket_versioning(Bucket=each, VersioningConfiguration={"Status": "Enabled"})
    put()
    found = s3.get_bucket_replication(Bucket=bucket)["ReplicationConfiguration"]
    assert found == configuration
    s3.delete_bucket_replication(Bucket=bucket)
    with pytest.raises(ClientError) as raised:
        s3.get_bucket_replication(Bucket=bucket)
    assert error_of(raised) == ("ReplicationConfigurationNotFoundError", 404)


IDENTIFIED = {
    "inventory": ("InventoryConfiguration", {
        "Id": "one", "IsEnabled": True, "IncludedObjectVersions": "Current",
        "Destination": {"S3BucketDestination": {
            "Bucket": "arn:aws:s3:::reports", "Format": "CSV",
            "Encryption": {"SSES3": {}}}},
        "OptionalFields": ["Size", "ETag"], "Schedule": {"Frequency": "Daily"}}),
    "analytics": ("AnalyticsConfiguration", {
        "Id": "one", "Filter": {"Prefix": "a/"}, "StorageClassAnalysis": {"DataExport": {
            "OutputSchemaVersion": "V_1", "Destination": {"S3BucketDestination": {
                "Format": "CSV", "Bucket": "arn:aws:s3:::reports"}}}}}),
    "metrics": ("MetricsConfiguration", {
        "Id": "one", "Filter": {"And": {"Prefix": "a/", "Tags": [{"Key": "k", "Value": "v"}]}}}),
    "intelligent_tiering": ("IntelligentTieringConfiguration", {
        "Id": "one", "Status": "Enabled",
        "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}]}),
}


@pytest.mark.parametrize("kind", IDENTIFIED)
def test_configurations_with_ids_are_put_listed_and_deleted(s3, bucket, kind):
    argument, configuration = IDENTIFIED[kind]
    verbs = ("put", "get", "delete")
    put, get, delete = (getattr(s3, f"{verb}_bucket_{kind}_configuration") for verb in verbs)
    listing = getattr(s3, f"list_bucket_{kind}_configurations")
    with pytest.raises(ClientError) as raised:
        get(Bucket=bucket, Id="one")
    assert error_of(raised) == ("NoSuchConfiguration", 404)
    assert not listing(Bucket=bucket).get(argument + "List")
    put(Bucket=bucket, Id="one", **{argument: configuration})
    put(Bucket=bucket, Id="two", **{argument: {**configuration, "Id": "two"}})
    assert get(Bucket=bucket, Id="one")[argument] == configuration
    listed = listing(Bucket=bucket)
    assert [each["Id"] for each in listed[argument + "List"]] == ["one", "two"]
    assert listed["IsTruncated"] is False
    delete(Bucket=bucket, Id="one")
    with pytest.raises(ClientError) as raised:
        delete(Bucket=bucket, Id="one")
    assert error_of(raised) == ("NoSuchConfiguration", 404)
    assert [each["Id"] for each in listing(Bucket=bucket)[argument + "List"]] == ["two"]


def test_long_lists_of_configurations_come_in_pages(s3, bucket):
    ids = [f"m{number:03}" for number in range(120)]
    for each in ids:
        s3.put_bucket_metrics_configuration(
            Bucket=bucket, Id=each, MetricsConfiguration={"Id": each})
    first = s3.list_bucket_metrics_configurations(Bucket=bucket)
    assert first["IsTruncated"] is True
    second = s3.list_bucket_metrics_configurations(
        Bucket=bucket, ContinuationToken=first["NextContinuationToken"])
    assert second["IsTruncated"] is False
    pages = first["MetricsConfigurationList"] + second["MetricsConfigurationList"]
    assert [each["Id"] for each in pages] == ids


@pytest.mark.parametrize("rule, code", [
    ({"AllowedMethods": ["PATCH"], "AllowedOrigins": ["*"]}, "InvalidRequest"),
    ({"AllowedMethods": ["GET"], "AllowedOrigins": ["https://*.*"]}, "InvalidRequest"),
    ({"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "ExposeHeaders": ["x-*"]},
     "InvalidRequest"),
    ({"AllowedMethods": ["GET"], "AllowedOrigins": []}, "MalformedXML"),
])
def test_cors_rules_that_no_browser_could_follow_are_refused(s3, bucket, rule, code):
    with pytest.raises(ClientError) as raised:
        s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})
    assert error_of(raised) == (code, 400)


@pytest.mark.parametrize("tags, code", [
    ([("a", "1"), ("a", "2")], "InvalidTag"),
    ([("aws:a", "1")], "InvalidTag"),
    ([("a", "<b>")], "InvalidTag"),
    ([("k" * 129, "1")], "InvalidTag"),
    ([(f"k{number}", "") for number in range(51)], "BadRequest"),
])
def test_tags_that_aws_refuses_are_refused(s3, bucket, tags, code):
    tag_set = [{"Key": key, "Value": value} for key, value in tags]
    with pytest.raises(ClientError) as raised:
        s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tag_set})
    assert error_of(raised) == (code, 400)


def test_a_bucket_can_be_made_with_tags(s3, name):
    tags = [{"Key": "stage", "Value": "rehearsal"}]
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"Tags": tags})
    assert s3.get_bucket_tagging(Bucket=name)["TagSet"] == tags


def test_configurations_of_another_owner_than_expected_are_not_touched(s3, bucket):
    for call in (lambda: s3.get_bucket_encryption(
                     Bucket=bucket, ExpectedBucketOwner="111111111111"),
                 lambda: s3.put_bucket_tagging(
                     Bucket=bucket, Tagging={"TagSet": []}, ExpectedBucketOwner="111111111111"),
                 lambda: s3.delete_bucket_cors(
                     Bucket=bucket, ExpectedBucketOwner="111111111111")):
        with pytest.raises(ClientError) as raised:
            call()
        assert error_of(raised) == ("AccessDenied", 403)


def test_a_document_that_is_not_what_its_digest_says_is_refused(s3, bucket):
    with pytest.raises(ClientError) as raised:
        s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]},
                              ContentMD5="1B2M2Y8AsgTpgAmY7PhCfg==")
    assert error_of(raised) == ("BadDigest", 400)


def test_configurations_go_with_their_bucket(s3, bucket):
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    s3.delete_bucket(Bucket=bucket)
    with pytest.raises(ClientError) as raised:
        s3.get_bucket_tagging(Bucket=bucket)
    assert error_of(raised) == ("NoSuchBucket", 404)
    s3.create_bucket(Bucket=bucket)
    with pytest.raises(ClientError) as raised:
        s3.get_bucket_tagging(Bucket=bucket)
    assert aws_clients.code_of(raised) == "NoSuchTagSet"


def test_some_configurations_are_stored_without_content(s3, bucket):
    policy = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Principal": "*", "Action": "s3:DeleteBucket",
        "Resource": f"arn:aws:s3:::{bucket}"}]}
    destination = {"S3BucketDestination": {"Bucket": f"arn:aws:s3:::{bucket}", "Format": "CSV"}}
    inventory = {"Id": "i", "IsEnabled": True, "IncludedObjectVersions": "All",
                 "Schedule": {"Frequency": "Daily"}, "Destination": destination}
    tiering = {"Id": "i", "Status": "Enabled",
               "Tierings": [{"Days": 100, "AccessTier": "ARCHIVE_ACCESS"}]}
    answers = {
        "policy": s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy)),
        "tagging": s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": []}),
        "analytics": s3.put_bucket_analytics_configuration(
            Bucket=bucket, Id="i",
            AnalyticsConfiguration={"Id": "i", "StorageClassAnalysis": {}}),
        "inventory": s3.put_bucket_inventory_configuration(
            Bucket=bucket, Id="i", InventoryConfiguration=inventory),
        "tiering": s3.put_bucket_intelligent_tiering_configuration(
            Bucket=bucket, Id="i", IntelligentTieringConfiguration=tiering),
        "metrics": s3.put_bucket_metrics_configuration(
            Bucket=bucket, Id="i", MetricsConfiguration={"Id": "i"})}
    statuses = {name: answer["ResponseMetadata"]["HTTPStatusCode"]
                for name, answer in answers.items()}
    assert statuses == {"policy": 204, "tagging": 204, "analytics": 204, "inventory": 204,
                        "tiering": 204, "metrics": 200}
