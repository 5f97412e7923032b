"""AddPermission and RemovePermission, and the policy that they write."""

import json

import aws_clients
import pytest
from aws_clients import error_of
from botocore.exceptions import ClientError

ACCOUNT = "111122223333"


def policy_of(sqs, queue):
    got = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["Policy"])
    text = got.get("Attributes", {}).get("Policy")
    return json.loads(text) if text else None


def test_a_permission_is_a_statement_of_the_policy_until_it_is_removed(sqs, queue):
    sqs.add_permission(QueueUrl=queue, Label="one", AWSAccountIds=[ACCOUNT, "444455556666"],
                       Actions=["SendMessage", "ReceiveMessage"])
    [statement] = policy_of(sqs, queue)["Statement"]
    assert statement["Sid"] == "one"
    assert statement["Effect"] == "Allow"
    assert statement["Principal"] == {"AWS": [f"arn:aws:iam::{ACCOUNT}:root",
                                              "arn:aws:iam::444455556666:root"]}
    assert statement["Action"] == ["SQS:SendMessage", "SQS:ReceiveMessage"]
    sqs.remove_permission(QueueUrl=queue, Label="one")
    assert policy_of(sqs, queue) is None


@pytest.mark.parametrize("change, code", [
    ({"Label": "not a label"}, "InvalidParameterValue"),
    ({"Actions": ["Fly"]}, "InvalidParameterValue"),
    ({"Actions": ["SendMessage"] * 8}, "OverLimit"),
    ({"AWSAccountIds": ["me"]}, "InvalidParameterValue"),
])
def test_a_permission_that_makes_no_sense_is_refused(sqs, queue, change, code):
    with pytest.raises(ClientError) as raised:
        sqs.add_permission(**{"QueueUrl": queue, "Label": "one", "AWSAccountIds": [ACCOUNT],
                              "Actions": ["*"], **change})
    assert error_of(raised) == (code, 403 if code == "OverLimit" else 400)


def test_labels_are_unique_and_must_exist_to_be_removed(sqs, queue):
    sqs.add_permission(QueueUrl=queue, Label="one", AWSAccountIds=[ACCOUNT], Actions=["*"])
    with pytest.raises(ClientError) as raised:
        sqs.add_permission(QueueUrl=queue, Label="one", AWSAccountIds=[ACCOUNT], Actions=["*"])
    assert error_of(raised) == ("InvalidParameterValue", 400)
    with pytest.raises(ClientError) as raised:
        sqs.remove_permission(QueueUrl=queue, Label="two")
    assert error_of(raised) == ("InvalidParameterValue", 400)
    assert "Reason: can't find label on existing policy." in str(raised.value)
    sqs.remove_permission(QueueUrl=queue, Label="one")
    with pytest.raises(ClientError) as raised:
        sqs.remove_permission(QueueUrl=queue, Label="one")
    assert error_of(raised) == ("InvalidParameterValue", 400)
    assert ("Value one for parameter Label is invalid. Reason: can't find label."
            in str(raised.value))


@pytest.fixture
def stranger(endpoint):
    """SQS as the other account uses it: an access key of 12 digits is an account."""
    return aws_clients.client("sqs", endpoint, credentials={
        "aws_access_key_id": ACCOUNT, "aws_secret_access_key": "secret"})


def put_policy(sqs, queue, **statement):
    statement = {"Sid": "one", "Effect": "Allow", "Principal": "*", "Action": "sqs:*",
                 "Resource": "*", **statement}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy)})


def test_another_account_may_do_what_a_permission_names(sqs, queue, stranger):
    with pytest.raises(ClientError) as raised:
        stranger.send_message(QueueUrl=queue, MessageBody="x")
    assert error_of(raised) == ("AccessDenied", 403)
    assert "is not authorized to perform: sqs:sendmessage on resource" in str(raised.value)
    assert f"User: arn:aws:iam::{ACCOUNT}:root " in str(raised.value)
    sqs.add_permission(QueueUrl=queue, Label="one", AWSAccountIds=[ACCOUNT],
                       Actions=["SendMessage"])
    stranger.send_message(QueueUrl=queue, MessageBody="from elsewhere")
    with pytest.raises(ClientError) as raised:
        stranger.receive_message(QueueUrl=queue)
    assert error_of(raised) == ("AccessDenied", 403)
    [message] = sqs.receive_message(QueueUrl=queue, AttributeNames=["SenderId"])["Messages"]
    assert message["Body"] == "from elsewhere"
    assert message["Attributes"]["SenderId"] == ACCOUNT


def test_some_operations_are_the_owners_whatever_the_policy_says(sqs, queue, stranger):
    put_policy(sqs, queue)
    stranger.purge_queue(QueueUrl=queue)
    for refused in (lambda: stranger.delete_queue(QueueUrl=queue),
                    lambda: stranger.tag_queue(QueueUrl=queue, Tags={"a": "b"}),
                    lambda: stranger.remove_permission(QueueUrl=queue, Label="one")):
        with pytest.raises(ClientError) as raised:
            refused()
        assert error_of(raised) == ("AccessDenied", 403)


def test_a_denial_is_for_the_owner_too_who_can_always_mend_it(sqs, queue):
    put_policy(sqs, queue, Effect="Deny")
    with pytest.raises(ClientError) as raised:
        sqs.send_message(QueueUrl=queue, MessageBody="x")
    assert error_of(raised) == ("AccessDenied", 403)
    assert "with an explicit deny in a resource-based policy" in str(raised.value)
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": ""})
    sqs.send_message(QueueUrl=queue, MessageBody="x")


def test_a_policy_that_is_none_is_refused(sqs, queue):
    with pytest.raises(ClientError) as raised:
        put_policy(sqs, queue, Principal={"AWS": "nobody"})
    assert error_of(raised) == ("InvalidAttributeValue", 400)
    with pytest.raises(ClientError) as raised:
        put_policy(sqs, queue, Action="s3:GetObject")
    assert error_of(raised) == ("InvalidParameterValue", 400)
