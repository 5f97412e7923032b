// The AWS SDK for JavaScript publishes to a queue through a topic, sends an event through a bus,
// and makes a schedule whose time comes when the clock is moved.
import assert from "node:assert/strict";
import { test } from "node:test";

import { EventBridge } from "@aws-sdk/client-eventbridge";
import { Scheduler } from "@aws-sdk/client-scheduler";
import { SNS } from "@aws-sdk/client-sns";
import { SQS } from "@aws-sdk/client-sqs";

import { makeQueue, makeTopic } from "./fanout.js";
import { useMatinee } from "./matinee.js";

const cloud = useMatinee();

/** The body of the one message that the queue has. */
async function receive(sqs, QueueUrl) {
  const { Messages } = await sqs.receiveMessage({
    QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 10,
  });
  assert.equal(Messages?.length, 1);
  return Messages[0].Body;
}

test("a topic gives a queue what its filter wants", async () => {
  const sqs = new SQS(cloud.settings());
  const sns = new SNS(cloud.settings());
  const { TopicArn, QueueUrl } = await makeTopic(sns, sqs, "films", {
    FilterPolicy: JSON.stringify({ genre: ["noir", { prefix: "neo-" }] }),
  });
  const { Successful } = await sns.publishBatch({
    TopicArn,
    PublishBatchRequestEntries: ["comedy", "neo-noir", "musical"].map((genre) => ({
      Id: genre,
      Message: `a ${genre}`,
      MessageAttributes: { genre: { DataType: "String", StringValue: genre } },
    })),
  });
  const envelope = JSON.parse(await receive(sqs, QueueUrl));
  assert.equal(envelope.Message, "a neo-noir");
  assert.equal(envelope.MessageId, Successful[1].MessageId);
  assert.deepEqual(envelope.MessageAttributes, { genre: { Type: "String", Value: "neo-noir" } });
});

test("a rule gives a queue what its pattern matches", async () => {
  const sqs = new SQS(cloud.settings());
  const buses = new EventBridge(cloud.settings());
  await buses.createEventBus({ Name: "cinema" });
  const { QueueUrl, QueueArn } = await makeQueue(sqs, "tickets");
  const rule = { EventBusName: "cinema" };
  await buses.putRule({
    ...rule, Name: "groups",
    EventPattern: JSON.stringify({ detail: { seats: [{ numeric: [">", 9] }] } }),
  });
  await buses.putTargets({ ...rule, Rule: "groups", Targets: [{ Id: "q", Arn: QueueArn }] });
  const { Entries } = await buses.putEvents({
    Entries: [2, 30].map((seats) => ({
      ...rule, Source: "box office", DetailType: "Sale", Detail: JSON.stringify({ seats }),
    })),
  });
  const event = JSON.parse(await receive(sqs, QueueUrl));
  assert.equal(event.id, Entries[1].EventId);
  assert.deepEqual(event.detail, { seats: 30 });
});

test("a schedule is read back as it was made, and its time comes", async () => {
  const sqs = new SQS(cloud.settings());
  const schedules = new Scheduler(cloud.settings());
  const { QueueUrl, QueueArn } = await makeQueue(sqs, "reels");
  const made = {
    Name: "late-show",
    ScheduleExpression: "cron(30 22 ? * FRI *)",
    ScheduleExpressionTimezone: "Europe/Berlin",
    FlexibleTimeWindow: { Mode: "OFF" },
    Target: {
      Arn: QueueArn, RoleArn: "arn:aws:iam::000000000000:role/projectionist", Input: "roll",
      RetryPolicy: { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 3 },
    },
  };
  const { ScheduleArn } = await schedules.createSchedule(made);
  const { $metadata, CreationDate, LastModificationDate, ...read } =
    await schedules.getSchedule({ Name: "late-show" });
  assert.ok(CreationDate <= LastModificationDate);
  assert.deepEqual(read, {
    ...made, Arn: ScheduleArn, GroupName: "default", State: "ENABLED",
    ActionAfterCompletion: "NONE",
  });
  const { endpoint } = cloud.settings();
  const moved = await fetch(`${endpoint}/_matinee/clock?advance=1w`, { method: "POST" });
  assert.equal(moved.status, 200);
  assert.equal(await receive(sqs, QueueUrl), "roll");
});
