"""AssumeRoleWithWebIdentity with an issuer that publishes its keys on a real connection: a small
HTTP server on this machine. (IAM takes providers with https only, and knows them by their hosts;
tokens of this machine may name it with http.)
"""

import base64
import http.server
import json
import threading
import time

import aws_clients
import matinee_server
import pytest
from botocore import UNSIGNED
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

ACCOUNT = "111122223333"


def encode(data):
    if not isinstance(data, bytes):
        data = json.dumps(data).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value):
    return encode(value.to_bytes((value.bit_length() + 7) // 8, "big"))


class RsaKey:
    def __init__(self, name):
        self.name, self.key = name, rsa.generate_private_key(65537, 2048)

    def public(self):
        numbers = self.key.public_key().public_numbers()
        return {"kty": "RSA", "kid": self.name, "alg": "RS256", "use": "sig",
                "n": number(numbers.n), "e": number(numbers.e)}

    def sign(self, text):
        return self.key.sign(text, padding.PKCS1v15(), hashes.SHA256())

    algorithm = "RS256"


class CurveKey:
    def __init__(self, name):
        self.name, self.key = name, ec.generate_private_key(ec.SECP256R1())

    def public(self):
        numbers = self.key.public_key().public_numbers()
        return {"kty": "EC", "crv": "P-256", "kid": self.name,
                "x": number(numbers.x), "y": number(numbers.y)}

    def sign(self, text):
        r, s = utils.decode_dss_signature(self.key.sign(text, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    algorithm = "ES256"


class Issuer:
    """A provider of identities with some keys, which may be slow or talk nonsense."""

    def __init__(self):
        issuer = self
        self.keys, self.body, self.asked = [], None, []
        self.was_asked, self.may_answer = threading.Event(), threading.Event()
        self.may_answer.set()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                issuer.asked.append(self.path)
                issuer.was_asked.set()
                issuer.may_answer.wait()
                body = json.dumps(issuer.answer(self.path)).encode()
                if issuer.body is not None and self.path == "/keys":
                    body = issuer.body
                try:
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    pass  # whoever asked has not waited

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, path):
        if path == "/.well-known/openid-configuration":
            return {"issuer": f"http://{self.host}", "jwks_uri": f"http://{self.host}/keys"}
        return {"keys": [key.public() for key in self.keys]}

    def token(self, key, **claims):
        body = {"iss": f"http://{self.host}", "sub": "ann", "aud": "films",
                "exp": int(time.time()) + 600, **claims}
        text = encode({"alg": key.algorithm, "kid": key.name}) + "." + encode(body)
        return text + "." + encode(key.sign(text.encode()))

    def close(self):
        self.may_answer.set()
        self.server.shutdown()
        self.server.server_close()  # may be called again


@pytest.fixture
def issuer():
    made = Issuer()
    yield made
    made.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    data = tmp_path_factory.mktemp("web") / "data"
    with matinee_server.Server(data, ["--iam", "enforce"]) as running:
        yield running


def client(server, service, **config):
    root = {"aws_access_key_id": ACCOUNT, "aws_secret_access_key": "secret"}
    return aws_clients.client(service, server.url, credentials=root, **config)


@pytest.fixture
def assume(server, issuer, name):
    """Tries a token of the issuer: the answer, or the error as "400 CODE"."""
    iam = client(server, "iam")
    arn = iam.create_open_id_connect_provider(
        Url=f"https://{issuer.host}", ClientIDList=["films"])["OpenIDConnectProviderArn"]
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Federated": arn},
             "Action": "sts:AssumeRoleWithWebIdentity"}]}))["Role"]
    sts = client(server, "sts", signature_version=UNSIGNED)

    def attempt(token):
        try:
            return sts.assume_role_with_web_identity(
                RoleArn=role["Arn"], RoleSessionName="web", WebIdentityToken=token)
        except ClientError as error:
            answer = error.response
            return f"{answer['ResponseMetadata']['HTTPStatusCode']} {answer['Error']['Code']}"

    return attempt


BAD = "400 InvalidIdentityToken"


@pytest.mark.parametrize("kind", [RsaKey, CurveKey])
def test_a_token_is_good_if_a_key_of_its_issuer_has_signed_it(issuer, assume, kind):
    one, other = kind("one"), kind("other")
    issuer.keys = [one]
    assert assume(issuer.token(one))["SubjectFromWebIdentityToken"] == "ann"
    assert issuer.asked == ["/.well-known/openid-configuration", "/keys"]
    assert assume(issuer.token(other)) == BAD, "a key that is not published"
    other.name = "one"
    assert assume(issuer.token(other)) == BAD, "the name of a key, and another signature"
    head, body, signature = issuer.token(one).split(".")
    forged = encode({**json.loads(base64.urlsafe_b64decode(body + "==")), "sub": "bob"})
    assert assume(f"{head}.{forged}.{signature}") == BAD
    assert assume(f"{encode({'alg': 'none'})}.{body}.") == BAD
    assert assume(f"{encode({'alg': 'HS256', 'kid': 'one'})}.{body}.{signature}") == BAD


def test_keys_may_change_at_any_time(issuer, assume):
    old, new = RsaKey("old"), RsaKey("new")
    issuer.keys = [old]
    assert "Credentials" in assume(issuer.token(old))
    issuer.keys = [old, new]
    assert "Credentials" in assume(issuer.token(old))
    assert "Credentials" in assume(issuer.token(new))
    issuer.keys = [new]
    assert assume(issuer.token(old)) == BAD
    assert "Credentials" in assume(issuer.token(new))


@pytest.mark.parametrize("body", [b"", b"nonsense", b"[]", b'{"keys": 7}', b'{"keys": [7, {}]}',
                                  b'{"keys": [{"kty": "RSA", "kid": "k", "n": "!", "e": ""}]}',
                                  b'{"keys": [{"kty": "RSA", "kid": "k", "n": "", "e": ""}]}',
                                  b"\xff" * 1000, b"[" * 100000])
def test_what_is_no_set_of_keys_has_signed_nothing(issuer, assume, body):
    issuer.body = body
    assert assume(issuer.token(RsaKey("k"))) == BAD


def test_of_an_issuer_that_cannot_be_reached_the_claims_are_believed(issuer, assume):
    token = issuer.token(RsaKey("k"))
    issuer.close()
    assert "Credentials" in assume(token)


def test_an_issuer_that_is_slow_holds_nobody_else_up(server, issuer, assume):
    key = RsaKey("k")
    issuer.keys = [key]
    issuer.may_answer.clear()
    answers = []
    thread = threading.Thread(target=lambda: answers.append(assume(issuer.token(key))))
    thread.start()
    assert issuer.was_asked.wait(timeout=20)
    client(server, "sts").get_caller_identity()
    assert not answers
    issuer.may_answer.set()
    thread.join()
    assert "Credentials" in answers[0]


def test_an_issuer_that_never_answers_is_not_waited_for_longer_than_some_seconds(issuer, assume):
    issuer.may_answer.clear()
    begun = time.monotonic()
    assert "Credentials" in assume(issuer.token(RsaKey("k"))), "as one that cannot be reached"
    assert time.monotonic() - begun < 20
