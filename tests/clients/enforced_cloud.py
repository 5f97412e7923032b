"""A server with `--iam enforce`, users and roles of it, and how its refusals are read."""

import json

import aws_clients
from botocore.exceptions import ClientError

ACCOUNT, OTHER = "111122223333", "444455556666"


def keys(access_key, secret="secret", token=None):
    found = {"aws_access_key_id": access_key, "aws_secret_access_key": secret}
    return {**found, "aws_session_token": token} if token else found


class Cloud:
    """A server, and clients of it for whoever calls."""

    def __init__(self, server):
        self.server = server
        self.root = keys(ACCOUNT)

    def client(self, service, who=None):
        config = {"s3": {"addressing_style": "path"}} if service == "s3" else {}
        return aws_clients.client(service, self.server.url, credentials=who or self.root, **config)

    def user(self, name, *statements, boundary=None, account=ACCOUNT):
        """A new user with one inline policy; gives its key."""
        iam = self.client("iam", keys(account))
        more = {"PermissionsBoundary": boundary} if boundary else {}
        iam.create_user(UserName=name, **more)
        if statements:
            iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document(*statements))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return keys(key["AccessKeyId"], key["SecretAccessKey"])

    def role(self, name, *statements, trusts=None):
        """Trusts the own account, or the service that is named."""
        iam = self.client("iam")
        trust = document(
            {"Effect": "Allow", "Principal": {"Service": trusts}, "Action": "sts:AssumeRole"}
            if trusts else
            {"Effect": "Allow", "Principal": {"AWS": ACCOUNT},
             "Action": ["sts:AssumeRole", "sts:TagSession"]})
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document(*statements))
        return arn

    def session(self, role_arn, who, **parameters):
        given = self.client("sts", who).assume_role(
            RoleArn=role_arn, RoleSessionName="session", **parameters)["Credentials"]
        return keys(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])

    def queue(self, name):
        self.client("sqs").create_queue(QueueName=name)
        return f"{self.server.url}/{ACCOUNT}/{name}", f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def refused(call):
    """Code, status and message of a refusal; None where the call passes."""
    try:
        call()
        return None
    except ClientError as error:
        found = error.response
        return (found["Error"]["Code"], found["ResponseMetadata"]["HTTPStatusCode"],
                found["Error"]["Message"])


def is_denied(call):
    found = refused(call)
    return found is not None and found[0] in ("AccessDenied", "AccessDeniedException")
