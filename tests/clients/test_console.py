"""What the web console is served with, and what it asks the server for: queues without receiving
from them, and what happens as it happens. The page itself is tested in tests/console."""

import json
import os
import subprocess
import urllib.error

import aws_clients
import matinee_server
import own_pages
import pytest


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with matinee_server.Server(tmp_path_factory.mktemp("console") / "data") as server:
        yield server


@pytest.fixture(scope="module")
def sqs(server):
    return aws_clients.client("sqs", server.url)


def ask(server, path, method="GET", body=None, **headers):
    """The open response."""
    return own_pages.open_page(server, method, path, body=body, headers={
        name.replace("_", "-"): value for name, value in headers.items()})


def read(server, path, **more):
    with ask(server, path, **more) as response:
        return json.load(response)


def status_of(server, path, **more):
    with pytest.raises(urllib.error.HTTPError) as raised:
        ask(server, path, **more)
    return raised.value.code


def test_the_page_may_load_nothing_but_its_own_files(server):
    with ask(server, "console/") as response:
        assert response.headers["Content-Type"] == "text/html; charset=utf-8"
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert b"<script type=\"module\" src=\"main.js\">" in response.read()
    with ask(server, "console/core/dom.js") as response:
        assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
    with ask(server, "console") as response:
        assert response.url.endswith("/_matinee/console/")


def test_a_browser_that_has_a_file_is_not_sent_it_again(server):
    with ask(server, "console/main.js") as response:
        tag = response.headers["ETag"]
    assert status_of(server, "console/main.js", If_None_Match=tag) == 304
    with ask(server, "console/main.js", If_None_Match='"other"') as response:
        assert response.status == 200


def test_what_is_not_there_or_comes_from_elsewhere_is_refused(server):
    assert status_of(server, "console/nothing.js") == 404
    assert status_of(server, "console/../../etc/passwd") == 404
    assert status_of(server, "console/", method="DELETE") == 405
    assert status_of(server, "console/", Origin="http://evil.example") == 403
    assert status_of(server, "console/", Host="evil.example") == 403
    assert status_of(server, "events", Origin="http://evil.example") == 403


def test_messages_are_looked_at_deleted_and_moved_without_being_received(server, sqs, name):
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    other = sqs.create_queue(QueueName=name + "-other")["QueueUrl"]
    for body in ("one", "two", "three"):
        sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes={
            "bytes": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}})
    place = f"queues/{name}/messages"
    page = read(server, place + "?max-items=2")
    assert [message["Body"] for message in page["Messages"]] == ["one", "two"]
    assert page["Messages"][0]["Attributes"] == [
        {"Name": "bytes", "Type": "Binary", "Value": "AP8="}]
    assert page["State"]["Visible"] == 3
    rest = read(server, place + "?after=" + page["Next"])
    assert [message["Body"] for message in rest["Messages"]] == ["three"]
    handles = [message["Handle"] for message in page["Messages"]]
    done = read(server, place + "?action=delete", method="POST", body={"Handles": handles[:1]})
    assert done == {"Done": 1, "Gone": []}
    done = read(server, f"{place}?action=move&target={name}-other", method="POST",
                body={"Handles": handles})
    assert done == {"Done": 1, "Gone": handles[:1]}
    assert sqs.receive_message(QueueUrl=other)["Messages"][0]["Body"] == "two"
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "three"
    states = {queue["Name"]: queue for queue in read(server, "queues")["Queues"]}
    assert states[name]["InFlight"] == 1 and states[name + "-other"]["InFlight"] == 1


def test_wrong_questions_about_queues_are_answered_with_what_is_wrong(server, sqs, name):
    sqs.create_queue(QueueName=name)
    place = f"queues/{name}/messages"
    assert status_of(server, "queues/nowhere/messages") == 400
    assert status_of(server, place + "?max-items=0") == 400
    assert status_of(server, place + "?max-items=501") == 400
    assert status_of(server, place + "?after=rubbish") == 400
    for action, handles in (("burn", ["1-1"]), ("delete", []), ("delete", ["x"])):
        assert status_of(server, f"{place}?action={action}", method="POST",
                         body={"Handles": handles}) == 400


def test_what_happens_is_told_as_it_happens(server, sqs, name):
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    with ask(server, "events") as events:
        assert events.headers["Content-Type"] == "text/event-stream"
        assert events.readline() == b": Matinee\n"
        sent = sqs.send_message(QueueUrl=url, MessageBody="x")["MessageId"]
        while not (line := events.readline()).startswith(b"data: "):
            assert line, "the events have ended"
    piece = json.loads(line[len("data: "):])
    hop = next(hop for hop in piece["Hops"] if hop["Messages"][0]["Id"] == sent)
    assert hop["Kind"] == "sent" and hop["Resource"].endswith(":" + name)
    edge = next(edge for edge in piece["Edges"] if edge["Resource"] == hop["Resource"])
    assert edge == {"Kind": "sent", "Resource": hop["Resource"], "Peer": "", "Count": 1}
    assert piece["Unread"] == 0


def test_many_messages_come_as_counts_and_a_sample(server, sqs, name):
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    with ask(server, "events") as events:
        assert events.readline() == b": Matinee\n"
        for i in range(60):
            sqs.send_message_batch(QueueUrl=url, Entries=[
                {"Id": str(j), "MessageBody": str(i)} for j in range(10)])
        told = unread = 0
        while told + unread < 600:
            line = events.readline()
            assert line, "the events have ended"
            if line.startswith(b"data: "):
                piece = json.loads(line[len("data: "):])
                assert len(piece["Hops"]) <= 24
                told += sum(edge["Count"] for edge in piece["Edges"]
                            if edge["Resource"].endswith(":" + name))
                unread += piece["Unread"] * 10
    assert told > 0


def console(server, *arguments, **environment):
    return subprocess.run(
        [matinee_server.find_binary(), "console", "--print", "--cloud", server.url, *arguments],
        capture_output=True, text=True, timeout=60, env={
            **os.environ, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1", **environment})


def test_a_command_prints_where_the_console_is(server):
    done = console(server)
    assert (done.returncode, done.stdout) == (0, server.url + "/_matinee/console/\n")


def test_a_link_has_temporary_credentials_and_not_those_of_the_terminal(server):
    done = console(server, "--login", AWS_SECRET_ACCESS_KEY="nobody-knows")
    place, _, code = done.stdout.strip().partition("#/login?code=")
    assert place == server.url + "/_matinee/console/"
    for strange in [{"Origin": "http://evil.example"}, {"Host": "evil.example"}]:
        assert status_of(server, f"logins/{code}", method="POST", **strange) == 403
    credentials = read(server, f"logins/{code}", method="POST")
    assert sorted(credentials) == ["accessKeyId", "secretAccessKey", "sessionToken"]
    assert credentials["accessKeyId"].startswith("ASIA")
    assert "nobody-knows" not in credentials.values()
    assert status_of(server, f"logins/{code}", method="POST") == 404, "it was used"


def test_where_no_server_is_there_is_no_console(tmp_path):
    done = subprocess.run(
        [matinee_server.find_binary(), "console", "--print", "--data", str(tmp_path / "data")],
        capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "start one with \"matinee up\"" in done.stderr
