"""Keys of KMS as S3 and SQS use them: what cannot be used encrypts and opens nothing."""

import kms_keys
import pytest
from aws_clients import error_of
from botocore.exceptions import ClientError
from kms_keys import make_key

UNKNOWN = "11111111-2222-3333-4444-555555555555"


@pytest.fixture(scope="module")
def kms(endpoint):
    return kms_keys.client(endpoint)


@pytest.fixture
def key(kms):
    return make_key(kms)


def fault_of(operation, **parameters):
    with pytest.raises(ClientError) as raised:
        operation(**parameters)
    return error_of(raised) + (raised.value.response["Error"]["Message"],)


def test_objects_need_a_key_that_exists(s3, bucket):
    arn = f"arn:aws:kms:us-east-1:000000000000:key/{UNKNOWN}"
    assert fault_of(s3.put_object, Bucket=bucket, Key="k", ServerSideEncryption="aws:kms",
                    SSEKMSKeyId=UNKNOWN) == (
        "KMS.NotFoundException", 400, f"Key '{arn}' does not exist")


@pytest.mark.parametrize("kind", ["aws:kms", "aws:kms:dsse"])
def test_objects_of_a_disabled_key_are_not_read(s3, kms, bucket, key, kind):
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"x", ServerSideEncryption=kind,
                        SSEKMSKeyId=key["KeyId"])
    assert put["SSEKMSKeyId"] == key["Arn"]
    kms.disable_key(KeyId=key["KeyId"])
    disabled = ("KMS.DisabledException", 400, f"{key['Arn']} is disabled.")
    assert fault_of(s3.get_object, Bucket=bucket, Key="k") == disabled
    assert fault_of(s3.copy_object, Bucket=bucket, Key="c",
                    CopySource=f"{bucket}/k") == disabled
    assert fault_of(s3.put_object, Bucket=bucket, Key="k", ServerSideEncryption=kind,
                    SSEKMSKeyId=key["KeyId"]) == disabled
    assert s3.head_object(Bucket=bucket, Key="k")["SSEKMSKeyId"] == key["Arn"]
    kms.schedule_key_deletion(KeyId=key["KeyId"])
    assert fault_of(s3.get_object, Bucket=bucket, Key="k")[0] == "KMS.KMSInvalidStateException"


def test_an_alias_of_a_bucket_is_the_key_behind_it(s3, kms, bucket, key, name):
    kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=key["KeyId"])
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [{
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms",
                                               "KMSMasterKeyID": f"alias/{name}"}}]})
    assert s3.put_object(Bucket=bucket, Key="k", Body=b"x")["SSEKMSKeyId"] == key["Arn"]


def test_the_key_of_s3_is_one_of_kms(s3, kms, bucket):
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"x", ServerSideEncryption="aws:kms")
    found = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
    assert found["Arn"] == put["SSEKMSKeyId"]
    assert found["KeyManager"] == "AWS"


def test_queues_need_a_key_that_can_be_used(sqs, kms, key, name):
    url = sqs.create_queue(QueueName=name, Attributes={"KmsMasterKeyId": key["KeyId"]})["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="m")
    kms.disable_key(KeyId=key["KeyId"])
    for call in (lambda: sqs.send_message(QueueUrl=url, MessageBody="m"),
                 lambda: sqs.receive_message(QueueUrl=url)):
        with pytest.raises(ClientError) as raised:
            call()
        assert raised.value.response["Error"]["Code"] == "KMS.DisabledException"
    kms.enable_key(KeyId=key["KeyId"])
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "m"
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"KmsMasterKeyId": UNKNOWN})
    with pytest.raises(ClientError) as raised:
        sqs.send_message(QueueUrl=url, MessageBody="m")
    assert raised.value.response["Error"]["Code"] == "KMS.NotFoundException"
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"KmsMasterKeyId": "alias/aws/sqs"})
    sqs.send_message(QueueUrl=url, MessageBody="m")


def make_table(dynamodb, name, **sse):
    return dynamodb.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}],
        SSESpecification={"Enabled": True, **sse})["TableDescription"]["SSEDescription"]


def test_tables_tell_keys_that_kms_has(dynamodb, kms, key, name):
    own = make_table(dynamodb, name)
    assert own["SSEType"] == "KMS" and own["Status"] == "ENABLED"
    managed = kms.describe_key(KeyId="alias/aws/dynamodb")["KeyMetadata"]
    assert own["KMSMasterKeyArn"] == managed["Arn"] and managed["KeyManager"] == "AWS"
    other = make_table(dynamodb, name + "2", SSEType="KMS", KMSMasterKeyId=key["KeyId"])
    assert other["KMSMasterKeyArn"] == key["Arn"]
    dynamodb.delete_table(TableName=name)
    dynamodb.delete_table(TableName=name + "2")


def test_tables_need_a_key_that_can_be_used(dynamodb, kms, key, name):
    def fault(key_id):
        return fault_of(make_table, dynamodb=dynamodb, name=name, SSEType="KMS",
                        KMSMasterKeyId=key_id)

    code, status, message = fault(UNKNOWN)
    assert (code, status) == ("ValidationException", 400)
    assert message.startswith("KMS validation error: com.amazonaws.services.kms.model."
                              "NotFoundException: Key 'arn:aws:kms:us-east-1:000000000000:key/"
                              f"{UNKNOWN}' does not exist (Service: AWSKMS; Status Code: 400; ")
    kms.disable_key(KeyId=key["KeyId"])
    assert f"DisabledException: {key['Arn']} is disabled. (" in fault(key["KeyId"])[2]
    pair = kms.create_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]
    assert "InvalidKeyUsageException: " in fault(pair["KeyId"])[2]
    with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
        dynamodb.describe_table(TableName=name)
