"""Fixtures of the tests with deploy tools that nobody here wrote, unmodified: sam, the aws command,
cdk, serverless 3. `tools/prepare-tools.sh` installs them below build/tools.
"""

import contextlib
import fcntl
import hashlib
import itertools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import uuid

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "clients"))
import aws_clients  # noqa: E402
import matinee_server  # noqa: E402

PROJECTS = pathlib.Path(__file__).parent / "projects"
TOOLS = ROOT / "build" / "tools"
# What AWS's runtimes bring is installed there once, for all workers and the runs after this one.
BROUGHT = TOOLS / "brought"
SECONDS = 540
_counter = itertools.count(1)


class Tool:
    """A command with an environment of its own, run in a directory."""

    def __init__(self, command, environment):
        self.command = [str(part) for part in command]
        self.environment = environment

    def run(self, *arguments, cwd, codes=(0,), **more):
        """What it has printed, on both of its outputs; fails the test at another exit code."""
        line = [*self.command, *map(str, arguments)]
        finished = subprocess.run(
            line, cwd=cwd, env={**self.environment, **more}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS,
            check=False)
        if finished.returncode not in codes:
            pytest.fail(f"{' '.join(line)}: exit code {finished.returncode}\n{finished.stdout}")
        return finished.stdout


def certificate_of(server):
    """The file that clients of a server trust which speaks HTTPS."""
    finished = subprocess.run(
        [matinee_server.find_binary(), "certificate", "--data", server.data], text=True,
        capture_output=True, check=True, timeout=60)
    return finished.stdout.strip()


def surroundings(home, server=None):
    """The environment of a user who has keys, a region and nothing else of AWS; with a server one
    whose cloud that is, by HTTPS, since sam and cdk make buckets that refuse everything else."""
    # An interpreter by its own name, as tools look for it, and not a shim of pyenv.
    real = pathlib.Path(sys.executable).resolve().parent
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith("AWS_") or name.endswith("CA_BUNDLE")}
    keys = aws_clients.CREDENTIALS
    environment = {
        **kept, "HOME": str(home), "XDG_DATA_HOME": str(BROUGHT), "CI": "true",
        "PATH": f"{real}{os.pathsep}{os.environ['PATH']}",
        "AWS_CONFIG_FILE": str(home / "config"), "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_SHARED_CREDENTIALS_FILE": str(home / "credentials"), "AWS_PAGER": "",
        "AWS_ACCESS_KEY_ID": keys["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": keys["aws_secret_access_key"],
        "AWS_REGION": aws_clients.REGION, "AWS_DEFAULT_REGION": aws_clients.REGION,
        "NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost",
        "SAM_CLI_TELEMETRY": "0", "SLS_TELEMETRY_DISABLED": "1", "SLS_NOTIFICATIONS_MODE": "off",
        "CDK_DISABLE_LEGACY_EXPORT_WARNING": "1", "PYTHONWARNINGS": "ignore"}
    environment.pop("PYTHONPATH", None)
    if server:
        trusted = certificate_of(server)
        environment.update(AWS_ENDPOINT_URL=server.url.replace("http:", "https:"),
                           AWS_CA_BUNDLE=trusted, NODE_EXTRA_CA_CERTS=trusted)
    return environment


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@contextlib.contextmanager
def _locked(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def bring(home):
    """Installs what AWS's runtime brings, unless the program has done so with the same versions."""
    def install(runtime):
        wanted = hashlib.sha256(
            (ROOT / "src" / "cli" / "runtime_packages.cpp").read_bytes()).hexdigest()
        note = BROUGHT / f"{runtime}.made-from"
        with _locked(BROUGHT / f"{runtime}.lock"):
            if note.is_file() and note.read_text() == wanted:
                return
            subprocess.run([matinee_server.find_binary(), "runtimes", "add", runtime], check=True,
                           env=surroundings(home), stdout=subprocess.DEVNULL, timeout=SECONDS)
            note.write_text(wanted)
    return install


@pytest.fixture(scope="session")
def runtimes(bring):
    """The runtime of Python functions that run here, with what AWS's brings."""
    version = f"python3.{sys.version_info.minor}"
    bring(version)
    return version


@pytest.fixture(scope="session")
def server(home, tmp_path_factory):
    """The server that the tools share. It must still run at the end."""
    arguments = ["--tls", "--host", "www.omdbapi.com=omdb"]
    with matinee_server.Server(tmp_path_factory.mktemp("cloud") / "data", arguments,
                               environment=surroundings(home)) as running:
        yield running
        assert running.is_running(), "the server died during the tests"


@pytest.fixture(scope="session")
def aws(server):
    """Makes boto3 clients of the server, by which the tests look at what was deployed."""
    return lambda service: aws_clients.client(service, server.url)


@pytest.fixture(scope="session")
def environment(home, server):
    return surroundings(home, server)


def _installed(name, program):
    if not program.is_file():
        pytest.skip(f"{name} is not installed below build/tools: tools/prepare-tools.sh says why")
    return program


@pytest.fixture(scope="session")
def sam(environment):
    return Tool([_installed("sam", TOOLS / "sam" / "bin" / "sam")], environment)


@pytest.fixture(scope="session")
def cdk(environment):
    return Tool([_installed("cdk", TOOLS / "cdk" / "node_modules" / ".bin" / "cdk")],
                {**environment, "NODE_PATH": str(TOOLS / "cdk" / "node_modules")})


@pytest.fixture(scope="session")
def aws_command(environment):
    """Version 1, of the lock file of tests/clients."""
    return Tool([pathlib.Path(sys.executable).parent / "aws"], environment)


@pytest.fixture(scope="session")
def serverless(home, server):
    """It takes no endpoint from the environment: Matinee is the proxy by which it reaches AWS."""
    programs = TOOLS / "serverless" / "node_modules" / ".bin"
    program = _installed("serverless", programs / "serverless")
    environment = surroundings(home)
    environment.update(https_proxy=server.url, NODE_EXTRA_CA_CERTS=certificate_of(server))
    for name in ("http_proxy", "HTTP_PROXY", "HTTPS_PROXY", "proxy"):
        environment.pop(name, None)
    return Tool([program], environment)


@pytest.fixture
def name():
    """A name that nothing else has."""
    return f"t{next(_counter)}-{uuid.uuid4().hex[:6]}"


@pytest.fixture
def project(tmp_path, request):
    """Copies a project into a directory of its own; {{runtime}} is the Python that is here, whose
    packages are installed only if a project asks for it, since that takes a while."""
    def copy(of):
        place = tmp_path / of
        shutil.copytree(PROJECTS / of, place)
        for file in place.rglob("*"):
            if file.suffix in (".yaml", ".yml", ".js") and "{{runtime}}" in file.read_text():
                runtime = request.getfixturevalue("runtimes")
                file.write_text(file.read_text().replace("{{runtime}}", runtime))
        return place
    return copy


def pytest_terminal_summary(terminalreporter):
    """A skipped test is a question to the reader, so each is named with its reason."""
    for report in terminalreporter.stats.get("skipped", []):
        reason = re.sub(r"^Skipped: ", "", report.longrepr[2])
        terminalreporter.write_line(f"skipped {report.nodeid}: {reason}")
