"""Templates of SAM as boto3 deploys them: what the transform makes works, and what it refuses is
told as CloudFormation tells it.
"""

import json

import aws_clients
import polling
import pytest
from botocore.exceptions import WaiterError

WAIT = {"Delay": 1, "MaxAttempts": 60}
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
CLERK = """
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.12, Handler: index.handler, Timeout: 10}}
Resources:
  Orders: {Type: AWS::SQS::Queue}
  Clerk:
    Type: AWS::Serverless::Function
    Properties:
      AutoPublishAlias: live
      InlineCode: |
        def handler(event, context):
            return {"sold": event.get("film"), "version": "VERSION"}
      Policies:
        - AmazonSQSReadOnlyAccess
        - SQSSendMessagePolicy: {QueueName: !GetAtt Orders.QueueName}
      EventInvokeConfig: {DestinationConfig: {OnSuccess: {Type: SQS}}}
      Events:
        Order: {Type: SQS, Properties: {Queue: !GetAtt Orders.Arn, BatchSize: 1}}
Outputs:
  Orders: {Value: !Ref Orders}
  Sold: {Value: !Ref Clerk.DestinationQueue}
  Alias: {Value: !Ref Clerk.Alias}
  Role: {Value: !Ref ClerkRole}
"""


@pytest.fixture(scope="module")
def clients(endpoint):
    return {name: aws_clients.client(name, endpoint)
            for name in ("cloudformation", "lambda", "sqs", "iam", "s3")}


def deploy(client, name, template, kind="CREATE"):
    """By a change set, as tools do. The changes, and the outputs of the stack."""
    client.create_change_set(StackName=name, ChangeSetName=kind, ChangeSetType=kind,
                             TemplateBody=template, Capabilities=CAPABILITIES)
    client.get_waiter("change_set_create_complete").wait(
        StackName=name, ChangeSetName=kind, WaiterConfig=WAIT)
    changes = client.describe_change_set(StackName=name, ChangeSetName=kind)["Changes"]
    client.execute_change_set(StackName=name, ChangeSetName=kind)
    try:
        client.get_waiter(f"stack_{kind.lower()}_complete").wait(StackName=name, WaiterConfig=WAIT)
    except WaiterError:
        events = client.describe_stack_events(StackName=name)["StackEvents"]
        pytest.fail(str([(event["LogicalResourceId"], event.get("ResourceStatusReason"))
                         for event in reversed(events) if "FAILED" in event["ResourceStatus"]]))
    stack = client.describe_stacks(StackName=name)["Stacks"][0]
    return ({(change["ResourceChange"]["LogicalResourceId"], change["ResourceChange"]["Action"])
             for change in changes},
            {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])})


@pytest.fixture(scope="module")
def clerk(clients):
    changes, outputs = deploy(clients["cloudformation"], "clerk", CLERK)
    yield changes, outputs
    clients["cloudformation"].delete_stack(StackName="clerk")
    clients["cloudformation"].get_waiter("stack_delete_complete").wait(
        StackName="clerk", WaiterConfig=WAIT)


def call(clients, alias):
    answer = clients["lambda"].invoke(FunctionName=alias, Payload=json.dumps({"film": "Up"}))
    return json.load(answer["Payload"])


def test_a_function_has_its_version_alias_role_mapping_and_destination(clerk):
    ids = {name for name, _ in clerk[0]}
    version = next(name for name in ids if name.startswith("ClerkVersion"))
    assert ids == {"Orders", "Clerk", "ClerkRole", "ClerkAliaslive", "ClerkOrder",
                   "ClerkEventInvokeConfig", "ClerkEventInvokeConfigOnSuccessQueue", version}


def test_its_alias_is_called(clients, clerk):
    assert call(clients, clerk[1]["Alias"]) == {"sold": "Up", "version": "VERSION"}


def test_messages_are_taken_from_its_queue(clients, clerk):
    sqs, url = clients["sqs"], clerk[1]["Orders"]
    sqs.send_message(QueueUrl=url, MessageBody="{}")
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    polling.eventually(lambda: set(sqs.get_queue_attributes(
        QueueUrl=url, AttributeNames=names)["Attributes"].values()) == {"0"})


