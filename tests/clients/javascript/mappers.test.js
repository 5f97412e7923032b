// Object mappers for one table of many entities: ElectroDB and DynamoDB-Toolbox each create, read,
// update, query and remove, in batches and transactions too.
import assert from "node:assert/strict";
import { test } from "node:test";

import * as dynamodb from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import * as toolbox from "dynamodb-toolbox";
import {
  execute as transactRead, GetTransaction,
} from "dynamodb-toolbox/entity/actions/transactGet";
import { PutTransaction } from "dynamodb-toolbox/entity/actions/transactPut";
import { UpdateTransaction } from "dynamodb-toolbox/entity/actions/transactUpdate";
import { execute as transactWrite } from "dynamodb-toolbox/entity/actions/transactWrite";
import { $add, $append, UpdateItemCommand } from "dynamodb-toolbox/entity/actions/update";
import * as electrodb from "electrodb";

import { uniqueName, useServer } from "./endpoint.js";

const server = useServer();

/** A table with keys pk and sk, and an index gsi1 of gsi1pk and gsi1sk. */
async function createTable() {
  const client = new dynamodb.DynamoDBClient(server.settings());
  const TableName = uniqueName();
  const names = ["pk", "sk", "gsi1pk", "gsi1sk"];
  const keys = (hash, range) => [
    { AttributeName: hash, KeyType: "HASH" }, { AttributeName: range, KeyType: "RANGE" },
  ];
  await client.send(new dynamodb.CreateTableCommand({
    TableName, BillingMode: "PAY_PER_REQUEST", KeySchema: keys("pk", "sk"),
    AttributeDefinitions: names.map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
    GlobalSecondaryIndexes: [{
      IndexName: "gsi1", KeySchema: keys("gsi1pk", "gsi1sk"),
      Projection: { ProjectionType: "ALL" },
    }],
  }));
  await dynamodb.waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 1 }, { TableName });
  return { client, TableName };
}

function electroEntities(client, table) {
  const film = new electrodb.Entity({
    model: { entity: "film", service: "cinema", version: "1" },
    attributes: {
      genre: { type: "string", required: true },
      title: { type: "string", required: true },
      director: { type: "string", default: "unknown" },
      year: { type: "number" },
      seen: { type: "boolean", default: false },
      tags: { type: "set", items: "string" },
      cast: { type: "list", items: { type: "string" } },
      place: { type: "map", properties: { city: { type: "string" }, halls: { type: "number" } } },
    },
    indexes: {
      films: {
        pk: { field: "pk", composite: ["genre"] }, sk: { field: "sk", composite: ["title"] },
      },
      byDirector: {
        index: "gsi1", collection: "people",
        pk: { field: "gsi1pk", composite: ["director"] },
        sk: { field: "gsi1sk", composite: ["title"] },
      },
    },
  }, { client, table });
  const person = new electrodb.Entity({
    model: { entity: "person", service: "cinema", version: "1" },
    attributes: { director: { type: "string" }, born: { type: "number" } },
    indexes: {
      people: {
        pk: { field: "pk", composite: ["director"] }, sk: { field: "sk", composite: [] },
      },
      byDirector: {
        index: "gsi1", collection: "people",
        pk: { field: "gsi1pk", composite: ["director"] }, sk: { field: "gsi1sk", composite: [] },
      },
    },
  }, { client, table });
  return { film, person, cinema: new electrodb.Service({ film, person }) };
}

test("entities of ElectroDB are created, read, updated, queried and removed", async () => {
  const { client, TableName } = await createTable();
  const { film, person, cinema } = electroEntities(client, TableName);
  const ran = { genre: "drama", title: "ran" };
  await film.create({
    ...ran, director: "kurosawa", year: 1985, tags: ["war"], cast: ["Nakadai"],
    place: { city: "Tokyo" },
  }).go();
  await assert.rejects(film.create({ ...ran }).go(), (error) => {
    assert.match(error.message, /The conditional request failed/);
    return true;
  });
  await person.put({ director: "kurosawa", born: 1910 }).go();
  const updated = await film.patch(ran)
    .set({ seen: true, "place.halls": 2 }).add({ year: 1, tags: ["epic"] })
    .append({ cast: ["Terao"] })
    .where(({ year, cast }, { between, contains }) =>
      `${between(year, 1980, 1990)} AND ${contains(cast, "Nakadai")}`)
    .go({ response: "all_new" });
  assert.deepEqual(updated.data, {
    ...ran, director: "kurosawa", year: 1986, seen: true, tags: ["epic", "war"],
    cast: ["Nakadai", "Terao"], place: { city: "Tokyo", halls: 2 },
  });
  await assert.rejects(film.patch({ genre: "drama", title: "none" }).set({ year: 1 }).go());
  await film.upsert({ genre: "drama", title: "ikiru" }).set({ year: 1952 }).go();
  assert.equal((await film.get({ genre: "drama", title: "ikiru" }).go()).data.year, 1952);

  const { data } = await cinema.collections.people({ director: "kurosawa" }).go();
  assert.deepEqual(data.person.map(({ born }) => born), [1910]);
  assert.deepEqual(data.film.map(({ title }) => title), ["ran"]);
  await film.delete(ran).where(({ seen }, { eq }) => eq(seen, true)).go();
  assert.equal((await film.get(ran).go()).data, null);
});

