"""Who may use a bucket: policies, other accounts, anonymous callers, blocks on public access."""

import json
import urllib.error
import urllib.request

import pytest
from aws_clients import OTHER_ACCOUNT, error_of
from botocore.exceptions import ClientError



def allow(bucket, action, principal=None, resource="/*", **more):
    return {"Effect": "Allow", "Principal": principal or {"AWS": OTHER_ACCOUNT}, "Action": action,
            "Resource": f"arn:aws:s3:::{bucket}{resource}", **more}


def put_policy(s3, bucket, *statements):
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))


def refusal(call, **arguments):
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    return error_of(raised)


def test_a_new_bucket_is_its_owners_alone(s3, stranger, nobody, bucket):
    s3.put_object(Bucket=bucket, Key="key", Body=b"content")
    for client in (stranger, nobody):
        assert refusal(client.get_object, Bucket=bucket, Key="key") == ("AccessDenied", 403)
        assert refusal(client.head_object, Bucket=bucket, Key="key") == ("403", 403)
        assert refusal(client.get_object, Bucket=bucket, Key="none") == ("AccessDenied", 403)
        assert refusal(client.put_object, Bucket=bucket, Key="key") == ("AccessDenied", 403)
        assert refusal(client.delete_object, Bucket=bucket, Key="key") == ("AccessDenied", 403)
        assert refusal(client.list_objects_v2, Bucket=bucket) == ("AccessDenied", 403)
        assert refusal(client.head_bucket, Bucket=bucket) == ("403", 403)
        assert refusal(client.delete_bucket, Bucket=bucket) == ("AccessDenied", 403)
    assert refusal(nobody.create_bucket, Bucket=bucket + "x") == ("AccessDenied", 403)


def test_the_refusal_is_worded_as_aws_words_it(s3, endpoint, bucket):
    s3.put_object(Bucket=bucket, Key="key", Body=b"content")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with pytest.raises(urllib.error.HTTPError) as raised:
        opener.open(f"{endpoint}/{bucket}/key")
    assert raised.value.code == 403
    assert b"<Code>AccessDenied</Code><Message>Access Denied</Message>" in raised.value.read()


