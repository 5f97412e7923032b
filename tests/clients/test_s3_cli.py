"""The `aws s3` commands, which decide by themselves what goes up or down in parts, and the waiters
of `aws s3api`."""

import json
import os
import random
import re
import subprocess
import threading
import urllib.error
import urllib.request

import aws_cli
import pytest
from aws_cli import Failed

MEGABYTE = 1024 * 1024


@pytest.fixture
def aws(endpoint, tmp_path):
    return aws_cli.Cli(endpoint, tmp_path)


@pytest.fixture
def big(tmp_path):
    """A file of three parts of the 8 MiB that the command makes."""
    path = tmp_path / "big"
    path.write_bytes(random.Random(1).randbytes(17 * MEGABYTE + 1))
    return path


@pytest.fixture
def films(tmp_path):
    """A directory with names that have to be encoded."""
    place = tmp_path / "films"
    (place / "old ü").mkdir(parents=True)
    for file in ("a & b+100%.txt", "c.log", "old ü/d.txt", "old ü/e.log"):
        (place / file).write_text(file, encoding="utf-8")
        # S3 dates in whole seconds: a file of this very second would look newer than its copy.
        os.utime(place / file, (1_700_000_000, 1_700_000_000))
    return place


def keys_in(s3, bucket):
    return [found["Key"] for found in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def piped(aws, *arguments, stdin=b""):
    """The bytes that the command writes, given these."""
    finished = subprocess.run(
        [aws_cli.AWS, "--endpoint-url", aws.endpoint, *arguments], input=stdin, check=True,
        capture_output=True, timeout=120, cwd=aws.directory, env=aws_cli.environment())
    return finished.stdout


def test_a_bucket_is_made_listed_and_removed(aws, s3, name):
    aws("s3", "mb", f"s3://{name}")
    assert name in aws("s3", "ls")
    s3.put_object(Bucket=name, Key="a/b", Body=b"x")
    with pytest.raises(Failed) as raised:
        aws("s3", "rb", f"s3://{name}")
    assert "BucketNotEmpty" in raised.value.error
    aws("s3", "rb", "--force", f"s3://{name}")
    with pytest.raises(Failed) as raised:
        aws("s3", "ls", f"s3://{name}")
    assert "NoSuchBucket" in raised.value.error


def test_a_big_file_goes_up_and_down_in_parts(aws, s3, bucket, big, tmp_path):
    aws("s3", "cp", "--no-progress", big, f"s3://{bucket}/a b/big")
    assert s3.head_object(Bucket=bucket, Key="a b/big")["ETag"].endswith('-3"')
    aws("s3", "cp", "--no-progress", f"s3://{bucket}/a b/big", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == big.read_bytes()


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_parts_are_checked_with_every_checksum(aws, s3, bucket, big, tmp_path, algorithm):
    aws("s3", "cp", "--no-progress", "--checksum-algorithm", algorithm, big, f"s3://{bucket}/k")
    head = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert head[f"Checksum{algorithm}"]
    aws("s3", "cp", "--no-progress", "--checksum-mode", "ENABLED", f"s3://{bucket}/k",
        tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == big.read_bytes()


def test_copies_between_buckets_keep_metadata_and_tags(aws, s3, bucket, name, films):
    other = name + "-other"
    s3.create_bucket(Bucket=other)
    aws("s3", "cp", "--metadata", "film=m", "--content-type", "text/x-film",
        "--cache-control", "no-store", films / "c.log", f"s3://{bucket}/k")
    s3.put_object_tagging(Bucket=bucket, Key="k",
                          Tagging={"TagSet": [{"Key": "genre", "Value": "t"}]})
    aws("s3", "cp", f"s3://{bucket}/k", f"s3://{other}/ü")
    head = s3.head_object(Bucket=other, Key="ü")
    assert (head["ContentType"], head["CacheControl"], head["Metadata"]) == (
        "text/x-film", "no-store", {"film": "m"})
    assert s3.get_object_tagging(Bucket=other, Key="ü")["TagSet"] == [
        {"Key": "genre", "Value": "t"}]


def test_big_copies_between_buckets_are_made_in_parts(aws, s3, bucket, name, big):
    other = name + "-other"
    s3.create_bucket(Bucket=other)
    aws("s3", "cp", "--no-progress", big, f"s3://{bucket}/k")
    aws("s3", "cp", "--no-progress", "--metadata-directive", "REPLACE", "--metadata", "film=n",
        f"s3://{bucket}/k", f"s3://{other}/ü")
    copy = s3.get_object(Bucket=other, Key="ü")
    assert (copy["ETag"][-3:], copy["Metadata"]) == ('-3"', {"film": "n"})
    assert copy["Body"].read() == big.read_bytes()


def test_recursive_copies_take_what_is_included(aws, s3, bucket, films, tmp_path):
    aws("s3", "cp", "--recursive", "--exclude", "*", "--include", "*.txt", films,
        f"s3://{bucket}/p")
    assert keys_in(s3, bucket) == ["p/a & b+100%.txt", "p/old ü/d.txt"]
    aws("s3", "cp", "--recursive", f"s3://{bucket}/p", tmp_path / "back")
    assert (tmp_path / "back" / "old ü" / "d.txt").read_text() == "old ü/d.txt"
    aws("s3", "mv", "--recursive", f"s3://{bucket}/p", f"s3://{bucket}/q")
    assert keys_in(s3, bucket) == ["q/a & b+100%.txt", "q/old ü/d.txt"]
    aws("s3", "rm", "--recursive", "--exclude", "*", "--include", "q/old*", f"s3://{bucket}")
    assert keys_in(s3, bucket) == ["q/a & b+100%.txt"]


def test_listings_show_sizes_directories_and_a_sum(aws, bucket, films):
    aws("s3", "cp", "--recursive", films, f"s3://{bucket}/p")
    assert "PRE p/" in aws("s3", "ls", f"s3://{bucket}")
    listed = aws("s3", "ls", f"s3://{bucket}/p/")
    assert "PRE old ü/" in listed and "14 a & b+100%.txt" in listed
    everything = aws("s3", "ls", "--recursive", "--summarize", f"s3://{bucket}")
    assert "Total Objects: 4" in everything
    with pytest.raises(Failed) as raised:
        aws("s3", "ls", f"s3://{bucket}/missing")
    assert raised.value.code == 1


def test_sync_goes_both_ways_and_deletes_what_is_gone(aws, s3, bucket, films, tmp_path):
    first = aws("s3", "sync", "--no-progress", films, f"s3://{bucket}")
    assert first.count("upload:") == 4
    assert aws("s3", "sync", "--no-progress", films, f"s3://{bucket}") == ""
    (films / "c.log").unlink()
    (films / "old ü" / "d.txt").write_text("changed in its length", encoding="utf-8")
    again = aws("s3", "sync", "--no-progress", "--delete", films, f"s3://{bucket}")
    assert sorted(line.split(":")[0] for line in again.splitlines()) == ["delete", "upload"]
    assert keys_in(s3, bucket) == ["a & b+100%.txt", "old ü/d.txt", "old ü/e.log"]
    back = tmp_path / "back"
    aws("s3", "sync", "--no-progress", f"s3://{bucket}", back)
    assert (back / "old ü" / "d.txt").read_text() == "changed in its length"
    (back / "extra").write_text("x", encoding="utf-8")
    aws("s3", "sync", "--no-progress", "--delete", f"s3://{bucket}", back)
    assert not (back / "extra").exists()


def test_sync_between_buckets(aws, s3, bucket, name, films):
    other = name + "-other"
    s3.create_bucket(Bucket=other)
    aws("s3", "sync", films, f"s3://{bucket}")
    aws("s3", "sync", f"s3://{bucket}", f"s3://{other}/copy")
    assert keys_in(s3, other) == ["copy/" + key for key in keys_in(s3, bucket)]


def test_standard_input_is_uploaded_and_an_object_is_piped_out(aws, s3, bucket, big):
    piped(aws, "s3", "cp", "-", f"s3://{bucket}/k", stdin=big.read_bytes())
    assert s3.head_object(Bucket=bucket, Key="k")["ETag"].endswith('-3"')
    assert piped(aws, "s3", "cp", f"s3://{bucket}/k", "-") == big.read_bytes()
    piped(aws, "s3", "cp", "-", f"s3://{bucket}/empty")
    assert s3.head_object(Bucket=bucket, Key="empty")["ContentLength"] == 0


def test_a_presigned_url_is_enough_to_read_until_it_expires(aws, s3, bucket):
    s3.put_object(Bucket=bucket, Key="a b/ü", Body=b"hello")
    url = aws("s3", "presign", "--expires-in", 60, f"s3://{bucket}/a b/ü").strip()
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == b"hello"
    # Signatures of the second version name the end, those of the fourth the beginning.
    expired = re.sub(r"([?&](Expires|X-Amz-Date)=)\d", r"\g<1>0", url)
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(expired)
    assert raised.value.code == 403


def test_settings_of_an_upload_are_kept(aws, s3, bucket, films):
    aws("s3", "cp", "--storage-class", "STANDARD_IA", "--sse", "AES256", "--content-language", "de",
        "--content-disposition", "attachment", films / "c.log", f"s3://{bucket}/k")
    head = s3.head_object(Bucket=bucket, Key="k")
    assert (head["StorageClass"], head["ServerSideEncryption"], head["ContentLanguage"],
            head["ContentDisposition"]) == ("STANDARD_IA", "AES256", "de", "attachment")


def test_an_upload_with_a_key_of_the_customer_is_read_only_with_it(aws, bucket, films, tmp_path):
    key = tmp_path / "key"
    key.write_bytes(bytes(range(32)))
    with_key = ["--sse-c", "AES256", "--sse-c-key", f"fileb://{key}"]
    aws("s3", "cp", *with_key, films / "c.log", f"s3://{bucket}/k")
    aws("s3", "cp", *with_key, f"s3://{bucket}/k", tmp_path / "back")
    assert (tmp_path / "back").read_text() == "c.log"
    with pytest.raises(Failed) as raised:
        aws("s3", "cp", f"s3://{bucket}/k", tmp_path / "other")
    assert "400" in raised.value.error


def test_a_website_is_configured(aws, s3, bucket):
    aws("s3", "website", f"s3://{bucket}", "--index-document", "index.html",
        "--error-document", "error.html")
    website = s3.get_bucket_website(Bucket=bucket)
    assert website["IndexDocument"] == {"Suffix": "index.html"}
    assert website["ErrorDocument"] == {"Key": "error.html"}


def test_waiters_end_when_what_they_wait_for_happens(aws, s3, name):
    s3.create_bucket(Bucket=name)
    aws("s3api", "wait", "bucket-exists", "--bucket", name)
    late = threading.Thread(target=lambda: s3.put_object(Bucket=name, Key="k", Body=b"x"))
    late.start()
    aws("s3api", "wait", "object-exists", "--bucket", name, "--key", "k")
    late.join()
    s3.delete_object(Bucket=name, Key="k")
    aws("s3api", "wait", "object-not-exists", "--bucket", name, "--key", "k")
    s3.delete_bucket(Bucket=name)
    aws("s3api", "wait", "bucket-not-exists", "--bucket", name)


def test_pages_are_followed_and_cut(aws, s3, bucket):
    for key in ("a", "b", "c"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    everything = aws("s3api", "list-objects-v2", "--bucket", bucket, "--page-size", 1)
    assert [found["Key"] for found in everything["Contents"]] == ["a", "b", "c"]
    first = aws("s3api", "list-objects-v2", "--bucket", bucket, "--max-items", 2)
    rest = aws("s3api", "list-objects-v2", "--bucket", bucket,
               "--starting-token", first["NextToken"])
    assert [found["Key"] for found in rest["Contents"]] == ["c"]


def test_an_object_goes_through_s3api(aws, bucket, films, tmp_path):
    aws("s3api", "put-object", "--bucket", bucket, "--key", "k", "--body", films / "c.log",
        "--metadata", json.dumps({"film": "m"}))
    head = aws("s3api", "head-object", "--bucket", bucket, "--key", "k")
    assert (head["ContentLength"], head["Metadata"]) == (5, {"film": "m"})
    part = aws("s3api", "get-object", "--bucket", bucket, "--key", "k", "--range", "bytes=2-",
               tmp_path / "part")
    assert part["ContentRange"] == "bytes 2-4/5"
    assert (tmp_path / "part").read_text() == "log"
    with pytest.raises(Failed) as raised:
        aws("s3api", "head-object", "--bucket", bucket, "--key", "missing")
    assert "(404)" in raised.value.error
