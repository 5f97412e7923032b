"""The Parameter Store as boto3 and the aws CLI see it: what answers have, and what errors say."""

import datetime
import json

import aws_cli
import aws_clients
import matinee_server
import pytest
from aws_clients import error_of
from botocore.exceptions import ClientError


@pytest.fixture(scope="module")
def ssm(endpoint):
    return aws_clients.client("ssm", endpoint)


@pytest.fixture(scope="module")
def kms(endpoint):
    return aws_clients.client("kms", endpoint)


@pytest.fixture
def path(name):
    return "/" + name


def message_of(raised):
    return raised.value.response["Error"]["Message"]


def put(ssm, name, value="v", kind="String", **more):
    return ssm.put_parameter(Name=name, Value=value, Type=kind, **more)


def test_answers_have_the_members_that_aws_gives(ssm, path):
    answer = put(ssm, path)
    assert (answer["Version"], answer["Tier"]) == (1, "Standard")
    parameter = ssm.get_parameter(Name=path)["Parameter"]
    assert set(parameter) == {"ARN", "DataType", "LastModifiedDate", "Name", "Type", "Value",
                              "Version"}
    assert parameter["ARN"].endswith(":parameter" + path)
    age = datetime.datetime.now(datetime.UTC) - parameter["LastModifiedDate"]
    assert abs(age) < datetime.timedelta(hours=1)
    described = ssm.describe_parameters(
        ParameterFilters=[{"Key": "Name", "Values": [path]}])["Parameters"][0]
    assert set(described) == {"ARN", "DataType", "LastModifiedDate", "LastModifiedUser", "Name",
                              "Policies", "Tier", "Type", "Version"}


def test_unknown_names_are_errors_without_words(ssm, path):
    with pytest.raises(ssm.exceptions.ParameterNotFound) as raised:
        ssm.get_parameter(Name=path)
    assert "message" not in raised.value.response
    assert message_of(raised) == ""
    answer = ssm.get_parameters(Names=[path])
    assert answer["Parameters"] == []
    assert answer["InvalidParameters"] == [path]
    assert ssm.delete_parameters(Names=[path])["InvalidParameters"] == [path]


def test_secure_strings_need_their_key(ssm, kms, path):
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    put(ssm, path, "swordfish", "SecureString", KeyId=key)
    assert ssm.get_parameter(Name=path)["Parameter"]["Value"] != "swordfish"
    assert ssm.get_parameter(Name=path, WithDecryption=True)["Parameter"]["Value"] == "swordfish"
    kms.disable_key(KeyId=key)
    with pytest.raises(ssm.exceptions.InvalidKeyId) as raised:
        ssm.get_parameter(Name=path, WithDecryption=True)
    assert "is disabled" in message_of(raised)
    kms.enable_key(KeyId=key)
    assert ssm.get_parameter(Name=path, WithDecryption=True)["Parameter"]["Value"] == "swordfish"
    with pytest.raises(ssm.exceptions.InvalidKeyId):
        put(ssm, path + "x", "v", "SecureString", KeyId="alias/there-is-no-such-key")


def test_the_default_key_and_large_secure_strings(ssm, path):
    put(ssm, path, "x" * 8192, "SecureString", Tier="Advanced")
    value = ssm.get_parameter(Name=path, WithDecryption=True)["Parameter"]["Value"]
    assert value == "x" * 8192
    history = ssm.get_parameter_history(Name=path)["Parameters"][0]
    assert history["KeyId"] == "alias/aws/ssm"
    assert history["Labels"] == []


def test_versions_labels_and_selectors(ssm, path):
    for value in "123":
        put(ssm, path, value, Overwrite=True)
    answer = ssm.label_parameter_version(Name=path, ParameterVersion=2, Labels=["prod", "9x"])
    assert answer["InvalidLabels"] == ["9x"]
    assert answer["ParameterVersion"] == 2
    found = ssm.get_parameter(Name=path + ":prod")["Parameter"]
    assert (found["Value"], found["Selector"], found["Name"]) == ("2", ":prod", path)
    assert ssm.get_parameter(Name=path + ":1")["Parameter"]["Value"] == "1"
    with pytest.raises(ssm.exceptions.ParameterVersionNotFound):
        ssm.get_parameter(Name=path + ":4")
    history = ssm.get_parameter_history(Name=path)["Parameters"]
    assert [(entry["Value"], entry["Labels"]) for entry in history] == [
        ("1", []), ("2", ["prod"]), ("3", [])]
    with pytest.raises(ssm.exceptions.ParameterVersionNotFound):
        ssm.unlabel_parameter_version(Name=path, ParameterVersion=9, Labels=["prod"])


def test_paths_are_walked_by_paginators(ssm, path):
    for number in range(25):
        put(ssm, f"{path}/{number:02}")
        put(ssm, f"{path}/{number:02}/below")
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path=path)
    assert len([one for page in pages for one in page["Parameters"]]) == 25
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path=path, Recursive=True)
    assert len([one for page in pages for one in page["Parameters"]]) == 50
    assert ssm.get_parameters_by_path(Path=path + "/none")["Parameters"] == []
    pages = ssm.get_paginator("describe_parameters").paginate(
        ParameterFilters=[{"Key": "Path", "Option": "Recursive", "Values": [path]}])
    assert len([one for page in pages for one in page["Parameters"]]) == 50


