"""API destinations: what an HTTP server of ours gets of events, on a clock that is moved."""

import base64
import collections
import datetime
import json
import urllib.parse

import aws_clients
import matinee_server
import own_pages
import pytest
from api_endpoint import ApiEndpoint
from polling import eventually
from test_events import make_queue, put

PLAIN = {"AuthorizationType": "API_KEY", "AuthParameters": {
    "ApiKeyAuthParameters": {"ApiKeyName": "x-key", "ApiKeyValue": "secret"}}}
NO_RETRY = {"MaximumRetryAttempts": 0}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    data = tmp_path_factory.mktemp("api-destinations") / "data"
    with matinee_server.Server(data, arguments=["--clock", "paused"]) as server:
        yield server


@pytest.fixture
def events(server):
    return aws_clients.client("events", server.url)


@pytest.fixture
def sqs(server):
    return aws_clients.client("sqs", server.url)


@pytest.fixture
def web():
    with ApiEndpoint() as endpoint:
        yield endpoint


def clock(server, **how):
    """Moves the clock; returns what the page says of it."""
    while True:
        state = own_pages.ask(server, "POST", "clock", **how)
        if state["Complete"]:
            return state


def now(server):
    return datetime.datetime.fromisoformat(own_pages.read(server, "clock")["Now"])


Made = collections.namedtuple("Made", "rule target")


def connect(events, name, connection=None):
    """The ARN of a connection that has been authorized."""
    arn = events.create_connection(Name=name, **(connection or PLAIN))["ConnectionArn"]
    eventually(lambda: events.describe_connection(Name=name)["ConnectionState"] == "AUTHORIZED")
    return arn


def destine(events, name, endpoint, connection=None, target=None, **destination):
    """A rule for events of the source `name` whose target is an endpoint: ARNs of both."""
    arn = events.create_api_destination(**{
        "Name": name, "ConnectionArn": connect(events, name, connection), "HttpMethod": "POST",
        "InvocationEndpoint": endpoint, **destination})["ApiDestinationArn"]
    rule = events.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))["RuleArn"]
    answer = events.put_targets(Rule=name, Targets=[{
        "Id": "d", "Arn": arn, "RoleArn": "arn:aws:iam::000000000000:role/r", **(target or {})}])
    assert answer["FailedEntryCount"] == 0, answer
    return Made(rule, arn)


def dead_letter(sqs, url):
    """The body of the only message, and its attributes as a dictionary."""
    message, = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10,
                                   MessageAttributeNames=["All"])["Messages"]
    return message["Body"], {key: value["StringValue"]
                             for key, value in message["MessageAttributes"].items()}


def basic(username, password):
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def test_a_basic_connection_sends_name_and_password(events, web, name):
    destine(events, name, web.url("/in"), {"AuthorizationType": "BASIC", "AuthParameters": {
        "BasicAuthParameters": {"Username": "ada", "Password": "pass word"}}})
    event_id = put(events, name, {"n": 1})
    call, = eventually(lambda: web.to("/in"))
    assert call.method == "POST"
    assert call.headers["Authorization"] == basic("ada", "pass word")
    assert call.headers["User-Agent"] == "Amazon/EventBridge/ApiDestinations"
    assert call.headers["Content-Type"] == "application/json; charset=utf-8"
    assert call.headers["Range"] == "bytes=0-1048575"
    body = json.loads(call.body)
    assert body["id"] == event_id and body["detail"] == {"n": 1}


def test_an_api_key_is_a_header_of_any_name(events, web, name):
    destine(events, name, web.url("/in"))
    put(events, name, {})
    call, = eventually(lambda: web.to("/in"))
    assert call.headers["x-key"] == "secret"
    assert "Authorization" not in call.headers


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"])
def test_every_method_is_called_as_it_is_named(events, web, name, method):
    destine(events, name, web.url("/in"), HttpMethod=method)
    put(events, name, {"n": 1})
    call, = eventually(lambda: web.to("/in"))
    assert call.method == method
    assert bool(call.body) == (method in ("PUT", "PATCH", "DELETE"))


