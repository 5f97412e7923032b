"""Repositories of ECR as tools see them that deploy: boto3 on a running server."""

import json

import aws_clients
import pytest
from aws_clients import error_of
from botocore.exceptions import ClientError

ACCOUNT = "000000000000"
LIFECYCLE = {"rules": [{
    "rulePriority": 1, "description": "Untagged images go after a year",
    "selection": {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days",
                  "countNumber": 365},
    "action": {"type": "expire"}}]}
# As cdk bootstrap sets it: without resources.
POLICY = {"Version": "2012-10-17", "Statement": [{
    "Sid": "LambdaECRImageRetrievalPolicy", "Effect": "Allow",
    "Principal": {"Service": ["lambda.amazonaws.com"]},
    "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    "Condition": {"StringLike": {
        "aws:sourceArn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:*"}}}]}


@pytest.fixture(scope="module")
def ecr(endpoint):
    return aws_clients.client("ecr", endpoint)


@pytest.fixture
def repository(ecr, name):
    ecr.create_repository(repositoryName=name)
    return name


def message_of(raised):
    return raised.value.response["Error"]["Message"]


def test_a_repository_is_made_described_and_deleted(ecr, name):
    made = ecr.create_repository(repositoryName=f"team/{name}")["repository"]
    assert made["repositoryArn"] == f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/team/{name}"
    assert made["repositoryUri"] == f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/team/{name}"
    assert made["registryId"] == ACCOUNT
    assert made["imageTagMutability"] == "MUTABLE"
    assert made["imageScanningConfiguration"] == {"scanOnPush": False}
    assert made["encryptionConfiguration"] == {"encryptionType": "AES256"}
    described = ecr.describe_repositories(repositoryNames=[f"team/{name}"])["repositories"]
    assert described == [made]
    assert ecr.delete_repository(repositoryName=f"team/{name}")["repository"] == made
    with pytest.raises(ClientError) as raised:
        ecr.describe_repositories(repositoryNames=[f"team/{name}"])
    assert error_of(raised) == ("RepositoryNotFoundException", 400)
    assert message_of(raised) == (f"The repository with name 'team/{name}' does not exist in the "
                                  f"registry with id '{ACCOUNT}'")


def test_a_repository_is_there_once(ecr, repository):
    with pytest.raises(ClientError) as raised:
        ecr.create_repository(repositoryName=repository)
    assert error_of(raised) == ("RepositoryAlreadyExistsException", 400)
    assert message_of(raised) == (f"The repository with name '{repository}' already exists in the "
                                  f"registry with id '{ACCOUNT}'")


def test_a_name_in_capitals_is_refused(ecr):
    with pytest.raises(ClientError) as raised:
        ecr.create_repository(repositoryName="Films")
    assert error_of(raised) == ("InvalidParameterException", 400)
    assert message_of(raised).startswith(
        "Invalid parameter at 'repositoryName' failed to satisfy constraint: "
        "'Member must satisfy regular expression pattern: ")


def test_pages_of_repositories_follow_each_other(endpoint, name):
    ecr = aws_clients.client("ecr", endpoint, region="eu-north-1")
    names = [f"{name}-{number}" for number in range(5)]
    for each in names:
        ecr.create_repository(repositoryName=each)
    pages = ecr.get_paginator("describe_repositories").paginate(PaginationConfig={"PageSize": 2})
    assert [[each["repositoryName"] for each in page["repositories"]] for page in pages] == [
        names[:2], names[2:4], names[4:]]


