"""What people type about functions: `matinee invoke`, `logs`, `runtimes`, `status`, `up --host`."""

import http.server
import io
import json
import os
import re
import select
import subprocess
import sys
import threading
import zipfile

import aws_clients
import matinee_server
import polling
import pytest
from functions_kit import is_locked_in, make_function, package, python_package

DECLARED = f"python3.{sys.version_info.minor}"


@pytest.fixture
def server(tmp_path):
    with matinee_server.Server(tmp_path / "data",
                               environment={"XDG_DATA_HOME": str(tmp_path)}) as server:
        yield server


@pytest.fixture
def functions(server):
    return aws_clients.client("lambda", server.url)


def command(*arguments, environment=None, **more):
    return subprocess.run([matinee_server.find_binary(), *map(str, arguments)],
                          capture_output=True, text=True, timeout=120, check=False,
                          env=environment_of(environment), **more)


def environment_of(more=None):
    return {**os.environ, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1", **(more or {})}


def logs_of(server, *arguments):
    done = command("logs", *arguments, "--cloud", server.url)
    assert done.returncode == 0, done.stderr
    return done.stdout


# invoke


def test_invoke_takes_its_event_from_the_line_a_file_or_standard_input(server, functions, tmp_path):
    make_function(functions, "echo", python_package("return event"))
    (tmp_path / "event.json").write_text('{"from": "file"}')
    for arguments, given, expected in [
            (["--payload", '{"from": "line"}'], None, {"from": "line"}),
            (["--payload", "@event.json"], None, {"from": "file"}),
            (["--payload", "-"], '{"from": "input"}', {"from": "input"}),
            ([], None, {})]:
        done = command("invoke", "echo", *arguments, "--cloud", server.url, cwd=tmp_path,
                       input=given)
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(done.stdout) == expected


def test_invoke_ends_with_1_and_the_error_as_the_answer_where_the_function_fails(server, functions):
    make_function(functions, "fail", python_package("raise ValueError('no')"))
    done = command("invoke", "fail", "--tail", "--cloud", server.url)
    assert done.returncode == 1
    assert json.loads(done.stdout)["errorType"] == "ValueError"
    assert "REPORT RequestId: " in done.stderr
    assert done.stderr.endswith("matinee: fail has failed (Unhandled).\n")


@pytest.mark.parametrize("arguments, code, words", [
    (["none"], 1, "Function not found: arn:aws:lambda:us-east-1:000000000000:function:none"),
    (["none", "--payload", "@no.json"], 1, "no.json"),
    (["none", "--tail", "--async"], 2, "matinee logs"),
])
def test_what_invoke_cannot_do_is_told_in_a_sentence(server, arguments, code, words):
    done = command("invoke", *arguments, "--cloud", server.url)
    assert done.returncode == code
    assert done.stderr.startswith("matinee: ") and words in done.stderr
    assert done.stdout == ""


def test_without_a_server_invoke_says_what_is_missing(server, functions):
    make_function(functions, "echo", python_package("return event"))
    server.stop()
    done = command("invoke", "echo", "--data", server.data)
    assert done.returncode == 1
    assert "matinee up" in done.stderr
    server.start()


# logs


def test_logs_show_a_functions_events_in_the_order_of_their_times(server, functions):
    make_function(functions, "talk", python_package("print('saw', event)\nreturn event"))
    for number in (1, 2):
        functions.invoke(FunctionName="talk", Payload=str(number))
    polling.eventually(lambda: "saw 2" in logs_of(server, "talk"))
    polling.eventually(lambda: logs_of(server, "talk").count("REPORT RequestId") == 2)
    lines = logs_of(server, "talk").splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [0-9a-f]{8} ", line)
               for line in lines)
    assert [line[34:] for line in lines if "saw" in line] == ["saw 1", "saw 2"]
    assert lines == sorted(lines, key=lambda line: line[:24])
    assert len(logs_of(server, "talk", "--limit", "2").splitlines()) == 2
    assert logs_of(server, "talk", "--limit", "1") == lines[-1] + "\n"
    assert [json.loads(line)["message"] for line in logs_of(
        server, "/aws/lambda/talk", "--filter", "saw", "--format", "json").splitlines()] == [
            "saw 1\n", "saw 2\n"]


