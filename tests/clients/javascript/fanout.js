// What the tests of events have in common.

/** Makes a queue that topics, buses and schedules may send to; returns its URL and its ARN. */
export async function makeQueue(sqs, QueueName) {
  const { QueueUrl } = await sqs.createQueue({ QueueName });
  const { Attributes: { QueueArn } } = await sqs.getQueueAttributes({
    QueueUrl, AttributeNames: ["QueueArn"],
  });
  const Policy = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{
      Effect: "Allow",
      Principal: { Service: ["sns.amazonaws.com", "events.amazonaws.com"] },
      Action: "sqs:SendMessage",
      Resource: QueueArn,
    }],
  });
  await sqs.setQueueAttributes({ QueueUrl, Attributes: { Policy } });
  return { QueueUrl, QueueArn };
}

/** Makes a topic with a queue that is subscribed to it with these attributes. */
export async function makeTopic(sns, sqs, Name, Attributes) {
  const { QueueUrl, QueueArn } = await makeQueue(sqs, Name);
  const { TopicArn } = await sns.createTopic({ Name });
  await sns.subscribe({ TopicArn, Protocol: "sqs", Endpoint: QueueArn, Attributes });
  return { TopicArn, QueueUrl };
}

/** How many messages the queue has, those included that a consumer has now. */
export async function countMessages(sqs, QueueUrl) {
  const { Attributes } = await sqs.getQueueAttributes({ QueueUrl, AttributeNames: ["All"] });
  return Number(Attributes.ApproximateNumberOfMessages) +
    Number(Attributes.ApproximateNumberOfMessagesNotVisible);
}
