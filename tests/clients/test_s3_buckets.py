"""S3 buckets: creating, finding, listing and deleting them."""

import aws_clients
import pytest
from aws_clients import error_of
from botocore.exceptions import ClientError


def test_a_created_bucket_is_listed_with_its_date(s3, name):
    created = s3.create_bucket(Bucket=name)
    assert created["Location"] == f"/{name}"
    listed = {bucket["Name"]: bucket["CreationDate"] for bucket in s3.list_buckets()["Buckets"]}
    assert listed[name].year >= 2024
    assert s3.list_buckets()["Owner"]["ID"]


def test_a_bucket_exists_until_it_is_deleted(s3, name):
    s3.create_bucket(Bucket=name)
    head = s3.head_bucket(Bucket=name)
    assert head["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert head["ResponseMetadata"]["HTTPHeaders"]["x-amz-bucket-region"] == "us-east-1"
    deleted = s3.delete_bucket(Bucket=name)
    assert deleted["ResponseMetadata"]["HTTPStatusCode"] == 204
    with pytest.raises(ClientError) as raised:
        s3.head_bucket(Bucket=name)
    assert error_of(raised) == ("404", 404)


def test_a_missing_bucket_is_named_in_the_error(s3):
    for operation in (lambda: s3.list_objects_v2(Bucket="no-such-bucket"),
                      lambda: s3.put_object(Bucket="no-such-bucket", Key="k", Body=b""),
                      lambda: s3.get_object(Bucket="no-such-bucket", Key="k"),
                      lambda: s3.delete_bucket(Bucket="no-such-bucket")):
        with pytest.raises(ClientError) as raised:
            operation()
        assert error_of(raised) == ("NoSuchBucket", 404)
        error = raised.value.response["Error"]
        assert error["Message"] == "The specified bucket does not exist"
        assert error["BucketName"] == "no-such-bucket"


def test_a_bucket_with_objects_is_not_deleted(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    with pytest.raises(ClientError) as raised:
        s3.delete_bucket(Bucket=bucket)
    assert error_of(raised) == ("BucketNotEmpty", 409)
    s3.delete_object(Bucket=bucket, Key="k")
    s3.delete_bucket(Bucket=bucket)


def test_creating_ones_own_bucket_again_is_fine_in_virginia_only(s3, endpoint, name):
    s3.create_bucket(Bucket=name)
    s3.create_bucket(Bucket=name)
    ireland = aws_clients.client("s3", endpoint, "eu-west-1", s3={"addressing_style": "path"})
    place = {"LocationConstraint": "eu-west-1"}
    ireland.create_bucket(Bucket=name + "-eu", CreateBucketConfiguration=place)
    with pytest.raises(ClientError) as raised:
        ireland.create_bucket(Bucket=name + "-eu", CreateBucketConfiguration=place)
    assert error_of(raised) == ("BucketAlreadyOwnedByYou", 409)


@pytest.mark.parametrize("bad_name", ["ab", "Capital", "under_score", "-dash", "a" * 64,
                                      "192.168.5.4", "two..dots"])
def test_an_impossible_bucket_name_is_refused(s3, bad_name):
    with pytest.raises(ClientError) as raised:
        s3.create_bucket(Bucket=bad_name)
    assert error_of(raised) == ("InvalidBucketName", 400)


def test_buckets_are_listed_by_prefix_and_in_pages(s3, name):
    names = [f"{name}-{i}" for i in range(3)]
    for bucket_name in names:
        s3.create_bucket(Bucket=bucket_name)
    pages = list(s3.get_paginator("list_buckets").paginate(
        Prefix=name, PaginationConfig={"PageSize": 2}))
    assert [[bucket["Name"] for bucket in page["Buckets"]] for page in pages] == [names[:2],
                                                                                  names[2:]]


def test_a_bucket_tells_where_it_is(s3, endpoint, name):
    s3.create_bucket(Bucket=name)
    assert s3.get_bucket_location(Bucket=name).get("LocationConstraint") is None
    ireland = aws_clients.client("s3", endpoint, "eu-west-1", s3={"addressing_style": "path"})
    ireland.create_bucket(Bucket=name + "-eu",
                          CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    location = ireland.get_bucket_location(Bucket=name + "-eu")
    assert location["LocationConstraint"] == "eu-west-1"


def test_a_client_of_another_region_is_told_the_right_one_and_finds_it(s3, endpoint, name):
    ireland = aws_clients.client("s3", endpoint, "eu-west-1", s3={"addressing_style": "path"})
    ireland.create_bucket(Bucket=name,
                          CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    ireland.put_object(Bucket=name, Key="key", Body=b"content")
    assert s3.get_bucket_location(Bucket=name)["LocationConstraint"] == "eu-west-1"
    # boto3 signs again for the region that the refusal names.
    assert s3.get_object(Bucket=name, Key="key")["Body"].read() == b"content"
    assert s3.head_object(Bucket=name, Key="key")["ContentLength"] == 7
    newcomer = aws_clients.client("s3", endpoint, "us-east-1", s3={"addressing_style": "path"})
    seen = []
    newcomer.meta.events.register("before-parse.s3.GetObject",
                                  lambda response_dict, **_: seen.append(response_dict))
    newcomer.get_object(Bucket=name, Key="key")
    first = seen[0]
    assert first["status_code"] == 400
    assert first["headers"]["x-amz-bucket-region"] == "eu-west-1"
    assert b"<Region>eu-west-1</Region>" in first["body"]


@pytest.mark.parametrize("constraint", ["bar", "us-east-1", "eu-west-1"])
def test_a_bucket_made_elsewhere_is_in_that_region(endpoint, name, constraint):
    oregon = aws_clients.client("s3", endpoint, "us-west-2", s3={"addressing_style": "path"})
    with pytest.raises(ClientError) as raised:
        oregon.create_bucket(Bucket=name,
                             CreateBucketConfiguration={"LocationConstraint": constraint})
    assert error_of(raised) == ("IllegalLocationConstraintException", 400)
    assert raised.value.response["Error"]["Message"] == (
        f"The {constraint} location constraint is incompatible for the region specific endpoint "
        "this request was sent to.")


@pytest.mark.parametrize("constraint", ["bar", "us-east-1"])
def test_a_region_that_is_none_is_invalid_in_virginia(s3, name, constraint):
    with pytest.raises(ClientError) as raised:
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": constraint})
    assert error_of(raised) == ("InvalidLocationConstraint", 400)


def test_a_bucket_in_the_eu_keeps_the_name_of_its_region(s3, endpoint, name):
    created = s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "EU"})
    assert created["Location"] == f"http://{name}.{endpoint.removeprefix('http://')}/"
    ireland = aws_clients.client("s3", endpoint, "eu-west-1", s3={"addressing_style": "path"})
    assert ireland.get_bucket_location(Bucket=name)["LocationConstraint"] == "EU"
    headers = ireland.head_bucket(Bucket=name)["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-amz-bucket-region"] == "eu-west-1"


@pytest.mark.parametrize("parameter, value, message", [
    ("BucketRegion", "bar", "Argument value bar is not a valid AWS Region"),
    ("ContinuationToken", "%", "The continuation token provided is incorrect")])
def test_buckets_are_not_listed_by_senseless_values(s3, parameter, value, message):
    with pytest.raises(ClientError) as raised:
        s3.list_buckets(**{parameter: value})
    assert error_of(raised) == ("InvalidArgument", 400)
    assert raised.value.response["Error"]["Message"] == message