def test_a_policy_lets_another_account_do_what_it_names(s3, stranger, bucket):
    s3.put_object(Bucket=bucket, Key="key", Body=b"content")
    put_policy(s3, bucket, allow(bucket, ["s3:GetObject", "s3:PutObject"]))
    assert stranger.get_object(Bucket=bucket, Key="key")["Body"].read() == b"content"
    stranger.put_object(Bucket=bucket, Key="theirs", Body=b"more")
    assert s3.get_object(Bucket=bucket, Key="theirs")["Body"].read() == b"more"
    assert refusal(stranger.delete_object, Bucket=bucket, Key="key") == ("AccessDenied", 403)
    upload = stranger.create_multipart_upload(Bucket=bucket, Key="parts")["UploadId"]
    part = stranger.upload_part(Bucket=bucket, Key="parts", UploadId=upload, PartNumber=1,
                                Body=b"part")
    stranger.complete_multipart_upload(
        Bucket=bucket, Key="parts", UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    s3.delete_bucket_policy(Bucket=bucket)
    assert refusal(stranger.get_object, Bucket=bucket, Key="key") == ("AccessDenied", 403)


def test_whether_an_object_exists_is_told_to_who_may_list(s3, stranger, bucket):
    reads = allow(bucket, "s3:GetObject")
    put_policy(s3, bucket, reads)
    assert refusal(stranger.get_object, Bucket=bucket, Key="none") == ("AccessDenied", 403)
    assert refusal(stranger.head_object, Bucket=bucket, Key="none") == ("403", 403)
    put_policy(s3, bucket, reads, allow(bucket, "s3:ListBucket", resource=""))
    assert refusal(stranger.get_object, Bucket=bucket, Key="none") == ("NoSuchKey", 404)
    assert refusal(stranger.head_object, Bucket=bucket, Key="none") == ("404", 404)


def test_conditions_look_at_the_request(s3, stranger, bucket):
    s3.put_object(Bucket=bucket, Key="films/new", Body=b"x")
    put_policy(
        s3, bucket,
        allow(bucket, "s3:ListBucket", resource="",
              Condition={"StringLike": {"s3:prefix": ["films/*"]},
                         "NumericLessThanEquals": {"s3:max-keys": "10"}}),
        allow(bucket, "s3:GetObject", Condition={"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}),
        allow(bucket, "s3:PutObject", Condition={"Bool": {"aws:SecureTransport": "true"}}))
    listed = stranger.list_objects_v2(Bucket=bucket, Prefix="films/", MaxKeys=10)
    assert listed["KeyCount"] == 1
    for arguments in ({"Prefix": "books/", "MaxKeys": 10}, {"Prefix": "films/", "MaxKeys": 11},
                      {}):
        assert refusal(stranger.list_objects_v2, Bucket=bucket, **arguments)[0] == "AccessDenied"
    assert stranger.get_object(Bucket=bucket, Key="films/new")["Body"].read() == b"x"
    assert refusal(stranger.put_object, Bucket=bucket, Key="k") == ("AccessDenied", 403)


def test_a_denial_is_for_the_owner_who_can_still_mend_it(s3, bucket):
    put_policy(s3, bucket, {**allow(bucket, "s3:*", "*"), "Effect": "Deny"},
               {**allow(bucket, "s3:*", "*", resource=""), "Effect": "Deny"})
    assert refusal(s3.put_object, Bucket=bucket, Key="k") == ("AccessDenied", 403)
    assert refusal(s3.list_objects_v2, Bucket=bucket) == ("AccessDenied", 403)
    s3.get_bucket_policy(Bucket=bucket)
    s3.delete_bucket_policy(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="k")


def test_a_policy_is_kept_as_it_was_put(s3, stranger, bucket):
    assert refusal(s3.get_bucket_policy, Bucket=bucket) == ("NoSuchBucketPolicy", 404)
    assert refusal(s3.get_bucket_policy_status, Bucket=bucket) == ("NoSuchBucketPolicy", 404)
    put_policy(s3, bucket, allow(bucket, "s3:*"), allow(bucket, "s3:*", resource=""))
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    assert policy["Statement"][0]["Principal"] == {"AWS": OTHER_ACCOUNT}
    status = s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"]
    assert status == {"IsPublic": False}
    assert refusal(stranger.get_bucket_policy, Bucket=bucket) == ("MethodNotAllowed", 405)
    answer = s3.delete_bucket_policy(Bucket=bucket)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204


@pytest.mark.parametrize("change, message", [
    ({"Resource": "arn:aws:s3:::someone-elses/*"}, "Policy has invalid resource"),
    ({"Action": "s3:Fly"}, "Policy has invalid action"),
    ({"Action": "s3:ListBucket"}, "Action does not apply to any resource(s) in statement"),
    ({"Principal": {"AWS": "bob"}}, "Invalid principal in policy"),
    ({"Principal": None}, "Invalid principal in policy"),
    ({"Condition": {"StringIs": {"a:b": "c"}}}, "Invalid Condition type : StringIs"),
])
def test_a_policy_that_makes_no_sense_is_malformed(s3, bucket, change, message):
    with pytest.raises(ClientError) as raised:
        put_policy(s3, bucket, {**allow(bucket, "s3:GetObject"), **change})
    assert error_of(raised) == ("MalformedPolicy", 400)
    assert raised.value.response["Error"]["Message"] == message


def test_text_that_is_no_json_is_no_policy(s3, bucket):
    with pytest.raises(ClientError) as raised:
        s3.put_bucket_policy(Bucket=bucket, Policy="not json")
    assert error_of(raised) == ("MalformedPolicy", 400)
    assert "first byte must be '{'" in str(raised.value)


def test_public_policies_are_blocked_until_the_block_is_removed(s3, stranger, nobody, bucket):
    s3.put_object(Bucket=bucket, Key="key", Body=b"content")
    everybody = allow(bucket, "s3:GetObject", "*")
    with pytest.raises(ClientError) as raised:
        put_policy(s3, bucket, everybody)
    assert error_of(raised) == ("AccessDenied", 403)
    s3.delete_public_access_block(Bucket=bucket)
    put_policy(s3, bucket, everybody)
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"] == {"IsPublic": True}
    assert nobody.get_object(Bucket=bucket, Key="key")["Body"].read() == b"content"
    assert stranger.get_object(Bucket=bucket, Key="key")["Body"].read() == b"content"
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={
        "RestrictPublicBuckets": True})
    for client in (nobody, stranger):
        assert refusal(client.get_object, Bucket=bucket, Key="key") == ("AccessDenied", 403)
    s3.get_object(Bucket=bucket, Key="key")


def test_the_block_on_public_access_is_on_for_new_buckets_and_can_be_removed(s3, bucket):
    def block():
        return s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]

    assert set(block().values()) == {True} and len(block()) == 4
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={
        "BlockPublicAcls": True})
    assert block() == {"BlockPublicAcls": True, "IgnorePublicAcls": False,
                       "BlockPublicPolicy": False, "RestrictPublicBuckets": False}
    s3.delete_public_access_block(Bucket=bucket)
    assert refusal(s3.get_public_access_block, Bucket=bucket) == (
        "NoSuchPublicAccessBlockConfiguration", 404)


