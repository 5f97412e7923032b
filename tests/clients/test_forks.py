"""`matinee fork`: a copy of a cloud, as a cloud of its own beside it."""

import datetime
import json
import os
import signal
import subprocess
import time
import urllib.request

import history_kit
import matinee_server
import pytest
from history_kit import Films


class Fork:
    """`matinee fork NAME` as a user would start it; ended by SIGTERM."""

    def __init__(self, name, data, *arguments):
        self.command = [matinee_server.find_binary(), "fork", name, "--data", str(data), "--port",
                        "0", "--format", "json", *arguments]
        self.process = None
        self.place = None

    @property
    def url(self):
        return self.place["address"]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        self.place = json.loads(self.process.stdout.readline())
        return self

    def __exit__(self, *exception):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(30) == 0
        self.process.stdout.close()


@pytest.fixture
def server(tmp_path):
    """With the snapshot `monday`, and changed since."""
    with matinee_server.Server(tmp_path / "data") as running:
        films = Films(running.url).create()
        films.add("metropolis")
        history_kit.save(running, "monday")
        films.remove("metropolis")
        films.add("nosferatu")
        yield running


def test_a_fork_has_what_its_snapshot_has_and_changes_are_its_own(server):
    with Fork("monday", server.data) as fork:
        films = Films(fork.url)
        assert films.content() == (["metropolis"], ["metropolis"], 1)
        films.remove("metropolis")
        films.add("alien")
        assert films.content() == (["alien"], ["alien"], 2)
        with Fork("monday", server.data) as other:
            assert Films(other.url).content() == (["metropolis"], ["metropolis"], 1)
    assert Films(server.url).content() == (["nosferatu"], ["nosferatu"], 2)


def test_now_is_what_there_is_and_leaves_no_snapshot(server):
    with Fork("now", server.data) as fork:
        assert Films(fork.url).content() == (["nosferatu"], ["nosferatu"], 2)
        assert history_kit.names(server) == ["monday"]
    server.stop()
    with Fork("now", server.data) as fork:
        assert Films(fork.url).content() == (["nosferatu"], ["nosferatu"], 2)
    server.start()
    assert history_kit.names(server) == ["monday"]


def test_its_clock_is_its_own(server):
    with Fork("now", server.data, "--clock", "paused") as fork:
        moved = history_kit.run("clock", "advance", "1h", "--cloud", fork.url)
        assert moved.returncode == 0, moved.stderr
        ahead = time_of(clock_of(fork.url)) - time_of(clock_of(server.url))
        assert 3000 < ahead.total_seconds() < 3700
        assert clock_of(server.url)["Paused"] is False


def time_of(clock):
    return datetime.datetime.fromisoformat(clock["Now"])


def clock_of(url):
    with urllib.request.urlopen(f"{url}/_matinee/clock") as reply:
        return json.loads(reply.read())


def test_its_directory_goes_with_it_and_after_a_kill_with_the_next_one(server):
    folder = f"{server.data}/forks"
    with Fork("monday", server.data) as fork:
        assert fork.place["data"].startswith(folder + "/")
    assert os.listdir(folder) == []
    killed = Fork("monday", server.data)
    with killed:
        with Fork("monday", server.data) as beside:
            killed.process.kill()
            killed.process.wait()
            with Fork("monday", server.data) as fork:
                kept = {os.path.basename(one.place["data"]) for one in (beside, fork)}
                assert {name for name in os.listdir(folder) if "." not in name} == kept
        killed.process.returncode = 0
    assert os.listdir(folder) == []


@pytest.mark.parametrize("to, sentence", [
    (None, "Stopped; the fork is gone.\n"),
    ("copy", "Stopped; {} keeps everything.\n"),
])
def test_it_says_at_its_end_whether_it_is_kept(server, tmp_path, to, sentence):
    target = tmp_path / "copy"
    command = Fork("monday", server.data, *(["--to", str(target)] if to else [])).command
    command[command.index("json")] = "text"
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True) as process:
        assert "is ready on" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
    assert errors == sentence.format(target)
    assert target.exists() == bool(to)


def test_a_directory_that_is_given_stays(server, tmp_path):
    target = tmp_path / "copy"
    with Fork("monday", server.data, "--to", str(target)) as fork:
        assert fork.place["data"] == str(target)
        Films(fork.url).add("alien")
    with matinee_server.Server(target) as again:
        assert Films(again.url).content() == (["alien", "metropolis"], ["alien", "metropolis"], 2)
    taken = history_kit.run("fork", "monday", "--data", server.data, "--to", str(target))
    assert taken.returncode == 1 and "already" in taken.stderr


def test_a_fork_keeps_snapshots_and_is_restored_like_any_cloud(server):
    with Fork("monday", server.data) as fork:
        films = Films(fork.url)
        history_kit.save(fork, "inner")
        films.remove("metropolis")
        history_kit.ask(fork, "POST", "snapshots/inner/restore")
        assert films.content() == (["metropolis"], ["metropolis"], 1)
    assert os.listdir(f"{server.data}/forks") == []


@pytest.mark.parametrize("arguments, code, sentence", [
    (["tuesday"], 1, "There is no snapshot tuesday."),
    (["a/b"], 2, "no name of a snapshot"),
    (["monday", "--durability", "memory"], 2, "A fork has a directory"),
    (["monday", "--seed", "7"], 2, "--seed begins with an empty cloud"),
    (["monday", "--detach"], 2, "--detach needs --to DIR"),
])
def test_what_cannot_be_forked_is_refused(server, arguments, code, sentence):
    run = history_kit.run("fork", *arguments, "--data", server.data)
    assert run.returncode == code and sentence in run.stderr, run.stderr
    assert not os.path.exists(f"{server.data}/forks") or os.listdir(f"{server.data}/forks") == []


def test_a_snapshot_cannot_have_the_name_of_what_is_now(server):
    assert history_kit.save(server, "now") == ("ValidationException", 400)


def test_the_tables_of_the_original_may_go_while_a_fork_reads_them(server):
    with Fork("monday", server.data) as fork:
        history_kit.ask(server, "DELETE", "snapshots/monday")
        Films(server.url).remove("nosferatu")
        assert Films(fork.url).content() == (["metropolis"], ["metropolis"], 1)


def test_it_is_there_soon(server):
    """The bound is of a machine that does other things as well; docs/history.md has the figure."""
    took = []
    for _ in range(5):
        began = time.monotonic()
        with Fork("monday", server.data):
            took.append(time.monotonic() - began)
    assert min(took) < 1, took
