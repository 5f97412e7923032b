"""Runs a runtime with a function and a list of invocations, and says all that was seen of it."""

import dataclasses
import json
import os
import pathlib
import re
import signal
import subprocess
import threading

from runtime_api import Answer, Invocation, RuntimeApi

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LEVELS = ("", "TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z")
AT_MOST_SECONDS = 30


@dataclasses.dataclass(frozen=True)
class Frame:
    """A record of the log: its level, whether it is JSON, and its text."""

    level: str
    is_json: bool
    text: str


@dataclasses.dataclass
class Run:
    answers: list[Answer]
    exit_code: int | None  # None: it was still running when it had answered everything.
    output: str
    errors: str
    frames: list[Frame]
    api: RuntimeApi

    def bodies(self):
        return [json.loads(answer.body) for answer in self.answers]

    def body(self):
        assert len(self.answers) == 1, self
        return json.loads(self.answers[0].body)


def events(*values):
    return [value if isinstance(value, Invocation) else Invocation(json.dumps(value).encode())
            for value in values]


def run(command, directory, handler, invocations, *, directory_of_run, environment=None,
        frames=True, api_path=None, closes_after_answers=False):
    """Starts `command` and ends it once it has answered and asks for more.

    `environment` adds to what AWS sets; None as a value takes a variable away.
    """
    place = pathlib.Path(directory_of_run)
    place.mkdir(parents=True)
    with RuntimeApi(invocations, api_path, closes_after_answers) as api, \
            open(place / "output", "wb") as output, open(place / "errors", "wb") as errors, \
            open(place / "frames", "wb") as log:
        variables = {**_as_at_aws(handler, directory, api.address), **(environment or {})}
        if frames:
            variables["_LAMBDA_TELEMETRY_LOG_FD"] = str(log.fileno())
        process = subprocess.Popen(
            command, cwd=directory, stdout=output, stderr=errors, stdin=subprocess.DEVNULL,
            env={name: value for name, value in variables.items() if value is not None},
            pass_fds=[log.fileno()] if frames else [],
            # What a shell starts in its background ignores Ctrl-C, and so would this.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        ended = threading.Thread(target=lambda: (process.wait(), api.is_done.set()))
        ended.start()
        in_time = api.is_done.wait(AT_MOST_SECONDS)
        exit_code = process.poll()
        process.kill()
        ended.join()
    texts = [(place / name).read_bytes().decode("utf-8", "replace")
             for name in ("output", "errors")]
    assert in_time, f"{command} neither ended nor asked for more: {texts} {api.requests}"
    return Run(api.answers, exit_code, *texts, _frames((place / "frames").read_bytes()), api)


def _as_at_aws(handler, directory, address):
    return {"PATH": os.environ["PATH"], "LANG": "en_US.UTF-8", "TZ": ":UTC",
            "HOME": "/nonexistent", "_HANDLER": handler, "LAMBDA_TASK_ROOT": str(directory),
            "AWS_LAMBDA_RUNTIME_API": address, "AWS_REGION": "us-east-1",
            "AWS_LAMBDA_FUNCTION_NAME": "film", "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128", "PYTHONDONTWRITEBYTECODE": "1",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/film",
            "AWS_LAMBDA_LOG_STREAM_NAME": "2026/01/01/[$LATEST]00000000000000000000000000000000"}


def _frames(data):
    found = []
    while data:
        kind, length = int.from_bytes(data[:4], "big"), int.from_bytes(data[4:8], "big")
        assert kind & 0xFFFFFFE2 == 0xA55A0002, hex(kind)
        microseconds = int.from_bytes(data[8:16], "big")
        assert 1.6e15 < microseconds < 4e15, microseconds
        found.append(Frame(LEVELS[kind >> 2 & 7], not kind & 1, data[16:16 + length].decode()))
        data = data[16 + length:]
    return found


def without_times(text):
    return TIME.sub("TIME", text)
