"""Functions that answer piece by piece: InvokeWithResponseStream, and URLs that stream."""

import base64
import http.client
import json

import aws_clients
import matinee_server
import pytest
from functions_kit import make_function, package, python_package

# A runtime for functions that stream, with the Runtime API as it is on the wire. It is code that a
# loader imports and that never comes back.
RUNTIME = '''
import base64, json, os, socket, sys, urllib.parse, urllib.request
API = os.environ["AWS_LAMBDA_RUNTIME_API"]

def gate():
    """Waits for a message in the queue `gate`."""
    data = urllib.parse.urlencode({"Action": "ReceiveMessage", "WaitTimeSeconds": 20}).encode()
    urllib.request.urlopen(os.environ["AWS_ENDPOINT_URL"] + "/000000000000/gate", data).read()

class Response:
    def __init__(self, request_id, content_type="application/octet-stream", mode="streaming"):
        host, port = API.split(":")
        self.socket = socket.create_connection((host, int(port)))
        self.socket.sendall((
            f"POST /2018-06-01/runtime/invocation/{request_id}/response HTTP/1.1\\r\\n"
            f"Host: {API}\\r\\n"
            f"Transfer-Encoding: chunked\\r\\nLambda-Runtime-Function-Response-Mode: {mode}\\r\\n"
            f"Content-Type: {content_type}\\r\\nTrailer: Lambda-Runtime-Function-Error-Type, "
            "Lambda-Runtime-Function-Error-Body\\r\\n\\r\\n").encode())
    def write(self, data):
        data = data.encode() if isinstance(data, str) else data
        self.socket.sendall(f"{len(data):x}\\r\\n".encode() + data + b"\\r\\n")
    def end(self, error=None):
        trailers = ""
        if error:
            body = base64.b64encode(json.dumps(error).encode()).decode()
            trailers = (f"Lambda-Runtime-Function-Error-Type: {error['errorType']}\\r\\n"
                        f"Lambda-Runtime-Function-Error-Body: {body}\\r\\n")
        self.socket.sendall(f"0\\r\\n{trailers}\\r\\n".encode())
        return self.status()
    def status(self):
        return int(self.socket.recv(4096).split(b" ")[1])

HANDLER

while True:
    with urllib.request.urlopen(f"http://{API}/2018-06-01/runtime/invocation/next") as answer:
        request_id = answer.headers["Lambda-Runtime-Aws-Request-Id"]
        event = json.load(answer)
    handle(event, request_id)
'''


def streaming_package(body):
    """A function whose `handle(event, request_id)` has this body."""
    lines = "\n".join("    " + line for line in body.strip().splitlines())
    text = RUNTIME.replace("HANDLER", f"def handle(event, request_id):\n{lines}")
    return package({"app.py": text})


@pytest.fixture
def server(tmp_path):
    with matinee_server.Server(tmp_path / "data") as server:
        yield server


@pytest.fixture
def functions(server):
    return aws_clients.client("lambda", server.url)


@pytest.fixture
def gate(server):
    """Makes the queue of `gate()`; what it gives lets a function go on that waits there."""
    sqs = aws_clients.client("sqs", server.url)
    url = sqs.create_queue(QueueName="gate")["QueueUrl"]
    return lambda: sqs.send_message(QueueUrl=url, MessageBody="go on")


def make(functions, name, body, **more):
    make_function(functions, name, streaming_package(body), **{"Timeout": 20, **more})


def events_of(answer):
    """All chunks as one, and the event that ends them."""
    *chunks, last = list(answer["EventStream"])
    return b"".join(chunk["PayloadChunk"]["Payload"] for chunk in chunks), last["InvokeComplete"]


def url_of(functions, name, mode="RESPONSE_STREAM", **settings):
    url = functions.create_function_url_config(
        FunctionName=name, AuthType="NONE", InvokeMode=mode, **settings)["FunctionUrl"]
    for sid, action, more in (("url", "lambda:InvokeFunctionUrl", {"FunctionUrlAuthType": "NONE"}),
                              ("call", "lambda:InvokeFunction", {"InvokedViaFunctionUrl": True})):
        functions.add_permission(FunctionName=name, StatementId=sid, Principal="*", Action=action,
                                 **more)
    return f"/_matinee/function-url/{url.split('/')[2].split('.')[0]}/"


def get(server, path):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", path)
    return connection.getresponse()


def test_chunks_come_while_the_function_goes_on(functions, gate):
    make(functions, "steps", """
response = Response(request_id)
response.write('one')
gate()
response.write('two')
response.end()""")
    answer = functions.invoke_with_response_stream(FunctionName="steps", LogType="Tail")
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert answer["ResponseStreamContentType"] == "application/vnd.amazon.eventstream"
    stream = iter(answer["EventStream"])
    assert next(stream) == {"PayloadChunk": {"Payload": b"one"}}
    gate()
    assert next(stream) == {"PayloadChunk": {"Payload": b"two"}}
    complete = next(stream)["InvokeComplete"]
    assert set(complete) == {"LogResult"}
    assert "REPORT RequestId: " in base64.b64decode(complete["LogResult"]).decode()
    assert list(stream) == []


