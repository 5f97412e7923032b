// What somebody finds in queues and does with them on their pages, in Chromium.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {createQueue, sqs} from './matinee.js';
import {browser, expectClean, server, setStage} from './stage.js';

setStage();

const send = (queue, text, more = {}) => sqs(server, 'SendMessage',
  {QueueUrl: queue.url, MessageBody: text, ...more});
const figure = (page, name) => page.locator('main dl.facts').first().locator('div')
  .filter({has: page.getByText(name, {exact: true})}).locator('dd');
const bodies = (page) => page.getByRole('table', {name: 'Messages'})
  .locator('td.message-body').allInnerTexts();

test('the list tells of each queue what it is and has', async () => {
  const dead = await createQueue(server, 'listed-dead.fifo', {FifoQueue: 'true'});
  const queue = await createQueue(server, 'listed.fifo', {FifoQueue: 'true',
    RedrivePolicy: JSON.stringify({deadLetterTargetArn: dead.arn, maxReceiveCount: 7})});
  await createQueue(server, 'listed-plain');
  for (const id of ['1', '2', '3'])
    await send(queue, id, {MessageGroupId: id, MessageDeduplicationId: id});
  await sqs(server, 'ReceiveMessage', {QueueUrl: queue.url});
  const page = await browser.open(server, '#/queues');
  const cells = async (name) => (await page.getByRole('row')
    .filter({has: page.getByRole('link', {name, exact: true})}).first().getByRole('cell')
    .allInnerTexts());
  await page.getByRole('link', {name: 'listed.fifo'}).waitFor();
  const [, kind, visible, inFlight, delayed, oldest, letters] = await cells('listed.fifo');
  assert.deepEqual([kind, visible, inFlight, delayed, letters],
    ['FIFO', '2', '1', '0', 'listed-dead.fifo after 7']);
  assert.notEqual(oldest, '—');
  assert.deepEqual((await cells('listed-plain')).slice(1),
    ['standard', '0', '0', '0', '—', '—']);
});

test('a name that ends with .fifo makes a FIFO queue', async () => {
  const page = await browser.open(server, '#/queues');
  await page.getByRole('button', {name: 'Create a queue'}).click();
  await page.getByLabel('Name', {exact: true}).fill('made.fifo');
  await page.getByRole('dialog').getByRole('button', {name: 'Create'}).click();
  await page.getByRole('heading', {name: 'made.fifo'}).waitFor();
  await figure(page, 'Kind').getByText('FIFO').waitFor();
});

test('the figures of a queue follow what happens, and a purge empties it once it is confirmed',
  async () => {
    const queue = await createQueue(server, 'purged');
    await send(queue, 'one');
    await send(queue, 'two');
    await send(queue, 'later', {DelaySeconds: 600});
    await sqs(server, 'ReceiveMessage', {QueueUrl: queue.url, VisibilityTimeout: 600});
    const page = await browser.open(server, '#/queues/purged');
    for (const name of ['Visible', 'In flight', 'Delayed'])
      await figure(page, name).getByText('1', {exact: true}).waitFor();
    await send(queue, 'three');
    await figure(page, 'Visible').getByText('2', {exact: true}).waitFor();
    await page.getByRole('button', {name: 'Purge'}).click();
    await page.getByRole('dialog').getByRole('button', {name: 'Cancel'}).click();
    await figure(page, 'Visible').getByText('2', {exact: true}).waitFor();
    await page.getByRole('button', {name: 'Purge'}).click();
    await page.getByRole('dialog').getByRole('button', {name: 'Purge'}).click();
    await page.getByText('Purged.').waitFor();
    await page.getByText('The queue has no such messages.').waitFor();
    await figure(page, 'In flight').getByText('0', {exact: true}).waitFor();
    await expectClean(page);
  });

