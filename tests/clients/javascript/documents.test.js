// Document clients, which take values of JavaScript for items: that of version 3 of the SDK, and
// that of version 2.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";

import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as documents from "@aws-sdk/lib-dynamodb";

import { uniqueName, useServer } from "./endpoint.js";

process.env.AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE = "1";
const AWS = createRequire(import.meta.url)("aws-sdk");
const server = useServer();

const TABLE = {
  BillingMode: "PAY_PER_REQUEST",
  AttributeDefinitions: [
    { AttributeName: "genre", AttributeType: "S" },
    { AttributeName: "title", AttributeType: "S" },
    { AttributeName: "year", AttributeType: "N" },
  ],
  KeySchema: [
    { AttributeName: "genre", KeyType: "HASH" },
    { AttributeName: "title", KeyType: "RANGE" },
  ],
  GlobalSecondaryIndexes: [{
    IndexName: "by-year",
    Projection: { ProjectionType: "ALL" },
    KeySchema: [
      { AttributeName: "genre", KeyType: "HASH" },
      { AttributeName: "year", KeyType: "RANGE" },
    ],
  }],
};

/** A document client on a new table: call("Put", {Item}), and for what has pages, pages(). */
async function connect(translation = {}) {
  const client = new dynamodb.DynamoDBClient(server.settings());
  const TableName = uniqueName();
  await client.send(new dynamodb.CreateTableCommand({ TableName, ...TABLE }));
  await dynamodb.waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 1 }, { TableName });
  const document = documents.DynamoDBDocumentClient.from(client, translation);
  return {
    TableName,
    document,
    call: (name, input) =>
      document.send(new documents[`${name}Command`]({ TableName, ...input })),
    all: (name, input) => document.send(new documents[`${name}Command`](input)),
  };
}

const key = (genre, title) => ({ genre, title });

test("values of every type come back as they were", async () => {
  const { call } = await connect({
    marshallOptions: { removeUndefinedValues: true, convertClassInstanceToMap: true },
    unmarshallOptions: { wrapNumbers: false },
  });
  const Item = {
    ...key("types", "all"), text: "", number: -1.5e-7, big: 2n ** 53n + 1n, yes: true,
    nothing: null, bytes: new Uint8Array([0, 255]), texts: new Set(["a", "b"]),
    numbers: new Set([1, 2.5]), list: [1, [], { deep: [null, "x"] }], map: { in: { in: {} } },
  };
  await call("Put", { Item: { ...Item, absent: undefined } });
  const got = (await call("Get", { Key: key("types", "all"), ConsistentRead: true })).Item;
  assert.equal(got.big, Item.big);
  assert.deepEqual({ ...got, bytes: [...got.bytes] }, { ...Item, bytes: [0, 255] });
});

test("numbers with more digits than JavaScript has are kept", async () => {
  const { call } = await connect({ unmarshallOptions: { wrapNumbers: true } });
  const digits = "12345678901234567890.123456789012345678";
  await call("Put", {
    Item: { ...key("types", "digits"), n: documents.NumberValue.from(digits) },
  });
  const got = await call("Get", { Key: key("types", "digits") });
  assert.equal(got.Item.n.value, digits);
});

test("a film is put, updated under a condition, and deleted", async () => {
  const { call } = await connect();
  const film = { ...key("drama", "Ran"), year: 1985, cast: ["Nakadai"] };
  await call("Put", { Item: film, ConditionExpression: "attribute_not_exists(genre)" });
  const updated = await call("Update", {
    Key: key("drama", "Ran"), ReturnValues: "UPDATED_NEW",
    UpdateExpression: "SET #cast = list_append(#cast, :more), seen = if_not_exists(seen, :no) "
      + "ADD #tags :tags REMOVE nothing",
    ConditionExpression: "#year BETWEEN :from AND :to AND contains(#cast, :first)",
    ExpressionAttributeNames: { "#cast": "cast", "#tags": "tags", "#year": "year" },
    ExpressionAttributeValues: {
      ":more": ["Terao"], ":no": false, ":tags": new Set(["war"]), ":from": 1980, ":to": 1990,
      ":first": "Nakadai",
    },
  });
  assert.deepEqual(updated.Attributes, {
    cast: ["Nakadai", "Terao"], seen: false, tags: new Set(["war"]),
  });
  await assert.rejects(call("Delete", {
    Key: key("drama", "Ran"), ConditionExpression: "seen = :yes",
    ExpressionAttributeValues: { ":yes": true },
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  }), (error) => {
    assert.ok(error instanceof dynamodb.ConditionalCheckFailedException);
    assert.deepEqual(error.Item.year, { N: "1985" });
    return true;
  });
  const gone = await call("Delete", { Key: key("drama", "Ran"), ReturnValues: "ALL_OLD" });
  assert.equal(gone.Attributes.year, 1985);
  assert.equal((await call("Get", { Key: key("drama", "Ran") })).Item, undefined);
});

