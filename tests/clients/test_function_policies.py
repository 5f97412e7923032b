"""Policies of functions as a whole, URLs that ask for signatures, and the older way to call."""

import json
import urllib.error
import urllib.request

import aws_clients
import matinee_server
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from enforced_cloud import ACCOUNT, OTHER, Cloud, allow, keys
from functions_kit import make_function, python_package

ARN = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:"
FORBIDDEN = ("Forbidden. For troubleshooting Function URL authorization issues, see: "
             "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html")


@pytest.fixture
def server(tmp_path):
    with matinee_server.Server(tmp_path / "data") as server:
        yield server


def client(server, account=ACCOUNT):
    return aws_clients.client("lambda", server.url, credentials=keys(account))


def statement(sid, resource, **more):
    return {"Sid": sid, "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"},
            "Action": "lambda:InvokeFunction", "Resource": resource, **more}


def test_a_policy_as_a_whole_has_the_statements_that_are_added_one_by_one(server):
    functions = client(server)
    make_function(functions, "f", python_package("return 1"))
    arn = ARN + "f"
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.get_resource_policy(ResourceArn=arn)
    with pytest.raises(ClientError, match="AccessDenied"):
        client(server, OTHER).invoke(FunctionName=arn)
    document = {"Version": "2012-10-17", "Id": "mine", "Statement": [statement("one", arn)]}
    put = functions.put_resource_policy(ResourceArn=arn, Policy=json.dumps(document))
    assert json.loads(put["Policy"]) == document
    assert client(server, OTHER).invoke(FunctionName=arn)["StatusCode"] == 200
    functions.add_permission(FunctionName="f", StatementId="two", Principal=OTHER,
                             Action="lambda:GetFunction")
    both = functions.get_resource_policy(ResourceArn=arn)
    assert both["Policy"] == functions.get_policy(FunctionName="f")["Policy"]
    assert [entry["Sid"] for entry in json.loads(both["Policy"])["Statement"]] == ["one", "two"]
    assert json.loads(both["Policy"])["Id"] == "mine"
    assert both["RevisionId"] != put["RevisionId"]
    with pytest.raises(ClientError, match="AccessDenied"):
        client(server, OTHER).delete_resource_policy(ResourceArn=arn)
    functions.remove_permission(FunctionName="f", StatementId="one")
    with pytest.raises(ClientError, match="AccessDenied"):
        client(server, OTHER).invoke(FunctionName=arn)
    for operation, more in ((functions.put_resource_policy, {"Policy": json.dumps(document)}),
                            (functions.delete_resource_policy, {})):
        with pytest.raises(functions.exceptions.PreconditionFailedException):
            operation(ResourceArn=arn, RevisionId=put["RevisionId"], **more)
    assert functions.delete_resource_policy(ResourceArn=arn)["ResponseMetadata"][
        "HTTPStatusCode"] == 204
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.get_policy(FunctionName="f")


@pytest.mark.parametrize("policy, words", [
    ("{", "valid JSON"),
    ({"Version": "2012-10-17", "Statement": [statement("a", ARN + "other")]}, "is not arn:aws"),
    ({"Version": "2012-10-17", "Statement": [statement("a", ARN + "f", Action="s3:GetObject")]},
     "no action of Lambda"),
    ({"Version": "2012-10-17", "Statement": [statement("a", ARN + "f")] * 2}, "two statements a")])
def test_what_is_no_policy_of_the_function_is_refused(server, policy, words):
    functions = client(server)
    make_function(functions, "f", python_package("return 1"))
    text = policy if isinstance(policy, str) else json.dumps(policy)
    with pytest.raises(functions.exceptions.InvalidParameterValueException, match=words):
        functions.put_resource_policy(ResourceArn=ARN + "f", Policy=text)


def test_the_older_way_to_call_asynchronously(server):
    functions = client(server)
    sqs = aws_clients.client("sqs", server.url, credentials=keys(ACCOUNT))
    queue = sqs.create_queue(QueueName="done")["QueueUrl"]
    make_function(functions, "later", python_package("return event"),
                  Role=f"arn:aws:iam::{ACCOUNT}:role/function")
    functions.put_function_event_invoke_config(FunctionName="later", DestinationConfig={
        "OnSuccess": {"Destination": f"arn:aws:sqs:us-east-1:{ACCOUNT}:done"}})
    taken = functions.invoke_async(FunctionName="later", InvokeArgs=b'{"a": 1}')
    assert taken["Status"] == 202
    message = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"][0]
    assert json.loads(message["Body"])["responsePayload"] == {"a": 1}
    with pytest.raises(functions.exceptions.InvalidRequestContentException):
        functions.invoke_async(FunctionName="later", InvokeArgs=b"{")
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.invoke_async(FunctionName="none", InvokeArgs=b"{}")


