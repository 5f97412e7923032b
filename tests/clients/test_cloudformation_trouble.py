"""Stacks in trouble: what fails on the way back, what is made twice, and what would never end."""

import json

import aws_clients
import matinee_server
import pytest
import stack_kit
from polling import eventually
from whole_stacks import error_of

QUEUE = "AWS::SQS::Queue"


def queue(name, **more):
    return {"Type": QUEUE, "Properties": {"QueueName": name, **more}}


def failing(needs):
    """Fails once what it needs is there."""
    return {"Type": "AWS::SNS::Subscription", "DependsOn": needs,
            "Properties": {"Protocol": "sqs", "Endpoint": "arn:aws:sqs:us-east-1:000000000000:nix",
                           "TopicArn": "arn:aws:sns:us-east-1:000000000000:nix"}}


def body(resources):
    return json.dumps({"Resources": resources})


@pytest.fixture
def cloudformation(endpoint):
    return aws_clients.client("cloudformation", endpoint)


@pytest.fixture
def queues(endpoint):
    client = aws_clients.client("sqs", endpoint)

    def names(prefix):
        urls = client.list_queues(QueueNamePrefix=prefix).get("QueueUrls", [])
        return [url.rsplit("/", 1)[1] for url in urls]
    return names


def settled(client, name):
    """Its status, once nothing is done on the stack any more."""
    def status():
        told = client.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
        return None if told.endswith("_IN_PROGRESS") else told
    return eventually(status, seconds=60)


@pytest.mark.parametrize("broken", ["{{resolve:ssm}}", "{{resolve:secretsmanager:nix}}"])
def test_an_update_whose_reference_cannot_be_resolved_is_taken_back(
        endpoint, cloudformation, broken):
    stack = stack_kit.Stack(endpoint, f"reference-{len(broken)}")
    parameter = {"Type": "AWS::SSM::Parameter",
                 "Properties": {"Name": f"/trouble/{len(broken)}", "Type": "String",
                                "Value": "plain"}}
    stack.create({"P": parameter})
    parameter["Properties"]["Value"] = broken
    cloudformation.update_stack(StackName=stack.name, TemplateBody=body({"P": parameter}))
    assert settled(cloudformation, stack.name) == "UPDATE_ROLLBACK_COMPLETE"
    ssm = aws_clients.client("ssm", endpoint)
    assert ssm.get_parameter(Name=f"/trouble/{len(broken)}")["Parameter"]["Value"] == "plain"
    stack.delete()


def test_a_parameter_that_is_missing_is_named_before_anything_is_changed(endpoint, cloudformation):
    stack = stack_kit.Stack(endpoint, "missing-parameter")
    resource = {"Type": QUEUE, "Properties": {"QueueName": "{{resolve:ssm:/nix/nothing}}"}}
    refused = ("ValidationError", "Parameters: [ssm:/nix/nothing] cannot be found.")
    for begin, more in ((cloudformation.create_stack, {}),
                        (cloudformation.create_change_set,
                         {"ChangeSetName": "set", "ChangeSetType": "CREATE"})):
        assert error_of(begin, StackName=stack.name, TemplateBody=body({"Q": resource}),
                        **more) == refused
    stack.create({"Q": queue("trouble-named")})
    assert error_of(cloudformation.update_stack, StackName=stack.name,
                    TemplateBody=body({"Q": resource})) == refused
    stack.delete()


def test_drift_does_not_tell_what_a_reference_to_a_secret_gave(endpoint, cloudformation):
    secrets = aws_clients.client("secretsmanager", endpoint)
    secrets.create_secret(Name="trouble-secret", SecretString="hush")
    stack = stack_kit.Stack(endpoint, "secret-drift")
    stack.create({"P": {"Type": "AWS::SSM::Parameter", "Properties": {
        "Name": "/trouble/secret", "Type": "String",
        "Value": "x-{{resolve:secretsmanager:trouble-secret}}"}}})
    ssm = aws_clients.client("ssm", endpoint)
    for value, status in (("x-hush", "IN_SYNC"), ("y-hush", "MODIFIED")):
        ssm.put_parameter(Name="/trouble/secret", Value=value, Type="String", Overwrite=True)
        drift = cloudformation.detect_stack_resource_drift(
            StackName=stack.name, LogicalResourceId="P")["StackResourceDrift"]
        assert drift["StackResourceDriftStatus"] == status
        assert "hush" not in json.dumps(drift, default=str)
    stack.delete()