def test_logs_of_a_function_are_in_the_group_that_its_configuration_names(server, functions):
    make_function(functions, "elsewhere", python_package("print('here')"),
                  LoggingConfig={"LogGroup": "/my/group"})
    done = command("logs", "elsewhere", "--cloud", server.url)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == ("elsewhere has written nothing in the last hour (--since 7d looks "
                           "further back).\n")
    functions.invoke(FunctionName="elsewhere")
    polling.eventually(lambda: "here" in logs_of(server, "/my/group"))
    assert "here" in logs_of(server, "elsewhere")
    assert "here" in logs_of(server, "arn:aws:lambda:us-east-1:000000000000:function:elsewhere")


@pytest.mark.parametrize("arguments, code, words", [
    (["none"], 1, 'matinee: There is no function and no log group called "none".\n'),
    (["/none"], 1, 'matinee: There is no function and no log group called "/none".\n'),
    (["none", "--since", "soon"], 2, "--since must be a date"),
    (["none", "--limit", "0"], 2, "--limit"),
])
def test_what_logs_cannot_show_is_told_in_a_sentence(server, arguments, code, words):
    done = command("logs", *arguments, "--cloud", server.url)
    assert done.returncode == code
    assert words in done.stderr
    assert done.stdout == ""


class Following:
    """`matinee logs --follow`, and the lines that it has printed."""

    def __init__(self, server, *arguments):
        self.process = subprocess.Popen(
            [matinee_server.find_binary(), "logs", *arguments, "--follow", "--cloud", server.url],
            stdout=subprocess.PIPE, env=environment_of())
        self.text = ""

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def wait_for(self, words):
        while words not in self.text:
            ready, _, _ = select.select([self.process.stdout], [], [], 30)
            assert ready, f"{words!r} did not come: {self.text}"
            piece = os.read(self.process.stdout.fileno(), 65536)
            assert piece, f"it ended: {self.text}"
            self.text += piece.decode()


def test_followed_logs_go_on_with_what_is_written_and_print_nothing_twice(server, functions):
    make_function(functions, "talk", python_package("print('saw', event)"))
    with Following(server, "talk", "--filter", "saw") as following:
        for number in range(3):
            functions.invoke(FunctionName="talk", Payload=str(number))
            following.wait_for(f"saw {number}\n")
        assert [line[34:] for line in following.text.splitlines()] == ["saw 0", "saw 1", "saw 2"]


# runtimes


def wheel(directory, name, version, files):
    """A package as pip takes it, so that nothing is fetched."""
    info = f"{name}-{version}.dist-info"
    files = {**files,
             f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
             f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\n"
                              "Tag: py3-none-any\n"}
    record = "".join(f"{path},,\n" for path in files) + f"{info}/RECORD,,\n"
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        for path, text in {**files, f"{info}/RECORD": record}.items():
            packed.writestr(path, text)
    (directory / f"{name}-{version}-py3-none-any.whl").write_bytes(archive.getvalue())


def pip_without_network(directory):
    return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(directory), "PIP_CONFIG_FILE": os.devnull}


def listed(environment):
    lines = command("runtimes", "--format", "json", environment=environment).stdout.splitlines()
    return {line["runtime"]: line for line in map(json.loads, lines)}


def has_pip(environment):
    interpreter = listed(environment)[DECLARED]["interpreter"]
    return subprocess.run([interpreter, "-m", "pip", "--version"], capture_output=True,
                          check=False).returncode == 0


