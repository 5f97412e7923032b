"""enrich_movies as a function of `matinee up`, whose OMDb is the stand-in of the program."""

import json

import boto3
import matinee_server
import pytest
from conftest import CREDENTIALS, ROOT
from functions_kit import make_function
from top_movies import DAY, days, failed, message, sqs_event, written


@pytest.fixture
def aws(tmp_path):
    arguments = ["--host", "www.omdbapi.com=omdb"]
    with matinee_server.Server(tmp_path / "data", arguments) as server:
        yield lambda service: boto3.client(service, endpoint_url=server.url, **CREDENTIALS)


@pytest.mark.parametrize("settings", [{"OMDB_URL": "http://www.omdbapi.com/"}, {}])
def test_enrich_movies_asks_omdb_by_its_own_name(aws, settings):
    """By http, and by https, which is its default."""
    aws("s3").create_bucket(Bucket="films")
    aws("ssm").put_parameter(Name="/omdb", Type="SecureString", Value="a-key")
    make_function(aws("lambda"), "enrich",
                  (ROOT / "build" / "functions" / "enrich_movies.zip").read_bytes(),
                  Runtime="provided.al2023", Handler="bootstrap", Timeout=30,
                  Environment={"Variables": {"OUTPUT_BUCKET": "films",
                                             "OMDB_KEY_PARAMETER": "/omdb", **settings}})
    event = sqs_event(message(DAY, "tt0111161"))
    answer = aws("lambda").invoke(FunctionName="enrich", Payload=json.dumps(event))
    assert json.load(answer["Payload"]) == failed()
    assert days(aws, "films") == [DAY]
    [film] = written(aws, "films", DAY)["films"]
    assert film["id"] == "tt0111161" and "votes" in film
