"""What people type about stacks: `matinee deploy`, `destroy` and `stacks`."""

import json
import subprocess

import aws_clients
import matinee_server
import program
import pytest

QUEUE = """
Parameters:
  Seconds: {Type: Number, Default: 30}
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties: {QueueName: work, VisibilityTimeout: !Ref Seconds}
Outputs:
  Url: {Value: !Ref Queue}
"""
FUNCTION = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.12, Handler: app.handler, CodeUri: src/}
Outputs:
  Name: {Value: !Ref Hello}
"""


class Place:
    """A directory with templates, and an embedded cloud of its own."""

    def __init__(self, path, cloud=None):
        self.path = path
        self.where = ["--cloud", cloud] if cloud else ["--data", path / "data"]

    def write(self, name, text):
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def run(self, *arguments):
        line = [matinee_server.find_binary(), *map(str, [*arguments, *self.where])]
        return subprocess.run(line, capture_output=True, text=True, timeout=program.SECONDS,
                              check=False, cwd=self.path, env=program.environment_with())

    def deploy(self, template, *arguments, stack="films"):
        finished = self.run("deploy", template, "--stack", stack, "--format", "json", *arguments)
        assert finished.stdout, finished.stderr
        return finished.returncode, json.loads(finished.stdout)


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


@pytest.fixture
def served(tmp_path):
    with matinee_server.Server(tmp_path / "data") as server:
        served = Place(tmp_path, server.url)
        served.client = lambda service: aws_clients.client(service, server.url)
        yield served


def test_a_stack_is_made_changed_and_left_as_it_is_and_each_time_it_says_so(place):
    template = place.write("template.yaml", QUEUE)
    made = place.run("deploy", template, "--stack", "films")
    assert made.returncode == 0, made.stderr
    assert "+ add      Queue" in made.stderr and "1 to add" in made.stderr
    assert "created" in made.stderr
    assert "Deployed films (CREATE_COMPLETE)" in made.stdout
    assert "  Url  http" in made.stdout
    code, again = place.deploy(template)
    assert (code, again["result"], again["changes"]) == (0, "unchanged", [])
    assert again["outputs"]["Url"].endswith("/work")
    code, changed = place.deploy(template, "--parameter", "Seconds=40")
    assert (code, changed["status"]) == (0, "UPDATE_COMPLETE")
    [change] = changed["changes"]
    assert (change["action"], change["resource"]) == ("change", "Queue")
    assert "VisibilityTimeout" in change["causes"]


def test_a_parameter_that_is_not_given_again_keeps_its_value(place):
    template = place.write("template.yaml", QUEUE)
    place.deploy(template, "--parameter", "Seconds=40")
    _, again = place.deploy(template)
    assert again["result"] == "unchanged"


def test_what_would_change_can_be_seen_without_changing_anything(served):
    template = served.write("template.yaml", QUEUE)
    served.deploy(template)
    code, planned = served.deploy(template, "--parameter", "Seconds=50", "--no-execute")
    assert (code, planned["result"]) == (0, "planned")
    assert [change["resource"] for change in planned["changes"]] == ["Queue"]
    url = planned["change_set"] and served.client("sqs").get_queue_url(QueueName="work")["QueueUrl"]
    seconds = served.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    assert seconds["Attributes"]["VisibilityTimeout"] == "30"
    served.client("cloudformation").execute_change_set(ChangeSetName=planned["change_set"])
    served.client("cloudformation").get_waiter("stack_update_complete").wait(
        StackName="films", WaiterConfig={"Delay": 0, "MaxAttempts": 200})
    seconds = served.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    assert seconds["Attributes"]["VisibilityTimeout"] == "50"


def test_local_code_is_packed_uploaded_once_and_again_only_when_it_has_changed(served):
    template = served.write("template.yaml", FUNCTION)
    served.write("src/app.py", "def handler(event, context):\n    return 1\n")
    code, made = served.deploy(template, "--capability", "CAPABILITY_IAM")
    assert code == 0, made
    functions = served.client("lambda")
    answer = functions.invoke(FunctionName=made["outputs"]["Name"])
    assert json.load(answer["Payload"]) == 1
    _, again = served.deploy(template, "--capability", "CAPABILITY_IAM")
    assert again["result"] == "unchanged"
    served.write("src/app.py", "def handler(event, context):\n    return 2\n")
    _, changed = served.deploy(template, "--capability", "CAPABILITY_IAM")
    assert [change["resource"] for change in changed["changes"]] == ["Hello"]
    answer = functions.invoke(FunctionName=made["outputs"]["Name"])
    assert json.load(answer["Payload"]) == 2
    bucket, = [bucket["Name"] for bucket in served.client("s3").list_buckets()["Buckets"]]
    assert bucket == "matinee-artifacts-000000000000-us-east-1"
    assert len(served.client("s3").list_objects_v2(Bucket=bucket)["Contents"]) == 2


def test_a_refusal_says_what_to_do_about_it(place):
    template = place.write("template.yaml", FUNCTION)
    place.write("src/app.py", "")
    refused = place.run("deploy", template, "--stack", "films")
    assert refused.returncode == 1
    assert "Requires capabilities : [CAPABILITY_IAM]" in refused.stderr
    assert "--capability CAPABILITY_IAM" in refused.stderr


def test_a_failure_names_the_first_resource_and_its_reason_and_leaves_nothing(served):
    template = served.write("template.yaml", """