def test_what_was_added_to_a_runtime_is_there_for_functions_that_start_from_then_on(
        server, functions, tmp_path):
    user = {"XDG_DATA_HOME": str(tmp_path)}
    if not has_pip(user):
        pytest.skip("the interpreter that would run the function has no pip")
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    for name in ("boto3", "botocore"):
        wheel(wheels, name, "1.40.4", {f"{name}/__init__.py": "__version__ = 'brought'\n"})
    make_function(functions, "import", package({
        "app.py": "import boto3, botocore\n"
                  "def handler(event, context): return [boto3.__version__, boto3.__file__]\n"}),
        Runtime=DECLARED)
    failed = json.load(functions.invoke(FunctionName="import")["Payload"])
    assert failed["errorType"] == "Runtime.ImportModuleError"
    done = command("runtimes", "add", DECLARED, environment={**user, **pip_without_network(wheels)})
    assert done.returncode == 0, done.stderr
    assert done.stdout == (f"{DECLARED} functions have boto3 1.40.4 from now on, in "
                           f"{tmp_path}/matinee/runtimes/{DECLARED}.\n")
    version, path = json.load(functions.invoke(FunctionName="import")["Payload"])
    assert version == "brought"
    if is_locked_in():
        assert path == f"/var/lang/lib/{DECLARED}/site-packages/boto3/__init__.py"
    assert listed(user)[DECLARED]["added"] == "boto3 1.40.4"
    assert f"{DECLARED} " in command("runtimes", environment=user).stdout
    assert "with boto3 1.40.4" in command("runtimes", environment=user).stdout


def test_node_functions_have_a_home_as_the_sdk_for_javascript_wants(functions):
    make_function(functions, "home", package({
        "index.js": "exports.handler = async () => require('os').homedir();"}),
        Runtime="nodejs20.x", Handler="index.handler")
    home = json.load(functions.invoke(FunctionName="home")["Payload"])
    assert home == "/home/sbx_user1051" if is_locked_in() else home.startswith("/")


def test_what_a_function_packs_itself_comes_before_what_was_added(server, functions, tmp_path):
    brought = tmp_path / "matinee" / "runtimes" / DECLARED / "site-packages" / "boto3"
    brought.mkdir(parents=True)
    (brought / "__init__.py").write_text("__version__ = 'brought'\n")
    make_function(functions, "own", package({
        "boto3/__init__.py": "__version__ = 'packed'\n",
        "app.py": "import boto3\ndef handler(event, context): return boto3.__version__\n"}),
        Runtime=DECLARED)
    assert json.load(functions.invoke(FunctionName="own")["Payload"]) == "packed"


def test_an_installation_that_fails_is_told_and_leaves_nothing(tmp_path):
    user = {"XDG_DATA_HOME": str(tmp_path)}
    if not has_pip(user):
        pytest.skip("the interpreter that would run the function has no pip")
    empty = tmp_path / "empty"
    empty.mkdir()
    done = command("runtimes", "add", DECLARED, environment={**user, **pip_without_network(empty)})
    assert done.returncode == 1
    assert done.stdout == ""
    assert "boto3" in done.stderr
    assert done.stderr.endswith("matinee: pip could not install boto3 1.40.4 (it ended with 1); "
                                "what it says stands above.\n")
    assert list((tmp_path / "matinee" / "runtimes").iterdir()) == []


@pytest.mark.parametrize("arguments, words", [
    (["add"], "needs a word more: python3.8, "),
    (["add", "python3.99"], "python3.99"),
    (["add", "java21"], "java21"),
    (["remove"], 'There is no command "remove"'),
])
def test_what_runtimes_does_not_know_is_wrong_usage(arguments, words):
    done = command("runtimes", *arguments)
    assert done.returncode == 2
    assert words in done.stderr


def test_all_languages_are_listed():
    assert {"provided.al2023", "python3.8", "python3.14", "nodejs24.x", "java21", "ruby3.3",
            "dotnet8"} <= set(listed({}))


# status


