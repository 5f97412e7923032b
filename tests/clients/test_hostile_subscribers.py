"""HTTP subscribers that are slow, wrong, dead or hostile: what they cost the others, the memory of
the server, and where messages go."""

import json
import pathlib
import subprocess
import time
import urllib.error
import urllib.request

import aws_clients
import matinee_server
import pytest
from api_endpoint import ApiEndpoint
from hostile_server import BEHAVIOURS, HostileServer
from polling import eventually
from test_sns import Queues

HERE = pathlib.Path(__file__).parent
# Two tries, one right after the other.
TWO_TRIES = {"DeliveryPolicy": json.dumps({"healthyRetryPolicy": {
    "numRetries": 1, "numNoDelayRetries": 1, "minDelayTarget": 1, "maxDelayTarget": 1}})}
# Far below the 15 seconds for which a silent subscriber is waited for; a busy machine has room.
SOON = 5


@pytest.fixture
def server(tmp_path):
    with matinee_server.Server(tmp_path / "data") as server:
        yield server


@pytest.fixture
def sns(server):
    return aws_clients.client("sns", server.url)


@pytest.fixture
def web():
    with ApiEndpoint() as endpoint:
        yield endpoint


@pytest.fixture
def hostile(web):
    server = HostileServer(elsewhere=web.url("/elsewhere"))
    yield server
    server.stop()


def subscribe_good(sns, topic, web, path="/good"):
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=web.url(path))
    call = eventually(lambda: web.to(path))[0]
    sns.confirm_subscription(TopicArn=topic, Token=json.loads(call.body)["Token"])


def subscribe_hostile(sns, topic, hostile, path, **attributes):
    sns.subscribe(TopicArn=topic, Protocol="http", Attributes={**TWO_TRIES, **attributes},
                  Endpoint=f"http://127.0.0.1:{hostile.port}{path}")
    token = eventually(lambda: hostile.tokens.get(path))
    sns.confirm_subscription(TopicArn=topic, Token=token)


def longest_way(sns, topic, web, count, path="/good"):
    """Publishes so many messages, one after the other has come to the good subscriber; how long
    the slowest took."""
    longest = 0
    for number in range(count):
        seen = len(web.to(path))
        began = time.monotonic()
        sns.publish(TopicArn=topic, Message=f"{number} " + "x" * 1000)
        eventually(lambda seen=seen: len(web.to(path)) > seen, seconds=30)
        longest = max(longest, time.monotonic() - began)
    return longest


def test_no_behaviour_of_one_costs_another_time_or_the_server_memory(server, sns, web, hostile,
                                                                      name):
    topic = sns.create_topic(Name=name)["TopicArn"]
    subscribe_good(sns, topic, web)
    longest_way(sns, topic, web, 50)
    for behaviour in BEHAVIOURS:
        subscribe_hostile(sns, topic, hostile, "/" + behaviour)
    before = server.resident_megabytes()
    slowest = longest_way(sns, topic, web, 40)
    eventually(lambda: len(hostile.notified) == len(BEHAVIOURS), seconds=60)
    assert slowest < SOON
    assert server.resident_megabytes() - before < 64
    assert web.to("/elsewhere") == []


@pytest.mark.parametrize("behaviour", [
    "endless_headers", "endless_header_line", "endless_status_line", "interim_replies",
    "less_than_its_length", "garbage", "old_protocol", "closes", "resets", "negative_length",
    "moved", "temporarily_moved", "asks_for_password"])
def test_what_is_no_answer_of_success_leads_to_the_dead_letters(server, sns, hostile, name,
                                                                behaviour):
    queues = Queues(aws_clients.client("sqs", server.url))
    url, arn = queues.make(name)
    topic = sns.create_topic(Name=name)["TopicArn"]
    subscribe_hostile(sns, topic, hostile, "/" + behaviour,
                      RedrivePolicy=json.dumps({"deadLetterTargetArn": arn}))
    sns.publish(TopicArn=topic, Message="m")
    message, = queues.receive(url)
    assert json.loads(message["Body"])["Message"] == "m"
    # What a client is to blame for is not tried again.
    tries = hostile.notified["/" + behaviour]
    if behaviour == "asks_for_password":
        assert tries == 1
    else:
        # A connection that was kept, and is closed without an answer, is made anew for each try.
        assert 2 <= tries <= 3


def test_a_server_for_other_machines_follows_nothing_either(tmp_path, web, hostile, name):
    """As with --listen 0.0.0.0, but within this machine."""
    with matinee_server.Server(tmp_path / "data", arguments=["--listen", "127.0.0.2"]) as server:
        sns = aws_clients.client("sns", f"http://127.0.0.2:{server.port}")
        topic = sns.create_topic(Name=name)["TopicArn"]
        paths = {"/moved", "/found", "/see_other", "/temporarily_moved", "/permanently_moved",
                 "/asks_for_password"}
        for path in paths:
            subscribe_hostile(sns, topic, hostile, path)
        sns.publish(TopicArn=topic, Message="m")
        eventually(lambda: hostile.notified.keys() == paths)
        eventually(lambda: sum(hostile.notified.values()) >= 2 * len(paths) - 1)
    assert web.calls == []


