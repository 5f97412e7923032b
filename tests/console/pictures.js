// Makes the pictures of README and docs/console.md: node tests/console/pictures.js
import {cp, mkdir} from 'node:fs/promises';
import path from 'node:path';
import {call, createQueue, picture, query, rest, sqs, startBrowser,
  startServer} from './matinee.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const PREFIX = 'arn:aws:sns:us-east-1:000000000000:';
const ANYBODY = JSON.stringify({Statement: {Effect: 'Allow', Action: 'sqs:SendMessage',
  Principal: '*', Resource: '*'}});

/** A small shop: orders that are published, billed, packed, and sometimes given up. */
async function build(server) {
  const dead = await createQueue(server, 'billing-failed');
  const queues = {dead};
  queues.billing = await createQueue(server, 'billing', {Policy: ANYBODY, VisibilityTimeout: '0',
    RedrivePolicy: JSON.stringify({deadLetterTargetArn: dead.arn, maxReceiveCount: 2})});
  queues.packing = await createQueue(server, 'packing', {Policy: ANYBODY});
  queues.archive = await createQueue(server, 'archive', {Policy: ANYBODY});
  await query(server, 'sns', 'CreateTopic', {Name: 'orders'});
  for (const name of ['billing', 'packing'])
    await query(server, 'sns', 'Subscribe', {TopicArn: `${PREFIX}orders`, Protocol: 'sqs',
      Endpoint: queues[name].arn, 'Attributes.entry.1.key': 'RawMessageDelivery',
      'Attributes.entry.1.value': 'true'});
  await call(server, 'AWSEvents', 'PutRule', {Name: 'paid',
    EventPattern: JSON.stringify({source: ['shop'], 'detail-type': ['paid']})});
  await call(server, 'AWSEvents', 'PutTargets', {Rule: 'paid', Targets: [
    {Id: 'archive', Arn: queues.archive.arn}, {Id: 'packing', Arn: queues.packing.arn}]});
  await rest(server, 's3', 'PUT', '/invoices');
  await rest(server, 's3', 'PUT', '/invoices?notification', {body: '<NotificationConfiguration>' +
    `<QueueConfiguration><Queue>${queues.archive.arn}</Queue><Event>s3:ObjectCreated:*</Event>` +
    '</QueueConfiguration></NotificationConfiguration>'});
  await call(server, 'DynamoDB_20120810', 'CreateTable', {TableName: 'customers',
    BillingMode: 'PAY_PER_REQUEST', KeySchema: [{AttributeName: 'id', KeyType: 'HASH'}],
    AttributeDefinitions: [{AttributeName: 'id', AttributeType: 'S'}]});
  return queues;
}

async function work(server, queues) {
  for (let i = 0; i < 12; i += 1) {
    await query(server, 'sns', 'Publish', {TopicArn: `${PREFIX}orders`,
      Message: JSON.stringify({order: 4700 + i, amount: 12.5 * i})});
    await call(server, 'AWSEvents', 'PutEvents', {Entries: [{Source: 'shop', DetailType: 'paid',
      Detail: JSON.stringify({order: 4700 + i})}]});
    await rest(server, 's3', 'PUT', `/invoices/${4700 + i}.json`, {body: '{}'});
    if (i < 4) await sqs(server, 'ReceiveMessage', {QueueUrl: queues.billing.url});
  }
}

const [server, browser] = await Promise.all([startServer(), startBrowser()]);
const queues = await build(server);
const reply = await query(server, 'sns', 'Publish', {TopicArn: `${PREFIX}orders`,
  Message: '{"order": 4699, "amount": 99.5}'});
const page = await browser.open(server, '#/', {width: 1240, height: 640});
await page.locator('#live[data-status=live]').waitFor();
await work(server, queues);
for (let i = 0; i < 30; i += 1) {
  const {Messages} = await sqs(server, 'ReceiveMessage', {QueueUrl: queues.billing.url});
  if (!Messages) break;
}
await page.locator('.node', {hasText: /packing.*\d\d messages/}).waitFor();
await work(server, queues);
await page.locator('circle.dot[cx]').nth(6).waitFor({state: 'attached'});
await picture(page, 'console-map');
const [, id] = /<MessageId>(.*)<\/MessageId>/.exec(reply);
const journey = await browser.open(server, `#/journey/${id}`, {width: 1240, height: 900});
await journey.getByText(/Dead letter of/).waitFor();
await journey.getByText(/redrive policy/).nth(1).waitFor();
await picture(journey, 'console-journey');
await mkdir(path.join(ROOT, 'docs/pictures'), {recursive: true});
for (const name of ['console-map', 'console-journey'])
  await cp(path.join(ROOT, `build/console/${name}.png`),
    path.join(ROOT, `docs/pictures/${name}.png`));
await browser.close();
await server.stop();