def test_status_says_how_functions_run(server):
    text = command("status", "--data", server.data)
    assert text.returncode == 0, text.stderr
    state = json.loads(command("status", "--data", server.data, "--format", "json").stdout)
    functions = state["functions"]
    assert functions["run"] is True
    assert functions["locked_in"] == is_locked_in()
    how = "in sandboxes" if is_locked_in() else "as plain processes"
    assert f"Functions run {how}, and their memory is " in text.stdout
    assert functions["memory_limited"] == (not any("emory is watched" in sentence
                                                   for sentence in functions["missing"]))
    for sentence in functions["missing"]:
        assert f"  {sentence}\n" in text.stdout


def test_a_functions_log_tells_once_what_its_sandbox_lacks(server, functions):
    missing = json.loads(command("status", "--data", server.data, "--format", "json").stdout)[
        "functions"]["missing"]
    make_function(functions, "echo", python_package("return event"))
    for _ in range(2):
        functions.invoke(FunctionName="echo")
        functions.update_function_configuration(FunctionName="echo", Timeout=9)
        functions.get_waiter("function_updated_v2").wait(
            FunctionName="echo", WaiterConfig={"Delay": 0, "MaxAttempts": 50})
    polling.eventually(lambda: logs_of(server, "echo").count("REPORT RequestId") == 2)
    for sentence in missing:
        assert logs_of(server, "echo").count(sentence) == 1


def test_status_says_where_functions_do_not_run(tmp_path):
    with matinee_server.Server(tmp_path / "data", ["--functions", "off"]) as server:
        assert "Functions do not run there.\n" in command("status", "--data", server.data).stdout


# --host

FETCH = """
import json, os, urllib.request

def handler(event, context):
    with urllib.request.urlopen(event, timeout=20) as answer:
        return [answer.status, answer.read().decode()]
"""


def fetch(functions, url):
    answer = functions.invoke(FunctionName="fetch", Payload=json.dumps(url))
    result = json.load(answer["Payload"])
    assert "FunctionError" not in answer, result
    return result


