"""Python functions under our loader and under awslambdaric: what they return and how they fail."""

import json
import sys

import pytest
from conftest import PYTHON_FUNCTIONS
from run_function import Invocation, without_times
from runtime_api import ARN, request_id

sys.path.insert(0, str(PYTHON_FUNCTIONS))
import answers  # noqa: E402
import failures  # noqa: E402

IN_UTF8 = {"AWS_EXECUTION_ENV": "AWS_Lambda_python3.13"}
IN_ASCII = {"AWS_EXECUTION_ENV": "AWS_Lambda_python3.11"}


def bodies_by_name(run, names):
    return {name: answer.body.decode("utf-8", "backslashreplace")
            for name, answer in zip(names, run.answers)}


@pytest.mark.parametrize("environment", [IN_UTF8, IN_ASCII], ids=["3.13", "3.11"])
def test_values_of_every_kind_become_the_same_json(both, environment):
    run = both("answers.handler", *answers.RESULTS, environment=environment)
    bodies = bodies_by_name(run, answers.RESULTS)
    assert len(bodies) == len(answers.RESULTS)
    assert bodies["nothing"] == "null"
    assert bodies["named tuples"] == (
        '[{"title": "Heat", "year": 1995}, {"film": {"title": "Big", "year": 1988}}]')
    assert json.loads(bodies["a set"])["errorMessage"] == (
        "Unable to marshal response: Object of type set is not JSON serializable")
    assert json.loads(bodies["a tuple as a key"])["errorType"] == "Runtime.MarshalError"


def test_text_is_utf8_since_python_3_12_and_ascii_before(both):
    assert both("answers.echo", "grün", environment=IN_UTF8).answers[0].body == '"grün"'.encode()
    assert both("answers.echo", "grün", environment=IN_ASCII).answers[0].body == b'"gr\\u00fcn"'


def test_returned_bytes_go_out_as_they_are(both):
    answer = both("answers.handler", "bytes").answers[0]
    assert answer.body == b"raw \xff bytes"
    assert answer.headers["content-type"] == "application/unknown"


@pytest.mark.parametrize("body", [
    b"null", b"true", b"1", b"-1.5e3", b'"text"', b"[]", b" {\n} \r\t",
    b"123456789012345678901234567890",
    b'{"a": {"b": [1, 2.5, "\\u00fc\\ud83c\\udfac", null]}}', '"grün \U0001f3ac"'.encode(),
    b'{"a": 1, "a": 2}'])
def test_any_json_arrives_as_the_event(both, body):
    run = both("answers.echo", Invocation(body), environment=IN_UTF8)
    assert run.body() == json.loads(body)


@pytest.mark.parametrize("body", [b"", b"[1, 2", b'{"a" 1}', b"nul", b"1 2", b'"\xff"', b"[NaN]"])
def test_what_is_no_json_is_an_error_before_the_handler(loader, body):
    document = loader("answers.echo", Invocation(body)).body()
    assert document["errorType"] == "Runtime.UnmarshalError"
    assert document["errorMessage"].startswith("Unable to unmarshal input: ")


def test_an_event_of_another_content_type_arrives_as_bytes(both):
    run = both("answers.kind", Invocation(b"<a/>", {"Content-Type": "text/xml"}))
    assert run.body() == ["bytes", 4]


def test_large_events_and_answers_pass(both):
    run = both("answers.echo", "x" * 6_000_000, "é" * 2_000_000, environment=IN_UTF8)
    assert [len(answer.body) for answer in run.answers] == [6_000_002, 4_000_002]


def test_an_event_in_chunks_is_joined(loader):
    run = loader("answers.echo", Invocation(b'"' + b"x" * 200_000 + b'"', answer_in_chunks=True))
    assert run.body() == "x" * 200_000


def test_a_response_that_is_too_large_does_not_end_the_function(loader):
    run = loader("answers.size", Invocation(b"5", status_of_answer=413), 3)
    assert run.bodies() == ["xxxxx", "xxx"]


def test_a_runtime_api_that_fails_ends_the_function(loader):
    run = loader("answers.size", Invocation(b"5", status_of_answer=500), 3)
    assert run.exit_code == 1
    assert "Failed to post" in run.errors