@pytest.fixture
def certificate(tmp_path):
    """Of nobody whom anybody trusts."""
    key, pem = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", pem,
                    "-days", "2", "-subj", "/CN=127.0.0.1",
                    "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    return pem, key


def test_a_certificate_that_nobody_trusts_gets_nothing(sns, web, certificate, name):
    topic = sns.create_topic(Name=name)["TopicArn"]
    subscribe_good(sns, topic, web)
    hostile = HostileServer(certificate=certificate)
    sns.subscribe(TopicArn=topic, Protocol="https", Endpoint=f"https://127.0.0.1:{hostile.port}/x")
    assert longest_way(sns, topic, web, 10) < SOON
    hostile.stop()
    assert hostile.tokens == {} and hostile.notified == {}


def test_plain_text_to_tls_and_tls_to_plain_text_are_failures(sns, web, hostile, certificate, name):
    topic = sns.create_topic(Name=name)["TopicArn"]
    subscribe_good(sns, topic, web)
    encrypted = HostileServer(certificate=certificate)
    sns.subscribe(TopicArn=topic, Protocol="http",
                  Endpoint=f"http://127.0.0.1:{encrypted.port}/silent")
    sns.subscribe(TopicArn=topic, Protocol="https",
                  Endpoint=f"https://127.0.0.1:{hostile.port}/silent")
    assert longest_way(sns, topic, web, 10) < SOON
    encrypted.stop()
    assert hostile.tokens == {} and encrypted.tokens == {}


@pytest.fixture
def slow_names(tmp_path):
    """A server for which names that end in slow.test take half a minute to be looked up."""
    library = tmp_path / "slow_names.so"
    subprocess.run(["clang++-19", "-std=c++20", "-shared", "-fPIC", str(HERE / "slow_names.cpp"),
                    "-o", str(library)], check=True)
    environment = {"LD_PRELOAD": str(library), "SLOW_NAMES": str(tmp_path / "asked")}
    with matinee_server.Server(tmp_path / "data", environment=environment) as server:
        yield server, tmp_path / "asked"


def test_a_name_server_that_is_silent_holds_up_nobody_else(slow_names, web, name):
    server, asked = slow_names
    sns = aws_clients.client("sns", server.url)
    topic = sns.create_topic(Name=name)["TopicArn"]
    subscribe_good(sns, topic, web)
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint="http://slow.test/in")
    eventually(asked.exists)
    began = time.monotonic()
    # The call itself ends after five seconds without a connection.
    while time.monotonic() - began < 8:
        assert longest_way(sns, topic, web, 1) < SOON / 2


def test_nobody_without_a_signature_changes_where_links_lead(server, sns, web, name):
    """Subscribers follow the links of a message: they must not be led to an address inside of
    their network by somebody who can only reach the port."""
    topic = sns.create_topic(Name=name)["TopicArn"]
    subscribe_good(sns, topic, web)
    s3 = aws_clients.client("s3", server.url, s3={"addressing_style": "path"})
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps({
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"},
                       "Action": "SNS:Publish", "Resource": topic}]}))
    s3.create_bucket(Bucket=name)
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration={
        "TopicConfigurations": [{"TopicArn": topic, "Events": ["s3:ObjectCreated:*"]}]})
    eventually(lambda: len(web.to("/good")) == 2)  # the test event of S3
    for action in ("ConfirmSubscription", "Unsubscribe"):
        request = urllib.request.Request(
            f"{server.url}/?Action={action}&TopicArn={topic}&Token={'a' * 288}"
            f"&SubscriptionArn={topic}:{'0' * 8}-0000-0000-0000-{'0' * 12}",
            headers={"Host": "169.254.169.254"})
        try:
            urllib.request.urlopen(request, timeout=30).close()
        except urllib.error.HTTPError as error:
            error.close()
    s3.put_object(Bucket=name, Key="k", Body=b"b")
    message = json.loads(eventually(lambda: web.to("/good")[2:])[0].body)
    assert message["UnsubscribeURL"].startswith(server.url + "/?")
    assert message["SigningCertURL"].startswith(server.url + "/")


@pytest.mark.parametrize("endpoint", [
    "file:///etc/passwd", "gopher://127.0.0.1:1/x", "http:///x", "http://", "ftp://127.0.0.1/x",
    "http://127.0.0.1:1/a\r\nX-Evil: 1", "http://127.0.0.1:1/a b", "HTTP://127.0.0.1:1/x"])
def test_endpoints_that_are_no_urls_of_http_are_refused(sns, name, endpoint):
    topic = sns.create_topic(Name=name)["TopicArn"]
    with pytest.raises(sns.exceptions.ClientError) as raised:
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=endpoint)
    assert raised.value.response["Error"]["Code"] == "InvalidParameter"


def test_a_proxy_of_the_environment_gets_nothing_that_is_meant_for_this_machine(tmp_path, web,
                                                                                name):
    with ApiEndpoint() as proxy:
        environment = {"http_proxy": proxy.url(""), "no_proxy": "", "NO_PROXY": ""}
        with matinee_server.Server(tmp_path / "data", environment=environment) as server:
            sns = aws_clients.client("sns", server.url)
            topic = sns.create_topic(Name=name)["TopicArn"]
            subscribe_good(sns, topic, web)
            longest_way(sns, topic, web, 3)
        assert proxy.calls == []
