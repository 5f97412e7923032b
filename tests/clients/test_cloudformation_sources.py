"""What templates are made of before stacks are: URLs, parameters, transforms."""

import json
import urllib.parse

import aws_clients
import functions_kit
import pytest
from whole_stacks import error_of, stack  # noqa: F401: a fixture

QUEUE = {"Type": "AWS::SQS::Queue"}
EXPANDED = ["CAPABILITY_AUTO_EXPAND", "CAPABILITY_IAM"]


@pytest.fixture(scope="module")
def cloudformation(endpoint):
    return aws_clients.client("cloudformation", endpoint)


@pytest.fixture(scope="module")
def ssm(endpoint):
    return aws_clients.client("ssm", endpoint)


@pytest.fixture(scope="module")
def functions(endpoint):
    return aws_clients.client("lambda", endpoint)


def one_value(value, **sections):
    """A template with a value as its output, and a queue, as there has to be something."""
    return {"Resources": {"Queue": QUEUE}, "Outputs": {"Value": {"Value": value}}} | sections


@pytest.mark.parametrize("form", [
    "{endpoint}/{bucket}/{key}",
    "https://s3.amazonaws.com/{bucket}/{key}",
    "https://s3.us-east-1.amazonaws.com/{bucket}/{key}",
    "https://{bucket}.s3.us-east-1.amazonaws.com/{key}"])
def test_a_template_is_read_from_every_form_of_a_url(stack, s3, bucket, endpoint, form):
    s3.put_object(Bucket=bucket, Key="a b.json", Body=json.dumps(one_value("from s3")))
    url = form.format(endpoint=endpoint, bucket=bucket, key=urllib.parse.quote("a b.json"))
    stack.create(TemplateURL=url)
    assert stack.outputs() == {"Value": "from s3"}


def test_urls_of_other_places_and_objects_that_are_missing_are_refused(cloudformation, bucket,
                                                                       endpoint):
    def refusal(url):
        return error_of(cloudformation.create_stack, StackName="x", TemplateURL=url)

    assert refusal("s3://bucket/key") == (
        "ValidationError", "S3 error: Domain name specified in bucket is not a valid S3 domain")
    assert refusal("https://example.com/key") == (
        "ValidationError", "TemplateURL must be a supported URL.")
    assert refusal(f"{endpoint}/{bucket}/missing")[1].startswith(
        "S3 error: The specified key does not exist.")


def test_templates_are_told_as_they_were_sent_and_as_they_were_carried_out(stack):
    text = "Transform: AWS::LanguageExtensions\nResources:\n  Queue: {Type: AWS::SQS::Queue}\n" \
           "Outputs:\n  Count: {Value: {'Fn::Length': [a, b]}}\n"
    stack.create(text, Capabilities=EXPANDED)
    assert stack.outputs() == {"Count": "2"}
    told = stack.client.get_template(StackName=stack.name)
    assert told["TemplateBody"] == text
    assert told["StagesAvailable"] == ["Original", "Processed"]
    processed = stack.client.get_template(StackName=stack.name, TemplateStage="Processed")
    assert processed["TemplateBody"]["Outputs"]["Count"]["Value"] == 2
    assert "Transform" not in processed["TemplateBody"]


def test_a_summary_tells_what_a_template_asks_for_and_needs(cloudformation):
    template = {"AWSTemplateFormatVersion": "2010-09-09", "Description": "of a test",
                "Metadata": {"Owner": "team", "Sizes": [1, True]},
                "Parameters": {"Size": {"Type": "String", "Default": "s",
                                        "AllowedValues": ["s", "m"]},
                               "Key": {"Type": "String", "NoEcho": True, "Description": "secret"}},
                "Resources": {"Queue": QUEUE, "Other": QUEUE,
                              "Role": {"Type": "AWS::IAM::Role", "Properties": {
                                  "RoleName": "r", "AssumeRolePolicyDocument": {}}}}}
    summary = cloudformation.get_template_summary(TemplateBody=json.dumps(template))
    assert summary["Parameters"] == [
        {"ParameterKey": "Size", "DefaultValue": "s", "ParameterType": "String", "NoEcho": False,
         "ParameterConstraints": {"AllowedValues": ["s", "m"]}},
        {"ParameterKey": "Key", "ParameterType": "String", "NoEcho": True,
         "Description": "secret", "ParameterConstraints": {}}]
    assert summary["ResourceTypes"] == ["AWS::SQS::Queue", "AWS::IAM::Role"]
    assert summary["ResourceIdentifierSummaries"][0]["LogicalResourceIds"] == ["Queue", "Other"]
    assert summary["Version"] == "2010-09-09" and summary["Description"] == "of a test"
    assert summary["Metadata"] == "{'Owner': 'team', 'Sizes': [1, True]}"
    assert summary["Capabilities"] == ["CAPABILITY_NAMED_IAM"]
    assert summary["CapabilitiesReason"] == \
        "The following resource(s) require capabilities: [AWS::IAM::Role]"
    checked = cloudformation.validate_template(TemplateBody=json.dumps(template))
    assert [p["ParameterKey"] for p in checked["Parameters"]] == ["Size", "Key"]
    assert "DefaultValue" not in checked["Parameters"][1]


