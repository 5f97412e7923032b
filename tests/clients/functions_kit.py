"""Packages for functions, and functions made of them, for the tests of Lambda."""

import io
import json
import subprocess
import zipfile

ROLE = "arn:aws:iam::000000000000:role/function"
# Of queues.
ANYBODY = json.dumps({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sqs:*",
                                    "Resource": "*"}})


def is_locked_in():
    """Whether this machine allows namespaces: then functions see AWS's paths, else its own."""
    return subprocess.run(["unshare", "--user", "--map-root-user", "--mount", "true"],
                          capture_output=True, check=False).returncode == 0


def package(files):
    """A zip archive: names to texts, or to a text and a mode."""
    bytes_ = io.BytesIO()
    with zipfile.ZipFile(bytes_, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            text, mode = content if isinstance(content, tuple) else (content, 0o644)
            entry = zipfile.ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0))
            entry.external_attr = (0o100000 | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text)
    return bytes_.getvalue()


def python_package(body):
    """One file, app.py, with a handler whose body is `body`."""
    lines = "\n".join("    " + line for line in body.strip().splitlines())
    return package({"app.py": f"import json, os\n\ndef handler(event, context):\n{lines}\n"})


def make_function(client, name, code, **more):
    """A function that is ready."""
    settings = {"Runtime": "python3.12", "Handler": "app.handler", "Role": ROLE,
                "Code": {"ZipFile": code}} | more
    created = client.create_function(FunctionName=name, **settings)
    client.get_waiter("function_active_v2").wait(FunctionName=name,
                                                 WaiterConfig={"Delay": 0, "MaxAttempts": 50})
    return created


def make_queue(sqs, name, **attributes):
    """Its URL and its ARN."""
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"]
