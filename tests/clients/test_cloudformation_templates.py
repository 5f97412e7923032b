"""What templates may say, as boto3 sees it: functions, parameters, loops; how bad ones end."""

import base64
import time

import aws_clients
import pytest
from botocore.exceptions import ClientError, WaiterError

WAIT = {"Delay": 1, "MaxAttempts": 30}
QUEUE = "  Q: {Type: AWS::SQS::Queue}\n"


@pytest.fixture(scope="module")
def cloudformation(endpoint):
    return aws_clients.client("cloudformation", endpoint)


def refusal(call, **arguments):
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    error = raised.value.response["Error"]
    assert error["Code"] == "ValidationError"
    return error["Message"]


def make(client, name, body, **more):
    """The stack, once it is made, and its outputs."""
    client.create_stack(StackName=name, TemplateBody=body, **more)
    try:
        client.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig=WAIT)
    except WaiterError:
        events = client.describe_stack_events(StackName=name)["StackEvents"]
        pytest.fail(str([event.get("ResourceStatusReason") for event in reversed(events)]))
    stack = client.describe_stacks(StackName=name)["Stacks"][0]
    return stack, {o["OutputKey"]: o["OutputValue"] for o in stack.get("Outputs", [])}


def remove(client, name):
    client.delete_stack(StackName=name)
    client.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig=WAIT)


@pytest.mark.parametrize("body, message", [
    ("a: b\n c: d: e\n", "Template format error: YAML not well-formed. (line 2, column 3)"),
    ('{"Resources": {}', "Template format error: JSON not well-formed. (line 1, column 17)"),
    ("text", "Template format error: unsupported structure."),
    ("{}", "Template format error: At least one Resources member must be defined."),
    ("a: &x 1\nb: *x\n",
     "Template error: YAML aliases are not allowed in CloudFormation templates"),
    ("Resources: {A: {Properties: {}}}".replace("{", " {", 1).strip(),
     "Template format error: [/Resources/A] Every Resources object must contain a Type member."),
    ("Resources:\n" + QUEUE + "Outputs: {O: {Value: }}\n",
     "[/Outputs/O/Value] 'null' values are not allowed in templates"),
    ("Resources:\n  Q: {Type: AWS::SQS::Queue, DependsOn: R}\n",
     "Template format error: Unresolved resource dependencies [R] in the Resources block of the "
     "template"),
    ("Resources:\n  Q: {Type: AWS::SQS::Queue, Properties: {QueueName: !If [C, a, b]}}\n",
     "Template error: unresolved condition dependency C in Fn::If"),
    ("Resources:\n  Q: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub '${a b}'}}\n",
     "Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, "
     "underscores, periods, and colons"),
    ("Parameters: {P: {Type: Text}}\nResources:\n" + QUEUE,
     "Template format error: Unrecognized parameter type: Text"),
])
def test_a_wrong_template_is_refused_in_the_words_of_aws(cloudformation, name, body, message):
    assert refusal(cloudformation.validate_template, TemplateBody=body) == message
    assert refusal(cloudformation.create_stack, StackName=name, TemplateBody=body) == message


def test_what_needs_itself_is_refused_with_all_that_lies_on_the_circle(cloudformation, name):
    body = """
Resources:
  A: {Type: AWS::SQS::Queue, DependsOn: B}
  B: {Type: AWS::SQS::Queue, Properties: {QueueName: !GetAtt C.QueueName}}
  C: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub '${A}'}}
  D: {Type: AWS::SQS::Queue, DependsOn: A}
"""
    assert (refusal(cloudformation.create_stack, StackName=name, TemplateBody=body)
            == "Circular dependency between resources: [A, B, C]")


