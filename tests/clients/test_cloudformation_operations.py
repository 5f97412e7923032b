"""Operations beside those that make stacks: what is told of operations, types and costs; what looks
fails only when a stack is made; nested stacks whose templates change behind their URLs."""

import json

import aws_clients
import pytest
from polling import eventually
from whole_stacks import error_of

QUEUE = {"Type": "AWS::SQS::Queue"}
THING = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "x"}}


@pytest.fixture
def cloudformation(endpoint):
    return aws_clients.client("cloudformation", endpoint)


@pytest.fixture
def ssm(endpoint):
    return aws_clients.client("ssm", endpoint)


def settled(client, name):
    def look():
        told = client.describe_stacks(StackName=name)["Stacks"][0]
        return None if told["StackStatus"].endswith("_IN_PROGRESS") else told
    return eventually(look, seconds=60)


def parameter(value):
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": value}}


FAILING = {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 100000}}


def test_events_are_told_by_operation_and_a_rollback_is_one_of_its_own(cloudformation, name):
    made = cloudformation.create_stack(StackName=name, ClientRequestToken="token-1",
                                       TemplateBody=json.dumps({"Resources": {"Bad": FAILING}}))
    assert settled(cloudformation, name)["StackStatus"] == "ROLLBACK_COMPLETE"
    events = cloudformation.describe_events(StackName=name)["OperationEvents"]
    assert {event["StackId"] for event in events} == {made["StackId"]}
    rollback, creation = events[0]["OperationId"], events[-1]["OperationId"]
    assert rollback != creation
    told = cloudformation.describe_events(OperationId=creation)["OperationEvents"]
    assert [(event["OperationType"], event["EventType"], event["LogicalResourceId"],
             event["ResourceStatus"]) for event in told] == [
        ("CREATE_STACK", "PROVISIONING_ERROR", "Bad", "CREATE_FAILED"),
        ("CREATE_STACK", "STACK_EVENT", name, "CREATE_IN_PROGRESS")]
    assert told[-1]["OperationStatus"] == "IN_PROGRESS"
    assert told[-1]["ClientRequestToken"] == "token-1"
    assert events[0]["OperationType"] == "ROLLBACK"
    assert events[0]["OperationStatus"] == "SUCCEEDED"
    assert events[0]["StartTime"] <= events[0]["EndTime"]
    failed = cloudformation.describe_events(
        StackName=name, Filters={"FailedEvents": True})["OperationEvents"]
    assert [event["LogicalResourceId"] for event in failed] == ["Bad"]
    stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    assert [(last["OperationType"], last["OperationId"]) for last in stack["LastOperations"]] == [
        ("ROLLBACK", rollback), ("CREATE_STACK", creation)]
    assert error_of(cloudformation.describe_events)[1] == \
        "One of ChangeSetName, OperationId or StackName must be specified as input."
    assert "does not exist" in error_of(cloudformation.describe_events, OperationId="none")[1]


def test_the_making_of_a_change_set_is_an_operation(cloudformation, name):
    made = cloudformation.create_change_set(
        StackName=name, ChangeSetName="first", ChangeSetType="CREATE",
        TemplateBody=json.dumps({"Resources": {"Queue": QUEUE}}))
    told = cloudformation.describe_events(ChangeSetName=made["Id"])["OperationEvents"]
    assert [(event["OperationType"], event["OperationStatus"]) for event in told] == [
        ("CREATE_CHANGESET", "SUCCEEDED")]
    assert cloudformation.describe_events(
        OperationId=told[0]["OperationId"])["OperationEvents"] == told
    assert cloudformation.describe_events(
        ChangeSetName="first", StackName=name, Filters={"FailedEvents": True})[
            "OperationEvents"] == []


def test_events_come_in_pages(cloudformation, name):
    resources = {f"Queue{i}": QUEUE for i in range(40)}
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": resources}))
    settled(cloudformation, name)
    pages = list(cloudformation.get_paginator("describe_events").paginate(StackName=name))
    assert len(pages) == 2
    ids = [event["EventId"] for page in pages for event in page["OperationEvents"]]
    assert len(ids) == len(set(ids)) == 40 * 3 + 2


