"""Runs a client that is installed on the machine, as a user's shell would."""

import shutil
import subprocess

import aws_clients
import pytest

KEYS = aws_clients.CREDENTIALS


class Failed(Exception):
    """The program ended with another exit code than 0."""

    def __init__(self, finished):
        super().__init__(f"exit code {finished.returncode}: {finished.stderr}")
        self.code = finished.returncode
        self.error = finished.stderr


class Program:
    """`program("ls", "x")` runs the command with these arguments; returns what it printed."""

    def __init__(self, command, directory):
        if shutil.which(command[0]) is None:
            pytest.skip(f"{command[0]} is not installed")
        self.command = command
        self.directory = directory

    def __call__(self, *arguments, stdin=None):
        finished = subprocess.run(
            [*self.command, *map(str, arguments)], input=stdin, capture_output=True, text=True,
            timeout=120, check=False, cwd=self.directory)
        if finished.returncode != 0:
            raise Failed(finished)
        return finished.stdout


def s3cmd(endpoint, directory, keys=None):
    """s3cmd with a configuration of its own in that directory."""
    keys = keys or KEYS
    host = endpoint.removeprefix("http://")
    (directory / "s3cfg").write_text(
        f"[default]\naccess_key = {keys['aws_access_key_id']}\n"
        f"secret_key = {keys['aws_secret_access_key']}\n"
        f"host_base = {host}\nhost_bucket = {host}\nuse_https = False\n"
        "signature_v2 = False\nbucket_location = us-east-1\nmax_retries = 1\n", encoding="utf-8")
    return Program(["s3cmd", "-c", str(directory / "s3cfg"), "--no-progress"], directory)


def rclone(endpoint, directory, keys=None):
    """rclone with the remote `m:` in a configuration of its own in that directory."""
    keys = keys or KEYS
    (directory / "rclone.conf").write_text(
        f"[m]\ntype = s3\nprovider = Other\nregion = us-east-1\nendpoint = {endpoint}\n"
        f"access_key_id = {keys['aws_access_key_id']}\n"
        f"secret_access_key = {keys['aws_secret_access_key']}\n"
        "upload_cutoff = 5M\nchunk_size = 5M\ncopy_cutoff = 6M\n", encoding="utf-8")
    return Program(["rclone", "--config", str(directory / "rclone.conf"), "--retries", "1",
                    "--low-level-retries", "1"], directory)