Resources:
  Good: {Type: AWS::SQS::Queue}
  Bad:
    Type: AWS::SQS::Queue
    DependsOn: Good
    Properties: {QueueName: taken, VisibilityTimeout: 10}
""")
    served.client("sqs").create_queue(QueueName="taken", Attributes={"VisibilityTimeout": "99"})
    failed = served.run("deploy", template, "--stack", "films")
    assert failed.returncode == 1
    assert "films is ROLLBACK_COMPLETE" in failed.stdout
    assert "Bad (AWS::SQS::Queue): " in failed.stdout
    assert "FAILED" in failed.stderr
    assert [url.rsplit("/", 1)[1] for url in served.client("sqs").list_queues()["QueueUrls"]] == [
        "taken"]
    # What is left of it is in nobody's way.
    template = served.write("template.yaml", "Resources: {Good: {Type: AWS::SQS::Queue}}")
    again = served.run("deploy", template, "--stack", "films")
    assert again.returncode == 0, again.stderr
    assert "Removed the stack films" in again.stderr


def test_who_only_wants_to_see_changes_removes_nothing(served):
    template = served.write("template.yaml", QUEUE)
    served.client("sqs").create_queue(QueueName="work", Attributes={"VisibilityTimeout": "99"})
    assert served.run("deploy", template, "--stack", "films").returncode == 1
    refused = served.run("deploy", template, "--stack", "films", "--no-execute")
    assert refused.returncode == 1
    assert ("The stack films is ROLLBACK_COMPLETE: `matinee destroy films` has to remove it first."
            in refused.stderr)
    [stack] = served.client("cloudformation").describe_stacks()["Stacks"]
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"


def test_everything_that_is_missing_is_told_with_its_line_before_anything_is_made(place):
    template = place.write("template.yaml", """
Transform: AWS::Serverless-2016-10-31
Resources:
  One: {Type: AWS::Serverless::Function, Properties: {CodeUri: nowhere, Handler: a.b}}
  Two: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: no.yaml}}
""")
    refused = place.run("deploy", template, "--stack", "films")
    assert refused.returncode == 1
    assert f"{template}:4: There is no file or folder {place.path}/nowhere." in refused.stderr
    assert f"{template}:5: " in refused.stderr and "no.yaml" in refused.stderr
    assert "There are no stacks." in place.run("stacks").stdout


def test_a_template_that_is_none_is_told_with_its_line(place):
    refused = place.run("deploy", place.write("template.yaml", "Resources: {A: [\n"), "--stack",
                        "films")
    assert refused.returncode == 1
    assert "template.yaml:2: Template format error: YAML not well-formed." in refused.stderr


@pytest.mark.parametrize(("arguments", "sentence"), [
    (["--stack", "1film"], "--stack must begin with a letter"),
    (["--stack", "films", "--parameter", "Seconds"], "--parameter must be NAME=VALUE"),
    (["--stack", "films", "--tag", "a=1", "--tag", "a=2"], "--tag a is given twice."),
    (["--stack", "films", "--cloud", "moon"], "--cloud must be embedded, aws or a URL")])
def test_wrong_usage_ends_with_2(place, arguments, sentence):
    template = place.write("template.yaml", QUEUE)
    line = [matinee_server.find_binary(), "deploy", str(template), *arguments]
    finished = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    assert finished.returncode == 2
    assert sentence in finished.stderr


def test_nested_templates_are_packaged_with_what_they_name(served):
    served.write("inner/inner.yaml", """
Resources:
  Layer: {Type: AWS::Lambda::LayerVersion, Properties: {LayerName: shared, Content: files}}
Outputs:
  Arn: {Value: !Ref Layer}
""")
    served.write("inner/files/python/shared.py", "x = 1\n")
    template = served.write("template.yaml", """
Resources:
  Inner: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: inner/inner.yaml}}
Outputs:
  Layer: {Value: !GetAtt Inner.Outputs.Arn}
