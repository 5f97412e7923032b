"""get_top_movies and enrich_movies against Matinee and the stand-in for OMDb: what they send,
write, report and refuse.
"""

import json
import re

import botocore.exceptions
import pytest
from top_movies import (
    BEST, DAY, FILMS, SCHEDULED, days, failed, item, message, receive, sqs_event, written)


def test_the_list_goes_through_a_topic_and_a_queue_into_one_file(
        aws, run, film_list, output, queue, bucket, name):
    """Through SNS, in its envelope, as the subscription does it by default."""
    topic = aws("sns").create_topic(Name=name)["TopicArn"]
    arn = aws("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    aws("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn["Attributes"]["QueueArn"])
    policy = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
                             "Action": "sqs:SendMessage", "Resource": "*"}]}
    aws("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy)})

    sent = run("get_top_movies", SCHEDULED, **film_list(), TOPIC_ARN=topic).body()
    assert (sent["day"], sent["films"]) == (DAY, 10)
    [envelope] = receive(aws, queue)
    assert json.loads(envelope["Body"])["MessageId"] == sent["messageId"]

    assert run("enrich_movies", sqs_event(envelope["Body"]), **output).body() == failed()
    document = written(aws, bucket, DAY)
    source = {entry["id"]: entry for entry in json.loads(FILMS.read_text("utf-8"))["items"]}
    assert document["day"] == DAY
    assert [film["id"] for film in document["films"]] == BEST
    for film in document["films"]:
        entry = source[film["id"]]
        crew = entry["crew"].split(", ")
        assert film == {
            "rank": int(entry["rank"]), "id": entry["id"], "title": entry["title"],
            "year": int(entry["year"]), "rating": float(entry["imDbRating"]),
            "votes": int(entry["imDbRatingCount"]),
            "directors": [who.removesuffix(" (dir.)") for who in crew if who.endswith("(dir.)")],
            "actors": [who for who in crew if not who.endswith("(dir.)")],
            "poster": entry["image"]}
    head = aws("s3").head_object(Bucket=bucket, Key=f"top-movies/{DAY}.json")
    assert head["ContentType"] == "application/json"


def test_a_queue_gets_one_message_with_only_what_is_needed(aws, run, film_list, queue):
    answer = run("get_top_movies", SCHEDULED, **film_list(), QUEUE_URL=queue).body()
    [sent] = receive(aws, queue)
    assert sent["MessageId"] == answer["messageId"]
    assert sent["MessageAttributes"]["day"]["StringValue"] == DAY
    body = json.loads(sent["Body"])
    assert [film["id"] for film in body["films"]] == BEST
    assert body["films"][0] == {"id": "tt0111161", "rank": 1, "title": "The Shawshank Redemption",
                                "year": 1994, "rating": 9.2}


def test_of_equal_ratings_the_rank_decides_as_a_number(aws, run, film_list, queue):
    items = [item(12, "8.8"), item(9, "8.8"), item(10, "8.8"), item(2, "10.0"), item(3, "9.0"),
             item(4, "")]
    environment = {**film_list(items), "QUEUE_URL": queue, "MOVIES_COUNT": "4"}
    run("get_top_movies", SCHEDULED, **environment)
    [sent] = receive(aws, queue)
    films = json.loads(sent["Body"])["films"]
    assert [film["rank"] for film in films] == [2, 3, 9, 10]
    assert '"rating":10.0' in sent["Body"]


def test_titles_that_were_encoded_twice_are_repaired(aws, run, film_list, queue):
    items = [item(1, "9", title="LÃ©on"), item(2, "8", title="Amélie"),
             item(3, "7", title="七人の侍")]
    run("get_top_movies", SCHEDULED, **film_list(items), QUEUE_URL=queue, MOVIES_COUNT="3")
    [sent] = receive(aws, queue)
    assert [film["title"] for film in json.loads(sent["Body"])["films"]] == [
        "Léon", "Amélie", "七人の侍"]


def test_a_fifo_queue_takes_a_day_once(aws, run, film_list, name):
    queue = aws("sqs").create_queue(QueueName=f"{name}.fifo",
                                    Attributes={"FifoQueue": "true"})["QueueUrl"]
    answers = run("get_top_movies", SCHEDULED, SCHEDULED, {"day": "2026-01-02"}, **film_list(),
                  QUEUE_URL=queue).bodies()
    assert [answer["day"] for answer in answers] == [DAY, DAY, "2026-01-02"]
    assert len(receive(aws, queue)) == 2


@pytest.mark.parametrize("items, said", [
    ([item(1, "9,1")], "tt0000001 has the rating"), ([item(1, "9", rank="first")], "the rank"),
    ([item(1, "9"), item(1, "9")], "tt0000001 has two places"),
    ([item(1, "9", id="1")], "place 1 of the list has no usable id"),
    ([item(1, "9")], "has 1 films with a rating; 10 are needed")])
def test_a_list_with_a_fault_is_named_and_not_sent(aws, run, film_list, queue, items, said):
    error = run("get_top_movies", SCHEDULED, **film_list(items), QUEUE_URL=queue).body()
    assert error["errorType"] == "BadFilmList"
    assert said in error["errorMessage"]
    assert receive(aws, queue) == []


def test_an_error_of_a_service_is_that_of_the_function_and_the_next_event_is_served(
        run, bucket, film_list, queue):
    ran = run("get_top_movies", SCHEDULED, {"day": "yesterday"}, MOVIES_BUCKET=bucket,
              MOVIES_KEY="nothing", QUEUE_URL=queue)
    assert [answer.path[-6:] for answer in ran.answers] == ["/error", "/error"]
    assert [body["errorType"] for body in ran.bodies()] == ["NoSuchKey", "BadEvent"]
    assert ran.answers[0].headers["lambda-runtime-function-error-type"] == "Function.NoSuchKey"
    assert ran.exit_code is None


def test_a_setting_that_is_missing_is_an_error_of_init(run, bucket):
    ran = run("get_top_movies", SCHEDULED, MOVIES_BUCKET=bucket, MOVIES_KEY="x")
    assert [answer.path for answer in ran.answers] == ["/init/error"]
    assert ran.body()["errorType"] == "BadSetting"
    assert ran.body()["errorMessage"] == "One of TOPIC_ARN and QUEUE_URL must be set."
    assert ran.exit_code == 1


def test_the_same_day_twice_gives_one_result(aws, run, output, bucket):
    aws("s3").put_bucket_versioning(Bucket=bucket,
                                    VersioningConfiguration={"Status": "Enabled"})
    twice = sqs_event(message(DAY, "tt0111161"), message(DAY, "tt0111161"))
    ran = run("enrich_movies", twice, sqs_event(message(DAY, "tt0068646")), **output)
    assert ran.bodies() == [failed(), failed()]
    assert ran.output.count("The day is there already.") == 2
    versions = aws("s3").list_object_versions(Bucket=bucket)["Versions"]
    assert len(versions) == 1
    assert [film["id"] for film in written(aws, bucket, DAY)["films"]] == ["tt0111161"]


def test_every_record_of_a_batch_is_worked_on_and_only_what_failed_comes_again(
        aws, run, output, bucket):
    event = sqs_event(message("2026-01-01", "tt0111161"), "no JSON",
                      message("2026-01-02", "tt0068646", "tt9999999"),
                      message("2026-02-30", "tt0068646"), json.dumps({"day": "2026-01-03"}),
                      message("2026-01-04", "tt0468569"))
    ran = run("enrich_movies", event, **output)
    assert ran.body() == failed(1, 2, 3, 4)
    assert days(aws, bucket) == ["2026-01-01", "2026-01-04"]
    assert "OMDb does not know tt9999999 (Film 2); nothing is written for 2026-01-02." in ran.output


def test_in_a_fifo_queue_what_follows_a_failure_in_its_group_waits(aws, run, output, bucket):
    event = sqs_event("no JSON", message("2026-01-01", "tt0111161"),
                      message("2026-01-02", "tt0111161"), queue_name="films.fifo",
                      groups=["a", "a", "b"])
    assert run("enrich_movies", event, **output).body() == failed(0, 1)
    assert days(aws, bucket) == ["2026-01-02"]


def test_a_refused_key_is_named_and_what_is_there_stays(aws, run, output, bucket, name):
    good = sqs_event(message(DAY, "tt0111161"))
    run("enrich_movies", good, **output)
    before = written(aws, bucket, DAY)
    aws("ssm").put_parameter(Name=f"/{name}/key", Type="SecureString", Value="bad", Overwrite=True)
    event = sqs_event(message(DAY, "tt0068646"), message("2026-01-02", "tt0068646"),
                      message("2026-01-03", "tt0068646"))
    ran = run("enrich_movies", event, **output)
    assert ran.body() == failed(1, 2)
    assert f"OMDb refuses the key: Invalid API key! It is that of the parameter /{name}/key." \
        in ran.output
    assert written(aws, bucket, DAY) == before
    assert days(aws, bucket) == [DAY]


def test_without_the_parameter_the_error_of_ssm_is_logged(aws, run, output, bucket):
    ran = run("enrich_movies", sqs_event(message(DAY, "tt0111161")),
              **{**output, "OMDB_KEY_PARAMETER": "/not/there"})
    assert ran.body() == failed(0)
    assert "ParameterNotFound" in ran.output
    assert days(aws, bucket) == []


def test_an_omdb_that_is_not_there_is_tried_again_and_told(aws, run, output, bucket):
    ran = run("enrich_movies", sqs_event(message(DAY, "tt0111161")),
              **{**output, "OMDB_URL": "http://127.0.0.1:1/"})
    assert ran.body() == failed(0)
    assert "127.0.0.1:1 cannot be reached: Connection refused." in ran.output
    with pytest.raises(botocore.exceptions.ClientError):
        written(aws, bucket, DAY)


def test_the_log_is_json_with_levels_where_that_is_asked_for(run, output):
    ran = run("enrich_movies", sqs_event("no JSON", message(DAY, "tt0111161")), **output,
              AWS_LAMBDA_LOG_FORMAT="JSON", AWS_LAMBDA_LOG_LEVEL="WARN")
    [record] = map(json.loads, ran.output.splitlines())
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", record.pop("timestamp"))
    assert record == {"level": "ERROR", "requestId": "00000000-0000-4000-8000-000000000001",
                      "message": "The JSON is malformed at byte 0.",
                      "errorType": "Runtime.UnmarshalError", "record": "0"}
