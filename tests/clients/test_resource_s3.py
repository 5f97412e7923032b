"""AWS::S3 types in stacks."""

import aws_clients
import pytest
from botocore.exceptions import ClientError
from stack_kit import Stack, attribute, ref


def bucket(**properties):
    return {"Type": "AWS::S3::Bucket", "Properties": properties}


def test_a_bucket_is_made_changed_and_deleted(endpoint, s3, name):
    stack = Stack(endpoint, name)
    resources = {
        "Films": bucket(VersioningConfiguration={"Status": "Enabled"},
                        CorsConfiguration={"CorsRules": [{
                            "AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}),
        "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": {
            "Bucket": ref("Films"), "PolicyDocument": {
                "Version": "2012-10-17", "Statement": [{
                    "Effect": "Deny", "Principal": "*", "Action": "s3:*",
                    "Resource": {"Fn::Sub": "${Films.Arn}/secret/*"}}]}}}}
    outputs = stack.create(resources, {
        "Name": ref("Films"), "Arn": attribute("Films", "Arn"),
        "Domain": attribute("Films", "RegionalDomainName"),
        "Site": attribute("Films", "WebsiteURL")})
    films = outputs["Name"]
    assert films.startswith(f"{name}-films-")
    assert outputs["Arn"] == f"arn:aws:s3:::{films}"
    assert outputs["Domain"] == f"{films}.s3.us-east-1.amazonaws.com"
    assert outputs["Site"] == f"http://{films}.s3-website-us-east-1.amazonaws.com"
    assert s3.get_bucket_versioning(Bucket=films)["Status"] == "Enabled"
    # What a rule does not say is not there.
    assert s3.get_bucket_cors(Bucket=films)["CORSRules"] == [
        {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]
    tags = {tag["Key"]: tag["Value"] for tag in s3.get_bucket_tagging(Bucket=films)["TagSet"]}
    assert tags["aws:cloudformation:logical-id"] == "Films"

    resources["Films"]["Properties"] = {"WebsiteConfiguration": {"IndexDocument": "index.html"}}
    del resources["Policy"]
    stack.update(resources)
    assert s3.get_bucket_versioning(Bucket=films)["Status"] == "Suspended"
    assert s3.get_bucket_website(Bucket=films)["IndexDocument"] == {"Suffix": "index.html"}
    with pytest.raises(ClientError) as raised:
        s3.get_bucket_policy(Bucket=films)
    assert aws_clients.error_of(raised) == ("NoSuchBucketPolicy", 404)
    with pytest.raises(ClientError) as raised:
        s3.get_bucket_cors(Bucket=films)
    assert aws_clients.code_of(raised) == "NoSuchCORSConfiguration"

    resources["Films"]["Properties"]["BucketName"] = f"{name}-other"
    assert stack.update(resources, {"Name": ref("Films")})["Name"] == f"{name}-other"
    with pytest.raises(ClientError) as raised:
        s3.head_bucket(Bucket=films)
    assert aws_clients.error_of(raised) == ("404", 404)
    stack.delete()


def test_a_bucket_with_objects_keeps_its_stack(endpoint, s3, name):
    stack = Stack(endpoint, name)
    stack.create({"Films": bucket(BucketName=name)})
    s3.put_object(Bucket=name, Key="film")
    reasons = stack.fail_to_delete()
    assert "The bucket you tried to delete is not empty" in reasons[0]
    s3.delete_object(Bucket=name, Key="film")
    stack.delete()


def test_a_bucket_that_is_there_already_fails_its_stack_and_stays(endpoint, s3, name):
    s3.create_bucket(Bucket=name)
    reasons = Stack(endpoint, name).fail_to_create({"Films": bucket(BucketName=name)})
    assert f"{name} already exists" in reasons[0]
    s3.head_bucket(Bucket=name)


def test_a_bucket_tells_a_queue_of_the_same_stack(endpoint, s3, name):
    sqs = aws_clients.client("sqs", endpoint)
    stack = Stack(endpoint, name)
    outputs = stack.create({
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Allow": {"Type": "AWS::SQS::QueuePolicy", "Properties": {
            "Queues": [ref("Queue")], "PolicyDocument": {
                "Version": "2012-10-17", "Statement": [{
                    "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"},
                    "Action": "sqs:SendMessage", "Resource": attribute("Queue", "Arn")}]}}},
        "Films": bucket(BucketName=name, NotificationConfiguration={"QueueConfigurations": [{
            "Event": "s3:ObjectCreated:*", "Queue": attribute("Queue", "Arn"),
            "Filter": {"S3Key": {"Rules": [{"Name": "suffix", "Value": ".json"}]}}}]})
        | {"DependsOn": "Allow"}}, {"Queue": ref("Queue")})
    s3.put_object(Bucket=name, Key="other.txt")
    s3.put_object(Bucket=name, Key="film.json")
    bodies = []
    while not any("film.json" in body for body in bodies):
        got = sqs.receive_message(QueueUrl=outputs["Queue"], WaitTimeSeconds=10,
                                  MaxNumberOfMessages=10).get("Messages", [])
        assert got, bodies
        bodies += [message["Body"] for message in got]
    assert not any("other.txt" in body for body in bodies)
