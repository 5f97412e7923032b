"""`matinee up --iam enforce` and `observe`: what policies of users, roles, sessions and resources
let pass, and in which words the rest is refused.
"""

import functools
import json
import os
import subprocess

import matinee_server
import pytest
from botocore.exceptions import ClientError
from enforced_cloud import ACCOUNT, OTHER, Cloud, allow, document, is_denied, keys, refused


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    data = tmp_path_factory.mktemp("enforcement") / "data"
    with matinee_server.Server(data, ["--iam", "enforce"]) as server:
        yield Cloud(server)


def test_a_user_may_what_a_policy_allows_and_is_told_what_not(cloud, name):
    url, arn = cloud.queue(name)
    who = cloud.user(name, allow("sqs:SendMessage", arn))
    sqs = cloud.client("sqs", who)
    sqs.send_message(QueueUrl=url, MessageBody="x")
    code, status, message = refused(lambda: sqs.receive_message(QueueUrl=url))
    assert (code, status) == ("AccessDenied", 403)
    assert message == (
        f"User: arn:aws:iam::{ACCOUNT}:user/{name} is not authorized to perform: "
        f"sqs:receivemessage on resource: {arn} because no identity-based policy allows the "
        "sqs:receivemessage action")
    assert cloud.client("sts", who).get_caller_identity()["Account"] == ACCOUNT


def test_json_services_answer_with_an_exception_of_400(cloud, name):
    who = cloud.user(name)
    found = refused(lambda: cloud.client("dynamodb", who).describe_table(TableName=name))
    assert found == (
        "AccessDeniedException", 400,
        f"User: arn:aws:iam::{ACCOUNT}:user/{name} is not authorized to perform: "
        f"dynamodb:DescribeTable on resource: arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/{name} "
        "because no identity-based policy allows the dynamodb:DescribeTable action")


def test_an_explicit_deny_goes_before_everything(cloud, name):
    url, arn = cloud.queue(name)
    who = cloud.user(name, allow("*"),
                     {"Effect": "Deny", "Action": "sqs:PurgeQueue", "Resource": arn})
    sqs = cloud.client("sqs", who)
    sqs.send_message(QueueUrl=url, MessageBody="x")
    message = refused(lambda: sqs.purge_queue(QueueUrl=url))[2]
    assert "with an explicit deny in an identity-based policy" in message


def test_a_session_may_what_role_and_session_policy_allow(cloud, name):
    url, arn = cloud.queue(name)
    role = cloud.role(name, allow("sqs:*", arn))
    who = cloud.user(name, allow("sts:AssumeRole", role))
    sqs = cloud.client("sqs", cloud.session(role, who))
    sqs.send_message(QueueUrl=url, MessageBody="x")
    narrow = cloud.session(role, who, Policy=document(allow("sqs:SendMessage", arn)))
    sqs = cloud.client("sqs", narrow)
    sqs.send_message(QueueUrl=url, MessageBody="x")
    message = refused(lambda: sqs.receive_message(QueueUrl=url))[2]
    assert f"assumed-role/{name}/session is not authorized" in message
    assert "because no session policy allows the sqs:receivemessage action" in message


def test_a_boundary_limits_what_policies_allow(cloud, name):
    url, arn = cloud.queue(name)
    boundary = cloud.client("iam").create_policy(
        PolicyName=name, PolicyDocument=document(allow("sqs:SendMessage", arn)))["Policy"]["Arn"]
    sqs = cloud.client("sqs", cloud.user(name, allow("sqs:*"), boundary=boundary))
    sqs.send_message(QueueUrl=url, MessageBody="x")
    message = refused(lambda: sqs.receive_message(QueueUrl=url))[2]
    assert "because no permissions boundary allows the sqs:receivemessage action" in message


def test_a_queue_lets_in_whom_its_policy_names(cloud, name):
    url, arn = cloud.queue(name)
    mine, theirs = cloud.user(name), cloud.user(name, allow("sqs:*"), account=OTHER)
    send = lambda who: refused(  # noqa: E731
        lambda: cloud.client("sqs", who).send_message(QueueUrl=url, MessageBody="x"))
    assert send(mine) and send(theirs)
    cloud.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": document({
        "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": arn,
        "Principal": {"AWS": [f"arn:aws:iam::{ACCOUNT}:user/{name}",
                              f"arn:aws:iam::{OTHER}:user/{name}"]}})})
    assert send(mine) is None
    assert send(theirs) is None
    cloud.client("iam", keys(OTHER)).delete_user_policy(UserName=name, PolicyName="p")
    assert send(theirs) is not None, "across accounts both sides must allow"