test('messages come a page at a time, and those that contain a text alone', async () => {
  const queue = await createQueue(server, 'long');
  for (let first = 0; first < 130; first += 10) {
    await sqs(server, 'SendMessageBatch', {QueueUrl: queue.url,
      Entries: Array.from({length: 10}, (_, step) => ({Id: String(step),
        MessageBody: `film ${first + step}.`}))});
  }
  const page = await browser.open(server, '#/queues/long');
  await page.getByText('100 shown, more follow').waitFor();
  assert.equal((await bodies(page))[0], 'film 0.');
  await page.getByRole('button', {name: 'Later →'}).click();
  await page.getByText('30 shown').waitFor();
  assert.equal((await bodies(page))[0], 'film 100.');
  assert.ok(await page.getByRole('button', {name: 'Later →'}).isDisabled());
  await page.getByLabel('Show those that contain').fill('M 12');
  await page.getByText('10 shown').waitFor();
  assert.deepEqual(await bodies(page),
    Array.from({length: 10}, (_, step) => `film ${120 + step}.`));
  await page.getByLabel('Show those that contain').fill('');
  await page.getByRole('button', {name: '← Earlier'}).click();
  await page.getByText('100 shown, more follow').waitFor();
  await expectClean(page);
});

test('a message is sent with a delay, and to a group of a FIFO queue', async () => {
  await createQueue(server, 'delayed');
  await createQueue(server, 'grouped.fifo', {FifoQueue: 'true'});
  const page = await browser.open(server, '#/queues/delayed?tab=send');
  await page.getByLabel('Body').fill('later');
  await page.getByLabel('Delay in seconds').fill('300');
  await page.getByRole('button', {name: 'Send'}).click();
  await page.getByText('Sent as').waitFor();
  await page.getByRole('tab', {name: 'Messages'}).click();
  await page.getByText('It is delayed until').waitFor();
  const other = await browser.open(server, '#/queues/grouped.fifo?tab=send');
  await other.getByLabel('Body').fill('in order');
  await other.getByLabel('Message group').fill('shelf');
  await other.getByLabel('Deduplication id').fill('once');
  await other.getByRole('button', {name: 'Send'}).click();
  await other.getByText('Sent as').waitFor();
  await other.getByRole('tab', {name: 'Messages'}).click();
  await other.getByRole('cell', {name: 'shelf'}).waitFor();
});

test('settings are saved, what AWS refuses is told, and a queue is deleted once that is confirmed',
  async () => {
    const queue = await createQueue(server, 'set');
    const page = await browser.open(server, '#/queues/set?tab=settings');
    await page.getByLabel('VisibilityTimeout').fill('77');
    await page.getByRole('button', {name: 'Save'}).click();
    await page.getByText('Saved.').waitFor();
    const {Attributes} = await sqs(server, 'GetQueueAttributes', {QueueUrl: queue.url,
      AttributeNames: ['VisibilityTimeout', 'DelaySeconds']});
    assert.deepEqual(Attributes, {VisibilityTimeout: '77', DelaySeconds: '0'});
    await expectClean(page);
    await page.getByLabel('VisibilityTimeout').fill('many');
    await page.getByRole('button', {name: 'Save'}).click();
    await page.getByRole('alert').getByText('InvalidAttributeValue').waitFor();
    await page.getByRole('button', {name: 'Delete the queue'}).click();
    await page.getByRole('dialog').getByRole('button', {name: 'Delete'}).click();
    await page.getByRole('heading', {name: 'Queues'}).waitFor();
    await assert.rejects(sqs(server, 'GetQueueUrl', {QueueName: 'set'}), /QueueDoesNotExist/);
  });

