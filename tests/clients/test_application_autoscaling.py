"""Application Auto Scaling as tools see it that deploy: boto3 on a running server."""

import datetime

import aws_clients
import pytest
from aws_clients import error_of
from botocore.exceptions import ClientError

ACCOUNT = "000000000000"
READS = "dynamodb:table:ReadCapacityUnits"
TRACKING = {"TargetValue": 70.0, "ScaleInCooldown": 60,
            "PredefinedMetricSpecification": {
                "PredefinedMetricType": "DynamoDBReadCapacityUtilization"}}


@pytest.fixture(scope="module")
def scaling(endpoint):
    return aws_clients.client("application-autoscaling", endpoint)


@pytest.fixture
def reads(scaling, name):
    """A registered target, as parameters of the other operations."""
    target = {"ServiceNamespace": "dynamodb", "ResourceId": f"table/{name}",
              "ScalableDimension": READS}
    scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=10,
                                     Tags={"team": "films"})
    return target


def message_of(raised):
    return raised.value.response["Error"]["Message"]


def targets(scaling, target):
    return scaling.describe_scalable_targets(
        ServiceNamespace=target["ServiceNamespace"], ResourceIds=[target["ResourceId"]])[
            "ScalableTargets"]


def test_a_target_is_registered_changed_described_and_removed(scaling, reads):
    [told] = targets(scaling, reads)
    assert {key: told[key] for key in reads} == reads
    assert (told["MinCapacity"], told["MaxCapacity"]) == (1, 10)
    assert told["RoleARN"] == (
        f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/"
        "dynamodb.application-autoscaling.amazonaws.com/"
        "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable")
    assert told["SuspendedState"] == {
        "DynamicScalingInSuspended": False, "DynamicScalingOutSuspended": False,
        "ScheduledScalingSuspended": False}
    arn = scaling.register_scalable_target(**reads, MaxCapacity=20, SuspendedState={
        "DynamicScalingInSuspended": True})["ScalableTargetARN"]
    [changed] = targets(scaling, reads)
    assert changed["ScalableTargetARN"] == arn == told["ScalableTargetARN"]
    assert (changed["MinCapacity"], changed["MaxCapacity"]) == (1, 20)
    assert changed["SuspendedState"]["DynamicScalingInSuspended"]
    assert changed["CreationTime"] == told["CreationTime"]
    scaling.deregister_scalable_target(**reads)
    assert targets(scaling, reads) == []
    with pytest.raises(ClientError) as raised:
        scaling.deregister_scalable_target(**reads)
    assert error_of(raised) == ("ObjectNotFoundException", 400)
    assert message_of(raised) == (
        f"No scalable target found for service namespace: dynamodb, resource ID: "
        f"{reads['ResourceId']}, scalable dimension: {READS}")


def test_what_does_not_belong_together_is_refused(scaling, name):
    def code(**changed):
        with pytest.raises(ClientError) as raised:
            scaling.register_scalable_target(**{
                "ServiceNamespace": "dynamodb", "ResourceId": f"table/{name}",
                "ScalableDimension": READS, "MinCapacity": 1, "MaxCapacity": 2} | changed)
        return error_of(raised)

    invalid = ("ValidationException", 400)
    assert code(ResourceId=f"table/{name}/index/idx") == invalid
    assert code(ResourceId=name) == invalid
    assert code(ScalableDimension="dynamodb:index:ReadCapacityUnits") == invalid
    assert code(ScalableDimension="lambda:function:ProvisionedConcurrency") == invalid
    assert code(MinCapacity=3) == invalid
    assert code(MinCapacity=-1) == invalid
    assert code(ServiceNamespace="ecs", ResourceId="service/a/b",
                ScalableDimension="ecs:service:DesiredCount") == ("NotImplemented", 501)
    with pytest.raises(ClientError) as raised:
        scaling.register_scalable_target(ServiceNamespace="dynamodb", ResourceId=f"table/{name}",
                                         ScalableDimension=READS, MinCapacity=1)
    assert error_of(raised) == invalid
    assert targets(scaling, {"ServiceNamespace": "dynamodb", "ResourceId": f"table/{name}"}) == []