def test_types_are_those_that_this_cloud_serves(cloudformation):
    def names(**wanted):
        return [told["TypeName"] for page in cloudformation.get_paginator("list_types").paginate(
            Visibility="PUBLIC", **wanted) for told in page["TypeSummaries"]]

    everything = names()
    assert "AWS::SQS::Queue" in everything and "AWS::Lambda::Permission" not in everything
    assert "AWS::EC2::Instance" not in everything
    assert everything == sorted(everything)
    assert names(MaxResults=7) == everything
    assert names(Filters={"TypeNamePrefix": "AWS::SQS"}) == [
        name for name in everything if name.startswith("AWS::SQS")]
    assert "AWS::Lambda::Permission" in names(ProvisioningType="IMMUTABLE")
    assert "AWS::CloudFormation::Macro" in names(ProvisioningType="NON_PROVISIONABLE")
    # Nobody can register or activate anything.
    assert names(Filters={"Category": "THIRD_PARTY"}) == []
    assert names(Type="HOOK") == []
    assert cloudformation.list_types()["TypeSummaries"] == []


def test_a_type_is_described_with_its_schema(cloudformation):
    told = cloudformation.describe_type(Type="RESOURCE", TypeName="AWS::SQS::Queue")
    assert told["Visibility"] == "PUBLIC" and told["DeprecatedStatus"] == "LIVE"
    assert told["ProvisioningType"] == "FULLY_MUTABLE"
    schema = json.loads(told["Schema"])
    assert schema["typeName"] == "AWS::SQS::Queue"
    assert schema["primaryIdentifier"] == ["/properties/QueueUrl"]
    assert schema["properties"]["FifoQueue"]["type"] == "boolean"
    assert schema["tagging"] == {"tagProperty": "/properties/Tags"}
    assert cloudformation.describe_type(Arn=told["Arn"])["TypeName"] == "AWS::SQS::Queue"
    for unknown in ({"Type": "RESOURCE", "TypeName": "AWS::EC2::Instance"},
                    {"Type": "HOOK", "TypeName": "AWS::SQS::Queue"}):
        code, message = error_of(cloudformation.describe_type, **unknown)
        assert "TypeNotFoundException" in code
        assert message == f"The type '{unknown['TypeName']}' cannot be found."


def test_a_cost_is_for_the_calculator_of_aws_and_the_template_has_to_be_right(cloudformation):
    template = {"Parameters": {"Size": {"Type": "Number", "MaxValue": 3}},
                "Resources": {"Queue": QUEUE}}

    def estimate(**wanted):
        return cloudformation.estimate_template_cost(TemplateBody=json.dumps(template), **wanted)

    url = estimate(Parameters=[{"ParameterKey": "Size", "ParameterValue": "1"}])["Url"]
    assert url.startswith("http://calculator.s3.amazonaws.com/calc5.html?key=cloudformation/")
    assert error_of(estimate)[1] == "Parameters: [Size] must have values"
    assert "not greater than 3" in error_of(
        estimate, Parameters=[{"ParameterKey": "Size", "ParameterValue": "4"}])[1]


def test_a_summary_tells_what_resources_are_imported_by(cloudformation):
    def summary(resources, **more):
        return cloudformation.get_template_summary(
            TemplateBody=json.dumps({"Resources": resources}), **more)

    told = summary({"A": QUEUE, "B": QUEUE, "C": {"Type": "AWS::S3::Bucket"}})
    assert told["ResourceIdentifierSummaries"] == [
        {"ResourceType": "AWS::SQS::Queue", "LogicalResourceIds": ["A", "B"],
         "ResourceIdentifiers": ["QueueUrl"]},
        {"ResourceType": "AWS::S3::Bucket", "LogicalResourceIds": ["C"],
         "ResourceIdentifiers": ["BucketName"]}]
    unknown = {"A": QUEUE, "X": {"Type": "AWS::Nothing::Here"}}
    assert error_of(summary, resources=unknown)[1] == \
        "Template format error: Unrecognized resource types: [AWS::Nothing::Here]"
    told = summary(unknown, TemplateSummaryConfig={
        "TreatUnrecognizedResourceTypesAsWarnings": True})
    assert told["Warnings"] == {"UnrecognizedResourceTypes": ["AWS::Nothing::Here"]}


