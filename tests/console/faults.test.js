// Faults on purpose and snapshots in the console, in Chromium.
import assert from 'node:assert/strict';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {test} from 'node:test';
import {createQueue, picture, query, sqs, startServer} from './matinee.js';
import {HOSTILE, OPEN} from './requests.js';
import {browser, expectClean, server, setStage} from './stage.js';

setStage();

async function faultsOf() {
  return (await (await fetch(`${server.url}/_matinee/faults`)).json()).Faults ?? [];
}

const endAll = () => fetch(`${server.url}/_matinee/faults`, {method: 'DELETE'});

test('a fault is added, hits, and is ended', async () => {
  const queue = await createQueue(server, 'suffers');
  const page = await browser.open(server, '#/faults');
  await page.getByText('Nothing fails on purpose.').waitFor();
  await page.getByLabel('Service').fill('sqs');
  await page.getByLabel('Operation').fill('Send*');
  await page.getByLabel('Resource').fill('suffers');
  await page.getByLabel('Each n-th').fill('2');
  await page.getByText("matinee faults add error --error 'throttling' --service 'sqs' " +
    "--operation 'Send*' --resource 'suffers' --probability '1' --every '2'").waitFor();
  await page.getByRole('button', {name: 'Add', exact: true}).click();
  await page.getByText('error throttling on sqs Send*').first().waitFor();
  await page.getByText(/^seed \d+$/).waitFor();
  await sqs(server, 'SendMessage', {QueueUrl: queue.url, MessageBody: 'first'});
  await assert.rejects(sqs(server, 'SendMessage', {QueueUrl: queue.url, MessageBody: 'second'}),
    /RequestThrottled/);
  await page.getByRole('cell', {name: '1 of 2'}).waitFor();
  await picture(page, 'faults');
  await expectClean(page);
  await page.getByRole('button', {name: 'End f1'}).click();
  await page.getByText('Nothing fails on purpose.').waitFor();
  assert.deepEqual(await faultsOf(), []);
});

test('a fault that cannot be is refused in words, and all are ended at once', async () => {
  const page = await browser.open(server, '#/faults?service=sqs&error=NoSuchKey');
  await page.getByRole('button', {name: 'Add', exact: true}).click();
  await page.locator('.error', {hasText: /NoSuchKey/}).waitFor();
  assert.deepEqual(await faultsOf(), []);
  await page.getByLabel('What happens').selectOption('latency');
  await page.getByLabel('How late').fill('1ms');
  assert.equal(await page.getByLabel('Error').isVisible(), false);
  await page.getByLabel('Resource').fill(HOSTILE);
  await page.getByRole('button', {name: 'Add', exact: true}).click();
  await page.getByRole('cell', {name: HOSTILE}).waitFor();
  await expectClean(page);
  await page.getByRole('button', {name: 'End all'}).click();
  await page.getByText('Nothing fails on purpose.').waitFor();
});

/** A topic that sends to a queue, with where what the queue does not take goes. */
async function setUpNews(name) {
  const queue = await createQueue(server, name, OPEN);
  const dead = await createQueue(server, `${name}-dead`, OPEN);
  await query(server, 'sns', 'CreateTopic', {Name: `${name}-news`});
  const topic = `arn:aws:sns:us-east-1:000000000000:${name}-news`;
  await query(server, 'sns', 'Subscribe', {TopicArn: topic, Protocol: 'sqs', Endpoint: queue.arn,
    'Attributes.entry.1.key': 'RedrivePolicy',
    'Attributes.entry.1.value': JSON.stringify({deadLetterTargetArn: dead.arn})});
  return {queue, topic};
}

test('the map shows where dead letters would go before anything has moved', async () => {
  await setUpNews('quiet');
  const page = await browser.open(server);
  await page.getByText('The same as a list').click();
  const row = page.getByRole('row', {name: /quiet-news quiet-dead dead letters of the subscr/});
  await row.waitFor();
  assert.equal(await row.getByRole('button').count(), 0, 'nothing is handed over on it');
  assert.equal(await page.locator('path.edge.dead').count() >= 1, true);
});