def test_a_batch_of_removals_tells_of_each_object_that_is_not_the_callers(s3, stranger, bucket):
    for key in ("films/a", "films/b", "books/a"):
        s3.put_object(Bucket=bucket, Key=key)
    put_policy(s3, bucket, allow(bucket, "s3:DeleteObject", resource="/films/*"))
    answer = stranger.delete_objects(Bucket=bucket, Delete={"Objects": [
        {"Key": "films/a"}, {"Key": "books/a"}, {"Key": "films/b"}]})
    assert sorted(entry["Key"] for entry in answer["Deleted"]) == ["films/a", "films/b"]
    [error] = answer["Errors"]
    assert (error["Key"], error["Code"]) == ("books/a", "AccessDenied")


def test_a_copy_needs_its_source_too(s3, stranger, bucket, name):
    s3.put_object(Bucket=bucket, Key="key", Body=b"content")
    stranger.create_bucket(Bucket=name + "-theirs")
    copy = {"Bucket": name + "-theirs", "Key": "copy", "CopySource": f"{bucket}/key"}
    assert refusal(stranger.copy_object, **copy) == ("AccessDenied", 403)
    put_policy(s3, bucket, allow(bucket, "s3:GetObject"))
    stranger.copy_object(**copy)
    got = stranger.get_object(Bucket=name + "-theirs", Key="copy")
    assert got["Body"].read() == b"content"


def test_a_presigned_url_is_its_signers(s3, endpoint, bucket):
    s3.put_object(Bucket=bucket, Key="key", Body=b"content")
    url = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "key"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    assert opener.open(url).read() == b"content"


def test_who_stores_with_a_list_or_tags_needs_permission_for_them(s3, stranger, bucket):
    put_policy(s3, bucket, allow(bucket, "s3:PutObject"))
    stranger.put_object(Bucket=bucket, Key="k")
    for more in ({"ACL": "bucket-owner-full-control"}, {"Tagging": "a=b"},
                 {"GrantRead": "uri=http://acs.amazonaws.com/groups/global/AllUsers"}):
        assert refusal(stranger.put_object, Bucket=bucket, Key="k", **more) == (
            "AccessDenied", 403)
    put_policy(s3, bucket, allow(bucket, ["s3:PutObject", "s3:PutObjectAcl"], Condition={
        "StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}))
    stranger.put_object(Bucket=bucket, Key="k", ACL="bucket-owner-full-control")
    assert refusal(stranger.put_object, Bucket=bucket, Key="k") == ("AccessDenied", 403)


def test_tags_of_objects_and_of_requests_are_conditions(s3, stranger, bucket):
    put_policy(
        s3, bucket,
        allow(bucket, "s3:GetObject", Condition={
            "StringEquals": {"s3:ExistingObjectTag/state": "open"}}),
        allow(bucket, ["s3:PutObject", "s3:PutObjectTagging"], Condition={
            "ForAllValues:StringEquals": {"s3:RequestObjectTagKeys": ["state"]},
            "StringEquals": {"s3:RequestObjectTag/state": "open"}}))
    assert refusal(stranger.put_object, Bucket=bucket, Key="k", Tagging="state=shut") == (
        "AccessDenied", 403)
    stranger.put_object(Bucket=bucket, Key="k", Tagging="state=open")
    stranger.get_object(Bucket=bucket, Key="k")
    s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={
        "TagSet": [{"Key": "state", "Value": "shut"}]})
    assert refusal(stranger.get_object, Bucket=bucket, Key="k") == ("AccessDenied", 403)
