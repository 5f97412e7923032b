"""What S3 says of a wrong request: code, message and all fields, as AWS was seen to answer."""

import json
import urllib.request

import aws_clients
import pytest
import raw_http
from botocore.exceptions import ClientError

KEY = b"0123456789abcdef" * 2
OTHER_KEY = b"fedcba9876543210" * 2
CUSTOMER_KEYS = "Requests specifying Server Side Encryption with Customer provided keys"
SSE = {"ArgumentName": "x-amz-server-side-encryption"}
MALFORMED = ("The XML you provided was not well-formed or did not validate against our published "
             "schema")


def refusal(call, **arguments):
    """The error of a call that must fail, with all its fields."""
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    return raised.value.response["Error"]


def error(code, message, **fields):
    return {"Code": code, "Message": message, **fields}


@pytest.fixture
def send(matinee, bucket):
    """Sends a request for the bucket by hand; returns status and body of the answer."""
    def ask(method, query="", headers=None, body=b"", key=""):
        with raw_http.Connection(matinee.port) as connection:
            connection.send(raw_http.request(method, f"/{bucket}{key}{query}", headers, body,
                                             service="s3"))
            status, answer = connection.answer()
            return status, answer.decode()

    return ask


@pytest.fixture
def listed(s3, bucket):
    """A bucket with lists, whose public ones are blocked."""
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={
        "Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    return bucket


# Customer keys.

@pytest.mark.parametrize("headers, wanted", [
    ({"customer-key": "x"}, error(
        "InvalidArgument", f"{CUSTOMER_KEYS} must provide a valid encryption algorithm.", **SSE)),
    ({"customer-algorithm": "AES256"}, error(
        "InvalidArgument", f"{CUSTOMER_KEYS} must provide an appropriate secret key.", **SSE)),
    ({"customer-algorithm": "AES256", "customer-key": "x"}, error(
        "InvalidArgument", f"{CUSTOMER_KEYS} must provide the client calculated MD5 of the secret "
        "key.", **SSE)),
    ({"customer-algorithm": "AES256", "customer-key": "eA==", "customer-key-MD5": "eA=="}, error(
        "InvalidArgument", "The secret key was invalid for the specified algorithm.", **SSE)),
])
def test_a_customer_key_names_the_header_of_encryption(send, headers, wanted):
    headers = {f"x-amz-server-side-encryption-{name}": value for name, value in headers.items()}
    status, body = send("PUT", headers=headers, body=b"x", key="/k")
    assert status == 400
    assert f"<Code>{wanted['Code']}</Code><Message>{wanted['Message']}</Message>" in body
    assert "<ArgumentName>x-amz-server-side-encryption</ArgumentName>" in body
    assert "ArgumentValue" not in body


def test_a_read_with_another_customer_key_says_so(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", SSECustomerAlgorithm="AES256", SSECustomerKey=KEY)
    assert refusal(s3.get_object, Bucket=bucket, Key="k", SSECustomerAlgorithm="AES256",
                   SSECustomerKey=OTHER_KEY) == error(
        "AccessDenied", f"{CUSTOMER_KEYS} must provide the correct secret key.")


# Object lock.

BYPASS = error("InvalidArgument", "x-amz-bypass-governance-retention is only applicable to Object "
               "Lock enabled buckets.", ArgumentName="x-amz-bypass-governance-retention")


@pytest.mark.parametrize("bypass", [True, False])
def test_there_is_nothing_to_bypass_without_object_lock(s3, bucket, bypass):
    s3.put_object(Bucket=bucket, Key="k")
    assert refusal(s3.delete_object, Bucket=bucket, Key="k",
                   BypassGovernanceRetention=bypass) == BYPASS
    assert refusal(s3.delete_objects, Bucket=bucket, BypassGovernanceRetention=bypass,
                   Delete={"Objects": [{"Key": "k"}]}) == BYPASS
    assert s3.head_object(Bucket=bucket, Key="k")["ContentLength"] == 0


# Owners.

@pytest.mark.parametrize("owner", ["abcd", "1234", "12345678901x"])
def test_an_expected_owner_that_is_no_account_is_shown(s3, bucket, owner):
    wanted = error("InvalidBucketOwnerAWSAccountID", "The value of the expected bucket owner "
                   f"parameter must be an AWS Account ID... [{owner}]")
    assert refusal(s3.list_objects_v2, Bucket=bucket, ExpectedBucketOwner=owner) == wanted
    assert refusal(s3.copy_object, Bucket=bucket, Key="copy", CopySource=f"{bucket}/k",
                   ExpectedSourceBucketOwner=owner) == wanted


# Lists, and the blocks against public ones.

@pytest.mark.parametrize("has_lists", [True, False])
def test_lists_are_read_before_it_matters_whether_there_are_any(request, s3, bucket, send,
                                                                has_lists):
    if has_lists:
        request.getfixturevalue("listed")
    s3.put_object(Bucket=bucket, Key="k")
    both = error("InvalidRequest",
                 "Specifying both Canned ACLs and Header Grants is not allowed")
    reader = 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'
    for where in [{}, {"Key": "k"}]:
        put = s3.put_object_acl if where else s3.put_bucket_acl
        assert refusal(put, Bucket=bucket, **where) == error(
            "MissingSecurityHeader", "Your request was missing a required header",
            MissingHeaderName="x-amz-acl")
        assert refusal(put, Bucket=bucket, ACL="private", GrantRead=reader, **where) == both
        assert refusal(put, Bucket=bucket, GrantRead='id="nobody"', **where) == error(
            "InvalidArgument", "Invalid id", ArgumentName="id", ArgumentValue="nobody")
    assert refusal(s3.put_object, Bucket=bucket, Key="new", ACL="private",
                   GrantRead=reader) == both
    me = s3.get_bucket_acl(Bucket=bucket)["Owner"]["ID"]
    document = ("<AccessControlPolicy><Owner><ID>" + me + "</ID></Owner><AccessControlList>"
                "</AccessControlList></AccessControlPolicy>").encode()
    status, body = send("PUT", "?acl", {"x-amz-acl": "private"}, document)
    assert (status, "<Code>UnexpectedContent</Code><Message>This request does not support content"
            in body) == (400, True)


def test_a_list_with_a_permission_that_there_is_not_is_malformed(s3, listed):
    me = s3.get_bucket_acl(Bucket=listed)["Owner"]
    grant = {"Grantee": {"Type": "CanonicalUser", "ID": me["ID"]}, "Permission": "EVERYTHING"}
    assert refusal(s3.put_bucket_acl, Bucket=listed, AccessControlPolicy={
        "Owner": me, "Grants": [grant]}) == error("MalformedACLError", MALFORMED)


def test_a_blocked_public_policy_names_the_block(s3, bucket, stranger):
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*"}]})
    wanted = error(
        "AccessDenied", "User: arn:aws:iam::000000000000:root is not authorized to perform: "
        f's3:PutBucketPolicy on resource: "arn:aws:s3:::{bucket}" because public policies are '
        "prevented by the BlockPublicPolicy setting in S3 Block Public Access.")
    assert refusal(s3.put_bucket_policy, Bucket=bucket, Policy=policy) == wanted
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)


def test_a_blocked_public_list_names_the_block(s3, listed, stranger):
    s3.put_object(Bucket=listed, Key="k")

    def blocked(action, resource):
        return error(
            "AccessDenied", "User: arn:aws:iam::000000000000:root is not authorized to perform: "
            f'{action} on resource: "arn:aws:s3:::{resource}" because public ACLs are prevented '
            "by the BlockPublicAcls setting in S3 Block Public Access.")

    where = {"Bucket": listed, "ACL": "public-read"}
    assert refusal(s3.put_bucket_acl, **where) == blocked("s3:PutBucketAcl", listed)
    assert refusal(s3.put_object_acl, Key="k", **where) == blocked(
        "s3:PutObjectAcl", f"{listed}/k")
    assert refusal(s3.put_object, Key="new", **where) == blocked("s3:PutObject", f"{listed}/new")
    assert refusal(s3.copy_object, Key="new", CopySource=f"{listed}/k", **where) == blocked(
        "s3:CopyObject", f"{listed}/new")
    # Other accounts do not learn why.
    s3.put_public_access_block(Bucket=listed, PublicAccessBlockConfiguration={
        "BlockPublicAcls": True})
    s3.put_bucket_policy(Bucket=listed, Policy=json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": aws_clients.OTHER_ACCOUNT},
        "Action": ["s3:PutObject", "s3:PutObjectAcl"],
        "Resource": f"arn:aws:s3:::{listed}/*"}]}))
    assert refusal(stranger.put_object, Key="new", **where) == error(
        "AccessDenied", "Access Denied")


