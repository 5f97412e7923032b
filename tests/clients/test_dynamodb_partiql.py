"""PartiQL: statements alone, in batches and in transactions, and who may run them."""

import aws_clients
import matinee_server
import pytest
from botocore.exceptions import ClientError
from enforced_cloud import ACCOUNT, Cloud, allow, refused


@pytest.fixture
def films(dynamodb, name):
    """A table by director and year, with an index by genre."""
    dynamodb.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "director", "AttributeType": "S"},
                              {"AttributeName": "year", "AttributeType": "N"},
                              {"AttributeName": "genre", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "director", "KeyType": "HASH"},
                   {"AttributeName": "year", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[{
            "IndexName": "by-genre", "Projection": {"ProjectionType": "KEYS_ONLY"},
            "KeySchema": [{"AttributeName": "genre", "KeyType": "HASH"},
                          {"AttributeName": "year", "KeyType": "RANGE"}]}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    for director, year, title, genre in [
            ("Lang", 1927, "Metropolis", "science fiction"), ("Lang", 1931, "M", "crime"),
            ("Wilder", 1944, "Double Indemnity", "crime"),
            ("Wilder", 1950, "Sunset Blvd.", "drama")]:
        dynamodb.execute_statement(
            Statement=f"""INSERT INTO "{name}" VALUE {{'director': ?, 'year': ?, 'title': ?,
                          'genre': ?, 'cast': [], 'info': {{'rating': 8.3}}}}""",
            Parameters=[{"S": director}, {"N": str(year)}, {"S": title}, {"S": genre}])
    return name


def titles(dynamodb, statement, **more):
    return [item["title"]["S"]
            for item in dynamodb.execute_statement(Statement=statement, **more)["Items"]]


def test_select_queries_scans_and_reads_indexes(dynamodb, films):
    table = f'"{films}"'
    assert titles(dynamodb, f"SELECT * FROM {table} WHERE director = 'Lang'") == ["Metropolis", "M"]
    assert titles(dynamodb, f"SELECT title FROM {table} WHERE director = ? ORDER BY \"year\" DESC",
                  Parameters=[{"S": "Lang"}], ConsistentRead=True) == ["M", "Metropolis"]
    assert titles(dynamodb, f"SELECT title FROM {table} WHERE director IN ['Wilder', 'Lang'] "
                            'AND "year" > 1930') == ["Double Indemnity", "Sunset Blvd.", "M"]
    assert titles(dynamodb, f"SELECT title FROM {table} WHERE contains(title, 'Sunset') "
                            "AND info.rating > 8 AND other IS MISSING") == ["Sunset Blvd."]
    found = dynamodb.execute_statement(
        Statement=f"SELECT director, info.rating FROM {table} "
                  "WHERE director = 'Lang' AND \"year\" = 1931")
    assert found["Items"] == [{"director": {"S": "Lang"}, "rating": {"N": "8.3"}}]
    found = dynamodb.execute_statement(
        Statement=f"""SELECT director FROM {table}."by-genre" WHERE genre = 'crime'""",
        ReturnConsumedCapacity="INDEXES")
    assert found["Items"] == [{"director": {"S": "Lang"}}, {"director": {"S": "Wilder"}}]
    assert found["ConsumedCapacity"]["GlobalSecondaryIndexes"]["by-genre"]["CapacityUnits"] == 0.5
    with pytest.raises(ClientError, match=r"does not project \[title\]"):
        dynamodb.execute_statement(
            Statement=f"""SELECT title FROM {table}."by-genre" WHERE genre = 'crime'""")


@pytest.mark.parametrize("clause", ["", " WHERE director IN ['Lang', 'Wilder']"])
def test_pages_give_every_item_once(dynamodb, films, clause):
    found, request = [], {"Statement": f'SELECT title FROM "{films}"{clause}', "Limit": 1}
    while True:
        page = dynamodb.execute_statement(**request)
        assert len(page["Items"]) <= 1
        found += [item["title"]["S"] for item in page["Items"]]
        if "NextToken" not in page:
            break
        assert set(page["LastEvaluatedKey"]) == {"director", "year"}
        request["NextToken"] = page["NextToken"]
    assert sorted(found) == ["Double Indemnity", "M", "Metropolis", "Sunset Blvd."]


def test_writes_are_those_of_items(dynamodb, films, endpoint):
    table, key = f'"{films}"', "director = 'Lang' AND \"year\" = 1931"
    with pytest.raises(dynamodb.exceptions.DuplicateItemException,
                       match="Duplicate primary key exists in table"):
        dynamodb.execute_statement(
            Statement=f"INSERT INTO {table} VALUE {{'director': 'Lang', 'year': 1931}}")
    changed = dynamodb.execute_statement(
        Statement=f"UPDATE {table} SET \"cast\" = list_append(\"cast\", ['Lorre']) "
                  f"SET info.awards = <<'a', 'b'>> WHERE {key} RETURNING MODIFIED NEW *")
    assert changed["Items"] == [{"cast": {"L": [{"S": "Lorre"}]},
                                 "info": {"M": {"awards": {"SS": ["a", "b"]}}}}]
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException) as caught:
        dynamodb.execute_statement(Statement=f"DELETE FROM {table} WHERE {key} AND title = 'N'",
                                   ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert caught.value.response["Item"]["title"] == {"S": "M"}
    gone = dynamodb.execute_statement(
        Statement=f"DELETE FROM {table} WHERE {key} RETURNING ALL OLD *")
    assert gone["Items"][0]["title"] == {"S": "M"}
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException):
        dynamodb.execute_statement(Statement=f"UPDATE {table} SET title = 'M' WHERE {key}")

    streams = aws_clients.client("dynamodbstreams", endpoint)
    arn = dynamodb.describe_table(TableName=films)["Table"]["LatestStreamArn"]
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard,
                                          ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    events = [one["eventName"] for one in streams.get_records(ShardIterator=iterator)["Records"]]
    assert events == ["INSERT"] * 4 + ["MODIFY", "REMOVE"]


def test_a_batch_answers_each_statement(dynamodb, films):
    def read(year):
        return {"Statement": f'SELECT title FROM "{films}" WHERE director = ? AND "year" = ?',
                "Parameters": [{"S": "Lang"}, {"N": str(year)}]}
    found = dynamodb.batch_execute_statement(
        Statements=[read(1927), read(1900), {"Statement": f'SELECT * FROM "{films}"'}],
        ReturnConsumedCapacity="TOTAL")
    assert found["Responses"][:2] == [{"TableName": films, "Item": {"title": {"S": "Metropolis"}}},
                                      {"TableName": films}]
    assert found["Responses"][2]["Error"]["Code"] == "ValidationError"
    assert [one["CapacityUnits"] for one in found["ConsumedCapacity"]] == [0.5, 0.5]
    with pytest.raises(ClientError, match="less than or equal to 25"):
        dynamodb.batch_execute_statement(Statements=[read(1927)] * 26)


def test_a_transaction_tells_why_it_was_cancelled(dynamodb, films):
    insert = {"Statement": f"INSERT INTO \"{films}\" VALUE {{'director': 'Lang', 'year': ?}}"}
    check = {"Statement": f"EXISTS(SELECT * FROM \"{films}\" WHERE director = 'Lang' AND "
                          '"year" = 1927 AND title = ?)'}
    statements = [insert | {"Parameters": [{"N": "1922"}]},
                  check | {"Parameters": [{"S": "other"}]},
                  insert | {"Parameters": [{"N": "1931"}]}]
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as caught:
        dynamodb.execute_transaction(TransactStatements=statements)
    assert [one["Code"] for one in caught.value.response["CancellationReasons"]] == [
        "None", "ConditionalCheckFailed", "DuplicateItem"]
    statements[1]["Parameters"] = [{"S": "Metropolis"}]
    for _ in range(2):
        dynamodb.execute_transaction(TransactStatements=statements[:2], ClientRequestToken="once")
    with pytest.raises(dynamodb.exceptions.IdempotentParameterMismatchException):
        dynamodb.execute_transaction(TransactStatements=statements[:1], ClientRequestToken="once")
    read = {"Statement": f"SELECT \"year\" FROM \"{films}\" WHERE director = 'Lang' "
                         'AND "year" = 1922'}
    found = dynamodb.execute_transaction(TransactStatements=[read])
    assert found["Responses"] == [{"Item": {"year": {"N": "1922"}}}]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    data = tmp_path_factory.mktemp("partiql") / "data"
    with matinee_server.Server(data, ["--iam", "enforce"]) as server:
        yield Cloud(server)


def test_policies_decide_by_what_a_statement_does(cloud, name):
    cloud.client("dynamodb").create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
    arn = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/{name}"
    no_scan = {"Effect": "Deny", "Action": "dynamodb:PartiQLSelect", "Resource": arn,
               "Condition": {"Bool": {"dynamodb:FullTableScan": ["true"]}}}
    both = allow(["dynamodb:PartiQLSelect", "dynamodb:PartiQLInsert"], arn)
    client = cloud.client("dynamodb", cloud.user(name, both, no_scan))

    def run(statement):
        return client.execute_statement(Statement=statement)

    run(f"INSERT INTO \"{name}\" VALUE {{'id': 'a'}}")
    assert run(f"SELECT * FROM \"{name}\" WHERE id = 'a'")["Items"] == [{"id": {"S": "a"}}]
    for statement, action in [(f'SELECT * FROM "{name}"', "dynamodb:PartiQLSelect"),
                              (f"DELETE FROM \"{name}\" WHERE id = 'a'", "dynamodb:PartiQLDelete")]:
        code, status, message = refused(lambda statement=statement: run(statement))
        assert (code, status) == ("AccessDeniedException", 400)
        assert f"is not authorized to perform: {action} on resource: {arn}" in message