test("batches are written and read, queries and scans come in pages", async () => {
  const { TableName, document, all } = await connect();
  const written = await all("BatchWrite", {
    RequestItems: {
      [TableName]: Array.from({ length: 25 }, (_, i) => ({
        PutRequest: { Item: { ...key("series", `Part ${i}`), year: 2000 - i } },
      })),
    },
  });
  assert.deepEqual(written.UnprocessedItems, {});
  const read = await all("BatchGet", {
    RequestItems: {
      [TableName]: { Keys: [key("series", "Part 3"), key("series", "none")] },
    },
  });
  assert.deepEqual(read.Responses[TableName], [{ ...key("series", "Part 3"), year: 1997 }]);
  const years = [];
  const pages = documents.paginateQuery({ client: document, pageSize: 4 }, {
    TableName, IndexName: "by-year", ScanIndexForward: false,
    KeyConditionExpression: "genre = :genre AND #year > :year",
    FilterExpression: "NOT title IN (:skipped)",
    ExpressionAttributeNames: { "#year": "year" },
    ExpressionAttributeValues: { ":genre": "series", ":year": 1990, ":skipped": "Part 2" },
  });
  for await (const page of pages) years.push(...page.Items.map((item) => item.year));
  assert.deepEqual(years, [2000, 1999, 1997, 1996, 1995, 1994, 1993, 1992, 1991]);
  let count = 0;
  for await (const page of documents.paginateScan(
    { client: document, pageSize: 7 }, { TableName })) count += page.Count;
  assert.equal(count, 25);
});

test("transactions and statements take values too", async () => {
  const { TableName, all } = await connect();
  const put = (title, year) => ({
    Put: {
      TableName, Item: { ...key("new", title), year },
      ConditionExpression: "attribute_not_exists(genre)",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    },
  });
  await all("TransactWrite", { TransactItems: [put("Up", 2009), put("Her", 2013)] });
  await assert.rejects(
    all("TransactWrite", { TransactItems: [put("Up", 2009), put("It", 2017)] }), (error) => {
      assert.ok(error instanceof dynamodb.TransactionCanceledException);
      assert.deepEqual(
        error.CancellationReasons.map((reason) => reason.Code),
        ["ConditionalCheckFailed", "None"]);
      return true;
    });
  const got = await all("TransactGet", {
    TransactItems: ["Up", "It"].map((title) => ({ Get: { TableName, Key: key("new", title) } })),
  });
  assert.deepEqual(got.Responses, [{ Item: { ...key("new", "Up"), year: 2009 } }, {}]);
  const told = await all("ExecuteStatement", {
    Statement: `SELECT title FROM "${TableName}" WHERE genre = ? AND "year" > ?`,
    Parameters: ["new", 2010],
  });
  assert.deepEqual(told.Items, [{ title: "Her" }]);
  const batch = await all("BatchExecuteStatement", {
    Statements: ["Her", "It"].map((title) => ({
      Statement: `SELECT * FROM "${TableName}" WHERE genre = ? AND title = ?`,
      Parameters: ["new", title],
    })),
  });
  assert.deepEqual(batch.Responses.map((response) => response.Item?.year), [2013, undefined]);
  await all("ExecuteTransaction", {
    TransactStatements: [{
      Statement: `UPDATE "${TableName}" SET seen = ? WHERE genre = ? AND title = ?`,
      Parameters: [true, "new", "Her"],
    }],
  });
});

test("the document client of version 2 works on a table", async () => {
  const { TableName } = await connect();
  const { endpoint, region, credentials } = server.settings();
  const client = new AWS.DynamoDB.DocumentClient({
    endpoint, region, credentials, maxRetries: 0, params: { TableName }, convertEmptyValues: false,
  });
  const film = {
    ...key("drama", "Ran"), year: 1985, bytes: Buffer.from([0, 255]), text: "",
    tags: client.createSet(["war", "epic"]), ratings: client.createSet([8, 8.2]), no: null,
  };
  await client.put({ Item: film }).promise();
  const got = (await client.get({ Key: key("drama", "Ran") }).promise()).Item;
  assert.deepEqual(got.tags.values.toSorted(), ["epic", "war"]);
  assert.deepEqual(
    { ...got, tags: 0, ratings: 0, bytes: [...got.bytes] },
    { ...film, tags: 0, ratings: 0, bytes: [0, 255] });
  // The parameters of before there were expressions.
  const updated = await client.update({
    Key: key("drama", "Ran"), ReturnValues: "ALL_NEW",
    AttributeUpdates: { year: { Action: "ADD", Value: 1 }, no: { Action: "DELETE" } },
    Expected: { year: { ComparisonOperator: "GE", AttributeValueList: [1985] } },
  }).promise();
  assert.equal(updated.Attributes.year, 1986);
  assert.ok(!("no" in updated.Attributes));
  await assert.rejects(client.delete({
    Key: key("drama", "Ran"), Expected: { year: { Exists: false } },
  }).promise(), { code: "ConditionalCheckFailedException", statusCode: 400 });
  const items = ["Ikiru", "Yojimbo"].map((title) => ({ ...key("drama", title), year: 1952 }));
  await client.batchWrite({
    RequestItems: { [TableName]: items.map((Item) => ({ PutRequest: { Item } })) },
  }).promise();
  const found = await client.query({
    KeyConditions: {
      genre: { ComparisonOperator: "EQ", AttributeValueList: ["drama"] },
      title: { ComparisonOperator: "GT", AttributeValueList: ["J"] },
    },
    QueryFilter: { year: { ComparisonOperator: "NE", AttributeValueList: [1952] } },
  }).promise();
  assert.deepEqual(found.Items.map((item) => item.title), ["Ran"]);
  await client.transactWrite({
    TransactItems: [{ Delete: { TableName, Key: key("drama", "Ran") } }],
  }).promise();
  const left = await client.scan({ ConsistentRead: true, Select: "COUNT" }).promise();
  assert.equal(left.Count, 2);
});
