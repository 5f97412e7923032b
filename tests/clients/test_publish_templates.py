"""The templates of templates/publish: what of them can be checked without AWS and a provider."""

import hashlib
import re
import shutil
import subprocess

import matinee_server
import pytest
import yaml
from publishing import BUCKET, Cloud, Run, once

TEMPLATES = matinee_server.ROOT / "templates" / "publish"


class Loader(yaml.SafeLoader):
    """Knows CloudFormation's short functions, as plain values."""


Loader.add_multi_constructor("!", lambda loader, suffix, node: f"{suffix} {node.value}")


def test_terraform_likes_the_form_of_its_template():
    if not shutil.which("terraform"):
        pytest.skip("there is no terraform here")
    finished = subprocess.run(["terraform", "fmt", "-check", "-diff", str(TEMPLATES)],
                              capture_output=True, text=True, timeout=60, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_both_templates_make_the_same_queue():
    template = yaml.load((TEMPLATES / "template.yaml").read_text(), Loader)
    queue = template["Resources"]["Queue"]["Properties"]
    terraform = (TEMPLATES / "main.tf").read_text()
    for name, value in [("fifo_queue", "FifoQueue"), ("deduplication_scope", "DeduplicationScope"),
                        ("fifo_throughput_limit", "FifoThroughputLimit")]:
        [in_terraform] = re.findall(
            rf'^resource "aws_sqs_queue" "films".*?{name} += (\S+)', terraform, re.S | re.M)
        assert in_terraform.strip('"') == str(queue[value]).replace("True", "true")
    statements = template["Resources"]["PublisherPolicy"]["Properties"]["PolicyDocument"][
        "Statement"]
    assert {statement["Action"] for statement in statements} == {"s3:ListBucket", "sqs:SendMessage"}


def test_the_shell_lines_make_samples_named_by_their_digest(tmp_path):
    lines = (TEMPLATES / "README.md").read_text()
    [script] = re.findall(r"^mkdir samples.*?^done$", lines, re.S | re.M)
    subprocess.run(["bash", "-euc", script], cwd=tmp_path, timeout=60, check=True)
    samples = {path.name: path.read_bytes() for path in (tmp_path / "samples").iterdir()}
    assert len(samples) == 100
    assert all(hashlib.sha256(body).hexdigest() == name for name, body in samples.items())
    with matinee_server.Server(tmp_path / "data") as server:
        cloud = Cloud(server.url)
        cloud.put(samples)
        url = cloud.create_queue("work.fifo")
        Run(BUCKET, url, "--ledger", tmp_path, cloud=server.url).require_success()
        assert cloud.take(url) == once(samples)
