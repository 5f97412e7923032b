"""`matinee omdb`, asked as programs ask the OMDb API."""

import http.client
import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request

import matinee_server
import pytest
from conftest import GOOD_KEY, ROOT, Omdb

# OMDb's members of a film, in its order.
MEMBERS = ["Title", "Year", "Rated", "Released", "Runtime", "Genre", "Director", "Writer", "Actors",
           "Plot", "Language", "Country", "Awards", "Poster", "Ratings", "Metascore", "imdbRating",
           "imdbVotes", "imdbID", "Type", "DVD", "BoxOffice", "Production", "Website", "Response"]


def ask(omdb, key=GOOD_KEY, **query):
    if key is not None:
        query["apikey"] = key
    try:
        with urllib.request.urlopen(f"{omdb.url}?{urllib.parse.urlencode(query)}") as reply:
            assert reply.headers["Content-Type"] == "application/json; charset=utf-8"
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_a_film_has_the_members_of_omdb_in_its_order(omdb):
    status, film = ask(omdb, i="tt0110413")
    assert status == 200
    assert list(film) == MEMBERS
    assert film["Title"] == "Léon: The Professional"
    assert (film["Director"], film["Actors"]) == ("Luc Besson", "Jean Reno, Gary Oldman")
    assert film["Ratings"] == [{"Source": "Internet Movie Database", "Value": "8.5/10"}]
    assert (film["imdbRating"], film["imdbVotes"]) == ("8.5", "1,121,369")
    assert {film[name] for name in ("Plot", "Genre", "Runtime", "BoxOffice")} == {"N/A"}


def test_every_film_of_the_list_is_found_by_its_id(omdb):
    items = json.loads((ROOT / "data" / "Top250Movies.json").read_text("utf-8"))["items"]
    assert omdb.ready["films"] == len(items) == 250
    place = urllib.parse.urlsplit(omdb.url)
    connection = http.client.HTTPConnection(place.hostname, place.port)
    for item in items:
        connection.request("GET", f"/?i={item['id']}&apikey={GOOD_KEY}")
        film = json.load(connection.getresponse())
        assert (film["imdbID"], film["Year"], film["imdbRating"]) == (
            item["id"], item["year"], item["imDbRating"])
        assert "Ã" not in film["Title"] + film["Actors"]
    connection.close()


@pytest.mark.parametrize("key, error", [
    (None, "No API key provided."), ("", "No API key provided."), ("bad", "Invalid API key!")])
def test_without_a_good_key_the_answer_is_401(omdb, key, error):
    assert ask(omdb, key, i="tt0111161") == (401, {"Response": "False", "Error": error})


@pytest.mark.parametrize("query, error", [
    ({"i": "tt0000001"}, "Error getting data."), ({"i": "0111161"}, "Incorrect IMDb ID."),
    ({}, "Incorrect IMDb ID."), ({"t": "No Such Film"}, "Movie not found!")])
def test_what_is_not_found_is_told_with_status_200(omdb, query, error):
    assert ask(omdb, **query) == (200, {"Response": "False", "Error": error})


def test_a_title_and_a_year_find_a_film(omdb):
    assert ask(omdb, t="amélie")[1]["imdbID"] == "tt0211915"
    assert ask(omdb, t="the godfather", y="1974")[1]["Title"] == "The Godfather: Part II"


def test_any_key_will_do_where_none_is_named():
    omdb = Omdb()
    assert ask(omdb, "whatever", t="Heat")[1]["Year"] == "1995"
    assert omdb.stop() == 0


def test_a_port_that_is_taken_is_said_in_a_sentence(omdb):
    port = urllib.parse.urlsplit(omdb.url).port
    ended = subprocess.run([matinee_server.find_binary(), "omdb", "--port", str(port)],
                           capture_output=True, text=True, timeout=20)
    assert ended.returncode == 1
    assert str(port) in ended.stderr
