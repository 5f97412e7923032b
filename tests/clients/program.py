"""Runs a command of matinee to its end, as a user's shell would."""

import json
import os
import subprocess

import aws_clients
import matinee_server

SECONDS = 150


def command_line(*arguments, cloud=None):
    line = [matinee_server.find_binary(), *map(str, arguments)]
    return line + (["--cloud", cloud] if cloud else [])


def environment_with(more=None):
    keys = aws_clients.CREDENTIALS
    return {**os.environ, "AWS_ACCESS_KEY_ID": keys["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": keys["aws_secret_access_key"],
            "AWS_REGION": aws_clients.REGION, **(more or {})}


class Finished:
    """A run that has ended, with a summary as JSON."""

    def __init__(self, line, environment=None):
        self.command = [*line, "--format", "json"]
        finished = subprocess.run(self.command, capture_output=True, text=True, timeout=SECONDS,
                                  check=False, env=environment_with(environment))
        self.code = finished.returncode
        self.error = finished.stderr
        self.output = finished.stdout

    @property
    def summary(self):
        assert self.output, self.error
        return json.loads(self.output)

    def require_success(self):
        assert self.code == 0, f"exit code {self.code}\n{self.output}\n{self.error}"
        return self.summary
