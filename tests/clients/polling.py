"""Waiting for what a client can see, with a deadline, instead of sleeping for a guess."""

import select
import time


def eventually(probe, seconds=15):
    """Calls the probe until it returns something true, which is returned. Fails at the deadline."""
    deadline = time.monotonic() + seconds
    while True:
        result = probe()
        if result:
            return result
        assert time.monotonic() < deadline, f"not within {seconds} seconds"
        # Leaves the processor to the server between two probes.
        select.select([], [], [], 0.02)


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self):
        self.started = time.monotonic()

    def seconds(self):
        return time.monotonic() - self.started
