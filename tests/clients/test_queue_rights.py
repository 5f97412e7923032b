"""What Matinee's own operations ask for: to look at messages without receiving them, to delete or
to move single ones, and to reset, one needs the rights to what AWS's operations of the kind do."""

import json
import urllib.error
import urllib.parse
import urllib.request

import aws_clients
import botocore.auth
import botocore.awsrequest
import matinee_server
import pytest
from botocore.credentials import Credentials
from enforced_cloud import ACCOUNT, OTHER, Cloud, allow, document, keys


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    data = tmp_path_factory.mktemp("rights") / "data"
    with matinee_server.Server(data, ["--iam", "enforce"]) as server:
        yield Cloud(server)


def deny(action, resource="*", **more):
    return {**allow(action, resource, **more), "Effect": "Deny"}


def ask(url, path, who=None, method="GET", body=None):
    """(status, document) of a call of Matinee's own, signed unless nobody calls."""
    data = json.dumps(body).encode() if body is not None else b""
    request = botocore.awsrequest.AWSRequest(method, f"{url}/_matinee/{path}", data=data)
    if who:
        botocore.auth.SigV4Auth(
            Credentials(who["aws_access_key_id"], who["aws_secret_access_key"],
                        who.get("aws_session_token")), "matinee", "us-east-1").add_auth(request)
    sent = urllib.request.Request(request.url, data=data or None, method=method,
                                  headers=dict(request.headers))
    try:
        with urllib.request.urlopen(sent, timeout=30) as response:
            return response.status, json.loads(response.read() or "null")
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def names(cloud, who):
    return [queue["Name"] for queue in ask(cloud.server.url, "queues", who)[1]["Queues"]]


class TestWhoLooksAtAQueue:
    @pytest.fixture
    def queue(self, cloud, name):
        url, arn = cloud.queue(name)
        cloud.client("sqs").send_message(QueueUrl=url, MessageBody="secret")
        return url, arn

    def look(self, cloud, queue, who):
        name = queue[1].rpartition(":")[2]
        return ask(cloud.server.url, f"queues/{name}/messages", who)

    def test_needs_both_rights_and_they_name_the_queue(self, cloud, queue, name):
        _, arn = queue
        other = arn + "-other"
        for number, (looks, receives) in enumerate(
                ((arn, other), (other, arn), (None, arn), (arn, None))):
            statements = [allow("matinee:PeekQueue", looks)] if looks else []
            statements += [allow("sqs:ReceiveMessage", receives)] if receives else []
            who = cloud.user(f"{name}-{number}", *statements)
            status, told = self.look(cloud, queue, who)
            assert status in (400, 403) and "is not authorized to perform" in told["message"], told
            assert "secret" not in json.dumps(told)
        who = cloud.user(f"{name}-all", allow("matinee:PeekQueue", arn),
                         allow("sqs:ReceiveMessage", arn))
        status, page = self.look(cloud, queue, who)
        assert (status, page["Messages"][0]["Body"]) == (200, "secret")
        url = urllib.parse.quote(queue[0], safe="")
        for named in (arn, url):
            assert ask(cloud.server.url, f"queues/{named}/messages", who)[0] == 200

    def test_is_kept_out_by_the_queues_policy(self, cloud, queue, name):
        url, arn = queue
        who = cloud.user(name, allow("matinee:*"), allow("sqs:*"))
        cloud.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": document(
            {**deny("sqs:ReceiveMessage", arn), "Principal": "*"})})
        status, told = self.look(cloud, queue, who)
        assert status in (400, 403) and "explicit deny" in told["message"], told

    def test_is_kept_out_by_its_key(self, cloud, queue, name):
        url, _ = queue
        kms = cloud.client("kms")
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        cloud.client("sqs").set_queue_attributes(QueueUrl=url,
                                                 Attributes={"KmsMasterKeyId": key})
        who = cloud.user(name, allow("matinee:*"), allow("sqs:*"))
        status, told = self.look(cloud, queue, who)
        assert status in (400, 403) and "kms:Decrypt" in told["message"], told
        other = cloud.user(name + "-opens", allow(["matinee:*", "sqs:*", "kms:Decrypt"]))
        assert self.look(cloud, queue, other)[0] == 200
        kms.disable_key(KeyId=key)
        assert self.look(cloud, queue, other)[0] == 400

    def test_sees_only_queues_whose_attributes_he_may_ask_for(self, cloud, name):
        _, arn = cloud.queue(name)
        cloud.queue(name + "-hidden")
        who = cloud.user(name, allow("matinee:ListQueueStates"),
                         allow("sqs:GetQueueAttributes", arn))
        assert names(cloud, who) == [name]

    def test_deletes_with_the_right_to_delete_alone(self, cloud, queue, name):
        _, arn = queue
        looks = allow(["matinee:*", "sqs:ReceiveMessage"])
        who = cloud.user(name, looks)
        [seen] = self.look(cloud, queue, who)[1]["Messages"]
        change = {"method": "POST", "body": {"Handles": [seen["Handle"]]}}
        place = f"queues/{name}/messages?action=delete"
        status, told = ask(cloud.server.url, place, who, **change)
        assert status in (400, 403) and "sqs:deletemessage" in told["message"], told
        other = cloud.user(name + "-deletes", looks, allow("sqs:DeleteMessage", arn))
        assert ask(cloud.server.url, place, other, **change) == (200, {"Done": 1, "Gone": []})

    def test_moves_with_the_rights_to_both_queues(self, cloud, queue, name):
        _, arn = queue
        _, target = cloud.queue(name + "-target")
        takes = [allow("matinee:*"), allow(["sqs:ReceiveMessage", "sqs:DeleteMessage"], arn)]
        [seen] = self.look(cloud, queue, cloud.root)[1]["Messages"]
        place = f"queues/{name}/messages?action=move&target={name}-target"
        change = {"method": "POST", "body": {"Handles": [seen["Handle"]]}}
        who = cloud.user(name, *takes)
        status, told = ask(cloud.server.url, place, who, **change)
        assert status in (400, 403) and "sqs:sendmessage" in told["message"], told
        other = cloud.user(name + "-moves", *takes, allow("sqs:SendMessage", target))
        assert ask(cloud.server.url, place, other, **change) == (200, {"Done": 1, "Gone": []})


