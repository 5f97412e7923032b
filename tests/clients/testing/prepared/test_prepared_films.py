import boto3


def receive():
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName="films")["QueueUrl"]
    message = sqs.receive_message(QueueUrl=url)["Messages"][0]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return message["Body"]


def test_what_was_prepared_is_there(cloud):
    assert receive() == "M"


def test_and_is_there_again_for_the_next_test(cloud):
    assert receive() == "M"
