"""Extensions of functions, as scripts for layers, and a server of the test that hears of them."""

import http.server
import json
import threading

import polling
import pytest
from functions_kit import make_function, package

# What each extension begins with. It runs in the network of the machine, and so reaches the test.
HEAD = '''#!/usr/bin/env python3
import json, os, signal, sys, urllib.error, urllib.request
NAME = os.path.basename(sys.argv[0])
API = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"]
ID = {}

def send(method, path, body=None, **headers):
    """Status, headers and body of the answer."""
    if isinstance(body, (dict, list)):
        body = json.dumps(body)
    request = urllib.request.Request(path if "://" in path else API + path, method=method,
                                     data=body.encode() if body is not None else None)
    for name, value in (ID | headers).items():
        request.add_header(name.replace("_", "-"), value)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()

def register(*events, **headers):
    answer = send("POST", "/2020-01-01/extension/register", {"events": events},
                  Lambda_Extension_Name=NAME, **headers)
    assert answer[0] == 200, answer[2]
    ID["Lambda-Extension-Identifier"] = answer[1]["Lambda-Extension-Identifier"]
    return json.loads(answer[2])

def next_event():
    answer = send("GET", "/2020-01-01/extension/event/next")
    assert answer[0] == 200, answer[2]
    return json.loads(answer[2])

def report_error(when):
    answer = send("POST", f"/2020-01-01/extension/{when}/error", {},
                  Lambda_Extension_Function_Error_Type="My.Error")
    assert answer[0] == 202, answer[2]

def tell(path, body):
    return send("POST", os.environ["HEARER"] + path, body)
'''

LOOP = '''
register("INVOKE", "SHUTDOWN")
while True:
    event = next_event()
    tell("/" + event["eventType"], event)
    if event["eventType"] == "SHUTDOWN":
        break
'''


class Hearer:
    """A server that keeps what it is told, by path. It answers `statuses` of a path first, one
    after the other, and waits with answers for paths in `held`."""

    def __init__(self):
        self.told = []
        self.statuses = {}
        self.held = {}
        hearer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                hearer.told.append((self.path, json.loads(body) if body else None))
                if self.path in hearer.held:
                    hearer.held[self.path].wait(60)
                statuses = hearer.statuses.get(self.path)
                self.send_response(statuses.pop(0) if statuses else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def hold(self, path):
        self.held[path] = threading.Event()
        return self.held[path]

    def heard(self, path):
        return [body for told, body in self.told if told == path]

    def hear(self, path, count=1):
        """The bodies told at a path, once there are that many."""
        polling.eventually(lambda: len(self.heard(path)) >= count)
        return self.heard(path)

    def close(self):
        for event in self.held.values():
            event.set()
        self.server.shutdown()
        self.server.server_close()


def make_extended(client, name, extensions, code, hearer, **more):
    """A function with extensions: names to texts that follow HEAD, or to (text, mode) as it is."""
    files = {f"extensions/{key}": value if isinstance(value, tuple) else (HEAD + value, 0o755)
             for key, value in extensions.items()}
    layer = client.publish_layer_version(LayerName=f"{name}-layer",
                                         Content={"ZipFile": package(files)})
    variables = {"HEARER": hearer.url} | more.pop("Variables", {})
    return make_function(client, name, code, Layers=[layer["LayerVersionArn"]],
                         Environment={"Variables": variables}, **more)


@pytest.fixture(name="hearer")
def make_hearer():
    hearer = Hearer()
    yield hearer
    hearer.close()