def test_tags_can_be_changed_and_filtered_by(ssm, path, name):
    put(ssm, path, Tags=[{"Key": name, "Value": "1"}])
    ssm.add_tags_to_resource(ResourceType="Parameter", ResourceId=path,
                             Tags=[{"Key": "b", "Value": "2"}])
    tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=path)["TagList"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {name: "1", "b": "2"}
    found = ssm.describe_parameters(ParameterFilters=[{"Key": "tag:" + name, "Values": ["1"]}])
    assert [one["Name"] for one in found["Parameters"]] == [path]
    ssm.remove_tags_from_resource(ResourceType="Parameter", ResourceId=path, TagKeys=[name])
    assert not ssm.describe_parameters(ParameterFilters=[{"Key": "tag:" + name}])["Parameters"]
    with pytest.raises(ssm.exceptions.InvalidResourceId):
        ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=path + "none")


@pytest.mark.parametrize("bad, code", [
    ({"Name": "a b"}, "ValidationException"),
    ({"Name": "/aws/x"}, "AccessDeniedException"),
    ({"Name": "a/b"}, "ValidationException"),
    ({"Value": ""}, "ValidationException"),
    ({"Value": "x" * 4097}, "ValidationException"),
    ({"Value": "{{ssm:x}}"}, "ValidationException"),
    ({"AllowedPattern": "\\d+"}, "ParameterPatternMismatchException"),
    ({"AllowedPattern": "["}, "InvalidAllowedPatternException"),
    ({"DataType": "Text"}, "ValidationException"),
    ({"KeyId": "alias/x"}, "ValidationException"),
    ({"Type": "Other"}, "ValidationException"),
])
def test_bad_requests_are_refused(ssm, path, bad, code):
    with pytest.raises(ClientError) as raised:
        ssm.put_parameter(**{"Name": path, "Value": "v", "Type": "String", **bad})
    assert error_of(raised) == (code, 400)


def test_secrets_are_read_as_parameters(ssm, endpoint, name):
    secrets = aws_clients.client("secretsmanager", endpoint)
    secrets.create_secret(Name=name, SecretString="swordfish")
    reference = "/aws/reference/secretsmanager/" + name
    found = ssm.get_parameter(Name=reference, WithDecryption=True)["Parameter"]
    assert (found["Type"], found["Value"]) == ("SecureString", "swordfish")
    assert json.loads(found["SourceResult"])["name"] == name
    with pytest.raises(ClientError) as raised:
        ssm.get_parameter(Name=reference)
    assert error_of(raised) == ("ValidationException", 400)
    with pytest.raises(ssm.exceptions.ParameterNotFound) as raised:
        ssm.get_parameter(Name=reference + "x", WithDecryption=True)
    assert message_of(raised) == f"Secret {reference}x not found."


def test_what_aws_publishes(ssm):
    image = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
    assert ssm.get_parameter(Name=image)["Parameter"]["Value"].startswith("ami-")
    pages = ssm.get_paginator("get_parameters_by_path").paginate(
        Path="/aws/service/global-infrastructure/regions")
    regions = [one["Value"] for page in pages for one in page["Parameters"]]
    assert {"us-east-1", "eu-central-1"} <= set(regions)


def test_the_command_line(endpoint, path, tmp_path):
    cli = aws_cli.Cli(endpoint, tmp_path)
    made = cli("ssm", "put-parameter", "--name", path, "--value", "a,b", "--type", "StringList")
    assert made == {"Version": 1, "Tier": "Standard"}
    assert cli("ssm", "get-parameters", "--names", path)["Parameters"][0]["Value"] == "a,b"
    assert cli("ssm", "delete-parameters", "--names", path)["DeletedParameters"] == [path]
    with pytest.raises(aws_cli.Failed) as raised:
        cli("ssm", "get-parameter", "--name", path)
    assert "(ParameterNotFound)" in raised.value.error


def test_the_rest_of_systems_manager_is_not_served(ssm):
    with pytest.raises(ClientError) as raised:
        ssm.list_documents()
    assert error_of(raised) == ("NotImplemented", 501)


def test_parameters_survive_kill_9(tmp_path):
    data = tmp_path / "data"
    with matinee_server.Server(data) as server:
        ssm = aws_clients.client("ssm", server.url)
        put(ssm, "/a", "1", "SecureString")
        put(ssm, "/a", "2", "SecureString", Overwrite=True)
        ssm.label_parameter_version(Name="/a", ParameterVersion=1, Labels=["old"])
        server.kill()
    with matinee_server.Server(data) as server:
        ssm = aws_clients.client("ssm", server.url)
        read = ssm.get_parameters(Names=["/a", "/a:old"], WithDecryption=True)
        assert sorted(one["Value"] for one in read["Parameters"]) == ["1", "2"]