def test_functions_give_what_they_give_on_aws(cloudformation, name):
    body = """
Parameters:
  Text: {Type: String, Default: t}
  Many: {Type: CommaDelimitedList, Default: 'a, b,c'}
  Number: {Type: Number, Default: 1000.0}
Mappings: {M: {us-east-1: {x: mapped, list: [p, q]}}}
Conditions:
  Is: !And [!Equals [!Ref Text, t], !Not [!Equals [!Ref AWS::Region, elsewhere]]]
  IsNot: !Not [!Condition Is]
Resources:
  Q:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: !If [Is, 7, 8]
      DelaySeconds: !If [IsNot, 5, !Ref AWS::NoValue]
  Absent: {Type: AWS::SQS::Queue, Condition: IsNot}
Outputs:
  Sub:
    Value: !Sub
    - '${Text}-${own}-${Number}-${AWS::StackName}-${!Text}-${Q.QueueName}'
    - {own: 3}
  Join: {Value: !Join ['|', !Ref Many]}
  Select: {Value: !Select ['1', !Split ['.', 'a.b.c']]}
  Map: {Value: !FindInMap [M, !Ref AWS::Region, x]}
  Base64: {Value: !Base64 HelloWorld}
  Cidr: {Value: !Select [1, !Cidr [10.0.0.0/16, 2, 8]]}
  Zone: {Value: !Select [0, !GetAZs '']}
  If: {Value: !If [IsNot, !Ref Absent, !Select [0, !FindInMap [M, us-east-1, list]]]}
  NotThere: {Value: !Ref Absent, Condition: IsNot}
  Date: {Value: 2012-10-17}
  Octal: {Value: 0644}
  Truth: {Value: yes}
"""
    stack, outputs = make(cloudformation, name, body)
    queue = outputs["Sub"].rsplit("-${Text}-", 1)[1]
    assert outputs == {
        "Sub": f"t-3-1000.0-{name}-${{Text}}-{queue}", "Join": "a|b|c", "Select": "b",
        "Map": "mapped", "Base64": base64.b64encode(b"HelloWorld").decode(),
        "Cidr": "10.0.1.0/24", "Zone": "us-east-1a", "If": "p", "Date": "2012-10-17",
        "Octal": "0644", "Truth": "true"}
    assert [r["LogicalResourceId"] for r in cloudformation.describe_stack_resources(
        StackName=stack["StackId"])["StackResources"]] == ["Q"]
    remove(cloudformation, name)


def test_parameters_are_held_to_their_constraints(cloudformation, name):
    body = """
Parameters:
  Size: {Type: Number, MinValue: 1, MaxValue: 10}
  Kind: {Type: String, AllowedValues: [a, b], Default: a}
  Word: {Type: String, AllowedPattern: '[a-z]+', Default: x, ConstraintDescription: only letters}
Resources:
""" + QUEUE

    def told(**values):
        return refusal(cloudformation.create_stack, StackName=name, TemplateBody=body, Parameters=[
            {"ParameterKey": key, "ParameterValue": value} for key, value in values.items()])

    assert told() == "Parameters: [Size] must have values"
    assert told(Size="11") == "Parameter 'Size' must be a number not greater than 10"
    assert told(Size="x") == "Parameter 'Size' must be a number"
    assert told(Size="1", Kind="c") == "Parameter 'Kind' must be one of AllowedValues"
    assert (told(Size="1", Word="A1")
            == "Parameter 'Word' failed to satisfy constraint: only letters")
    assert told(Size="1", Other="x") == "Parameters: [Other] do not exist in the template"


