"""Pipelines as people write them for a course, with their usual mistakes, deployed and run offline
as they are: the server stands for OMDb too.

Sorting ratings as texts, taking the first record of a batch only, policies for everything, queues
for everybody, fixed names, accounts and regions, keys in the log, texts that are encoded twice: all
that is here on purpose, since it works at AWS.
"""

import json
import pathlib
import subprocess
import sys
import zipfile

import aws_clients
import matinee_server
import pytest
from botocore.exceptions import ClientError
from conftest import ROOT, SECONDS, Tool, surroundings
from deployed import outputs
from polling import eventually

FILMS = ROOT / "data" / "Top250Movies.json"
ACCOUNT = "459727908782"
AWS = pathlib.Path(sys.executable).parent / "aws"


class Author:
    """Who has a cloud of their own, in an account and a region."""

    def __init__(self, home, place, account="000000000000", region="us-east-1"):
        self.server = matinee_server.Server(
            place, ["--tls", "--host", "www.omdbapi.com=omdb"], environment=surroundings(home))
        self.keys = {"aws_access_key_id": account, "aws_secret_access_key": "secret"}
        self.region = region
        self.home = home

    def client(self, service):
        return aws_clients.client(service, self.server.url, self.region, self.keys)

    def environment(self):
        return {**surroundings(self.home, self.server), "AWS_REGION": self.region,
                "AWS_DEFAULT_REGION": self.region,
                "AWS_ACCESS_KEY_ID": self.keys["aws_access_key_id"]}

    def run(self, command, *arguments, cwd):
        return Tool([command], self.environment()).run(*arguments, cwd=cwd)

    def fire_schedules(self):
        """A day goes by."""
        subprocess.run([matinee_server.find_binary(), "clock", "advance", "1d", "--cloud",
                        self.server.url], check=True, timeout=60, env=self.environment(),
                       stdout=subprocess.DEVNULL)


def add_packages(home, version):
    """What AWS's runtime brings, for the interpreter that stands for an old one."""
    subprocess.run([matinee_server.find_binary(), "runtimes", "add", version], check=True,
                   env=surroundings(home), stdout=subprocess.DEVNULL, timeout=SECONDS)


def objects(author, bucket, count=1):
    """The bucket's objects by their keys, once there are so many."""
    s3 = author.client("s3")

    def found():
        try:
            listed = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
        except ClientError:
            return None
        return listed if len(listed) >= count else None
    return {each["Key"]: json.loads(s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read())
            for each in eventually(found, 120)}


@pytest.fixture
def digest(home, tmp_path):
    with (author := Author(home, tmp_path / "cloud")).server:
        yield author


@pytest.fixture
def four(home, tmp_path):
    with (author := Author(home, tmp_path / "cloud", ACCOUNT, "eu-central-1")).server:
        yield author


def test_a_digest_by_schedule_topic_and_queue_runs_as_its_author_wrote_it(digest, home, sam,
                                                                          project):
    add_packages(home, "python3.8")
    place = project("digest")
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--target", "enrich", "-r",
                    "enrich/requirements.txt", "--disable-pip-version-check"], cwd=place,
                   check=True, timeout=SECONDS)
    s3 = digest.client("s3")
    s3.create_bucket(Bucket="all-time-films")
    s3.put_object(Bucket="all-time-films", Key="films.json", Body=FILMS.read_bytes())
    s3.create_bucket(Bucket="film-digests-of-mine")
    key = digest.client("kms").create_key()["KeyMetadata"]["Arn"]
    digest.client("ssm").put_parameter(Name="omdb-api-key", Value="f00d", Type="SecureString",
                                       KeyId=key)
    digest.run(sam.command[0], "deploy", "--stack-name", "homework", "--resolve-s3",
               "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-progressbar",
               "--parameter-overrides", f"KmsKeyArn={key}", cwd=place)
    assert set(outputs(digest.client("cloudformation"), "homework")) == {"Pick"}
    digest.fire_schedules()
    [(name, films)] = objects(digest, "film-digests-of-mine").items()
    assert name.startswith("digest-")
    assert len(films) == 10
    assert all(film["details"]["imdbID"] == film["id"] for film in films)


def test_four_templates_with_fixed_names_run_as_their_author_wrote_them(four, home, project):
    add_packages(home, "python3.9")
    place = project("four")
    s3 = four.client("s3")
    where = {"CreateBucketConfiguration": {"LocationConstraint": "eu-central-1"}}
    for bucket in ("films-of-mine", "fetch-code-of-mine", "enrich-code-of-mine"):
        s3.create_bucket(Bucket=bucket, **where)
    s3.put_object(Bucket="films-of-mine", Key="films.json", Body=FILMS.read_bytes())
    for name in ("fetch", "enrich"):
        with zipfile.ZipFile(place / f"{name}.zip", "w") as archive:
            archive.write(place / name / f"{name}.py", f"{name}.py")
        s3.upload_file(str(place / f"{name}.zip"), f"{name}-code-of-mine", f"{name}.zip")
    for template in ("1-queue", "2-bucket", "3-fetch", "4-enrich"):
        four.run(AWS, "cloudformation", "deploy", "--template-file", f"{template}.yaml",
                 "--stack-name", f"homework-{template}", "--capabilities", "CAPABILITY_IAM",
                 cwd=place)
    four.fire_schedules()
    films = objects(four, "enriched-films-of-mine")["films.json"]
    assert len(films) == 10
    assert films[0]["Title"] == films[0]["title"] and "Plot" in films[0]