test("entities of ElectroDB come in pages, and go in batches and transactions", async () => {
  const { client, TableName } = await createTable();
  const { film, person, cinema } = electroEntities(client, TableName);
  const parts = Array.from({ length: 30 }, (_, number) => ({
    genre: "series", title: `part ${String(number).padStart(2, "0")}`, year: 2000 - number,
  }));
  assert.deepEqual((await film.put(parts).go()).unprocessed, []);
  const titles = (found) => found.data.map(({ title }) => title);
  const first = await film.query.films({ genre: "series" }).begins({ title: "part" })
    .where(({ year }, { lt }) => lt(year, 1999)).go({ limit: 5 });
  assert.deepEqual(titles(first), ["part 02", "part 03", "part 04"]);
  const rest = await film.query.films({ genre: "series" }).begins({ title: "part" })
    .go({ cursor: first.cursor, pages: "all" });
  assert.equal(titles(rest)[0], "part 05");
  assert.equal(rest.data.length, 25);
  const some = await film.query.films({ genre: "series" })
    .between({ title: "part 03" }, { title: "part 05" }).go({ order: "desc" });
  assert.deepEqual(titles(some), ["part 05", "part 04", "part 03"]);
  const batch = await film.get(parts.slice(0, 3).concat({ genre: "series", title: "x" })).go();
  assert.deepEqual(titles(batch).toSorted(), ["part 00", "part 01", "part 02"]);

  const written = await cinema.transaction.write(({ film, person }) => [
    film.create({ genre: "new", title: "up", director: "docter" }).commit(),
    film.delete(parts[0]).commit(),
    film.patch(parts[1]).set({ seen: true }).commit(),
    person.put({ director: "docter", born: 1968 }).commit(),
  ]).go();
  assert.equal(written.canceled, false);
  const canceled = await cinema.transaction.write(({ film }) => [
    film.create({ genre: "new", title: "her" }).commit(),
    film.create({ genre: "new", title: "up" }).commit({ response: "all_old" }),
  ]).go();
  assert.equal(canceled.canceled, true);
  assert.deepEqual(canceled.data.map(({ code }) => code), ["None", "ConditionalCheckFailed"]);
  assert.equal(canceled.data[1].item.director, "docter");
  const read = await cinema.transaction.get(({ film, person }) => [
    film.get(parts[0]).commit(), film.get(parts[1]).commit(),
    person.get({ director: "docter" }).commit(),
  ]).go();
  assert.deepEqual(
    read.data.map(({ item }) => item && (item.born ?? item.seen)), [null, true, 1968]);
  const { data } = await person.scan.go();
  assert.deepEqual(data, [{ director: "docter", born: 1968 }]);
});

function toolboxEntities(client, name) {
  const table = new toolbox.Table({
    name, documentClient: DynamoDBDocumentClient.from(client, {
      marshallOptions: { removeUndefinedValues: true },
    }),
    partitionKey: { name: "pk", type: "string" }, sortKey: { name: "sk", type: "string" },
    indexes: {
      gsi1: {
        type: "global", partitionKey: { name: "gsi1pk", type: "string" },
        sortKey: { name: "gsi1sk", type: "string" },
      },
    },
  });
  const film = new toolbox.Entity({
    // With its times of the clock no transaction would be the same twice.
    name: "Film", table, timestamps: false,
    schema: toolbox.item({
      genre: toolbox.string().key().savedAs("pk"),
      title: toolbox.string().key().savedAs("sk"),
      director: toolbox.string().optional().savedAs("gsi1pk"),
      released: toolbox.string().optional().savedAs("gsi1sk"),
      year: toolbox.number().optional(),
      seen: toolbox.boolean().default(false),
      tags: toolbox.set(toolbox.string()).optional(),
      cast: toolbox.list(toolbox.string()).optional(),
      place: toolbox.map({ city: toolbox.string(), halls: toolbox.number().optional() }).optional(),
    }),
  });
  return { table, film };
}

