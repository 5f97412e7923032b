// The list of what happened last, the journey of one message and what the map tells of each
// resource, in Chromium, with a clock that stands until it is moved.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {createFunction} from './functions.js';
import {createQueue, picture, query, rest, sqs} from './matinee.js';
import {createFilms, events, HOSTILE, OPEN} from './requests.js';
import {browser, expectClean, server, setStage} from './stage.js';

setStage({options: ['--clock', 'paused']});

const advance = (span) => rest(server, 'matinee', 'POST', `/_matinee/clock?advance=${span}`);

/** A topic with a queue that gives up after one receive: {queue, dead, topic}. */
async function createTopic(name) {
  const dead = await createQueue(server, `${name}-dead`);
  const queue = await createQueue(server, name, {...OPEN, VisibilityTimeout: '0',
    RedrivePolicy: JSON.stringify({deadLetterTargetArn: dead.arn, maxReceiveCount: 1})});
  const topic = `arn:aws:sns:us-east-1:000000000000:${name}-news`;
  await query(server, 'sns', 'CreateTopic', {Name: `${name}-news`});
  await query(server, 'sns', 'Subscribe', {TopicArn: topic, Protocol: 'sqs', Endpoint: queue.arn});
  return {queue, dead, topic};
}

async function publish(topic, text) {
  const reply = await query(server, 'sns', 'Publish', {TopicArn: topic, Message: text});
  return /<MessageId>(.*)<\/MessageId>/.exec(reply)[1];
}

async function giveUp(queue) {
  for (let i = 0; i < 2; i += 1) await sqs(server, 'ReceiveMessage', {QueueUrl: queue.url});
}

const rows = (page) => page.getByRole('table', {name: 'What happened last'}).locator('tbody tr');

test('what happened last is narrowed to a text and to trouble, and leads to a journey',
  async () => {
    const {queue, topic} = await createTopic('narrow');
    const other = await createQueue(server, 'beside');
    const {MessageId} = await sqs(server, 'SendMessage', {QueueUrl: other.url, MessageBody: 'x'});
    await publish(topic, 'order');
    await giveUp(queue);
    const page = await browser.open(server, '#/journeys');
    await rows(page).filter({hasText: 'beside'}).first().waitFor();
    await rows(page).filter({hasText: 'dead-lettered'}).first().waitFor();
    await page.getByLabel('Show what contains').fill('BESIDE');
    await rows(page).filter({hasText: 'narrow'}).first().waitFor({state: 'detached'});
    assert.equal(await rows(page).count(), 1);
    await page.getByLabel('Show what contains').fill('');
    await page.getByLabel('Only trouble').check();
    await rows(page).filter({hasText: 'beside'}).first().waitFor({state: 'detached'});
    await rows(page).filter({hasText: 'dead-lettered'}).first().waitFor();
    await expectClean(page);
    await page.getByLabel('Id of a message, event or trace').fill(MessageId);
    await page.getByRole('button', {name: 'Show', exact: true}).click();
    await page.getByRole('heading', {name: `Journey of ${MessageId}`}).waitFor();
  });

test('a journey tells waits, causes and payloads, and what would change where it is now',
  async () => {
    const {queue, topic} = await createTopic('told');
    const id = await publish(topic, 'order 7');
    await advance('90s');
    const [message] = (await sqs(server, 'ReceiveMessage', {QueueUrl: queue.url,
      VisibilityTimeout: 600})).Messages;
    const page = await browser.open(server, `#/journey/${id}`);
    const hops = page.getByRole('list', {name: 'Hops'});
    await hops.getByText('1 min 30 s later').waitFor();
    await hops.getByText('caused by').first().waitFor();
    await hops.getByLabel('Payload').getByText('order 7', {exact: true}).waitFor();
    await hops.getByRole('link', {name: message.MessageId}).first().waitFor();
    await page.getByText('What would change that').waitFor();
    await page.getByText(/`matinee clock advance \d+s` lets that time pass/).waitFor();
    await expectClean(page);
    await sqs(server, 'DeleteMessage', {QueueUrl: queue.url, ReceiptHandle: message.ReceiptHandle});
    await hops.getByText('Deleted from').waitFor();
    await page.getByText(/^It was deleted at .* by /).waitFor();
  });

