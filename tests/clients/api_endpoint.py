"""A local HTTP server that keeps what it is sent and answers as it was told."""

import collections
import http.server
import threading

Call = collections.namedtuple("Call", "method path headers body")


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        call = Call(self.command, self.path, self.headers, body)
        status, headers, reply = self.server.endpoint.answer_of(call)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = answer

    def log_message(self, *arguments):
        pass


class ApiEndpoint:
    """`calls` is what came; `answers` maps a path to a list of (status, headers, body) that are
    given one after the other, the last one for ever. Other paths answer 200."""

    def __init__(self):
        self.calls = []
        self.answers = {}
        self._lock = threading.Lock()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.endpoint = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def url(self, path):
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def answer_of(self, call):
        with self._lock:
            self.calls.append(call)
            path = call.path.partition("?")[0]
            answers = self.answers.get(path, [(200, {}, b"")])
            return answers.pop(0) if len(answers) > 1 else answers[0]

    def to(self, path):
        """The calls to a path, without what follows a question mark."""
        with self._lock:
            return [call for call in self.calls if call.path.partition("?")[0] == path]

    def stop(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.stop()