def request(url, who=None, host=None, service="lambda"):
    """Status, headers and body of a GET, signed for whom is given."""
    asked = AWSRequest("GET", url, headers={"Host": host} if host else {})
    if who:
        SigV4Auth(Credentials(who["aws_access_key_id"], who["aws_secret_access_key"],
                              who.get("aws_session_token")), service, "us-east-1").add_auth(asked)
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=dict(asked.headers)),
                                    timeout=20) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def url_of(server, functions, name, **settings):
    url = functions.create_function_url_config(FunctionName=name, **settings)["FunctionUrl"]
    host = url.split("/")[2]
    return f"{server.url}/_matinee/function-url/{host.split('.')[0]}/path", host


TELLS = python_package("return event['requestContext'].get('authorizer')")


def test_a_url_for_everybody_needs_both_permissions(server):
    functions = client(server)
    make_function(functions, "open", python_package("return 'hi'"))
    url, _ = url_of(server, functions, "open", AuthType="NONE")
    functions.add_permission(FunctionName="open", StatementId="url", Principal="*",
                             Action="lambda:InvokeFunctionUrl", FunctionUrlAuthType="NONE")
    status, headers, body = request(url)
    assert (status, json.loads(body)) == (403, {"Message": FORBIDDEN})
    assert headers["x-amzn-ErrorType"] == "AccessDeniedException"
    functions.add_permission(FunctionName="open", StatementId="call", Principal="*",
                             Action="lambda:InvokeFunction", InvokedViaFunctionUrl=True)
    assert request(url)[::2] == (200, b"hi")


def test_signatures_of_requests_to_urls_are_checked(tmp_path):
    good = keys(ACCOUNT)
    arguments = ["--auth", "sigv4", "--key", f"{ACCOUNT}:secret", "--key", f"{OTHER}:secret"]
    with matinee_server.Server(tmp_path / "data", arguments) as server:
        functions = client(server)
        make_function(functions, "signed", TELLS)
        url, host = url_of(server, functions, "signed", AuthType="AWS_IAM")
        status, _, body = request(url, good)
        assert status == 200
        assert json.loads(body) == {"iam": {
            "accessKey": ACCOUNT, "accountId": ACCOUNT, "callerId": ACCOUNT, "userId": ACCOUNT,
            "cognitoIdentity": None, "principalOrgId": None,
            "userArn": f"arn:aws:iam::{ACCOUNT}:root"}}
        assert request(server.url + "/some/path?a=b%20c&d", good, host)[0] == 200
        status, headers, body = request(url, keys(ACCOUNT, "guess"))
        assert (status, headers["x-amzn-ErrorType"]) == (403, "InvalidSignatureException")
        assert json.loads(body)["message"].startswith("The request signature we calculated")
        status, headers, body = request(url, keys("AKIDWHO"))
        assert (status, headers["x-amzn-ErrorType"]) == (403, "UnrecognizedClientException")
        assert json.loads(body) == {
            "message": "The security token included in the request is invalid."}
        assert request(url, good, service="execute-api")[0] == 403
        status, _, body = request(url)
        assert (status, json.loads(body)) == (403, {"Message": FORBIDDEN})
        # Another account needs the function's policy.
        assert request(url, keys(OTHER))[0] == 403
        for action in ("lambda:InvokeFunctionUrl", "lambda:InvokeFunction"):
            functions.add_permission(FunctionName="signed", StatementId=action.split(":")[1],
                                     Principal=OTHER, Action=action)
        status, _, body = request(url, keys(OTHER))
        assert (status, json.loads(body)["iam"]["accountId"]) == (200, OTHER)


def test_policies_decide_who_may_call_a_signed_url(tmp_path):
    arguments = ["--iam", "enforce"]
    with matinee_server.Server(tmp_path / "data", arguments) as server:
        cloud = Cloud(server)
        functions = cloud.client("lambda")
        role = cloud.role("function", trusts="lambda.amazonaws.com")
        make_function(functions, "guarded", TELLS, Role=role)
        url, _ = url_of(server, functions, "guarded", AuthType="AWS_IAM")
        arn = ARN + "guarded"
        one = cloud.user("one", allow("lambda:InvokeFunctionUrl", arn))
        both = cloud.user("both", allow(
            "lambda:InvokeFunctionUrl", arn,
            Condition={"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}}),
            allow("lambda:InvokeFunction", arn,
                  Condition={"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}))
        assert request(url, one)[0] == 403
        status, _, body = request(url, both)
        assert status == 200
        assert json.loads(body)["iam"]["userArn"] == f"arn:aws:iam::{ACCOUNT}:user/both"
        # By the API it is another call.
        with pytest.raises(ClientError, match="AccessDenied"):
            cloud.client("lambda", both).invoke(FunctionName="guarded")