def test_what_does_not_stream_comes_as_a_whole(functions):
    make_function(functions, "whole", python_package("return event * 3"))
    answer = functions.invoke_with_response_stream(
        FunctionName="whole", Payload=json.dumps("x" * 200_000))
    assert events_of(answer) == (json.dumps("x" * 600_000).encode(), {})
    assert functions.invoke_with_response_stream(
        FunctionName="whole", InvocationType="DryRun")["StatusCode"] == 204


@pytest.mark.usefixtures("gate")
def test_errors_end_the_stream_and_tell_what_they_are(functions):
    make(functions, "fails", """
response = Response(request_id)
response.write('half')
if event == 'trailer': response.end({'errorType': 'MyError', 'errorMessage': 'no'})
elif event == 'exit': os._exit(3)
elif event == 'cut': response.socket.close()
elif event == 'slow': gate()""", Timeout=1)

    def complete(kind):
        payload, end = events_of(functions.invoke_with_response_stream(
            FunctionName="fails", Payload=json.dumps(kind)))
        assert payload == b"half"
        return end["ErrorCode"], json.loads(end["ErrorDetails"])

    assert complete("trailer") == ("MyError", {"errorType": "MyError", "errorMessage": "no"})
    code, details = complete("exit")
    assert code == "Runtime.ExitError" and details["errorMessage"].endswith("exit status 3")
    code, details = complete("slow")
    assert code == "Sandbox.Timedout"
    assert details["errorMessage"].endswith("Task timed out after 1.00 seconds")
    assert complete("cut")[0] == "Runtime.TruncatedResponse"


def test_an_exception_before_the_first_chunk_is_in_the_last_event(functions):
    make_function(functions, "raises", python_package("raise ValueError('no')"))
    payload, end = events_of(functions.invoke_with_response_stream(FunctionName="raises"))
    assert (payload, end["ErrorCode"]) == (b"", "Function.Unknown")
    assert json.loads(end["ErrorDetails"])["errorType"] == "ValueError"


def test_a_function_that_streams_can_be_called_as_a_whole(functions):
    make(functions, "both", """
response = Response(request_id)
for _ in range(3): response.write('ab')
response.end({'errorType': 'MyError', 'errorMessage': 'no'} if event else None)""")
    answer = functions.invoke(FunctionName="both", Payload=b"false")
    assert ("FunctionError" in answer, answer["Payload"].read()) == (False, b"ababab")
    answer = functions.invoke(FunctionName="both", Payload=b"true")
    assert answer["FunctionError"] == "Unhandled"
    assert json.load(answer["Payload"]) == {"errorType": "MyError", "errorMessage": "no"}


def test_too_much_is_refused_while_it_comes(functions):
    make(functions, "long", """
response = Response(request_id)
piece = b'x' * (1 << 20)
try:
    for _ in range(event): response.write(piece)
    response.end()
except OSError: pass""")
    payload, end = events_of(functions.invoke_with_response_stream(
        FunctionName="long", Payload=b"201"))
    assert end["ErrorCode"] == "Function.ResponseSizeTooLarge"
    assert len(payload) <= 200 << 20
    payload, end = events_of(functions.invoke_with_response_stream(
        FunctionName="long", Payload=b"30"))
    assert (len(payload), end) == (30 << 20, {})
    answer = functions.invoke(FunctionName="long", Payload=b"7")
    assert json.load(answer["Payload"])["errorType"] == "Function.ResponseSizeTooLarge"


def test_a_client_that_does_not_read_makes_the_function_wait(server, functions):
    sqs = aws_clients.client("sqs", server.url)
    url = sqs.create_queue(QueueName="written")["QueueUrl"]
    make(functions, "fast", """
response = Response(request_id)
piece = b'x' * (1 << 20)
for number in range(100): response.write(piece)
response.end()
data = urllib.parse.urlencode({'Action': 'SendMessage', 'MessageBody': 'all'}).encode()
urllib.request.urlopen(os.environ['AWS_ENDPOINT_URL'] + '/000000000000/written', data)""")
    before = server.resident_megabytes()
    answer = functions.invoke_with_response_stream(FunctionName="fast")
    stream = iter(answer["EventStream"])
    size = len(next(stream)["PayloadChunk"]["Payload"])
    # The function cannot have got rid of everything.
    assert "Messages" not in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1)
    assert server.resident_megabytes() - before < 60
    for event in stream:
        size += len(event.get("PayloadChunk", {}).get("Payload", b""))
    assert size == 100 << 20
    assert sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"][0]["Body"] == "all"


