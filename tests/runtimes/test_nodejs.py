"""Node.js functions under our loader and under aws-lambda-ric: answers, errors, logs, streams."""

import base64
import json

import nodejs
import pytest
from nodejs import CALLBACKS, PROMISES
from run_function import Invocation, without_times
from runtime_api import ARN, request_id

both_kinds = pytest.mark.parametrize("declared", [CALLBACKS, PROMISES], ids=["20", "24"])


def bodies_by_name(run, names):
    assert len(run.answers) == len(names)
    return {name: answer.body.decode() for name, answer in zip(names, run.answers)}


@both_kinds
def test_values_of_every_kind_become_the_same_json(both_nodes, declared):
    names = nodejs.names_in("answers.js")
    bodies = bodies_by_name(both_nodes("answers.handler", *names, declared=declared), names)
    assert bodies["nothing"] == "null"
    assert bodies["numbers"] == "[0,0,1.5,1e+300,1e+21,null,null,0.1]"
    assert "Unable to stringify response body" in bodies["circular"]


@both_kinds
@pytest.mark.parametrize("handler", [
    "answers.echo", "answers.value", "answers.thenable", "answers.inner.deeper.handler",
    "esm.handler", "common.handler", "typed/index.handler", "deep/er/index.handler",
    "plain_package/index.handler", "broken_package/index.handler", "awaits.handler",
    "/deep/../answers.echo", "deep/er.handler", "esm.default.other"])
def test_handlers_are_found_and_answer(both_nodes, handler, declared):
    run = both_nodes(handler, {"film": "Heat"}, declared=declared)
    assert len(run.answers) == 1


def test_a_value_that_is_no_promise_is_an_answer_only_since_nodejs24(both_nodes):
    assert both_nodes("answers.value", 5, declared=CALLBACKS).body() is None
    assert both_nodes("answers.value", 5, declared=PROMISES).body() == 5


@pytest.mark.parametrize("handler, declared, kind, message", [
    (handler, declared, f"Runtime.{kind}" if kind[0].isupper() else kind[1:], message)
    for declared in (CALLBACKS, PROMISES) for handler, kind, message in [
        ("nothing", "MalformedHandlerName", "Bad handler"),
        ("../answers.handler", "MalformedHandlerName", None),
        ("answers.none", "HandlerNotFound", "answers.none is undefined or not exported"),
        ("answers.text", "HandlerNotFound", "answers.text is not a function"),
        ("missing.handler", "ImportModuleError", None),
        ("broken_import.handler", "ImportModuleError", None),
        ("broken_import_module.handler", ":Error", None),
        ("broken_syntax.handler", "UserCodeSyntaxError", None),
        ("broken_syntax_module.handler", "UserCodeSyntaxError", None),
        ("broken_start.handler", ":RangeError", "while it is loaded"),
        ("broken_start_string.handler", ":string", "a string")]])
def test_functions_that_do_not_load_fail_in_the_init_phase(
        both_nodes, handler, declared, kind, message):
    run = both_nodes(handler, declared=declared)
    assert run.answers[0].path == "/init/error"
    assert run.body()["errorType"] == kind
    assert message is None or run.body()["errorMessage"] == message
    assert run.exit_code == (129 if declared == CALLBACKS else 1)


def test_handlers_with_callbacks_are_refused_since_nodejs24(both_nodes):
    run = both_nodes("callbacks.handler", declared=PROMISES)
    assert run.body()["errorType"] == "Runtime.CallbackHandlerDeprecated"
    assert "has removed support for callback-based function handlers" in run.body()["errorMessage"]


def test_a_function_that_exits_while_it_is_loaded_tells_nothing(both_nodes):
    run = both_nodes("exits.handler")
    assert (run.answers, run.exit_code) == ([], 4)


def test_all_ways_to_answer_with_callbacks_answer_the_same(both_nodes):
    names = nodejs.names_in("callbacks.js")
    bodies = bodies_by_name(both_nodes("callbacks.handler", *names), names)
    assert bodies["callback"] == '"by callback"'
    assert bodies["callback at once"] == "false"
    assert bodies["a value"] == "null"
    assert json.loads(bodies["fail with nothing"])["errorMessage"] == "handled"


def test_an_answer_by_callback_without_json_ends_the_process(both_nodes):
    run = both_nodes("callbacks.bigint")
    assert run.body()["errorMessage"] == "Unable to stringify response body"
    assert run.exit_code == 129


def test_an_answer_by_callback_waits_for_an_empty_event_loop(both_nodes):
    run = both_nodes("callbacks.handler", "callback and then more")
    assert "it goes on until nothing is left" in run.frames[-1].text


