"""enrich_movies with an OMDb that fails, limps, lies or makes it wait."""

import concurrent.futures
import http.server
import json
import threading
import time
import urllib.parse

import pytest
from runtime_api import Invocation
from top_movies import DAY, days, failed, message, sqs_event, written

FILM = {"Title": "T", "imdbID": "tt0111161", "imdbVotes": "1,000", "Response": "True"}
OK = (200, json.dumps(FILM))


@pytest.fixture
def scripted(output):
    """Starts an OMDb that gives the answers of a function, by the number of the request, and gives
    the environment with it and the list of what was asked."""
    servers = []

    def start(answer):
        asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                asked.append(urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query))
                status, body = answer(len(asked))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body.encode())))
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return {**output, "OMDB_URL": f"http://127.0.0.1:{server.server_port}/"}, asked

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_failures_that_pass_are_tried_again(aws, run, scripted, bucket):
    answers = [(503, "later"), (200, "{half"), (429, "slow down"), OK]
    environment, asked = scripted(lambda number: answers[number - 1])
    ran = run("enrich_movies", sqs_event(message(DAY, "tt0111161")), **environment)
    assert ran.body() == failed()
    assert asked == [{"i": ["tt0111161"], "apikey": ["good-key"]}] * 4
    assert written(aws, bucket, DAY)["films"][0]["votes"] == 1000


@pytest.mark.parametrize("answer, said, times", [
    ((500, "oops"), "OMDb answers 500 when asked for tt0111161.", 4),
    ((200, "<html>"), "OMDb's answer to tt0111161 is no JSON", 4),
    ((404, "{}"), "OMDb answers 404 when asked for tt0111161.", 1),
    ((401, json.dumps({"Response": "False", "Error": "Request limit reached!"})),
     "OMDb refuses the key: Request limit reached!", 1),
    ((401, ""), "OMDb refuses the key", 1),
    ((200, json.dumps({**FILM, "imdbID": "tt0068646"})),
     "OMDb was asked for tt0111161 and answers with tt0068646.", 1),
    ((200, json.dumps({"Response": "False", "Error": "Movie not found!"})),
     "OMDb does not know tt0111161 (Film 1)", 1)])
def test_failures_that_stay_are_told_and_nothing_is_written(
        aws, run, scripted, bucket, answer, said, times):
    environment, asked = scripted(lambda number: answer)
    ran = run("enrich_movies", sqs_event(message(DAY, "tt0111161")), **environment)
    assert ran.body() == failed(0)
    assert said in ran.output
    assert len(asked) == times
    assert days(aws, bucket) == []


def test_two_at_the_same_time_write_a_day_once(aws, run, scripted, bucket):
    """Both have seen that the day is missing before either writes it."""
    aws("s3").put_bucket_versioning(Bucket=bucket,
                                    VersioningConfiguration={"Status": "Enabled"})
    both = threading.Barrier(2, timeout=20)

    def answer(number):
        both.wait()
        return OK

    environment, _ = scripted(answer)
    event = sqs_event(message(DAY, "tt0111161"))
    with concurrent.futures.ThreadPoolExecutor() as pool:
        runs = [pool.submit(run, "enrich_movies", event, **environment) for _ in range(2)]
    assert [ran.result().body() for ran in runs] == [failed(), failed()]
    said = "".join(ran.result().output for ran in runs)
    assert "The day is written." in said and "Another invocation has written the day." in said
    assert len(aws("s3").list_object_versions(Bucket=bucket)["Versions"]) == 1


def test_a_new_key_counts_from_the_next_invocation_on(aws, run, scripted, bucket, name):
    """The parameter is changed while the function, which has the old key, runs."""
    def answer(number):
        if number > 1:
            return OK
        aws("ssm").put_parameter(Name=f"/{name}/key", Type="SecureString", Value="new",
                                 Overwrite=True)
        return 401, json.dumps({"Response": "False", "Error": "Invalid API key!"})

    environment, asked = scripted(answer)
    event = sqs_event(message(DAY, "tt0111161"))
    assert run("enrich_movies", event, event, **environment).bodies() == [failed(0), failed()]
    assert [query["apikey"] for query in asked] == [["good-key"], ["new"]]


def test_when_time_runs_out_the_batch_is_answered_all_the_same(aws, run, scripted, bucket):
    """The second film hangs: the function answers before Lambda ends it."""
    hangs = threading.Event()

    def answer(number):
        if number > 1:
            hangs.wait(20)
        return OK

    environment, _ = scripted(answer)
    event = sqs_event(message(DAY, "tt0111161"), message("2026-01-02", "tt0111161"),
                      message("2026-01-03", "tt0111161"))
    deadline = int(time.time() * 1000) + 3000
    ran = run("enrich_movies", Invocation(json.dumps(event).encode(), {
        "Lambda-Runtime-Deadline-Ms": str(deadline)}), **environment)
    answered = time.time() * 1000
    hangs.set()
    assert ran.body() == failed(1, 2)
    assert days(aws, bucket) == [DAY]
    assert answered < deadline
    assert "The time of the function is over before this was done." in ran.output
