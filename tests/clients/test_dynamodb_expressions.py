"""DynamoDB's expressions: updates, conditions and projections, as a client sees them."""

import pytest
from aws_clients import error_of
from botocore.exceptions import ClientError

KEY = {"id": {"S": "a"}}


@pytest.fixture
def item(dynamodb, table):
    """Puts an item and returns a function that updates it and returns what it is then."""
    dynamodb.put_item(TableName=table, Item={
        **KEY, "n": {"N": "10"}, "note": {"S": "hello"}, "films": {"L": [{"N": "0"}, {"N": "1"}]},
        "extra": {"M": {"x": {"N": "1"}, "y": {"S": "why"}}}, "tags": {"SS": ["a", "b"]},
        "gone": {"S": "soon"}})

    def update(expression, values=None, names=None, **more):
        if values:
            more["ExpressionAttributeValues"] = values
        if names:
            more["ExpressionAttributeNames"] = names
        more.setdefault("ReturnValues", "ALL_NEW")
        return dynamodb.update_item(TableName=table, Key=KEY, UpdateExpression=expression,
                                    **more).get("Attributes")

    return update


def n(value):
    return {"N": str(value)}


def test_set_assigns_adds_and_subtracts(item):
    after = item("SET n = n + :two, fresh = :two, smaller = n - :two", {":two": n(2)})
    assert (after["n"], after["fresh"], after["smaller"]) == (n(12), n(2), n(8))


def test_set_reads_the_item_as_it_was_before(item):
    after = item("SET n = :new, copied = n", {":new": n(99)})
    assert (after["n"], after["copied"]) == (n(99), n(10))


def test_set_reaches_into_maps_and_lists(item):
    after = item("SET extra.x = :v, #m.#z = :v, films[0] = :v, films[9] = :v", {":v": n(7)},
                 {"#m": "extra", "#z": "z"})
    assert after["extra"]["M"] == {"x": n(7), "y": {"S": "why"}, "z": n(7)}
    assert after["films"]["L"] == [n(7), n(1), n(7)]


def test_if_not_exists_and_list_append(item):
    after = item("SET n = if_not_exists(n, :v), m = if_not_exists(m, :v), "
                 "films = list_append(films, :more), front = list_append(:more, films)",
                 {":v": n(5), ":more": {"L": [n(2)]}})
    assert (after["n"], after["m"]) == (n(10), n(5))
    assert after["films"]["L"] == [n(0), n(1), n(2)]
    assert after["front"]["L"] == [n(2), n(0), n(1)]


def test_remove_takes_attributes_and_list_elements_away(item):
    after = item("REMOVE gone, films[0], #m.y", names={"#m": "extra"})
    assert "gone" not in after
    assert after["films"]["L"] == [n(1)]
    assert after["extra"]["M"] == {"x": n(1)}


def test_add_counts_and_unites(item):
    after = item("ADD n :five, fresh :five, tags :more", {
        ":five": n(5), ":more": {"SS": ["b", "c"]}})
    assert (after["n"], after["fresh"]) == (n(15), n(5))
    assert sorted(after["tags"]["SS"]) == ["a", "b", "c"]


def test_delete_takes_elements_from_a_set_and_the_last_takes_the_set(item):
    assert item("DELETE tags :a", {":a": {"SS": ["a", "zz"]}})["tags"] == {"SS": ["b"]}
    assert "tags" not in item("DELETE tags :b", {":b": {"SS": ["b"]}})


def test_every_clause_in_one_expression(item):
    after = item("SET n = :one REMOVE gone ADD tally :one DELETE tags :a",
                 {":one": n(1), ":a": {"SS": ["a"]}})
    assert (after["n"], after["tally"], after["tags"]) == (n(1), n(1), {"SS": ["b"]})
    assert "gone" not in after


def test_updating_a_missing_item_creates_it(dynamodb, table):
    dynamodb.update_item(TableName=table, Key=KEY, UpdateExpression="ADD n :one",
                         ExpressionAttributeValues={":one": n(1)})
    assert dynamodb.get_item(TableName=table, Key=KEY)["Item"] == {**KEY, "n": n(1)}


