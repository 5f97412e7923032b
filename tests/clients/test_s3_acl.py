"""Access control lists and who owns the objects of a bucket."""

import pytest
from aws_clients import error_of
from botocore.exceptions import ClientError

ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"


@pytest.fixture
def their_id(stranger):
    return stranger.list_buckets()["Owner"]["ID"]


@pytest.fixture
def listed(s3, bucket):
    """A bucket with lists, and without a block on public ones."""
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={
        "Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    s3.delete_public_access_block(Bucket=bucket)
    return bucket


def grants(answer):
    return sorted((grant["Grantee"].get("URI") or grant["Grantee"]["ID"], grant["Permission"])
                  for grant in answer["Grants"])


def refusal(call, **arguments):
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    return error_of(raised)


def test_a_new_bucket_has_no_lists_but_the_owners(s3, bucket):
    owner = s3.list_buckets()["Owner"]["ID"]
    s3.put_object(Bucket=bucket, Key="key")
    for answer in (s3.get_bucket_acl(Bucket=bucket), s3.get_object_acl(Bucket=bucket, Key="key")):
        assert answer["Owner"]["ID"] == owner
        [grant] = answer["Grants"]
        assert grant == {"Grantee": {"ID": owner, "Type": "CanonicalUser"},
                         "Permission": "FULL_CONTROL"}
    unsupported = ("AccessControlListNotSupported", 400)
    assert refusal(s3.put_bucket_acl, Bucket=bucket, ACL="public-read") == unsupported
    assert refusal(s3.put_object_acl, Bucket=bucket, Key="key", ACL="public-read") == unsupported
    assert refusal(s3.put_object, Bucket=bucket, Key="key", ACL="public-read") == unsupported
    assert refusal(s3.put_object, Bucket=bucket, Key="key", GrantRead=f'uri="{ALL_USERS}"') == \
        unsupported
    s3.put_object(Bucket=bucket, Key="key", ACL="bucket-owner-full-control")
    s3.put_object(Bucket=bucket, Key="key", GrantFullControl=f'id="{owner}"')
    s3.put_object_acl(Bucket=bucket, Key="key", ACL="bucket-owner-full-control")


def test_ownership_is_kept_and_removed(s3, bucket):
    def ownership():
        return s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]

    assert ownership() == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={
        "Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]})
    assert ownership() == [{"ObjectOwnership": "BucketOwnerPreferred"}]
    s3.delete_bucket_ownership_controls(Bucket=bucket)
    assert refusal(s3.get_bucket_ownership_controls, Bucket=bucket) == (
        "OwnershipControlsNotFoundError", 404)


@pytest.mark.parametrize("canned, wanted", [
    ("private", []), ("public-read", [(ALL_USERS, "READ")]),
    ("public-read-write", [(ALL_USERS, "READ"), (ALL_USERS, "WRITE")]),
    ("authenticated-read",
     [("http://acs.amazonaws.com/groups/global/AuthenticatedUsers", "READ")]),
])
def test_canned_lists_are_lists_of_grants(s3, listed, canned, wanted):
    owner = s3.list_buckets()["Owner"]["ID"]
    full = [(owner, "FULL_CONTROL")]
    s3.put_bucket_acl(Bucket=listed, ACL=canned)
    assert grants(s3.get_bucket_acl(Bucket=listed)) == sorted(full + wanted)
    s3.put_object(Bucket=listed, Key="key", ACL=canned)
    assert grants(s3.get_object_acl(Bucket=listed, Key="key")) == sorted(full + wanted)


def test_grants_come_in_headers_and_documents(s3, listed, their_id):
    owner = s3.list_buckets()["Owner"]["ID"]
    s3.put_object(Bucket=listed, Key="key", GrantRead=f'id="{their_id}", uri="{ALL_USERS}"',
                  GrantFullControl=f"id={owner}")
    wanted = sorted([(owner, "FULL_CONTROL"), (their_id, "READ"), (ALL_USERS, "READ")])
    answer = s3.get_object_acl(Bucket=listed, Key="key")
    assert grants(answer) == wanted
    s3.put_bucket_acl(Bucket=listed, AccessControlPolicy={
        "Owner": answer["Owner"], "Grants": answer["Grants"]})
    assert grants(s3.get_bucket_acl(Bucket=listed)) == wanted


def test_lists_let_others_in(s3, stranger, nobody, listed, their_id):
    s3.put_object(Bucket=listed, Key="open", Body=b"x", ACL="public-read")
    s3.put_object(Bucket=listed, Key="theirs", Body=b"x", GrantRead=f"id={their_id}")
    s3.put_object(Bucket=listed, Key="closed", Body=b"x")
    assert nobody.get_object(Bucket=listed, Key="open")["Body"].read() == b"x"
    assert stranger.get_object(Bucket=listed, Key="theirs")["Body"].read() == b"x"
    assert refusal(nobody.get_object, Bucket=listed, Key="theirs") == ("AccessDenied", 403)
    assert refusal(stranger.get_object, Bucket=listed, Key="closed") == ("AccessDenied", 403)
    assert refusal(stranger.list_objects_v2, Bucket=listed) == ("AccessDenied", 403)
    s3.put_bucket_acl(Bucket=listed, GrantRead=f"id={their_id}", GrantWrite=f"id={their_id}")
    assert stranger.list_objects_v2(Bucket=listed)["KeyCount"] == 3
    stranger.put_object(Bucket=listed, Key="stored", Body=b"y")
    assert refusal(s3.get_object, Bucket=listed, Key="stored") == ("AccessDenied", 403)
    assert stranger.get_object(Bucket=listed, Key="stored")["Body"].read() == b"y"
    assert s3.list_objects_v2(Bucket=listed)["KeyCount"] == 4


def test_an_object_handed_over_is_the_bucket_owners(s3, stranger, listed, their_id):
    s3.put_bucket_ownership_controls(Bucket=listed, OwnershipControls={
        "Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]})
    s3.put_bucket_acl(Bucket=listed, GrantWrite=f"id={their_id}")
    stranger.put_object(Bucket=listed, Key="k", Body=b"y", ACL="bucket-owner-full-control")
    assert s3.get_object(Bucket=listed, Key="k")["Body"].read() == b"y"
    owner = s3.list_buckets()["Owner"]["ID"]
    assert s3.get_object_acl(Bucket=listed, Key="k")["Owner"]["ID"] == owner


def test_copies_and_uploads_in_parts_have_lists_of_their_own(s3, nobody, listed):
    s3.put_object(Bucket=listed, Key="open", Body=b"x", ACL="public-read")
    s3.copy_object(Bucket=listed, Key="closed", CopySource=f"{listed}/open")
    assert refusal(nobody.get_object, Bucket=listed, Key="closed") == ("AccessDenied", 403)
    upload = s3.create_multipart_upload(Bucket=listed, Key="parts", ACL="public-read")["UploadId"]
    part = s3.upload_part(Bucket=listed, Key="parts", UploadId=upload, PartNumber=1, Body=b"z")
    s3.complete_multipart_upload(
        Bucket=listed, Key="parts", UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    assert nobody.get_object(Bucket=listed, Key="parts")["Body"].read() == b"z"


def test_public_lists_can_be_blocked_and_ignored(s3, nobody, listed):
    s3.put_object(Bucket=listed, Key="open", Body=b"x", ACL="public-read")
    s3.put_public_access_block(Bucket=listed, PublicAccessBlockConfiguration={
        "BlockPublicAcls": True})
    denied = ("AccessDenied", 403)
    assert refusal(s3.put_object, Bucket=listed, Key="k", ACL="public-read") == denied
    assert refusal(s3.put_object_acl, Bucket=listed, Key="open", ACL="public-read") == denied
    assert refusal(s3.put_bucket_acl, Bucket=listed, ACL="authenticated-read") == denied
    nobody.get_object(Bucket=listed, Key="open")
    s3.put_public_access_block(Bucket=listed, PublicAccessBlockConfiguration={
        "IgnorePublicAcls": True})
    assert refusal(nobody.get_object, Bucket=listed, Key="open") == denied


@pytest.mark.parametrize("arguments, wanted", [
    ({}, ("MissingSecurityHeader", 400)),
    ({"ACL": "private", "GrantRead": f"uri={ALL_USERS}"}, ("InvalidRequest", 400)),
    ({"GrantRead": "id=me"}, ("InvalidArgument", 400)),
    ({"GrantRead": "uri=http://example.com/group"}, ("InvalidArgument", 400)),
    ({"GrantRead": "emailAddress=me@example.com"}, ("UnresolvableGrantByEmailAddress", 400)),
    ({"AccessControlPolicy": {"Grants": []}}, ("MalformedACLError", 400)),
    ({"ACL": "private", "AccessControlPolicy": {"Grants": []}}, ("UnexpectedContent", 400)),
])
def test_lists_that_make_no_sense_are_refused(s3, listed, arguments, wanted):
    assert refusal(s3.put_bucket_acl, Bucket=listed, **arguments) == wanted


def test_lists_stay_while_they_let_others_in(s3, listed):
    s3.put_bucket_acl(Bucket=listed, ACL="public-read")
    enforced = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert refusal(s3.put_bucket_ownership_controls, Bucket=listed, OwnershipControls=enforced) \
        == ("InvalidBucketAclWithObjectOwnership", 400)
    s3.put_bucket_acl(Bucket=listed, ACL="private")
    s3.put_bucket_ownership_controls(Bucket=listed, OwnershipControls=enforced)


def test_a_new_bucket_can_have_lists(s3, name):
    assert refusal(s3.create_bucket, Bucket=name, ACL="public-read") == (
        "InvalidBucketAclWithObjectOwnership", 400)
    assert refusal(s3.create_bucket, Bucket=name, ACL="public-read",
                   ObjectOwnership="ObjectWriter") == (
        "InvalidBucketAclWithBlockPublicAccessError", 400)
    s3.create_bucket(Bucket=name, ACL="log-delivery-write", ObjectOwnership="ObjectWriter")
    assert len(s3.get_bucket_acl(Bucket=name)["Grants"]) == 3


def test_listings_tell_who_owns_what(s3, stranger, their_id, listed):
    owner = s3.list_buckets()["Owner"]["ID"]
    s3.put_bucket_acl(Bucket=listed, GrantWrite=f"id={their_id}", GrantReadACP=f"id={owner}",
                      GrantFullControl=f"id={owner}")
    s3.put_object(Bucket=listed, Key="mine", Body=b"")
    stranger.put_object(Bucket=listed, Key="theirs", Body=b"")
    upload = stranger.create_multipart_upload(Bucket=listed, Key="theirs")["UploadId"]
    expected = {"mine": owner, "theirs": their_id}

    def owners(objects):
        return {each["Key"]: each["Owner"]["ID"] for each in objects}

    assert owners(s3.list_objects(Bucket=listed)["Contents"]) == expected
    assert owners(s3.list_objects_v2(Bucket=listed, FetchOwner=True)["Contents"]) == expected
    assert owners(s3.list_object_versions(Bucket=listed)["Versions"]) == expected
    assert owners(s3.list_multipart_uploads(Bucket=listed)["Uploads"]) == {"theirs": their_id}
    parts = s3.list_parts(Bucket=listed, Key="theirs", UploadId=upload)
    assert parts["Owner"]["ID"] == their_id
    s3.put_bucket_ownership_controls(Bucket=listed, OwnershipControls={
        "Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]})
    assert owners(s3.list_objects(Bucket=listed)["Contents"]) == expected
    s3.put_bucket_acl(Bucket=listed, ACL="private")
    s3.put_bucket_ownership_controls(Bucket=listed, OwnershipControls={
        "Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]})
    assert set(owners(s3.list_objects(Bucket=listed)["Contents"]).values()) == {owner}


def test_what_is_not_there_is_told_to_all_who_may_list(s3, nobody, listed):
    s3.put_bucket_acl(Bucket=listed, ACL="public-read")
    assert nobody.list_objects_v2(Bucket=listed)["KeyCount"] == 0
    assert refusal(nobody.get_object, Bucket=listed, Key="nothing") == ("NoSuchKey", 404)
    assert refusal(nobody.head_object, Bucket=listed, Key="nothing") == ("404", 404)
    s3.put_object(Bucket=listed, Key="private", Body=b"x")
    assert refusal(nobody.get_object, Bucket=listed, Key="private") == ("AccessDenied", 403)
    s3.put_bucket_acl(Bucket=listed, ACL="private")
    assert refusal(nobody.get_object, Bucket=listed, Key="nothing") == ("AccessDenied", 403)
