import boto3


def test_what_is_sent_is_received(cloud):
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="films")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="M")
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "M"


def test_a_test_finds_nothing_of_the_one_before(cloud):
    sqs = boto3.client("sqs")
    assert "QueueUrls" not in sqs.list_queues()
    assert "Messages" not in sqs.receive_message(
        QueueUrl=sqs.create_queue(QueueName="films")["QueueUrl"])
