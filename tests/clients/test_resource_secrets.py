"""AWS::SecretsManager types in stacks."""

import aws_clients
import pytest
from polling import eventually
from stack_kit import Stack, attribute, ref

# Rotates as AWS's template does, without the SDK.
ROTATE = """
import json, os, urllib.request

def call(operation, **members):
    request = urllib.request.Request(os.environ['AWS_ENDPOINT_URL'], json.dumps(members).encode(), {
        'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': 'secretsmanager.' + operation,
        'Authorization': 'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/'
                         'secretsmanager/aws4_request, SignedHeaders=host, Signature=0'})
    return json.load(urllib.request.urlopen(request))

def handler(event, context):
    secret, token = event['SecretId'], event['ClientRequestToken']
    if event['Step'] == 'createSecret':
        call('PutSecretValue', SecretId=secret, ClientRequestToken=token, SecretString='rotated',
             VersionStages=['AWSPENDING'])
    if event['Step'] == 'finishSecret':
        stages = call('DescribeSecret', SecretId=secret)['VersionIdsToStages']
        current = [id for id, labels in stages.items() if 'AWSCURRENT' in labels][0]
        call('UpdateSecretVersionStage', SecretId=secret, VersionStage='AWSCURRENT',
             MoveToVersionId=token, RemoveFromVersionId=current)
"""


@pytest.fixture
def secrets(endpoint):
    return aws_clients.client("secretsmanager", endpoint)


def test_a_schedule_rotates_a_secret_by_a_function_of_the_stack(endpoint, secrets, name):
    stack = Stack(endpoint, name)
    resources = {
        "Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": "old"}},
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {
            "Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Action": "sts:AssumeRole",
                "Principal": {"Service": "lambda.amazonaws.com"}}]}}},
        "Rotate": {"Type": "AWS::Lambda::Function", "Properties": {
            "Runtime": "python3.12", "Handler": "index.handler", "Role": attribute("Role", "Arn"),
            "Code": {"ZipFile": ROTATE}}},
        "Allow": {"Type": "AWS::Lambda::Permission", "Properties": {
            "FunctionName": ref("Rotate"), "Action": "lambda:InvokeFunction",
            "Principal": "secretsmanager.amazonaws.com"}},
        "Schedule": {"Type": "AWS::SecretsManager::RotationSchedule", "DependsOn": "Allow",
                     "Properties": {
                         "SecretId": ref("Secret"), "RotationLambdaARN": attribute("Rotate", "Arn"),
                         "RotationRules": {"AutomaticallyAfterDays": 30}}}}
    stack.create(resources)
    secret = stack.ids()["Secret"]
    assert stack.ids()["Schedule"] == secret
    eventually(lambda: secrets.get_secret_value(SecretId=secret)["SecretString"] == "rotated")
    shown = secrets.describe_secret(SecretId=secret)
    assert shown["RotationEnabled"] is True
    assert shown["RotationRules"] == {"AutomaticallyAfterDays": 30}

    del resources["Schedule"]
    stack.update(resources)
    assert not secrets.describe_secret(SecretId=secret).get("RotationEnabled")
    stack.delete()


@pytest.mark.parametrize(("resource", "reason"), [
    ({"Type": "AWS::SecretsManager::RotationSchedule", "Properties": {
        "SecretId": ref("Secret"),
        "HostedRotationLambda": {"RotationType": "MySQLSingleUser"}}}, "HostedRotationLambda"),
    ({"Type": "AWS::SecretsManager::SecretTargetAttachment", "Properties": {
        "SecretId": ref("Secret"), "TargetId": "films",
        "TargetType": "AWS::RDS::DBInstance"}}, "databases are no part of this cloud"),
])
def test_what_needs_databases_is_refused_by_name(endpoint, secrets, name, resource, reason):
    stack = Stack(endpoint, name)
    reasons = stack.fail_to_create({
        "Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": name}},
        "Refused": resource})
    assert any(reason in each for each in reasons), reasons
    assert secrets.list_secrets(Filters=[{"Key": "name", "Values": [name]}])["SecretList"] == []