def test_results_of_asynchronous_calls_go_to_the_queue_that_was_made(clients, clerk):
    clients["lambda"].invoke(FunctionName=clerk[1]["Alias"], InvocationType="Event",
                             Payload=json.dumps({"film": "Alien"}))
    answer = clients["sqs"].receive_message(QueueUrl=clerk[1]["Sold"], WaitTimeSeconds=20)
    record = json.loads(answer["Messages"][0]["Body"])
    assert record["responsePayload"] == {"sold": "Alien", "version": "VERSION"}


def test_its_role_has_policies_by_name_and_by_template(clients, clerk):
    role = clerk[1]["Role"]
    attached = clients["iam"].list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert {policy["PolicyName"] for policy in attached} == {
        "AWSLambdaBasicExecutionRole", "AWSLambdaSQSQueueExecutionRole", "AmazonSQSReadOnlyAccess"}
    policy = clients["iam"].get_role_policy(RoleName=role, PolicyName="ClerkRolePolicy1")
    statement = policy["PolicyDocument"]["Statement"][0]
    assert statement["Action"] == ["sqs:SendMessage*"]
    assert statement["Resource"].startswith("arn:aws:sqs:us-east-1:000000000000:clerk-Orders-")


def test_the_template_is_kept_as_it_was_sent_and_as_it_was_made(clients, clerk):
    client = clients["cloudformation"]
    assert client.get_template(StackName="clerk", TemplateStage="Original")[
        "TemplateBody"] == CLERK
    made = client.get_template(StackName="clerk", TemplateStage="Processed")["TemplateBody"]
    assert made["Resources"]["Clerk"]["Type"] == "AWS::Lambda::Function"
    assert "Globals" not in made and "Transform" not in made


def test_other_code_gives_another_version_to_which_the_alias_moves(clients, clerk):
    changes, outputs = deploy(clients["cloudformation"], "clerk",
                              CLERK.replace("VERSION", "second"), "UPDATE")
    versions = {action for name, action in changes if name.startswith("ClerkVersion")}
    assert versions == {"Add", "Remove"}
    assert ("Clerk", "Modify") in changes and ("ClerkAliaslive", "Modify") in changes
    assert call(clients, outputs["Alias"]) == {"sold": "Up", "version": "second"}


EVENTS = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Usher:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.12
      Handler: index.handler
      InlineCode: 'def handler(event, context): return "seated"'
      FunctionUrlConfig: {AuthType: NONE}
      DeadLetterQueue: {Type: SQS, TargetArn: !GetAtt Lost.Arn}
      Events:
        Posters: {Type: S3, Properties: {Bucket: !Ref Posters, Events: 's3:ObjectCreated:*'}}
        News: {Type: SNS, Properties: {Topic: !Ref News}}
        Held: {Type: SNS, Properties: {Topic: !Ref News, SqsSubscription: true}}
        Nightly:
          Type: Schedule
          Properties: {Schedule: rate(1 day), DeadLetterConfig: {Type: SQS}}
        Weekly: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(7 days)}}
        Sold: {Type: EventBridgeRule, Properties: {Pattern: {source: [cinema]}}}
        Log: {Type: CloudWatchLogs, Properties: {LogGroupName: !Ref Log, FilterPattern: ERROR}}
  Posters: {Type: AWS::S3::Bucket}
  News: {Type: AWS::SNS::Topic}
  Lost: {Type: AWS::SQS::Queue}
  Log: {Type: AWS::Logs::LogGroup}
  Films: {Type: AWS::Serverless::SimpleTable}
  Write:
    Type: AWS::Serverless::Connector
    Properties: {Source: {Id: Usher}, Destination: {Id: Films}, Permissions: [Read, Write]}