def test_policies_are_kept_and_go_with_their_target(scaling, reads):
    made = scaling.put_scaling_policy(
        **reads, PolicyName="reads", PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=TRACKING)
    assert made["PolicyARN"].startswith(f"arn:aws:autoscaling:us-east-1:{ACCOUNT}:scalingPolicy:")
    assert made["PolicyARN"].endswith(
        f":resource/dynamodb/{reads['ResourceId']}:policyName/reads")
    assert made["Alarms"] == []

    def policies():
        return scaling.describe_scaling_policies(
            ServiceNamespace="dynamodb", ResourceId=reads["ResourceId"])["ScalingPolicies"]

    [told] = policies()
    assert told["PolicyType"] == "TargetTrackingScaling"
    assert told["TargetTrackingScalingPolicyConfiguration"] == TRACKING
    again = scaling.put_scaling_policy(
        **reads, PolicyName="reads",
        TargetTrackingScalingPolicyConfiguration=TRACKING | {"TargetValue": 50.5})
    assert again["PolicyARN"] == made["PolicyARN"]
    assert policies()[0]["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 50.5
    scaling.deregister_scalable_target(**reads)
    assert policies() == []
    with pytest.raises(ClientError) as raised:
        scaling.put_scaling_policy(
            **reads, PolicyName="reads", PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration=TRACKING)
    assert error_of(raised) == ("ObjectNotFoundException", 400)
    assert message_of(raised).startswith("No scalable target registered for service namespace")


def test_other_kinds_of_policies_and_metrics_are_refused(scaling, reads):
    def refused(**more):
        with pytest.raises(ClientError) as raised:
            scaling.put_scaling_policy(**reads, PolicyName="p", **more)
        assert error_of(raised) == ("ValidationException", 400)
        return message_of(raised)

    assert "StepScaling" in refused(StepScalingPolicyConfiguration={"StepAdjustments": []})
    assert "PredictiveScaling" in refused(PolicyType="PredictiveScaling")
    writes = {"PredefinedMetricType": "DynamoDBWriteCapacityUtilization"}
    assert "DynamoDBReadCapacityUtilization" in refused(
        PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 70, "PredefinedMetricSpecification": writes})
    assert "Exactly one" in refused(
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={"TargetValue": 70})
    with pytest.raises(ClientError) as raised:
        scaling.delete_scaling_policy(**reads, PolicyName="p")
    assert error_of(raised) == ("ObjectNotFoundException", 400)


def test_scheduled_actions_are_kept(scaling, reads):
    start = datetime.datetime(2030, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
    scaling.put_scheduled_action(
        **reads, ScheduledActionName="night", Schedule="cron(0 22 * * ? *)",
        Timezone="Europe/Berlin", StartTime=start, ScalableTargetAction={"MaxCapacity": 2})

    def actions():
        return scaling.describe_scheduled_actions(
            ServiceNamespace="dynamodb", ResourceId=reads["ResourceId"])["ScheduledActions"]

    [told] = actions()
    assert told["Schedule"] == "cron(0 22 * * ? *)"
    assert told["StartTime"] == start
    assert told["ScalableTargetAction"] == {"MaxCapacity": 2}
    assert told["ScheduledActionARN"].endswith(":scheduledActionName/night")
    scaling.put_scheduled_action(**reads, ScheduledActionName="night",
                                 ScalableTargetAction={"MaxCapacity": 3})
    [changed] = actions()
    assert changed["Timezone"] == "Europe/Berlin"
    assert changed["ScalableTargetAction"] == {"MaxCapacity": 3}
    assert "StartTime" not in changed
    for wrong in ({"Schedule": "every day"}, {"ScalableTargetAction": {}}):
        with pytest.raises(ClientError) as raised:
            scaling.put_scheduled_action(**reads, ScheduledActionName="night", **wrong)
        assert error_of(raised) == ("ValidationException", 400)
    scaling.delete_scheduled_action(**reads, ScheduledActionName="night")
    assert actions() == []


def test_targets_come_in_pages_and_have_no_activities(scaling, name):
    for number in range(5):
        scaling.register_scalable_target(
            ServiceNamespace="lambda", ResourceId=f"function:{name}-{number}:live",
            ScalableDimension="lambda:function:ProvisionedConcurrency", MinCapacity=0,
            MaxCapacity=1)
    pages = scaling.get_paginator("describe_scalable_targets").paginate(
        ServiceNamespace="lambda", PaginationConfig={"PageSize": 2})
    sizes = [len(page["ScalableTargets"]) for page in pages]
    assert sum(sizes) >= 5
    assert set(sizes[:-1]) == {2}
    assert scaling.describe_scaling_activities(ServiceNamespace="lambda")["ScalingActivities"] == []
    with pytest.raises(ClientError) as raised:
        scaling.describe_scalable_targets(ServiceNamespace="lambda", NextToken="none")
    assert error_of(raised) == ("InvalidNextTokenException", 400)


def test_tags_are_added_listed_and_removed(scaling, reads):
    arn = targets(scaling, reads)[0]["ScalableTargetARN"]
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"team": "films"}
    scaling.tag_resource(ResourceARN=arn, Tags={"stage": "test"})
    scaling.untag_resource(ResourceARN=arn, TagKeys=["team", "unknown"])
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"stage": "test"}
    with pytest.raises(ClientError) as raised:
        scaling.tag_resource(ResourceARN=arn, Tags={str(number): "" for number in range(50)})
    assert error_of(raised) == ("TooManyTagsException", 400)
    with pytest.raises(ClientError) as raised:
        scaling.list_tags_for_resource(ResourceARN=arn[:-1] + "x")
    assert error_of(raised) == ("ResourceNotFoundException", 400)
