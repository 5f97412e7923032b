// The AWS SDK for JavaScript drives every operation of DynamoDB.
import assert from "node:assert/strict";
import { test } from "node:test";

import * as dynamodb from "@aws-sdk/client-dynamodb";

import { uniqueName, useServer } from "./endpoint.js";

const server = useServer();

function connect() {
  const client = new dynamodb.DynamoDBClient(server.settings());
  return (name, input) => client.send(new dynamodb[`${name}Command`](input));
}

async function createTable(call) {
  const TableName = uniqueName();
  await call("CreateTable", {
    TableName,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [
      { AttributeName: "id", AttributeType: "S" },
      { AttributeName: "at", AttributeType: "N" },
    ],
    KeySchema: [
      { AttributeName: "id", KeyType: "HASH" },
      { AttributeName: "at", KeyType: "RANGE" },
    ],
  });
  const client = new dynamodb.DynamoDBClient(server.settings());
  await dynamodb.waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 1 }, { TableName });
  return TableName;
}

const key = (id, at) => ({ id: { S: id }, at: { N: String(at) } });

test("a table is created, described, listed and deleted", async () => {
  const call = connect();
  const TableName = await createTable(call);
  const { Table } = await call("DescribeTable", { TableName });
  assert.equal(Table.TableStatus, "ACTIVE");
  assert.ok(Table.CreationDateTime instanceof Date);
  assert.ok((await call("ListTables", {})).TableNames.includes(TableName));
  await assert.rejects(call("CreateTable", {
    TableName, BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: Table.AttributeDefinitions, KeySchema: Table.KeySchema,
  }), dynamodb.ResourceInUseException);
  await call("DeleteTable", { TableName });
  const client = new dynamodb.DynamoDBClient(server.settings());
  await dynamodb.waitUntilTableNotExists({ client, maxWaitTime: 20, minDelay: 1 }, { TableName });
  await assert.rejects(
    call("DescribeTable", { TableName }), dynamodb.ResourceNotFoundException);
});

test("items are put, got, updated and deleted, with every type as it was", async () => {
  const call = connect();
  const TableName = await createTable(call);
  const Item = {
    ...key("a", 1), n: { N: "12345678901234567890123456789012345678" },
    b: { B: Buffer.from([0, 255]) },
    l: { L: [{ NULL: true }, { BOOL: false }, { M: { x: { S: "" } } }] }, s: { SS: ["x", "y"] },
  };
  await call("PutItem", { TableName, Item });
  const got = (await call("GetItem", { TableName, Key: key("a", 1) })).Item;
  assert.equal(got.n.N, Item.n.N);
  assert.deepEqual([...got.b.B], [0, 255]);
  assert.deepEqual(got.l, Item.l);
  assert.deepEqual(got.s.SS.toSorted(), ["x", "y"]);
  const updated = await call("UpdateItem", {
    TableName, Key: key("a", 1), UpdateExpression: "SET #l[1] = :t REMOVE b ADD hits :one",
    ExpressionAttributeNames: { "#l": "l" },
    ExpressionAttributeValues: { ":t": { BOOL: true }, ":one": { N: "1" } },
    ReturnValues: "ALL_NEW",
  });
  assert.deepEqual(updated.Attributes.l.L[1], { BOOL: true });
  assert.equal(updated.Attributes.b, undefined);
  await assert.rejects(call("DeleteItem", {
    TableName, Key: key("a", 1), ConditionExpression: "hits > :one",
    ExpressionAttributeValues: { ":one": { N: "1" } },
  }), dynamodb.ConditionalCheckFailedException);
  await call("DeleteItem", { TableName, Key: key("a", 1) });
  assert.equal((await call("GetItem", { TableName, Key: key("a", 1) })).Item, undefined);
});

test("items are written and read in batches, queried and scanned in pages", async () => {
  const call = connect();
  const TableName = await createTable(call);
  await call("BatchWriteItem", {
    RequestItems: {
      [TableName]: Array.from({ length: 25 }, (_, i) => ({ PutRequest: { Item: key("a", i) } })),
    },
  });
  const batch = await call("BatchGetItem", {
    RequestItems: { [TableName]: { Keys: [key("a", 3), key("a", 99)] } },
  });
  assert.deepEqual(batch.Responses[TableName], [key("a", 3)]);
  const client = new dynamodb.DynamoDBClient(server.settings());
  const seen = [];
  const pages = dynamodb.paginateQuery({ client, pageSize: 10 }, {
    TableName, KeyConditionExpression: "id = :id AND #at BETWEEN :low AND :high",
    ExpressionAttributeNames: { "#at": "at" },
    ExpressionAttributeValues: { ":id": { S: "a" }, ":low": { N: "2" }, ":high": { N: "22" } },
  });
  for await (const page of pages) seen.push(...page.Items.map((item) => Number(item.at.N)));
  assert.deepEqual(seen, Array.from({ length: 21 }, (_, i) => i + 2));
  let count = 0;
  for await (const page of dynamodb.paginateScan({ client, pageSize: 7 }, { TableName })) {
    count += page.Count;
  }
  assert.equal(count, 25);
});