def test_return_values_choose_old_or_new_all_or_only_what_changed(item):
    values = {":v": n(11)}
    assert item("SET n = :v", values, ReturnValues="UPDATED_OLD") == {"n": n(10)}
    assert item("SET n = n + :v", values, ReturnValues="UPDATED_NEW") == {"n": n(22)}
    assert item("SET n = :v", values, ReturnValues="ALL_OLD")["n"] == n(22)
    assert item("SET n = :v", values, ReturnValues="NONE") is None


@pytest.mark.parametrize("expression", [
    "", "SET", "SET n", "SET n = ", "SET n = :v,", "SET n = :v SET note = :v", "SET n == :v",
    "SET n = :missing", "SET #missing = :v", "SET n = :v, n = :v",
    "SET extra.x = :v, extra.x.y = :v",
    "SET n = n + text2", "SET id = :v", "REMOVE", "FROB n :v", "SET n = frob(n, :v)",
    "SET n = n * :v", "ADD note :v", "ADD n", "DELETE n :v", "SET note.inner = :v",
    "SET nope.such.path = :v", "SET n = :v unexpected", "SET [0] = :v", "SET films[-1] = :v",
    "SET size = :v"])
def test_an_update_that_makes_no_sense_is_refused_and_changes_nothing(
        dynamodb, table, item, expression):
    before = dynamodb.get_item(TableName=table, Key=KEY)["Item"]
    with pytest.raises(ClientError) as raised:
        item(expression, {":v": n(1)} if ":v" in expression else None)
    assert error_of(raised) == ("ValidationException", 400)
    after = dynamodb.get_item(TableName=table, Key=KEY)["Item"]
    assert {**after, "tags": None} == {**before, "tags": None}


def test_a_value_that_is_defined_and_not_used_is_refused(item):
    with pytest.raises(ClientError) as raised:
        item("SET n = :v", {":v": n(1), ":unused": n(2)})
    assert error_of(raised) == ("ValidationException", 400)
    assert ":unused" in str(raised.value)


TRUE_CONDITIONS = [
    "n = :ten", "n <> :one", "n > :one", "n >= :ten", ":one < n", "n <= :ten",
    "n BETWEEN :one AND :ten", "n IN (:one, :ten)",
    "attribute_exists(n)", "attribute_exists(#m.x)", "attribute_not_exists(#m.nothing)",
    "attribute_type(n, :type_n)", "begins_with(#t, :he)", "contains(#t, :ell)",
    "contains(tags, :a)", "contains(#l, :one)", "size(#t) = :five", "size(#l) < :five",
    "size(tags) > :one", "NOT n = :one", "n = :one OR n = :ten", "n = :ten AND #t = :hello",
    "NOT (n = :one OR #t <> :hello)", "n = :one AND n = :one OR n = :ten", "#l[1] = :one",
    "#m = :map", "nothing <> :one", "attribute_not_exists (nothing)",
    "(n = :ten)", "n = :ten and not #t = :he or n between :one and :ten"]
FALSE_CONDITIONS = [
    "n = :one", "n <> :ten", "n < :ten", "#t = :ten", "#t > :ten", "nothing = :one",
    "attribute_exists(nothing)", "attribute_not_exists(n)", "NOT n = :ten",
    "n = :ten AND n = :one", "begins_with(#t, :ell)", "contains(tags, :ell)",
    "n BETWEEN :ten AND :ten AND n = :one", "n IN (:one, :five)", "size(nothing) = :one",
    "n = :one OR n = :five", "attribute_type(#t, :type_n)", "#l[7] = :one"]
CONDITION_VALUES = {
    ":ten": n(10), ":one": n(1), ":five": n(5), ":type_n": {"S": "N"}, ":he": {"S": "he"},
    ":ell": {"S": "ell"}, ":a": {"S": "a"}, ":hello": {"S": "hello"},
    ":map": {"M": {"x": n(1), "y": {"S": "why"}}}}
CONDITION_NAMES = {"#m": "extra", "#l": "films", "#t": "note"}


