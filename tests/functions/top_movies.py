"""Events of the top-movies pipeline, and what is left of them in queues and buckets."""

import json
import pathlib
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILMS = ROOT / "data" / "Top250Movies.json"
DAY = "2026-01-01"
SCHEDULED = {"version": "0", "id": str(uuid.UUID(int=1)), "detail-type": "Scheduled Event",
             "source": "aws.events", "account": "000000000000", "time": f"{DAY}T06:00:00Z",
             "region": "us-east-1", "resources": [], "detail": {}}
BEST = ["tt0111161", "tt0068646", "tt0468569", "tt0071562", "tt0050083", "tt0108052", "tt0167260",
        "tt0110912", "tt0120737", "tt0060196"]


def item(number, rating, **other):
    return {"id": f"tt{number:07}", "rank": str(number), "title": f"Film {number}",
            "year": "1999", "imDbRating": rating, **other}


def sqs_event(*bodies, queue_name="films", groups=None):
    """As Lambda makes it; the ids of messages are their places."""
    return {"Records": [
        {"messageId": str(place), "receiptHandle": "r", "body": body,
         "attributes": {"ApproximateReceiveCount": "1",
                        **({"MessageGroupId": groups[place]} if groups else {})},
         "messageAttributes": {}, "md5OfBody": "x", "eventSource": "aws:sqs",
         "eventSourceARN": f"arn:aws:sqs:us-east-1:000000000000:{queue_name}",
         "awsRegion": "us-east-1"} for place, body in enumerate(bodies)]}


def message(day, *ids):
    return json.dumps({"day": day, "films": [
        {"id": name, "rank": place, "title": f"Film {place}", "year": 1999, "rating": 9.1}
        for place, name in enumerate(ids, 1)]})


def failed(*places):
    return {"batchItemFailures": [{"itemIdentifier": str(place)} for place in places]}


def receive(aws, queue):
    return aws("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10,
                                      MessageAttributeNames=["All"]).get("Messages", [])


def written(aws, bucket, day):
    found = aws("s3").get_object(Bucket=bucket, Key=f"top-movies/{day}.json")
    return json.loads(found["Body"].read())


def days(aws, bucket):
    listed = aws("s3").list_objects_v2(Bucket=bucket, Prefix="top-movies/").get("Contents", [])
    return [entry["Key"].removeprefix("top-movies/").removesuffix(".json") for entry in listed]
