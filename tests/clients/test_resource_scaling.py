"""AWS::ApplicationAutoScaling types in stacks, and global tables whose capacity is scaled."""

import aws_clients
import pytest
from stack_kit import Stack, attribute, ref

READS = "dynamodb:table:ReadCapacityUnits"
WRITES = "dynamodb:table:WriteCapacityUnits"
ROLE = {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/aws-service-role/"
                   "dynamodb.application-autoscaling.amazonaws.com/"
                   "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable"}


@pytest.fixture(scope="module")
def scaling(endpoint):
    return aws_clients.client("application-autoscaling", endpoint)


def targets(scaling, table):
    """{(resource, dimension): (minimum, maximum)} of a table and its indexes."""
    pages = scaling.get_paginator("describe_scalable_targets").paginate(
        ServiceNamespace="dynamodb")
    return {(target["ResourceId"].removeprefix(f"table/{table}"), target["ScalableDimension"]):
            (target["MinCapacity"], target["MaxCapacity"])
            for page in pages for target in page["ScalableTargets"]
            if target["ResourceId"].split("/")[1] == table}


def policies(scaling, table):
    """{policy's name: configuration}"""
    pages = scaling.get_paginator("describe_scaling_policies").paginate(
        ServiceNamespace="dynamodb")
    return {policy["PolicyName"]: policy["TargetTrackingScalingPolicyConfiguration"]
            for page in pages for policy in page["ScalingPolicies"]
            if policy["ResourceId"].split("/")[1] == table}