@both_kinds
def test_errors_of_handlers_have_the_same_document_and_log(both_nodes, declared):
    names = nodejs.names_in("failures.js")
    run = both_nodes("failures.handler", *names, declared=declared)
    bodies = bodies_by_name(run, names)
    own = json.loads(bodies["own"])
    assert list(own) == ["errorType", "errorMessage", "trace"]
    assert own["errorType"] == "FilmError"
    assert own["trace"][0] == "FilmError: own" or own["trace"][0] == "Error: own"
    assert run.frames[0].level == "ERROR"
    assert without_times(run.frames[0].text).startswith(
        f'TIME\t{request_id(1)}\tERROR\tInvoke Error \t{{"errorType":"FilmError",'
        '"errorMessage":"own","code":"NO_FILM"')


@both_kinds
def test_errors_of_modules_have_the_same_trace(both_nodes, declared):
    trace = both_nodes("failing_module.handler", declared=declared).body()["trace"]
    caller = "Runtime" if declared == CALLBACKS else "BufferedInvokeProcessor"
    assert trace[1].startswith(f"    at {caller}.handler (file://{nodejs.FUNCTIONS}/failing_module")


@both_kinds
def test_errors_in_json_have_their_members_in_the_log(both_nodes, declared):
    run = both_nodes("failures.handler", *nodejs.names_in("failures.js"), declared=declared,
                     environment={"AWS_LAMBDA_LOG_FORMAT": "JSON"})
    assert json.loads(run.frames[0].text)["message"]["errorMessage"] == "own"


@both_kinds
def test_errors_without_a_descriptor_are_one_line_of_standard_output(both_nodes, declared):
    run = both_nodes("failures.handler", "own", "delete", declared=declared, frames=False)
    assert run.output.count("\n") == 2


@both_kinds
@pytest.mark.parametrize("handler", ["failures.uncaught", "failures.unhandled"])
def test_what_nobody_catches_ends_the_process(both_nodes, handler, declared):
    run = both_nodes(handler, declared=declared)
    if declared == PROMISES:
        assert (run.answers, run.exit_code) == ([], 1)
    else:
        assert run.exit_code == (129 if handler == "failures.uncaught" else 128)
        assert run.body()["errorType"] == (
            "FilmError" if handler == "failures.uncaught" else "Runtime.UnhandledPromiseRejection")


@both_kinds
def test_a_function_that_exits_does_not_answer(both_nodes, declared):
    run = both_nodes("failures.exits", 3, declared=declared)
    assert (run.answers, run.exit_code) == ([], 3)


def test_a_promise_that_can_never_be_kept_is_an_answer_without_a_value(both_nodes):
    assert both_nodes("failures.never", declared=CALLBACKS).body() is None


@both_kinds
@pytest.mark.parametrize("handler, package", [
    ("needs_sdk.handler", "client-s3"), ("needs_sdk_module.handler", "client-s3"),
    ("failures.missing", "client-s3")])
def test_a_missing_package_of_aws_comes_with_a_hint(node, handler, package, declared):
    run = node(handler, declared=declared)
    assert run.frames[-1].text.endswith(
        f"@aws-sdk/{package} comes with the runtime of AWS, but this interpreter has it not. "
        f"It will after: matinee runtimes add {declared.removeprefix('AWS_Lambda_')}\n")


HEADERS = [
    {},
    {"Lambda-Runtime-Client-Context": '{"client": {"a": 1}, "custom": {}}'},
    {"Lambda-Runtime-Cognito-Identity": '{"cognitoIdentityId": "i"}'},
    {"Lambda-Runtime-Aws-Tenant-Id": "tenant"},
    {"Lambda-Runtime-Trace-Id": None},
]


@both_kinds
def test_the_context_has_the_same_members(both_nodes, declared):
    run = both_nodes("context.handler", *(Invocation(headers=headers) for headers in HEADERS),
                     declared=declared)
    first = run.bodies()[0]
    assert first["context"]["awsRequestId"] == request_id(1)
    assert first["context"]["invokedFunctionArn"] == ARN
    assert first["trace"] == "Root=1-00000001-000000000000000000000000"
    assert ("succeed" in first["members"]) is (declared == CALLBACKS)
    assert run.bodies()[1]["context"]["clientContext"] == {"client": {"a": 1}, "custom": {}}


def test_a_client_context_that_is_no_json_is_an_error(node):
    run = node("context.handler", Invocation(headers={"Lambda-Runtime-Client-Context": "{"}), {})
    assert "Cannot parse ClientContext as json" in run.bodies()[0]["errorMessage"]
    assert run.bodies()[1]["context"]["awsRequestId"] == request_id(2)


def test_libraries_find_the_invocation_in_the_store_of_nodejs24(both_nodes):
    run = both_nodes("context.stored", declared=PROMISES)
    assert run.body() == [request_id(1), "Root=1-00000001-000000000000000000000000"]