def test_one_connection_serves_all_invocations(loader):
    run = loader("answers.echo", *range(20))
    assert run.bodies() == list(range(20))
    assert run.api.connections == 1


def test_a_connection_that_is_closed_between_requests_is_made_anew(loader):
    run = loader("answers.echo", *range(3), closes_after_answers=True)
    assert run.bodies() == [0, 1, 2]


def test_the_runtime_api_may_be_a_unix_socket(loader, tmp_path):
    assert loader("answers.echo", "here", api_path=tmp_path / "api").body() == "here"


@pytest.mark.parametrize("kind", [
    "chained", "evaluated", "library", "syntax", "silent", "lines", "own", "recursing", "assertion",
    "missing_module"])
def test_errors_of_handlers_have_the_same_document_and_log(both, kind):
    run = both("failures.handler", kind, "fine")
    document = run.bodies()[0]
    assert list(document) == ["errorMessage", "errorType", "requestId", "stackTrace"]
    assert document["requestId"] == request_id(1)
    assert document["stackTrace"][0].startswith(f'  File "{PYTHON_FUNCTIONS}/failures.py", line ')
    assert run.frames[0].level == "ERROR"
    assert run.frames[0].text.startswith(f"[ERROR] {document['errorType']}")
    assert run.bodies()[1] == "fine"


def test_the_error_type_is_told_in_a_header_too(loader):
    run = loader("failures.handler", "own")
    assert run.answers[0].headers["lambda-runtime-function-error-type"] == "FilmError"


def test_errors_in_the_log_without_a_descriptor_are_one_line_of_standard_output(both):
    run = both("failures.handler", "own", frames=False)
    assert run.output.count("\n") == 1
    assert run.output.startswith("[ERROR] FilmError: no such film\rTraceback (most recent call")


def test_errors_in_json_have_their_document_in_the_log(both):
    run = both("failures.handler", "own", environment={"AWS_LAMBDA_LOG_FORMAT": "JSON"})
    assert run.frames[0].is_json and run.frames[0].level == "ERROR"
    record = json.loads(run.frames[0].text)
    assert [record["level"], record["errorType"]] == ["ERROR", "FilmError"]


@pytest.mark.parametrize("kind, code", [
    ("exit 0", 0), ("exit 3", 3), ("exit with words", 1), ("interrupt", -2), ("base", 1),
    ("os._exit", 7)])
def test_what_is_no_exception_ends_the_process_without_an_answer(both, kind, code):
    run = both("failures.handler", kind)
    assert run.answers == []
    assert run.exit_code == code


def test_a_handler_that_takes_other_arguments_fails_in_the_runtime(loader):
    document = loader("failures.takes_nothing").body()
    assert document["errorType"] == "TypeError"
    assert "takes 0 positional arguments but 2 were given" in document["errorMessage"]
    assert document["stackTrace"][0].endswith(
        "in handle_event_request\n    response = request_handler(event, lambda_context)\n")


def test_a_handler_that_is_no_function_fails_at_each_invocation(loader):
    documents = loader("failures.not_a_function", 1, 2).bodies()
    assert [document["errorMessage"] for document in documents] == [
        "'int' object is not callable"] * 2


@pytest.mark.parametrize("handler, answer", [
    ("deep.er.main.handler", "deep"), ("deep/er/main.handler", "deep"),
    ("only_directory/main.handler", "deep"),
    ("class.import.main.handler", "from a directory named as a keyword")])
def test_handlers_in_directories_are_found(both, handler, answer):
    assert both(handler).body() == answer


@pytest.mark.parametrize("handler, error_type, message", [
    ("nothing", "Runtime.MalformedHandlerName",
     "Bad handler 'nothing': not enough values to unpack (expected 2, got 1)"),
    ("answers.nothing", "Runtime.HandlerNotFound", "Handler 'nothing' missing on module 'answers'"),
    ("missing.handler", "Runtime.ImportModuleError",
     "Unable to import module 'missing': No module named 'missing'"),
    ("broken_import.handler", "Runtime.ImportModuleError",
     "Unable to import module 'broken_import': No module named 'a_module_that_is_not_there'"),
    ("broken_name.handler", "Runtime.ImportModuleError", None),
    ("broken_syntax.handler", "Runtime.UserCodeSyntaxError", None),
    ("broken_below.handler", "Runtime.UserCodeSyntaxError", None),
    ("broken_start.handler", "FileNotFoundError", "[Errno 2] at import"),
    ("sys.handler", "Runtime.BuiltInModuleConflict",
     "Cannot use built-in module sys as a handler module"),
    ("missing/.handler", "Runtime.ImportModuleError", None),
    ("answers.", "Runtime.HandlerNotFound", None)])
