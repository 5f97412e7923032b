"""serverless 3 deploys functions in Python and JavaScript, changes them and removes all."""

import json

from botocore.exceptions import ClientError
from deployed import outputs, require_gone
from polling import eventually


def is_there(s3, bucket, key):
    try:
        return s3.head_object(Bucket=bucket, Key=key)
    except ClientError:
        return None


def test_serverless_deploys_changes_and_removes_functions_of_two_languages(serverless, aws,
                                                                           project, name):
    place = project("serverless")
    stack = f"{name}-dev"

    def run(*arguments):
        return serverless.run(*arguments, cwd=place, SERVICE=name)

    run("deploy")
    made = outputs(aws("cloudformation"), stack)
    # By AWS's name of SQS, and not of CloudFormation, which serverless has asked.
    assert made["QueueUrl"].startswith("https://sqs.us-east-1.amazonaws.com/000000000000/")
    aws("sqs").send_message(QueueUrl=made["QueueUrl"], MessageBody="Alien")
    eventually(lambda: is_there(aws("s3"), made["Bucket"], "Alien"), 60)
    answer = aws("lambda").invoke(FunctionName=f"{stack}-node", Payload=b'{"name": "you"}')
    assert json.loads(answer["Payload"].read()) == {"text": "hello you"}

    run("deploy", "--param=greeting=welcome")
    answer = run("invoke", "--function", "node", "--data", '{"name": "back"}')
    assert "welcome back" in answer

    aws("s3").delete_object(Bucket=made["Bucket"], Key="Alien")
    run("remove")
    require_gone(aws("cloudformation"), stack)