test('what is copied is quoted as its language wants it', async () => {
  await createQueue(server, 'quoted');
  const page = await browser.open(server, '#/queues/quoted?tab=send');
  await page.getByLabel('Body').fill(`it's $HOME`);
  await page.getByLabel('Attributes', {exact: true}).fill('{"is new": true}');
  await page.getByRole('button', {name: 'Copy as…'}).click();
  const dialog = page.getByRole('dialog', {name: 'Copy as'});
  await dialog.getByText(`--message-body 'it'\\''s $HOME'`).waitFor();
  await dialog.getByRole('tab', {name: 'boto3'}).click();
  await dialog.getByText(`MessageBody="it's $HOME",`).waitFor();
  await dialog.getByRole('button', {name: 'Close'}).click();
  await page.goto(`${server.url}/_matinee/console/#/queues/quoted`);
  await page.reload();
  await page.getByRole('button', {name: 'Copy as…'}).click();
  await dialog.getByText('--message-system-attribute-names').waitFor();
});

/** A queue whose messages go to `dead` after so many receives. */
const createSource = (name, dead, receives) => createQueue(server, name, {VisibilityTimeout: '0',
  RedrivePolicy: JSON.stringify({deadLetterTargetArn: dead.arn, maxReceiveCount: receives})});

test('the clinic tells causes apart, and offers no way back where there is none', async () => {
  const dead = await createQueue(server, 'causes-dead');
  const hasty = await createSource('hasty', dead, 1);
  const patient = await createSource('patient', dead, 2);
  for (const text of ['a', 'b']) await send(hasty, text);
  await send(patient, 'c');
  await send(dead, 'd');
  for (const queue of [hasty, patient]) {
    for (let i = 0; i < 5; i += 1)
      await sqs(server, 'ReceiveMessage', {QueueUrl: queue.url, MaxNumberOfMessages: 10});
  }
  const page = await browser.open(server, '#/queues/causes-dead?tab=clinic');
  const rows = page.getByRole('table', {name: 'Dead letters by cause'}).locator('tbody tr');
  await rows.nth(2).waitFor();
  const cells = async (text) => (await rows.filter({hasText: text}).getByRole('cell')
    .allInnerTexts()).slice(1, 3);
  assert.deepEqual(await cells('it was received 1 time and not deleted'), ['hasty', '2']);
  assert.deepEqual(await cells('it was received 2 times and not deleted'), ['patient', '1']);
  assert.deepEqual(await cells('sent here by somebody'), ['—', '1']);
  assert.equal(await rows.filter({hasText: 'sent here by somebody'})
    .getByRole('button', {name: 'All'}).count(), 0);
  await expectClean(page);
  await rows.filter({hasText: 'hasty'}).getByRole('button', {name: 'All'}).click();
  await rows.filter({hasText: 'hasty'}).waitFor({state: 'detached'});
  assert.equal(await rows.count(), 2);
});

test('a move task is told until it has ended', async () => {
  const dead = await createQueue(server, 'slow-dead');
  const queue = await createSource('slow', dead, 1);
  await send(queue, 'a');
  for (let i = 0; i < 2; i += 1) await sqs(server, 'ReceiveMessage', {QueueUrl: queue.url});
  const page = await browser.open(server, '#/queues/slow-dead?tab=clinic');
  await page.getByText(/received 1 time and not deleted/).waitFor();
  let isRunning = true;
  await page.route(server.url, async (route) => {
    const asks = route.request().headers()['x-amz-target'] === 'AmazonSQS.ListMessageMoveTasks';
    if (!asks || !isRunning) return route.continue();
    return route.fulfill({contentType: 'application/x-amz-json-1.0', body: JSON.stringify({
      Results: [{Status: 'RUNNING', ApproximateNumberOfMessagesMoved: 0,
        ApproximateNumberOfMessagesToMove: 1}]})});
  });
  await page.getByRole('button', {name: 'Redrive the whole queue'}).click();
  await page.getByRole('dialog').getByRole('button', {name: 'Redrive'}).click();
  await page.getByText('running: 0 of 1 moved').waitFor();
  isRunning = false;
  await page.getByText('completed: 1 of 1 moved').waitFor();
  await page.getByText('No dead letters').waitFor();
});
