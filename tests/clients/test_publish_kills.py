"""`matinee publish` killed at random moments and started again: each key is published once.
MATINEE_PUBLISH_KILLS says how many kills (`make publish-kills` takes 50).
"""

import os
import random
import subprocess

import matinee_server
import pytest
from movie_job import environment_with
from publishing import BUCKET, Cloud, Run, command, digests, once

KILLS = int(os.environ.get("MATINEE_PUBLISH_KILLS", "8"))
COUNT = 4000


def run_until_killed(arguments, seconds, environment):
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env=environment_with(environment))
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def publish_with_kills(arguments, cloud, generator, environment):
    """Kills half of the runs soon after their start, and counts how many were killed at work."""
    at_work = 0
    for _ in range(KILLS):
        moment = generator.choice((0.02, 0.1, 0.3)) * generator.uniform(0.5, 1.5)
        concurrency = ("--concurrency", generator.choice((1, 4, 16)))
        run_until_killed(command(*arguments, *concurrency, cloud=cloud), moment, environment)
        probe = Run(*arguments, "--dry-run", cloud=cloud, environment=environment)
        at_work += 0 < probe.require_success()["to_be_published"] < COUNT
    return at_work


@pytest.mark.parametrize("embedded", [False, True], ids=["server", "embedded"])
def test_killed_at_random_moments_it_publishes_each_key_once(tmp_path, embedded):
    environment = {"XDG_DATA_HOME": str(tmp_path)}
    data = tmp_path / "matinee"
    server = matinee_server.Server(data).start()
    cloud = Cloud(server.url)
    keys = cloud.put(digests(COUNT))
    url = cloud.create_queue("work.fifo")
    if embedded:
        assert server.stop() == 0
    target = None if embedded else server.url
    publish_with_kills((BUCKET, url), target, random.Random(KILLS), environment)
    summary = Run(BUCKET, url, cloud=target, environment=environment).require_success()
    assert summary["in_doubt"] == 0 and summary["objects_seen"] == COUNT
    if embedded:
        server = matinee_server.Server(data).start()
        cloud = Cloud(server.url)
        url = cloud.create_queue("work.fifo")
    assert cloud.take(url) == once(keys)
    assert server.stop() == 0