def test_what_a_message_had_in_it_is_for_who_may_receive_it(cloud, name):
    url, arn = cloud.queue(name)
    sent = cloud.client("sqs").send_message(QueueUrl=url, MessageBody="secret")["MessageId"]
    who = cloud.user(name, allow("matinee:*"))
    assert ask(cloud.server.url, f"trace?id={sent}", who)[1]["Hops"]
    assert ask(cloud.server.url, f"payloads?id={sent}", who)[1]["Payloads"] == []
    other = cloud.user(name + "-receives", allow("matinee:*"), allow("sqs:ReceiveMessage", arn))
    [payload] = ask(cloud.server.url, f"payloads?id={sent}", other)[1]["Payloads"]
    assert payload["Body"] == "secret"
    cloud.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": document(
        {**deny("sqs:ReceiveMessage", arn), "Principal": "*"})})
    assert ask(cloud.server.url, f"payloads?id={sent}", other)[1]["Payloads"] == []


def test_without_iam_the_queues_policy_still_counts(tmp_path):
    with matinee_server.Server(tmp_path / "data") as server:
        sqs = aws_clients.client("sqs", server.url)
        url = sqs.create_queue(QueueName="films")["QueueUrl"]
        assert ask(server.url, "queues/films/messages", keys("test"))[0] == 200
        arn = "arn:aws:sqs:us-east-1:000000000000:films"
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document(
            {**deny(["sqs:ReceiveMessage", "sqs:GetQueueAttributes"], arn), "Principal": "*"})})
        status, told = ask(server.url, "queues/films/messages", keys("test"))
        assert status in (400, 403) and "explicit deny" in told["message"], told
        assert ask(server.url, "queues", keys("test"))[1]["Queues"] == []


def test_who_signs_nothing_is_of_one_account_too(cloud, name):
    """Of the one that calls without a signature are for everywhere."""
    url, _ = cloud.queue(name)
    sent = cloud.client("sqs").send_message(QueueUrl=url, MessageBody="secret")["MessageId"]
    assert ask(cloud.server.url, f"trace?id={sent}", cloud.root)[1]["Hops"]
    assert ask(cloud.server.url, f"trace?id={sent}")[1]["Hops"] == []
    place = f"queues/arn:aws:sqs:us-east-1:{ACCOUNT}:{name}/messages"
    assert ask(cloud.server.url, place)[0] == 403
    assert ask(cloud.server.url, f"why?queue=arn:aws:sqs:us-east-1:{ACCOUNT}:{name}&message={sent}",
               method="POST")[0] == 403
    for body in ("secret", "nothing"):
        assert ask(cloud.server.url,
                   f"why?queue=arn:aws:sqs:us-east-1:{ACCOUNT}:{name}&body-contains={body}",
                   keys(OTHER), method="POST")[0] == 403