def used(table_of_placeholders, expression):
    """Only the placeholders that an expression uses: DynamoDB refuses others."""
    words = expression.replace("(", " ").replace(")", " ").replace(",", " ").replace(
        ".", " ").replace("[", " ").split()
    return {name: value for name, value in table_of_placeholders.items() if name in words}


def placeholders(expression):
    arguments = {"ExpressionAttributeValues": used(CONDITION_VALUES, expression),
                 "ExpressionAttributeNames": used(CONDITION_NAMES, expression)}
    return {key: value for key, value in arguments.items() if value}


@pytest.mark.parametrize("condition", TRUE_CONDITIONS)
def test_a_true_condition_lets_the_write_through(dynamodb, table, item, condition):
    dynamodb.delete_item(TableName=table, Key=KEY, ConditionExpression=condition,
                         **placeholders(condition))
    assert "Item" not in dynamodb.get_item(TableName=table, Key=KEY)


@pytest.mark.parametrize("condition", FALSE_CONDITIONS)
def test_a_false_condition_stops_the_write(dynamodb, table, item, condition):
    with pytest.raises(ClientError) as raised:
        dynamodb.delete_item(TableName=table, Key=KEY, ConditionExpression=condition,
                             **placeholders(condition))
    assert error_of(raised) == ("ConditionalCheckFailedException", 400)
    assert raised.value.response["Error"]["Message"] == "The conditional request failed"
    assert "Item" in dynamodb.get_item(TableName=table, Key=KEY)


@pytest.mark.parametrize("condition", [
    "", "n", "n =", "= :ten", "n = :ten AND", "n = :ten n = :ten", "(n = :ten", "n = :ten)",
    "n BETWEEN :one", "n IN ()", "n IN :ten", "size(n", "begins_with(n)", "frob(n)", "n === :ten",
    "n = :not_given", "((n = :ten))", "attribute_exists(:ten)", "n BETWEEN :ten AND :one",
    "a" * 5000])
def test_a_condition_that_makes_no_sense_is_refused(dynamodb, table, item, condition):
    with pytest.raises(ClientError) as raised:
        dynamodb.delete_item(TableName=table, Key=KEY, ConditionExpression=condition,
                             **placeholders(condition))
    assert error_of(raised) == ("ValidationException", 400)
    assert "Item" in dynamodb.get_item(TableName=table, Key=KEY)


def test_an_item_is_put_only_if_it_is_new(dynamodb, table):
    new = {"TableName": table, "Item": KEY, "ConditionExpression": "attribute_not_exists(id)"}
    dynamodb.put_item(**new)
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException):
        dynamodb.put_item(**new)


def test_a_failed_condition_returns_the_item_if_asked(dynamodb, table, item):
    with pytest.raises(ClientError) as raised:
        item("SET n = :ten", {":ten": n(10), ":one": n(1)}, ConditionExpression="n = :one",
             ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert raised.value.response["Item"]["n"] == n(10)


def test_a_projection_returns_only_the_paths_it_names(dynamodb, table, item):
    got = dynamodb.get_item(TableName=table, Key=KEY,
                            ProjectionExpression="n, #m.x, films[1], nope",
                            ExpressionAttributeNames={"#m": "extra"})["Item"]
    assert got == {"n": n(10), "extra": {"M": {"x": n(1)}}, "films": {"L": [n(1)]}}


@pytest.mark.parametrize("projection", ["", "n,", "n, n", "extra, extra.x", "n n", "#missing",
                                        "films["])
def test_a_projection_that_makes_no_sense_is_refused(dynamodb, table, item, projection):
    with pytest.raises(ClientError) as raised:
        dynamodb.get_item(TableName=table, Key=KEY, ProjectionExpression=projection)
    assert error_of(raised) == ("ValidationException", 400)


def test_reserved_words_need_a_placeholder(dynamodb, table, item):
    with pytest.raises(ClientError) as raised:
        item("SET status = :v", {":v": n(1)})
    assert error_of(raised) == ("ValidationException", 400)
    assert "reserved keyword" in str(raised.value)
    assert item("SET #s = :v", {":v": n(1)}, {"#s": "status"})["status"] == n(1)
