"""PynamoDB, an object mapper: models with indexes, versions and expiry make their own tables, and
are written, read, updated, queried and removed, also in batches and transactions.
"""

import datetime
from datetime import timedelta

import aws_clients
import pytest
from pynamodb.attributes import (
    BooleanAttribute, JSONAttribute, ListAttribute, MapAttribute, NumberAttribute,
    NumberSetAttribute, TTLAttribute, UnicodeAttribute, UnicodeSetAttribute,
    UTCDateTimeAttribute, VersionAttribute)
from pynamodb.connection import Connection
from pynamodb.constants import STREAM_NEW_AND_OLD_IMAGE
from pynamodb.exceptions import (
    DeleteError, DoesNotExist, PutError, TransactWriteError, UpdateError)
from pynamodb.indexes import (
    AllProjection, GlobalSecondaryIndex, IncludeProjection, KeysOnlyProjection,
    LocalSecondaryIndex)
from pynamodb.models import Model
from pynamodb.transactions import TransactGet, TransactWrite

NOON = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.timezone.utc)


class ByYear(LocalSecondaryIndex):
    class Meta:
        index_name = "by-year"
        projection = KeysOnlyProjection()
    genre = UnicodeAttribute(hash_key=True)
    year = NumberAttribute(range_key=True)


class ByDirector(GlobalSecondaryIndex):
    class Meta:
        index_name = "by-director"
        projection = IncludeProjection(["year"])
        read_capacity_units = 2
        write_capacity_units = 1
    director = UnicodeAttribute(hash_key=True)
    title = UnicodeAttribute(range_key=True)


class Seen(GlobalSecondaryIndex):
    class Meta:
        index_name = "seen"
        projection = AllProjection()
        read_capacity_units = 1
        write_capacity_units = 1
    seen_at = UTCDateTimeAttribute(hash_key=True)


class Place(MapAttribute):
    city = UnicodeAttribute()
    halls = NumberAttribute(default=1)


def film_model(url, table):
    class Film(Model):
        class Meta:
            table_name = table
            host = url
            region = aws_clients.REGION
            read_capacity_units = 3
            write_capacity_units = 2
            stream_view_type = STREAM_NEW_AND_OLD_IMAGE
            tags = {"team": "films"}
            aws_access_key_id = aws_clients.CREDENTIALS["aws_access_key_id"]
            aws_secret_access_key = aws_clients.CREDENTIALS["aws_secret_access_key"]
        genre = UnicodeAttribute(hash_key=True)
        title = UnicodeAttribute(range_key=True)
        year = NumberAttribute(null=True)
        director = UnicodeAttribute(null=True)
        seen_at = UTCDateTimeAttribute(null=True)
        good = BooleanAttribute(default=True)
        tags = UnicodeSetAttribute(null=True)
        ratings = NumberSetAttribute(null=True)
        cast = ListAttribute(of=UnicodeAttribute, default=list)
        place = Place(null=True)
        notes = JSONAttribute(null=True)
        until = TTLAttribute(null=True)
        version = VersionAttribute()
        by_year = ByYear()
        by_director = ByDirector()
        seen = Seen()
    return Film


@pytest.fixture(scope="module")
def film(endpoint):
    model = film_model(endpoint, "pynamodb-films")
    model.create_table(wait=True)
    yield model
    model.delete_table(wait=True)
    assert not model.exists()