# Tags.

@pytest.mark.parametrize("tagging", ["a=1&a=2", "a=%zz", "a=1&b=%ff&a=3"])
def test_a_header_of_tags_that_is_malformed_is_an_argument(send, tagging):
    status, body = send("PUT", headers={"x-amz-tagging": tagging}, body=b"x", key="/k")
    assert status == 400
    assert ("<Code>InvalidArgument</Code><Message>The header 'x-amz-tagging' shall be encoded as "
            "UTF-8 then URLEncoded URL query parameters without tag name duplicates.</Message>"
            "<ArgumentName>x-amz-tagging</ArgumentName><ArgumentValue>"
            + tagging.replace("&", "&amp;")) in body


@pytest.mark.parametrize("tags, wanted", [
    ([("a?", "v")], error("InvalidTag", "The TagKey you have provided is invalid", TagKey="a?")),
    ([("a", "v?")], error("InvalidTag", "The TagValue you have provided is invalid", TagKey="a",
                          TagValue="v?")),
    ([("a", "1"), ("a", "2")], error(
        "InvalidTag", "Cannot provide multiple Tags with the same key", TagKey="a")),
])
def test_an_invalid_tag_shows_what_is_at_fault(s3, bucket, tags, wanted):
    s3.put_object(Bucket=bucket, Key="k")
    tagging = {"TagSet": [{"Key": key, "Value": value} for key, value in tags]}
    assert refusal(s3.put_object_tagging, Bucket=bucket, Key="k", Tagging=tagging) == wanted
    assert refusal(s3.put_bucket_tagging, Bucket=bucket, Tagging=tagging) == wanted


