"""Backups and the recovery to a point in time: restored tables are what their source was."""

import datetime

import aws_clients
import matinee_server
import pytest
from aws_clients import code_of
from botocore.exceptions import ClientError
from moved_clock import Clock

DAY = datetime.timedelta(days=1)


@pytest.fixture
def server(tmp_path):
    with matinee_server.Server(tmp_path / "data", ["--clock", "paused"]) as server:
        yield server


@pytest.fixture
def dynamodb(server):
    return aws_clients.client("dynamodb", server.url)


def make(dynamodb, name, **more):
    dynamodb.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], **more)


def put(dynamodb, name, **values):
    for key, value in values.items():
        dynamodb.put_item(TableName=name, Item={"id": {"S": key}, "value": {"S": value}})


def put_many(dynamodb, name, number, value):
    for first in range(0, number, 25):
        dynamodb.batch_write_item(RequestItems={name: [
            {"PutRequest": {"Item": {"id": {"S": f"{each:06}"}, "value": {"S": value}}}}
            for each in range(first, min(first + 25, number))]})


def content(dynamodb, name):
    pages = dynamodb.get_paginator("scan").paginate(TableName=name)
    return {item["id"]["S"]: item["value"]["S"] for page in pages for item in page["Items"]}


def back_up(dynamodb, name, backup="nightly"):
    return dynamodb.create_backup(TableName=name, BackupName=backup)["BackupDetails"]["BackupArn"]


def recover(dynamodb, name, **more):
    return dynamodb.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={
            "PointInTimeRecoveryEnabled": True, **more})["ContinuousBackupsDescription"]


def wait_for(dynamodb, name):
    dynamodb.get_waiter("table_exists").wait(
        TableName=name, WaiterConfig={"Delay": 0.05, "MaxAttempts": 600})
    return dynamodb.describe_table(TableName=name)["Table"]


def test_a_backup_is_restored_as_it_was_beside_its_source(dynamodb):
    make(dynamodb, "films")
    put(dynamodb, "films", alien="first", brazil="first")
    details = dynamodb.create_backup(TableName="films", BackupName="nightly")["BackupDetails"]
    arn = details["BackupArn"]
    assert arn.startswith("arn:aws:dynamodb:us-east-1:000000000000:table/films/backup/0")
    assert details["BackupType"] == "USER"
    put(dynamodb, "films", alien="second", clue="second")
    dynamodb.delete_item(TableName="films", Key={"id": {"S": "brazil"}})

    described = dynamodb.describe_backup(BackupArn=arn)["BackupDescription"]
    assert described["BackupDetails"]["BackupStatus"] == "AVAILABLE"
    assert described["SourceTableDetails"]["ItemCount"] == 2
    assert described["SourceTableDetails"]["BillingMode"] == "PAY_PER_REQUEST"
    [summary] = dynamodb.list_backups(TableName="films")["BackupSummaries"]
    assert summary["BackupArn"] == arn

    started = dynamodb.restore_table_from_backup(
        TargetTableName="films-again", BackupArn=arn)["TableDescription"]
    assert started["TableStatus"] == "CREATING"
    assert started["RestoreSummary"]["RestoreInProgress"] is True
    table = wait_for(dynamodb, "films-again")
    assert table["RestoreSummary"]["SourceBackupArn"] == arn
    assert table["RestoreSummary"]["RestoreInProgress"] is False
    assert content(dynamodb, "films-again") == {"alien": "first", "brazil": "first"}
    assert content(dynamodb, "films") == {"alien": "second", "clue": "second"}

    assert dynamodb.delete_backup(BackupArn=arn)["BackupDescription"]["BackupDetails"][
        "BackupStatus"] == "DELETED"
    with pytest.raises(ClientError) as raised:
        dynamodb.restore_table_from_backup(TargetTableName="third", BackupArn=arn)
    assert code_of(raised) == "BackupNotFoundException"


