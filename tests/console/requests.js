// Requests that put something into a cloud, as programs make them, for the tests of single pages.

const authorization = (service) => 'AWS4-HMAC-SHA256 Credential=test/20261130/us-east-1/' +
  `${service}/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`;

/** A request of a service that speaks REST -> Response. */
export async function rest(server, service, method, path, {body, headers = {}} = {}) {
  const response = await fetch(server.url + path, {method, body,
    headers: {authorization: authorization(service), ...headers}});
  if (!response.ok)
    throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response;
}

export async function putObject(server, bucket, key, body, headers = {}) {
  const path = `/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
  await rest(server, 's3', 'PUT', path, {body, headers});
}

export async function dynamodb(server, operation, params) {
  const response = await rest(server, 'dynamodb', 'POST', '/', {body: JSON.stringify(params),
    headers: {'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`}});
  return response.json();
}

export async function events(server, operation, params) {
  const response = await rest(server, 'events', 'POST', '/', {body: JSON.stringify(params),
    headers: {'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSEvents.${operation}`}});
  return response.json();
}

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