def test_tags_of_aws_cannot_be_given(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k")
    tagging = {"TagSet": [{"Key": "aws:x", "Value": "v"}]}
    assert refusal(s3.put_object_tagging, Bucket=bucket, Key="k", Tagging=tagging) == error(
        "InvalidTag", "Your TagKey cannot be prefixed with aws:", TagKey="aws:x")
    assert refusal(s3.put_bucket_tagging, Bucket=bucket, Tagging=tagging) == error(
        "InvalidTag", "System tags cannot be added/updated by requester", TagKey="aws:x")


def test_a_document_without_a_set_of_tags_removes_them(s3, bucket, send):
    s3.put_object(Bucket=bucket, Key="k", Tagging="a=1")
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "a", "Value": "1"}]})
    assert send("PUT", "?tagging", body=b"<Tagging/>", key="/k")[0] == 200
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == []
    assert send("PUT", "?tagging", body=b"<Tagging></Tagging>")[0] in (200, 204)
    assert refusal(s3.get_bucket_tagging, Bucket=bucket)["Code"] == "NoSuchTagSet"


# Copies and parts.

def test_a_plus_in_a_copy_source_is_a_space(s3, bucket, send):
    s3.put_object(Bucket=bucket, Key="a b", Body=b"spaced")
    s3.put_object(Bucket=bucket, Key="a+b", Body=b"plus")
    assert send("PUT", headers={"x-amz-copy-source": f"/{bucket}/a+b"}, key="/one")[0] == 200
    assert send("PUT", headers={"x-amz-copy-source": f"/{bucket}/a%2Bb"}, key="/two")[0] == 200
    assert s3.get_object(Bucket=bucket, Key="one")["Body"].read() == b"spaced"
    assert s3.get_object(Bucket=bucket, Key="two")["Body"].read() == b"plus"


def test_an_object_is_copied_onto_itself_where_the_bucket_encrypts(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    itself = {"Bucket": bucket, "Key": "k", "CopySource": f"{bucket}/k"}
    assert refusal(s3.copy_object, **itself)["Code"] == "InvalidRequest"
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [{
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]})
    assert s3.copy_object(**itself)["ServerSideEncryption"] == "AES256"


def test_an_upload_is_completed_with_parts_only(s3, bucket, send):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    where = {"Bucket": bucket, "Key": "k", "UploadId": upload}
    none = error("InvalidRequest", "You must specify at least one part")
    assert refusal(s3.complete_multipart_upload, **where) == none
    assert refusal(s3.complete_multipart_upload, MultipartUpload={"Parts": []}, **where) == none
    assert refusal(s3.complete_multipart_upload, MultipartUpload={
        "Parts": [{"PartNumber": 1, "ETag": '"abc"'}]}, **where) == error(
        "InvalidPart", "One or more of the specified parts could not be found.  The part may not "
        "have been uploaded, or the specified entity tag may not match the part's entity tag.",
        UploadId=upload, PartNumber="1", ETag="abc")
    tags = [s3.upload_part(PartNumber=number, Body=b"small", **where)["ETag"]
            for number in (1, 2)]
    assert refusal(s3.complete_multipart_upload, MultipartUpload={"Parts": [
        {"PartNumber": number + 1, "ETag": tag} for number, tag in enumerate(tags)]},
        **where)["ETag"] == tags[0].strip('"')


# Configurations.

@pytest.mark.parametrize("kind", ["analytics", "metrics", "inventory", "intelligent_tiering"])
def test_a_configuration_that_is_not_there_does_not_name_the_bucket(s3, bucket, kind):
    get = getattr(s3, f"get_bucket_{kind}_configuration")
    assert refusal(get, Bucket=bucket, Id="x") == error(
        "NoSuchConfiguration", "The specified configuration does not exist.")


