"""A data directory that is not what was written: every file is damaged at each tenth of its length
while the server is down, and afterwards everything is there and right, or what is not is refused by
name, by the start or by the request. `matinee verify` says what is damaged.
"""

import hashlib
import pathlib
import shutil
import subprocess
import urllib.request

import aws_clients
import matinee_server
import polling
import pytest
from botocore.exceptions import BotoCoreError, ClientError

BUCKET, QUEUE, TABLE = "films", "films", "films"
COUNT = 8


def body(number):
    return hashlib.sha256(str(number).encode()).digest() * 6250  # 200 kB


def fill(server):
    s3 = aws_clients.client("s3", server.url, s3={"addressing_style": "path"})
    s3.create_bucket(Bucket=BUCKET)
    dynamodb = aws_clients.client("dynamodb", server.url)
    dynamodb.create_table(TableName=TABLE, BillingMode="PAY_PER_REQUEST",
                          AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                          KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
    sqs = aws_clients.client("sqs", server.url)
    url = sqs.create_queue(QueueName=QUEUE)["QueueUrl"]
    for number in range(COUNT):
        s3.put_object(Bucket=BUCKET, Key=str(number), Body=body(number))
        dynamodb.put_item(TableName=TABLE, Item={"id": {"S": str(number)},
                                                 "text": {"S": str(number) * 2000}})
        sqs.send_message(QueueUrl=url, MessageBody=str(number) * 2000)


def refusing(error):
    """Whether an error names what is wrong: not for what simply is not there."""
    if isinstance(error, ClientError):
        return error.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    return isinstance(error, (BotoCoreError, OSError))


def missing_without_a_word(server):
    """What is neither there as it was written nor refused."""
    s3 = aws_clients.client("s3", server.url, s3={"addressing_style": "path"})
    dynamodb = aws_clients.client("dynamodb", server.url)
    sqs = aws_clients.client("sqs", server.url)
    checks = {"messages": lambda: sqs.get_queue_attributes(
        QueueUrl=f"{server.url}/000000000000/{QUEUE}",
        AttributeNames=["ApproximateNumberOfMessages"],
    )["Attributes"]["ApproximateNumberOfMessages"] == str(COUNT)}
    for number in range(COUNT):
        checks[f"object {number}"] = lambda n=number: s3.get_object(
            Bucket=BUCKET, Key=str(n))["Body"].read() == body(n)
        checks[f"item {number}"] = lambda n=number: dynamodb.get_item(
            TableName=TABLE, Key={"id": {"S": str(n)}})["Item"]["text"]["S"] == str(n) * 2000
    wrong = []
    for name, check in checks.items():
        try:
            if not check():
                wrong.append(name)
        except Exception as error:  # pylint: disable=broad-except
            if not refusing(error):
                wrong.append(f"{name}: {error!r}")
    return wrong


def start(directory):
    """A server on a directory, or the sentence with which it refuses."""
    port = matinee_server.free_port()
    process = subprocess.Popen(
        [matinee_server.find_binary(), "up", "--port", str(port), "--data", str(directory)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    server = matinee_server.Server(directory, port=port)
    server.process = process
    if process.stdout.readline():
        return server, None
    said = process.communicate()[1]
    assert process.returncode == 1, said
    return None, said


def verify(directory):
    return subprocess.run([matinee_server.find_binary(), "verify", "--data", str(directory)],
                          capture_output=True, text=True, check=False)


def problem(directory):
    server, refusal = start(directory)
    if refusal is not None:
        return None if str(directory) in refusal and refusal.startswith("matinee: ") else refusal
    try:
        return missing_without_a_word(server) or None
    finally:
        errors = server.process.stderr
        server.kill()
        errors.close()


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """Written, started again so that there is a file of the database, and killed."""
    directory = tmp_path_factory.mktemp("damage") / "data"
    with matinee_server.Server(directory) as server:
        fill(server)
    server = matinee_server.Server(directory).start()
    sqs = aws_clients.client("sqs", server.url)
    sqs.create_queue(QueueName="another")
    server.kill()
    return directory


@pytest.fixture
def copy(original, tmp_path):
    def fresh():
        target = tmp_path / "data"
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(original, target)
        return target
    return fresh


def kinds(directory):
    """One file of each kind, by its name without numbers: of bodies the first that was written."""
    chosen = {}
    for path in sorted(pathlib.Path(directory).rglob("*"), key=lambda path: (path.name, path)):
        if path.is_file() and path.stat().st_size > 0 and path.name != "LOCK":
            kind = "blob" if "blobs" in path.parts else path.suffix or path.name.split("-")[0]
            chosen.setdefault(kind, path.relative_to(directory))
    return chosen


def flip(path, offset):
    content = bytearray(path.read_bytes())
    content[offset] ^= 0x20
    path.write_bytes(content)


def test_every_kind_of_file_is_among_those_that_are_damaged(original):
    assert set(kinds(original)) >= {"blob", ".log", ".sst", "MANIFEST", "CURRENT", "OPTIONS",
                                    "FORMAT", "SYNCED", "IDENTITY"}


@pytest.mark.parametrize("kind", ["blob", ".log", ".sst", "MANIFEST", "CURRENT", "OPTIONS",
                                  "FORMAT", "SYNCED", "IDENTITY"])
def test_a_flipped_byte_is_harmless_or_refused_by_name(copy, kind):
    for tenth in range(10):
        directory = copy()
        path = directory / kinds(directory)[kind]
        flip(path, path.stat().st_size * tenth // 10)
        assert problem(directory) is None, f"{path.name} at {tenth}/10"


@pytest.mark.parametrize("kind", [".log", ".sst", "MANIFEST", "CURRENT", "FORMAT", "blob"])
def test_a_file_that_is_cut_or_missing_is_refused_by_name(copy, kind):
    for tenths in (0, 3, 5, 9, None):
        directory = copy()
        path = directory / kinds(directory)[kind]
        content = path.read_bytes()
        path.unlink()
        if tenths is not None:
            path.write_bytes(content[:len(content) * tenths // 10])
        assert problem(directory) is None, f"{path.name} cut at {tenths}/10"


def test_a_missing_database_is_no_new_directory(copy):
    directory = copy()
    shutil.rmtree(directory / "store")
    server, refusal = start(directory)
    assert server is None
    assert refusal == (f"matinee: The data directory {directory} is damaged: there is a directory "
                       "of blobs, but store/CURRENT, without which the database cannot be read, is "
                       "missing.\n")


def test_an_accepted_loss_keeps_the_rest_of_log_and_bodies(tmp_path):
    directory = tmp_path / "data"
    server = matinee_server.Server(directory).start()
    fill(server)
    server.kill()
    blobs = [path for path in (directory / "blobs").rglob("*") if path.is_file()]
    log = directory / kinds(directory)[".log"]
    damaged_at = log.stat().st_size // 3
    flip(log, damaged_at)
    damaged = log.read_bytes()

    server, refusal = start(directory)
    assert server is None
    assert "does not check at byte" in refusal and "--accept-loss" in refusal
    assert len([path for path in (directory / "blobs").rglob("*") if path.is_file()]) == len(blobs)
    assert "does not check at byte" in verify(directory).stdout

    with matinee_server.Server(directory, ["--accept-loss"]) as server:
        s3 = aws_clients.client("s3", server.url, s3={"addressing_style": "path"})
        there = {entry["Key"] for entry in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])}
        assert 0 < len(there) < COUNT
        for key in there:
            assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == body(key)
    aside = directory / "lost-1"
    assert (aside / log.name).read_bytes() == damaged
    left = [path for path in (directory / "blobs").rglob("*") if path.is_file()]
    kept = list((aside / "blobs").iterdir())
    assert len(left) + len(kept) == len(blobs)
    assert {hashlib.sha256(path.read_bytes()).digest() for path in kept} == {
        hashlib.sha256(body(n)).digest() for n in range(COUNT) if str(n) not in there}
    with matinee_server.Server(directory):
        pass
    assert verify(directory).returncode == 0


def test_verify_finds_nothing_in_a_directory_that_is_as_it_was_written(original):
    before = {path: path.read_bytes() for path in original.rglob("*") if path.is_file()}
    checked = verify(original)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert f"and {COUNT} bodies of {COUNT * 200_000} bytes were read" in checked.stdout
    assert checked.stdout.endswith("Everything is as it was written.\n")
    after = {path: path.read_bytes() for path in original.rglob("*") if path.is_file()}
    del before[original / "LOCK"], after[original / "LOCK"]
    assert after == before


def test_verify_names_the_object_whose_body_was_changed(copy):
    directory = copy()
    flip(directory / kinds(directory)["blob"], 100_000)
    checked = verify(directory)
    assert checked.returncode == 1
    assert "The object films/0 has a body that is not what was stored" in checked.stdout


def test_a_changed_body_is_never_sent_to_its_end(copy):
    directory = copy()
    path = directory / kinds(directory)["blob"]
    flip(path, 100_000)
    with matinee_server.Server(directory) as server:
        s3 = aws_clients.client("s3", server.url, s3={"addressing_style": "path"},
                                response_checksum_validation="when_required")
        for _ in range(2):
            with pytest.raises(BotoCoreError):
                s3.get_object(Bucket=BUCKET, Key="0")["Body"].read()
        for number in range(1, COUNT):
            assert s3.get_object(Bucket=BUCKET, Key=str(number))["Body"].read() == body(number)


def test_verify_names_the_object_whose_body_is_gone(copy):
    directory = copy()
    (directory / kinds(directory)["blob"]).unlink()
    checked = verify(directory)
    assert checked.returncode == 1
    assert "The object films/0 has lost a part of its body" in checked.stdout


def test_verify_names_a_file_of_the_database(copy):
    directory = copy()
    path = directory / kinds(directory)[".sst"]
    flip(path, path.stat().st_size // 3)
    checked = verify(directory)
    assert checked.returncode == 1
    assert f"The file store/{path.name} of the database does not check" in checked.stdout


def test_verify_leaves_a_running_server_and_a_foreign_directory_alone(tmp_path):
    with matinee_server.Server(tmp_path / "data") as server:
        checked = verify(server.data)
        assert checked.returncode == 1
        assert "is in use by process" in checked.stderr
    nothing = tmp_path / "nothing"
    assert verify(nothing).stderr == f"matinee: There is no data directory {nothing}.\n"
    assert not nothing.exists()


def can_send(sqs, url):
    try:
        sqs.send_message(QueueUrl=url, MessageBody="lost")
    except (BotoCoreError, ClientError):
        return False
    return True


def test_a_data_directory_that_is_removed_stops_the_server(tmp_path):
    directory = tmp_path / "data"
    server = matinee_server.Server(directory).start()
    sqs = aws_clients.client("sqs", server.url)
    url = sqs.create_queue(QueueName=QUEUE)["QueueUrl"]
    shutil.rmtree(directory)
    polling.eventually(lambda: not can_send(sqs, url) and not server.is_running(), 20)
    assert server.wait() == 1


def test_the_health_page_says_running(tmp_path):
    with matinee_server.Server(tmp_path / "data") as server:
        with urllib.request.urlopen(f"{server.url}/_matinee/health") as page:
            assert page.status == 200
            assert b'"status": "running"' in page.read()
