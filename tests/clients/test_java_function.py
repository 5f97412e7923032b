"""A function in Java, packed with the runtime interface client that AWS publishes. Maven asks the
registry nothing once it was built with this pom."""

import base64
import json
import pathlib
import shutil
import subprocess

import aws_clients
import matinee_server
import pytest
from functions_kit import make_function, package

PROJECT = pathlib.Path(__file__).parent / "java_function"
BUILT = matinee_server.ROOT / "build" / "clients" / "java_function"


def build():
    """The function as a zip archive: its classes, and the jars in lib/."""
    pom, made_from = PROJECT / "pom.xml", BUILT / "made-from.xml"
    known = made_from.exists() and made_from.read_bytes() == pom.read_bytes()
    subprocess.run(["mvn", "--batch-mode", "--no-transfer-progress", "--quiet",
                    *(["--offline"] if known else []), "--file", str(pom), "process-classes"],
                   check=True, timeout=500)
    shutil.copy(pom, made_from)
    classes = BUILT / "classes"
    return package({str(path.relative_to(classes)): path.read_bytes()
                    for path in sorted(classes.rglob("*")) if path.is_file()})


@pytest.fixture(scope="module")
def functions(tmp_path_factory):
    if not shutil.which("mvn") or not shutil.which("java"):
        pytest.skip("a function in Java needs Maven and a JDK")
    with matinee_server.Server(tmp_path_factory.mktemp("java") / "data") as server:
        functions = aws_clients.client("lambda", server.url)
        make_function(functions, "java", build(), Runtime="java17", MemorySize=512, Timeout=60,
                      Handler="example.Handler::handleRequest")
        yield functions


def test_a_java_function_answers_and_logs_by_awss_own_client(functions):
    first = functions.invoke(FunctionName="java", Payload=b'{"a": [1, "\\u00e9"]}', LogType="Tail")
    answer = json.load(first["Payload"])
    assert answer == {"event": {"a": [1, "é"]}, "calls": 1,
                      "request": first["ResponseMetadata"]["RequestId"]}
    assert "called as java" in base64.b64decode(first["LogResult"]).decode()
    assert json.load(functions.invoke(FunctionName="java", Payload=b"{}")["Payload"])["calls"] == 2


def test_an_exception_in_java_is_told_with_its_class_and_its_stack(functions):
    answer = functions.invoke(FunctionName="java", Payload=b'{"fail": "no"}')
    assert answer["FunctionError"] == "Unhandled"
    error = json.load(answer["Payload"])
    assert (error["errorType"], error["errorMessage"]) == ("java.lang.IllegalStateException", "no")
    assert any("example.Handler.handleRequest" in line for line in error["stackTrace"])


@pytest.mark.parametrize("runtime, words", [
    ("java17", "aws-lambda-java-runtime-interface-client"),
    ("ruby3.3", "Ruby|aws_lambda_ric"),
    ("dotnet8", ".NET|Amazon.Lambda.RuntimeSupport"),
])
def test_without_the_client_a_sentence_says_what_to_do(functions, runtime, words):
    make_function(functions, runtime.replace(".", "-"), package({"app.txt": "x"}), Runtime=runtime)
    answer = functions.invoke(FunctionName=runtime.replace(".", "-"))
    error = json.load(answer["Payload"])
    assert answer["FunctionError"] == "Unhandled"
    assert error["errorType"] == "Runtime.InvalidEntrypoint"
    assert any(word in error["errorMessage"] for word in words.split("|")), error