test('a delivery fault is a switch on its edge of the map', async () => {
  const {queue, topic} = await setUpNews('windy');
  const page = await browser.open(server);
  await page.getByText('The same as a list').click();
  await page.getByRole('button', {name: 'Faults from windy-news to windy', exact: true}).click();
  await page.getByRole('switch', {name: /duplicate: handed over twice/}).click();
  await page.getByText(/f\d+ has hit 0 of 0/).waitFor();
  await expectClean(page);
  const [fault] = await faultsOf();
  assert.deepEqual([fault.Action, fault.Resource, fault.Caller],
    ['duplicate', queue.arn, 'sns.amazonaws.com']);
  await page.keyboard.press('Escape');
  await page.locator('.edge-mark').waitFor({state: 'attached'});
  await query(server, 'sns', 'Publish', {TopicArn: topic, Message: 'hello'});
  const {Attributes} = await sqs(server, 'GetQueueAttributes', {QueueUrl: queue.url,
    AttributeNames: ['ApproximateNumberOfMessages']});
  assert.equal(Attributes.ApproximateNumberOfMessages, '2');
  await page.evaluate('scrollTo(0, 0)');
  await picture(page, 'map-faults');
  await page.locator('.edge-hit').first().click({force: true});
  await page.getByRole('dialog').waitFor();
  await endAll();
});

test('both pages hold on a phone, and in the dark', async () => {
  const pages = [['faults', 'A new fault'], ['snapshots', 'Save the cloud as it is']];
  for (const [name, text] of pages) {
    for (const options of [{width: 390, height: 800}, {width: 1024, height: 768, theme: 'dark'}]) {
      const page = await browser.open(server, `#/${name}`, options);
      await page.getByText(text).first().waitFor();
      const overflow = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth');
      assert.equal(overflow, 0, `${name} is ${overflow} pixels too wide`);
      await expectClean(page);
      await picture(page, `${name}-${options.theme ?? 'phone'}`);
    }
  }
});

test('the cloud is saved under a name, becomes what it was, and is forgotten', async () => {
  const data = mkdtempSync(path.join(tmpdir(), 'matinee-console-'));
  const kept = await startServer([], '', ['--data', data]);
  try {
    const queue = await createQueue(kept, 'orders');
    await sqs(kept, 'SendMessage', {QueueUrl: queue.url, MessageBody: 'x'});
    const page = await browser.open(kept, '#/snapshots');
    await page.getByText('There is no snapshot yet.').waitFor();
    await page.getByRole('textbox', {name: 'Name'}).fill('before-import');
    await page.getByRole('button', {name: 'Save the cloud as it is'}).click();
    await page.getByRole('heading', {name: 'before-import'}).waitFor();
    await page.getByRole('textbox', {name: 'Name'}).fill('before-import');
    await page.getByRole('button', {name: 'Save the cloud as it is'}).click();
    await page.locator('.error', {hasText: 'ConflictException'}).waitFor();
    await picture(page, 'snapshots');
    await expectClean(page);
    await sqs(kept, 'PurgeQueue', {QueueUrl: queue.url});
    await createQueue(kept, 'made-later');
    await page.getByRole('button', {name: 'Restore before-import'}).click();
    await page.getByRole('dialog').getByRole('button', {name: 'Restore'}).click();
    await page.getByText('The cloud is what it was when before-import was saved.').waitFor();
    const {QueueUrls} = await sqs(kept, 'ListQueues', {});
    assert.deepEqual(QueueUrls.map((url) => url.split('/').pop()), ['orders']);
    const {Attributes} = await sqs(kept, 'GetQueueAttributes', {QueueUrl: queue.url,
      AttributeNames: ['ApproximateNumberOfMessages']});
    assert.equal(Attributes.ApproximateNumberOfMessages, '1');
    await page.getByRole('button', {name: 'Delete before-import'}).click();
    await page.getByRole('dialog').getByRole('button', {name: 'Delete'}).click();
    await page.getByText('There is no snapshot yet.').waitFor();
  } finally {
    await kept.stop();
    rmSync(data, {recursive: true});
  }
});

test('a cloud in memory says that it keeps no snapshots', async () => {
  const page = await browser.open(server, '#/snapshots');
  await page.getByRole('textbox', {name: 'Name'}).fill('x');
  await page.getByRole('button', {name: 'Save the cloud as it is'}).click();
  await page.locator('.error', {hasText: 'NotImplemented'}).first().waitFor();
});
