"""The SAM transform makes what AWS's translator makes, of every template in cases/. A file there
holds several, parted by lines of three dashes; the first line of each says what it is about. The
order of members does not count, nor that of names in DependsOn.
"""

import json
import os
import pathlib
import subprocess

import pytest
import translator

HERE = pathlib.Path(__file__).resolve().parent
TRANSFORM = "Transform: AWS::Serverless-2016-10-31\n"
PROGRAM = os.environ.get("MATINEE_TRANSFORM_SAM",
                         str(translator.ROOT / "build/release/tests/templates/transform_sam"))


def _read_cases():
    for path in sorted((HERE / "cases").glob("*.yaml")):
        for text in path.read_text().split("\n---\n"):
            title = text.strip().splitlines()[0].removeprefix("# ")
            yield f"{path.stem}: {title}", text if "Transform:" in text else TRANSFORM + text


CASES = list(_read_cases())


def run(template, *parameters, **environment):
    done = subprocess.run([PROGRAM, *parameters], input=template, check=True, capture_output=True,
                          text=True, env={**os.environ, **environment})
    return json.loads(done.stdout)


def _without_order(template):
    """Lists of which the order means nothing come out of the translator in any order."""
    for resource in template["Resources"].values():
        if isinstance(resource.get("DependsOn"), list):
            resource["DependsOn"].sort()
    shared = template.get("Conditions", {}).get("ServerlessCodeDeployCondition")
    if shared:
        shared["Fn::Or"].sort(key=str)
    return template


@pytest.fixture(scope="session")
def expected():
    answers = translator.translate([{"template": text, "parameters": {}} for _, text in CASES])
    return dict(zip((title for title, _ in CASES), answers))


def test_there_are_many_cases_and_each_has_a_title_of_its_own():
    assert len({title for title, _ in CASES}) == len(CASES) >= 60


@pytest.mark.parametrize("title, template", CASES, ids=[title for title, _ in CASES])
def test_makes_what_the_translator_makes(title, template, expected):
    want, got = expected[title], run(template)
    if isinstance(want, list):
        assert [fault["text"] for fault in got["faults"]] == want[1:]
        assert got["message"] == " ".join(part.strip() for part in want)
    else:
        assert "faults" not in got, got["message"]
        want.pop("Transform", None)
        assert _without_order(got) == _without_order(want)


PARAMETERS = """
Parameters:
  Stage: {Type: String}
  Memory: {Type: Number, Default: 128}
Resources:
  Clerk:
    Type: AWS::Serverless::Function
    Properties:
      Handler: a.b
      Runtime: python3.12
      InlineCode: pass
      MemorySize: !Ref Memory
      AutoPublishAlias: !Ref Stage
      EventInvokeConfig: {MaximumRetryAttempts: 1}
  Stamps:
    Type: AWS::Serverless::LayerVersion
    Properties:
      ContentUri: s3://films/stamps.zip
      LayerName: !Sub 'stamps-${Stage}-${AWS::Region}'
"""


def test_uses_the_values_of_parameters_where_it_has_to_know_them():
    template = TRANSFORM + PARAMETERS
    want = translator.translate([{"template": template, "parameters": {"Stage": "test"}}],
                                region="eu-west-1")[0]
    got = run(template, "Stage=test", REGION="eu-west-1")
    want.pop("Transform", None)
    assert got == want
    assert got["Resources"]["ClerkAliastest"]["Properties"]["Name"] == "test"


def test_a_value_that_it_does_not_know_is_refused_where_it_needs_it():
    faults = run(TRANSFORM + PARAMETERS)["faults"]
    assert [(fault["resource"], fault["line"]) for fault in faults] == [("Clerk", 14)]
    assert faults[0]["message"] == (
        "'AutoPublishAlias' must be a string or a Ref to a template parameter")


@pytest.mark.parametrize("region, partition", [("cn-north-1", "aws-cn"),
                                               ("us-gov-west-1", "aws-us-gov")])
