"""Streams tell what happened to the items of a table, in its order, for 24 hours."""

import datetime
import threading

import aws_clients
import matinee_server
import pytest
from botocore.exceptions import ClientError
from enforced_cloud import Cloud, allow, refused


@pytest.fixture(scope="module")
def streams(endpoint):
    return aws_clients.client("dynamodbstreams", endpoint)


def make_table(dynamodb, name, view="NEW_AND_OLD_IMAGES"):
    made = dynamodb.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": view})["TableDescription"]
    return made["LatestStreamArn"]


def shards(streams, arn):
    return streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]


def read_shard(streams, arn, shard, kind="TRIM_HORIZON", **place):
    """The records of a shard up to its present end."""
    found = []
    iterator = streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType=kind, **place)["ShardIterator"]
    while iterator:
        page = streams.get_records(ShardIterator=iterator)
        if not page["Records"]:
            break
        found += page["Records"]
        iterator = page.get("NextShardIterator")
    return found


def read(streams, arn):
    return [record for shard in shards(streams, arn) for record in read_shard(streams, arn, shard)]


def change_films(dynamodb, table):
    dynamodb.put_item(TableName=table, Item={"id": {"S": "alien"}, "year": {"N": "1979"}})
    dynamodb.update_item(TableName=table, Key={"id": {"S": "alien"}},
                         UpdateExpression="SET seen = :t",
                         ExpressionAttributeValues={":t": {"BOOL": True}})
    dynamodb.delete_item(TableName=table, Key={"id": {"S": "alien"}})


def test_a_stream_tells_each_change_with_what_was_and_what_is(dynamodb, streams, name):
    arn = make_table(dynamodb, name)
    change_films(dynamodb, name)
    inserted, changed, removed = read(streams, arn)

    assert inserted["eventName"] == "INSERT"
    assert inserted["eventSource"] == "aws:dynamodb" and inserted["eventVersion"] == "1.1"
    film = {"id": {"S": "alien"}, "year": {"N": "1979"}}
    assert inserted["dynamodb"]["Keys"] == {"id": {"S": "alien"}}
    assert inserted["dynamodb"]["NewImage"] == film and "OldImage" not in inserted["dynamodb"]
    assert inserted["dynamodb"]["SizeBytes"] == 7 + (7 + 4 + 3)
    assert inserted["dynamodb"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"
    assert isinstance(inserted["dynamodb"]["ApproximateCreationDateTime"], datetime.datetime)

    assert changed["eventName"] == "MODIFY"
    assert changed["dynamodb"]["OldImage"] == film
    assert changed["dynamodb"]["NewImage"] == {**film, "seen": {"BOOL": True}}
    assert removed["eventName"] == "REMOVE"
    assert removed["dynamodb"]["OldImage"] == {**film, "seen": {"BOOL": True}}
    assert "NewImage" not in removed["dynamodb"] and "userIdentity" not in removed
    numbers = [int(record["dynamodb"]["SequenceNumber"])
               for record in (inserted, changed, removed)]
    assert numbers == sorted(set(numbers))
    assert len({record["eventID"] for record in (inserted, changed, removed)}) == 3


@pytest.mark.parametrize("view, images", [
    ("KEYS_ONLY", [set(), set(), set()]),
    ("NEW_IMAGE", [{"NewImage"}, {"NewImage"}, set()]),
    ("OLD_IMAGE", [set(), {"OldImage"}, {"OldImage"}]),
])
def test_a_view_shows_no_more_than_it_says(dynamodb, streams, name, view, images):
    arn = make_table(dynamodb, name, view)
    change_films(dynamodb, name)
    records = read(streams, arn)
    assert [record["dynamodb"].keys() & {"NewImage", "OldImage"} for record in records] == images
    assert [record["dynamodb"]["Keys"] for record in records] == [{"id": {"S": "alien"}}] * 3


def test_what_changes_nothing_is_not_told(dynamodb, streams, name):
    arn = make_table(dynamodb, name)
    for _ in range(3):
        dynamodb.put_item(TableName=name, Item={"id": {"S": "alien"}, "year": {"N": "1979"}})
    dynamodb.delete_item(TableName=name, Key={"id": {"S": "brazil"}})
    with pytest.raises(ClientError):
        dynamodb.put_item(TableName=name, Item={"id": {"S": "alien"}},
                          ConditionExpression="attribute_not_exists(id)")
    with pytest.raises(ClientError):
        dynamodb.transact_write_items(TransactItems=[
            {"Put": {"TableName": name, "Item": {"id": {"S": "clue"}}}},
            {"ConditionCheck": {"TableName": name, "Key": {"id": {"S": "alien"}},
                                "ConditionExpression": "attribute_not_exists(id)"}}])
    assert [record["eventName"] for record in read(streams, arn)] == ["INSERT"]


def test_batches_and_transactions_are_told_item_by_item(dynamodb, streams, name):
    arn = make_table(dynamodb, name, "KEYS_ONLY")
    dynamodb.batch_write_item(RequestItems={name: [
        {"PutRequest": {"Item": {"id": {"S": f"film-{n}"}}}} for n in range(25)]})
    dynamodb.transact_write_items(TransactItems=[
        {"Delete": {"TableName": name, "Key": {"id": {"S": "film-0"}}}},
        {"Put": {"TableName": name, "Item": {"id": {"S": "film-25"}}}}])
    told = [(record["eventName"], record["dynamodb"]["Keys"]["id"]["S"])
            for record in read(streams, arn)]
    assert told[:25] == [("INSERT", f"film-{n}") for n in range(25)]
    assert sorted(told[25:]) == [("INSERT", "film-25"), ("REMOVE", "film-0")]


def test_iterators_begin_where_they_are_told_to(dynamodb, streams, name):
    arn = make_table(dynamodb, name)
    change_films(dynamodb, name)
    [shard] = shards(streams, arn)
    latest = streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"],
                                        ShardIteratorType="LATEST")["ShardIterator"]
    second = read_shard(streams, arn, shard)[1]["dynamodb"]["SequenceNumber"]
    at = read_shard(streams, arn, shard, "AT_SEQUENCE_NUMBER", SequenceNumber=second)
    after = read_shard(streams, arn, shard, "AFTER_SEQUENCE_NUMBER", SequenceNumber=second)
    assert [record["eventName"] for record in at] == ["MODIFY", "REMOVE"]
    assert [record["eventName"] for record in after] == ["REMOVE"]

    dynamodb.put_item(TableName=name, Item={"id": {"S": "brazil"}})
    page = streams.get_records(ShardIterator=latest)
    assert [record["dynamodb"]["Keys"] for record in page["Records"]] == [{"id": {"S": "brazil"}}]
    assert streams.get_records(ShardIterator=page["NextShardIterator"])["Records"] == []


