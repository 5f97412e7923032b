"""What every invocation needs: the connection to the Runtime API, JSON, the context, the log.

Of the standard library it uses what is built in or loaded anyway: the C halves of json and socket.
"""

import os
import sys
import time

import _json
import _socket
import io
import marshal

API = "/2018-06-01/runtime"
RECEIVED_AT_ONCE = 65536  # bytes
W3C_FIELDS = ("traceparent", "tracestate", "baggage")


class Fault(Exception):
    """An error of the function that the runtime has found, with AWS's name for it."""

    def __init__(self, error_type, message, trace=()):
        super().__init__(message)
        self.error_type = error_type
        self.trace = list(trace)


class ApiError(Exception):
    """The Runtime API did not answer as it should. The process ends with it."""


# JSON.


class _Reading:
    """The settings that _json's scanner asks for: what json.loads takes by default."""

    strict = True
    object_hook = object_pairs_hook = array_hook = None
    parse_float, parse_int = float, int

    @staticmethod
    def parse_constant(name):
        raise ValueError(f"Out of range float values are not JSON compliant: {name}")


_scan = _json.make_scanner(_Reading)
_SPACE = " \t\n\r"
# Newer runtimes of AWS answer in UTF-8, those before Python 3.12 in ASCII with escapes.
_ASCII_RUNTIMES = tuple(f"AWS_Lambda_python3.{minor}" for minor in range(6, 12))
_in_ascii = os.environ.get("AWS_EXECUTION_ENV", "AWS_Lambda_python3.6") in _ASCII_RUNTIMES


def from_json(text):
    """The value of a JSON text. Throws ValueError with the words of json.loads."""
    start = len(text) - len(text.lstrip(_SPACE))
    try:
        value, end = _scan(text, start)
        if end == len(text) or not text[end:].strip(_SPACE):
            return value
    except (StopIteration, SystemError):
        pass  # The scanner finds the words for an error only where json is loaded.
    import json

    return json.loads(text)


def _not_plain(value):
    raise TypeError


def _writer(string):
    return _json.make_encoder(None, _not_plain, string, None, ": ", ", ", False, False, True)


def to_json(value):
    """JSON as AWS's runtimes write it. Throws TypeError or ValueError for what has no JSON."""
    try:
        # marshal takes exactly the built-in types and no subclass of them. Of those json's encoder
        # in C writes what AWS's does; named tuples, Decimals, bytes and the like it does not.
        marshal.dumps(value)
        return "".join(_write(value, 0))
    except (TypeError, ValueError, RecursionError):
        import _matinee_json

        return _matinee_json.encode(value, _in_ascii)


_write = _writer(_json.encode_basestring_ascii if _in_ascii else _json.encode_basestring)


def marshal_response(response):
    """Body and content type for what a handler has returned. bytes go out as they are."""
    if isinstance(response, bytes):
        return response, "application/unknown"
    try:
        text = to_json(response)
    except Exception as error:
        raise Fault("Runtime.MarshalError", f"Unable to marshal response: {error}") from error
    return text.encode("utf-8"), "application/json"


# The context.


class _Record:
    """An object with the given members, None where `values` has none."""

    __slots__ = ()

    def __init__(self, values):
        for name in self.__slots__:
            setattr(self, name, values.get(name))

    def __repr__(self):
        members = ",".join(f"{name}={getattr(self, name)}" for name in self.__slots__)
        return f"{type(self).__name__}([{members}])"


class CognitoIdentity(_Record):
    __slots__ = ("cognito_identity_id", "cognito_identity_pool_id")


class Client(_Record):
    __slots__ = ("installation_id", "app_title", "app_version_name", "app_version_code",
                 "app_package_name")


class ClientContext(_Record):
    __slots__ = ("custom", "env", "client")