def test_settings_are_changed_in_place(ecr, repository):
    ecr.put_image_scanning_configuration(
        repositoryName=repository, imageScanningConfiguration={"scanOnPush": True})
    filters = [{"filterType": "WILDCARD", "filter": "latest*"}]
    ecr.put_image_tag_mutability(
        repositoryName=repository, imageTagMutability="IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters=filters)
    described = ecr.describe_repositories(repositoryNames=[repository])["repositories"][0]
    assert described["imageScanningConfiguration"] == {"scanOnPush": True}
    assert described["imageTagMutability"] == "IMMUTABLE_WITH_EXCLUSION"
    assert described["imageTagMutabilityExclusionFilters"] == filters
    with pytest.raises(ClientError) as raised:
        ecr.put_image_tag_mutability(repositoryName=repository, imageTagMutability="IMMUTABLE",
                                     imageTagMutabilityExclusionFilters=filters)
    assert error_of(raised) == ("InvalidParameterException", 400)


def test_a_policy_of_lambda_needs_no_resource(ecr, repository):
    with pytest.raises(ClientError) as raised:
        ecr.get_repository_policy(repositoryName=repository)
    assert error_of(raised) == ("RepositoryPolicyNotFoundException", 400)
    assert message_of(raised) == (f"Repository policy does not exist for the repository with name "
                                  f"'{repository}' in the registry with id '{ACCOUNT}'")
    ecr.set_repository_policy(repositoryName=repository, policyText=json.dumps(POLICY))
    read = ecr.get_repository_policy(repositoryName=repository)
    assert json.loads(read["policyText"]) == POLICY
    deleted = ecr.delete_repository_policy(repositoryName=repository)
    assert json.loads(deleted["policyText"]) == POLICY
    with pytest.raises(ClientError) as raised:
        ecr.delete_repository_policy(repositoryName=repository)
    assert error_of(raised) == ("RepositoryPolicyNotFoundException", 400)


def test_a_policy_that_is_none_is_refused(ecr, repository):
    with pytest.raises(ClientError) as raised:
        ecr.set_repository_policy(repositoryName=repository, policyText='{"Statement": 1}')
    assert error_of(raised) == ("InvalidParameterException", 400)
    assert message_of(raised) == ("Invalid parameter at 'PolicyText' failed to satisfy "
                                  "constraint: 'Invalid repository policy provided'")


def test_a_lifecycle_policy_is_kept_until_it_is_deleted(ecr, repository):
    ecr.put_lifecycle_policy(repositoryName=repository, lifecyclePolicyText=json.dumps(LIFECYCLE))
    read = ecr.get_lifecycle_policy(repositoryName=repository)
    assert json.loads(read["lifecyclePolicyText"]) == LIFECYCLE
    ecr.delete_lifecycle_policy(repositoryName=repository)
    with pytest.raises(ClientError) as raised:
        ecr.get_lifecycle_policy(repositoryName=repository)
    assert error_of(raised) == ("LifecyclePolicyNotFoundException", 400)
    assert message_of(raised) == (f"Lifecycle policy does not exist for the repository with name "
                                  f"'{repository}' in the registry with id '{ACCOUNT}'")


def test_a_lifecycle_policy_with_a_fault_is_refused(ecr, repository):
    twice = {"rules": LIFECYCLE["rules"] * 2}
    with pytest.raises(ClientError) as raised:
        ecr.put_lifecycle_policy(repositoryName=repository, lifecyclePolicyText=json.dumps(twice))
    assert error_of(raised) == ("InvalidParameterException", 400)
    assert message_of(raised).startswith(
        "Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: "
        "'Lifecycle policy validation failure: ")


def test_tags_are_added_and_removed(ecr, name):
    made = ecr.create_repository(repositoryName=name, tags=[{"Key": "team", "Value": "film"}])
    arn = made["repository"]["repositoryArn"]
    ecr.tag_resource(resourceArn=arn, tags=[{"Key": "team", "Value": "music"},
                                            {"Key": "stage", "Value": "test"}])
    ecr.untag_resource(resourceArn=arn, tagKeys=["stage", "unknown"])
    assert ecr.list_tags_for_resource(resourceArn=arn)["tags"] == [
        {"Key": "team", "Value": "music"}]
    with pytest.raises(ClientError) as raised:
        ecr.tag_resource(resourceArn=arn, tags=[{"Key": "aws:x", "Value": ""}])
    assert error_of(raised) == ("InvalidTagParameterException", 400)


def test_kms_keys_have_to_be_there(ecr, endpoint, name):
    key = aws_clients.client("kms", endpoint).create_key()["KeyMetadata"]["Arn"]
    made = ecr.create_repository(repositoryName=name, encryptionConfiguration={
        "encryptionType": "KMS", "kmsKey": key})["repository"]
    assert made["encryptionConfiguration"] == {"encryptionType": "KMS", "kmsKey": key}
    own = ecr.create_repository(repositoryName=name + "-own", encryptionConfiguration={
        "encryptionType": "KMS"})["repository"]
    assert ":key/" in own["encryptionConfiguration"]["kmsKey"]
    with pytest.raises(ClientError) as raised:
        ecr.create_repository(repositoryName=name + "-none", encryptionConfiguration={
            "encryptionType": "KMS", "kmsKey": "alias/nobody"})
    assert error_of(raised) == ("KmsException", 400)
    assert raised.value.response["kmsError"] == "NotFoundException"


def test_no_repository_has_images(ecr, repository):
    assert ecr.list_images(repositoryName=repository)["imageIds"] == []
    assert ecr.describe_images(repositoryName=repository)["imageDetails"] == []
    with pytest.raises(ClientError) as raised:
        ecr.describe_images(repositoryName=repository, imageIds=[{"imageTag": "latest"}])
    assert error_of(raised) == ("ImageNotFoundException", 400)


def test_what_would_move_images_is_not_served(ecr, repository):
    with pytest.raises(ClientError) as raised:
        ecr.put_image(repositoryName=repository, imageManifest="{}")
    assert error_of(raised) == ("NotImplemented", 501)


def test_the_registry_of_another_account_has_repositories_of_its_own(ecr, endpoint, repository):
    other = aws_clients.client("ecr", endpoint, credentials={
        "aws_access_key_id": aws_clients.OTHER_ACCOUNT, "aws_secret_access_key": "secret"})
    with pytest.raises(ClientError) as raised:
        other.describe_repositories(repositoryNames=[repository])
    assert error_of(raised) == ("RepositoryNotFoundException", 400)
    found = other.describe_repositories(repositoryNames=[repository], registryId=ACCOUNT)
    assert found["repositories"][0]["registryId"] == ACCOUNT
