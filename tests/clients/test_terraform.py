"""Terraform's AWS provider makes everything in terraform/*.tf, finds that nothing has to change,
changes in place what can be, and destroys it all.

The provider is the one that `terraform init` finds here: in a mirror or a cache of the machine's
Terraform configuration ($TF_CLI_CONFIG_FILE, ~/.terraformrc, $TF_PLUGIN_CACHE_DIR), in a folder
that `terraform_plugins.py` finds, or online.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess

import aws_clients
import functions_kit
import matinee_server
import pytest
import terraform_plugins

CONFIGURATIONS = pathlib.Path(__file__).parent / "terraform"
TEMPLATE = matinee_server.ROOT / "templates" / "publish" / "main.tf"
# Read before the tests get a home of their own.
USERS_CONFIGURATION = pathlib.Path.home() / ".terraformrc"


class Terraform:
    """Terraform in a directory of its own with some of the configurations."""

    def __init__(self, directory, endpoint="", prefix="", plugins=None):
        self.directory = directory
        self.plugins = plugins
        self.variables = {"TF_VAR_endpoint": endpoint, "TF_VAR_prefix": prefix}

    def run(self, *arguments, codes=(0,)):
        """Its finished process; fails the test unless the exit code is one of `codes`."""
        environment = {**os.environ, **self.variables, "TF_IN_AUTOMATION": "1",
                       "CHECKPOINT_DISABLE": "1"}
        configuration = USERS_CONFIGURATION if USERS_CONFIGURATION.is_file() else self.plugins
        told = environment.get("TF_CLI_CONFIG_FILE")
        if configuration and not (told and pathlib.Path(told).is_file()):
            environment["TF_CLI_CONFIG_FILE"] = str(configuration)
        finished = subprocess.run(
            ["terraform", arguments[0], "-no-color", *arguments[1:]], cwd=self.directory,
            env=environment, capture_output=True, text=True, timeout=300, check=False)
        if codes and finished.returncode not in codes:
            pytest.fail(f"terraform {arguments[0]}: {finished.stdout}{finished.stderr}")
        return finished

    def apply(self):
        self.run("apply", "-auto-approve", "-input=false")

    def require_no_change(self):
        """A second look at what was made: exit code 2 would say that it differs."""
        self.run("plan", "-detailed-exitcode", "-input=false")

    def destroy(self):
        self.run("destroy", "-auto-approve", "-input=false")

    def outputs(self):
        values = json.loads(self.run("output", "-json").stdout)
        return {name: output["value"] for name, output in values.items()}


@pytest.fixture(scope="session")
def initialized(tmp_path_factory):
    """A directory in which `terraform init` found the provider; the tests copy it."""
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not installed")
    directory = tmp_path_factory.mktemp("terraform")
    shutil.copy(CONFIGURATIONS / "provider.tf", directory)
    plugins = terraform_plugins.cli_configuration(tmp_path_factory.mktemp("plugins"))
    finished = Terraform(directory, plugins=plugins).run("init", "-input=false", codes=())
    if "Failed to query available provider packages" in finished.stderr:
        pytest.skip("terraform is here, and `terraform init` finds no provider hashicorp/aws")
    assert finished.returncode == 0, finished.stderr
    return directory, plugins


@pytest.fixture
def terraform(initialized, tmp_path, endpoint, name):
    """Makes a Terraform of some of the configurations."""
    def make(*files):
        directory, plugins = initialized
        shutil.copytree(directory, tmp_path, symlinks=True, dirs_exist_ok=True)
        for file in files:
            shutil.copy(CONFIGURATIONS / file, tmp_path)
        if "functions.tf" in files:
            code = functions_kit.python_package("return event")
            (tmp_path / "function.zip").write_bytes(code)
        return Terraform(tmp_path, endpoint, name, plugins)
    return make


def names_left(endpoint, prefix):
    """What is still there whose name begins with the prefix; keys wait for their deletion."""
    def client(service):
        return aws_clients.client(service, endpoint)

    iam = client("iam")
    names = [bucket["Name"] for bucket in client("s3").list_buckets()["Buckets"]]
    names += [user["UserName"] for user in iam.list_users()["Users"]]
    names += [group["GroupName"] for group in iam.list_groups()["Groups"]]
    names += [role["RoleName"] for role in iam.list_roles()["Roles"]]
    names += [policy["PolicyName"] for policy in iam.list_policies(Scope="Local")["Policies"]]
    names += [alias["AliasName"].removeprefix("alias/")
              for alias in client("kms").list_aliases()["Aliases"]]
    names += [parameter["Name"].strip("/")
              for parameter in client("ssm").describe_parameters()["Parameters"]]
    names += [secret["Name"] for secret in client("secretsmanager").list_secrets()["SecretList"]]
    names += [group["logGroupName"].strip("/")
              for group in client("logs").describe_log_groups()["logGroups"]]
    names += [alarm["AlarmName"]
              for alarm in client("cloudwatch").describe_alarms()["MetricAlarms"]]
    names += event_names_left(client)
    functions = client("lambda")
    names += [function["FunctionName"] for function in functions.list_functions()["Functions"]]
    names += [layer["LayerName"] for layer in functions.list_layers()["Layers"]]
    names += client("dynamodb").list_tables()["TableNames"]
    names += [target["ResourceId"].removeprefix("table/") for target in client(
        "application-autoscaling").describe_scalable_targets(ServiceNamespace="dynamodb")[
            "ScalableTargets"]]
    queues = client("sqs").list_queues(QueueNamePrefix=prefix)
    return [name for name in names if name.startswith(prefix)] + queues.get("QueueUrls", [])


def event_names_left(client):
    """The same of topics, buses and schedules."""
    sns, buses, schedules = client("sns"), client("events"), client("scheduler")
    arns = [topic["TopicArn"] for topic in sns.list_topics()["Topics"]]
    arns += [subscription["Endpoint"]
             for subscription in sns.list_subscriptions()["Subscriptions"]]
    arns += [application["PlatformApplicationArn"]
             for application in sns.list_platform_applications()["PlatformApplications"]]
    names = [re.split("[:/]", arn)[-1] for arn in arns]
    named = [buses.list_event_buses()["EventBuses"], buses.list_rules()["Rules"],
             buses.list_connections()["Connections"],
             buses.list_api_destinations()["ApiDestinations"],
             schedules.list_schedule_groups()["ScheduleGroups"],
             schedules.list_schedules()["Schedules"]]
    names += [thing["Name"] for things in named for thing in things]
    return names + [archive["ArchiveName"] for archive in buses.list_archives()["Archives"]]


# A command takes seconds, whatever it does, because of the size of the provider: few groups, then.
@pytest.mark.parametrize("files", [
    ("bucket.tf", "access.tf", "versions.tf", "settings.tf", "queues.tf", "notifications.tf",
     "topics.tf", "events.tf", "schedules.tf", "scaling.tf", "tables.tf",
     "recovery.tf", "transfers.tf"),
    ("identity.tf", "keys.tf", "watching.tf", "functions.tf", "function_settings.tf")],
    ids=["buckets-and-messages", "identity-keys-watching-and-functions"])
def test_what_is_made_and_changed_needs_no_further_change(terraform, endpoint, name, files):
    configuration = terraform(*files)
    configuration.apply()
    configuration.require_no_change()
    configuration.variables["TF_VAR_stage"] = "second"
    configuration.apply()
    configuration.require_no_change()
    assert all(configuration.outputs().values())
    configuration.destroy()
    assert names_left(endpoint, name) == []


def test_a_table_is_imported_and_what_tables_cannot_have_is_refused(
        terraform, dynamodb, endpoint, name):
    arn = dynamodb.create_table(
        TableName=f"{name}-adopted", Tags=[{"Key": "team", "Value": "films"}],
        ProvisionedThroughput={"ReadCapacityUnits": 2, "WriteCapacityUnits": 1},
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": kind}
                              for key, kind in (("film", "S"), ("day", "N"), ("hall", "B"))],
        KeySchema=keys("film", "day"),
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        LocalSecondaryIndexes=[{
            "IndexName": "in-hall", "KeySchema": keys("film", "hall"), "Projection": {
                "ProjectionType": "INCLUDE", "NonKeyAttributes": ["seats"]}}],
        GlobalSecondaryIndexes=[{
            "IndexName": "on-day", "KeySchema": keys("day"),
            "Projection": {"ProjectionType": "KEYS_ONLY"},
            "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}],
        )["TableDescription"]["TableArn"]
    dynamodb.update_time_to_live(TableName=arn, TimeToLiveSpecification={
        "AttributeName": "until", "Enabled": True})
    configuration = terraform("adopted.tf")
    refused = configuration.run("apply", "-auto-approve", "-input=false", codes=(1,))
    assert "Plan: 1 to import, 2 to add, 0 to change, 0 to destroy." in refused.stdout
    assert "aws_dynamodb_table.adopted: Import complete" in refused.stdout
    assert "Matinee does not serve the parameter ReplicaUpdates" in refused.stderr
    assert "Matinee does not serve Kinesis" in refused.stderr
    configuration.destroy()
    assert names_left(endpoint, name) == []


def keys(*names):
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(
        names, ("HASH", "RANGE"))]


def test_every_configuration_is_tested():
    tested = {"provider.tf", "bucket.tf", "access.tf", "versions.tf", "settings.tf", "queues.tf",
              "notifications.tf", "identity.tf", "keys.tf", "watching.tf", "topics.tf",
              "events.tf", "schedules.tf", "functions.tf", "function_settings.tf", "scaling.tf",
              "tables.tf", "adopted.tf", "recovery.tf", "transfers.tf"}
    assert {path.name for path in CONFIGURATIONS.glob("*.tf")} == tested


def test_the_publishers_template_is_applied_and_destroyed(terraform, s3, endpoint, name):
    configuration = terraform(str(TEMPLATE))
    (configuration.directory / "provider.tf").unlink()
    configuration.variables.update(TF_VAR_bucket=name, TF_VAR_queue=name, TF_VAR_samples="12")
    configuration.apply()
    configuration.require_no_change()
    assert s3.list_objects_v2(Bucket=name)["KeyCount"] == 12
    configuration.destroy()
    assert names_left(endpoint, name) == []