def test_a_table_is_what_its_model_says(film, dynamodb):
    assert film.exists()
    told = film.describe_table()
    assert told["TableStatus"] == "ACTIVE"
    assert told["ProvisionedThroughput"]["ReadCapacityUnits"] == 3
    assert told["StreamSpecification"] == {
        "StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    [local] = told["LocalSecondaryIndexes"]
    assert (local["IndexName"], local["Projection"]) == (
        "by-year", {"ProjectionType": "KEYS_ONLY"})
    indexes = {index["IndexName"]: index for index in told["GlobalSecondaryIndexes"]}
    assert indexes["by-director"]["Projection"] == {
        "ProjectionType": "INCLUDE", "NonKeyAttributes": ["year"]}
    assert indexes["seen"]["KeySchema"] == [{"AttributeName": "seen_at", "KeyType": "HASH"}]
    assert dynamodb.describe_time_to_live(TableName="pynamodb-films")["TimeToLiveDescription"] == {
        "TimeToLiveStatus": "ENABLED", "AttributeName": "until"}
    assert dynamodb.list_tags_of_resource(ResourceArn=told["TableArn"])["Tags"] == [
        {"Key": "team", "Value": "films"}]
    # What is there is left alone.
    assert film.create_table(ignore_update_ttl_errors=True) is None


def test_an_object_is_saved_read_changed_and_removed(film):
    until = NOON + timedelta(days=36500)
    film("drama", "Ran", year=1985, director="Kurosawa", seen_at=NOON, good=False,
         tags={"war", "color"}, ratings={8, 8.2}, cast=["Nakadai"], until=until,
         place=Place(city="Tokyo"), notes={"seen": [1, None]}).save()
    read = film.get("drama", "Ran", consistent_read=True)
    assert read.attribute_values == {
        "genre": "drama", "title": "Ran", "year": 1985, "director": "Kurosawa", "seen_at": NOON,
        "good": False, "tags": {"war", "color"}, "ratings": {8, 8.2}, "cast": ["Nakadai"],
        "until": until, "place": read.place, "notes": {"seen": [1, None]}, "version": 1}
    assert (read.place.city, read.place.halls) == ("Tokyo", 1)
    read.update(actions=[
        film.year.set(film.year + 1), film.cast.set(film.cast.append(["Terao"])),
        film.place.city.set("Kyoto"), film.tags.add({"epic"}), film.ratings.delete({8}),
        film.director.set(film.director | "nobody"), film.notes.remove()],
        condition=(film.year == 1985) & film.tags.contains("war"))
    assert (read.year, read.cast, read.place.city, read.version) == (
        1986, ["Nakadai", "Terao"], "Kyoto", 2)
    assert read.tags == {"war", "color", "epic"} and read.ratings == {8.2}
    assert read.notes is None and read.director == "Kurosawa"
    with pytest.raises(UpdateError) as raised:
        read.update(actions=[film.good.set(True)], condition=film.year.between(1900, 1950))
    assert raised.value.cause_response_code == "ConditionalCheckFailedException"
    read.delete(condition=film.cast.exists() & (film.cast[0] == "Nakadai"))
    with pytest.raises(DoesNotExist):
        film.get("drama", "Ran")


def test_who_writes_an_old_version_is_refused(film):
    film("drama", "Ikiru").save()
    first, second = film.get("drama", "Ikiru"), film.get("drama", "Ikiru")
    first.year = 1952
    first.save()
    second.year = 1953
    with pytest.raises(PutError) as raised:
        second.save()
    assert raised.value.cause_response_code == "ConditionalCheckFailedException"
    with pytest.raises(DeleteError):
        second.delete()
    second.refresh(consistent_read=True)
    assert (second.year, second.version) == (1952, 2)
    second.delete()
    with pytest.raises(PutError):
        film("drama", "Yojimbo").save(condition=film.title.exists())


def test_objects_are_queried_counted_and_scanned_in_pages(film):
    with film.batch_write() as batch:
        for number in range(30):
            batch.save(film("series", f"Part {number:02}", year=2000 - number, good=number % 2 == 0,
                            director="Lucas" if number < 9 else None))
    query = film.query("series", film.title.between("Part 05", "Part 14"), page_size=4)
    assert [part.title for part in query] == [f"Part {number:02}" for number in range(5, 15)]
    assert film.count("series", film.title.startswith("Part 1")) == 10
    assert film.count("series", filter_condition=film.good == False) == 15  # noqa: E712
    assert film.by_director.count("Lucas") == 9
    backwards = film.by_year.query("series", film.year > 1996, scan_index_forward=False)
    assert [part.year for part in backwards] == [2000, 1999, 1998, 1997]
    first = film.by_director.query("Lucas", limit=2, page_size=2)
    assert [(part.title, part.year, part.tags) for part in first] == [
        ("Part 00", 2000, None), ("Part 01", 1999, None)]
    rest = film.by_director.query("Lucas", last_evaluated_key=first.last_evaluated_key)
    assert [part.title for part in rest] == [f"Part {number:02}" for number in range(2, 9)]
    found = film.scan(film.year.is_in(1999, 1998) & film.director.exists(), page_size=7)
    assert sorted(part.title for part in found) == ["Part 01", "Part 02"]
    halves = [part.title for segment in (0, 1) for part in film.scan(
        film.genre == "series", segment=segment, total_segments=2)]
    assert sorted(halves) == [f"Part {number:02}" for number in range(30)]
    got = film.batch_get([("series", f"Part {number:02}") for number in range(20)] +
                         [("series", "none")], attributes_to_get=["title"])
    assert sorted(part.title for part in got) == [f"Part {number:02}" for number in range(20)]
    with film.batch_write() as batch:
        for part in film.query("series"):
            batch.delete(part)
    assert film.count("series") == 0


def test_objects_are_written_and_read_in_transactions(endpoint, film):
    connection = Connection(host=endpoint, region=aws_clients.REGION)
    connection.session.set_credentials(*aws_clients.CREDENTIALS.values())
    old, unread = film("trade", "old", year=1), film("trade", "unread", year=2)
    old.save()
    unread.save()
    new = film("trade", "new", year=3)
    with TransactWrite(connection=connection, client_request_token="pynamodb") as transaction:
        transaction.save(new, condition=film.title.does_not_exist(), return_values="ALL_OLD")
        transaction.update(old, actions=[film.year.add(10)], condition=film.year == 1)
        transaction.delete(unread)
    with TransactGet(connection=connection) as transaction:
        found = [transaction.get(film, "trade", title) for title in ("new", "old")]
        gone = transaction.get(film, "trade", "unread")
    assert [(part.get().year, part.get().version) for part in found] == [(3, 1), (11, 2)]
    with pytest.raises(DoesNotExist):
        gone.get()
    with pytest.raises(TransactWriteError) as raised:
        with TransactWrite(connection=connection) as transaction:
            transaction.condition_check(
                film, "trade", "new", condition=film.year == 3)
            transaction.update(found[1].get(), actions=[film.year.set(0)],
                               condition=film.year.does_not_exist(), return_values="ALL_OLD")
    reasons = raised.value.cancellation_reasons
    assert reasons[0] is None and reasons[1].code == "ConditionalCheckFailed"
    assert film.from_raw_data(reasons[1].raw_item).year == 11
