"""`matinee snapshot`: a cloud is kept as it is, under a name, while it goes on."""

import json
import pathlib
import shutil
import threading
import time

import history_kit
import matinee_server
import pytest
from history_kit import Films


@pytest.fixture
def server(tmp_path):
    with matinee_server.Server(tmp_path / "data") as running:
        yield running


def opened(server, name, tmp_path):
    """What is in a snapshot: by a server on a copy of its directory."""
    shutil.copytree(f"{server.data}/snapshots/{name}", tmp_path / "copy")
    with matinee_server.Server(tmp_path / "copy") as other:
        return Films(other.url).content()


def test_a_snapshot_has_what_there_was_and_nothing_that_came_later(server, tmp_path):
    films = Films(server.url).create()
    films.add("metropolis")
    saved = history_kit.save(server, "monday")["Snapshot"]
    assert saved["Name"] == "monday" and saved["Bodies"] == 1 and saved["Bytes"] > 65536
    films.remove("metropolis")
    films.add("nosferatu")
    assert films.content() == (["nosferatu"], ["nosferatu"], 2)
    assert opened(server, "monday", tmp_path) == (["metropolis"], ["metropolis"], 1)


def test_whoever_opens_a_snapshot_has_little_to_read_of_the_log(server):
    films = Films(server.url).create()
    for number in range(10):
        films.dynamodb.put_item(TableName="films",
                                Item={"id": {"S": f"{number}"}, "text": {"S": "x" * 100_000}})
    history_kit.save(server, "long")
    folder = pathlib.Path(server.data) / "snapshots" / "long" / "store"
    assert sum(path.stat().st_size for path in folder.glob("*.log")) < 300_000
    assert list(folder.glob("*.sst"))


def test_a_snapshot_outlives_the_server_and_is_listed_by_name(server):
    Films(server.url).create()
    for name in ("b", "a", "c.1-x_Y"):
        history_kit.save(server, name)
    server.kill()
    server.start()
    assert history_kit.names(server) == ["a", "b", "c.1-x_Y"]


def test_names_that_are_taken_wrong_or_unknown_are_refused(server):
    history_kit.save(server, "one")
    assert history_kit.save(server, "one") == ("ConflictException", 409)
    assert history_kit.save(server, ".one") == ("ValidationException", 400)
    assert history_kit.save(server, "-one") == ("ValidationException", 400)
    assert history_kit.save(server, "a%2Fb") == ("ValidationException", 400)
    assert history_kit.save(server, "x" * 129) == ("ValidationException", 400)
    assert history_kit.ask(server, "DELETE", "snapshots/two") == (
        "NoSuchEntityException", 404)
    assert history_kit.names(server) == ["one"]


def test_a_deleted_snapshot_leaves_nothing_and_its_name_is_free(server):
    films = Films(server.url).create()
    films.add("metropolis")
    history_kit.save(server, "one")
    assert history_kit.ask(server, "DELETE", "snapshots/one") == {}
    assert history_kit.left_overs(server) == []
    films.add("nosferatu")
    assert history_kit.save(server, "one")["Snapshot"]["Bodies"] == 2
    assert films.content() == (["metropolis", "nosferatu"], ["metropolis", "nosferatu"], 2)


def test_the_files_of_a_deleted_snapshot_go_by_and_by_and_whoever_starts_next_goes_on(tmp_path):
    with matinee_server.Server(tmp_path / "data") as server:
        s3 = Films(server.url).create().s3
        for number in range(450):  # more than one turn of the worker takes
            s3.put_object(Bucket="films", Key=str(number), Body=history_kit.BODY[:20_000])
        for name in ("one", "two"):
            assert history_kit.save(server, name)["Snapshot"]["Bodies"] == 450
        history_kit.ask(server, "DELETE", "snapshots/one")
        assert history_kit.left_overs(server) == ["two"]
        history_kit.ask(server, "DELETE", "snapshots/two")
        server.kill()
        server.start()
        assert history_kit.left_overs(server) == []
        s3 = Films(server.url).s3
        keys = s3.list_objects_v2(Bucket="films")["Contents"]
        assert len(keys) == 450
        assert s3.get_object(Bucket="films", Key="449")["Body"].read() == history_kit.BODY[:20_000]


