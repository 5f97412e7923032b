"""`matinee import dynamodb` and `matinee export dynamodb` as a user meets them: on the embedded
cloud, on a server, and on moto's."""

import base64
import gzip
import hashlib
import json
import pathlib
import signal
import subprocess

import aws_clients
import matinee_server
import moto_server
import program
import pytest
from polling import eventually

ODD_ITEM = {
    "id": {"S": 'größe "quoted"\\ \n 電影'}, "n": {"N": "12345678901234567890.123456789"},
    "b": {"B": base64.b64encode(bytes(range(256))).decode()}, "null": {"NULL": True},
    "sets": {"M": {"ss": {"SS": ["a", "b"]}, "ns": {"NS": ["-1", "2.5"]},
                   "bs": {"BS": [base64.b64encode(b"x").decode()]}}},
    "list": {"L": [{"BOOL": False}, {"M": {}}, {"L": []}, {"S": ""}]}}


def items_of(count):
    return [{"id": {"S": f"film-{i:06}"}, "year": {"N": str(1900 + i % 120)},
             "title": {"S": f"Title {i} " * 8}} for i in range(count)]


def lines_of(items):
    return "".join(json.dumps({"Item": item}, ensure_ascii=False) + "\n" for item in items)


def run(*arguments, cloud=None, environment=None):
    return program.Finished(program.command_line(*arguments, cloud=cloud), environment)


def import_(source, *arguments, cloud=None):
    return run("import", "dynamodb", source, "--table", "films", *arguments, cloud=cloud)


def export(*arguments, cloud=None):
    return run("export", "dynamodb", "films", *arguments, cloud=cloud)


def items_in(folder):
    """All items of an export, with its files checked against its manifests."""
    folder = pathlib.Path(folder)
    for name in ("summary", "files"):
        content = (folder / f"manifest-{name}.json").read_bytes()
        digest = base64.b64encode(hashlib.md5(content).digest()).decode()
        assert (folder / f"manifest-{name}.md5").read_text() == digest
    items = []
    for line in (folder / "manifest-files.json").read_text().splitlines():
        told = json.loads(line)
        packed = (folder / told["dataFileS3Key"]).read_bytes()
        assert base64.b64encode(hashlib.md5(packed).digest()).decode() == told["md5Checksum"]
        lines = gzip.decompress(packed).decode().splitlines()
        assert len(lines) == told["itemCount"]
        items += [json.loads(each)["Item"] for each in lines]
    assert json.loads((folder / "manifest-summary.json").read_text())["itemCount"] == len(items)
    return items


def by_id(items):
    return {item["id"]["S"]: item for item in items}


