"""`matinee validate` of templates of SAM: every fault of every resource, with its line."""

import json
import subprocess

import matinee_server
import pytest


@pytest.fixture
def check(tmp_path):
    """Validates a text; gives (line, resource, message) of each fault."""
    def run(text):
        template = tmp_path / "template.yaml"
        template.write_text("Transform: AWS::Serverless-2016-10-31\n" + text)
        finished = subprocess.run(
            [matinee_server.find_binary(), "validate", str(template), "--format", "json"],
            capture_output=True, text=True, timeout=60, check=False)
        assert finished.stdout, finished.stderr
        return [(fault["line"], fault["resource"], fault["message"])
                for fault in json.loads(finished.stdout)["faults"]
                if fault["severity"] == "error"]
    return run


def test_all_that_properties_show_is_told_at_once_also_of_other_resources(check):
    assert check("""Resources:
  Clerk:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Runtime: python3.12
      InlineCode: pass
      Colour: red
      Layers: none
      Events:
        Order:
          Type: SQS
          Properties:
            BatchSize: many
  Door:
    Type: AWS::Serverless::HttpApi
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      Height: 3
""") == [
        (9, "Clerk", "property Colour not defined for resource of type AWS::Serverless::Function"),
        (10, "Clerk", "Type of property 'Layers' is invalid."),
        (15, "ClerkOrder", "Missing required property 'Queue'."),
        (15, "ClerkOrder", "Type of property 'BatchSize' is invalid."),
        (17, "Door", "AWS::Serverless::HttpApi is not served here: there is no API Gateway."),
        (21, "Queue", "extraneous key [Height] is not permitted")]


def test_what_the_resources_that_are_made_do_not_take_has_the_line_of_its_author(check):
    faults = check("""Globals:
  Function:
    Runtime: python3.12
    Timeout: 9999
Resources:
  Clerk:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      InlineCode: pass
      Architectures: [z80]
      Environment: {Words: {A: b}}
      Events:
        Weekly:
          Type: ScheduleV2
          Properties:
            ScheduleExpression: rate(7 days)
            State: SLEEPING
""")
    assert {(line, resource) for line, resource, _ in faults} == {
        (5, "Clerk"), (12, "Clerk"), (13, "Clerk"), (19, "ClerkWeekly")}


def test_references_to_what_is_made_are_right_and_others_are_told(check):
    assert check("""Resources:
  Clerk:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Runtime: python3.12
      InlineCode: pass
      AutoPublishAlias: live
      Policies:
        - SQSPollerPolicy: {QueueName: !GetAtt Queue.QueueName}
  Queue: {Type: AWS::SQS::Queue}
Outputs:
  Version: {Value: !Ref Clerk.Version}
  Role: {Value: !GetAtt ClerkRole.Arn}
""") == []
    assert [line for line, _, _ in check("""Resources:
  Clerk:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Runtime: python3.12
      InlineCode: pass
      Policies:
        - SQSPollerPolicy: {QueueName: !Ref Missing}
""")] == [10]


def test_properties_beside_globals_have_their_lines(check):
    assert [(line, resource) for line, resource, _ in check("""Globals:
  Function:
    Timeout: 3
    Environment:
      Variables:
        A: b
Resources:
  Clerk:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Runtime: python3.12
      InlineCode: pass
      Colour: red
      Layers: none
""")] == [(15, "Clerk"), (16, "Clerk")]


def test_what_cannot_be_global_does_not_hide_what_can(check):
    faults = check("""Globals:
  Function:
    Colour: red
    Runtime: python3.12
  Door:
    Height: 3
Resources:
  Clerk:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      InlineCode: pass
""")
    assert [(line, resource) for line, resource, _ in faults] == [(4, ""), (6, "")]
    assert "'Colour' is not a supported property of 'Function'" in faults[0][2]
    assert "'Door' is not supported" in faults[1][2]


def test_an_unknown_event_is_told_beside_other_faults(check):
    assert [(line, message) for line, _, message in check("""Resources:
  Clerk:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Runtime: python3.12
      InlineCode: pass
      Colour: red
      Events:
        Order:
          Type: Pigeon
""")] == [
        (9, "property Colour not defined for resource of type AWS::Serverless::Function"),
        (12, "Event with id [Order] is invalid. Resource dict has missing or invalid value for "
             "key Type. Event Type is: Pigeon.")]
