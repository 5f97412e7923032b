"""`matinee snapshot restore`: a cloud becomes what it was when a snapshot was saved, while it is
served or while nobody uses it. Killed in its middle, it is the old one or the new one."""

import subprocess
import threading
import time

import aws_clients
import history_kit
import matinee_server
import pytest
from history_kit import Films

KILLS = 10
OLD = (["nosferatu"], ["nosferatu"], 2)
NEW = (["metropolis"], ["metropolis"], 1)


def restore(server, name):
    return history_kit.ask(server, "POST", f"snapshots/{name}/restore")


def prepare(server):
    """Changed since the snapshot `monday`."""
    films = Films(server.url).create()
    films.add("metropolis")
    history_kit.save(server, "monday")
    films.remove("metropolis")
    films.add("nosferatu")
    return films


@pytest.fixture
def server(tmp_path):
    with matinee_server.Server(tmp_path / "data") as running:
        prepare(running)
        yield running


def test_everything_is_as_it_was_as_often_as_one_likes_while_it_is_served(server):
    process = server.process.pid
    films = Films(server.url)
    for _ in range(3):
        assert restore(server, "monday") == {}
        assert films.content() == NEW
        films.add("alien")
        films.remove("metropolis")
        assert history_kit.names(server) == ["monday"]
    assert server.process.pid == process and server.is_running()
    server.kill()
    server.start()
    assert Films(server.url).content() == (["alien"], ["alien"], 2)
    server.stop()
    verified = history_kit.run("verify", "--data", server.data)
    assert verified.returncode == 0, verified.stdout
    server.start()


def test_a_directory_that_nobody_uses_is_restored_by_the_command(server):
    server.stop()
    for _ in range(2):
        run = history_kit.run("snapshot", "restore", "monday", "--data", server.data)
        assert run.returncode == 0, run.stderr
        server.start()
        films = Films(server.url)
        assert films.content() == NEW
        films.add("alien")
        films.remove("metropolis")
        server.stop()
    verified = history_kit.run("verify", "--data", server.data)
    assert verified.returncode == 0, verified.stdout
    server.start()


def test_the_command_asks_the_server_and_the_next_command_finds_the_restored_cloud(server):
    run = history_kit.run("snapshot", "restore", "monday", "--data", server.data)
    assert run.returncode == 0, run.stderr
    status = history_kit.run("status", "--data", server.data)
    assert status.returncode == 0 and server.url in status.stdout, status.stderr
    assert Films(server.url).content() == NEW
    server.process.send_signal(0)


def test_what_cannot_be_restored_is_refused_and_nothing_changes(server, tmp_path):
    assert restore(server, "tuesday") == ("NoSuchEntityException", 404)
    assert restore(server, ".x") == ("ValidationException", 400)
    (tmp_path / "data" / "snapshots" / "monday" / "SNAPSHOT").write_text("matinee snapshot x\n")
    assert restore(server, "monday") == ("InternalFailure", 500)
    assert Films(server.url).content() == OLD
    server.stop()
    unknown = history_kit.run("snapshot", "restore", "tuesday", "--data", server.data)
    assert unknown.returncode == 1 and "there is no snapshot tuesday" in unknown.stderr
    nowhere = history_kit.run("snapshot", "restore", "monday", "--data", str(tmp_path / "no"))
    assert nowhere.returncode == 1 and "There is no data directory" in nowhere.stderr
    server.start()
    assert Films(server.url).content() == OLD


