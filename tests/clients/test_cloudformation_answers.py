"""Where functions answer CloudFormation: at AWS's host, by HTTPS, as providers of others expect who
use nothing of a response's URL but the name of the host and the path; or at the server, as
programs do that Matinee's loaders do not run."""

import json
import socket
import urllib.parse

import aws_clients
import functions_kit
import matinee_server
import pytest
from stack_kit import Stack, attribute

# The port is 443 and the scheme is https, whatever the URL says.
BY_NAME = {
    "node": ("nodejs20.x", """
const https = require('https');
exports.handler = (event) => new Promise((resolve, reject) => {
  const url = new URL(event.ResponseURL);
  const copied = {StackId: event.StackId, RequestId: event.RequestId,
                  LogicalResourceId: event.LogicalResourceId};
  const body = JSON.stringify({Status: 'SUCCESS', PhysicalResourceId: 'made', ...copied,
                               Data: {Url: event.ResponseURL}});
  https.request({hostname: url.hostname, path: url.pathname + url.search, method: 'PUT',
                 headers: {'content-type': '', 'content-length': Buffer.byteLength(body)}},
                (response) => resolve(response.resume())).on('error', reject).end(body);
});
"""),
    "fetch": ("nodejs20.x", """
exports.handler = async (event) => {
  const copied = {StackId: event.StackId, RequestId: event.RequestId,
                  LogicalResourceId: event.LogicalResourceId};
  await fetch(event.ResponseURL, {method: 'PUT', body: JSON.stringify({
    Status: 'SUCCESS', PhysicalResourceId: 'made', ...copied, Data: {Url: event.ResponseURL}})});
};
"""),
}
ANSWER = """
def answer(event):
    copied = {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    return json.dumps({"Status": "SUCCESS", "PhysicalResourceId": "made", **copied,
                       "Data": {"Url": event["ResponseURL"]}}).encode()
"""
BY_NAME["http.client"] = ("python3.12", "import http.client, json, urllib.parse" + ANSWER + """
def handler(event, context):
    url = urllib.parse.urlsplit(event["ResponseURL"])
    connection = http.client.HTTPSConnection(url.hostname, timeout=20)
    connection.request("PUT", url.path, answer(event), {"Content-Type": ""})
    print(connection.getresponse().status)
""")
BY_NAME["urllib"] = ("python3.12", "import json, urllib.request" + ANSWER + """
def handler(event, context):
    urllib.request.urlopen(urllib.request.Request(
        event["ResponseURL"], answer(event), {"Content-Type": ""}, method="PUT"), timeout=20)
""")
# A program of its own, which finds the name where it is led to by the sandbox's /etc/hosts.
BY_CURL = "import json, subprocess" + ANSWER + """
def handler(event, context):
    with open("/tmp/answer", "wb") as file:
        file.write(answer(event))
    subprocess.run(["curl", "-sSf", "-T", "/tmp/answer", event["ResponseURL"]], check=True)
"""


def may_listen_on_443():
    with socket.socket() as trial:
        try:
            trial.bind(("127.77.1.1", 443))
        except PermissionError:
            return False
    return True


@pytest.fixture(scope="module", params=["sandbox", "process"])
def how(request):
    return request.param


@pytest.fixture(scope="module")
def server(how, tmp_path_factory):
    place = tmp_path_factory.mktemp(how)
    with matinee_server.Server(place / "data", ["--functions", how]) as running:
        yield running


def answered(server, name, runtime, code, handler="index.handler"):
    """The URL that a function was told, and has answered to."""
    stack = Stack(server.url, name)
    outputs = stack.create({
        "Provider": {"Type": "AWS::Lambda::Function", "Properties": {
            "Runtime": runtime, "Handler": handler, "Role": functions_kit.ROLE, "Timeout": 30,
            "Code": code}},
        "Thing": {"Type": "Custom::Thing", "Properties": {
            "ServiceToken": attribute("Provider", "Arn"), "ServiceTimeout": 25}}},
        {"Url": attribute("Thing", "Url")})
    stack.delete()
    return urllib.parse.urlsplit(outputs["Url"])


@pytest.mark.parametrize("by", BY_NAME)
def test_functions_answer_at_awss_host_by_its_name_alone(server, by, name):
    runtime, code = BY_NAME[by]
    url = answered(server, name, runtime, {"ZipFile": code})
    assert (url.scheme, url.port) == ("https", None)
    assert url.hostname == "cloudformation-custom-resource-response-useast1.s3.amazonaws.com"


def test_programs_that_functions_start_answer_there_too(server, how, name):
    if how == "process" or not functions_kit.is_locked_in() or not may_listen_on_443():
        pytest.skip("a program has no names of hosts of its own, or nobody may listen there")
    answered(server, name, "python3.12", {"ZipFile": BY_CURL})


BOOTSTRAP = r"""#!/bin/sh
api=http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation
cd "${TMPDIR:-/tmp}"
member() { sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p' event; }
while curl -sSf -D head -o event "$api/next"; do
  id=$(sed -n 's/^[Ll]ambda-[Rr]untime-[Aa]ws-[Rr]equest-[Ii]d: *\([^ \r]*\).*/\1/p' head)
  cat >answer <<END
{"Status": "SUCCESS", "PhysicalResourceId": "made", "StackId": "$(member StackId)",
 "RequestId": "$(member RequestId)", "LogicalResourceId": "$(member LogicalResourceId)",
 "Data": {"Url": "$(member ResponseURL)"}}
END
  curl -sSf -T answer "$(member ResponseURL)"
  curl -sSf -d null "$api/$id/response"
done
"""


def test_a_program_that_no_loader_runs_answers_at_the_server(server, s3_of, name):
    code = s3_of(functions_kit.package({"bootstrap": (BOOTSTRAP, 0o755)}))
    url = answered(server, name, "provided.al2023", code, "any")
    assert f"{url.scheme}://{url.netloc}" == server.url


@pytest.fixture
def s3_of(server, name):
    """Puts a package where templates find it."""
    def put(package):
        s3 = aws_clients.client("s3", server.url)
        s3.create_bucket(Bucket=name)
        s3.put_object(Bucket=name, Key="code.zip", Body=package)
        return {"S3Bucket": name, "S3Key": "code.zip"}
    return put


def test_no_function_sees_what_its_loader_was_told(server, name):
    functions = aws_clients.client("lambda", server.url)
    for runtime, code in (
            ("python3.12", {"app.py": "import os\ndef handler(event, context):\n"
                                      "    return dict(os.environ)\n"}),
            ("nodejs20.x", {"app.js": "exports.handler = async () => process.env;"})):
        made = f"{name}-{runtime[:4]}"
        functions_kit.make_function(functions, made, functions_kit.package(code), Runtime=runtime)
        seen = json.load(functions.invoke(FunctionName=made)["Payload"])
        assert seen["AWS_LAMBDA_FUNCTION_NAME"] == made
        assert "_MATINEE_HOSTS" not in seen
        assert not [each for each in seen if each.lower().endswith("proxy")]