def oauth(web, **more):
    return {"AuthorizationType": "OAUTH_CLIENT_CREDENTIALS", "AuthParameters": {"OAuthParameters": {
        "AuthorizationEndpoint": web.url("/token"), "HttpMethod": "POST",
        "ClientParameters": {"ClientID": "me", "ClientSecret": "s3c ret"}, **more}}}


def token(text, **more):
    return 200, {"Content-Type": "application/json"}, json.dumps(
        {"access_token": text, "token_type": "Bearer", **more}).encode()


def bearers(web):
    return [call.headers["Authorization"] for call in web.to("/in")]


def test_a_token_is_fetched_once_reused_and_fetched_again_when_it_is_refused(
        server, events, web, name):
    web.answers["/token"] = [token("one"), token("two")]
    destine(events, name, web.url("/in"), oauth(web, OAuthHttpParameters={
        "HeaderParameters": [{"Key": "X-Tenant", "Value": "t", "IsValueSecret": True}],
        "QueryStringParameters": [{"Key": "version", "Value": "2"}],
        "BodyParameters": [{"Key": "audience", "Value": "a b"}]}))
    for number in range(3):
        put(events, name, {"n": number})
    eventually(lambda: len(web.to("/in")) == 3)
    asked, = web.to("/token")
    assert asked.path == "/token?version=2" and asked.headers["X-Tenant"] == "t"
    assert dict(urllib.parse.parse_qsl(asked.body)) == {
        "grant_type": "client_credentials", "client_id": "me", "client_secret": "s3c ret",
        "audience": "a b"}
    assert bearers(web) == ["Bearer one"] * 3
    web.answers["/in"] = [(401, {}, b""), (200, {}, b"")]
    put(events, name, {"n": 3})
    eventually(lambda: len(web.to("/in")) == 4)
    clock(server, action="run-until-idle")
    assert bearers(web)[3:] == ["Bearer one", "Bearer two"]
    assert json.loads(web.to("/in")[-1].body)["detail"] == {"n": 3}
    assert len(web.to("/token")) == 2


def test_a_token_that_has_expired_is_fetched_once_for_all_that_wait(server, events, web, name):
    web.answers["/token"] = [token("one", expires_in=60), token("two", expires_in=60)]
    destine(events, name, web.url("/in"), oauth(web))
    clock(server, advance="2m")
    events.put_events(Entries=[{"Source": name, "DetailType": "t", "Detail": "{}"}] * 10)
    eventually(lambda: len(web.to("/in")) == 10)
    assert set(bearers(web)) == {"Bearer two"}
    assert len(web.to("/token")) == 2


def test_parameters_of_target_and_connection_meet_in_one_call(events, web, name):
    added = {"HeaderParameters": [{"Key": "X-Both", "Value": "connection"}],
             "QueryStringParameters": [{"Key": "both", "Value": "c&d"}],
             "BodyParameters": [{"Key": "added", "Value": "by connection"}]}
    connection = {**PLAIN, "AuthParameters": {**PLAIN["AuthParameters"],
                                              "InvocationHttpParameters": added}}
    destine(events, name, web.url("/shops/*/orders/*?fixed=1"), connection, {
        "InputPath": "$.detail", "HttpParameters": {
            "PathParameterValues": ["north east", "4/2"],
            "HeaderParameters": {"x-both": "target", "X-Own": "mine"},
            "QueryStringParameters": {"both": "target", "own": "ü"}}})
    put(events, name, {"n": 1})
    call, = eventually(lambda: web.calls)
    path, _, query = call.path.partition("?")
    assert path == "/shops/north%20east/orders/4%2F2"
    assert dict(urllib.parse.parse_qsl(query)) == {"fixed": "1", "both": "c&d", "own": "ü"}
    assert call.headers.get_all("x-both") == ["connection"] and call.headers["X-Own"] == "mine"
    assert json.loads(call.body) == {"n": 1, "added": "by connection"}


