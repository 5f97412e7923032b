"""`matinee validate`: what is wrong with a template, all at once."""

import json
import subprocess

import matinee_server
import pytest


def validate(template, *arguments):
    return subprocess.run([matinee_server.find_binary(), "validate", str(template), *arguments],
                          capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def check(tmp_path):
    """Validates a text; gives the exit code and (line, severity, resource, message) of each."""
    def run(text, *arguments):
        template = tmp_path / "template.yaml"
        template.write_text(text)
        finished = validate(template, "--format", "json", *arguments)
        assert finished.stdout, finished.stderr
        told = json.loads(finished.stdout)
        assert told["valid"] == (finished.returncode == 0)
        return finished.returncode, [
            (fault["line"], fault["severity"], fault["resource"], fault["message"])
            for fault in told["faults"]]
    return run


def test_all_faults_are_told_at_once_with_their_lines(check):
    code, faults = check("""
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      QueueNam: work
      VisibilityTimeout: soon
  Topic:
    Type: AWS::SNS::Topci
  Other:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub "${Missing}-x"
Outputs:
  Arn:
    Value: !GetAtt Queue.Aarn
""")
    assert code == 1
    assert {severity for _, severity, _, _ in faults} == {"error"}
    told = {line: message for line, _, _, message in faults}
    assert "QueueNam" in told[6]
    assert "VisibilityTimeout" in told[7]
    assert "AWS::SNS::Topci" in told[8]
    assert "Missing" in told[13]
    assert "does not support attribute type Aarn" in told[16]


def test_values_must_have_the_form_of_what_they_name(check):
    text = """
Parameters:
  Vpc: {Type: "AWS::EC2::VPC::Id"}
  Subnets: {Type: "List<AWS::EC2::Subnet::Id>"}
Resources:
  Queue: {Type: "AWS::SQS::Queue"}
"""
    right = ["--parameter", "Vpc=vpc-12345678", "--parameter", "Subnets=subnet-1234,subnet-5678"]
    assert check(text, *right) == (0, [])
    code, faults = check(text, "--parameter", "Vpc=zz", "--parameter", "Subnets=subnet-1234,no")
    assert code == 1
    assert [(line, message) for line, _, _, message in faults] == [
        (line, f"Parameter validation failed: parameter value {value} for parameter name {name} "
         "does not exist") for line, value, name in [(3, "zz", "Vpc"), (4, "no", "Subnets")]]


def test_what_nested_templates_take_and_give_is_looked_at(check, tmp_path):
    (tmp_path / "inner.yaml").write_text("""
Parameters:
  Needed: {Type: String}
  Size: {Type: Number, Default: 1}
Resources:
  Queue: {Type: "AWS::SQS::Queue"}
Outputs:
  Url: {Value: !Ref Queue}
""")
    text = """
Resources:
  Inner:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: inner.yaml
      Parameters:
        %s
Outputs:
  Url:
    Value: !GetAtt Inner.Outputs.%s
"""
    assert check(text % ("Needed: x", "Url")) == (0, [])
    code, faults = check(text % ("{Unknown: 1, Size: many}", "Nope"))
    assert code == 1
    told = [message for _, _, _, message in faults]
    assert any("[Needed] must have values" in message for message in told)
    assert any("[Unknown] do not exist in the template" in message for message in told)
    assert any("Size" in message for message in told)
    assert any("attribute type Outputs.Nope" in message for message in told)
    assert len(told) == 4


def test_what_is_right_is_valid(check):
    assert check("Resources: {Q: {Type: 'AWS::SQS::Queue'}}") == (0, [])


@pytest.mark.parametrize("name", ["publish", "top-movies"])
def test_our_own_templates_are_valid(name):
    template = matinee_server.ROOT / "templates" / name / "template.yaml"
    finished = validate(template)
    assert (finished.returncode, finished.stdout) == (0, f"{template} is valid.\n")


def test_a_circle_is_told(check):
    code, [(_, _, _, message)] = check("""
Resources:
  A: {Type: AWS::SQS::Queue, Properties: {QueueName: !GetAtt B.QueueName}}
  B: {Type: AWS::SQS::Queue, Properties: {QueueName: !GetAtt A.QueueName}}
""")
    assert code == 1
    assert message == "Circular dependency between resources: [A, B]"


def test_values_that_there_cannot_be_are_told(check):
    template = """
Parameters: {Size: {Type: String, Default: small}}
Mappings: {Sizes: {small: {delay: 5}}}
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      DelaySeconds: !FindInMap [Sizes, !Ref Size, delay]
"""
    assert check(template) == (0, [])
    code, [(line, _, _, message)] = check(template, "--parameter", "Size=large")
    assert (code, line) == (1, 8)
    assert message == "Template error: Unable to get mapping for Sizes::large::delay"


def test_a_default_that_is_not_allowed_is_told_once(check):
    code, [(line, _, _, message)] = check("""
Parameters:
  Size: {Type: Number, Default: 11, MaxValue: 10}
Resources: {Q: {Type: AWS::SQS::Queue}}
""")
    assert (code, line, message) == (1, 3, "Parameter 'Size' must be a number not greater than 10")


def test_functions_of_language_extensions_need_their_transform(check):
    template = """
Parameters: {Names: {Type: CommaDelimitedList, Default: 'a,b'}}
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties: {DelaySeconds: !Length {Ref: Names}}
"""
    code, [(line, _, _, message)] = check(template)
    assert (code, line) == (1, 6)
    assert message.startswith("Template error: Encountered unsupported function: Fn::Length")
    assert check("Transform: AWS::LanguageExtensions" + template) == (0, [])


def test_what_sam_refuses_is_told_with_the_resource_and_its_line(check):
    code, faults = check("""
Transform: AWS::Serverless-2016-10-31
Resources:
  One:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.12
      Handler: a.b
      Events:
        Bad: {Type: SQSS, Properties: {}}
""")
    assert code == 1
    assert [(resource, line > 3) for line, _, resource, _ in faults] == [("One", True)]


def test_permissions_that_are_plainly_missing_are_warnings(check):
    code, faults = check("""
Resources:
  Topic: {Type: AWS::SNS::Topic}
  Queue: {Type: AWS::SQS::Queue}
  Subscription:
    Type: AWS::SNS::Subscription
    Properties: {Protocol: sqs, TopicArn: !Ref Topic, Endpoint: !GetAtt Queue.Arn}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.12
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Code: {ZipFile: "def handler(event, context): pass"}
      Environment: {Variables: {TOPIC: !Ref Topic}}
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: !Ref Function, EventSourceArn: !GetAtt Queue.Arn}
""")
    assert code == 0
    assert {severity for _, severity, _, _ in faults} == {"warning"}
    told = {resource: message for _, _, resource, message in faults}
    assert told == {
        "Subscription": "No queue policy lets sns.amazonaws.com send to Queue: nothing will "
                        "arrive there.",
        "Function": "It is told of Topic, and its role Role may do nothing with topics.",
        "Mapping": "The role Role may not sqs:ReceiveMessage."}


def test_parameters_are_checked_too(check):
    text = """
Parameters: {Size: {Type: Number, MaxValue: 5, Default: 4}}
Resources: {Q: {Type: AWS::SQS::Queue}}
"""
    code, [(line, _, _, message)] = check(text, "--parameter", "Size=9")
    assert (code, line) == (1, 2)
    assert "Size" in message
    assert check(text, "--parameter", "Size=3") == (0, [])
    code, faults = check(text, "--parameter", "Size=3", "--parameter", "Colour=red")
    assert code == 1
    assert faults[0][3] == "Parameters: [Colour] do not exist in the template"


def test_files_that_are_not_there_are_told(check):
    code, faults = check("""
Resources:
  L: {Type: AWS::Lambda::LayerVersion, Properties: {Content: nowhere}}
""")
    assert code == 1
    assert any(line == 3 and "There is no file or folder" in message
               for line, _, _, message in faults)


def test_what_the_transforms_make_of_it_can_be_seen(tmp_path):
    template = tmp_path / "template.yaml"
    template.write_text("""
Transform: AWS::Serverless-2016-10-31
Resources:
  Table: {Type: AWS::Serverless::SimpleTable}
""")
    finished = validate(template, "--transformed")
    assert finished.returncode == 0
    made = json.loads(finished.stdout)
    assert made["Resources"]["Table"]["Type"] == "AWS::DynamoDB::Table"
    assert "Transform" not in made


def test_an_empty_folder_has_no_code(check, tmp_path):
    (tmp_path / "code").mkdir()
    template = """Transform: AWS::Serverless-2016-10-31
Resources:
  Function:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Runtime: python3.12
      CodeUri: code
"""
    code, faults = check(template)
    assert code == 1
    assert (8, "The folder code is empty.") in [
        (line, message) for line, _, _, message in faults]
    (tmp_path / "code" / "app.py").write_text("")
    assert check(template) == (0, [])


def test_an_empty_file_is_no_template(check):
    for text in ("", "\n\n", "# nothing\n"):
        code, faults = check(text)
        assert code == 1
        assert [(line, message) for line, _, _, message in faults] == [
            (1, "Template format error: unsupported structure.")]
