"""Matinee's own pages below /_matinee/, as the tests ask for them."""

import json
import urllib.error
import urllib.parse
import urllib.request

TIMEOUT = 60


def authorization(key, region="us-east-1"):
    """A header that names a key and is signed by nobody: enough where signatures do not count."""
    return (f"AWS4-HMAC-SHA256 Credential={key}/20261130/{region}/matinee/aws4_request, "
            f"SignedHeaders=host, Signature={'0' * 64}")


def open_page(server, method, path, *, body=None, key=None, region="us-east-1", headers=None,
              **query):
    """The open response. `path` stands below /_matinee/, and may have a query of its own; `body` is
    sent as JSON; `key` is whose call it is. Underscores in names of the query are hyphens."""
    address = f"{server.url}/_matinee/{path}"
    if query:
        names = {name.replace("_", "-"): value for name, value in query.items()}
        address += ("&" if "?" in path else "?") + urllib.parse.urlencode(names)
    sent = dict(headers or {})
    if body is not None:
        sent.setdefault("Content-Type", "application/json")
    if key:
        sent["Authorization"] = authorization(key, region)
    data = None if body is None else json.dumps(body).encode()
    return urllib.request.urlopen(
        urllib.request.Request(address, method=method, data=data, headers=sent), timeout=TIMEOUT)


def ask(server, method, path, **more):
    """The document of the reply; None where it has none."""
    with open_page(server, method, path, **more) as response:
        return json.loads(response.read() or b"null")


def read(server, path, **more):
    return ask(server, "GET", path, **more)


def refusal(server, method, path, **more):
    """(status, code, message) of a call that is refused; fails where it is not."""
    try:
        with open_page(server, method, path, **more) as response:
            raise AssertionError(f"{method} {path} was answered with {response.status}")
    except urllib.error.HTTPError as error:
        document = json.loads(error.read() or b"{}")
        return (error.code, error.headers["x-amzn-ErrorType"],
                document.get("message", document.get("Message")))