def test_values_of_a_path_come_out_of_the_event(events, web, name):
    destine(events, name, web.url("/orders/*"), target={"HttpParameters": {
        "PathParameterValues": ["$.detail.order"], "HeaderParameters": {"X-N": "$.detail.n"},
        "QueryStringParameters": {"q": "$.detail.missing"}}})
    put(events, name, {"order": "a b", "n": 7})
    call, = eventually(lambda: web.calls)
    assert call.path.startswith("/orders/a%20b") and call.headers["X-N"] == "7"


def test_nobody_changes_the_headers_that_are_eventbridges_own(events, web, name):
    destine(events, name, web.url("/in"), target={"HttpParameters": {"HeaderParameters": {
        "User-Agent": "me", "Range": "bytes=0-1", "Host": "elsewhere", "Content-Length": "3",
        "Transfer-Encoding": "chunked", "Connection": "upgrade", "Origin": "http://x",
        "Via": "x", "X-Mine": "mine"}}})
    put(events, name, {"n": 1})
    call, = eventually(lambda: web.to("/in"))
    assert call.headers["User-Agent"] == "Amazon/EventBridge/ApiDestinations"
    assert call.headers["Range"] == "bytes=0-1048575"
    assert call.headers["Host"] == urllib.parse.urlsplit(web.url("/")).netloc
    assert "Origin" not in call.headers and "Via" not in call.headers
    assert call.headers["X-Mine"] == "mine" and json.loads(call.body)["detail"] == {"n": 1}


def test_calls_wait_for_the_rate_and_none_is_lost(server, events, web, name):
    destine(events, name, web.url("/in"), InvocationRateLimitPerSecond=2)
    for start in range(0, 30, 10):
        events.put_events(Entries=[{"Source": name, "DetailType": "t", "Detail": json.dumps(
            {"n": start + number})} for number in range(10)])
    eventually(lambda: len(web.to("/in")) == 2)
    clock(server, advance="1s")
    assert len(web.to("/in")) == 4
    clock(server, advance="4s")
    assert len(web.to("/in")) == 12
    clock(server, action="run-until-idle")
    assert sorted(json.loads(call.body)["detail"]["n"] for call in web.to("/in")) == list(range(30))


@pytest.mark.parametrize("status", [401, 407, 409, 429, 500, 502, 503, 599])
def test_what_may_pass_is_tried_again_until_it_is_taken(server, events, web, name, status):
    destine(events, name, web.url("/in"))
    web.answers["/in"] = [(status, {}, b"")] * 3 + [(200, {}, b"")]
    began = now(server)
    put(events, name, {})
    eventually(lambda: web.to("/in"))
    clock(server, action="run-until-idle")
    assert len(web.to("/in")) == 4
    # 1 + 2 + 4 seconds, each up to a tenth less.
    assert 6.2 < (now(server) - began).total_seconds() <= 7


@pytest.mark.parametrize("status", [301, 302, 307, 400, 403, 404, 410, 418, 422])
def test_what_will_not_pass_is_a_dead_letter_at_once(server, events, sqs, web, name, status):
    url, arn = make_queue(sqs, name)
    made = destine(events, name, web.url("/in"), target={"DeadLetterConfig": {"Arn": arn}})
    web.answers["/in"] = [(status, {"Location": web.url("/elsewhere")}, b"no")]
    event_id = put(events, name, {})
    body, attributes = dead_letter(sqs, url)
    assert json.loads(body)["id"] == event_id
    assert attributes == {
        "RULE_ARN": made.rule, "TARGET_ARN": made.target, "ERROR_CODE": "ERROR_FROM_TARGET",
        "ERROR_MESSAGE": f"Unable to invoke ApiDestination endpoint: The endpoint answered with "
                         f"status {status}.",
        "RETRY_ATTEMPTS": "0"}
    clock(server, action="run-until-idle")
    assert len(web.calls) == 1


