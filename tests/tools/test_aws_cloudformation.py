"""The aws command packages, deploys, changes and deletes stacks."""

import json

from deployed import outputs, require_gone


def messages(aws, url):
    return aws("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=10).get("Messages", [])


def test_a_template_with_a_nested_one_is_packaged_deployed_and_changed(aws_command, aws, project,
                                                                       name):
    place = project("films")
    aws_command.run("s3", "mb", f"s3://{name}", cwd=place)
    package = ("cloudformation", "package", "--template-file", "template.yaml", "--s3-bucket", name,
               "--output-template-file", "packaged.yaml")
    deploy = ("cloudformation", "deploy", "--template-file", "packaged.yaml", "--stack-name", name,
              "--capabilities", "CAPABILITY_IAM")
    aws_command.run(*package, cwd=place)
    said = aws_command.run(*deploy, cwd=place)
    assert f"Successfully created/updated stack - {name}" in said
    made = outputs(aws("cloudformation"), name)
    aws("sns").publish(TopicArn=made["TopicArn"], Message="Alien")
    assert [message["Body"] for message in messages(aws, made["QueueUrl"])] == ["Alien"]

    # A nested stack may always have something to do, as on AWS; here it has not.
    said = aws_command.run(*deploy, "--no-fail-on-empty-changeset", cwd=place)
    assert f"Successfully created/updated stack - {name}" in said
    assert outputs(aws("cloudformation"), name) == made

    (place / "reader" / "app.py").write_text("def handler(event, context):\n    return 'new'\n")
    aws_command.run(*package, cwd=place)
    aws_command.run(*deploy, "--parameter-overrides", "Retention=600", cwd=place)
    assert outputs(aws("cloudformation"), name) == made
    attributes = aws("sqs").get_queue_attributes(
        QueueUrl=made["QueueUrl"], AttributeNames=["MessageRetentionPeriod"])["Attributes"]
    assert attributes == {"MessageRetentionPeriod": "600"}
    answer = aws("lambda").invoke(FunctionName=made["Reader"], Payload=b"{}")
    assert json.loads(answer["Payload"].read()) == "new"

    aws_command.run("cloudformation", "delete-stack", "--stack-name", name, cwd=place)
    aws_command.run("cloudformation", "wait", "stack-delete-complete", "--stack-name", name,
                    cwd=place)
    require_gone(aws("cloudformation"), name)


def test_stacks_are_made_changed_and_waited_for_by_single_commands(aws_command, aws, project,
                                                                   name):
    place = project("films") / "nested"
    topic = aws("sns").create_topic(Name=name)["TopicArn"]

    def parameters(retention):
        return ("--template-body", "file://inbox.yaml", "--parameters",
                f"ParameterKey=TopicArn,ParameterValue={topic}",
                f"ParameterKey=Retention,ParameterValue={retention}")

    stack = ("--stack-name", name)
    summary = json.loads(aws_command.run("cloudformation", "validate-template", "--template-body",
                                         "file://inbox.yaml", cwd=place))
    assert {each["ParameterKey"] for each in summary["Parameters"]} == {"TopicArn", "Retention"}
    aws_command.run("cloudformation", "create-stack", *stack, *parameters(60), cwd=place)
    aws_command.run("cloudformation", "wait", "stack-create-complete", *stack, cwd=place)
    aws_command.run("cloudformation", "update-stack", *stack, *parameters(120), cwd=place)
    aws_command.run("cloudformation", "wait", "stack-update-complete", *stack, cwd=place)
    said = aws_command.run("cloudformation", "update-stack", *stack, *parameters(120), cwd=place,
                           codes=(254, 255))
    assert "No updates are to be performed." in said
    events = json.loads(aws_command.run("cloudformation", "describe-stack-events", *stack,
                                        cwd=place))["StackEvents"]
    assert events[0]["ResourceStatus"] == "UPDATE_COMPLETE"
    assert events[-1]["ResourceStatus"] == "CREATE_IN_PROGRESS"
    aws_command.run("cloudformation", "delete-stack", *stack, cwd=place)
    aws_command.run("cloudformation", "wait", "stack-delete-complete", *stack, cwd=place)
    require_gone(aws("cloudformation"), name)