class LambdaContext:
    """What handlers get as their second argument."""

    def __init__(self, invocation, client_context, identity):
        variable = os.environ.get
        self.aws_request_id = invocation.id
        self.log_group_name = variable("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = variable("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = variable("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = variable("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = variable("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = invocation.arn
        self.tenant_id = invocation.tenant_id
        trace = client_context.pop("w3c", None) if isinstance(client_context, dict) else None
        self._w3c_fields = {name: trace[name] for name in W3C_FIELDS
                            if isinstance(trace.get(name), str)} if isinstance(trace, dict) else {}
        self.client_context = None
        if client_context is not None:
            self.client_context = ClientContext(client_context)
            if self.client_context.client is not None:
                self.client_context.client = Client(self.client_context.client)
        self.identity = CognitoIdentity({
            "cognito_identity_id": identity.get("cognitoIdentityId"),
            "cognito_identity_pool_id": identity.get("cognitoIdentityPoolId")})
        self._epoch_deadline_time_in_ms = invocation.deadline_ms

    def get_remaining_time_in_millis(self):
        return max(0, self._epoch_deadline_time_in_ms - int(time.time() * 1000))

    def w3c(self):
        """The W3C trace context of the caller, as far as there is one."""
        return dict(self._w3c_fields)

    def log(self, message):
        log.write(str(message))

    def __repr__(self):
        names = ("aws_request_id", "log_group_name", "log_stream_name", "function_name",
                 "memory_limit_in_mb", "function_version", "invoked_function_arn",
                 "client_context", "identity", "tenant_id")
        members = ",".join(f"{name}={getattr(self, name)}" for name in names)
        return f"LambdaContext([{members}])"


class Invocation:
    """An event and what the Runtime API says about it."""

    def __init__(self, headers, body):
        self._headers, self._body = headers, body
        self.id = headers.get("lambda-runtime-aws-request-id")
        self.trace_id = headers.get("lambda-runtime-trace-id")
        self.arn = headers.get("lambda-runtime-invoked-function-arn")
        self.tenant_id = headers.get("lambda-runtime-aws-tenant-id")
        self.deadline_ms = int(headers.get("lambda-runtime-deadline-ms", 0))

    def event(self):
        """Throws Fault where the event is no JSON."""
        if self._headers.get("content-type") != "application/json":
            return bytes(self._body)
        try:
            return from_json(str(self._body, "utf-8"))
        except Exception as error:
            raise Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from error

    def context(self):
        """Throws Fault where one of the two headers in JSON is none."""
        client = self._member("lambda-runtime-client-context", "Client Context")
        identity = self._member("lambda-runtime-cognito-identity", "Cognito Identity")
        return LambdaContext(self, client, {} if identity is None else identity)

    def _member(self, header, name):
        text = self._headers.get(header)
        if not text:
            return None
        try:
            return from_json(text)
        except Exception as error:
            raise Fault("Runtime.LambdaContextUnmarshalError",
                        f"Unable to parse {name} JSON: {error}") from error


# The Runtime API.


class Api:
    """The Runtime API at `host:port`, or `unix:PATH`, over one connection that stays open."""

    def __init__(self, address):
        self._address, self._socket = address, None
        host = "localhost" if address.startswith("unix:") else address
        version = ".".join(map(str, sys.version_info[:3]))
        self._headers = f" HTTP/1.1\r\nHost: {host}\r\nUser-Agent: matinee-python/{version}\r\n"
        self._next = f"GET {API}/invocation/next{self._headers}\r\n".encode()

    def close(self):
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def next(self):
        """Waits for an invocation, for any time."""
        status, headers, body = self._exchange(self._next)
        if status != 200:
            raise ApiError(f"Failed to get the next invocation: {status} {bytes(body)}")
        return Invocation(headers, body)

    def respond(self, request_id, body, content_type):
        self._post(f"/invocation/{request_id}/response", body, content_type)

    def fail(self, request_id, document):
        self._post_error(f"/invocation/{request_id}/error", document)

    def fail_initialisation(self, document):
        self._post_error("/init/error", document)

    def _post_error(self, path, document):
        self._post(path, to_json(document).encode("utf-8", "replace"), "application/json",
                   f"Lambda-Runtime-Function-Error-Type: {document['errorType']}\r\n")

    def _post(self, path, body, content_type, more=""):
        head = (f"POST {API}{path}{self._headers}Content-Type: {content_type}\r\n"
                f"Content-Length: {len(body)}\r\n{more}\r\n").encode()
        status, _, answer = self._exchange(head, body)
        # A response that is too large is the caller's error; the function goes on.
        if not 200 <= status < 300 and status != 413:
            raise ApiError(f"Failed to post to {path}: {status} {bytes(answer)}")

    def _connect(self):
        unix = self._address.startswith("unix:")
        self._socket = _socket.socket(_socket.AF_UNIX if unix else _socket.AF_INET,
                                      _socket.SOCK_STREAM)
        if unix:
            self._socket.connect(self._address[len("unix:"):])
            return
        host, _, port = self._address.rpartition(":")
        self._socket.connect((host, int(port)))
        self._socket.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)

    def _exchange(self, head, body=b""):
        """Status, headers in lower case and body of the answer."""
        kept = self._socket is not None
        if not kept:
            self._connect()
        try:
            if len(body) <= RECEIVED_AT_ONCE:
                self._socket.sendall(head + body)
            else:
                self._socket.sendall(head)
                self._socket.sendall(body)
            data = self._socket.recv(RECEIVED_AT_ONCE)
        except (BrokenPipeError, ConnectionResetError):
            data = b""
        if not data:
            # A connection that was idle may have been closed meanwhile: once more on a new one.
            self.close()
            if kept:
                return self._exchange(head, body)
            raise ApiError("The Runtime API has closed the connection.")
        return self._receive(data)

    def _receive(self, data):
        while True:
            head, end, rest = data.partition(b"\r\n\r\n")
            if end:
                break
            data += self._more()
        lines = head.decode("utf-8", "surrogateescape").split("\r\n")
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body = self._chunks(rest)
        else:
            body = self._whole(rest, int(headers.get("content-length", 0)))
        if headers.get("connection", "").lower() == "close":
            self.close()
        return int(lines[0].split(" ", 2)[1]), headers, body

    def _more(self):
        data = self._socket.recv(RECEIVED_AT_ONCE)
        if not data:
            raise ApiError("The Runtime API has closed the connection in an answer.")
        return data

    def _whole(self, begun, length):
        if len(begun) >= length:
            return begun
        body = bytearray(length)
        body[:len(begun)] = begun
        view, filled = memoryview(body), len(begun)
        while filled < length:
            count = self._socket.recv_into(view[filled:])
            if not count:
                raise ApiError("The Runtime API has closed the connection in an answer.")
            filled += count
        return body

    def _chunks(self, data):
        body = bytearray()
        while True:
            while b"\r\n" not in data:
                data += self._more()
            line, _, data = data.partition(b"\r\n")
            size = int(line.partition(b";")[0], 16)
            while len(data) < size + 2:
                data += self._more()
            body += data[:size]
            data = data[size + 2:]
            if not size:
                return body  # Nobody sends trailers to a runtime.


# The log.


class Log:
    """Where lines of the runtime and of the logging module go: frames to the descriptor of
    _LAMBDA_TELEMETRY_LOG_FD, whose ends the platform sees, or else lines to standard output.

    A frame is big-endian: type (4 bytes), length of the message (4), time in microseconds (8), and
    the message. Bit 0 of the type's last two says text (not JSON), bits 2 to 4 the level.
    """

    FRAME = 0xA55A0002
    TEXT = 1

    def __init__(self):
        self.request_id = self.tenant_id = None
        self.in_json = os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"
        level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "")
        self.level = "DEBUG" if level == "TRACE" else level.upper()
        self.descriptor = None

    def begin(self):
        descriptor = os.environ.pop("_LAMBDA_TELEMETRY_LOG_FD", None)
        self.descriptor = None if descriptor is None else int(descriptor)
        if self.descriptor is not None:
            os.set_inheritable(self.descriptor, False)
        # Every write goes out at once, for the process may be frozen or killed at any moment.
        sys.stdout, sys.stderr = _unbuffered(sys.stdout), _unbuffered(sys.stderr)
        if "logging" in sys.modules:
            _set_up_logging()
        else:
            sys.meta_path.insert(0, _LoggingWatch())

    def write(self, message, frame_type=FRAME | TEXT):
        if self.descriptor is None:
            sys.stdout.write(message)
            return
        encoded = message.encode("utf-8")
        frame = b"".join((frame_type.to_bytes(4, "big"), len(encoded).to_bytes(4, "big"),
                          (time.time_ns() // 1000).to_bytes(8, "big"), encoded))
        written = os.write(self.descriptor, frame)
        while written < len(frame):
            frame = frame[written:]
            written = os.write(self.descriptor, frame)


def _unbuffered(stream):
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    stream.flush()
    raw = getattr(stream.buffer, "raw", stream.buffer)
    return io.TextIOWrapper(raw, stream.encoding, stream.errors, "\n", write_through=True)


def _set_up_logging():
    import _matinee_logging

    _matinee_logging.set_up(log)


class _LoggingWatch:
    """Gives the root logger its handler when the function first imports logging, which takes longer
    to load than all that this runtime needs."""

    def find_spec(self, name, path=None, target=None):
        if name != "logging":
            return None
        for finder in sys.meta_path:
            spec = None if finder is self else finder.find_spec(name, path, target)
            if spec is not None:
                spec.loader = _LoggingLoader(spec.loader, self)
                return spec
        return None


class _LoggingLoader:
    def __init__(self, loader, watch):
        self._loader, self._watch = loader, watch

    def __getattr__(self, name):
        return getattr(self._loader, name)

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        module.__spec__.loader = module.__loader__ = self._loader
        self._loader.exec_module(module)
        sys.meta_path.remove(self._watch)
        _set_up_logging()


def frame_type(level, in_json):
    """Of a record with one of logging's levels, or 0 for none."""
    return Log.FRAME | ((level // 10 + 1) << 2 if level else 0) | (0 if in_json else Log.TEXT)


log = Log()


# The surroundings of the function.


def extend_path(task_root, layers, brought):
    """The function's directory comes first, then the layers, then this one, then the interpreter's,
    as at AWS. Directories named in .pth files of the first three count too. What AWS's runtime
    brings, in the directory `brought`, comes before what the interpreter has installed."""
    declared = os.environ.get("AWS_EXECUTION_ENV", "").rpartition("_")[2]
    if not declared.startswith("python"):
        declared = "python{}.{}".format(*sys.version_info)
    first = [task_root, f"{layers}/python/lib/{declared}/site-packages", f"{layers}/python"]
    if brought:
        installed = [path.endswith("-packages") for path in sys.path]
        sys.path.insert(installed.index(True) if True in installed else len(installed), brought)
    sys.path[:0] = first
    for directory in first:
        try:
            has_more = any(name.endswith(".pth") for name in os.listdir(directory))
        except OSError:
            continue
        if has_more:
            import site

            site.addsitedir(directory)


def tell_trace_id(trace_id):
    """X-Ray's SDKs read the trace of the running invocation in the environment."""
    if trace_id:
        os.environ["_X_AMZN_TRACE_ID"] = trace_id
    else:
        os.environ.pop("_X_AMZN_TRACE_ID", None)
