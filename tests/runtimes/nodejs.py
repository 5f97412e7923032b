"""How Node.js functions are run here, under our loader and under aws-lambda-ric, and what of the
two must agree.

AWS's client is taken as it is but for the part that is built with libcurl, which takes minutes:
native_client.cjs stands in for that. Version 3 is the one of the runtimes with callbacks, version 4
the one of nodejs24.x.
"""

import base64
import json
import os
import re
import shutil
import subprocess

import run_function

NODE = os.environ.get("MATINEE_TEST_NODE") or shutil.which("node")
FUNCTIONS = run_function.HERE / "functions" / "nodejs"
LOADER = run_function.ROOT / "runtimes" / "nodejs" / "bootstrap.mjs"
CLIENTS = run_function.HERE / "javascript"
NATIVE = CLIENTS / "native_client.cjs"
CALLBACKS, PROMISES = "AWS_Lambda_nodejs20.x", "AWS_Lambda_nodejs24.x"
# Lines of stack traces that are not the function's own: of the runtimes, and of Node.js.
OTHERS = rf"at (?:(?!{re.escape(str(FUNCTIONS))})[^\"\\\n\r{{])*?"
OTHERS_FRAMES = re.compile(rf",\" +{OTHERS}\"|"  # In a list of JSON, or else in a text.
                           rf"(?:\\n|[\n\r]) +{OTHERS}(?= {{|\\n|[\n\r]|\"|$)")
OWN_FILE = re.compile(rf"(?:file://)?(?:{LOADER.parent}|{CLIENTS}/node_modules)/[\w./-]+")


def command_of_loader():
    return [NODE, str(LOADER)]


def command_of_aws(handler, environment):
    files = {CALLBACKS: "aws-lambda-ric-3/bin/index.mjs", PROMISES: "aws-lambda-ric-4/index.mjs"}
    return [NODE, "--require", str(NATIVE),
            str(CLIENTS / "node_modules" / files[environment["AWS_EXECUTION_ENV"]]), handler]


def seen(run):
    return {
        "answers": [(answer.path, *_headers(answer), without_others(answer.body.decode()),
                     _trailers(answer)) for answer in run.answers],
        "exit code": run.exit_code,
        "output": [without_others(line) for line in re.findall("[^\n]*\n", run.output)
                   if not _is_of_one(line)],
        "frames": [(frame.level, frame.is_json, without_others(frame.text))
                   for frame in run.frames if not _is_of_one(frame.text)]}


def _headers(answer):
    """Of errors of invocations AWS's client tells the type in the document only."""
    headers = answer.headers
    kind = headers.get("lambda-runtime-function-error-type")
    return (headers.get("content-type"), headers.get("lambda-runtime-function-response-mode"),
            kind if answer.path == "/init/error" else None)


def _trailers(answer):
    kind = answer.trailers.get("lambda-runtime-function-error-type")
    body = answer.trailers.get("lambda-runtime-function-error-body", "")
    return kind, without_others(base64.b64decode(body).decode())


def _is_of_one(line):
    return line.startswith("Executing '") or "matinee runtimes add" in line


def without_others(text):
    text = OTHERS_FRAMES.sub("", run_function.without_times(text))
    return OWN_FILE.sub("RUNTIME", text)


def names_in(file):
    """The names of the cases that a file of functions has."""
    script = ("globalThis.awslambda = { streamifyResponse: (handler) => handler };"
              f"console.log(JSON.stringify(require('./{file}').names))")
    return json.loads(subprocess.run([NODE, "-e", script], cwd=FUNCTIONS, check=True,
                                     capture_output=True).stdout)
