"""rclone: copies directories to a bucket and checks them, with the AWS SDK for Go, version 1."""

import json
import random
import urllib.request

import client_program
import matinee_server
import pytest

KEYS = {"aws_access_key_id": "AKIDRCLONE", "aws_secret_access_key": "a/secret+key"}
MEGABYTE = 1024 * 1024


@pytest.fixture
def rclone(endpoint, tmp_path):
    return client_program.rclone(endpoint, tmp_path)


@pytest.fixture
def films(tmp_path):
    """A directory with names that have to be encoded, an empty file and one of three parts."""
    place = tmp_path / "films"
    (place / "old ü").mkdir(parents=True)
    (place / "m & n+100%.txt").write_text("hello", encoding="utf-8")
    (place / "old ü" / "empty").write_bytes(b"")
    (place / "big").write_bytes(random.Random(1).randbytes(12 * MEGABYTE))
    return place


def keys_in(s3, bucket):
    return [found["Key"] for found in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def test_a_bucket_is_made_listed_and_purged(rclone, s3, name):
    rclone("mkdir", f"m:{name}")
    assert name in rclone("lsd", "m:")
    s3.put_object(Bucket=name, Key="a/b", Body=b"x")
    rclone("purge", f"m:{name}")
    assert name not in [found["Name"] for found in s3.list_buckets()["Buckets"]]


def test_a_directory_is_copied_checked_and_copied_back(rclone, s3, bucket, films, tmp_path):
    rclone("copy", films, f"m:{bucket}/p")
    assert keys_in(s3, bucket) == ["p/big", "p/m & n+100%.txt", "p/old ü/empty"]
    assert s3.head_object(Bucket=bucket, Key="p/big")["ETag"].endswith('-3"')
    rclone("check", films, f"m:{bucket}/p")
    rclone("check", "--download", films, f"m:{bucket}/p")
    rclone("copy", f"m:{bucket}/p", tmp_path / "back")
    for file in films.rglob("*"):
        if file.is_file():
            copy = tmp_path / "back" / file.relative_to(films)
            assert copy.read_bytes() == file.read_bytes()


def test_a_check_finds_what_differs(rclone, s3, bucket, films):
    rclone("copy", films, f"m:{bucket}/p")
    s3.put_object(Bucket=bucket, Key="p/m & n+100%.txt", Body=b"hullo")
    with pytest.raises(client_program.Failed) as raised:
        rclone("check", films, f"m:{bucket}/p")
    assert "1 differences found" in raised.value.error


def test_sync_deletes_what_is_gone(rclone, s3, bucket, films):
    rclone("sync", films, f"m:{bucket}/p")
    (films / "big").unlink()
    (films / "m & n+100%.txt").rename(films / "n")
    rclone("sync", films, f"m:{bucket}/p")
    assert keys_in(s3, bucket) == ["p/n", "p/old ü/empty"]


def test_objects_are_listed_in_every_way(rclone, bucket, films):
    rclone("copy", films, f"m:{bucket}/p")
    assert sorted(rclone("lsf", "-R", f"m:{bucket}/p").splitlines()) == [
        "big", "m & n+100%.txt", "old ü/", "old ü/empty"]
    listed = {found["Path"]: found for found in json.loads(rclone(
        "lsjson", "-R", "--metadata", "--hash", f"m:{bucket}/p"))}
    assert listed["m & n+100%.txt"]["Size"] == 5
    assert listed["m & n+100%.txt"]["Hashes"]["md5"] == "5d41402abc4b2a76b9719d911017c592"
    assert listed["m & n+100%.txt"]["Metadata"]["content-type"].startswith("text/plain")
    assert listed["old ü"]["IsDir"] is True
    assert json.loads(rclone("size", "--json", f"m:{bucket}"))["count"] == 3


def test_copies_within_the_server_also_in_parts(rclone, s3, bucket, films):
    rclone("copyto", films / "big", f"m:{bucket}/first")
    rclone("copyto", f"m:{bucket}/first", f"m:{bucket}/second ü")
    copy = s3.get_object(Bucket=bucket, Key="second ü")
    assert copy["ETag"].endswith('-2"') or copy["ETag"].endswith('-3"')
    assert copy["Body"].read() == (films / "big").read_bytes()
    rclone("moveto", f"m:{bucket}/second ü", f"m:{bucket}/third")
    assert keys_in(s3, bucket) == ["first", "third"]


def test_standard_input_becomes_an_object_and_comes_back(rclone, bucket):
    rclone("rcat", f"m:{bucket}/k", stdin="from standard input")
    assert rclone("cat", f"m:{bucket}/k") == "from standard input"
    assert rclone("cat", "--offset", 5, "--count", 8, f"m:{bucket}/k") == "standard"


def test_a_link_is_enough_to_read(rclone, s3, bucket):
    s3.put_object(Bucket=bucket, Key="a b/ü", Body=b"hello")
    link = rclone("link", "--expire", "1h", f"m:{bucket}/a b/ü").strip()
    with urllib.request.urlopen(link) as answer:
        assert answer.read() == b"hello"


def test_versions_are_listed_read_and_cleaned_up(rclone, s3, bucket):
    assert "Enabled" in rclone("backend", "versioning", f"m:{bucket}", "Enabled")
    for body in (b"one", b"three"):
        s3.put_object(Bucket=bucket, Key="k.txt", Body=body)
    listed = json.loads(rclone("lsjson", "--s3-versions", f"m:{bucket}"))
    assert sorted(found["Size"] for found in listed) == [3, 5]
    old = next(found["Path"] for found in listed if found["Size"] == 3)
    assert rclone("cat", "--s3-versions", f"m:{bucket}/{old}") == "one"
    rclone("delete", f"m:{bucket}")
    assert len(s3.list_object_versions(Bucket=bucket)["DeleteMarkers"]) == 1
    rclone("backend", "cleanup-hidden", f"m:{bucket}")
    left = s3.list_object_versions(Bucket=bucket)
    assert "Versions" not in left


def test_uploads_that_were_left_are_cleaned_up(rclone, s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="left")["UploadId"]
    listed = json.loads(rclone("backend", "list-multipart-uploads", f"m:{bucket}"))
    assert [found["UploadId"] for found in listed[bucket]] == [upload]
    rclone("backend", "cleanup", "-o", "max-age=0s", f"m:{bucket}")
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def test_its_signatures_are_verified(tmp_path, films):
    arguments = ["--auth", "sigv4", "--key", f"{KEYS['aws_access_key_id']}:a/secret+key"]
    with matinee_server.Server(tmp_path / "data", arguments) as server:
        right = client_program.rclone(server.url, tmp_path, KEYS)
        right("copy", films, "m:signed/a b")
        right("check", films, "m:signed/a b")
        wrong = client_program.rclone(server.url, tmp_path, {**KEYS, "aws_secret_access_key": "x"})
        with pytest.raises(client_program.Failed) as raised:
            wrong("ls", "m:signed")
        assert "SignatureDoesNotMatch" in raised.value.error
