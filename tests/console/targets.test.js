// What topics and rules lead to, and how it is changed on their pages, in Chromium.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {createQueue, query, sqs} from './matinee.js';
import {events, OPEN} from './requests.js';
import {browser, expectClean, server, setStage} from './stage.js';

setStage();

const row = (page, table, text) => page.getByRole('table', {name: table}).getByRole('row')
  .filter({hasText: text});

test('a subscription tells its filter of bodies, raw delivery and dead letters', async () => {
  const dead = await createQueue(server, 'bodies-dead', OPEN);
  const queue = await createQueue(server, 'bodies-queue', OPEN);
  const TopicArn = 'arn:aws:sns:us-east-1:000000000000:bodies';
  await query(server, 'sns', 'CreateTopic', {Name: 'bodies'});
  const attributes = {FilterPolicyScope: 'MessageBody', FilterPolicy: '{"state": ["paid"]}',
    RawMessageDelivery: 'true', RedrivePolicy: JSON.stringify({deadLetterTargetArn: dead.arn})};
  const flat = Object.entries(attributes).flatMap(([key, value], index) => [
    [`Attributes.entry.${index + 1}.key`, key], [`Attributes.entry.${index + 1}.value`, value]]);
  await query(server, 'sns', 'Subscribe', {TopicArn, Protocol: 'sqs', Endpoint: queue.arn,
    ...Object.fromEntries(flat)});
  const page = await browser.open(server, '#/topics/bodies');
  const line = row(page, 'Subscriptions', 'bodies-queue');
  await line.getByText('of the body').waitFor();
  await line.getByText('raw delivery, dead letters to bodies-dead').waitFor();
  await expectClean(page);
  await line.getByRole('link', {name: 'Try it in the lab'}).click();
  await page.getByLabel('Message body').waitFor();
  assert.equal(await page.getByLabel('Dialect').inputValue(), 'filter-policy-body');
  await page.getByLabel('Message body').fill('{"state": "paid"}');
  await page.getByText('✓ matches').waitFor();
});

test('each dialect of the lab has an event of its own, under its name', async () => {
  const page = await browser.open(server, '#/lab');
  for (const [dialect, label] of [['filter-policy-attributes', 'Message attributes'],
    ['filter-policy-body', 'Message body'], ['event-source', 'Record'], ['rule', 'Event']]) {
    await page.getByLabel('Dialect').selectOption(dialect);
    await page.getByLabel(label, {exact: true}).waitFor();
    await page.getByText(/^[✓✕] (matches|does not match)$/).waitFor();
    assert.equal(await page.getByRole('alert').count(), 0);
  }
});

test('a rule tells its schedule and how often it tries, and is deleted with its targets',
  async () => {
    const queue = await createQueue(server, 'hourly-queue', OPEN);
    await events(server, 'PutRule', {Name: 'hourly', ScheduleExpression: 'rate(1 hour)'});
    await events(server, 'PutTargets', {Rule: 'hourly', Targets: [{Id: '1', Arn: queue.arn,
      Input: '{"hour": 1}', RetryPolicy: {MaximumRetryAttempts: 4},
      DeadLetterConfig: {Arn: queue.arn}}]});
    const page = await browser.open(server, '#/rules/default/hourly');
    await page.getByText('Fires by schedule: rate(1 hour)').waitFor();
    const line = row(page, 'Targets', 'hourly-queue');
    await line.getByText('at most 4 retries').waitFor();
    await line.getByText('{"hour": 1}').waitFor();
    await expectClean(page);
    await page.getByRole('button', {name: 'Delete'}).click();
    await page.getByRole('dialog').getByRole('button', {name: 'Delete'}).click();
    await page.getByRole('heading', {name: 'Rules'}).waitFor();
    await assert.rejects(events(server, 'DescribeRule', {Name: 'hourly'}),
      /ResourceNotFoundException/);
  });

test('an event that is sent by hand is the one that stands there, and its refusal is told',
  async () => {
    const queue = await createQueue(server, 'by-hand', OPEN);
    await events(server, 'PutRule', {Name: 'by-hand',
      EventPattern: '{"source": ["museum"], "detail-type": ["opening"]}'});
    await events(server, 'PutTargets', {Rule: 'by-hand', Targets: [{Id: '1', Arn: queue.arn}]});
    const page = await browser.open(server, '#/rules');
    await page.getByLabel('Source').fill('museum');
    await page.getByLabel('Detail type').fill('opening');
    await page.getByLabel('Detail', {exact: true}).fill('{"room": 7}');
    await page.getByRole('button', {name: 'Send'}).click();
    await page.getByText('Sent.').waitFor();
    const {Messages} = await sqs(server, 'ReceiveMessage', {QueueUrl: queue.url,
      WaitTimeSeconds: 10});
    assert.deepEqual(JSON.parse(Messages[0].Body).detail, {room: 7});
    await page.getByLabel('Detail', {exact: true}).fill('no JSON');
    await page.getByRole('button', {name: 'Send'}).click();
    await page.getByRole('alert').getByText('MalformedDetail').waitFor();
  });
