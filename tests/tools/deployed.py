"""What the tests ask of stacks, whatever tool has deployed them."""

import pytest
from botocore.exceptions import ClientError
from polling import eventually


def outputs(cloudformation, stack):
    found = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    return {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}


def status(cloudformation, stack):
    return cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]


def require_gone(cloudformation, stack):
    with pytest.raises(ClientError) as raised:
        cloudformation.describe_stacks(StackName=stack)
    error = raised.value.response["Error"]
    assert (error["Code"], error["Message"]) == (
        "ValidationError", f"Stack with id {stack} does not exist")


def item(dynamodb, table, key, seconds=60):
    """The item, once it is there."""
    return eventually(lambda: dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True)
                      .get("Item"), seconds)


def logged(logs, function, seconds=60):
    """All that a function has written to its log, once there is anything."""
    group = f"/aws/lambda/{function}"

    def lines():
        try:
            events = logs.filter_log_events(logGroupName=group)["events"]
        except ClientError:
            return None
        return "".join(event["message"] for event in events)
    return eventually(lines, seconds)