def test_functions_that_do_not_load_fail_in_the_init_phase(both, handler, error_type, message):
    run = both(handler)
    document = run.body()
    assert run.answers[0].path == "/init/error"
    assert run.answers[0].headers["lambda-runtime-function-error-type"] == error_type
    assert document["errorType"] == error_type
    assert document["errorMessage"] == message or message is None
    assert document["requestId"] == ""
    assert run.exit_code == 1


def test_a_function_that_exits_while_it_is_loaded_tells_nothing(both):
    run = both("exits.handler")
    assert (run.answers, run.exit_code) == ([], 4)


def test_a_missing_package_of_aws_comes_with_a_hint(loader):
    run = loader("needs_boto.handler", environment=IN_UTF8)
    assert run.body()["errorMessage"].startswith("Unable to import module 'needs_boto': ")
    assert run.frames[1].text.endswith("boto3 comes with the runtime of AWS, but this interpreter "
                                       "has it not. It will after: matinee runtimes add python3.13")


def test_a_package_that_is_missing_only_in_the_handler_comes_with_the_hint_too(loader):
    run = loader("prints_only.asks_aws", environment=IN_UTF8)
    assert run.body()["errorType"] == "ModuleNotFoundError"
    assert "matinee runtimes add python3.13" in run.frames[1].text


def test_a_missing_package_of_somebody_else_comes_without_a_hint(loader):
    assert len(loader("broken_import.handler").frames) == 1


CONTEXTS = [
    {},
    {"Lambda-Runtime-Trace-Id": None},
    {"Lambda-Runtime-Aws-Tenant-Id": "tenant"},
    {"Lambda-Runtime-Client-Context": json.dumps({
        "client": {"installation_id": "i", "app_title": "t", "app_version_name": "n",
                   "app_version_code": "c", "app_package_name": "p", "more": 1},
        "custom": {"a": 1}, "env": {"b": "2"}, "services": {}})},
    {"Lambda-Runtime-Client-Context": '{"custom": {}, "w3c": {"traceparent": "00-1", "x": "y"}}'},
    {"Lambda-Runtime-Client-Context": "{}"},
    {"Lambda-Runtime-Client-Context": "no json"},
    {"Lambda-Runtime-Cognito-Identity":
        '{"cognitoIdentityId": "id", "cognitoIdentityPoolId": "pool"}'},
    {"Lambda-Runtime-Cognito-Identity": "{"},
]


def test_the_context_has_the_same_members(both):
    run = both("context.handler", *(Invocation(headers=headers) for headers in CONTEXTS))
    first = run.bodies()[0]
    assert first["aws_request_id"] == request_id(1)
    assert first["invoked_function_arn"] == ARN
    assert [first["memory_limit_in_mb"], first["client_context"], first["trace"]] == [
        "128", None, "Root=1-00000001-000000000000000000000000"]
    assert first["methods"] == ["get_remaining_time_in_millis", "log", "w3c"]
    assert run.bodies()[6]["errorType"] == "Runtime.LambdaContextUnmarshalError"


def test_the_remaining_time_runs_out_at_zero(both):
    run = both("context.remaining", Invocation(headers={"Lambda-Runtime-Deadline-Ms": "1000"}))
    assert run.body() == 0


def test_the_remaining_time_is_that_until_the_deadline(loader):
    assert 50_000 < loader("context.remaining").body() <= 60_000


def test_the_path_begins_with_the_function_then_the_layers_then_the_runtime(loader, tmp_path):
    places = loader("context.path", environment={
        "_MATINEE_LAYERS": str(tmp_path / "opt"), **IN_UTF8}).body()
    assert places["layers"] is None and places["argv"] == 1
    assert places["path"][:3] == [str(PYTHON_FUNCTIONS),
                                  f"{tmp_path}/opt/python/lib/python3.13/site-packages",
                                  f"{tmp_path}/opt/python"]
    assert places["path"][3].endswith("/runtimes/python")


