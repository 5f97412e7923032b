"""`matinee publish` killed at random moments and started again: each key is published once.
MATINEE_PUBLISH_KILLS says how many kills (`make publish-kills` takes 50).
"""

import os
import random
import subprocess

import matinee_server
import pytest
from program import environment_with
from publishing import BUCKET, Cloud, command, digests, once

KILLS = int(os.environ.get("MATINEE_PUBLISH_KILLS", "8"))
COUNT = 4000


class Publisher:
    """Runs that are killed; with the server that they use, or with a cloud of their own."""

    def __init__(self, directory, embedded, seed):
        self.directory = directory
        self.embedded = embedded
        self.random = random.Random(seed)
        self.kills = 0
        self.rounds = 0
        self.queue = ""
        self.server = self.start_server()
        self.cloud = Cloud(self.server.url)
        self.keys = self.cloud.put(digests(COUNT))

    def start_server(self):
        return matinee_server.Server(self.directory / "matinee").start()

    def run_until_killed(self):
        """True if it came to its end before that."""
        arguments = command(BUCKET, self.queue, "--concurrency", self.random.choice((1, 4, 16)),
                            cloud=None if self.embedded else self.server.url)
        process = subprocess.Popen(
            arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            env=environment_with({"XDG_DATA_HOME": str(self.directory)}))
        try:
            _, error = process.communicate(timeout=self.random.uniform(0.02, 0.3))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            self.kills += 1
            return False
        assert process.returncode == 0, error
        return True

    def publish_everything(self):
        """Into a queue of its own, which has a ledger of its own; returns what is in it then."""
        self.rounds += 1
        self.queue = f"work-{self.rounds}.fifo"
        self.cloud.create_queue(self.queue)
        if self.embedded:
            assert self.server.stop() == 0
        while not self.run_until_killed():
            pass
        if self.embedded:
            self.server = self.start_server()
            self.cloud.connect(self.server.url)
        return self.cloud.take(self.cloud.create_queue(self.queue))


@pytest.mark.parametrize("embedded", [False, True], ids=["server", "embedded"])
def test_killed_at_random_moments_it_publishes_each_key_once(tmp_path, embedded):
    publisher = Publisher(tmp_path, embedded, seed=KILLS)
    try:
        while publisher.kills < KILLS:
            assert publisher.publish_everything() == once(publisher.keys)
    finally:
        publisher.server.stop()
