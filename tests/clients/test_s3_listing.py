"""S3 listings, in both versions: order, prefixes, delimiters, pages."""

import pytest
from aws_clients import error_of
from botocore.exceptions import ClientError

KEYS = ["a", "a/1", "a/2", "a/b/3", "b", "c/", "c/d/e/f", "é", "zz top"]


@pytest.fixture
def full(s3, bucket):
    for key in KEYS:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    return bucket


def keys(page):
    return [found["Key"] for found in page.get("Contents", [])]


def prefixes(page):
    return [found["Prefix"] for found in page.get("CommonPrefixes", [])]


def test_objects_are_listed_in_the_order_of_their_bytes(s3, full):
    page = s3.list_objects_v2(Bucket=full)
    assert keys(page) == sorted(KEYS, key=lambda key: key.encode())
    assert page["KeyCount"] == len(KEYS) and page["IsTruncated"] is False
    assert page["Name"] == full and page["MaxKeys"] == 1000
    first = page["Contents"][0]
    assert first["Size"] == 1 and first["StorageClass"] == "STANDARD"
    assert first["ETag"] == '"0cc175b9c0f1b6a831c399e269772661"'
    assert first["LastModified"].year >= 2024
    assert "Owner" not in first
    with_owner = s3.list_objects_v2(Bucket=full, FetchOwner=True)
    assert with_owner["Contents"][0]["Owner"]["ID"]


def test_the_older_listing_returns_the_same_and_the_owner(s3, full):
    page = s3.list_objects(Bucket=full)
    assert keys(page) == keys(s3.list_objects_v2(Bucket=full))
    assert page["Contents"][0]["Owner"]["ID"]
    assert page["IsTruncated"] is False


@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2"])
def test_a_delimiter_groups_keys_into_prefixes(s3, full, operation):
    page = getattr(s3, operation)(Bucket=full, Delimiter="/")
    assert keys(page) == ["a", "b", "zz top", "é"]
    assert prefixes(page) == ["a/", "c/"]
    below = getattr(s3, operation)(Bucket=full, Delimiter="/", Prefix="a/")
    assert keys(below) == ["a/1", "a/2"]
    assert prefixes(below) == ["a/b/"]
    assert below["Prefix"] == "a/" and below["Delimiter"] == "/"


def test_a_prefix_restricts_a_listing(s3, full):
    assert keys(s3.list_objects_v2(Bucket=full, Prefix="a/")) == ["a/1", "a/2", "a/b/3"]
    assert keys(s3.list_objects_v2(Bucket=full, Prefix="nothing")) == []


@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2"])
@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_pages_of_any_size_add_up_to_the_whole(s3, full, operation, size):
    pages = list(s3.get_paginator(operation).paginate(
        Bucket=full, Delimiter="/", PaginationConfig={"PageSize": size}))
    assert sum((keys(page) for page in pages), []) == ["a", "b", "zz top", "é"]
    assert sum((prefixes(page) for page in pages), []) == ["a/", "c/"]
    assert all(len(keys(page)) + len(prefixes(page)) <= size for page in pages)
    assert [page["IsTruncated"] for page in pages] == [True] * (len(pages) - 1) + [False]


def test_a_listing_starts_after_a_key(s3, full):
    assert keys(s3.list_objects_v2(Bucket=full, StartAfter="c/d")) == ["c/d/e/f", "zz top", "é"]
    assert keys(s3.list_objects(Bucket=full, Marker="c/d/e/f")) == ["zz top", "é"]


def test_a_truncated_listing_says_where_it_continues(s3, full):
    page = s3.list_objects_v2(Bucket=full, MaxKeys=2)
    assert page["KeyCount"] == 2 and page["IsTruncated"] is True
    following = s3.list_objects_v2(Bucket=full, MaxKeys=2,
                                   ContinuationToken=page["NextContinuationToken"])
    assert keys(page) + keys(following) == KEYS[:4]
    assert following["ContinuationToken"] == page["NextContinuationToken"]


def test_no_keys_at_all_may_be_asked_for(s3, full):
    page = s3.list_objects_v2(Bucket=full, MaxKeys=0)
    assert keys(page) == [] and page["IsTruncated"] is False