SNAPSHOT, FAULT = "arn:aws:matinee:::snapshot/", "arn:aws:matinee:::fault/"


class TestSnapshotsAndFaults:
    def test_a_policy_names_the_snapshots_that_somebody_may_save_and_restore(self, cloud, name):
        who = cloud.user(name, allow(["matinee:SaveSnapshot", "matinee:RestoreSnapshot"],
                                     SNAPSHOT + f"{name}-*"),
                         allow("matinee:DeleteSnapshot"), deny("matinee:DeleteSnapshot",
                                                               SNAPSHOT + f"{name}-kept"))
        url = cloud.server.url
        assert ask(url, f"snapshots/{name}-kept", who, "PUT")[0] == 200
        assert ask(url, f"snapshots/{name}-mine", who, "PUT")[0] == 200
        for path, method in [("snapshots/other", "PUT"), ("snapshots/other/restore", "POST"),
                             (f"snapshots/{name}-kept", "DELETE"), ("snapshots", "GET")]:
            status, told = ask(url, path, who, method)
            assert status in (400, 403) and "not authorized to perform: matinee:" in str(told)
        assert SNAPSHOT + "other" in ask(url, "snapshots/other", who, "PUT")[1]["message"]
        assert ask(url, f"snapshots/{name}-mine", who, "DELETE")[0] == 200

    def test_a_policy_names_the_faults_that_somebody_may_end(self, cloud, name):
        url = cloud.server.url
        fault = {"Action": "latency", "Latency": "1ms", "Resource": name}
        adds = cloud.user(name, allow("matinee:AddFault", FAULT + "*"))
        ids = [ask(url, "faults", adds, "POST", fault)[1]["Fault"]["Id"] for _ in range(2)]
        ends = cloud.user(name + "-ends", allow("matinee:ClearFaults", FAULT + ids[0]))
        for path in ["faults", f"faults?id={ids[1]}"]:
            status, told = ask(url, path, ends, "DELETE")
            assert status in (400, 403) and "matinee:ClearFaults" in told["message"], told
        assert ask(url, f"faults?id={ids[0]}", ends, "DELETE") == (200, {"Cleared": 1})
        assert ask(url, "faults", ends, "POST", fault)[0] in (400, 403)
        assert ask(url, "faults", cloud.root, "DELETE")[0] == 200


class TestAReset:
    @pytest.fixture
    def cloud(self, tmp_path):
        with matinee_server.Server(tmp_path / "data", ["--iam", "enforce"]) as server:
            yield Cloud(server)

    def reset(self, cloud, who, account=None):
        return ask(cloud.server.url, f"reset?account={account}" if account else "reset", who,
                   method="POST")

    def test_needs_a_right_and_is_of_ones_own_account(self, cloud):
        for account in (ACCOUNT, OTHER):
            cloud.client("sqs", keys(account)).create_queue(QueueName="films")
        nobody = cloud.user("nobody")
        admin = cloud.user("admin", allow("*"))
        for who, account in ((nobody, ACCOUNT), (nobody, None), (admin, OTHER), (admin, None)):
            status, told = self.reset(cloud, who, account)
            assert status in (400, 403) and "matinee:ResetCloud" in told["message"], told
        assert all(cloud.client("sqs", keys(account)).list_queues().get("QueueUrls")
                   for account in (ACCOUNT, OTHER))
        may = cloud.user("may", allow("matinee:ResetCloud", f"arn:aws:matinee::{ACCOUNT}:cloud"))
        assert self.reset(cloud, may, ACCOUNT) == (200, {"reset": ACCOUNT})
        assert "QueueUrls" not in cloud.client("sqs").list_queues()
        assert cloud.client("sqs", keys(OTHER)).list_queues()["QueueUrls"]

    def test_is_the_root_users_without_any(self, cloud):
        cloud.queue("films")
        assert self.reset(cloud, cloud.root)[0] == 200
        assert "QueueUrls" not in cloud.client("sqs").list_queues()
