"""The commands of an older tutorial, as they stand, against `matinee up --legacy-ports`."""

import subprocess

import aws_cli
import matinee_server
import pytest

LEGACY_PORTS = (4569, 4572, 4576)

BEFORE_THE_JOB = """
aws --endpoint-url=http://localhost:4576 sqs create-queue --queue-name movie-load.fifo \
--attributes "FifoQueue=true"
aws --endpoint-url=http://localhost:4569 dynamodb create-table \
--table-name movie-job-information --attribute-definitions \
AttributeName=job_id,AttributeType=S --key-schema AttributeName=job_id,KeyType=HASH \
--billing-mode PAY_PER_REQUEST
aws --endpoint-url=http://localhost:4572 s3 mb s3://movie-bucket
aws --endpoint-url=http://localhost:4569 dynamodb list-tables
"""
AFTER_THE_JOB = """
aws dynamodb scan --table-name movie-job-information --endpoint-url=http://localhost:4569
aws --endpoint-url=http://localhost:4572 s3 ls
aws s3 ls s3://movie-bucket --endpoint-url=http://localhost:4572
aws s3 mv s3://movie-bucket/JOB_ID.json . --endpoint-url=http://localhost:4572
aws sqs list-queues --endpoint-url=http://localhost:4576
aws sqs receive-message --queue-url http://localhost:4576/queue/movie-load.fifo \
--endpoint-url=http://localhost:4576 --max-number-of-messages 10
aws sqs purge-queue --queue-url http://localhost:4576/queue/movie-load.fifo \
--endpoint-url=http://localhost:4576
"""


@pytest.fixture
def server(tmp_path):
    taken = [port for port in LEGACY_PORTS if not matinee_server.is_port_free(port)]
    if taken:
        pytest.skip(f"the legacy port {taken[0]} is taken on this machine")
    with matinee_server.Server(tmp_path / "data", ["--legacy-ports"]) as running:
        yield running


def run_lines(lines, directory):
    """Runs each line in a shell; returns what they printed, by line."""
    outputs = []
    for line in lines.strip().splitlines():
        finished = subprocess.run(line, shell=True, capture_output=True, text=True, timeout=60,
                                  check=False, cwd=directory, env=aws_cli.environment())
        assert finished.returncode == 0, f"{line}\n{finished.stderr}"
        outputs.append(finished.stdout)
    return outputs


def test_the_lines_of_the_older_tutorial_work_as_they_stand(server, tmp_path):
    outputs = run_lines(BEFORE_THE_JOB, tmp_path)
    assert "http://localhost:4576" in outputs[0] and "movie-load.fifo" in outputs[0]
    assert "movie-job-information" in outputs[3]
    job = subprocess.run(
        [matinee_server.find_binary(), "run", "movies", "--count", "50", "--job-id", "JOB_ID",
         "--cloud", server.url], capture_output=True, text=True, timeout=60, check=False,
        env=aws_cli.environment())
    assert job.returncode == 0, job.stdout + job.stderr
    outputs = run_lines(AFTER_THE_JOB, tmp_path)
    assert '"JOB_ID"' in outputs[0]
    assert "movie-bucket" in outputs[1]
    assert "JOB_ID.json" in outputs[2]
    assert (tmp_path / "JOB_ID.json").stat().st_size > 0
    assert "movie-load.fifo" in outputs[4]
    assert "Messages" not in outputs[5]
