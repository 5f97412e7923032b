"""AddPermission and RemovePermission, and the policy that they write."""

import json

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
    assert error_of(raised) == (code, 400)


def test_labels_are_unique_and_must_exist_to_be_removed(sqs, queue):
    sqs.add_permission(QueueUrl=queue, Label="one", AWSAccountIds=[ACCOUNT], Actions=["*"])
    with pytest.raises(ClientError) as raised:
        sqs.add_permission(QueueUrl=queue, Label="one", AWSAccountIds=[ACCOUNT], Actions=["*"])
    assert error_of(raised) == ("InvalidParameterValue", 400)
    with pytest.raises(ClientError) as raised:
        sqs.remove_permission(QueueUrl=queue, Label="two")
    assert error_of(raised) == ("InvalidParameterValue", 400)
