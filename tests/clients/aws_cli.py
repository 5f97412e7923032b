"""Runs the real `aws` command of the test environment as a user's shell would."""

import functools
import json
import os
import pathlib
import subprocess
import sys

import aws_clients

AWS = str(pathlib.Path(sys.executable).parent / "aws")


@functools.cache
def find_version_2():
    """The path of the machine's `aws` if that is of version 2, which no registry of Python has."""
    for folder in os.environ["PATH"].split(os.pathsep):
        program = pathlib.Path(folder) / "aws"
        if program.is_file() and str(program) != AWS:
            told = subprocess.run([program, "--version"], capture_output=True, text=True,
                                  timeout=60, check=False).stdout
            if told.startswith("aws-cli/2."):
                return str(program)
    return None


class Failed(Exception):
    """The command ended with another exit code than 0."""

    def __init__(self, finished):
        super().__init__(f"exit code {finished.returncode}: {finished.stderr}")
        self.code = finished.returncode
        self.error = finished.stderr


def environment(**more):
    keys = aws_clients.CREDENTIALS
    return {**os.environ, "AWS_ACCESS_KEY_ID": keys["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": keys["aws_secret_access_key"],
            "AWS_DEFAULT_REGION": aws_clients.REGION, "AWS_MAX_ATTEMPTS": "1",
            "PATH": str(pathlib.Path(AWS).parent) + os.pathsep + os.environ["PATH"], **more}


class Cli:
    """`cli("sqs", "list-queues")` runs that against the endpoint; returns its JSON, or its text."""

    def __init__(self, endpoint, directory, program=AWS):
        self.program = program
        self.endpoint = endpoint
        self.directory = directory

    def __call__(self, *arguments, **more):
        command = [self.program, "--endpoint-url", self.endpoint, *map(str, arguments)]
        finished = subprocess.run(
            command, capture_output=True, text=True, timeout=120, check=False,
            cwd=self.directory, env=environment(**more))
        if finished.returncode != 0:
            raise Failed(finished)
        try:
            return json.loads(finished.stdout)
        except ValueError:
            return finished.stdout
