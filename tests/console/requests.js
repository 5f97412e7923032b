// Requests that put something into a cloud, as programs make them, for the tests of single pages.

import {call, rest} from './matinee.js';

export async function putObject(server, bucket, key, body, headers = {}) {
  const path = `/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
  await rest(server, 's3', 'PUT', path, {body, headers});
}

export const dynamodb = (server, operation, params) =>
  call(server, 'DynamoDB_20120810', operation, params);

export const events = (server, operation, params) => call(server, 'AWSEvents', operation, params);

/** A table of films with a stream, with the items that are given as {title, year, ...}. */
export async function createFilms(server, TableName, items = []) {
  await dynamodb(server, 'CreateTable', {TableName, BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{AttributeName: 'title', KeyType: 'HASH'},
      {AttributeName: 'year', KeyType: 'RANGE'}],
    AttributeDefinitions: [{AttributeName: 'title', AttributeType: 'S'},
      {AttributeName: 'year', AttributeType: 'N'}, {AttributeName: 'director', AttributeType: 'S'}],
    GlobalSecondaryIndexes: [{IndexName: 'by-director', Projection: {ProjectionType: 'ALL'},
      KeySchema: [{AttributeName: 'director', KeyType: 'HASH'}]}],
    StreamSpecification: {StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES'}});
  for (const {title, year, director} of items)
    await dynamodb(server, 'PutItem', {TableName, Item: {title: {S: title}, year: {N: String(year)},
      director: {S: director}}});
}

/** Attributes of a queue to which services may send. */
export const OPEN = {Policy: JSON.stringify({Statement: [
  {Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: '*'}]})};

/** What a script would do if it ran: told by matinee.js as a fault of the page. */
export const HOSTILE = '<img src=x onerror=alert(1)><script>alert(1)</script>';