@both_kinds
@pytest.mark.parametrize("environment", [
    {}, {"AWS_LAMBDA_LOG_FORMAT": "JSON"}, {"AWS_LAMBDA_LOG_LEVEL": "WARN"},
    {"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "fatal"}], ids=str)
def test_the_console_writes_the_same_records(both_nodes, environment, declared):
    run = both_nodes("logs.handler", declared=declared, environment=environment)
    assert all(frame.is_json is ("AWS_LAMBDA_LOG_FORMAT" in environment) for frame in run.frames)
    assert run.frames[-1].level in ("ERROR", "CRITICAL", "INFO")


@both_kinds
@pytest.mark.parametrize("environment", [{}, {"AWS_LAMBDA_LOG_FORMAT": "JSON"}], ids=str)
def test_records_without_a_descriptor_are_lines_of_standard_output(
        both_nodes, environment, declared):
    run = both_nodes("logs.handler", declared=declared, environment=environment, frames=False)
    assert "raw\n" in run.output and "two\rlines" in run.output or environment


def test_records_in_text_have_the_form_that_aws_documents(both_nodes):
    run = both_nodes("logs.handler")
    assert without_times(run.frames[0].text) == "TIME\tundefined\tINFO\twhile it is loaded\n"
    assert without_times(run.frames[2].text) == f"TIME\t{request_id(1)}\tINFO\tplain\n"


@both_kinds
def test_streams_arrive_the_same_with_their_errors_in_trailers(both_nodes, declared):
    names = nodejs.names_in("streams.js")
    run = both_nodes("streams.handler", *names, declared=declared)
    answers = dict(zip(names, run.answers))
    assert answers["written"].body == b'one two 3{"four":4}'
    assert answers["written"].headers["lambda-runtime-function-response-mode"] == "streaming"
    assert answers["with metadata"].headers["content-type"] == (
        "application/vnd.awslambda.http-integration-response")
    assert answers["with metadata"].body.endswith(b'}\0\0\0\0\0\0\0\0body')
    failed = answers["fails in the middle"]
    assert failed.body == b"half"
    assert failed.trailers["lambda-runtime-function-error-type"] == "Error"
    error = json.loads(base64.b64decode(failed.trailers["lambda-runtime-function-error-body"]))
    assert error["errorMessage"] == "in the middle"


@both_kinds
def test_streams_of_functions_have_their_context_and_options(both_nodes, declared):
    both_nodes("streams.context", declared=declared)
    assert both_nodes("streams.marked", declared=declared).answers[0].body.isdigit()


def test_a_stream_in_the_other_direction_is_refused(node):
    assert node("streams.wrong").body()["errorType"] == "Runtime.MalformedStreamingHandler"


@pytest.mark.parametrize("body", [b"null", b"1", b'"text"', b"[]", '"grün \U0001f3ac"'.encode()])
def test_any_json_arrives_as_the_event(both_nodes, body):
    assert both_nodes("answers.echo", Invocation(body)).body() == json.loads(body)


def test_large_events_and_answers_pass(node):
    run = node("answers.echo", "x" * 6_000_000, "é" * 2_000_000)
    assert [len(answer.body) for answer in run.answers] == [6_000_002, 4_000_002]


def test_an_event_in_chunks_is_joined(node):
    run = node("answers.echo", Invocation(b'"' + b"x" * 200_000 + b'"', answer_in_chunks=True))
    assert run.body() == "x" * 200_000


def test_a_response_that_is_too_large_does_not_end_the_function(node):
    run = node("answers.size", Invocation(b"5", status_of_answer=413), 3)
    assert run.bodies() == ["xxxxx", "xxx"]


@both_kinds
def test_one_connection_serves_all_invocations(node, declared):
    run = node("answers.echo", *range(20), declared=declared)
    assert run.bodies() == list(range(20))
    assert run.api.connections == 1


def test_a_connection_that_is_closed_between_requests_is_made_anew(node):
    assert node("answers.echo", *range(3), closes_after_answers=True).bodies() == [0, 1, 2]


@pytest.mark.parametrize("handler", ["answers.echo", "streams.handler"])
def test_the_runtime_api_may_be_a_unix_socket(node, handler, tmp_path):
    run = node(handler, "written", api_path=tmp_path / "api")
    assert run.answers[0].body in (b'"written"', b'one two 3{"four":4}')


@both_kinds
@pytest.mark.parametrize("handler, directory", [
    ("layered.handler", "node_modules"), ("context.layer", "node_modules"),
    ("context.layer", "packages"), ("layered_elsewhere.handler", "packages")])
def test_packages_of_layers_are_found_by_import_and_require(
        node, tmp_path, handler, directory, declared):
    name = "elsewhere" if "elsewhere" in handler else "in-a-layer"
    package = tmp_path / "nodejs" / directory / name
    package.mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"name": name, "main": "index.js"}))
    (package / "index.js").write_text("module.exports = 'from a layer';\n")
    run = node(handler, declared=declared,
               environment={"NODE_PATH": f"{tmp_path}/nothing:{tmp_path}/nodejs/{directory}/"})
    assert run.body() == "from a layer"