class Recorder:
    """A server that answers with what it was asked."""

    def __init__(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = json.dumps([self.path, self.headers["Host"]]).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                self.do_GET()

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.place = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.server.shutdown()
        self.server.server_close()


def test_an_unmodified_function_finds_omdb_in_the_stand_in(tmp_path):
    with matinee_server.Server(tmp_path / "data", ["--host", "www.omdbapi.com=omdb"]) as server:
        functions = aws_clients.client("lambda", server.url)
        make_function(functions, "fetch", package({"app.py": FETCH}), Timeout=30)
        status, body = fetch(functions, "http://www.omdbapi.com/?i=tt0111161&apikey=any")
        assert status == 200
        assert json.loads(body)["Title"] == "The Shawshank Redemption"


@pytest.mark.parametrize("how", ["sandbox", "process"])
def test_hosts_lead_to_servers_and_all_others_are_reached_as_they_are(tmp_path, how):
    with Recorder() as mock, Recorder() as other, matinee_server.Server(
            tmp_path / "data", ["--functions", how, "--host", f"api.example.com={mock.place}",
                                "--host", f"url.example.com=http://{mock.place}/v1"]) as server:
        functions = aws_clients.client("lambda", server.url)
        make_function(functions, "fetch", package({"app.py": FETCH}), Timeout=30)
        assert json.loads(fetch(functions, "http://api.example.com/a%20b?c=d")[1]) == [
            "/a%20b?c=d", "api.example.com"]
        assert json.loads(fetch(functions, "http://url.example.com/x")[1]) == [
            "/v1/x", mock.place]
        assert json.loads(fetch(functions, f"http://{other.place}/direct")[1]) == [
            "/direct", other.place]
        assert json.loads(fetch(functions, "https://api.example.com/x?y")[1]) == [
            "/x?y", "api.example.com"]
        # The cloud itself is reached directly.
        assert fetch(functions, f"{server.url}/_matinee/health")[0] == 200


TUNNEL = """
import http.client, json, os, urllib.parse

def handler(event, context):
    proxy = urllib.parse.urlsplit(os.environ["https_proxy"])
    connection = http.client.HTTPConnection(proxy.hostname, proxy.port, timeout=20)
    connection.set_tunnel(event)
    try:
        connection.request("POST", "/through", body=b"x" * 1000000)
    except OSError as error:
        return str(error)
    return json.loads(connection.getresponse().read())
"""


def test_what_goes_to_other_hosts_by_https_is_passed_on_unseen(tmp_path):
    with Recorder() as other, matinee_server.Server(
            tmp_path / "data", ["--host", "www.omdbapi.com=omdb"]) as server:
        functions = aws_clients.client("lambda", server.url)
        make_function(functions, "tunnel", package({"app.py": TUNNEL}), Timeout=30)

        def through(place):
            return json.load(functions.invoke(FunctionName="tunnel",
                                              Payload=json.dumps(place))["Payload"])

        assert through(other.place) == ["/through", other.place]
        assert "502" in through(f"127.0.0.1:{matinee_server.free_port()}")


def test_a_program_that_knows_no_proxies_finds_the_host_in_its_etc_hosts(tmp_path):
    with matinee_server.Server(tmp_path / "data", ["--host", "www.omdbapi.com=omdb"]) as server:
        functions = aws_clients.client("lambda", server.url)
        make_function(functions, "hosts", python_package("return open('/etc/hosts').read()"))
        hosts = json.load(functions.invoke(FunctionName="hosts")["Payload"])
        if "www.omdbapi.com" not in hosts:
            pytest.skip("this machine lets nobody listen on port 80, or has no sandboxes")
        make_function(functions, "fetch", package({
            "app.py": "import os\nfor name in list(os.environ):\n"
                      "  if name.lower().endswith('_proxy'): del os.environ[name]\n" + FETCH}),
            Timeout=30)
        status, body = fetch(functions, "http://www.omdbapi.com/?t=Heat&apikey=any")
        assert (status, json.loads(body)["Title"]) == (200, "Heat")


def test_a_function_trusts_the_certificate_of_a_host_that_leads_elsewhere(tmp_path):
    with matinee_server.Server(tmp_path / "data", ["--host", "www.omdbapi.com=omdb"]) as server:
        functions = aws_clients.client("lambda", server.url)
        make_function(functions, "surroundings", python_package(
            "return [open('/etc/hosts').read(), dict(os.environ)]"))
        hosts, environment = json.load(functions.invoke(FunctionName="surroundings")["Payload"])
        assert "NODE_EXTRA_CA_CERTS" in environment
        make_function(functions, "fetch", package({"app.py": FETCH}), Timeout=30)
        status, body = fetch(functions, "https://www.omdbapi.com/?t=Heat&apikey=any")
        assert (status, json.loads(body)["Title"]) == (200, "Heat")
        if "www.omdbapi.com" not in hosts:
            pytest.skip("this machine lets nobody listen on port 443, or has no sandboxes")
        make_function(functions, "node", package({"index.js": """
const https = require("https");
exports.handler = (url) => new Promise((resolve, reject) => https.get(url, (answer) => {
  let body = "";
  answer.on("data", (piece) => body += piece);
  answer.on("end", () => resolve(JSON.parse(body).Title));
}).on("error", reject));
"""}), Runtime="nodejs20.x", Handler="index.handler", Timeout=30)
        answer = functions.invoke(FunctionName="node", Payload=json.dumps(
            "https://www.omdbapi.com/?t=Heat&apikey=any"))
        assert json.load(answer["Payload"]) == "Heat"


@pytest.mark.parametrize("arguments, words", [
    (["--host", "www.omdbapi.com"], "--host is NAME=TARGET"),
    (["--host", "a.test=nonsense"], "a.test leads to omdb, HOST:PORT or a URL"),
    (["--host", "a.test=omdb", "--host", "a.test=omdb"], "--host names a.test twice."),
    (["--host", "a.test=omdb", "--functions", "off"], "--functions off"),
])
def test_hosts_that_cannot_be_are_refused_before_anything_starts(tmp_path, arguments, words):
    done = command("up", "--data", tmp_path / "data", *arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert not (tmp_path / "data").exists()