""")
    code, made = served.deploy(template)
    assert code == 0, made
    assert made["outputs"]["Layer"].endswith(":layer:shared:1")


def test_a_template_that_is_too_long_for_a_request_goes_by_the_bucket(served):
    queues = "".join(
        f"  Q{i}: {{Type: AWS::SQS::Queue, Properties: {{QueueName: q{i}}}, "
        f"Metadata: {{Why: '{'x' * 600}'}}}}\n" for i in range(90))
    template = served.write("template.yaml", "Resources:\n" + queues)
    assert template.stat().st_size > 51_200
    code, made = served.deploy(template)
    assert (code, len(made["changes"])) == (0, 90)
    assert len(served.client("sqs").list_queues()["QueueUrls"]) == 90


def test_the_stacks_that_are_there_and_what_is_in_one(place):
    place.deploy(place.write("template.yaml", QUEUE))
    listed = place.run("stacks")
    assert listed.returncode == 0
    assert "films" in listed.stdout and "CREATE_COMPLETE" in listed.stdout
    one = place.run("stacks", "films")
    assert "Queue" in one.stdout and "AWS::SQS::Queue" in one.stdout and "Url" in one.stdout
    [stack, resource] = place.run("stacks", "films", "--format", "json").stdout.splitlines()
    assert json.loads(stack)["StackName"] == "films"
    assert json.loads(resource)["LogicalResourceId"] == "Queue"
    none = place.run("stacks", "other")
    assert (none.returncode, none.stderr) == (1, "matinee: There is no stack other.\n")


def test_a_stack_goes_with_all_that_is_in_it(served):
    template = served.write("template.yaml", """
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties: {BucketName: reels, VersioningConfiguration: {Status: Enabled}}
""")
    served.deploy(template)
    s3 = served.client("s3")
    for _ in range(2):
        s3.put_object(Bucket="reels", Key="a", Body=b"1")
    s3.delete_object(Bucket="reels", Key="a")
    refused = served.run("destroy", "films")
    assert refused.returncode == 1
    assert "films is DELETE_FAILED" in refused.stdout and "Bucket (AWS::S3::Bucket): " in (
        refused.stdout)
    gone = served.run("destroy", "films", "--empty-buckets")
    assert gone.returncode == 0, gone.stdout
    assert "Removed 3 versions of objects from the bucket reels." in gone.stderr
    assert s3.list_buckets()["Buckets"] == []
    assert "There are no stacks." in served.run("stacks").stdout
    assert "films" in served.run("stacks", "--all").stdout
    none = served.run("destroy", "films")
    assert (none.returncode, none.stderr) == (1, "matinee: There is no stack films.\n")


def test_a_bucket_that_stays_keeps_what_is_in_it(served):
    served.write("inner.yaml", """
Resources:
  Gone: {Type: AWS::S3::Bucket, Properties: {BucketName: inner-gone}}
  Kept: {Type: AWS::S3::Bucket, DeletionPolicy: Retain, Properties: {BucketName: inner-kept}}
""")
    served.deploy(served.write("template.yaml", """
Resources:
  Inner: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: inner.yaml}}
  Gone: {Type: AWS::S3::Bucket, Properties: {BucketName: outer-gone}}
  Kept: {Type: AWS::S3::Bucket, DeletionPolicy: Retain, Properties: {BucketName: outer-kept}}
"""))
    s3 = served.client("s3")
    for bucket in ["inner-gone", "inner-kept", "outer-gone", "outer-kept"]:
        s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    gone = served.run("destroy", "films", "--empty-buckets", "--format", "json")
    assert gone.returncode == 0, gone.stdout + gone.stderr
    assert json.loads(gone.stdout)["status"] == "DELETE_COMPLETE"
    left = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
    assert {"inner-kept", "outer-kept"} <= left and not {"inner-gone", "outer-gone"} & left
    for bucket in ["inner-kept", "outer-kept"]:
        assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"1"


def test_a_stack_that_may_not_be_removed_keeps_what_is_in_its_buckets(served):
    served.deploy(served.write("template.yaml", """
Resources:
  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: reels}}
Outputs:
  Name: {Value: !Ref Bucket, Export: {Name: bucket-of-reels}}
"""))
    served.deploy(served.write("user.yaml", """
Resources:
  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: !ImportValue bucket-of-reels}}
"""), stack="user")
    s3 = served.client("s3")
    s3.put_object(Bucket="reels", Key="a", Body=b"1")
    refused = served.run("destroy", "films", "--empty-buckets")
    assert refused.returncode == 1
    assert "in use by user" in refused.stderr + refused.stdout
    assert s3.get_object(Bucket="reels", Key="a")["Body"].read() == b"1"


def test_a_protected_stack_stays(served):
    served.deploy(served.write("template.yaml", QUEUE))
    served.client("cloudformation").update_termination_protection(
        StackName="films", EnableTerminationProtection=True)
    refused = served.run("destroy", "films")
    assert refused.returncode == 1
    assert "The stack films is protected" in refused.stderr