"""


def test_a_function_with_many_events_is_made_and_removed(clients):
    client = clients["cloudformation"]
    deploy(client, "usher", EVENTS)
    resources = client.describe_stack_resources(StackName="usher")["StackResources"]
    assert {resource["ResourceStatus"] for resource in resources} == {"CREATE_COMPLETE"}
    assert len(resources) == 28
    client.delete_stack(StackName="usher")
    client.get_waiter("stack_delete_complete").wait(StackName="usher", WaiterConfig=WAIT)


TABLE = """
Transform: AWS::Serverless-2016-10-31
Globals: {SimpleTable: {SSESpecification: {SSEEnabled: true}}}
Resources:
  Films:
    Type: AWS::Serverless::SimpleTable
    Properties:
      TableName: NAME
      PrimaryKey: {Name: title, Type: String}
      ProvisionedThroughput: {ReadCapacityUnits: 3, WriteCapacityUnits: 2}
      PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 7}
      Tags: {team: films}
  Plain: {Type: AWS::Serverless::SimpleTable}
Outputs:
  Plain: {Value: !Ref Plain}
"""


def test_a_simple_table_has_all_it_was_given(clients, dynamodb, name):
    client = clients["cloudformation"]

    def told(table):
        return dynamodb.describe_table(TableName=table)["Table"]

    def recovery():
        return dynamodb.describe_continuous_backups(TableName=name)[
            "ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"][
                "PointInTimeRecoveryStatus"]

    def require_no_drift():
        detection = client.detect_stack_drift(StackName=name)["StackDriftDetectionId"]
        status = client.describe_stack_drift_detection_status(StackDriftDetectionId=detection)
        assert status["StackDriftStatus"] == "IN_SYNC", client.describe_stack_resource_drifts(
            StackName=name)["StackResourceDrifts"]

    template = TABLE.replace("NAME", name)
    _, outputs = deploy(client, name, template)
    films = told(name)
    assert films["KeySchema"] == [{"AttributeName": "title", "KeyType": "HASH"}]
    assert films["ProvisionedThroughput"]["ReadCapacityUnits"] == 3
    assert films["SSEDescription"]["Status"] == "ENABLED"
    assert recovery() == "ENABLED"
    assert dynamodb.list_tags_of_resource(ResourceArn=films["TableArn"])["Tags"] == [
        {"Key": "team", "Value": "films"}]
    plain = told(outputs["Plain"])
    assert plain["AttributeDefinitions"] == [{"AttributeName": "id", "AttributeType": "S"}]
    assert plain["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    require_no_drift()
    changes, _ = deploy(client, name, template.replace(
        "ProvisionedThroughput: {ReadCapacityUnits: 3, WriteCapacityUnits: 2}", "").replace(
            "{team: films}", "{team: books}").replace("Enabled: true", "Enabled: false").replace(
                ", RecoveryPeriodInDays: 7", ""), "UPDATE")
    assert ("Films", "Modify") in changes
    films = told(name)
    assert films["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert "SSEDescription" not in films and recovery() == "DISABLED"
    require_no_drift()
    client.delete_stack(StackName=name)
    client.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig=WAIT)
    assert name not in dynamodb.list_tables()["TableNames"]


def test_what_the_transform_refuses_is_the_reason_of_the_change_set(clients):
    client = clients["cloudformation"]
    client.create_change_set(StackName="door", ChangeSetName="change", ChangeSetType="CREATE",
                             Capabilities=CAPABILITIES, TemplateBody="""
Transform: AWS::Serverless-2016-10-31
Resources:
  Door:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.12
      Handler: index.handler
      InlineCode: pass
      Events: {Open: {Type: Api, Properties: {Path: /, Method: get}}}
""")
    with pytest.raises(WaiterError):
        client.get_waiter("change_set_create_complete").wait(
            StackName="door", ChangeSetName="change", WaiterConfig=WAIT)
    told = client.describe_change_set(StackName="door", ChangeSetName="change")
    assert (told["Status"], told["StatusReason"]) == (
        "FAILED",
        "Transform AWS::Serverless-2016-10-31 failed with: Invalid Serverless Application "
        "Specification document. Number of errors found: 1. Resource with id [Door] is invalid. "
        "Event with id [Open] is invalid. Events of type Api are not served here: there is no API "
        "Gateway.")
