// The clock bar above all pages, in Chromium.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {createQueue, findBarriers, picture, rest, sqs} from './matinee.js';
import {events, OPEN} from './requests.js';
import {browser, expectClean, server, setStage} from './stage.js';

setStage({options: ['--clock', 'paused']});

const now = (page) => page.getByLabel('Time of the cloud').textContent();
const milliseconds = (text) => Date.parse(text.replace(' UTC', 'Z').replace(' ', 'T'));

test('time stands, is resumed and paused, by a button', async () => {
  const page = await browser.open(server);
  await page.getByText('time stands').waitFor();
  await page.getByRole('button', {name: 'Resume'}).click();
  await page.getByText('time runs').waitFor();
  await page.getByRole('button', {name: 'Pause'}).click();
  await page.getByText('time stands').waitFor();
  assert.deepEqual(await findBarriers(page), []);
  assert.deepEqual(page.faults, []);
});

/** A rule that sends to a queue every five minutes. */
async function createRule(name) {
  const queue = await createQueue(server, name, OPEN);
  await events(server, 'PutRule', {Name: name, ScheduleExpression: 'rate(5 minutes)'});
  await events(server, 'PutTargets', {Rule: name, Targets: [{Id: '1', Arn: queue.arn}]});
  return queue;
}

test('advancing fires what is due on the way, and tells what happened', async () => {
  const queue = await createRule('often');
  const page = await browser.open(server);
  await page.getByText(/next of \d+ timers?/).waitFor();
  const before = milliseconds(await now(page));
  await page.getByLabel('How far to advance').fill('16m');
  await page.getByRole('button', {name: 'Advance'}).click();
  await page.getByRole('button', {name: 'what happened'}).waitFor();
  assert.equal(milliseconds(await now(page)) - before, 16 * 60 * 1000);
  const {Attributes} = await sqs(server, 'GetQueueAttributes', {QueueUrl: queue.url,
    AttributeNames: ['ApproximateNumberOfMessages']});
  assert.equal(Attributes.ApproximateNumberOfMessages, '3');
  await page.getByRole('button', {name: 'what happened'}).click();
  await page.getByRole('dialog').getByRole('cell', {name: 'often'}).first().waitFor();
  await picture(page, 'clock');
  assert.deepEqual(await findBarriers(page), []);
  assert.deepEqual(page.faults, []);
});

test('what is due is a list, and the clock goes to one of it', async () => {
  await createRule('due');
  const queue = await createQueue(server, 'later');
  await sqs(server, 'SendMessage', {QueueUrl: queue.url, MessageBody: 'x', DelaySeconds: 90});
  const page = await browser.open(server);
  const before = milliseconds(await now(page));
  await page.getByRole('button', {name: /next of \d+ timer/}).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('row', {name: /the rule fires due/}).waitFor();
  const message = dialog.getByRole('row', {name: /a delayed message can be received later/});
  await message.waitFor();
  await picture(page, 'clock-due');
  await expectClean(page);
  await message.getByRole('button', {name: /Move the clock to/}).click();
  await page.getByText(/It is .*; timers that fired: \d+/).waitFor();
  const moved = milliseconds(await now(page)) - before;
  assert.ok(moved > 80_000 && moved <= 90_000, `it moved by ${moved} ms`);
  const {Attributes} = await sqs(server, 'GetQueueAttributes', {QueueUrl: queue.url,
    AttributeNames: ['ApproximateNumberOfMessages']});
  assert.equal(Attributes.ApproximateNumberOfMessages, '1', 'it can be received now');
});

test('the list says where the next timer leads, for work of the services too', async () => {
  await createRule('marked');
  const page = await browser.open(server);
  await page.getByRole('button', {name: /next of \d+ timer/}).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('row', {name: /CloudWatch merges and forgets old measures/}).waitFor();
  const marked = dialog.getByRole('row', {name: /next timer/});
  const [next] = (await marked.first().getByRole('cell').first().textContent()).split(' UTC');
  await dialog.getByText('The oldest message expires', {exact: false}).first().waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', {name: 'Next timer'}).click();
  await page.getByText(/timers that fired: \d+/).waitFor();
  assert.equal((await now(page)).slice(0, 19), next.slice(0, 19));
});

async function isWaitedFor() {
  const reply = await rest(server, 'matinee', 'GET', '/_matinee/due');
  return (await reply.json()).Due.some(({What}) => What.includes('somebody who waits'));
}

test('a message that somebody waits for is due once', async () => {
  const queue = await createQueue(server, 'awaited');
  await sqs(server, 'SendMessage', {QueueUrl: queue.url, MessageBody: 'x', DelaySeconds: 100});
  const received = sqs(server, 'ReceiveMessage', {QueueUrl: queue.url, WaitTimeSeconds: 20});
  while (!await isWaitedFor());
  const page = await browser.open(server);
  const dialog = page.getByRole('dialog');
  await page.getByRole('button', {name: /next of \d+ timer/}).click();
  const message = dialog.getByRole('row', {name: /a delayed message can be received.* awaited/});
  await message.waitFor();
  assert.equal(await dialog.getByText('somebody who waits').count(), 0);
  await message.getByRole('button', {name: /Move the clock to/}).click();
  assert.equal((await received).Messages[0].Body, 'x');
});

test('a span that is none is refused beside the clock', async () => {
  const page = await browser.open(server);
  await page.getByLabel('How far to advance').fill('soon');
  await page.getByRole('button', {name: 'Advance'}).click();
  await page.getByText('is no span of time').waitFor();
  assert.deepEqual(await findBarriers(page), []);
});

test('the clock goes on to the next timer', async () => {
  await createRule('next');
  const page = await browser.open(server);
  await page.getByText(/next of \d+ timers?/).waitFor();
  const before = milliseconds(await now(page));
  await page.getByRole('button', {name: 'Next timer'}).click();
  // Whether any hop happens depends on which timer that is.
  await page.getByText(/timers that fired: [1-9]/).waitFor();
  const moved = milliseconds(await now(page)) - before;
  assert.ok(moved > 0 && moved <= 5 * 60 * 1000, `it moved ${moved} ms`);
});
