"""The root elements of S3's replies, of which the service model names few."""

import re

import pytest
import raw_http

ROOTS = [
    ("", "ListBucketResult"), ("?list-type=2", "ListBucketResult"),
    ("?versions", "ListVersionsResult"), ("?uploads", "ListMultipartUploadsResult"),
    ("?location", "LocationConstraint"), ("?versioning", "VersioningConfiguration"),
    ("?tagging", "Tagging"), ("?acl", "AccessControlPolicy"),
    ("?notification", "NotificationConfiguration"), ("?logging", "BucketLoggingStatus"),
    ("?requestPayment", "RequestPaymentConfiguration"), ("?accelerate", "AccelerateConfiguration"),
    ("?encryption", "ServerSideEncryptionConfiguration"),
    ("?ownershipControls", "OwnershipControls"),
    ("?publicAccessBlock", "PublicAccessBlockConfiguration"),
    ("?inventory", "ListInventoryConfigurationsResult"),
    ("?metrics", "ListMetricsConfigurationsResult"),
    ("/k?tagging", "Tagging"), ("/k?acl", "AccessControlPolicy")]


@pytest.mark.parametrize("target, root", ROOTS)
def test_a_reply_has_the_root_element_of_aws(matinee, s3, bucket, target, root):
    s3.put_object(Bucket=bucket, Key="k", Tagging="a=b")
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    with raw_http.Connection(matinee.port) as connection:
        connection.send(raw_http.request("GET", f"/{bucket}{target}", service="s3"))
        status, body = connection.answer()
    assert status == 200
    found = re.search(rb"<([A-Z]\w+) xmlns=\"([^\"]*)\"", body)
    assert found.groups() == (root.encode(), b"http://s3.amazonaws.com/doc/2006-03-01/")