def test_an_update_that_failed_is_carried_out_when_it_is_tried_again(endpoint, cloudformation):
    s3, sqs = (aws_clients.client(name, endpoint) for name in ("s3", "sqs"))
    url = sqs.create_queue(QueueName="told-of-trouble")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])[
        "Attributes"]["QueueArn"]
    stack = stack_kit.Stack(endpoint, "tried-again")

    def bucket(**more):
        return {"B": {"Type": "AWS::S3::Bucket",
                      "Properties": {"BucketName": "trouble-telling", **more}}}
    stack.create(bucket())
    wanted = bucket(NotificationConfiguration={"QueueConfigurations": [
        {"Event": "s3:ObjectCreated:*", "Queue": arn}]})
    cloudformation.update_stack(StackName=stack.name, TemplateBody=body(wanted),
                                DisableRollback=True)
    assert settled(cloudformation, stack.name) == "UPDATE_FAILED"
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({
        "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "sqs:SendMessage", "Resource": arn}]})})
    stack.update(wanted)
    told = s3.get_bucket_notification_configuration(Bucket="trouble-telling")
    assert [one["QueueArn"] for one in told["QueueConfigurations"]] == [arn]
    stack.delete()


def test_what_a_stack_was_made_of_may_be_gone_when_it_changes(endpoint):
    ssm = aws_clients.client("ssm", endpoint)
    ssm.put_parameter(Name="/trouble/source", Value="from afar", Type="String")
    stack = stack_kit.Stack(endpoint, "source-gone")

    def made_of(value):
        return {"P": {"Type": "AWS::SSM::Parameter",
                      "Properties": {"Name": "/trouble/made", "Type": "String", "Value": value}}}
    stack.create(made_of("{{resolve:ssm:/trouble/source}}"))
    ssm.delete_parameter(Name="/trouble/source")
    stack.update(made_of("literal"))
    assert ssm.get_parameter(Name="/trouble/made")["Parameter"]["Value"] == "literal"
    stack.delete()


def test_a_queue_that_was_replaced_twice_leaves_none_behind(endpoint, cloudformation, queues):
    stack = stack_kit.Stack(endpoint, "replaced-twice")
    stack.create({"Q": queue("trouble-a")})
    for name in ["trouble-b", "trouble-c"]:
        cloudformation.update_stack(
            StackName=stack.name, DisableRollback=True,
            TemplateBody=body({"Q": queue(name), "Fails": failing("Q")}))
        assert settled(cloudformation, stack.name) == "UPDATE_FAILED"
    stack.update({"Q": queue("trouble-d")})
    assert queues("trouble-") == ["trouble-d"]
    stack.delete()
    assert queues("trouble-") == []


def test_a_bucket_that_was_not_empty_can_be_removed_once_it_is(endpoint, cloudformation):
    s3 = aws_clients.client("s3", endpoint)
    stack = stack_kit.Stack(endpoint, "left-over")

    def bucket(name):
        return {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": name}}
    stack.create({"B": bucket("trouble-first")})
    s3.put_object(Bucket="trouble-first", Key="film", Body=b"x")
    cloudformation.update_stack(
        StackName=stack.name, DisableRollback=True,
        TemplateBody=body({"B": bucket("trouble-second"), "Fails": failing("B")}))
    assert settled(cloudformation, stack.name) == "UPDATE_FAILED"
    stack.fail_to_delete()
    s3.delete_object(Bucket="trouble-first", Key="film")
    stack.delete()
    assert not [b["Name"] for b in s3.list_buckets()["Buckets"] if "trouble-" in b["Name"]]


def test_a_template_that_names_itself_ends(endpoint, cloudformation):
    s3 = aws_clients.client("s3", endpoint)
    s3.create_bucket(Bucket="trouble-templates")
    url = f"{endpoint}/trouble-templates/self.json"
    resources = {"Again": {"Type": "AWS::CloudFormation::Stack",
                           "Properties": {"TemplateURL": url}}}
    s3.put_object(Bucket="trouble-templates", Key="self.json", Body=body(resources))
    cloudformation.create_stack(StackName="itself", TemplateURL=url)
    assert settled(cloudformation, "itself") == "ROLLBACK_COMPLETE"
    cloudformation.delete_stack(StackName="itself")
    cloudformation.get_waiter("stack_delete_complete").wait(
        StackName="itself", WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    assert not [s for s in cloudformation.describe_stacks()["Stacks"]
                if s["StackName"].startswith("itself")]


def test_protection_does_not_keep_a_stack_from_taking_back_its_own(endpoint, cloudformation):
    s3 = aws_clients.client("s3", endpoint)
    s3.create_bucket(Bucket="trouble-nested")
    s3.put_object(Bucket="trouble-nested", Key="t.json", Body=body({"Q": {"Type": QUEUE}}))
    nested = {"Type": "AWS::CloudFormation::Stack",
              "Properties": {"TemplateURL": f"{endpoint}/trouble-nested/t.json"}}
    cloudformation.create_stack(StackName="protected", EnableTerminationProtection=True,
                                TemplateBody=body({"N": nested, "Fails": failing("N")}))
    assert settled(cloudformation, "protected") == "ROLLBACK_COMPLETE"
    assert error_of(cloudformation.delete_stack, StackName="protected")[0] == "ValidationError"
    cloudformation.update_termination_protection(StackName="protected",
                                                 EnableTerminationProtection=False)
    cloudformation.delete_stack(StackName="protected")


def test_a_change_set_is_found_with_its_own_stack_only(endpoint, cloudformation):
    stack = stack_kit.Stack(endpoint, "owner")
    stack.create({"Q": {"Type": QUEUE}})
    other = stack_kit.Stack(endpoint, "stranger")
    other.create({"Q": {"Type": QUEUE}})
    arn = cloudformation.create_change_set(
        StackName="owner", ChangeSetName="c",
        TemplateBody=body({"Q": {"Type": QUEUE}, "R": {"Type": QUEUE}}))["Id"]
    assert cloudformation.describe_change_set(ChangeSetName=arn)["StackName"] == "owner"
    for call in [cloudformation.describe_change_set, cloudformation.execute_change_set]:
        assert error_of(call, ChangeSetName=arn, StackName="stranger")[0] == "ChangeSetNotFound"
    stack.delete()
    other.delete()


def test_a_patch_that_doubles_what_there_is_ends(endpoint):
    control = aws_clients.client("cloudcontrol", endpoint)
    queue_url = aws_clients.client("sqs", endpoint).create_queue(QueueName="doubled")["QueueUrl"]
    patch = [{"op": "add", "path": "/RedrivePolicy", "value": {"a": "x" * 100}}]
    patch += [{"op": "copy", "from": "/RedrivePolicy", "path": f"/RedrivePolicy/k{i}"}
              for i in range(40)]
    code, message = error_of(control.update_resource, TypeName=QUEUE, Identifier=queue_url,
                             PatchDocument=json.dumps(patch))
    assert code == "ValidationException" and "1,048,576" in message


def test_a_function_is_made_while_the_clock_stands(tmp_path):
    with matinee_server.Server(tmp_path / "data", arguments=["--clock", "paused"]) as server:
        stack = stack_kit.Stack(server.url, "standing")
        role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {
            "Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole"}]}}}
        function = {"Type": "AWS::Lambda::Function", "Properties": {
            "Runtime": "python3.12", "Handler": "index.handler",
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "Code": {"ZipFile": "def handler(event, context): return 1"}}}
        stack.create({"Role": role, "Function": function})
        stack.delete()
