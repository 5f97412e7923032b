"""Functions that run: called, asynchronously too, by their URLs, and by what their queues hold."""

import base64
import json
import re
import urllib.error
import urllib.request

import aws_clients
import matinee_server
import polling
import pytest
from functions_kit import is_locked_in, make_function, package, python_package

ARN = "arn:aws:lambda:us-east-1:000000000000:function:"


@pytest.fixture
def server(tmp_path):
    with matinee_server.Server(tmp_path / "data") as server:
        yield server


@pytest.fixture
def functions(server):
    return aws_clients.client("lambda", server.url)


def call(functions, name, payload=None, **more):
    answer = functions.invoke(FunctionName=name, Payload=json.dumps(payload), **more)
    return json.load(answer["Payload"])


def test_a_python_function_answers_with_what_it_returns(functions):
    make_function(functions, "echo", python_package("return {'got': event}"))
    answer = functions.invoke(FunctionName="echo", Payload=json.dumps({"a": [1, None, "é"]}))
    assert answer["StatusCode"] == 200
    assert answer["ExecutedVersion"] == "$LATEST"
    assert "FunctionError" not in answer
    assert json.load(answer["Payload"]) == {"got": {"a": [1, None, "é"]}}


def test_a_node_function_answers_with_what_it_resolves(functions):
    make_function(functions, "node", package({
        "index.js": "exports.handler = async (event) => ({got: event, node: process.version});"}),
        Runtime="nodejs20.x", Handler="index.handler")
    assert call(functions, "node", {"a": 1})["got"] == {"a": 1}


def test_an_executable_runs_as_it_is(functions):
    bootstrap = """#!/bin/sh
API="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while true; do
  HEADERS=$(mktemp)
  EVENT=$(curl -sS -D "$HEADERS" "$API/next")
  ID=$(sed -n 's/^Lambda-Runtime-Aws-Request-Id: *//Ip' "$HEADERS" | tr -d '\\r')
  curl -sS -X POST -d "{\\"event\\": $EVENT}" \\
    "$API/$ID/response" >/dev/null
done
"""
    make_function(functions, "shell", package({"bootstrap": (bootstrap, 0o755)}),
                  Runtime="provided.al2023", Handler="any")
    assert call(functions, "shell", [1, 2]) == {"event": [1, 2]}
    assert call(functions, "shell", "x") == {"event": "x"}


def test_an_instance_stays_warm_and_the_log_tells_of_its_start_once(functions):
    make_function(functions, "count", package({
        "app.py": "count = 0\ndef handler(event, context):\n  global count\n  count += 1\n"
                  "  print('call', count)\n  return count\n"}))
    first = functions.invoke(FunctionName="count", LogType="Tail")
    second = functions.invoke(FunctionName="count", LogType="Tail")
    assert [json.load(first["Payload"]), json.load(second["Payload"])] == [1, 2]
    logs = [base64.b64decode(answer["LogResult"]).decode() for answer in (first, second)]
    for number, log in enumerate(logs, start=1):
        assert re.match(r"START RequestId: [0-9a-f-]{36} Version: \$LATEST\n", log)
        assert f"call {number}\n" in log
        assert re.search(r"END RequestId: [0-9a-f-]{36}\nREPORT RequestId: [0-9a-f-]{36}\t"
                         r"Duration: [0-9.]+ ms\tBilled Duration: [0-9]+ ms\tMemory Size: 128 MB\t"
                         r"Max Memory Used: [0-9]+ MB\t", log)
    assert "Init Duration: " in logs[0] and "Init Duration: " not in logs[1]


def test_the_log_is_in_cloudwatch(server, functions):
    make_function(functions, "talk", python_package("print('one\\ntwo')\nreturn 1"))
    request_id = functions.invoke(FunctionName="talk")["ResponseMetadata"]["RequestId"]
    logs = aws_clients.client("logs", server.url)

    def events():
        streams = logs.describe_log_streams(logGroupName="/aws/lambda/talk")["logStreams"]
        return [event["message"] for event in logs.get_log_events(
            logGroupName="/aws/lambda/talk", logStreamName=streams[0]["logStreamName"],
            startFromHead=True)["events"]]

    polling.eventually(lambda: any(m.startswith("REPORT") for m in events()))
    messages = events()
    assert messages[0].startswith("INIT_START Runtime Version: ")
    start = messages.index(f"START RequestId: {request_id} Version: $LATEST\n")
    assert messages[start + 1:start + 4] == ["one\n", "two\n", f"END RequestId: {request_id}\n"]


