"""What a stack has just deployed has not drifted (`Stack` looks after each deployment); what
somebody else has changed has."""

import json

import aws_clients
from stack_kit import Stack, attribute, ref

TRUST = {"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Action": "sts:AssumeRole",
    "Principal": {"Service": "lambda.amazonaws.com"}}]}
ALLOW = {"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}


def test_functions_named_in_any_form_have_not_drifted(endpoint, name):
    functions = aws_clients.client("lambda", endpoint)
    stack = Stack(endpoint, name)
    stack.create({
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Role": {"Type": "AWS::IAM::Role", "Properties": {
            "AssumeRolePolicyDocument": TRUST,
            "ManagedPolicyArns": [
                "arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole",
                "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]}},
        "Work": {"Type": "AWS::Lambda::Function", "Properties": {
            "FunctionName": name, "Runtime": "python3.12", "Handler": "index.handler",
            "Role": attribute("Role", "Arn"),
            "Code": {"ZipFile": "def handler(event, context):\n    return None\n"}}},
        "Version": {"Type": "AWS::Lambda::Version", "Properties": {
            "FunctionName": attribute("Work", "Arn")}},
        "Alias": {"Type": "AWS::Lambda::Alias", "Properties": {
            "FunctionName": attribute("Work", "Arn"), "Name": "live",
            "FunctionVersion": attribute("Version", "Version")}},
        "Url": {"Type": "AWS::Lambda::Url", "Properties": {
            "TargetFunctionArn": attribute("Work", "Arn"), "AuthType": "NONE"}},
        "Allow": {"Type": "AWS::Lambda::Permission", "Properties": {
            "FunctionName": attribute("Work", "Arn"), "Action": "lambda:InvokeFunction",
            "Principal": "s3.amazonaws.com"}},
        "Plain": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {
            "FunctionName": ref("Work"), "EventSourceArn": attribute("Queue", "Arn"),
            "BatchSize": 5}}})
    functions.update_event_source_mapping(UUID=stack.ids()["Plain"], BatchSize=6)
    (type_name, status, differences), = stack.drifts()
    assert (type_name, status) == ("AWS::Lambda::EventSourceMapping", "MODIFIED")
    assert [(each["PropertyPath"], each["ActualValue"]) for each in differences] == [
        ("/BatchSize", "6")]
    stack.delete()


def test_all_configurations_of_a_bucket_are_read(endpoint, s3, name):
    stack = Stack(endpoint, name)
    export = {"BucketArn": f"arn:aws:s3:::{name}", "Format": "CSV"}
    stack.create({"Films": {"Type": "AWS::S3::Bucket", "Properties": {
        "BucketName": name,
        "LifecycleConfiguration": {"Rules": [
            {"Id": "old", "Status": "Enabled", "Prefix": "tmp/", "ExpirationInDays": 7},
            {"Status": "Enabled", "NoncurrentVersionExpirationInDays": 9}]},
        "MetricsConfigurations": [{"Id": "z"}, {"Id": "a", "Prefix": "a/", "TagFilters": [
            {"Key": "k", "Value": "v"}]}],
        "InventoryConfigurations": [{
            "Id": "daily", "Enabled": True, "IncludedObjectVersions": "All",
            "ScheduleFrequency": "Daily", "Destination": export}],
        "AnalyticsConfigurations": [{"Id": "use", "StorageClassAnalysis": {"DataExport": {
            "OutputSchemaVersion": "V_1", "Destination": export}}}],
        "IntelligentTieringConfigurations": [{
            "Id": "cold", "Status": "Enabled", "Prefix": "z/",
            "Tierings": [{"AccessTier": "ARCHIVE_ACCESS", "Days": 90}]}]}}})
    s3.delete_bucket_metrics_configuration(Bucket=name, Id="z")
    (_, status, differences), = stack.drifts()
    assert status == "MODIFIED"
    assert [each["PropertyPath"] for each in differences] == ["/MetricsConfigurations/0"]
    stack.delete()


def test_what_a_stack_attaches_to_its_roles_is_no_drift_of_them(endpoint, name):
    iam = aws_clients.client("iam", endpoint)
    stack = Stack(endpoint, name)
    stack.create({
        "Role": {"Type": "AWS::IAM::Role", "Properties": {
            "AssumeRolePolicyDocument": TRUST,
            "ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
            "Policies": [{"PolicyName": "own", "PolicyDocument": ALLOW}]}},
        "Inline": {"Type": "AWS::IAM::Policy", "Properties": {
            "PolicyName": "inline", "PolicyDocument": ALLOW, "Roles": [ref("Role")]}},
        "Managed": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {
            "PolicyDocument": ALLOW, "Roles": [ref("Role")]}}})
    role = stack.ids()["Role"]
    iam.put_role_policy(RoleName=role, PolicyName="foreign", PolicyDocument=json.dumps(ALLOW))
    (type_name, status, _), = stack.drifts()
    assert (type_name, status) == ("AWS::IAM::Role", "MODIFIED")
    iam.delete_role_policy(RoleName=role, PolicyName="foreign")
    iam.delete_role_policy(RoleName=role, PolicyName="inline")
    (type_name, status, _), = stack.drifts()
    assert (type_name, status) == ("AWS::IAM::Policy", "DELETED")
    iam.put_role_policy(RoleName=role, PolicyName="inline", PolicyDocument=json.dumps(ALLOW))
    assert stack.drifts() == []
    stack.delete()
