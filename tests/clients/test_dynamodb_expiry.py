"""Items expire by the clock, and streams tell that nobody has deleted them."""

import aws_clients
import matinee_server
import pytest
from moved_clock import Clock


@pytest.fixture
def server(tmp_path):
    with matinee_server.Server(tmp_path / "data", ["--clock", "paused"]) as server:
        yield server


def test_an_item_goes_in_its_second_and_the_stream_names_dynamodb(server):
    dynamodb = aws_clients.client("dynamodb", server.url)
    streams = aws_clients.client("dynamodbstreams", server.url)
    clock = Clock(server)
    arn = dynamodb.create_table(
        TableName="sessions", BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "OLD_IMAGE"},
    )["TableDescription"]["LatestStreamArn"]
    dynamodb.update_time_to_live(TableName="sessions", TimeToLiveSpecification={
        "Enabled": True, "AttributeName": "until"})
    until = int(clock.now().timestamp()) + 3600
    dynamodb.put_item(TableName="sessions", Item={"id": {"S": "ann"}, "until": {"N": str(until)}})
    dynamodb.put_item(TableName="sessions", Item={"id": {"S": "bob"}})

    clock.advance(minutes=59)
    assert dynamodb.scan(TableName="sessions")["Count"] == 2
    clock.advance(minutes=2)
    assert [item["id"]["S"] for item in dynamodb.scan(TableName="sessions")["Items"]] == ["bob"]

    [shard] = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"],
                                          ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    removed = streams.get_records(ShardIterator=iterator)["Records"][-1]
    assert removed["eventName"] == "REMOVE"
    assert removed["userIdentity"] == {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}
    assert removed["dynamodb"]["OldImage"]["until"] == {"N": str(until)}

    clock.advance(hours=25)
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"],
                                          ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    assert streams.get_records(ShardIterator=iterator)["Records"] == []