def table(**properties):
    return {"Type": "AWS::DynamoDB::Table", "Properties": {
        "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
        "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}} | properties}


def target(dimension=READS, **properties):
    return {"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": {
        "ServiceNamespace": "dynamodb", "ResourceId": {"Fn::Sub": "table/${Films}"},
        "ScalableDimension": dimension, "RoleARN": ROLE} | properties}


def tracking(metric, **more):
    return {"PredefinedMetricSpecification": {"PredefinedMetricType": metric}} | more


def policy(**properties):
    return {"Type": "AWS::ApplicationAutoScaling::ScalingPolicy", "Properties": {
        "PolicyType": "TargetTrackingScaling"} | properties}


def test_targets_and_policies_are_made_changed_and_removed(endpoint, scaling, name):
    stack = Stack(endpoint, name)
    night = {"ScheduledActionName": "night", "Schedule": "cron(0 22 * * ? *)",
             "Timezone": "Europe/Berlin", "StartTime": "2027-01-01T00:00:00Z",
             "ScalableTargetAction": {"MinCapacity": 1, "MaxCapacity": 2}}
    resources = {
        "Films": table(),
        "Reads": target(MinCapacity=5, MaxCapacity=50, ScheduledActions=[night, {
            "ScheduledActionName": "day", "Schedule": "rate(1 day)",
            "ScalableTargetAction": {"MinCapacity": 5}}],
            SuspendedState={"DynamicScalingInSuspended": True},
            Tags=[{"Key": "team", "Value": "films"}, {"Key": "stage", "Value": "test"}]),
        "Writes": target(WRITES, MinCapacity=1, MaxCapacity=10),
        "ReadPolicy": policy(
            PolicyName=f"{name}-reads", ScalingTargetId=ref("Reads"),
            TargetTrackingScalingPolicyConfiguration=tracking(
                "DynamoDBReadCapacityUtilization", TargetValue=70, ScaleInCooldown=60,
                ScaleOutCooldown=30, DisableScaleIn=True)),
        "WritePolicy": policy(
            PolicyName=f"{name}-writes", ServiceNamespace="dynamodb", ScalableDimension=WRITES,
            ResourceId={"Fn::Sub": "table/${Films}"},
            TargetTrackingScalingPolicyConfiguration={
                "TargetValue": 12.5, "CustomizedMetricSpecification": {
                    "MetricName": "Waiting", "Namespace": "Films", "Statistic": "Average",
                    "Unit": "Count", "Dimensions": [{"Name": "hall", "Value": "one"}]}})
        | {"DependsOn": "Writes"}}
    outputs = stack.create(resources, {
        "Table": ref("Films"), "Reads": ref("Reads"), "Id": attribute("Reads", "Id"),
        "Policy": ref("ReadPolicy"), "Arn": attribute("ReadPolicy", "Arn")})
    films = outputs["Table"]
    assert outputs["Reads"] == outputs["Id"] == f"table/{films}|{READS}|dynamodb"
    assert outputs["Policy"] == outputs["Arn"]
    assert outputs["Arn"].endswith(f":resource/dynamodb/table/{films}:policyName/{name}-reads")
    assert targets(scaling, films) == {("", READS): (5, 50), ("", WRITES): (1, 10)}
    assert policies(scaling, films)[f"{name}-reads"] == tracking(
        "DynamoDBReadCapacityUtilization", TargetValue=70.0, ScaleInCooldown=60,
        ScaleOutCooldown=30, DisableScaleIn=True)

    def told():
        [told] = scaling.describe_scalable_targets(
            ServiceNamespace="dynamodb", ResourceIds=[f"table/{films}"], ScalableDimension=READS)[
                "ScalableTargets"]
        actions = scaling.describe_scheduled_actions(
            ServiceNamespace="dynamodb", ResourceId=f"table/{films}", ScalableDimension=READS)
        tags = scaling.list_tags_for_resource(ResourceARN=told["ScalableTargetARN"])["Tags"]
        return told["SuspendedState"]["DynamicScalingInSuspended"], {
            action["ScheduledActionName"]: action for action in actions["ScheduledActions"]}, tags

    suspended, actions, tags = told()
    assert suspended and tags == {"team": "films", "stage": "test"}
    assert set(actions) == {"night", "day"} and actions["night"]["Timezone"] == "Europe/Berlin"

    resources["Reads"] = target(MinCapacity=2, MaxCapacity=60, Tags=[
        {"Key": "team", "Value": "books"}], ScheduledActions=[
            {key: night[key] for key in night if key not in ("Timezone", "StartTime")}])
    resources["ReadPolicy"]["Properties"]["TargetTrackingScalingPolicyConfiguration"] = tracking(
        "DynamoDBReadCapacityUtilization", TargetValue=80)
    del resources["Writes"], resources["WritePolicy"]
    stack.update(resources)
    assert targets(scaling, films) == {("", READS): (2, 60)}
    assert policies(scaling, films) == {f"{name}-reads": tracking(
        "DynamoDBReadCapacityUtilization", TargetValue=80.0)}
    suspended, actions, tags = told()
    assert not suspended and tags == {"team": "books"}
    assert set(actions) == {"night"}
    assert "Timezone" not in actions["night"] and "StartTime" not in actions["night"]
    stack.delete()
    assert targets(scaling, films) == {}


def test_a_target_that_is_there_is_not_taken_over(endpoint, scaling, name):
    scaling.register_scalable_target(
        ServiceNamespace="dynamodb", ResourceId=f"table/{name}", ScalableDimension=READS,
        MinCapacity=1, MaxCapacity=2)
    reasons = Stack(endpoint, name).fail_to_create({"Reads": target(
        ResourceId=f"table/{name}", MinCapacity=3, MaxCapacity=4)})
    assert f"with identifier 'table/{name}|{READS}|dynamodb' already exists" in reasons[0]
    assert targets(scaling, name) == {("", READS): (1, 2)}


def test_what_cannot_be_scaled_fails_with_the_reason(endpoint, name):
    reasons = Stack(endpoint, name).fail_to_create({
        "Films": table(), "Reads": target(MinCapacity=5, MaxCapacity=50),
        "Steps": policy(PolicyName="steps", PolicyType="StepScaling",
                        ScalingTargetId=ref("Reads"), StepScalingPolicyConfiguration={
                            "AdjustmentType": "ChangeInCapacity",
                            "StepAdjustments": [{"ScalingAdjustment": 1}]})})
    assert "StepScalingPolicyConfiguration" in reasons[0]
    assert "by target tracking only" in reasons[0]


def scaled(kind, minimum, maximum, **more):
    return {f"{kind}CapacityAutoScalingSettings": {
        "MinCapacity": minimum, "MaxCapacity": maximum,
        "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 70, "ScaleInCooldown": 60}}
        | more}


def global_table(writes, reads, **more):
    """Reads of its index are fixed; all else is scaled."""
    index = {"IndexName": "by-q", "Projection": {"ProjectionType": "ALL"},
             "KeySchema": [{"AttributeName": "q", "KeyType": "HASH"}],
             "WriteProvisionedThroughputSettings": writes}
    replica = {"Region": "us-east-1", "ReadProvisionedThroughputSettings": reads,
               "GlobalSecondaryIndexes": [{
                   "IndexName": "by-q", "ReadProvisionedThroughputSettings": {
                       "ReadCapacityUnits": 3}}]}
    return {"Type": "AWS::DynamoDB::GlobalTable", "Properties": {
        "BillingMode": "PROVISIONED", "WriteProvisionedThroughputSettings": writes,
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key in "pq"],
        "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
        "GlobalSecondaryIndexes": [index], "Replicas": [replica]} | more}


def capacities(dynamodb, films):
    told = dynamodb.describe_table(TableName=films)["Table"]
    return [tuple(owner["ProvisionedThroughput"][f"{kind}CapacityUnits"]
                  for kind in ("Read", "Write"))
            for owner in (told, *told.get("GlobalSecondaryIndexes", []))]


def test_a_global_table_registers_what_is_scaled_of_it(endpoint, dynamodb, scaling, name):
    stack = Stack(endpoint, name)
    films = stack.create({"Films": global_table(
        scaled("Write", 2, 20, SeedCapacity=4), scaled("Read", 3, 30))},
        {"Name": ref("Films")})["Name"]
    assert capacities(dynamodb, films) == [(3, 4), (3, 4)]
    of_index = ("/index/by-q", "dynamodb:index:WriteCapacityUnits")
    assert targets(scaling, films) == {
        ("", WRITES): (2, 20), ("", READS): (3, 30), of_index: (2, 20)}
    assert policies(scaling, films)[
        f"DynamoDBWriteCapacityUtilization:table/{films}/index/by-q"] == tracking(
            "DynamoDBWriteCapacityUtilization", TargetValue=70.0, ScaleInCooldown=60)

    # What is scaled keeps the capacity that it has; what is fixed gets the one that is said.
    stack.update({"Films": global_table(
        scaled("Write", 5, 50, SeedCapacity=9), {"ReadCapacityUnits": 7})})
    assert capacities(dynamodb, films) == [(7, 4), (3, 4)]
    assert targets(scaling, films) == {("", WRITES): (5, 50), of_index: (5, 50)}

    on_demand = global_table(None, None, BillingMode="PAY_PER_REQUEST")
    of_table, [index], [replica] = on_demand["Properties"], on_demand["Properties"][
        "GlobalSecondaryIndexes"], on_demand["Properties"]["Replicas"]
    for owner, gone in ((of_table, "WriteProvisionedThroughputSettings"),
                        (index, "WriteProvisionedThroughputSettings"),
                        (replica, "ReadProvisionedThroughputSettings"),
                        (replica, "GlobalSecondaryIndexes")):
        del owner[gone]
    stack.update({"Films": on_demand})
    assert targets(scaling, films) == {}
    assert capacities(dynamodb, films) == [(0, 0), (0, 0)]
    stack.update({"Films": global_table(
        scaled("Write", 5, 50, SeedCapacity=9), {"ReadCapacityUnits": 7})})
    assert capacities(dynamodb, films) == [(7, 9), (3, 9)]
    stack.delete()
    assert targets(scaling, films) == {}


@pytest.mark.parametrize("properties, reason", [
    ({"WriteProvisionedThroughputSettings": None}, "WriteProvisionedThroughputSettings"),
    ({"Replicas": [{"Region": "us-east-1"}]}, "ReadProvisionedThroughputSettings")])
def test_a_global_table_needs_both_capacities_or_none(endpoint, name, properties, reason):
    resource = global_table(scaled("Write", 1, 2), scaled("Read", 1, 2))
    resource["Properties"] |= properties
    resource["Properties"] = {key: value for key, value in resource["Properties"].items() if value}
    reasons = Stack(endpoint, name).fail_to_create({"Films": resource})
    assert reason in reasons[0]