def test_a_bucket_of_the_same_account_needs_either_policy(cloud, name):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="a/b", Body=b"x")
    who = cloud.user(name)
    get = lambda: cloud.client("s3", who).get_object(Bucket=name, Key="a/b")  # noqa: E731
    code, status, message = refused(get)
    assert (code, status) == ("AccessDenied", 403)
    assert message == (
        f'User: arn:aws:iam::{ACCOUNT}:user/{name} is not authorized to perform: s3:GetObject on '
        f'resource: "arn:aws:s3:::{name}/a/b" because no identity-based policy allows the '
        's3:GetObject action')
    s3.put_bucket_policy(Bucket=name, Policy=document({
        "Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/{name}"}}))
    assert refused(get) is None
    s3.put_bucket_policy(Bucket=name, Policy=document({
        "Effect": "Deny", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*",
        "Principal": "*"}))
    cloud.client("iam").put_user_policy(UserName=name, PolicyName="p",
                                        PolicyDocument=document(allow("s3:*")))
    assert "with an explicit deny in a resource-based policy" in refused(get)[2]


def test_a_bucket_of_another_account_needs_both(cloud, name):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="k", Body=b"x")
    who = cloud.user(name, account=OTHER)
    get = lambda: cloud.client("s3", who).get_object(Bucket=name, Key="k")  # noqa: E731
    s3.put_bucket_policy(Bucket=name, Policy=document({
        "Effect": "Allow", "Action": "s3:*", "Principal": {"AWS": OTHER},
        "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]}))
    assert refused(get)[2] == "Access Denied"
    cloud.client("iam", keys(OTHER)).put_user_policy(
        UserName=name, PolicyName="p", PolicyDocument=document(allow("s3:GetObject")))
    assert refused(get) is None


def test_objects_of_a_batch_are_judged_one_by_one(cloud, name):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=name)
    who = cloud.user(name, allow("s3:DeleteObject", f"arn:aws:s3:::{name}/mine/*"))
    found = cloud.client("s3", who).delete_objects(
        Bucket=name, Delete={"Objects": [{"Key": "mine/a"}, {"Key": "yours/b"}]})
    assert [one["Key"] for one in found["Deleted"]] == ["mine/a"]
    assert [(one["Key"], one["Code"]) for one in found["Errors"]] == [("yours/b", "AccessDenied")]


def test_listing_is_limited_by_its_prefix(cloud, name):
    cloud.client("s3").create_bucket(Bucket=name)
    who = cloud.user(name, allow("s3:ListBucket", f"arn:aws:s3:::{name}",
                                 Condition={"StringLike": {"s3:prefix": "home/${aws:username}/*"}}))
    s3 = cloud.client("s3", who)
    s3.list_objects_v2(Bucket=name, Prefix=f"home/{name}/")
    assert is_denied(lambda: s3.list_objects_v2(Bucket=name))
    assert is_denied(lambda: s3.list_objects_v2(Bucket=name, Prefix="home/other/"))


def test_leading_keys_limit_items(cloud, name):
    dynamodb = cloud.client("dynamodb")
    dynamodb.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
    who = cloud.user(name, allow(
        ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:BatchGetItem"],
        f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/{name}",
        Condition={"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["${aws:username}"]}}))
    mine, others = {"id": {"S": name}}, {"id": {"S": "other"}}
    items = cloud.client("dynamodb", who)
    items.put_item(TableName=name, Item=mine)
    items.get_item(TableName=name, Key=mine)
    items.batch_get_item(RequestItems={name: {"Keys": [mine]}})
    query = {"TableName": name, "KeyConditionExpression": "id = :id"}
    items.query(**query, ExpressionAttributeValues={":id": {"S": name}})
    assert is_denied(lambda: items.put_item(TableName=name, Item=others))
    assert is_denied(lambda: items.get_item(TableName=name, Key=others))
    assert is_denied(lambda: items.batch_get_item(RequestItems={name: {"Keys": [mine, others]}}))
    assert is_denied(
        lambda: items.query(**query, ExpressionAttributeValues={":id": {"S": "other"}}))
    assert is_denied(lambda: items.scan(TableName=name))


def test_policies_can_tell_transactions_from_what_stands_alone(cloud, name):
    """dynamodb:EnclosingOperation is the transaction that an action is a part of, and has no value
    outside of one."""
    dynamodb = cloud.client("dynamodb")
    dynamodb.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
    everything = allow("dynamodb:*", f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/{name}")
    key = {"TableName": name, "Key": {"id": {"S": "a"}}}
    insert = f"INSERT INTO \"{name}\" VALUE {{'id': 'b'}}"
    erase = f"DELETE FROM \"{name}\" WHERE id = 'b'"
    calls = {
        "PutItem": lambda who: who.put_item(TableName=name, Item=key["Key"]),
        "GetItem": lambda who: who.get_item(**key),
        "BatchGetItem": lambda who: who.batch_get_item(
            RequestItems={name: {"Keys": [key["Key"]]}}),
        "ExecuteStatement": lambda who: who.execute_statement(Statement=insert),
        "TransactWriteItems": lambda who: who.transact_write_items(TransactItems=[
            {"Put": {"TableName": name, "Item": key["Key"]}}, {"ConditionCheck": {
                "TableName": name, "Key": {"id": {"S": "none"}},
                "ConditionExpression": "attribute_not_exists(id)"}}]),
        "TransactGetItems": lambda who: who.transact_get_items(TransactItems=[{"Get": key}]),
        "ExecuteTransaction": lambda who: who.execute_transaction(
            TransactStatements=[{"Statement": erase}])}
    transactions = {call for call in calls if "Transact" in call}

    def passing(suffix, condition):
        who = cloud.client("dynamodb", cloud.user(
            f"{name}-{suffix}", {**everything, "Condition": condition}))
        answers = {each: refused(functools.partial(call, who)) for each, call in calls.items()}
        assert {answer[0] for answer in answers.values() if answer} == {"AccessDeniedException"}
        return {each for each, answer in answers.items() if not answer}

    for each in transactions:
        assert passing(each, {
            "StringEquals": {"dynamodb:EnclosingOperation": each}}) == {each}
    assert passing("Any", {"ForAnyValue:StringLike": {
        "dynamodb:EnclosingOperation": ["Transact*", "ExecuteTransaction"]}}) == transactions
    assert passing("None", {"Null": {
        "dynamodb:EnclosingOperation": "true"}}) == set(calls) - transactions


def test_a_changed_policy_counts_at_once(cloud, name):
    url, _ = cloud.queue(name)
    who = cloud.user(name, allow("sqs:*"))
    iam, sqs = cloud.client("iam"), cloud.client("sqs", who)
    for _ in range(2):
        sqs.send_message(QueueUrl=url, MessageBody="x")
        iam.delete_user_policy(UserName=name, PolicyName="p")
        assert is_denied(lambda: sqs.send_message(QueueUrl=url, MessageBody="x"))
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document(allow("sqs:*")))


def test_policies_of_groups_and_managed_ones_count(cloud, name):
    url, arn = cloud.queue(name)
    who = cloud.user(name)
    iam, sqs = cloud.client("iam"), cloud.client("sqs", who)
    iam.create_group(GroupName=name)
    iam.put_group_policy(GroupName=name, PolicyName="p",
                         PolicyDocument=document(allow("sqs:SendMessage", arn)))
    iam.add_user_to_group(GroupName=name, UserName=name)
    sqs.send_message(QueueUrl=url, MessageBody="x")
    assert is_denied(lambda: sqs.receive_message(QueueUrl=url))
    iam.attach_user_policy(UserName=name,
                           PolicyArn="arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess")
    sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])


def suggested(data, *arguments):
    found = subprocess.run(
        [matinee_server.find_binary(), "policy", "suggest", "--data", str(data), *arguments],
        check=True, capture_output=True, text=True,
        env={**os.environ, "AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "secret"})
    return found.stdout, found.stderr


def work(cloud, who, name):
    """What a program does all day."""
    url = f"{cloud.server.url}/{ACCOUNT}/{name}"
    sqs, s3 = cloud.client("sqs", who), cloud.client("s3", who)
    dynamodb = cloud.client("dynamodb", who)
    for number in range(6):
        s3.put_object(Bucket=name, Key=f"new/{number}", Body=b"x")
    s3.list_objects_v2(Bucket=name)
    s3.get_object(Bucket=name, Key="new/1")
    sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": "a", "MessageBody": "x"}])
    sqs.receive_message(QueueUrl=url)
    dynamodb.put_item(TableName=name, Item={"id": {"S": "a"}})
    dynamodb.transact_write_items(TransactItems=[
        {"Delete": {"TableName": name, "Key": {"id": {"S": "a"}}}}])


def test_what_observing_has_seen_becomes_a_policy_that_is_enough(tmp_path, name):
    data = tmp_path / "data"
    with matinee_server.Server(data, ["--iam", "observe"]) as server:
        cloud = Cloud(server)
        cloud.queue(name)
        cloud.client("s3").create_bucket(Bucket=name)
        cloud.client("dynamodb").create_table(
            TableName=name, BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
        role = cloud.role(name)
        who = cloud.user(name)
        work(cloud, who, name)
        work(cloud, cloud.session(role, cloud.root), name)
        policy, refusals = suggested(data, "--user", name)
        assert "--iam enforce would have refused" in refusals
        assert "because no identity-based policy allows the" in refusals
        role_policy, _ = suggested(data, "--role", name)
        assert json.loads(role_policy) == json.loads(policy)
        uses = json.loads(suggested(data, "--user", name, "--format", "json")[0])["Uses"]
        assert {use["Action"] for use in uses} >= {"s3:PutObject", "sqs:ReceiveMessage"}
    statements = json.loads(policy)["Statement"]
    objects = [one for one in statements if one["Action"] == "s3:PutObject"]
    assert objects == [allow("s3:PutObject", f"arn:aws:s3:::{name}/new/*")]
    with matinee_server.Server(data, ["--iam", "enforce"]) as server:
        cloud = Cloud(server)
        with pytest.raises(ClientError):
            work(cloud, who, name)
        cloud.client("iam").put_user_policy(UserName=name, PolicyName="p", PolicyDocument=policy)
        work(cloud, who, name)
        assert is_denied(lambda: cloud.client("s3", who).delete_object(Bucket=name, Key="new/1"))


def test_what_was_used_last_is_told_by_iam(tmp_path, name):
    with matinee_server.Server(tmp_path / "data") as server:
        cloud = Cloud(server)
        cloud.queue(name)
        who, role = cloud.user(name, allow("sqs:*")), cloud.role(name)
        iam = cloud.client("iam")
        key = {"AccessKeyId": who["aws_access_key_id"]}
        assert iam.get_access_key_last_used(**key)["AccessKeyLastUsed"]["ServiceName"] == "N/A"
        assert iam.get_role(RoleName=name)["Role"]["RoleLastUsed"] == {}
        cloud.client("sqs", who).list_queues()
        used = iam.get_access_key_last_used(**key)["AccessKeyLastUsed"]
        assert (used["ServiceName"], used["Region"]) == ("sqs", "us-east-1")
        cloud.client("sqs", cloud.session(role, cloud.root)).list_queues()
        assert iam.get_role(RoleName=name)["Role"]["RoleLastUsed"]["Region"] == "us-east-1"
        arn = f"arn:aws:iam::{ACCOUNT}:user/{name}"
        job = iam.generate_service_last_accessed_details(Arn=arn, Granularity="ACTION_LEVEL")
        found = iam.get_service_last_accessed_details(JobId=job["JobId"])
        assert found["JobStatus"] == "COMPLETED"
        services = {one["ServiceNamespace"]: one for one in found["ServicesLastAccessed"]}
        assert services["sqs"]["LastAuthenticatedEntity"] == arn
        assert services["sqs"]["TrackedActionsLastAccessed"][0]["ActionName"] == "ListQueues"
        entities = iam.get_service_last_accessed_details_with_entities(
            JobId=job["JobId"], ServiceNamespace="sqs")["EntityDetailsList"]
        assert [one["EntityInfo"]["Name"] for one in entities] == [name]


def test_without_enforcement_everybody_may_everything(tmp_path, name):
    with matinee_server.Server(tmp_path / "data") as server:
        cloud = Cloud(server)
        url, _ = cloud.queue(name)
        who = cloud.user(name)
        cloud.client("sqs", who).send_message(QueueUrl=url, MessageBody="x")
