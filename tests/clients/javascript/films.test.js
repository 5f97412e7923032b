import assert from "node:assert/strict";
import { test } from "node:test";

import { SQS } from "@aws-sdk/client-sqs";

import { useMatinee } from "./matinee.js";

const cloud = useMatinee();

test("what is sent is received", async () => {
  const sqs = new SQS(cloud.settings());
  const { QueueUrl } = await sqs.createQueue({ QueueName: "films" });
  await sqs.sendMessage({ QueueUrl, MessageBody: "M" });
  const { Messages } = await sqs.receiveMessage({ QueueUrl });
  assert.equal(Messages[0].Body, "M");
});

test("a test finds nothing of the one before", async () => {
  const sqs = new SQS(cloud.settings());
  assert.equal((await sqs.listQueues({})).QueueUrls, undefined);
});