def test_loops_become_resources_and_outputs(cloudformation, name):
    body = """
Transform: AWS::LanguageExtensions
Parameters: {Names: {Type: CommaDelimitedList, Default: 'One,Two'}}
Resources:
  Fn::ForEach::Queues:
  - Name
  - !Ref Names
  - Queue${Name}:
      Type: AWS::SQS::Queue
      Properties: {QueueName: !Sub '${AWS::StackName}-${Name}'}
Outputs:
  Fn::ForEach::Arns:
  - Name
  - !Ref Names
  - Name${Name}: {Value: !GetAtt [!Sub 'Queue${Name}', QueueName]}
  Count: {Value: !Length {Ref: Names}}
  Json: {Value: !ToJsonString {names: !Ref Names, of: !GetAtt QueueOne.QueueName}}
"""
    assert refusal(cloudformation.create_stack, StackName=name,
                   TemplateBody=body.replace("Transform: AWS::LanguageExtensions\n", "")) == (
        "Template format error: [/Resources/Fn::ForEach::Queues] resource definition is malformed")
    _, outputs = make(cloudformation, name, body, Capabilities=["CAPABILITY_AUTO_EXPAND"])
    assert outputs == {"NameOne": f"{name}-One", "NameTwo": f"{name}-Two", "Count": "2",
                       "Json": f'{{"names":["One","Two"],"of":"{name}-One"}}'}
    processed = cloudformation.get_template(StackName=name, TemplateStage="Processed")
    assert list(processed["TemplateBody"]["Resources"]) == ["QueueOne", "QueueTwo"]
    assert "Transform" not in processed["TemplateBody"]
    remove(cloudformation, name)


def loops_within_loops():
    hundred = ", ".join(f"i{i}" for i in range(100))
    body = "{'R${X0}${X1}${X2}${X3}': {Type: AWS::SQS::Queue}}"
    for i in reversed(range(4)):
        body = f"{{'Fn::ForEach::L{i}': [X{i}, [{hundred}], {body}]}}"
    return f"Transform: AWS::LanguageExtensions\nResources: {body}\n"


def aliases_of_aliases():
    lines = ["a0: &a0 [x, x]"]
    while sum(map(len, lines)) < 45_000:
        i = len(lines)
        lines.append(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]")
    return "\n".join(lines)


def texts_of_texts():
    text = "!Ref Big"
    return ("Parameters: {Big: {Type: String, Default: " + "x" * 4000 + "}}\nResources:\n"
            "  Q: {Type: AWS::SQS::Queue, Properties: {QueueName: !Join ['', ["
            + ", ".join([text] * 400) + "]]}}\n")


@pytest.mark.parametrize("body, reason", [
    (loops_within_loops(), "Transform AWS::LanguageExtensions failed with: The template becomes "
                           "larger than 1000000 bytes"),
    (aliases_of_aliases(),
     "Template error: YAML aliases are not allowed in CloudFormation templates"),
    (texts_of_texts(), "Template error: the result of a function is larger than 1000000 bytes"),
    ("a: " + "[" * 40_000, "Template format error: YAML not well-formed. (line 1, column 203)"),
])
def test_a_bomb_ends_quickly_with_an_error(cloudformation, name, body, reason):
    start = time.monotonic()
    try:
        cloudformation.create_change_set(StackName=name, ChangeSetName="bomb", TemplateBody=body,
                                         ChangeSetType="CREATE")
        change_set = cloudformation.describe_change_set(StackName=name, ChangeSetName="bomb")
        while change_set["Status"] not in ("FAILED", "CREATE_COMPLETE"):
            change_set = cloudformation.describe_change_set(StackName=name, ChangeSetName="bomb")
        told = change_set["StatusReason"]
    except ClientError as error:
        told = error.response["Error"]["Message"]
    assert told == reason
    # Half a second would do; this machine may have other work.
    assert time.monotonic() - start < 5


def test_a_megabyte_of_aliases_from_a_bucket_ends_quickly(cloudformation, endpoint, name):
    s3 = aws_clients.client("s3", endpoint)
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="bomb.yaml", Body="a: &a [x]\nb:\n" + "- *a\n" * 199_000)
    start = time.monotonic()
    assert refusal(cloudformation.create_stack, StackName=name,
                   TemplateURL=f"{endpoint}/{name}/bomb.yaml") == (
        "Template error: YAML aliases are not allowed in CloudFormation templates")
    assert time.monotonic() - start < 5
