"""/_matinee/pattern and /_matinee/input: patterns and inputs tried before anything is sent."""

import json
import urllib.error

import matinee_server
import own_pages
import pytest

EVENT = {"source": "shop", "detail": {"state": "paid", "total": 42}}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with matinee_server.Server(tmp_path_factory.mktemp("lab") / "data") as server:
        yield server


def ask(server, page, **members):
    try:
        return own_pages.ask(server, "POST", page, body=members)
    except urllib.error.HTTPError as error:
        return json.load(error)


def leaves(server, dialect, pattern, event):
    told = ask(server, "pattern", Dialect=dialect, Pattern=json.dumps(pattern),
               Event=json.dumps(event))
    return told["Matches"], {leaf["Path"]: leaf["Holds"] for leaf in told["Leaves"]}


def test_each_leaf_of_a_rule_is_told(server):
    pattern = {"source": ["shop"], "detail": {"state": ["new", "paid"],
                                              "total": [{"numeric": [">", 100]}]}}
    assert leaves(server, "rule", pattern, EVENT) == (
        False, {"source": True, "detail.state": True, "detail.total": False})
    told = ask(server, "pattern", Dialect="rule", Pattern=json.dumps(pattern),
               Event=json.dumps(EVENT))
    [failure] = [leaf for leaf in told["Leaves"] if not leaf["Holds"]]
    assert failure["Sentence"] == "detail.total is 42 and must be a number above 100"
    assert failure["Found"] == "42"


def test_filter_policies_look_at_attributes_or_at_the_body(server):
    attributes = {"store": {"DataType": "String.Array", "StringValue": '["paris","berlin"]'},
                  "price": {"Type": "Number", "Value": "12.5"},
                  "blob": {"DataType": "Binary", "BinaryValue": "AA=="}}
    policy = {"store": ["berlin"], "price": [{"numeric": ["<", 10]}], "blob": [{"exists": False}]}
    assert leaves(server, "filter-policy-attributes", policy, attributes) == (
        False, {"store": True, "price": False, "blob": True})
    assert leaves(server, "filter-policy-body", {"detail": {"state": ["paid"]}}, EVENT) == (
        True, {"detail.state": True})


def test_filters_of_event_sources_read_the_body_of_a_message_as_json(server):
    record = {"messageId": "1", "body": json.dumps({"state": "paid"})}
    assert leaves(server, "event-source", {"body": {"state": ["paid"]}, "messageId": ["1"]},
                  record) == (True, {"body.state": True, "messageId": True})
    assert leaves(server, "event-source", {"body": ["text"]}, {"body": "text"}) == (
        True, {"body": True})


def test_what_is_no_pattern_or_no_event_is_refused_in_words(server):
    def refusal(dialect, pattern, event):
        return ask(server, "pattern", Dialect=dialect, Pattern=pattern, Event=event)["message"]

    assert refusal("bus", "{}", "{}").startswith('"bus" is none of')
    assert refusal("rule", '{"source": "shop"}', "{}").startswith("Event pattern is not valid")
    assert refusal("rule", '{"source": ["shop"]}', "[]") == "The event is not a JSON object."
    assert refusal("filter-policy-attributes", '{"a": ["b"]}', '{"a": "b"}') == (
        "The attribute a is not an object with DataType and StringValue.")


def test_the_input_of_a_target_is_previewed(server):
    def preview(**settings):
        return ask(server, "input", Event=json.dumps(EVENT), **settings)

    assert json.loads(preview()["Text"]) == EVENT
    assert preview(InputPath="$.detail.total")["Text"] == "42"
    arn = "arn:aws:events:us-east-1:000000000000:rule/paid"
    told = preview(InputPathsMap={"s": "$.detail.state"}, RuleArn=arn,
                   InputTemplate='"<s> by <aws.events.rule-name>"')
    assert told["Text"] == '"paid by paid"'
    assert "InputTemplate" in preview(InputTemplate="<broken")["message"]
    large = "x" * 100_000
    assert "larger than any target takes" in ask(
        server, "input", Event=json.dumps({"a": large}), InputPathsMap={"x": "$.a"},
        InputTemplate=f'"{"<x>" * 1000}"')["message"]
    assert "InputTemplate has more than" in preview(InputTemplate=f'"{large}"')["message"]
    assert "event has more than" in ask(
        server, "input", Event=json.dumps({"a": large * 11}))["message"]