@pytest.mark.parametrize("query", ["encryption", "cors", "tagging", "policy", "object-lock",
                                   "ownershipControls", "website", "versioning"])
@pytest.mark.parametrize("body", [b"", b"<Empty/>", b"no document"])
def test_the_bucket_is_looked_for_before_the_body(matinee, name, query, body):
    with raw_http.Connection(matinee.port) as connection:
        connection.send(raw_http.request("PUT", f"/{name}?{query}", {}, body, service="s3"))
        status, answer = connection.answer()
    assert (status, b"<Code>NoSuchBucket</Code>" in answer) == (404, True)


def test_the_caller_is_looked_at_before_the_body(endpoint, bucket):
    request = urllib.request.Request(f"{endpoint}/{bucket}?cors", data=b"no document", method="PUT")
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20)
    assert raised.value.code == 403


@pytest.mark.parametrize("query, code, message", [
    ("policy", "MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'"),
    ("object-lock", "MissingRequestBodyError", "Request Body is empty"),
    ("encryption", "MissingRequestBodyError", "Request Body is empty"),
    ("cors", "MissingRequestBodyError", "Request Body is empty"),
    ("lifecycle", "MissingRequestBodyError", "Request Body is empty"),
])
def test_an_empty_body_has_errors_of_its_own(send, query, code, message):
    status, body = send("PUT", f"?{query}")
    assert status == 400
    assert f"<Code>{code}</Code><Message>{message.replace(chr(39), '&apos;')}</Message>" in (
        body.replace("'", "&apos;"))


# Members that the model restricts to a list of values.

def test_a_canned_list_that_there_is_not_is_shown_without_a_word(s3, bucket, name):
    wanted = error("InvalidArgument", None, ArgumentName="x-amz-acl", ArgumentValue="privatee")
    assert refusal(s3.create_bucket, Bucket=name, ACL="privatee") == wanted
    assert refusal(s3.put_bucket_acl, Bucket=bucket, ACL="privatee") == wanted
    assert refusal(s3.put_object, Bucket=bucket, Key="k", ACL="privatee") == wanted


@pytest.mark.parametrize("parameter, name", [
    ("MetadataDirective", "metadata"), ("TaggingDirective", "tagging")])
def test_a_directive_that_there_is_not_is_unknown(s3, bucket, parameter, name):
    s3.put_object(Bucket=bucket, Key="k")
    assert refusal(s3.copy_object, Bucket=bucket, Key="c", CopySource=f"{bucket}/k",
                   **{parameter: "MOVE"}) == error(
        "InvalidArgument", f"Unknown {name} directive.",
        ArgumentName=f"x-amz-{name}-directive", ArgumentValue="MOVE")


def test_an_ownership_that_there_is_not_is_an_invalid_header(s3, name):
    assert refusal(s3.create_bucket, Bucket=name, ObjectOwnership="Mine") == error(
        "InvalidArgument", "Invalid x-amz-object-ownership header: Mine",
        ArgumentName="x-amz-object-ownership")


def test_checksums_that_there_are_not_are_invalid_requests(s3, bucket, send):
    assert refusal(s3.create_multipart_upload, Bucket=bucket, Key="k",
                   ChecksumAlgorithm="MD4") == error(
        "InvalidRequest", "Checksum algorithm provided is unsupported. Please try again with any "
        "of the valid types: [CRC32, CRC32C, CRC64NVME, MD5, SHA1, SHA256, SHA512, XXHASH128, "
        "XXHASH3, XXHASH64]")
    assert refusal(s3.create_multipart_upload, Bucket=bucket, Key="k", ChecksumAlgorithm="CRC32",
                   ChecksumType="HALF") == error(
        "InvalidRequest", "Value for x-amz-checksum-type header is invalid.")
    status, body = send("PUT", headers={"x-amz-sdk-checksum-algorithm": "MD4"}, body=b"x",
                        key="/k")
    assert (status, "<Code>InvalidRequest</Code><Message>Value for x-amz-sdk-checksum-algorithm "
            "header is invalid.</Message>" in body) == (400, True)


def test_documents_have_errors_of_their_own_for_some_values(s3, bucket):
    assert refusal(s3.put_bucket_website, Bucket=bucket, WebsiteConfiguration={
        "RedirectAllRequestsTo": {"HostName": "x", "Protocol": "ftp"}}) == error(
        "InvalidRequest", "Invalid protocol, protocol can be http or https. If not defined the "
        "protocol will be selected automatically.")
    rule = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
    assert refusal(s3.put_bucket_lifecycle_configuration, Bucket=bucket,
                   TransitionDefaultMinimumObjectSize="tiny",
                   LifecycleConfiguration={"Rules": [rule]}) == error(
        "InvalidRequest", "Invalid TransitionDefaultMinimumObjectSize found: tiny")