test("entities of DynamoDB-Toolbox are put, read, updated, queried and deleted", async () => {
  const { client, TableName } = await createTable();
  const { table, film } = toolboxEntities(client, TableName);
  const ran = { genre: "drama", title: "Ran" };
  const put = (item, options = {}) =>
    film.build(toolbox.PutItemCommand).item(item).options(options).send();
  await put({
    ...ran, director: "Kurosawa", released: "1985-05-31", year: 1985, tags: new Set(["war"]),
    cast: ["Nakadai"], place: { city: "Tokyo" },
  });
  await assert.rejects(
    put(ran, { condition: { attr: "genre", exists: false } }),
    dynamodb.ConditionalCheckFailedException);
  const updated = await film.build(UpdateItemCommand).item({
    ...ran, year: $add(1), seen: true, tags: $add(new Set(["epic"])), cast: $append(["Terao"]),
    place: { halls: 2 },
  }).options({
    returnValues: "ALL_NEW",
    condition: {
      and: [{ attr: "year", between: [1980, 1990] }, { attr: "cast", contains: "Nakadai" },
        { not: { attr: "place.city", beginsWith: "Par" } }],
    },
  }).send();
  assert.equal(updated.Attributes.year, 1986);
  assert.deepEqual(updated.Attributes.tags, new Set(["epic", "war"]));
  assert.deepEqual(updated.Attributes.cast, ["Nakadai", "Terao"]);
  assert.deepEqual(updated.Attributes.place, { city: "Tokyo", halls: 2 });
  const read = await film.build(toolbox.GetItemCommand).key(ran)
    .options({ consistent: true, attributes: ["title", "place.city"] }).send();
  assert.deepEqual(read.Item, { title: "Ran", place: { city: "Tokyo" } });

  await put({ genre: "drama", title: "Ikiru", director: "Kurosawa", released: "1952-10-09" });
  const found = await table.build(toolbox.QueryCommand).entities(film).query({
    index: "gsi1", partition: "Kurosawa", range: { gte: "1980" },
  }).options({ filters: { Film: { attr: "seen", eq: true } } }).send();
  assert.deepEqual(found.Items.map(({ title }) => title), ["Ran"]);
  const first = await table.build(toolbox.QueryCommand).entities(film)
    .query({ partition: "drama" }).options({ limit: 1, reverse: true }).send();
  assert.deepEqual(first.Items.map(({ title }) => title), ["Ran"]);
  const all = await table.build(toolbox.ScanCommand).entities(film)
    .options({ maxPages: Infinity, limit: 1 }).send();
  assert.equal(all.Count, 2);
  await film.build(toolbox.DeleteItemCommand).key(ran)
    .options({ condition: { attr: "seen", eq: true } }).send();
  assert.equal((await film.build(toolbox.GetItemCommand).key(ran).send()).Item, undefined);
});

test("entities of DynamoDB-Toolbox are written in batches and transactions", async () => {
  const { client, TableName } = await createTable();
  const { table, film } = toolboxEntities(client, TableName);
  const parts = ["one", "two"].map((title) => ({ genre: "series", title }));
  await toolbox.executeBatchWrite(table.build(toolbox.BatchWriteCommand).requests(
    ...parts.map((part) => film.build(toolbox.BatchPutRequest).item(part))));
  const { Responses } = await toolbox.executeBatchGet(table.build(toolbox.BatchGetCommand).requests(
    ...parts.map((part) => film.build(toolbox.BatchGetRequest).key(part))));
  assert.deepEqual(Responses[0].map(({ title }) => title), ["one", "two"]);
  const changes = () => [
    film.build(PutTransaction).item({ genre: "series", title: "three", year: 1 })
      .options({ condition: { attr: "genre", exists: false } }),
    film.build(UpdateTransaction).item({ ...parts[0], year: $add(5) }),
  ];
  await transactWrite({ clientRequestToken: "toolbox" }, ...changes());
  await transactWrite({ clientRequestToken: "toolbox" }, ...changes());
  await assert.rejects(transactWrite(...changes()), dynamodb.TransactionCanceledException);
  const read = await transactRead(
    film.build(GetTransaction).key(parts[0]),
    film.build(GetTransaction).key({ genre: "series", title: "three" }),
    film.build(GetTransaction).key({ genre: "series", title: "four" }));
  assert.deepEqual(read.Responses.map(({ Item }) => Item?.year), [5, 1, undefined]);
});