def test_a_transform_that_fails_makes_a_stack_that_fails(cloudformation, name):
    bad = {"Transform": "AWS::Serverless-2016-10-31", "Resources": {
        "Function": {"Type": "AWS::Serverless::Function", "Properties": {"Colour": "red"}}}}
    good = {"Resources": {"Thing": THING}}
    made = cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(bad),
                                       Capabilities=["CAPABILITY_AUTO_EXPAND"])
    assert settled(cloudformation, name)["StackStatus"] == "ROLLBACK_COMPLETE"
    events = cloudformation.describe_stack_events(StackName=made["StackId"])["StackEvents"]
    assert [event["ResourceStatus"] for event in reversed(events)] == [
        "CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE"]
    reason = events[1]["ResourceStatusReason"]
    assert reason.startswith("Transform AWS::Serverless-2016-10-31 failed with: ")
    assert reason.endswith(". Rollback requested by user.")
    assert cloudformation.get_template(StackName=name)["TemplateBody"] == bad
    cloudformation.delete_stack(StackName=name)
    eventually(lambda: name not in [
        stack["StackName"] for stack in cloudformation.describe_stacks()["Stacks"]])
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(good))
    assert settled(cloudformation, name)["StackStatus"] == "CREATE_COMPLETE"
    cloudformation.update_stack(StackName=name, TemplateBody=json.dumps(bad),
                                Capabilities=["CAPABILITY_AUTO_EXPAND"])
    told = settled(cloudformation, name)
    assert told["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert cloudformation.get_template(StackName=name)["TemplateBody"] == good
    # Without a rollback it stays as it failed, and can be updated.
    cloudformation.delete_stack(StackName=name)
    eventually(lambda: name not in [
        stack["StackName"] for stack in cloudformation.describe_stacks()["Stacks"]])
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(bad), DisableRollback=True,
                                Capabilities=["CAPABILITY_AUTO_EXPAND"])
    assert settled(cloudformation, name)["StackStatus"] == "CREATE_FAILED"
    cloudformation.update_stack(StackName=name, TemplateBody=json.dumps(good))
    assert settled(cloudformation, name)["StackStatus"] == "UPDATE_COMPLETE"


@pytest.mark.parametrize("type, right, wrong", [
    ("AWS::EC2::VPC::Id", "vpc-0a1b2c3d", "subnet-0a1b2c3d"),
    ("List<AWS::EC2::Subnet::Id>", "subnet-0a1b2c3d, subnet-1", "subnet-1,other"),
    ("AWS::EC2::AvailabilityZone::Name", "eu-west-1b", "eu-west-1"),
    ("AWS::Route53::HostedZone::Id", "Z0123ABC", "example.com")])
def test_values_of_the_types_of_aws_have_their_form(cloudformation, name, type, right, wrong):
    template = json.dumps({"Parameters": {"P": {"Type": type}}, "Resources": {"Thing": THING}})

    def status(value, stack):
        cloudformation.create_stack(StackName=stack, TemplateBody=template, Parameters=[
            {"ParameterKey": "P", "ParameterValue": value}])
        return settled(cloudformation, stack)["StackStatus"]

    assert status(right, name + "a") == "CREATE_COMPLETE"
    assert status(wrong, name + "b") == "ROLLBACK_COMPLETE"
    events = cloudformation.describe_stack_events(StackName=name + "b")["StackEvents"]
    assert events[1]["ResourceStatusReason"] == \
        f"Parameter validation failed: parameter value {wrong.split(',')[-1]} for parameter " \
        "name P does not exist. Rollback requested by user."
    made = cloudformation.create_change_set(
        StackName=name + "a", ChangeSetName="c", TemplateBody=template, Parameters=[
            {"ParameterKey": "P", "ParameterValue": wrong}])
    told = cloudformation.describe_change_set(ChangeSetName=made["Id"])
    assert told["Status"] == "FAILED" and "does not exist" in told["StatusReason"]