def test_a_token_that_never_was_is_refused(s3, full):
    with pytest.raises(ClientError) as raised:
        s3.list_objects_v2(Bucket=full, ContinuationToken="never")
    assert error_of(raised) == ("InvalidArgument", 400)


def test_more_than_a_thousand_objects_come_in_pages_of_a_thousand(s3, bucket):
    for i in range(1001):
        s3.put_object(Bucket=bucket, Key=f"{i:04}", Body=b"")
    pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket=bucket))
    assert [page["KeyCount"] for page in pages] == [1000, 1]
    assert keys(pages[1]) == ["1000"]


def test_keys_are_encoded_for_xml_when_asked(s3, bucket):
    key = "dir with space/a+b~*(é).txt"
    s3.put_object(Bucket=bucket, Key=key, Body=b"")
    for call in (s3.list_objects, s3.list_objects_v2):
        page = call(Bucket=bucket, EncodingType="url", Delimiter="/")
        assert prefixes(page) == ["dir+with+space/"]
        page = call(Bucket=bucket, EncodingType="url", Prefix="dir with")
        assert keys(page) == ["dir+with+space/a%2Bb%7E*%28%C3%A9%29.txt"]
    version, = s3.list_object_versions(Bucket=bucket, EncodingType="url")["Versions"]
    assert version["Key"] == keys(page)[0]


def test_keys_that_xml_has_no_characters_for_are_listed_in_the_form_of_a_url(s3, bucket):
    for key in ("nul\0", "bell\a", "tab\tand\nline"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    assert keys(s3.list_objects_v2(Bucket=bucket)) == ["bell\a", "nul\0", "tab\tand\nline"]
    encoded = keys(s3.list_objects_v2(Bucket=bucket, EncodingType="url"))
    assert encoded == ["bell%07", "nul%00", "tab%09and%0Aline"]


def test_a_group_is_not_listed_again_after_a_key_in_it(s3, bucket):
    for key in ("a/b/c", "a/b/d", "a/e"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    within = {"Bucket": bucket, "Prefix": "a/", "Delimiter": "/"}
    for page in (s3.list_objects(**within, Marker="a/b/c"),
                 s3.list_objects_v2(**within, StartAfter="a/b/c")):
        assert (keys(page), prefixes(page)) == (["a/e"], [])
    versions = s3.list_object_versions(**within, KeyMarker="a/b/c")
    assert [found["Key"] for found in versions["Versions"]] == ["a/e"]
    assert "CommonPrefixes" not in versions


def test_uploads_are_listed_with_both_next_markers_and_whole_seconds(s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="a/b/c")["UploadId"]
    page = s3.list_multipart_uploads(Bucket=bucket)
    assert (page["NextKeyMarker"], page["NextUploadIdMarker"]) == ("", "")
    assert "Prefix" not in page
    assert page["Uploads"][0]["Initiated"].microsecond == 0
    assert s3.list_multipart_uploads(Bucket=bucket, Prefix="a")["Prefix"] == "a"
    grouped = s3.list_multipart_uploads(Bucket=bucket, Delimiter="/", KeyMarker="a/a")
    assert "CommonPrefixes" not in grouped
    with pytest.raises(ClientError) as raised:
        s3.list_multipart_uploads(Bucket=bucket, KeyMarker="a", UploadIdMarker="nonsense")
    assert error_of(raised) == ("InvalidArgument", 400)
    assert raised.value.response["Error"]["ArgumentName"] == "upload-id-marker"
    s3.abort_multipart_upload(Bucket=bucket, Key="a/b/c", UploadId=upload)


@pytest.mark.parametrize("markers, message", [
    ({"KeyMarker": "k", "VersionIdMarker": ""}, "A version-id marker cannot be empty."),
    ({"VersionIdMarker": "null"},
     "A version-id marker cannot be specified without a key marker."),
    ({"KeyMarker": "k", "VersionIdMarker": "nonsense"}, "Invalid version id specified")])
def test_versions_are_not_listed_after_senseless_markers(s3, bucket, markers, message):
    with pytest.raises(ClientError) as raised:
        s3.list_object_versions(Bucket=bucket, **markers)
    assert error_of(raised) == ("InvalidArgument", 400)
    assert raised.value.response["Error"]["Message"] == message
    assert raised.value.response["Error"]["ArgumentName"] == "version-id-marker"
