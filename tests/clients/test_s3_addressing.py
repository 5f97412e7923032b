"""How S3 is reached: path style, virtual hosts, presigned URLs."""

import socket
import urllib.error
import urllib.request

import aws_clients
import pytest
from botocore.exceptions import ClientError


def at_host(endpoint, host):
    """The endpoint under another name of the same machine."""
    return endpoint.replace("127.0.0.1", host)


@pytest.fixture(params=["localhost", "s3.localhost", "s3.localhost.localstack.cloud"])
def virtual(request, endpoint, monkeypatch):
    """An S3 client that puts the bucket into the host name; every such name means this machine."""
    real = socket.getaddrinfo

    def resolve(host, *arguments, **more):
        name = host.decode() if isinstance(host, bytes) else host
        local = name and (name.endswith("localhost") or name.endswith("localstack.cloud"))
        return real("127.0.0.1" if local else host, *arguments, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return aws_clients.client("s3", at_host(endpoint, request.param),
                              s3={"addressing_style": "virtual"})


def test_a_bucket_in_the_host_name_is_the_bucket(virtual, s3, name):
    virtual.create_bucket(Bucket=name)
    virtual.put_object(Bucket=name, Key="a/b c", Body=b"via host")
    assert s3.get_object(Bucket=name, Key="a/b c")["Body"].read() == b"via host"
    listed = virtual.list_objects_v2(Bucket=name, Prefix="a/")
    assert [found["Key"] for found in listed["Contents"]] == ["a/b c"]
    assert virtual.head_bucket(Bucket=name)["ResponseMetadata"]["HTTPStatusCode"] == 200
    virtual.delete_object(Bucket=name, Key="a/b c")
    virtual.delete_bucket(Bucket=name)
    with pytest.raises(ClientError):
        s3.head_bucket(Bucket=name)


def fetch(url, method="GET", data=None, headers=None):
    request = urllib.request.Request(url, data=data, method=method, headers=headers or {})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=20) as answer:
        return answer.status, answer.read(), dict(answer.headers)


def test_a_presigned_url_reads_and_writes_without_credentials(s3, bucket):
    put_url = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "k"})
    assert fetch(put_url, "PUT", b"presigned")[0] == 200
    get_url = s3.generate_presigned_url("get_object", {
        "Bucket": bucket, "Key": "k", "ResponseContentType": "text/x-film"})
    status, body, headers = fetch(get_url)
    assert (status, body) == (200, b"presigned")
    assert headers["Content-Type"] == "text/x-film"
    delete_url = s3.generate_presigned_url("delete_object", {"Bucket": bucket, "Key": "k"})
    assert fetch(delete_url, "DELETE")[0] == 204
    with pytest.raises(urllib.error.HTTPError) as raised:
        fetch(get_url)
    assert raised.value.code == 404


def test_an_answer_carries_the_ids_that_support_asks_for(s3, bucket):
    answer = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ResponseMetadata"]
    assert answer["RequestId"]
    assert answer["HTTPHeaders"]["x-amz-id-2"]


def test_head_and_errors_of_head_have_no_body(s3, bucket, endpoint):
    s3.put_object(Bucket=bucket, Key="k", Body=b"12345")
    url = s3.generate_presigned_url("head_object", {"Bucket": bucket, "Key": "k"})
    status, body, headers = fetch(url, "HEAD")
    assert (status, body, headers["Content-Length"]) == (200, b"", "5")


def test_many_objects_are_deleted_at_once(s3, bucket):
    for key in ("a", "b & c", "d"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    result = s3.delete_objects(Bucket=bucket, Delete={
        "Objects": [{"Key": "a"}, {"Key": "b & c"}, {"Key": "never was"}]})
    assert sorted(found["Key"] for found in result["Deleted"]) == ["a", "b & c", "never was"]
    assert [found["Key"] for found in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["d"]