def test_a_command_that_deletes_a_snapshot_leaves_nothing(tmp_path):
    data = tmp_path / "data"
    with matinee_server.Server(data) as server:
        Films(server.url).create().add("metropolis")
        history_kit.save(server, "one")
    deleted = history_kit.run("snapshot", "delete", "one", "--data", data)
    assert deleted.returncode == 0, deleted.stderr
    assert list((data / "snapshots").iterdir()) == []


def test_a_cloud_in_memory_has_none(tmp_path):
    with matinee_server.Server(tmp_path, ["--durability", "memory"]) as server:
        assert history_kit.save(server, "one") == ("NotImplemented", 501)


def test_the_server_goes_on_while_it_saves(server, tmp_path):
    films = Films(server.url).create()
    stopped = threading.Event()
    written = []

    def write():
        other = Films(server.url)
        while not stopped.is_set():
            other.add(f"film-{len(written):04}")
            written.append(len(written))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        before = []
        for number in range(10):
            before.append(len(written))
            took = -time.monotonic()
            history_kit.save(server, f"s{number}")
            took += time.monotonic()
            assert took < 5
    finally:
        stopped.set()
        writer.join()
    keys, items, messages = opened(server, "s9", tmp_path)
    # An object is put before its item, and that before its message.
    assert before[9] <= messages <= len(items) <= len(keys) <= messages + 1
    assert len(films.content()[0]) == len(written)


def test_the_command_saves_lists_and_deletes(server):
    Films(server.url).create().add("metropolis")
    place = ("--cloud", server.url)
    saved = history_kit.run("snapshot", "save", "monday", *place)
    assert saved.returncode == 0 and saved.stdout.startswith("monday  saved 20"), saved.stderr
    assert "1 body in files" in saved.stdout
    listed = history_kit.run("snapshot", "list", "--format", "json", *place)
    assert json.loads(listed.stdout)["Name"] == "monday"
    again = history_kit.run("snapshot", "save", "monday", *place)
    assert again.returncode == 1 and "There is a snapshot monday already." in again.stderr
    assert history_kit.run("snapshot", "delete", "monday", *place).returncode == 0
    assert history_kit.run("snapshot", "list", *place).stdout == ""


def test_a_damaged_snapshot_is_said_to_be_one_and_hinders_no_other(server, tmp_path):
    for name in ("a", "b", "c"):
        history_kit.save(server, name)
    (tmp_path / "data" / "snapshots" / "b" / "SNAPSHOT").unlink()
    found = history_kit.ask(server, "GET", "snapshots")["Snapshots"]
    assert [snapshot["Name"] for snapshot in found] == ["a", "b", "c"]
    assert ["Damage" in snapshot for snapshot in found] == [False, True, False]
    listed = history_kit.run("snapshot", "list", "--cloud", server.url).stdout.splitlines()
    assert listed[1].startswith("b  damaged: the snapshot b is damaged") and len(listed) == 3
    assert history_kit.ask(server, "DELETE", "snapshots/b") == {}
    assert history_kit.names(server) == ["a", "c"]


def test_no_snapshot_is_served_where_it_lies_but_a_copy_is(server, tmp_path):
    films = Films(server.url).create()
    films.add("metropolis")
    history_kit.save(server, "monday")
    place = f"{server.data}/snapshots/monday"
    refused = history_kit.run("up", "--port", "0", "--data", place)
    assert refused.returncode == 1 and "`matinee fork monday --data" in refused.stderr
    assert opened(server, "monday", tmp_path) == (["metropolis"], ["metropolis"], 1)
