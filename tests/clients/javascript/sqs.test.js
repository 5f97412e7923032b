// The AWS SDK for JavaScript drives every operation of SQS.
import assert from "node:assert/strict";
import { test } from "node:test";

import * as sqs from "@aws-sdk/client-sqs";

import { uniqueName, useServer } from "./endpoint.js";

const server = useServer();

function connect() {
  const client = new sqs.SQSClient(server.settings());
  return (name, input) => client.send(new sqs[`${name}Command`](input));
}

async function receive(call, QueueUrl, count) {
  const messages = [];
  while (messages.length < count) {
    const answer = await call("ReceiveMessage", {
      QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 5, MessageAttributeNames: ["All"],
      MessageSystemAttributeNames: ["All"],
    });
    assert.ok(answer.Messages?.length, `only ${messages.length} of ${count} messages came`);
    messages.push(...answer.Messages);
  }
  return messages;
}

test("a queue is created, found, configured, tagged, purged and deleted", async () => {
  const call = connect();
  const QueueName = uniqueName();
  const { QueueUrl } = await call("CreateQueue", { QueueName, tags: { team: "cinema" } });
  assert.equal((await call("GetQueueUrl", { QueueName })).QueueUrl, QueueUrl);
  const listed = await call("ListQueues", { QueueNamePrefix: QueueName });
  assert.deepEqual(listed.QueueUrls, [QueueUrl]);
  await call("SetQueueAttributes", { QueueUrl, Attributes: { VisibilityTimeout: "12" } });
  const { Attributes } = await call("GetQueueAttributes", { QueueUrl, AttributeNames: ["All"] });
  assert.equal(Attributes.VisibilityTimeout, "12");
  await call("TagQueue", { QueueUrl, Tags: { stage: "test" } });
  await call("UntagQueue", { QueueUrl, TagKeys: ["team"] });
  assert.deepEqual((await call("ListQueueTags", { QueueUrl })).Tags, { stage: "test" });
  await call("PurgeQueue", { QueueUrl });
  await call("DeleteQueue", { QueueUrl });
  await assert.rejects(call("GetQueueUrl", { QueueName }), (error) => {
    assert.ok(error instanceof sqs.QueueDoesNotExist);
    assert.equal(error.$metadata.httpStatusCode, 400);
    return true;
  });
});

test("messages are sent, received with verified digests, hidden, and deleted", async () => {
  const call = connect();
  const { QueueUrl } = await call("CreateQueue", { QueueName: uniqueName() });
  await call("SendMessage", {
    QueueUrl, MessageBody: "grüße 👋",
    MessageAttributes: {
      film: { DataType: "String", StringValue: "M" },
      poster: { DataType: "Binary", BinaryValue: new Uint8Array([0, 255, 7]) },
    },
  });
  const sent = await call("SendMessageBatch", {
    QueueUrl, Entries: [0, 1, 2].map((i) => ({ Id: `m${i}`, MessageBody: `batch ${i}` })),
  });
  assert.equal(sent.Successful.length, 3);
  const messages = await receive(call, QueueUrl, 4);
  const first = messages.find((message) => message.Body === "grüße 👋");
  assert.deepEqual([...first.MessageAttributes.poster.BinaryValue], [0, 255, 7]);
  assert.equal(first.Attributes.ApproximateReceiveCount, "1");
  await call("ChangeMessageVisibility", {
    QueueUrl, ReceiptHandle: first.ReceiptHandle, VisibilityTimeout: 0,
  });
  const [again] = await receive(call, QueueUrl, 1);
  assert.equal(again.MessageId, first.MessageId);
  await call("DeleteMessage", { QueueUrl, ReceiptHandle: again.ReceiptHandle });
  const rest = messages.filter((message) => message !== first);
  const changed = await call("ChangeMessageVisibilityBatch", {
    QueueUrl,
    Entries: rest.map((message, i) => ({
      Id: `${i}`, ReceiptHandle: message.ReceiptHandle, VisibilityTimeout: 60,
    })),
  });
  assert.equal(changed.Successful.length, 3);
  const deleted = await call("DeleteMessageBatch", {
    QueueUrl,
    Entries: [
      ...rest.map((message, i) => ({ Id: `${i}`, ReceiptHandle: message.ReceiptHandle })),
      { Id: "bad", ReceiptHandle: "never" },
    ],
  });
  assert.equal(deleted.Successful.length, 3);
  assert.equal(deleted.Failed[0].Code, "ReceiptHandleIsInvalid");
});

test("a FIFO queue keeps order and drops duplicates", async () => {
  const call = connect();
  const { QueueUrl } = await call("CreateQueue", {
    QueueName: `${uniqueName()}.fifo`,
    Attributes: { FifoQueue: "true", ContentBasedDeduplication: "true" },
  });
  for (const MessageBody of ["a", "b", "a", "c"]) {
    const sent = await call("SendMessage", { QueueUrl, MessageBody, MessageGroupId: "g" });
    assert.match(sent.SequenceNumber, /^\d{20}$/);
  }
  const messages = await receive(call, QueueUrl, 3);
  assert.deepEqual(messages.map((message) => message.Body), ["a", "b", "c"]);
});

test("a long poll ends as soon as a message arrives", async () => {
  const call = connect();
  const { QueueUrl } = await call("CreateQueue", { QueueName: uniqueName() });
  const started = Date.now();
  const waiting = call("ReceiveMessage", { QueueUrl, WaitTimeSeconds: 20 });
  await call("SendMessage", { QueueUrl, MessageBody: "wake up" });
  assert.equal((await waiting).Messages[0].Body, "wake up");
  assert.ok(Date.now() - started < 5000);
});

test("errors of a bad batch have their own types", async () => {
  const call = connect();
  const { QueueUrl } = await call("CreateQueue", { QueueName: uniqueName() });
  await assert.rejects(call("SendMessageBatch", { QueueUrl, Entries: [] }), sqs.EmptyBatchRequest);
  const entry = { Id: "same", MessageBody: "m" };
  await assert.rejects(
    call("SendMessageBatch", { QueueUrl, Entries: [entry, entry] }),
    sqs.BatchEntryIdsNotDistinct,
  );
});
