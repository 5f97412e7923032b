"""The server is killed while it saves and deletes snapshots, at moments that move on through both:
a snapshot is there as a whole or not at all, and what was acknowledged is there, or gone."""

import os
import shutil
import threading
import time

import history_kit
import matinee_server
from history_kit import Films

KILLS = 12


def test_a_kill_leaves_snapshots_whole_or_none(tmp_path):
    with matinee_server.Server(tmp_path / "data") as server:
        films = Films(server.url).create()
        for number in range(40):
            films.add(f"film-{number:02}")
        expected = films.content()
        folder = tmp_path / "data" / "snapshots"
        started = time.monotonic()
        history_kit.save(server, "first")
        history_kit.ask(server, "DELETE", "snapshots/first")
        both = time.monotonic() - started
        whole = 0
        half = 0
        for kill in range(KILLS):
            acknowledged = history_kit.names(server)
            asking = threading.Thread(target=change, args=(server, acknowledged))
            asking.start()
            asking.join(both * kill / KILLS)  # until a moment of its own for each kill
            server.kill()
            asking.join()
            half += any(name.startswith(".") for name in os.listdir(folder))
            server.start()
            whole += check(server, tmp_path, expected)
        assert whole + half > 0, "no kill met a snapshot"
        assert Films(server.url).content() == expected


def change(server, known):
    """Until the server is gone."""
    try:
        for name in known:
            history_kit.ask(server, "DELETE", f"snapshots/{name}")
        for number in range(1000):
            history_kit.save(server, f"s{number}")
            history_kit.ask(server, "DELETE", f"snapshots/s{number}")
    except OSError:
        pass


def check(server, tmp_path, expected):
    found = history_kit.names(server)
    for name in found:
        shutil.copytree(f"{server.data}/snapshots/{name}", tmp_path / "copy")
        with matinee_server.Server(tmp_path / "copy") as other:
            assert Films(other.url).content() == expected
        shutil.rmtree(tmp_path / "copy")
    return len(found)