def test_a_reader_beside_writers_misses_nothing(dynamodb, streams, name):
    arn = make_table(dynamodb, name, "KEYS_ONLY")
    films = [[f"{writer}-{n:03}" for n in range(150)] for writer in range(4)]

    def write(mine):
        for film in mine:
            dynamodb.put_item(TableName=name, Item={"id": {"S": film}})

    writers = [threading.Thread(target=write, args=(mine,)) for mine in films]
    [shard] = shards(streams, arn)
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"],
                                          ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    for writer in writers:
        writer.start()
    seen = []
    while len(seen) < 600:
        was_writing = any(writer.is_alive() for writer in writers)
        page = streams.get_records(ShardIterator=iterator, Limit=100)
        seen += [record["dynamodb"]["Keys"]["id"]["S"] for record in page["Records"]]
        iterator = page["NextShardIterator"]
        assert was_writing or page["Records"], f"only {len(seen)} of 600 came"
    for writer in writers:
        writer.join()
    for number, mine in enumerate(films):
        assert [film for film in seen if film.startswith(f"{number}-")] == mine


def test_a_stream_that_is_switched_off_can_be_read_to_its_end(dynamodb, streams, name):
    arn = make_table(dynamodb, name)
    change_films(dynamodb, name)
    dynamodb.update_table(TableName=name, StreamSpecification={"StreamEnabled": False})
    dynamodb.put_item(TableName=name, Item={"id": {"S": "untold"}})
    told = dynamodb.describe_table(TableName=name)["Table"]
    assert told["LatestStreamArn"] == arn and "StreamSpecification" not in told

    described = streams.describe_stream(StreamArn=arn)["StreamDescription"]
    assert described["StreamStatus"] == "DISABLED"
    [shard] = described["Shards"]
    numbers = shard["SequenceNumberRange"]
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"],
                                          ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    page = streams.get_records(ShardIterator=iterator)
    assert "NextShardIterator" not in page and len(page["Records"]) == 3
    assert page["Records"][-1]["dynamodb"]["SequenceNumber"] == numbers["EndingSequenceNumber"]

    again = dynamodb.update_table(TableName=name, StreamSpecification={
        "StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})["TableDescription"]
    assert again["LatestStreamArn"] != arn
    assert [stream["StreamArn"] for stream in streams.list_streams(TableName=name)["Streams"]] == [
        arn, again["LatestStreamArn"]]


def test_a_deleted_tables_stream_stays_readable(dynamodb, streams, name):
    arn = make_table(dynamodb, name)
    change_films(dynamodb, name)
    dynamodb.delete_table(TableName=name)
    assert len(read(streams, arn)) == 3


def test_streams_are_listed_in_pages(dynamodb, streams, name):
    arns = {make_table(dynamodb, f"{name}-{n}") for n in range(3)}
    found, start = [], {}
    while True:
        page = streams.list_streams(Limit=1, **start)
        found += page["Streams"]
        if "LastEvaluatedStreamArn" not in page:
            break
        start = {"ExclusiveStartStreamArn": page["LastEvaluatedStreamArn"]}
    assert arns <= {stream["StreamArn"] for stream in found}


@pytest.mark.parametrize("call, code", [
    (lambda streams, arn, shard: streams.describe_stream(StreamArn=arn + "x"),
     "ResourceNotFoundException"),
    (lambda streams, arn, shard: streams.get_shard_iterator(
        StreamArn=arn, ShardId="shardId-00000000000000000000-00000000",
        ShardIteratorType="LATEST"), "ResourceNotFoundException"),
    (lambda streams, arn, shard: streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard, ShardIteratorType="AT_SEQUENCE_NUMBER"),
     "ValidationException"),
    (lambda streams, arn, shard: streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard, ShardIteratorType="AT_SEQUENCE_NUMBER",
        SequenceNumber="9" * 21), "ValidationException"),
    (lambda streams, arn, shard: streams.get_records(ShardIterator="nonsense"),
     "ValidationException"),
])
def test_what_is_not_there_is_refused(dynamodb, streams, name, call, code):
    arn = make_table(dynamodb, name)
    shard = shards(streams, arn)[0]["ShardId"]
    with pytest.raises(ClientError) as refused:
        call(streams, arn, shard)
    assert refused.value.response["Error"]["Code"] == code


