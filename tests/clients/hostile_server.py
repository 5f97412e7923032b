"""A TCP server that answers HTTP requests in ways that no server should."""

import contextlib
import itertools
import json
import select
import socket
import ssl
import threading


def _read_request(connection):
    """(head, body) of one request; None where the other side has gone."""
    text = b""
    while b"\r\n\r\n" not in text:
        piece = connection.recv(65536)
        if not piece:
            return None
        text += piece
    head, _, body = text.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.lower().split(b"\r\n")
                   if line.startswith(b"content-length:")), 0)
    while len(body) < length:
        piece = connection.recv(65536)
        if not piece:
            return None
        body += piece
    return head.decode(), body.decode()


class HostileServer:
    """Confirmations of subscriptions are taken as by any server; notifications are answered by the
    function that is named by the last part of the path."""

    def __init__(self, elsewhere="", certificate=None):
        self.elsewhere = elsewhere
        self.tokens = {}         # by path
        self.notified = {}       # how often, by path
        self.ends = threading.Event()
        self._context = None
        if certificate:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(*certificate)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection, contextlib.suppress(OSError):
            if self._context:
                connection = self._context.wrap_socket(connection, server_side=True)
            while (request := _read_request(connection)) is not None:
                path = request[0].split(" ")[1]
                if "SubscriptionConfirmation" in request[0]:
                    self.tokens[path] = json.loads(request[1])["Token"]
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                    continue
                self.notified[path] = self.notified.get(path, 0) + 1
                getattr(self, path.rpartition("/")[2])(connection)
                return

    def stop(self):
        self.ends.set()
        self._listener.close()

    # What is done with a connection after its request.

    def _pour(self, connection, pieces, pause=0):
        for piece in pieces:
            if self.ends.is_set():
                return
            connection.sendall(piece)
            if pause:
                select.select([], [], [], pause)

    def _hold(self, connection):
        """Until the other side has had enough."""
        connection.settimeout(60)
        connection.recv(1)

    def endless_headers(self, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        self._pour(connection, itertools.repeat(b"X-Filler: " + b"x" * 1000 + b"\r\n"))

    def endless_header_line(self, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Filler: ")
        self._pour(connection, itertools.repeat(b"x" * 65536))

    def endless_status_line(self, connection):
        connection.sendall(b"HTTP/1.1 200 ")
        self._pour(connection, itertools.repeat(b"O" * 65536))

    def interim_replies(self, connection):
        self._pour(connection, itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n" * 100))

    def early_hints(self, connection):
        self._pour(connection, itertools.repeat(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"))

    def endless_body(self, connection):
        connection.sendall(b"HTTP/1.1 500 No\r\n\r\n")
        self._pour(connection, itertools.repeat(b"y" * 65536))

    def endless_chunks(self, connection):
        connection.sendall(b"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n")
        self._pour(connection, itertools.repeat(b"10000\r\n" + b"z" * 65536 + b"\r\n"))

    def endless_trailers(self, connection):
        connection.sendall(b"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")
        self._pour(connection, itertools.repeat(b"X-Trailer: " + b"x" * 1000 + b"\r\n"))

    def huge_chunk(self, connection):
        connection.sendall(b"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n"
                           b"7fffffffffffffff\r\n")
        self._pour(connection, itertools.repeat(b"z" * 65536))

    def huge_length(self, connection):
        connection.sendall(b"HTTP/1.1 500 No\r\nContent-Length: 9223372036854775807\r\n\r\nx")
        self._hold(connection)

    def length_beyond_all(self, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 40 + b"\r\n\r\nx")
        self._hold(connection)

    def negative_length(self, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello")

    def two_lengths(self, connection):
        connection.sendall(b"HTTP/1.1 500 No\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\n"
                           b"hello")

    def more_than_its_length(self, connection):
        connection.sendall(b"HTTP/1.1 500 No\r\nContent-Length: 1\r\n\r\n"
                           b"xHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        self._hold(connection)

    def less_than_its_length(self, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")

    def garbage(self, connection):
        self._pour(connection, [bytes(range(256)) * 1000])

    def old_protocol(self, connection):
        connection.sendall(b"<html>hello</html>")

    def closes(self, connection):
        pass

    def resets(self, connection):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")

    def upgrades(self, connection):
        connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n"
                           b"Connection: Upgrade\r\n\r\n")
        self._hold(connection)

    def drips(self, connection):
        reply = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
        self._pour(connection, (bytes([byte]) for byte in reply + b"z" * 100000), 0.2)

    def silent(self, connection):
        self._hold(connection)

    def moved(self, connection):
        self._move(connection, "301 Moved Permanently")

    def found(self, connection):
        self._move(connection, "302 Found")

    def see_other(self, connection):
        self._move(connection, "303 See Other")

    def temporarily_moved(self, connection):
        self._move(connection, "307 Temporary Redirect")

    def permanently_moved(self, connection):
        self._move(connection, "308 Permanent Redirect")

    def asks_for_password(self, connection):
        connection.sendall(b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Negotiate\r\n"
                           b"WWW-Authenticate: NTLM\r\nWWW-Authenticate: Basic realm=x\r\n"
                           b"Content-Length: 0\r\n\r\n")

    def _move(self, connection, status):
        connection.sendall(f"HTTP/1.1 {status}\r\nLocation: {self.elsewhere}\r\n"
                           f"Refresh: 0; url={self.elsewhere}\r\nAlt-Svc: h2=\"{self.elsewhere}\""
                           f"\r\nContent-Length: 0\r\n\r\n".encode())


BEHAVIOURS = [name for name in vars(HostileServer)
              if not name.startswith("_") and name not in ("stop",)]