def test_an_image_whose_id_is_in_the_store_is_looked_at_there(cloudformation, ssm, name):
    ssm.put_parameter(Name=f"/{name}", Type="String", Value="no image")
    template = {"Resources": {"Thing": THING}, "Parameters": {
        "Image": {"Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
                  "Default": f"/{name}"}}}
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template))
    assert settled(cloudformation, name)["StackStatus"] == "ROLLBACK_COMPLETE"
    ssm.put_parameter(Name=f"/{name}", Type="String", Value="ami-0a1b", Overwrite=True)
    cloudformation.create_stack(StackName=name + "2", TemplateBody=json.dumps(template))
    assert settled(cloudformation, name + "2")["StackStatus"] == "CREATE_COMPLETE"


def test_an_update_sees_the_latest_value_behind_a_reference(cloudformation, ssm, name):
    ssm.put_parameter(Name=f"/{name}", Type="String", Value="one")

    def stored():
        ids = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
        return ssm.get_parameter(Name=ids[0]["PhysicalResourceId"])["Parameter"]["Value"]

    template = json.dumps({"Resources": {
        "Thing": parameter(f"<{{{{resolve:ssm:/{name}}}}}>")}})
    cloudformation.create_stack(StackName=name, TemplateBody=template)
    settled(cloudformation, name)
    assert stored() == "<one>"
    assert error_of(cloudformation.update_stack, StackName=name, TemplateBody=template)[1] == \
        "No updates are to be performed."
    ssm.put_parameter(Name=f"/{name}", Type="String", Value="two", Overwrite=True)
    made = cloudformation.create_change_set(StackName=name, ChangeSetName="c",
                                            TemplateBody=template)
    changes = cloudformation.describe_change_set(
        ChangeSetName=made["Id"], IncludePropertyValues=True)["Changes"]
    [detail] = changes[0]["ResourceChange"]["Details"]
    assert (detail["ChangeSource"], detail["Evaluation"]) == ("DirectModification", "Static")
    assert (detail["Target"]["BeforeValue"], detail["Target"]["AfterValue"]) == ("<one>", "<two>")
    cloudformation.execute_change_set(ChangeSetName=made["Id"])
    assert settled(cloudformation, name)["StackStatus"] == "UPDATE_COMPLETE"
    assert stored() == "<two>"
    # An update that fails goes back to the value of before, not to the one that is there by then.
    ssm.put_parameter(Name=f"/{name}", Type="String", Value="three", Overwrite=True)
    failing = json.loads(template)
    failing["Resources"]["Bad"] = {**FAILING, "DependsOn": "Thing"}
    cloudformation.update_stack(StackName=name, TemplateBody=json.dumps(failing))
    assert settled(cloudformation, name)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert stored() == "<two>"


def test_a_template_has_sixty_dynamic_references_at_most(endpoint, cloudformation, name):
    aws_clients.client("ssm", endpoint).put_parameter(Name="/x", Value="x", Type="String")

    def template(count):
        return json.dumps({"Resources": {
            f"P{i}": parameter("{{resolve:ssm:/x:1}}") for i in range(count)}})

    assert "61 dynamic references" in error_of(
        cloudformation.create_stack, StackName=name, TemplateBody=template(61))[1]
    cloudformation.create_change_set(StackName=name, ChangeSetName="c", ChangeSetType="CREATE",
                                     TemplateBody=template(60))