def test_recovery_tells_its_window_and_brings_back_what_was(server, dynamodb):
    clock = Clock(server)
    make(dynamodb, "films")
    put(dynamodb, "films", alien="before")
    described = recover(dynamodb, "films", RecoveryPeriodInDays=7)["PointInTimeRecoveryDescription"]
    assert described["PointInTimeRecoveryStatus"] == "ENABLED"
    assert described["RecoveryPeriodInDays"] == 7
    since = described["EarliestRestorableDateTime"]
    clock.advance(hours=1)
    put(dynamodb, "films", alien="after")
    clock.advance(hours=1)

    dynamodb.restore_table_to_point_in_time(
        SourceTableName="films", TargetTableName="then",
        RestoreDateTime=since + datetime.timedelta(minutes=30))
    dynamodb.restore_table_to_point_in_time(
        SourceTableName="films", TargetTableName="now", UseLatestRestorableTime=True)
    wait_for(dynamodb, "then")
    wait_for(dynamodb, "now")
    assert content(dynamodb, "then") == {"alien": "before"}
    assert content(dynamodb, "now") == {"alien": "after"}

    clock.advance(days=10)
    described = dynamodb.describe_continuous_backups(TableName="films")[
        "ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    earliest, latest = (described[f"{end}RestorableDateTime"] for end in ("Earliest", "Latest"))
    assert abs(latest - earliest - 7 * DAY) <= datetime.timedelta(seconds=1)
    assert abs(latest - clock.now()) <= datetime.timedelta(seconds=1)
    with pytest.raises(ClientError) as raised:
        dynamodb.restore_table_to_point_in_time(
            SourceTableName="films", TargetTableName="too-late", RestoreDateTime=since)
    assert code_of(raised) == "InvalidRestoreTimeException"


def test_a_kill_in_the_middle_of_a_restore_takes_nothing(server, dynamodb):
    number = 6000
    make(dynamodb, "films")
    put_many(dynamodb, "films", number, "first")
    arn = back_up(dynamodb, "films")
    put_many(dynamodb, "films", 500, "second")
    dynamodb.restore_table_from_backup(TargetTableName="again", BackupArn=arn)
    status = dynamodb.describe_table(TableName="again")["Table"]["TableStatus"]
    server.kill()
    server.start()
    dynamodb = aws_clients.client("dynamodb", server.url)
    table = wait_for(dynamodb, "again")
    assert status == "CREATING"
    assert table["ItemCount"] == number
    again = content(dynamodb, "again")
    assert len(again) == number
    assert set(again.values()) == {"first"}


def test_a_deleted_table_with_recovery_can_be_restored_for_35_days(server, dynamodb):
    clock = Clock(server)
    make(dynamodb, "films")
    recover(dynamodb, "films")
    put(dynamodb, "films", alien="kept")
    dynamodb.delete_table(TableName="films")
    assert dynamodb.list_backups()["BackupSummaries"] == []
    [left] = dynamodb.list_backups(BackupType="SYSTEM")["BackupSummaries"]
    assert left["BackupName"] == "films$DeletedTableBackup"
    assert left["BackupExpiryDateTime"] - left["BackupCreationDateTime"] == 35 * DAY

    clock.advance(days=34)
    server.kill()
    server.start()
    dynamodb = aws_clients.client("dynamodb", server.url)
    dynamodb.restore_table_from_backup(TargetTableName="films", BackupArn=left["BackupArn"])
    wait_for(dynamodb, "films")
    assert content(dynamodb, "films") == {"alien": "kept"}
    Clock(server).advance(days=2)
    assert dynamodb.list_backups(BackupType="ALL")["BackupSummaries"] == []
    assert content(dynamodb, "films") == {"alien": "kept"}


def test_backups_are_restored_in_another_region(server, dynamodb):
    make(dynamodb, "films")
    put(dynamodb, "films", alien="here")
    arn = back_up(dynamodb, "films")
    elsewhere = aws_clients.client("dynamodb", server.url, region="eu-west-1")
    with pytest.raises(ClientError) as raised:
        elsewhere.describe_backup(BackupArn=arn)
    assert code_of(raised) == "BackupNotFoundException"
    elsewhere.restore_table_from_backup(TargetTableName="films", BackupArn=arn)
    wait_for(elsewhere, "films")
    assert content(elsewhere, "films") == {"alien": "here"}