def test_a_client_that_goes_does_not_stop_the_function(server, functions, gate):
    sqs = aws_clients.client("sqs", server.url)
    queue = sqs.create_queue(QueueName="done")["QueueUrl"]
    make(functions, "left", """
response = Response(request_id)
response.write('one')
gate()
for _ in range(20): response.write(b'x' * (1 << 20))
response.end()
data = urllib.parse.urlencode({'Action': 'SendMessage', 'MessageBody': 'all'}).encode()
urllib.request.urlopen(os.environ['AWS_ENDPOINT_URL'] + '/000000000000/done', data)""")
    answer = functions.invoke_with_response_stream(FunctionName="left")
    assert next(iter(answer["EventStream"])) == {"PayloadChunk": {"Payload": b"one"}}
    answer["EventStream"].close()
    gate()
    assert sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"][0]["Body"] == "all"


def test_a_url_streams_what_the_function_writes(server, functions, gate):
    make(functions, "site", """
prelude = json.dumps({'statusCode': 201, 'headers': {'X-Mine': 'yes'}, 'cookies': ['a=1', 'b=2']})
response = Response(request_id, 'application/vnd.awslambda.http-integration-response')
response.write(prelude.encode() + bytes(3))
response.write(bytes(5) + b'one')
gate()
response.write('two')
response.end()""")
    answer = get(server, url_of(functions, "site"))
    assert answer.status == 201
    assert answer.headers["X-Mine"] == "yes"
    assert answer.headers.get_all("Set-Cookie") == ["a=1", "b=2"]
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert answer.headers["x-amzn-RequestId"]
    assert answer.read(3) == b"one"
    gate()
    assert answer.read() == b"two"


def test_a_url_ends_the_connection_where_the_function_fails_midway(server, functions):
    make(functions, "breaks", """
response = Response(request_id, 'text/plain')
if event['rawPath'] == '/late': response.write('half')
response.end({'errorType': 'MyError', 'errorMessage': 'no'})""")
    path = url_of(functions, "breaks")
    answer = get(server, path + "late")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/plain")
    with pytest.raises(http.client.IncompleteRead) as caught:
        answer.read()
    assert caught.value.partial == b"half"


def test_a_url_that_streams_does_not_interpret_what_does_not(server, functions):
    make_function(functions, "plain", python_package(
        "if event['rawPath'] == '/fail': raise ValueError('no')\n"
        "return {'statusCode': 418, 'body': 'hi'}"))
    path = url_of(functions, "plain")
    answer = get(server, path)
    assert (answer.status, json.load(answer)) == (200, {"statusCode": 418, "body": "hi"})
    assert answer.headers["Content-Type"] == "application/json"
    failed = get(server, path + "fail")
    assert (failed.status, failed.read()) == (502, b"Internal Server Error")


def test_a_prelude_that_is_none_is_a_bad_gateway(server, functions):
    make(functions, "odd", """
response = Response(request_id, 'application/vnd.awslambda.http-integration-response')
response.write('no JSON' + chr(0) * 8 + 'body')
response.end()""")
    assert get(server, url_of(functions, "odd")).status == 502


def test_an_unknown_mode_is_refused(functions):
    make(functions, "mode", """
response = Response(request_id, mode='loud')
response.write('x')
response.end()""")
    answer = functions.invoke(FunctionName="mode")
    assert json.load(answer["Payload"])["errorType"] == "Runtime.InvalidResponseModeHeader"


NODE = """
exports.handler = awslambda.streamifyResponse(async (event, stream) => {
  if (event.rawPath) {
    stream = awslambda.HttpResponseStream.from(stream, {
      statusCode: 203, headers: { 'Content-Type': 'text/html' }, cookies: ['n=1'] });
  }
  stream.write('<p>');
  if (event.fail) throw new RangeError('midway');
  stream.write('node</p>');
  stream.end();
});
"""


def test_node_functions_stream_by_the_helpers_of_awss_runtime(server, functions):
    make_function(functions, "node", package({"index.js": NODE}), Runtime="nodejs20.x",
                  Handler="index.handler")
    answer = functions.invoke_with_response_stream(FunctionName="node", Payload=b"{}")
    assert events_of(answer) == (b"<p>node</p>", {})
    payload, end = events_of(functions.invoke_with_response_stream(
        FunctionName="node", Payload=b'{"fail": true}'))
    assert (payload, end["ErrorCode"]) == (b"<p>", "RangeError")
    assert json.loads(end["ErrorDetails"])["errorMessage"] == "midway"
    page = get(server, url_of(functions, "node"))
    assert (page.status, page.headers["Content-Type"], page.headers["Set-Cookie"]) == (
        203, "text/html", "n=1")
    assert page.read() == b"<p>node</p>"