test('a journey tells which members of a payload have changed, and that none has', async () => {
  await createFilms(server, 'films');
  const root = '1-5759e988-bd862e3fe1be46a994272793';
  const put = (item) => fetch(server.url, {method: 'POST', headers: {
    'x-amzn-trace-id': `Root=${root}`, 'x-amz-target': 'DynamoDB_20120810.PutItem',
    'content-type': 'application/x-amz-json-1.0'}, body: JSON.stringify({TableName: 'films',
    Item: {title: {S: HOSTILE}, year: {N: '1927'}, ...item}})});
  for (const item of [{cut: {S: 'long'}}, {cut: {S: 'short'}, tint: {S: 'blue'}},
    {cut: {S: 'short'}, tint: {S: 'blue'}}]) assert.equal((await put(item)).status, 200);
  const page = await browser.open(server, `#/journey/${root}`);
  const table = page.getByRole('table', {name: 'What changed'});
  await table.getByRole('row', {name: '~ changed cut.S "long" "short"'}).waitFor();
  await table.getByRole('row', {name: '+ added tint.S "blue"'}).waitFor();
  assert.equal(await table.locator('tbody tr').count(), 2);
  await page.getByText('The payload has not changed.').waitFor();
  assert.equal(await page.getByLabel('Payload', {exact: true}).count(), 2);
  await picture(page, 'journey-changes');
  await expectClean(page);
});

test('a journey tells what a function has answered', async () => {
  await createFunction(server, 'teller');
  const reply = await rest(server, 'lambda', 'POST', '/2015-03-31/functions/teller/invocations',
    {body: '{"n": 7}'});
  const page = await browser.open(server, `#/journey/${reply.headers.get('x-amzn-requestid')}`);
  await page.getByLabel('Payload').getByText('"n": 7').waitFor();
  await page.getByText('The function has answered:').waitFor();
  assert.deepEqual(JSON.parse(await page.getByLabel('Answer').textContent()), {told: {n: 7}});
  await expectClean(page);
});

test('a journey goes on where a message was moved to', async () => {
  const {queue, dead, topic} = await createTopic('mover');
  await publish(topic, 'order 8');
  const [{MessageId}] = (await sqs(server, 'ReceiveMessage', {QueueUrl: queue.url})).Messages;
  await sqs(server, 'ReceiveMessage', {QueueUrl: queue.url});
  await sqs(server, 'StartMessageMoveTask', {SourceArn: dead.arn});
  const page = await browser.open(server, `#/journey/${MessageId}`);
  const hop = page.getByRole('list', {name: 'Hops'}).getByRole('listitem')
    .filter({hasText: 'Moved out of'});
  await hop.getByText('caused by').waitFor();
  await hop.getByText('The payload has not changed.').waitFor();
  await expectClean(page);
});

test('the map tells failures and rates, fades what is idle, and is a list too', async () => {
  const {queue, topic} = await createTopic('busy');
  await createQueue(server, 'asleep');
  await events(server, 'PutRule', {Name: 'off', State: 'DISABLED',
    EventPattern: '{"source": ["shop"]}'});
  const page = await browser.open(server);
  await page.locator('#live[data-status=live]').waitFor();
  const node = (name) => page.getByRole('link', {name});
  await node(/Queue asleep/).waitFor();
  await publish(topic, 'order');
  await giveUp(queue);
  await node(/Queue busy \d.*✕ 1 failed/).waitFor();
  await node(/Topic busy-news.*\/s/).waitFor();
  await node(/Rule off.*disabled/).waitFor();
  const isIdle = async (name) => /\bidle\b/.test(await node(name).getAttribute('class'));
  assert.deepEqual([await isIdle(/Queue asleep/), await isIdle(/Topic busy-news/)], [true, false]);
  await page.getByText('The same as a list').click();
  const row = page.getByRole('table', {name: 'All resources'}).getByRole('row')
    .filter({has: page.getByRole('link', {name: 'busy', exact: true})});
  await row.getByText('busy-dead').waitFor();
  await expectClean(page);
});

test('one key switches between light and dark, and the page keeps it', async () => {
  const page = await browser.open(server);
  const theme = () => page.evaluate('document.documentElement.dataset.theme ?? ""');
  const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
  const light = await background();
  await page.keyboard.press('t');
  assert.equal(await theme(), 'dark');
  assert.notEqual(await background(), light);
  await page.reload();
  await page.locator('main h1').waitFor();
  assert.equal(await theme(), 'dark');
  await page.keyboard.press('t');
  assert.equal(await theme(), 'light');
});

test('a payload that is nested without end is told as a text', async () => {
  const {topic} = await createTopic('deep');
  const deep = '['.repeat(20000) + ']'.repeat(20000);
  const id = await publish(topic, deep);
  const page = await browser.open(server, `#/journey/${id}`);
  await page.getByText('The payload before it is now inside, at').getByText('Message').waitFor();
  assert.equal(await page.getByLabel('Payload').first().textContent(), deep);
  assert.deepEqual(page.faults, []);
});
