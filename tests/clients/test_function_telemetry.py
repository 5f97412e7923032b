"""What environments tell their extensions: the Telemetry API and the older Logs API."""

import aws_clients
import matinee_server
import polling
import pytest
from extension_kit import make_extended, make_hearer  # noqa: F401 (a fixture)
from functions_kit import python_package

SUBSCRIBE = '''
def subscribe(path="/2022-07-01/telemetry", **more):
    return send("PUT", path, {"schemaVersion": "2022-07-01",
                              "types": ["platform", "function", "extension"],
                              "buffering": {"timeoutMs": 25},
                              "destination": {"protocol": "HTTP", "URI":
                                  "http://sandbox.localdomain:" + os.environ["PORT"] + "/events"}}
                             | more)
'''
WAIT = '''
while next_event()["eventType"] != "SHUTDOWN":
    pass
'''


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with matinee_server.Server(tmp_path_factory.mktemp("telemetry") / "data") as server:
        yield server


@pytest.fixture
def functions(server):
    return aws_clients.client("lambda", server.url)


def make_told(functions, name, extension, hearer, body="print('A LINE')\nreturn 1"):
    make_extended(functions, name, {"listen": SUBSCRIBE + extension}, python_package(body), hearer,
                  Variables={"PORT": str(hearer.port)})


def events(hearer, path="/events"):
    return [event for batch in hearer.heard(path) for event in batch]


def await_events(hearer, kind, path="/events"):
    return polling.eventually(
        lambda: [event for event in events(hearer, path) if event["type"] == kind])


def test_all_that_happens_is_told_in_order(functions, hearer):
    make_told(functions, "told", '''
answer = register("INVOKE", "SHUTDOWN")
answer = subscribe()
tell("/subscribed", [answer[0], answer[2]])
print("OF THE EXTENSION", flush=True)
''' + WAIT, hearer)
    answer = functions.invoke(FunctionName="told")
    request_id = answer["ResponseMetadata"]["RequestId"]
    assert hearer.hear("/subscribed") == [[200, '"OK"']]
    report, = await_events(hearer, "platform.report")
    assert report["record"]["requestId"] == request_id
    assert report["record"]["status"] == "success"
    assert report["record"]["metrics"]["memorySizeMB"] == 128
    kinds = [event["type"] for event in events(hearer) if event["type"] != "extension"]
    assert kinds == ["platform.initStart", "platform.telemetrySubscription",
                     "platform.initRuntimeDone", "platform.extension", "platform.initReport",
                     "platform.start", "function", "platform.runtimeDone", "platform.report"]
    told = {event["type"]: event["record"] for event in events(hearer)}
    assert told["function"] == "A LINE\n"
    assert told["extension"] == "OF THE EXTENSION\n"
    assert told["platform.extension"] == {"name": "listen", "state": "Ready",
                                          "events": ["INVOKE", "SHUTDOWN"]}
    assert told["platform.telemetrySubscription"] == {
        "name": "listen", "state": "Subscribed", "types": ["platform", "function", "extension"]}
    assert told["platform.initStart"]["functionName"] == "told"
    assert told["platform.initStart"]["phase"] == "init"
    assert told["platform.runtimeDone"]["status"] == "success"


def test_only_what_was_asked_for_is_told_and_again_until_it_arrives(functions, hearer):
    hearer.statuses["/events"] = [500, 503]
    make_told(functions, "picky", '''
register("INVOKE", "SHUTDOWN")
subscribe(types=["function"])
''' + WAIT, hearer)
    functions.invoke(FunctionName="picky")
    batches = hearer.hear("/events", 3)
    assert batches[0] == batches[1] == batches[2]
    assert [event["type"] for event in batches[0]] == ["function"]


def test_lines_go_by_tcp_too(functions, hearer):
    make_told(functions, "wired", '''
import socket, threading
listener = socket.create_server(("127.0.0.1", 0))

def listen():
    while True:
        connection, _ = listener.accept()
        for line in connection.makefile():
            tell("/line", json.loads(line))

threading.Thread(target=listen, daemon=True).start()
register("INVOKE", "SHUTDOWN")
answer = subscribe(types=["function"], destination={"protocol": "TCP",
                                                    "port": listener.getsockname()[1]})
assert answer[0] == 200, answer
''' + WAIT, hearer)
    for _ in range(2):
        functions.invoke(FunctionName="wired")
    assert [line["record"] for line in hearer.hear("/line", 2)] == ["A LINE\n"] * 2


def test_the_logs_api_tells_of_ends_and_not_of_initializations(functions, hearer):
    make_told(functions, "older", '''
register("INVOKE", "SHUTDOWN")
answer = subscribe("/2020-08-15/logs", schemaVersion="2020-08-15")
tell("/subscribed", [answer[0], answer[2]])
''' + WAIT, hearer)
    functions.invoke(FunctionName="older")
    assert hearer.hear("/subscribed") == [[200, '"OK"']]
    await_events(hearer, "platform.report")
    kinds = [event["type"] for event in events(hearer)]
    assert kinds == ["platform.logsSubscription", "platform.extension", "platform.start",
                     "function", "platform.end", "platform.report"]


def test_what_is_wrong_with_a_subscription_is_told(functions, hearer):
    make_told(functions, "wrong", '''
def refused(answer):
    error = json.loads(answer[2])
    return [answer[0], error["errorType"], error["errorMessage"]]

register("INVOKE", "SHUTDOWN")
found = [
    refused(subscribe(types=[], destination={"protocol": "HTTP",
                                             "URI": "http://sandbox.localdomain/x"})),
    refused(subscribe(buffering={"maxItems": 5})),
    refused(subscribe(destination={"protocol": "TCP", "port": 9001})),
    refused(subscribe(schemaVersion="1999-01-01")),
]
subscribe()
found.append(refused(subscribe("/2020-08-15/logs", schemaVersion="2020-08-15"))[:2])
next_event()
found.append(refused(subscribe())[:2])
tell("/found", found)
''' + WAIT, hearer)
    functions.invoke(FunctionName="wrong")
    assert hearer.hear("/found")[0] == [
        [400, "ValidationError", "types should not be empty; URI port is not provided"],
        [400, "ValidationError", "maxItems should be between 1000 and 10000"],
        [400, "ValidationError", "port 9001 is reserved"],
        [400, "ValidationError", "schemaVersion is not supported"],
        [400, "ValidationError"],
        [403, "Telemetry.SubscriptionClosed"]]


def test_lines_of_json_are_told_as_objects(functions, hearer):
    make_told(functions, "shaped", '''
register("INVOKE", "SHUTDOWN")
subscribe(types=["function"])
''' + WAIT, hearer, "print('{\"level\": \"INFO\", \"n\": 1}')\nprint('plain')")
    functions.update_function_configuration(FunctionName="shaped",
                                            LoggingConfig={"LogFormat": "JSON"})
    functions.invoke(FunctionName="shaped")
    polling.eventually(lambda: len(events(hearer)) >= 2)
    assert [event["record"] for event in events(hearer)] == [{"level": "INFO", "n": 1}, "plain\n"]
