"""HTTPS: clients of today by their endpoint, and those that know only AWS's names through the
proxy that the server is for them.
"""

import json
import os
import pathlib
import socket
import ssl
import subprocess
import sys

import aws_cli
import boto3
import matinee_server
import pytest

OLDER = pathlib.Path(__file__).parent / "older"
ACCOUNT = "459727908782"


@pytest.fixture(scope="module")
def secure(tmp_path_factory):
    """A server that speaks HTTPS as well."""
    with matinee_server.Server(tmp_path_factory.mktemp("tls") / "data", ["--tls"]) as server:
        yield server


@pytest.fixture(scope="module")
def trusted(secure):
    """The file that its clients trust."""
    finished = subprocess.run(
        [matinee_server.find_binary(), "certificate", "--data", secure.data],
        capture_output=True, text=True, check=True, timeout=30)
    return finished.stdout.strip()


@pytest.fixture(scope="module")
def older_boto3():
    """A folder with the boto3 of before July 2023, made once from its lock file."""
    lock = OLDER / "boto3.lock"
    folder = matinee_server.ROOT / "build" / "clients" / "older-boto3"
    made_from = folder / "made-from.lock"
    if not made_from.is_file() or made_from.read_text() != lock.read_text():
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
             "--require-hashes", "--no-deps", "--upgrade", "--target", str(folder), "-r",
             str(lock)], check=True, timeout=300)
        made_from.write_text(lock.read_text())
    return folder


def client(service, secure, trusted, host="localhost", **more):
    return boto3.client(service, endpoint_url=f"https://{host}:{secure.port}", verify=trusted,
                        region_name="us-east-1", aws_access_key_id=ACCOUNT,
                        aws_secret_access_key="secret", **more)


def behind_proxy(secure, trusted):
    """The environment of a program that reaches AWS's names here."""
    return {**os.environ, "https_proxy": f"http://127.0.0.1:{secure.port}",
            "HTTPS_PROXY": f"http://127.0.0.1:{secure.port}", "AWS_CA_BUNDLE": trusted,
            "AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_both_schemes_are_spoken_on_one_port(secure, trusted, host):
    sqs = client("sqs", secure, trusted, host)
    url = sqs.create_queue(QueueName="both")["QueueUrl"]
    assert url == f"https://{host}:{secure.port}/{ACCOUNT}/both"
    plain = boto3.client("sqs", endpoint_url=secure.url, region_name="us-east-1",
                         aws_access_key_id=ACCOUNT, aws_secret_access_key="secret")
    plain.send_message(QueueUrl=url, MessageBody="by http")
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "by http"


def test_large_objects_come_and_go_unharmed(secure, trusted, name):
    s3 = client("s3", secure, trusted)
    s3.create_bucket(Bucket=name)
    body = os.urandom(20_000_000)
    s3.put_object(Bucket=name, Key="large", Body=body)
    assert s3.get_object(Bucket=name, Key="large")["Body"].read() == body
    part = s3.get_object(Bucket=name, Key="large", Range="bytes=10000000-10000099")
    assert part["Body"].read() == body[10_000_000:10_000_100]


def test_policies_see_whether_a_call_is_secure(secure, trusted, name):
    s3 = client("s3", secure, trusted)
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="k", Body=b"x")
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps({
        "Version": "2012-10-17", "Statement": {
            "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{name}/*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}}}}))
    assert s3.get_object(Bucket=name, Key="k")["Body"].read() == b"x"
    plain = boto3.client("s3", endpoint_url=secure.url, region_name="us-east-1",
                         aws_access_key_id=ACCOUNT, aws_secret_access_key="secret")
    with pytest.raises(plain.exceptions.ClientError, match="AccessDenied"):
        plain.get_object(Bucket=name, Key="k")


def test_the_aws_command_reaches_aws_names_through_the_proxy(secure, trusted, name):
    environment = behind_proxy(secure, trusted)
    for words in (["s3", "mb", f"s3://{name}"], ["sqs", "create-queue", "--queue-name", name]):
        subprocess.run([aws_cli.AWS, *words], env=environment, check=True, capture_output=True,
                       timeout=60)
    s3 = client("s3", secure, trusted)
    assert name in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]


def test_a_boto3_without_endpoint_variables_reaches_matinee(secure, trusted, older_boto3, name):
    environment = {**behind_proxy(secure, trusted), "PYTHONPATH": str(older_boto3)}
    finished = subprocess.run([sys.executable, str(OLDER / "pipeline.py"), name], env=environment,
                              capture_output=True, text=True, check=False, timeout=120)
    assert finished.returncode == 0, finished.stderr
    told = json.loads(finished.stdout)
    assert told["boto3"].startswith("1.26.")
    assert told["account"] == ACCOUNT
    assert told["message"] == "film.json"
    assert told["size"] == 3_000_000
    assert told["queue"].startswith("https://")
    assert told["queue"].endswith(f".amazonaws.com/{ACCOUNT}/{name}")


@pytest.mark.parametrize("target", ["example.com:443", "s3.amazonaws.com:22",
                                    "amazonaws.com.example.com:443", "127.0.0.1:22"])
def test_there_are_no_tunnels_to_anywhere_else(secure, target):
    with socket.create_connection(("127.0.0.1", secure.port), timeout=10) as connection:
        connection.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 403 ")


def test_a_server_without_tls_has_no_tunnels(matinee):
    with socket.create_connection(("127.0.0.1", matinee.port), timeout=10) as connection:
        connection.sendall(b"CONNECT s3.amazonaws.com:443 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 405 ")


@pytest.mark.parametrize("asked, version", [
    (ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")])
@pytest.mark.parametrize("name_asked_for", ["localhost", "films.localhost", "sqs.amazonaws.com",
                                            "films.s3.eu-west-1.amazonaws.com",
                                            "eu-west-1.queue.amazonaws.com"])
def test_each_name_has_its_certificate(secure, trusted, asked, version, name_asked_for):
    context = ssl.create_default_context(cafile=trusted)
    context.maximum_version = asked
    with socket.create_connection(("127.0.0.1", secure.port), timeout=10) as plain, \
            context.wrap_socket(plain, server_hostname=name_asked_for) as connection:
        assert connection.version() == version


def test_names_of_others_get_no_certificate(secure, trusted):
    context = ssl.create_default_context(cafile=trusted)
    with socket.create_connection(("127.0.0.1", secure.port), timeout=10) as plain:
        with pytest.raises(ssl.SSLCertVerificationError):
            context.wrap_socket(plain, server_hostname="example.com")


def test_the_authority_outlives_the_server(tmp_path):
    data = tmp_path / "data"
    with matinee_server.Server(data, ["--tls"]):
        first = (data / "tls" / "authority.pem").read_text()
    assert (data / "tls" / "authority.key").stat().st_mode & 0o077 == 0
    with matinee_server.Server(data, ["--tls"]) as server:
        assert (data / "tls" / "authority.pem").read_text() == first
        finished = subprocess.run(
            ["curl", "--silent", f"{server.url}/_matinee/certificate"], capture_output=True,
            text=True, check=True, timeout=30)
        assert finished.stdout == first