class Table:
    def __init__(self, url):
        self.client = aws_clients.client("dynamodb", url)

    def create(self):
        self.client.create_table(
            TableName="films", BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
        return self

    def count(self):
        pages = self.client.get_paginator("scan").paginate(TableName="films", Select="COUNT")
        return sum(page["Count"] for page in pages)

    def get(self, key):
        return self.client.get_item(TableName="films", Key={"id": {"S": key}}).get("Item")


@pytest.fixture
def server(tmp_path):
    with matinee_server.Server(tmp_path / "data") as running:
        yield running


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """What is kept of imports belongs to each test alone."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_the_embedded_cloud_imports_a_file_and_exports_it_again(tmp_path):
    items = [*items_of(3000), ODD_ITEM]
    source = tmp_path / "films.json.gz"
    source.write_bytes(gzip.compress(lines_of(items).encode()))
    summary = import_(source, "--create", "--partition-key", "id").require_success()
    assert summary["items_written"] == len(items) and summary["table_created"]
    export(tmp_path / "out").require_success()
    assert by_id(items_in(tmp_path / "out")) == by_id(items)
    # An export of our own tells what the table's keys are.
    again = run("import", "dynamodb", tmp_path / "out", "--table", "copy", "--create")
    assert again.require_success()["items_written"] == len(items)


@pytest.mark.parametrize("name", ["films.json", "films.json.gz", "-"])
def test_a_table_of_a_server_goes_into_one_file_or_out(server, tmp_path, name):
    Table(server.url).create()
    items = [*items_of(1200), ODD_ITEM]
    source = tmp_path / "source.jsonl"
    source.write_text(lines_of(items))
    import_(source, cloud=server.url).require_success()
    target = name if name == "-" else tmp_path / name
    finished = subprocess.run(
        program.command_line("export", "dynamodb", "films", target, cloud=server.url),
        capture_output=True, check=True, timeout=program.SECONDS, env=program.environment_with())
    packed = finished.stdout if name == "-" else target.read_bytes()
    text = gzip.decompress(packed) if name.endswith(".gz") else packed
    assert by_id(json.loads(line)["Item"] for line in text.splitlines()) == by_id(items)
    if name != "-":
        assert export(target, cloud=server.url).code == 1
        export(target, "--overwrite", cloud=server.url).require_success()


def test_a_bucket_holds_exports_for_both(server, tmp_path):
    Table(server.url).create()
    aws_clients.client("s3", server.url).create_bucket(Bucket="moved")
    source = tmp_path / "source.json"
    source.write_text(lines_of(items_of(700)))
    import_(source, cloud=server.url).require_success()
    export("s3://moved/out/1", "--segments", "2", cloud=server.url).require_success()
    summary = run("import", "dynamodb", "s3://moved/out/1/", "--table", "copy", "--create",
                  cloud=server.url).require_success()
    assert summary["items_written"] == 700
    assert run("import", "dynamodb", "s3://moved/out", "--table", "copy",
               cloud=server.url).require_success()["items_written"] == 700
    missing = run("import", "dynamodb", "s3://no-such-bucket/out", "--table", "copy",
                  cloud=server.url)
    assert missing.code == 1 and "no bucket no-such-bucket" in missing.error


def test_moto_takes_and_gives_the_same(tmp_path):
    items = [*items_of(300), {**ODD_ITEM, "list": {"L": [{"S": "x"}]}}]
    source = tmp_path / "source.json"
    source.write_text(lines_of(items))
    with moto_server.running() as url:
        import_(source, "--create", "--partition-key", "id:S", cloud=url).require_success()
        assert Table(url).count() == len(items)
        export(tmp_path / "out", cloud=url).require_success()
    assert by_id(items_in(tmp_path / "out")).keys() == by_id(items).keys()


def test_bad_lines_are_told_and_all_others_written(server, tmp_path):
    table = Table(server.url).create()
    items = items_of(200)
    lines = lines_of(items).splitlines()
    lines[10] = "nonsense"
    lines[50] = '{"Item":{"title":{"S":"no key"}}}'
    # What only the table can tell: the batch in which it is must not be lost.
    lines[100] = '{"Item":{"id":{"S":""}}}'
    source = tmp_path / "films.json"
    source.write_text("\n".join(lines))
    finished = import_(source, cloud=server.url)
    assert finished.code == 1
    summary = finished.summary
    assert summary["items_written"] == 197 and summary["failed"] == 3 and table.count() == 197
    for line in (11, 51, 101):
        assert f"{source}:{line}: " in finished.error
        assert any(failure.startswith(f"{source}:{line}: ") for failure in summary["failures"])


def test_keys_that_come_again_leave_one_item(server, tmp_path):
    table = Table(server.url).create()
    source = tmp_path / "films.json"
    source.write_text(lines_of([{"id": {"S": "a"}, "n": {"N": str(n)}} for n in range(3)]))
    assert import_(source, cloud=server.url).require_success()["keys_that_came_again"] == 2
    assert table.get("a")["n"] == {"N": "2"}


def test_an_export_of_aws_is_checked_against_its_manifest(server, tmp_path):
    Table(server.url).create()
    export_folder = tmp_path / "AWSDynamoDB" / "01693685827463-2d8752fd"
    (export_folder / "data").mkdir(parents=True)
    packed = gzip.compress(lines_of(items_of(5)).encode())
    (export_folder / "data" / "abc.json.gz").write_bytes(packed)
    digest = base64.b64encode(hashlib.md5(packed).digest()).decode()

    def tell(items, md5, file_format="DYNAMODB_JSON"):
        (export_folder / "manifest-summary.json").write_text(json.dumps({
            "version": "2020-06-30", "itemCount": items, "outputFormat": file_format}))
        (export_folder / "manifest-files.json").write_text(json.dumps({
            "itemCount": items, "md5Checksum": md5, "etag": "x-1",
            "dataFileS3Key": "some/AWSDynamoDB/01693685827463-2d8752fd/data/abc.json.gz"}) + "\n")

    tell(5, digest)
    assert import_(tmp_path, cloud=server.url).require_success()["items_written"] == 5
    tell(6, digest)
    finished = import_(tmp_path, cloud=server.url)
    assert finished.code == 1 and "has 5 items, and the export's manifest says 6" in finished.error
    tell(5, "AAAAAAAAAAAAAAAAAAAAAA==")
    finished = import_(export_folder, cloud=server.url)
    assert finished.code == 1 and "its MD5 is not" in finished.error
    tell(5, digest, "ION")
    finished = import_(tmp_path, cloud=server.url)
    assert finished.code == 1 and "Amazon Ion, which is not read" in finished.error


def test_an_incremental_export_puts_and_removes(server, tmp_path):
    table = Table(server.url).create()
    table.client.put_item(TableName="films", Item={"id": {"S": "old"}})
    metadata = {"WriteTimestampMicros": {"N": "1680109764000000"}}
    source = tmp_path / "changes.json"
    source.write_text("\n".join(json.dumps(line) for line in (
        {"Metadata": metadata, "Keys": {"id": {"S": "old"}}, "OldImage": {"id": {"S": "old"}}},
        {"Metadata": metadata, "Keys": {"id": {"S": "new"}},
         "NewImage": {"id": {"S": "new"}, "v": {"N": "1"}}})))
    summary = import_(source, cloud=server.url).require_success()
    assert (summary["items_written"], summary["items_removed"]) == (1, 1)
    assert table.get("old") is None and table.get("new")["v"] == {"N": "1"}


def test_rows_of_csv_are_items(server, tmp_path):
    table = Table(server.url).create()
    source = tmp_path / "films.csv"
    source.write_text('id;title\na;"Ran; 1985"\nb;\n')
    import_(source, "--csv", "--csv-delimiter", ";", cloud=server.url).require_success()
    assert table.get("a")["title"] == {"S": "Ran; 1985"} and "title" not in table.get("b")


def test_a_table_that_is_not_there_is_not_made_unasked(server, tmp_path):
    source = tmp_path / "films.json"
    source.write_text(lines_of(items_of(1)))
    finished = import_(source, cloud=server.url)
    assert finished.code == 1 and "There is no table films" in finished.error
    assert "--create" in finished.error
    finished = import_(source, "--create", cloud=server.url)
    assert finished.code == 1 and "--partition-key" in finished.error
    finished = export(tmp_path / "out", cloud=server.url)
    assert finished.code == 1 and "There is no table films" in finished.error
    assert import_(source, "--partition-key", "id:S", cloud=server.url).code == 2
    assert import_(source, "--create", "--partition-key", "id:X", cloud=server.url).code == 2


def kept(state):
    """Files that tell how far an import is; not those that are being written."""
    return [file for file in state.iterdir() if not file.suffix] if state.exists() else []


def kill_when_half(process, state):
    """Kills an import once it has kept how far it is."""
    eventually(lambda: kept(state) or process.poll() is not None, 60)
    killed = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    return killed


def test_a_killed_import_goes_on_where_it_was(tmp_path, home):
    count = 100_000
    source = tmp_path / "films.json"
    source.write_text(lines_of(items_of(count)))
    line = program.command_line("import", "dynamodb", source, "--table", "films", "--create",
                                "--partition-key", "id", "--concurrency", "1")
    state = home / "matinee" / "import"
    process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env=program.environment_with())
    killed = kill_when_half(process, state)
    summary = import_(source).require_success()
    if killed:
        assert summary["written_before"] > 0
    assert summary["written_before"] + summary["items_written"] == count
    assert not kept(state)
    with matinee_server.Server(home / "matinee") as server:
        assert Table(server.url).count() == count


def test_a_file_that_has_changed_since_a_kill_is_read_anew(tmp_path, home):
    source = tmp_path / "films.json"
    items = items_of(100_000)
    source.write_text(lines_of(items))
    line = program.command_line("import", "dynamodb", source, "--table", "films", "--create",
                                "--partition-key", "id", "--concurrency", "1")
    process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env=program.environment_with())
    killed = kill_when_half(process, home / "matinee" / "import")
    items[3]["title"] = {"S": "another one"}
    source.write_text(lines_of(items))
    finished = import_(source)
    assert finished.require_success()["items_written"] == len(items)
    if killed:
        assert "has changed since the earlier run" in finished.error
    with matinee_server.Server(home / "matinee") as server:
        assert Table(server.url).get("film-000003")["title"] == {"S": "another one"}
