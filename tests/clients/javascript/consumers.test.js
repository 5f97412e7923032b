// What programs use: the library sqs-consumer behind a topic, and sns-validator for signatures.
// They are as they were published, and know only AWS's names, which Matinee serves as their proxy.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import https from "node:https";
import readline from "node:readline";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { SNS } from "@aws-sdk/client-sns";
import { SQS } from "@aws-sdk/client-sqs";
import { HttpsProxyAgent } from "https-proxy-agent";
import MessageValidator from "sns-validator";
import { Consumer } from "sqs-consumer";

import { findBinary } from "./endpoint.js";
import { countMessages, makeTopic } from "./fanout.js";

const validator = new MessageValidator();
const validate = promisify(validator.validate.bind(validator));
let server;
let sns;
let sqs;

before(async () => {
  server = spawn(findBinary(), [
    "up", "--tls", "--port", "0", "--durability", "memory", "--format", "json",
    "--exit-with-parent",
  ], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(readline.createInterface({ input: server.stdout }), "line");
  const address = `http://127.0.0.1:${JSON.parse(line).port}`;
  const ca = await (await fetch(`${address}/_matinee/certificate`)).text();
  // The validator asks for certificates as any program does, without an agent of its own.
  https.globalAgent = new HttpsProxyAgent(address);
  https.globalAgent.options.ca = ca;
  const settings = {
    region: "us-east-1",
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
    requestHandler: { httpsAgent: https.globalAgent },
  };
  sns = new SNS(settings);
  sqs = new SQS(settings);
});

after(async () => {
  server.kill();
  await once(server, "exit");
});

/** Gives up a poll that is under way. */
async function stop(consumer) {
  const stopped = once(consumer, "stopped");
  consumer.stop({ abort: true });
  await stopped;
}

/** Consumes until `count` messages have been acknowledged; returns what the handler was given. */
async function consume(QueueUrl, count, handler) {
  const handled = [];
  const failures = [];
  const consumer = Consumer.create({
    queueUrl: QueueUrl, sqs, batchSize: 10, waitTimeSeconds: 5, visibilityTimeout: 30,
    terminateVisibilityTimeout: true,
    handleMessage: async (message) => {
      handled.push(await handler(message));
      return message;
    },
  });
  consumer.on("error", (error) => failures.push(error));
  const finished = new Promise((resolve) => {
    let processed = 0;
    consumer.on("message_processed", () => {
      processed += 1;
      if (processed === count) resolve();
    });
  });
  consumer.start();
  await finished;
  await stop(consumer);
  assert.deepEqual(failures, []);
  return handled;
}

for (const SignatureVersion of ["1", "2"]) {
  test(`a consumer gets what was published, signed by version ${SignatureVersion}`, async () => {
    const { TopicArn, QueueUrl } = await makeTopic(sns, sqs, `films${SignatureVersion}`, {
      FilterPolicy: JSON.stringify({ genre: ["noir"] }),
    });
    await sns.setTopicAttributes({
      TopicArn, AttributeName: "SignatureVersion", AttributeValue: SignatureVersion,
    });
    const MessageAttributes = (genre) => ({ genre: { DataType: "String", StringValue: genre } });
    await sns.publish({ TopicArn, Message: "no", MessageAttributes: MessageAttributes("comedy") });
    const sent = ["grüße 👋", "two\nlines"];
    for (const [i, Message] of sent.entries()) {
      const Subject = i === 0 ? "with a subject" : undefined;
      await sns.publish({
        TopicArn, Message, Subject, MessageAttributes: MessageAttributes("noir"),
      });
    }
    const envelopes = await consume(QueueUrl, 2, async ({ Body }) => validate(JSON.parse(Body)));
    assert.deepEqual(envelopes.map((envelope) => envelope.Message).sort(), sent.sort());
    assert.equal(envelopes[0].SignatureVersion, SignatureVersion);
    assert.match(envelopes[0].SigningCertURL,
      /^https:\/\/sns\.us-east-1\.amazonaws\.com\/SimpleNotificationService-[0-9a-f]{32}\.pem$/);
    assert.equal(await countMessages(sqs, QueueUrl), 0);
    await assert.rejects(validate({ ...envelopes[0], Message: "forged" }), /signature is invalid/);
  });
}

test("a message whose handler fails comes again", async () => {
  const { TopicArn, QueueUrl } = await makeTopic(sns, sqs, "reels");
  await sns.publish({ TopicArn, Message: "twice" });
  const counts = [];
  const consumer = Consumer.create({
    queueUrl: QueueUrl, sqs, waitTimeSeconds: 5, visibilityTimeout: 30,
    terminateVisibilityTimeout: true,
    messageSystemAttributeNames: ["ApproximateReceiveCount"],
    handleMessage: async (message) => {
      counts.push(message.Attributes.ApproximateReceiveCount);
      if (counts.length === 1) throw new Error("not now");
      return message;
    },
  });
  const failed = once(consumer, "processing_error");
  const processed = once(consumer, "message_processed");
  consumer.start();
  const [error] = await failed;
  assert.match(error.message, /not now/);
  await processed;
  await stop(consumer);
  assert.deepEqual(counts, ["1", "2"]);
  assert.equal(await countMessages(sqs, QueueUrl), 0);
});
