"""What the tests of KMS have in common: clients, and keys that are made for them."""

import aws_clients
import pytest
from botocore.exceptions import ClientError


def client(url, region=aws_clients.REGION, **settings):
    return aws_clients.client("kms", url, region=region, **settings)


def make_key(kms, **settings):
    """The metadata of a new key."""
    return kms.create_key(**settings)["KeyMetadata"]


def fault_of(operation, **parameters):
    """(code, message) of the error in which a call must end; the message is None where there is
    none at all."""
    with pytest.raises(ClientError) as raised:
        operation(**parameters)
    response = raised.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return response["Error"]["Code"], response["Error"].get("Message") or None