def test_what_was_added_to_the_runtime_comes_before_what_the_interpreter_has(loader, tmp_path):
    places = loader("context.path", environment={
        "_MATINEE_PACKAGES": str(tmp_path / "added"), **IN_UTF8}).body()
    assert places["packages"] is None
    place = places["path"].index(str(tmp_path / "added"))
    assert place > places["path"].index("/opt/python")
    assert not any(path.endswith("-packages") for path in places["path"][4:place])
    assert any(path.endswith("-packages") for path in places["path"][place:])


def test_modules_of_layers_and_of_pth_files_are_found(loader, tmp_path):
    layer = tmp_path / "opt" / "python"
    (layer / "vendored").mkdir(parents=True)
    (layer / "in_a_layer.py").write_text("WHERE = 'layer'\n")
    (layer / "vendored.pth").write_text("vendored\n")
    (layer / "vendored" / "named_in_a_pth_file.py").write_text("WHERE = 'vendored'\n")
    run = loader("context.imported", environment={"_MATINEE_LAYERS": str(tmp_path / "opt")})
    assert run.body() == ["layer", "vendored"]


def test_programs_of_the_function_do_not_get_its_descriptors(loader):
    assert loader("context.descriptors").body() == ["0", "1", "2", "3"]


def test_a_function_may_keep_the_directory_of_programs_off_its_path(both):
    assert both("deep.er.main.handler", environment={"PYTHONSAFEPATH": "1",
                                                     "PYTHONPATH": str(PYTHON_FUNCTIONS)}).body()


def test_heavy_modules_are_loaded_only_by_functions_that_need_them(loader):
    modules = loader("context.loaded").body()
    assert not {"json", "logging", "socket", "re", "traceback", "_matinee_errors"} & set(modules)


@pytest.mark.parametrize("environment", [{}, {"AWS_LAMBDA_LOG_FORMAT": "JSON"}], ids=str)
@pytest.mark.parametrize("handler", [
    "logs.prints", "logs.exceptions", "logs.structured", "logs.configured", "logs.named",
    "prints_only.handler", "prints_only.fails"])
def test_logs_have_the_same_records(both, handler, environment):
    run = both(handler, Invocation(headers={"Lambda-Runtime-Aws-Tenant-Id": "t"}),
               environment=environment)
    assert any(frame.is_json for frame in run.frames) is bool(environment)


@pytest.mark.parametrize("environment", [
    {}, {"AWS_LAMBDA_LOG_LEVEL": "DEBUG"}, {"AWS_LAMBDA_LOG_LEVEL": "error"},
    {"AWS_LAMBDA_LOG_LEVEL": "TRACE"}, {"AWS_LAMBDA_LOG_LEVEL": "FATAL"},
    {"AWS_LAMBDA_LOG_LEVEL": "unknown"},
    {"AWS_LAMBDA_LOG_LEVEL": "DEBUG", "AWS_LAMBDA_LOG_FORMAT": "json"},
    {"AWS_LAMBDA_LOG_FORMAT": "JSON"}], ids=str)
def test_records_keep_their_levels(both, environment):
    both("logs.levels", {}, {"level": "DEBUG"}, environment=environment)


def test_records_in_text_have_the_form_that_aws_documents(both):
    run = both("logs.levels", environment={"AWS_LAMBDA_LOG_LEVEL": "INFO"})
    assert [frame.level for frame in run.frames[:3]] == ["INFO", "ERROR", "INFO"]
    assert without_times(run.frames[2].text) == f"[INFO]\tTIME\t{request_id(1)}\ta info line\n"


def test_lines_without_a_descriptor_go_to_standard_output_in_their_order(both):
    run = both("logs.prints", frames=False)
    assert run.output.splitlines()[-6:] == ["three", "", "four", "no endgrün", "ab",
                                            "from the context"]
    assert run.errors == "to errors\n"


def test_what_a_function_has_printed_before_it_dies_is_not_lost(loader):
    assert loader("prints_only.prints_bytes").output == "bytes\n"
    assert loader("prints_only.prints_part").output == "part of a line"
