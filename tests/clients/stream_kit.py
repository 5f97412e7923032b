"""A table with a stream, a function that reads it, and a queue that hears what it gets."""

import json

import aws_clients
import polling
from functions_kit import make_function, python_package
from moved_clock import Clock

# Tells a queue what it gets. Fails, or reports as failed, what has "bad" in its id.
READER = """
import urllib.request, urllib.parse
told = [{'name': r['eventName'], 'id': r['dynamodb']['Keys']['id']['S'], 'record': r}
        for r in event['Records']]
data = urllib.parse.urlencode({'Action': 'SendMessage', 'MessageBody': json.dumps(told)})
urllib.request.urlopen(os.environ['AWS_ENDPOINT_URL'] + '/000000000000/seen', data.encode())
bad = [r['dynamodb']['SequenceNumber'] for r in event['Records']
       if 'bad' in r['dynamodb']['Keys']['id']['S']]
if os.environ.get('REPORTS'):
    return {'batchItemFailures': [{'itemIdentifier': number} for number in bad]}
if bad:
    raise ValueError('bad')
"""


class Cloud:
    """The function is `code`; `variables` are of its environment."""

    def __init__(self, server, code=READER, **variables):
        self.server = server
        self.clock = Clock(server)
        self.dynamodb = aws_clients.client("dynamodb", server.url)
        self.sqs = aws_clients.client("sqs", server.url)
        self.functions = aws_clients.client("lambda", server.url)
        self.stream = self.dynamodb.create_table(
            TableName="films", BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )["TableDescription"]["LatestStreamArn"]
        self.seen = self.sqs.create_queue(QueueName="seen")["QueueUrl"]
        make_function(self.functions, "reader", python_package(code),
                      Environment={"Variables": variables})

    def read(self, position="TRIM_HORIZON", **more):
        return self.functions.create_event_source_mapping(
            EventSourceArn=self.stream, FunctionName="reader", StartingPosition=position, **more)

    def put(self, *ids, **attributes):
        for each in ids:
            self.dynamodb.put_item(TableName="films", Item={"id": {"S": each}, **attributes})

    def queue(self, name):
        url = self.sqs.create_queue(QueueName=name)["QueueUrl"]
        return url, f"arn:aws:sqs:us-east-1:000000000000:{name}"

    def message(self, url):
        def one():
            return self.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages")
        [message] = polling.eventually(one, 30)
        self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return json.loads(message["Body"])

    def batches(self, number):
        """What that many calls have got, as lists of ids, in any order."""
        return [[told["id"] for told in self.message(self.seen)] for _ in range(number)]