def test_a_table_of_the_same_name_cannot_be_replaced(cloudformation, name):
    def template(key):
        return json.dumps({"Resources": {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": {
            "TableName": name, "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}]}}}})

    cloudformation.create_stack(StackName=name, TemplateBody=template("a"))
    settled(cloudformation, name)
    cloudformation.update_stack(StackName=name, TemplateBody=template("b"))
    assert settled(cloudformation, name)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    [failed] = [event for event in events if event["ResourceStatus"] == "UPDATE_FAILED"]
    assert failed["ResourceStatusReason"] == (
        "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
        f"Rename {name} and update the stack again.")


@pytest.fixture
def nested(cloudformation, s3, bucket, endpoint, name):
    """Two stacks: what the inner one is made of lies behind one URL."""
    def put(value):
        s3.put_object(Bucket=bucket, Key="inner.json", Body=json.dumps({
            "Resources": {"Thing": parameter(value)},
            "Outputs": {"Value": {"Value": {"Fn::GetAtt": ["Thing", "Value"]}}}}))

    def outer(**more):
        return json.dumps({"Resources": {"Inner": {
            "Type": "AWS::CloudFormation::Stack",
            "Properties": {"TemplateURL": f"{endpoint}/{bucket}/inner.json"}}, **more},
            "Outputs": {"Value": {"Value": {"Fn::GetAtt": ["Inner", "Outputs.Value"]}}}})

    put("one")
    cloudformation.create_stack(StackName=name, TemplateBody=outer())
    assert settled(cloudformation, name)["StackStatus"] == "CREATE_COMPLETE"
    return put, outer


def outputs_of(cloudformation, name):
    return [output["OutputValue"] for output in settled(cloudformation, name)["Outputs"]]


def test_every_update_looks_at_what_is_behind_the_url_of_a_nested_stack(cloudformation, nested,
                                                                        name):
    put, outer = nested
    made = cloudformation.create_change_set(StackName=name, ChangeSetName="c",
                                            TemplateBody=outer())
    [change] = cloudformation.describe_change_set(ChangeSetName=made["Id"])["Changes"]
    change = change["ResourceChange"]
    assert (change["Action"], change["Replacement"]) == ("Modify", "False")
    assert [(detail["ChangeSource"], detail["Evaluation"]) for detail in change["Details"]] == [
        ("Automatic", "Dynamic")]
    put("two")
    cloudformation.update_stack(StackName=name, TemplateBody=outer())
    assert settled(cloudformation, name)["StackStatus"] == "UPDATE_COMPLETE"
    assert outputs_of(cloudformation, name) == ["two"]


def test_a_nested_stack_goes_back_to_what_it_was_whatever_its_url_has(cloudformation, nested, s3,
                                                                      bucket, name):
    put, outer = nested
    put("two")
    late = {"Type": "AWS::SQS::Queue", "DependsOn": "Inner",
            "Properties": {"DelaySeconds": 100000}}
    cloudformation.update_stack(StackName=name, TemplateBody=outer(Late=late))
    assert settled(cloudformation, name)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert outputs_of(cloudformation, name) == ["one"]
    inner = cloudformation.describe_stack_resource(
        StackName=name, LogicalResourceId="Inner")["StackResourceDetail"]["PhysicalResourceId"]
    assert settled(cloudformation, inner)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert outputs_of(cloudformation, inner) == ["one"]
    template = cloudformation.get_template(StackName=inner)["TemplateBody"]
    assert template["Resources"]["Thing"]["Properties"]["Value"] == "one"
    # Neither does it need what the URL had.
    s3.delete_object(Bucket=bucket, Key="inner.json")
    cloudformation.update_stack(StackName=name, TemplateBody=outer(Late=late))
    assert settled(cloudformation, name)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert outputs_of(cloudformation, inner) == ["one"]


def settled_change_set(cloudformation, made):
    def look():
        told = cloudformation.describe_change_set(ChangeSetName=made["Id"])
        return None if told["Status"].endswith("_IN_PROGRESS") else told
    return eventually(look, seconds=30)


def test_change_sets_of_nested_stacks_are_made_told_and_executed_with_their_root(
        cloudformation, ssm, s3, bucket, endpoint, name):
    def put(value):
        s3.put_object(Bucket=bucket, Key="inner.json", Body=json.dumps({
            "Parameters": {"Of": {"Type": "String", "MaxLength": 200}},
            "Resources": {"Thing": parameter({"Fn::Sub": value + " ${Of}"})},
            "Outputs": {"Value": {"Value": {"Fn::GetAtt": ["Thing", "Value"]}}}}))

    outer = json.dumps({"Resources": {
        "Thing": THING,
        "Inner": {"Type": "AWS::CloudFormation::Stack", "Properties": {
            "TemplateURL": f"{endpoint}/{bucket}/inner.json",
            "Parameters": {"Of": {"Ref": "Thing"}}}}},
        "Outputs": {"Value": {"Value": {"Fn::GetAtt": ["Inner", "Outputs.Value"]}}}})

    def change(kind):
        return cloudformation.create_change_set(
            StackName=name, ChangeSetName=f"root-{kind}", ChangeSetType=kind, TemplateBody=outer,
            IncludeNestedStacks=True)

    def nested_of(made):
        told = settled_change_set(cloudformation, made)
        assert told["Status"] == "CREATE_COMPLETE", told
        assert told["IncludeNestedStacks"] is True
        ids = {each["ResourceChange"]["LogicalResourceId"]:
               each["ResourceChange"].get("ChangeSetId") for each in told["Changes"]}
        nested = cloudformation.describe_change_set(ChangeSetName=ids["Inner"])
        assert nested["ParentChangeSetId"] == nested["RootChangeSetId"] == made["Id"]
        return nested

    put("one")
    made = change("CREATE")
    nested = nested_of(made)
    assert [each["ResourceChange"]["Action"] for each in nested["Changes"]] == ["Add"]
    assert nested["Parameters"][0]["ParameterValue"] == "{{changeSet:KNOWN_AFTER_APPLY}}"
    assert cloudformation.describe_stacks(StackName=nested["StackId"])["Stacks"][0][
        "StackStatus"] == "REVIEW_IN_PROGRESS"
    for call in (cloudformation.execute_change_set, cloudformation.delete_change_set):
        assert "is nested and is" in error_of(call, ChangeSetName=nested["ChangeSetId"])[1]
    # What the URL has by then does not count.
    put("two")
    cloudformation.execute_change_set(ChangeSetName=made["Id"])
    assert settled(cloudformation, name)["StackStatus"] == "CREATE_COMPLETE"
    ids = {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in
           cloudformation.describe_stack_resources(StackName=name)["StackResources"]}
    assert ids["Inner"] == nested["StackId"]
    assert outputs_of(cloudformation, name) == [f"one {ids['Thing']}"]
    assert cloudformation.describe_change_set(ChangeSetName=nested["ChangeSetId"])[
        "ExecutionStatus"] == "EXECUTE_COMPLETE"
    assert cloudformation.describe_stacks(StackName=ids["Inner"])["Stacks"][0]["ParentId"] == \
        made["StackId"]
    # An update tells what changes inside.
    made = change("UPDATE")
    nested = nested_of(made)
    assert [(each["ResourceChange"]["Action"], each["ResourceChange"]["LogicalResourceId"])
            for each in nested["Changes"]] == [("Modify", "Thing")]
    cloudformation.execute_change_set(ChangeSetName=made["Id"])
    assert settled(cloudformation, name)["StackStatus"] == "UPDATE_COMPLETE"
    assert outputs_of(cloudformation, name) == [f"two {ids['Thing']}"]
    # Where nothing changes inside either, nothing changes.
    made = cloudformation.create_change_set(
        StackName=name, ChangeSetName="nothing", TemplateBody=outer, IncludeNestedStacks=True)
    told = settled_change_set(cloudformation, made)
    assert told["Status"] == "FAILED" and "didn't contain changes" in told["StatusReason"]
    cloudformation.delete_stack(StackName=name)
    assert settled(cloudformation, made["StackId"])["StackStatus"] == "DELETE_COMPLETE"


def test_nested_change_sets_go_with_their_root(cloudformation, s3, bucket, endpoint, name):
    s3.put_object(Bucket=bucket, Key="inner.json",
                  Body=json.dumps({"Resources": {"Thing": THING}}))
    template = {"Resources": {"Inner": {"Type": "AWS::CloudFormation::Stack", "Properties": {
        "TemplateURL": f"{endpoint}/{bucket}/inner.json"}}}}

    def change(set_name):
        made = cloudformation.create_change_set(
            StackName=name, ChangeSetName=set_name, ChangeSetType="CREATE",
            TemplateBody=json.dumps(template), IncludeNestedStacks=True)
        return settled_change_set(cloudformation, made)

    root = change("a")
    nested = root["Changes"][0]["ResourceChange"]["ChangeSetId"]
    inner = cloudformation.describe_change_set(ChangeSetName=nested)["StackId"]
    cloudformation.delete_change_set(ChangeSetName=root["ChangeSetId"])
    assert "does not exist" in error_of(cloudformation.describe_change_set,
                                        ChangeSetName=nested)[1]
    assert "does not exist" in error_of(cloudformation.describe_stacks, StackName=inner)[1]
    # One that cannot be made fails its root.
    template["Resources"]["Inner"]["Properties"]["TemplateURL"] += ".missing"
    failed = change("b")
    assert failed["Status"] == "FAILED" and failed["ExecutionStatus"] == "UNAVAILABLE"
    assert failed["StatusReason"]