def test_policies_decide_by_the_stream_that_an_iterator_is_of(tmp_path):
    with matinee_server.Server(tmp_path / "data", ["--iam", "enforce"]) as server:
        cloud = Cloud(server)
        dynamodb = cloud.client("dynamodb")
        mine, other = make_table(dynamodb, "mine"), make_table(dynamodb, "other")
        change_films(dynamodb, "mine")
        root = cloud.client("dynamodbstreams")
        reader = cloud.client("dynamodbstreams", cloud.user("reader", allow("dynamodb:*", mine)))
        assert len(read(reader, mine)) == 3
        iterator = root.get_shard_iterator(
            StreamArn=other, ShardId=shards(root, other)[0]["ShardId"],
            ShardIteratorType="LATEST")["ShardIterator"]
        told = refused(lambda: reader.get_records(ShardIterator=iterator))
        assert told[0] == "AccessDeniedException" and other in told[2]


def test_iterators_survive_a_restart(tmp_path):
    with matinee_server.Server(tmp_path / "data") as server:
        dynamodb = aws_clients.client("dynamodb", server.url)
        streams = aws_clients.client("dynamodbstreams", server.url)
        arn = make_table(dynamodb, "films")
        change_films(dynamodb, "films")
        iterator = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shards(streams, arn)[0]["ShardId"],
            ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        server.kill()
        server.start()
        assert len(streams.get_records(ShardIterator=iterator)["Records"]) == 3
