"""s3cmd: a client with an S3 implementation of its own, in Python, older than most SDKs."""

import random
import urllib.error
import urllib.request

import client_program
import matinee_server
import pytest

KEYS = {"aws_access_key_id": "AKIDS3CMD", "aws_secret_access_key": "a/secret+key"}
MEGABYTE = 1024 * 1024


@pytest.fixture
def s3cmd(endpoint, tmp_path):
    return client_program.s3cmd(endpoint, tmp_path)


@pytest.fixture
def file(tmp_path):
    """A file of a few bytes with a name that has to be encoded."""
    path = tmp_path / "grüße & more+100%.txt"
    path.write_text("hello", encoding="utf-8")
    return path


@pytest.fixture
def big_file(tmp_path):
    """A file of two parts and a half."""
    path = tmp_path / "big"
    path.write_bytes(random.Random(1).randbytes(12 * MEGABYTE + MEGABYTE // 2))
    return path


def keys_in(s3, bucket):
    return [found["Key"] for found in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def test_a_bucket_is_made_listed_and_removed(s3cmd, s3, name):
    s3cmd("mb", f"s3://{name}")
    assert f"s3://{name}" in s3cmd("ls")
    s3.put_object(Bucket=name, Key="k", Body=b"x")
    with pytest.raises(client_program.Failed) as raised:
        s3cmd("rb", f"s3://{name}")
    assert "BucketNotEmpty" in raised.value.error
    s3cmd("rb", "--recursive", "--force", f"s3://{name}")
    assert name not in [found["Name"] for found in s3.list_buckets()["Buckets"]]


def test_a_file_is_put_listed_got_and_deleted(s3cmd, s3, bucket, file, tmp_path):
    s3cmd("put", file, f"s3://{bucket}/a b/")
    url = f"s3://{bucket}/a b/{file.name}"
    assert s3cmd("ls", f"s3://{bucket}/a b/").split(maxsplit=3)[2:] == ["5", f"{url}\n"]
    assert "DIR" in s3cmd("ls", f"s3://{bucket}")
    assert s3.get_object(Bucket=bucket, Key=f"a b/{file.name}")["Body"].read() == b"hello"
    s3cmd("get", url, tmp_path / "got")
    assert (tmp_path / "got").read_text() == "hello"
    s3cmd("del", url)
    assert keys_in(s3, bucket) == []


def test_a_big_file_goes_up_in_parts_and_comes_back_whole(s3cmd, s3, bucket, big_file, tmp_path):
    s3cmd("put", "--multipart-chunk-size-mb=5", big_file, f"s3://{bucket}/big")
    assert s3.head_object(Bucket=bucket, Key="big")["ETag"].endswith('-3"')
    s3cmd("get", f"s3://{bucket}/big", tmp_path / "got")
    assert (tmp_path / "got").read_bytes() == big_file.read_bytes()
    assert "big" not in s3cmd("multipart", f"s3://{bucket}")


def test_an_upload_that_was_left_is_listed_and_given_up(s3cmd, s3, bucket):
    started = s3.create_multipart_upload(Bucket=bucket, Key="left")
    s3.upload_part(Bucket=bucket, Key="left", UploadId=started["UploadId"], PartNumber=1, Body=b"x")
    assert started["UploadId"] in s3cmd("multipart", f"s3://{bucket}")
    part = s3cmd("listmp", f"s3://{bucket}/left", started["UploadId"]).splitlines()[1].split("\t")
    assert part[1:] == ["1", '"9dd4e461268c8034f5c8564e155c67a6"', "1"]
    s3cmd("abortmp", f"s3://{bucket}/left", started["UploadId"])
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def test_sync_uploads_what_changed_and_deletes_what_is_gone(s3cmd, s3, bucket, tmp_path):
    place = tmp_path / "films"
    (place / "old").mkdir(parents=True)
    (place / "m").write_text("one", encoding="utf-8")
    (place / "old" / "z").write_text("two", encoding="utf-8")
    s3cmd("sync", f"{place}/", f"s3://{bucket}/films/")
    assert keys_in(s3, bucket) == ["films/m", "films/old/z"]
    (place / "m").unlink()
    (place / "old" / "z").write_text("three", encoding="utf-8")
    s3cmd("sync", "--delete-removed", f"{place}/", f"s3://{bucket}/films/")
    assert keys_in(s3, bucket) == ["films/old/z"]
    s3cmd("sync", f"s3://{bucket}/films/", f"{tmp_path}/back/")
    assert (tmp_path / "back" / "old" / "z").read_text() == "three"


def test_copies_and_moves_keep_metadata(s3cmd, s3, bucket, file):
    s3cmd("put", "--mime-type=text/x-film", "--add-header=x-amz-meta-film:m", file,
          f"s3://{bucket}/first")
    s3cmd("cp", f"s3://{bucket}/first", f"s3://{bucket}/second")
    s3cmd("mv", f"s3://{bucket}/first", f"s3://{bucket}/third ü")
    assert keys_in(s3, bucket) == ["second", "third ü"]
    for key in ("second", "third ü"):
        head = s3.head_object(Bucket=bucket, Key=key)
        assert (head["ContentType"], head["Metadata"]["film"]) == ("text/x-film", "m")
    s3cmd("modify", "--add-header=x-amz-meta-film:n", f"s3://{bucket}/second")
    assert s3.head_object(Bucket=bucket, Key="second")["Metadata"]["film"] == "n"


def test_what_is_known_of_an_object_and_a_bucket_is_shown(s3cmd, bucket, file):
    s3cmd("put", file, f"s3://{bucket}/k")
    shown = s3cmd("info", f"s3://{bucket}/k")
    assert "5d41402abc4b2a76b9719d911017c592" in shown
    assert "text/plain" in shown
    assert "us-east-1" in s3cmd("info", f"s3://{bucket}")
    assert s3cmd("du", f"s3://{bucket}").split()[:2] == ["5", "1"]


def test_a_signed_url_is_enough_to_read(s3cmd, bucket, file):
    s3cmd("put", file, f"s3://{bucket}/k ü")
    url = s3cmd("signurl", f"s3://{bucket}/k ü", "+60").strip()
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == b"hello"
    expired = s3cmd("signurl", f"s3://{bucket}/k ü", "1000000000").strip()
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(expired)
    assert raised.value.code == 403


def test_its_signatures_are_verified(tmp_path, file):
    arguments = ["--auth", "sigv4", "--key", f"{KEYS['aws_access_key_id']}:a/secret+key"]
    with matinee_server.Server(tmp_path / "data", arguments) as server:
        right = client_program.s3cmd(server.url, tmp_path, KEYS)
        right("mb", "s3://signed")
        right("put", file, "s3://signed/a b/")
        right("get", f"s3://signed/a b/{file.name}", tmp_path / "got")
        assert (tmp_path / "got").read_text() == "hello"
        wrong = client_program.s3cmd(server.url, tmp_path, {**KEYS, "aws_secret_access_key": "x"})
        with pytest.raises(client_program.Failed) as raised:
            wrong("ls", "s3://signed")
        assert "SignatureDoesNotMatch" in raised.value.error