def test_policies_are_those_of_the_partition(region, partition):
    template = TRANSFORM + """
Resources:
  Clerk:
    Type: AWS::Serverless::Function
    Properties:
      Handler: a.b
      Runtime: python3.12
      InlineCode: pass
      Tracing: Active
      Events:
        Line: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn}}
        Log: {Type: CloudWatchLogs, Properties: {LogGroupName: films, FilterPattern: ''}}
"""
    want = translator.translate([{"template": template, "parameters": {}}], region=region)[0]
    want.pop("Transform", None)
    assert run(template, REGION=region, PARTITION=partition) == want


REFUSED = """Transform: AWS::Serverless-2016-10-31
Resources:
  Door:
    Type: AWS::Serverless::Api
    Properties: {StageName: x}
  Clerk:
    Type: AWS::Serverless::Function
    Properties: {Handler: a.b, Runtime: python3.12, InlineCode: pass}
  Plan:
    Type: AWS::Serverless::StateMachine
"""


def test_types_whose_services_are_not_here_are_refused_by_name_and_line():
    got = run(REFUSED)
    assert [(fault["text"], fault["line"]) for fault in got["faults"]] == [
        ("Resource with id [Door] is invalid. AWS::Serverless::Api is not served here: there is no "
         "API Gateway.", 4),
        ("Resource with id [Plan] is invalid. AWS::Serverless::StateMachine is not served here: "
         "there is no Step Functions.", 10)]


@pytest.mark.parametrize("kind, service", [
    ("Api", "API Gateway"), ("HttpApi", "API Gateway"), ("Cognito", "Cognito"), ("IoTRule", "IoT"),
    ("AlexaSkill", "Alexa"), ("MSK", "MSK"), ("MQ", "Amazon MQ"), ("SelfManagedKafka", "Kafka"),
    ("DocumentDB", "DocumentDB")])
def test_events_whose_services_are_not_here_are_refused_by_name_and_line(kind, service):
    got = run(f"""Transform: AWS::Serverless-2016-10-31
Resources:
  Clerk:
    Type: AWS::Serverless::Function
    Properties:
      Handler: a.b
      Runtime: python3.12
      InlineCode: pass
      Events:
        Call:
          Type: {kind}
""")
    assert [(fault["text"], fault["line"]) for fault in got["faults"]] == [
        (f"Resource with id [Clerk] is invalid. Event with id [Call] is invalid. Events of type "
         f"{kind} are not served here: there is no {service}.", 11)]


def test_every_fault_has_the_line_of_what_is_wrong():
    got = run("""Transform: AWS::Serverless-2016-10-31
Resources:
  Clerk:
    Type: AWS::Serverless::Function
    Properties:
      Handler: a.b
      Runtime: python3.12
      InlineCode: pass
      Colour: red
  Usher:
    Type: AWS::Serverless::Function
    Properties:
      Handler: a.b
      Runtime: python3.12
      InlineCode: pass
      Policies:
        - AmazonSQSFullAccess
        - S3ReadPolicy: {Bucket: films}
  Seats:
    Type: AWS::Serverless::SimpleTable
    Properties:
      PrimaryKey:
        Name: id
        Type: Text
""")
    assert [(fault["resource"], fault["line"]) for fault in got["faults"]] == [
        ("Clerk", 9), ("Usher", 18), ("Seats", 24)]


def test_what_grows_without_end_is_refused():
    """Tags that every one of many events passes on."""
    tags = ", ".join(f"t{i}: {'x' * 200}" for i in range(1000))
    events = ", ".join(f"e{i}: {{Type: Schedule, Properties: {{Schedule: rate(1 day), "
                       f"DeadLetterConfig: {{Type: SQS}}}}}}" for i in range(1000))
    got = run(f"""{TRANSFORM}
Resources:
  Clerk:
    Type: AWS::Serverless::Function
    Properties:
      Handler: a.b
      Runtime: python3.12
      InlineCode: pass
      PropagateTags: true
      Tags: {{{tags}}}
      Events: {{{events}}}
""")
    assert got["message"].endswith("Transformed template is too large")