def test_an_exception_is_a_result_with_its_stack(functions):
    make_function(functions, "fail", python_package("raise ValueError('no')"))
    answer = functions.invoke(FunctionName="fail")
    assert answer["StatusCode"] == 200
    assert answer["FunctionError"] == "Unhandled"
    error = json.load(answer["Payload"])
    assert (error["errorType"], error["errorMessage"]) == ("ValueError", "no")
    assert error["requestId"] == answer["ResponseMetadata"]["RequestId"]
    folder = "/var/task" if is_locked_in() else "[^\"]+"
    assert re.match(f'  File "{folder}/app.py", line 4, in handler\n', error["stackTrace"][0])


def test_a_function_that_takes_too_long_is_ended_and_the_next_call_starts_anew(functions):
    make_function(functions, "slow", package({
        "app.py": "import signal\ncount = 0\ndef handler(event, context):\n  global count\n"
                  "  count += 1\n  if event: signal.pause()\n  return count\n"}), Timeout=1)
    assert call(functions, "slow", 0) == 1
    answer = functions.invoke(FunctionName="slow", Payload=b"1")
    assert answer["FunctionError"] == "Unhandled"
    request_id = answer["ResponseMetadata"]["RequestId"]
    assert json.load(answer["Payload"]) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {request_id} Error: Task timed out after 1.00 seconds"}
    assert call(functions, "slow", 0) == 1


@pytest.mark.parametrize("body, reason", [
    ("import sys; sys.exit(0)", "Runtime exited without providing a reason"),
    ("os._exit(3)", "Runtime exited with error: exit status 3"),
])
def test_a_process_that_ends_is_told_of(functions, body, reason):
    make_function(functions, "exit", python_package(body))
    answer = functions.invoke(FunctionName="exit")
    request_id = answer["ResponseMetadata"]["RequestId"]
    assert answer["FunctionError"] == "Unhandled"
    assert json.load(answer["Payload"]) == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {request_id} Error: {reason}"}


def test_a_function_that_cannot_be_imported_says_why(functions):
    make_function(functions, "broken", package({"app.py": "import nothing_of_that_name\n"}))
    answer = functions.invoke(FunctionName="broken")
    error = json.load(answer["Payload"])
    assert error["errorType"] == "Runtime.ImportModuleError"
    assert error["errorMessage"] == (
        "Unable to import module 'app': No module named 'nothing_of_that_name'")


