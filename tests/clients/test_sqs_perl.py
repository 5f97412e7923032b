"""Perl's Amazon::SQS::Simple, as Debian packages it: the query protocol of 2012, forms that name a
target, and a Host without its port."""

import os
import pathlib
import subprocess

import matinee_server
import pytest

PROGRAM = pathlib.Path(__file__).with_name("sqs.pl")
EXPECTED = """\
listed 1
verified yes
waiting 3
timeout 77
received one & <b>+1</b> three two
again yes
left none
gone yes
"""


@pytest.fixture(scope="module")
def perl():
    probe = subprocess.run(["perl", "-MAmazon::SQS::Simple", "-e1"], capture_output=True)
    if probe.returncode != 0:
        pytest.skip("needs libamazon-sqs-simple-perl")

    def run(endpoint, name, **environment):
        done = subprocess.run(["perl", PROGRAM, endpoint, name], capture_output=True, text=True,
                              timeout=120, env={**os.environ, **environment})
        return done.stdout + done.stderr
    return run


def test_its_program_works(perl, endpoint, name):
    assert perl(endpoint, name) == EXPECTED


def test_its_signatures_are_verified(perl, tmp_path, name):
    """It signs for a service only if the host is one of AWS's: the server stands in as a proxy."""
    arguments = ["--auth", "sigv4", "--key", "AKIDEXAMPLE:secret"]
    with matinee_server.Server(tmp_path / "data", arguments) as server:
        said = perl("http://sqs.us-east-1.amazonaws.com", name, http_proxy=server.url)
    assert said == EXPECTED
