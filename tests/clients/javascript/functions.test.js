// The AWS SDK for JavaScript makes functions, waits for them, calls them, reads their logs, their
// errors and their streams, asks them by their URLs, and lets a queue call them.
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  Lambda, paginateListFunctions, waitUntilFunctionActiveV2, waitUntilFunctionUpdatedV2,
} from "@aws-sdk/client-lambda";
import { SQS } from "@aws-sdk/client-sqs";

import { useMatinee } from "./matinee.js";
import { archive } from "./package.js";

const cloud = useMatinee();
const Role = "arn:aws:iam::000000000000:role/function";
const WAITING = { maxWaitTime: 20, minDelay: 0.05, maxDelay: 0.2 };

/** A function of one module that is ready. */
async function makeFunction(lambda, FunctionName, code, more = {}) {
  const created = await lambda.createFunction({
    FunctionName, Role, Runtime: "nodejs20.x", Handler: "index.handler",
    Code: { ZipFile: archive("index.mjs", code) }, ...more,
  });
  assert.equal(created.State, "Pending");
  await waitUntilFunctionActiveV2({ client: lambda, ...WAITING }, { FunctionName });
  return created;
}

const ECHO = "export const handler = async (event) => ({ got: event });";

test("a function answers with what it resolves", async () => {
  const lambda = new Lambda(cloud.settings());
  await makeFunction(lambda, "echo", ECHO);
  const answer = await lambda.invoke({
    FunctionName: "echo", Payload: JSON.stringify({ film: "Amélie" }),
  });
  assert.equal(answer.StatusCode, 200);
  assert.equal(answer.ExecutedVersion, "$LATEST");
  assert.equal(answer.FunctionError, undefined);
  assert.deepEqual(JSON.parse(answer.Payload.transformToString()), { got: { film: "Amélie" } });
});

test("the tail of its log comes with the answer", async () => {
  const lambda = new Lambda(cloud.settings());
  await makeFunction(lambda, "talk", "export const handler = async () => console.log('a word');");
  const { LogResult, $metadata } = await lambda.invoke({ FunctionName: "talk", LogType: "Tail" });
  const log = Buffer.from(LogResult, "base64").toString();
  assert.match(log, new RegExp(`^START RequestId: ${$metadata.requestId} Version: \\$LATEST\n`));
  assert.match(log, new RegExp(`\t${$metadata.requestId}\tINFO\ta word\n`));
  assert.match(log, /\nREPORT RequestId: .*\tInit Duration: [0-9.]+ ms\t\n$/);
});

test("an error that it throws is a result", async () => {
  const lambda = new Lambda(cloud.settings());
  await makeFunction(lambda, "fail",
    "export const handler = async () => { throw new RangeError('too long'); };");
  const answer = await lambda.invoke({ FunctionName: "fail" });
  assert.equal(answer.StatusCode, 200);
  assert.equal(answer.FunctionError, "Unhandled");
  const error = JSON.parse(answer.Payload.transformToString());
  assert.equal(error.errorType, "RangeError");
  assert.equal(error.errorMessage, "too long");
  assert.equal(error.trace[0], "RangeError: too long");
});

test("errors of the service are exceptions of their class", async () => {
  const lambda = new Lambda(cloud.settings());
  await assert.rejects(lambda.invoke({ FunctionName: "none" }), {
    name: "ResourceNotFoundException",
    message: "Function not found: arn:aws:lambda:us-east-1:000000000000:function:none:$LATEST",
    Type: "User",
  });
  await makeFunction(lambda, "echo", ECHO);
  await lambda.putFunctionConcurrency({ FunctionName: "echo", ReservedConcurrentExecutions: 0 });
  const impatient = new Lambda({ ...cloud.settings(), maxAttempts: 1 });
  await assert.rejects(impatient.invoke({ FunctionName: "echo" }), {
    name: "TooManyRequestsException",
    Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
  });
});

test("an update counts once it is through, and pages list all functions", async () => {
  const lambda = new Lambda(cloud.settings());
  for (const name of ["a", "b", "c"]) await makeFunction(lambda, name, ECHO);
  const names = [];
  for await (const page of paginateListFunctions({ client: lambda, pageSize: 2 }, {})) {
    names.push(page.Functions.map((found) => found.FunctionName));
  }
  assert.deepEqual(names, [["a", "b"], ["c"]]);
  await lambda.updateFunctionCode({
    FunctionName: "a", ZipFile: archive("index.mjs", "export const handler = async () => 'new';"),
  });
  await waitUntilFunctionUpdatedV2({ client: lambda, ...WAITING }, { FunctionName: "a" });
  const { Payload } = await lambda.invoke({ FunctionName: "a" });
  assert.equal(Payload.transformToString(), '"new"');
});

test("its URL is asked like any page", async () => {
  const lambda = new Lambda(cloud.settings());
  await makeFunction(lambda, "site", `export const handler = async (event) => ({
    statusCode: 201, headers: { "x-film": event.queryStringParameters.film },
    body: event.rawPath });`);
  const { FunctionUrl } = await lambda.createFunctionUrlConfig({
    FunctionName: "site", AuthType: "NONE",
  });
  await lambda.addPermission({
    FunctionName: "site", StatementId: "all", Principal: "*",
    Action: "lambda:InvokeFunctionUrl", FunctionUrlAuthType: "NONE",
  });
  await lambda.addPermission({
    FunctionName: "site", StatementId: "call", Principal: "*",
    Action: "lambda:InvokeFunction", InvokedViaFunctionUrl: true,
  });
  const id = new URL(FunctionUrl).hostname.split(".")[0];
  const { endpoint } = cloud.settings();
  const answer = await fetch(`${endpoint}/_matinee/function-url/${id}/now?film=Heat`);
  assert.equal(answer.status, 201);
  assert.equal(answer.headers.get("x-film"), "Heat");
  assert.equal(await answer.text(), "/now");
});

test("a queue calls it by a mapping, and the answer of another comes back by a queue", async () => {
  const lambda = new Lambda(cloud.settings());
  const sqs = new SQS(cloud.settings());
  await sqs.createQueue({ QueueName: "work" });
  const { QueueUrl } = await sqs.createQueue({ QueueName: "done" });
  const arn = (name) => `arn:aws:sqs:us-east-1:000000000000:${name}`;
  // It has no SDK: the query protocol needs none.
  await makeFunction(lambda, "worker", `export const handler = async ({ Records }) => {
    for (const { body, eventSourceARN } of Records) {
      const form = new URLSearchParams({
        Action: "SendMessage", MessageBody: JSON.stringify({ body, eventSourceARN }) });
      const url = process.env.AWS_ENDPOINT_URL + "/000000000000/done";
      const answer = await fetch(url, { method: "POST", body: form });
      if (!answer.ok) throw new Error(await answer.text());
    } };`);
  const { UUID, State } = await lambda.createEventSourceMapping({
    FunctionName: "worker", EventSourceArn: arn("work"), BatchSize: 5,
  });
  assert.equal(State, "Creating");
  const work = (await sqs.getQueueUrl({ QueueName: "work" })).QueueUrl;
  await sqs.sendMessage({ QueueUrl: work, MessageBody: "Heat" });
  const { Messages } = await sqs.receiveMessage({ QueueUrl, WaitTimeSeconds: 20 });
  assert.deepEqual(JSON.parse(Messages[0].Body), { body: "Heat", eventSourceARN: arn("work") });
  await lambda.deleteEventSourceMapping({ UUID });
});