def test_the_environment_is_awss_and_the_functions_own(functions):
    make_function(functions, "env", python_package("return dict(os.environ)"),
                  Environment={"Variables": {"MINE": "yes"}}, MemorySize=256)
    found = call(functions, "env")
    assert found["MINE"] == "yes"
    assert found["AWS_LAMBDA_FUNCTION_NAME"] == "env"
    assert found["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert found["AWS_REGION"] == found["AWS_DEFAULT_REGION"] == "us-east-1"
    assert found["_HANDLER"] == "app.handler"
    assert not is_locked_in() or found["LAMBDA_TASK_ROOT"] == "/var/task"
    assert found["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.12"
    assert found["AWS_ACCESS_KEY_ID"].startswith("ASIA")
    assert "HOME" not in found and "USER" not in found


def test_a_function_calls_this_cloud_in_its_role(functions):
    make_function(functions, "who", python_package("""
import urllib.request, hashlib, hmac, datetime
url = os.environ['AWS_ENDPOINT_URL'] + '/?Action=GetCallerIdentity&Version=2011-06-15'
request = urllib.request.Request(url, headers={
    'Authorization': 'AWS4-HMAC-SHA256 Credential=' + os.environ['AWS_ACCESS_KEY_ID']
        + '/20260101/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=none',
    'X-Amz-Security-Token': os.environ['AWS_SESSION_TOKEN']})
return urllib.request.urlopen(request).read().decode()"""))
    assert "arn:aws:sts::000000000000:assumed-role/function/who" in call(functions, "who")


def test_a_layer_lies_in_opt(functions):
    layer = functions.publish_layer_version(
        LayerName="shared", Content={"ZipFile": package({"python/shared.py": "VALUE = 42\n"})})
    make_function(functions, "layered", python_package("import shared\nreturn shared.VALUE"),
                  Layers=[layer["LayerVersionArn"]])
    assert call(functions, "layered") == 42


def test_an_update_counts_from_the_next_call_on(functions):
    make_function(functions, "changing", python_package("return 1"))
    assert call(functions, "changing") == 1
    functions.update_function_code(FunctionName="changing", ZipFile=python_package("return 2"))
    functions.get_waiter("function_updated_v2").wait(
        FunctionName="changing", WaiterConfig={"Delay": 0, "MaxAttempts": 50})
    assert call(functions, "changing") == 2


def test_a_folder_is_run_as_it_is_at_each_call(functions, tmp_path):
    folder = tmp_path / "code"
    folder.mkdir(mode=0o755)
    tmp_path.chmod(0o755)  # a server that is root runs functions as somebody else
    code = folder / "app.py"
    code.write_text("def handler(event, context):\n    return 1\n")
    functions.create_function(
        FunctionName="hot", Runtime="python3.12", Handler="app.handler",
        Role="arn:aws:iam::000000000000:role/any",
        Code={"S3Bucket": "hot-reload", "S3Key": str(folder)})
    assert call(functions, "hot") == 1
    code.write_text("def handler(event, context):\n    return 22\n")
    assert call(functions, "hot") == 22


def test_versions_and_aliases_are_called_by_their_names(functions):
    make_function(functions, "v", python_package("return context.invoked_function_arn"))
    functions.publish_version(FunctionName="v")
    functions.create_alias(FunctionName="v", Name="live", FunctionVersion="1")
    answer = functions.invoke(FunctionName="v", Qualifier="live")
    assert answer["ExecutedVersion"] == "1"
    assert json.load(answer["Payload"]) == ARN + "v:live"
    assert call(functions, "v") == ARN + "v"
    with pytest.raises(functions.exceptions.ResourceNotFoundException, match=ARN + "v:none"):
        functions.invoke(FunctionName="v", Qualifier="none")


def test_no_reserved_concurrency_throttles_all(functions):
    make_function(functions, "off", python_package("return 1"))
    functions.put_function_concurrency(FunctionName="off", ReservedConcurrentExecutions=0)
    with pytest.raises(functions.exceptions.TooManyRequestsException) as caught:
        functions.invoke(FunctionName="off")
    assert caught.value.response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"


def test_a_dry_run_calls_nothing_and_bad_json_is_refused(functions):
    make_function(functions, "dry", python_package("return 1"))
    assert functions.invoke(FunctionName="dry", InvocationType="DryRun")["StatusCode"] == 204
    with pytest.raises(functions.exceptions.InvalidRequestContentException):
        functions.invoke(FunctionName="dry", Payload=b"{")


def queue_of(server, name, **attributes):
    sqs = aws_clients.client("sqs", server.url)
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"]
    return sqs, url, arn


def receive(sqs, url):
    messages = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10, MessageAttributeNames=["All"],
                                   MessageSystemAttributeNames=["All"])["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=messages[0]["ReceiptHandle"])
    return messages[0]


def test_an_asynchronous_call_tells_its_destination(server, functions):
    sqs, url, arn = queue_of(server, "done")
    make_function(functions, "later", python_package("return {'got': event}"))
    functions.put_function_event_invoke_config(
        FunctionName="later", DestinationConfig={"OnSuccess": {"Destination": arn}})
    taken = functions.invoke(FunctionName="later", InvocationType="Event", Payload=b'{"a": 1}')
    assert taken["StatusCode"] == 202
    record = json.loads(receive(sqs, url)["Body"])
    assert record["requestContext"] == {
        "requestId": taken["ResponseMetadata"]["RequestId"],
        "functionArn": ARN + "later:$LATEST", "condition": "Success", "approximateInvokeCount": 1}
    assert record["requestPayload"] == {"a": 1}
    assert record["responsePayload"] == {"got": {"a": 1}}
    assert record["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST"}


def test_messages_of_a_queue_reach_the_function_and_go(server, functions):
    sqs, url, arn = queue_of(server, "work")
    _, seen, seen_arn = queue_of(server, "seen")
    make_function(functions, "worker", python_package("""
import urllib.request, urllib.parse
for record in event['Records']:
    data = urllib.parse.urlencode({'Action': 'SendMessage', 'MessageBody': json.dumps(record)})
    urllib.request.urlopen(os.environ['AWS_ENDPOINT_URL'] + '/000000000000/seen', data.encode())
"""))
    mapping = functions.create_event_source_mapping(EventSourceArn=arn, FunctionName="worker")
    assert mapping["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert (mapping["State"], mapping["BatchSize"]) == ("Creating", 10)
    sqs.send_message(QueueUrl=url, MessageBody="hello", MessageAttributes={
        "Title": {"DataType": "String", "StringValue": "x"}})
    record = json.loads(receive(sqs, seen)["Body"])
    assert record["body"] == "hello"
    assert record["eventSourceARN"] == arn
    assert record["eventSource"] == "aws:sqs"
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert record["messageAttributes"] == {"Title": {
        "stringValue": "x", "stringListValues": [], "binaryListValues": [], "dataType": "String"}}
    polling.eventually(lambda: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[
        "ApproximateNumberOfMessagesNotVisible"])["Attributes"] == {
            "ApproximateNumberOfMessagesNotVisible": "0"})
    assert functions.get_event_source_mapping(UUID=mapping["UUID"])["State"] == "Enabled"
    change = functions.update_event_source_mapping
    assert change(UUID=mapping["UUID"], Enabled=False)["State"] == "Disabling"
    assert functions.get_event_source_mapping(UUID=mapping["UUID"])["State"] == "Disabled"
    assert change(UUID=mapping["UUID"], BatchSize=5)["State"] == "Updating"
    assert functions.get_event_source_mapping(UUID=mapping["UUID"])["State"] == "Disabled"
    assert change(UUID=mapping["UUID"], Enabled=True)["State"] == "Enabling"
    assert functions.get_event_source_mapping(UUID=mapping["UUID"])["State"] == "Enabled"


def test_a_queue_hides_messages_for_as_long_as_the_function_may_take(server, functions):
    _, _, arn = queue_of(server, "short")
    make_function(functions, "slow", python_package("return 1"), Timeout=31)
    with pytest.raises(functions.exceptions.InvalidParameterValueException) as refused:
        functions.create_event_source_mapping(EventSourceArn=arn, FunctionName="slow")
    assert refused.value.response["message"] == (
        "Queue visibility timeout: 30 seconds is less than Function timeout: 31 seconds")
    functions.update_function_configuration(FunctionName="slow", Timeout=30)
    functions.create_event_source_mapping(EventSourceArn=arn, FunctionName="slow")


def test_a_topic_calls_a_function_that_lets_it(server, functions):
    sqs, url, arn = queue_of(server, "told")
    sns = aws_clients.client("sns", server.url)
    topic = sns.create_topic(Name="news")["TopicArn"]
    make_function(functions, "listener", python_package("return event"))
    functions.put_function_event_invoke_config(
        FunctionName="listener", DestinationConfig={"OnSuccess": {"Destination": arn}})
    functions.add_permission(FunctionName="listener", StatementId="sns",
                             Action="lambda:InvokeFunction", Principal="sns.amazonaws.com",
                             SourceArn=topic)
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=ARN + "listener")
    sns.publish(TopicArn=topic, Message="hello")
    record = json.loads(receive(sqs, url)["Body"])["responsePayload"]["Records"][0]
    assert record["EventSource"] == "aws:sns"
    assert (record["Sns"]["Message"], record["Sns"]["Subject"]) == ("hello", None)


def test_a_function_url_is_called_by_anybody_where_the_policy_lets_them(server, functions):
    make_function(functions, "site", python_package("""
return {'statusCode': 201, 'headers': {'X-Mine': 'yes'}, 'cookies': ['a=1'],
        'body': json.dumps({'path': event['rawPath'], 'query': event.get('queryStringParameters'),
                            'method': event['requestContext']['http']['method'],
                            'body': event.get('body')})}"""))
    url = functions.create_function_url_config(FunctionName="site", AuthType="NONE")["FunctionUrl"]
    host = url.split("/")[2]
    local = f"{server.url}/_matinee/function-url/{host.split('.')[0]}/my/path?q=1&q=2"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(local, timeout=10)
    assert refused.value.code == 403
    functions.add_permission(FunctionName="site", StatementId="all", Principal="*",
                             Action="lambda:InvokeFunctionUrl", FunctionUrlAuthType="NONE")
    functions.add_permission(FunctionName="site", StatementId="call", Principal="*",
                             Action="lambda:InvokeFunction", InvokedViaFunctionUrl=True)
    with urllib.request.urlopen(urllib.request.Request(
            local, data=b"hi", headers={"Content-Type": "text/plain"}), timeout=10) as answer:
        assert answer.status == 201
        assert answer.headers["X-Mine"] == "yes"
        assert answer.headers["Set-Cookie"] == "a=1"
        assert json.load(answer) == {"path": "/my/path", "query": {"q": "1,2"}, "method": "POST",
                                     "body": "hi"}
    with urllib.request.urlopen(urllib.request.Request(
            server.url + "/", headers={"Host": host}), timeout=10) as answer:
        assert json.load(answer)["path"] == "/"