def test_templates_with_mistakes_are_refused_in_the_words_of_aws(cloudformation):
    def refusal(template):
        return error_of(cloudformation.validate_template, TemplateBody=json.dumps(template))[1]

    assert refusal({}) == "Template format error: At least one Resources member must be defined."
    assert refusal({"Resources": {"A": {"Type": "AWS::SQS::Queue", "DependsOn": "B"}}}) == \
        "Template format error: Unresolved resource dependencies [B] in the Resources block of " \
        "the template"
    assert error_of(cloudformation.get_template)[1] == \
        "StackName is required if ChangeSetName is not specified."
    assert error_of(cloudformation.get_template, StackName="nothing")[1] == \
        "Stack with id nothing does not exist"
    assert error_of(cloudformation.describe_stack_events, StackName="nothing")[1] == \
        "Stack [nothing] does not exist"
    assert error_of(cloudformation.describe_stack_resource, StackName="nothing",
                    LogicalResourceId="A")[1] == "Stack 'nothing' does not exist"


def test_parameters_of_the_store_are_looked_up_by_their_names(stack, ssm, name):
    ssm.put_parameter(Name=f"/{name}", Type="StringList", Value="x,y")
    template = one_value({"Fn::Join": ["|", {"Ref": "List"}]}, Parameters={
        "List": {"Type": "AWS::SSM::Parameter::Value<List<String>>", "Default": f"/{name}"}})
    told = stack.create(template)
    assert stack.outputs() == {"Value": "x|y"}
    assert told["Parameters"] == [{"ParameterKey": "List", "ParameterValue": f"/{name}",
                                   "ResolvedValue": "x,y"}]
    assert error_of(stack.client.create_stack, StackName=name + "2",
                    TemplateBody=json.dumps(one_value("x", Parameters={
                        "A": {"Type": "AWS::SSM::Parameter::Value<String>",
                              "Default": "/missing"}})))[1] == \
        "Parameter A should either have input value or default value"


def test_what_makes_identities_or_is_expanded_has_to_be_allowed(cloudformation):
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {}}}
    assert error_of(cloudformation.create_stack, StackName="x", TemplateBody=json.dumps(
        {"Resources": {"Role": role}})) == (
            "InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_IAM]")
    assert error_of(cloudformation.create_stack, StackName="x", TemplateBody=json.dumps(
        one_value("x", Transform="AWS::LanguageExtensions"))) == (
            "InsufficientCapabilitiesException",
            "Requires capabilities : [CAPABILITY_AUTO_EXPAND]")


def test_files_are_included(stack, s3, bucket):
    s3.put_object(Bucket=bucket, Key="part.yaml",
                  Body="Made:\n  Type: AWS::SQS::Queue\n  Properties: {DelaySeconds: 7}\n")
    stack.create({
        "Parameters": {"Bucket": {"Type": "String", "Default": bucket}},
        "Resources": {"Queue": QUEUE, "Fn::Transform": {"Name": "AWS::Include", "Parameters": {
            "Location": {"Fn::Sub": "s3://${Bucket}/part.yaml"}}}}}, Capabilities=EXPANDED)
    assert set(stack.ids()) == {"Queue", "Made"}


def test_a_macro_is_a_function_that_changes_the_template(stack, functions, endpoint, name):
    made = functions_kit.make_function(functions, name, functions_kit.python_package("""
fragment = event["fragment"]
if "Bad" in event["params"]:
    return {"requestId": event["requestId"], "status": "failure", "errorMessage": "too bad"}
fragment["Outputs"] = {"Made": {"Value": event["templateParameterValues"]["Word"].upper()}}
return {"requestId": event["requestId"], "status": "success", "fragment": fragment}
"""))
    stack.create({"Resources": {"Macro": {"Type": "AWS::CloudFormation::Macro", "Properties": {
        "Name": name, "FunctionName": made["FunctionArn"]}}}})
    assert stack.ids() == {"Macro": name}
    user = type(stack)(endpoint, name + "-user")
    template = {"Transform": name, "Parameters": {"Word": {"Type": "String", "Default": "hello"}},
                "Resources": {"Queue": QUEUE}}
    user.create(template, Capabilities=EXPANDED)
    assert user.outputs() == {"Made": "HELLO"}
    template["Transform"] = {"Name": name, "Parameters": {"Bad": "1"}}
    user.client.create_change_set(StackName=user.name, ChangeSetName="bad",
                                  TemplateBody=json.dumps(template))
    told = user.client.describe_change_set(StackName=user.name, ChangeSetName="bad")
    assert (told["Status"], told["StatusReason"]) == (
        "FAILED", f"Transform 000000000000::{name} failed with: too bad")
    user.delete()


def test_a_template_of_sam_becomes_plain_resources(stack):
    stack.create({
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {"Worker": {"Type": "AWS::Serverless::Function", "Properties": {
            "Runtime": "python3.12", "Handler": "index.handler",
            "InlineCode": "def handler(event, context):\n    return 'hi'\n"}}}},
        Capabilities=EXPANDED)
    assert set(stack.ids()) == {"Worker", "WorkerRole"}