def test_a_snapshot_with_a_damaged_log_is_refused_before_anything_is_replaced(server, tmp_path):
    store = tmp_path / "data" / "snapshots" / "monday" / "store"
    log, = store.glob("*.log")
    content = bytearray(log.read_bytes())
    content[len(content) // 2] ^= 0xFF
    log.write_bytes(bytes(content))
    assert restore(server, "monday") == ("InternalFailure", 500)
    assert Films(server.url).content() == OLD


def test_what_is_acknowledged_after_the_reply_is_in_the_restored_cloud(server):
    """While others write all the time, on connections that they keep."""
    stopped = threading.Event()
    replied = []
    kept = [[] for _ in range(4)]

    def write(number):
        table = aws_clients.client("dynamodb", server.url,
                                   retries={"total_max_attempts": 20, "mode": "standard"})
        while not stopped.is_set():
            name = f"w{number}-{len(kept[number])}"
            began = time.monotonic()
            table.put_item(TableName="films", Item={"id": {"S": name}})
            kept[number].append((began, name))

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    for _ in range(4):
        assert restore(server, "monday") == {}
        replied.append(time.monotonic())
        wait_for_all(kept, replied[-1])
    stopped.set()
    for writer in writers:
        writer.join()
    items = Films(server.url).content()[1]
    later = [name for names in kept for began, name in names if began > replied[-1]]
    assert later and set(later) <= set(items)
    assert len(items) < sum(len(names) for names in kept), "nothing was taken back"


def wait_for_all(kept, moment):
    """Until each has written something that it began after `moment`."""
    deadline = time.monotonic() + 30
    while not all(names and names[-1][0] > moment for names in kept):
        assert time.monotonic() < deadline, "a writer has stopped"
        threading.Event().wait(0.005)


def test_who_waits_for_messages_does_not_hold_it_up(server):
    films = Films(server.url)
    films.sqs.create_queue(QueueName="later")
    answers = []

    other = aws_clients.client("sqs", server.url,
                               retries={"total_max_attempts": 10, "mode": "standard"})

    def wait():
        try:
            answers.append(other.receive_message(QueueUrl=f"{server.url}/000000000000/later",
                                                 WaitTimeSeconds=20))
        except other.exceptions.QueueDoesNotExist:
            answers.append(None)  # asked once that queue is of a time that is gone

    waiting = threading.Thread(target=wait)
    started = time.monotonic()
    waiting.start()
    films.sqs.list_queues()
    assert restore(server, "monday") == {}
    assert films.content() == NEW
    waiting.join()
    assert time.monotonic() - started < 15
    assert answers[0] is None or "Messages" not in answers[0]


def test_keys_from_standard_input_and_a_clock_that_stands_stay(tmp_path):
    arguments = ["--auth", "sigv4", "--key-file", "-", "--clock", "running", "--port-file",
                 str(tmp_path / "port")]
    with subprocess.Popen(
            [matinee_server.find_binary(), "up", "--port", "0", "--data", str(tmp_path / "data"),
             *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        process.stdin.write("AKIAIOSFODNN7EXAMPLE:secret\n")
        process.stdin.close()
        try:
            assert process.stdout.readline()
            url = f"http://127.0.0.1:{(tmp_path / 'port').read_text().strip()}"
            sqs = aws_clients.client("sqs", url, credentials={
                "aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "secret"})
            sqs.create_queue(QueueName="before")
            command = ["--data", str(tmp_path / "data")]
            for words in (["clock", "pause"], ["snapshot", "save", "one"],
                          ["snapshot", "restore", "one"]):
                run = subprocess.run(
                    [matinee_server.find_binary(), *words, *command], capture_output=True,
                    text=True, timeout=60, check=False,
                    env={"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
                         "AWS_SECRET_ACCESS_KEY": "secret"})
                assert run.returncode == 0, run.stderr
            assert len(sqs.list_queues()["QueueUrls"]) == 1
            assert (tmp_path / "port").read_text().strip() in url
            shown = subprocess.run(
                [matinee_server.find_binary(), "clock", *command], capture_output=True, text=True,
                timeout=60, check=False,
                env={"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
                     "AWS_SECRET_ACCESS_KEY": "secret"})
            assert "stands" in shown.stdout or "paused" in shown.stdout, shown
        finally:
            process.terminate()
            process.wait(30)


@pytest.mark.parametrize("is_served", [True, False], ids=["served", "not served"])
def test_killed_while_it_restores_it_is_old_or_new(server, is_served):
    """At moments that move on through it; then started, and restored as a whole."""
    if not is_served:
        server.stop()
    found = set()
    for kill in range(100):
        if len(found) == 2 and kill >= KILLS:
            break
        make_old(server, is_served)
        asking = restore_somehow(server, is_served)
        try:
            asking.wait(0.015 * kill)  # a moment of its own for each kill
        except subprocess.TimeoutExpired:
            pass
        if is_served:
            server.kill()
        else:
            asking.kill()
        asking.wait(30)
        server.start()
        content = Films(server.url).content()
        assert content in (OLD, NEW), f"kill {kill}"
        found.add(content == NEW)
        if not is_served:
            server.stop()
    assert found == {True, False}, "all kills came at one side of it"
    if not is_served:
        server.start()
    left = [name for name in history_kit.left_overs(server) if name != "monday"]
    assert left == []


def restore_somehow(server, is_served):
    place = ("--cloud", server.url) if is_served else ("--data", server.data)
    return subprocess.Popen(
        [matinee_server.find_binary(), "snapshot", "restore", "monday", *place],
        stderr=subprocess.DEVNULL)


def make_old(server, is_served):
    """What OLD is, whatever a kill has left."""
    if not is_served:
        server.start()
    films = Films(server.url)
    if films.content() == NEW:
        films.remove("metropolis")
        films.add("nosferatu")
    assert films.content() == OLD
    if not is_served:
        server.stop()