def test_all_tries_of_a_day_end_in_the_dead_letters(server, events, sqs, web, name):
    url, arn = make_queue(sqs, name)
    destine(events, name, web.url("/in"), target={"DeadLetterConfig": {"Arn": arn}})
    web.answers["/in"] = [(503, {}, b"")]
    began = now(server)
    put(events, name, {})
    eventually(lambda: web.to("/in"))
    clock(server, action="run-until-idle")
    assert now(server) - began <= datetime.timedelta(days=1)
    assert len(web.to("/in")) == 186
    attributes = dead_letter(sqs, url)[1]
    assert attributes["EXHAUSTED_RETRY_CONDITION"] == "MaximumRetryAttempts"
    assert attributes["RETRY_ATTEMPTS"] == "185"
    assert attributes["ERROR_CODE"] == "ERROR_FROM_TARGET"


def test_an_event_that_is_too_old_is_given_up(server, events, sqs, web, name):
    url, arn = make_queue(sqs, name)
    destine(events, name, web.url("/in"), target={
        "DeadLetterConfig": {"Arn": arn}, "RetryPolicy": {"MaximumEventAgeInSeconds": 60}})
    web.answers["/in"] = [(503, {}, b"")]
    put(events, name, {})
    eventually(lambda: web.to("/in"))
    clock(server, advance="59s")
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    clock(server, advance="1s")
    attributes = dead_letter(sqs, url)[1]
    assert attributes["EXHAUSTED_RETRY_CONDITION"] == "MaximumEventAgeInSeconds"
    assert int(attributes["RETRY_ATTEMPTS"]) == len(web.to("/in")) - 1 >= 5


def test_a_port_at_which_nobody_listens_is_tried_again(server, events, sqs, name):
    url, arn = make_queue(sqs, name)
    endpoint = f"http://127.0.0.1:{matinee_server.free_port()}/in"
    destine(events, name, endpoint, target={
        "DeadLetterConfig": {"Arn": arn}, "RetryPolicy": {"MaximumRetryAttempts": 3}})
    began = now(server)
    put(events, name, {})
    clock(server, action="run-until-idle")
    assert 6.2 < (now(server) - began).total_seconds() <= 7
    attributes = dead_letter(sqs, url)[1]
    assert attributes["ERROR_CODE"] == "SDK_CLIENT_ERROR"
    assert attributes["ERROR_MESSAGE"].startswith(
        "Unable to invoke ApiDestination endpoint: API destination endpoint cannot be reached.")
    assert attributes["EXHAUSTED_RETRY_CONDITION"] == "MaximumRetryAttempts"
    assert attributes["RETRY_ATTEMPTS"] == "3"


def test_retry_after_is_waited_for(server, events, web, name):
    destine(events, name, web.url("/in"))
    web.answers["/in"] = [(429, {"Retry-After": "90"}, b""), (200, {}, b"")]
    put(events, name, {})
    eventually(lambda: web.to("/in"))
    clock(server, advance="89s")
    assert len(web.to("/in")) == 1
    clock(server, advance="1s")
    assert len(web.to("/in")) == 2


def test_events_wait_while_their_connection_is_not_authorized(server, events, web, name):
    destine(events, name, web.url("/in"))
    events.deauthorize_connection(Name=name)
    put(events, name, {})
    clock(server, advance="10s")
    assert web.calls == []
    events.update_connection(Name=name, **PLAIN)
    clock(server, action="run-until-idle")
    assert len(web.to("/in")) == 1


def test_events_that_wait_outlive_the_server(tmp_path, web, name):
    server = matinee_server.Server(tmp_path / "data", arguments=["--clock", "paused"])
    with server:
        events = aws_clients.client("events", server.url)
        destine(events, name, web.url("/in"), InvocationRateLimitPerSecond=1)
        web.answers["/in"] = [(500, {}, b"")]
        events.put_events(Entries=[{"Source": name, "DetailType": "t", "Detail": json.dumps(
            {"n": number})} for number in range(10)])
        eventually(lambda: web.to("/in"))
        server.kill()
        web.answers["/in"] = [(200, {}, b"")]
        server.start()
        clock(server, action="run-until-idle")
        assert {json.loads(call.body)["detail"]["n"] for call in web.to("/in")} == set(range(10))
