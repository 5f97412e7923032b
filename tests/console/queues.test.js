// The frame of the console, and its pages of queues and journeys, as somebody with a keyboard sees
// them in Chromium.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {createQueue, picture, query, run, sqs, startServer} from './matinee.js';
import {browser, expectClean, server, setStage} from './stage.js';

setStage();

/** A topic that sends to a queue, whose dead letters go to another one. */
async function setUpOrders(name) {
  const dead = await createQueue(server, `${name}-dead`);
  const queue = await createQueue(server, name, {VisibilityTimeout: '0',
    Policy: JSON.stringify({Statement: {Effect: 'Allow', Action: 'sqs:SendMessage',
      Principal: {Service: 'sns.amazonaws.com'}, Resource: '*'}}),
    RedrivePolicy: JSON.stringify({deadLetterTargetArn: dead.arn,
      maxReceiveCount: 1})});
  const topic = `arn:aws:sns:us-east-1:000000000000:${name}-news`;
  await query(server, 'sns', 'CreateTopic', {Name: `${name}-news`});
  await query(server, 'sns', 'Subscribe', {TopicArn: topic, Protocol: 'sqs', Endpoint: queue.arn});
  return {queue, dead, topic};
}

/** Receives until the queue gives nothing more. */
async function drain(queue) {
  for (;;) {
    const {Messages} = await sqs(server, 'ReceiveMessage', {QueueUrl: queue.url,
      MaxNumberOfMessages: 10});
    if (!Messages) return;
  }
}

test('an empty cloud is told how to begin', async () => {
  const empty = await startServer();
  const page = await browser.open(empty);
  await page.getByText('Nothing is here yet').waitFor();
  await picture(page, 'map-empty');
  await expectClean(page);
  await empty.stop();
});

test('the map shows what leads to what, and messages that move on it', async () => {
  const {topic} = await setUpOrders('map');
  const page = await browser.open(server);
  await page.getByRole('link', {name: /map-news/}).waitFor();
  assert.equal(await page.locator('.node').count() >= 3, true);
  assert.equal(await page.locator('.error').count(), 0);
  assert.equal(await page.locator('path.edge').count() >= 2, true);
  await page.locator('#live[data-status=live]').waitFor();
  for (let i = 0; i < 20; i += 1)
    await query(server, 'sns', 'Publish', {TopicArn: topic, Message: `order ${i}`});
  await page.locator('circle.dot').first().waitFor({state: 'attached'});
  await page.locator('.node', {hasText: /20 messages/}).waitFor();
  await picture(page, 'map');
  await expectClean(page);
  await page.getByRole('link', {name: /Queue map \d/}).click();
  await page.getByRole('heading', {name: 'map', exact: true}).waitFor();
});

test('messages are seen without being received, each with the reason why it is hidden',
  async () => {
    const queue = await createQueue(server, 'seen.fifo', {FifoQueue: 'true'});
    for (const [group, text] of [['a', 'first'], ['a', 'second'], ['b', 'third']])
      await sqs(server, 'SendMessage', {QueueUrl: queue.url, MessageBody: text,
        MessageGroupId: group, MessageDeduplicationId: text});
    await sqs(server, 'ReceiveMessage', {QueueUrl: queue.url, VisibilityTimeout: 600});
    const page = await browser.open(server, '#/queues/seen.fifo');
    await page.getByText(/It is in flight until .*: it has been received once/).waitFor();
    await page.getByText(/It waits behind message .* of its group, which is in flight/).waitFor();
    await page.getByText('It can be received now.').waitFor();
    await picture(page, 'queue');
    await expectClean(page);
  });

test('messages that are chosen are deleted or moved, and others stay', async () => {
  const queue = await createQueue(server, 'chosen');
  const other = await createQueue(server, 'other');
  for (const text of ['one', 'two', 'three'])
    await sqs(server, 'SendMessage', {QueueUrl: queue.url, MessageBody: text});
  const page = await browser.open(server, '#/queues/chosen');
  await page.getByRole('row', {name: /one/}).getByRole('checkbox').check();
  await page.getByRole('button', {name: 'Delete (1)'}).click();
  await page.getByRole('dialog').getByRole('button', {name: 'Delete'}).click();
  await page.getByRole('row', {name: /one/}).waitFor({state: 'detached'});
  await page.getByRole('row', {name: /two/}).getByRole('checkbox').check();
  await page.getByRole('button', {name: 'Move… (1)'}).click();
  await page.getByLabel('To the queue').fill('other');
  await page.getByRole('dialog').getByRole('button', {name: 'Move'}).click();
  await page.getByRole('row', {name: /two/}).waitFor({state: 'detached'});
  await page.getByRole('row', {name: /three/}).waitFor();
  const {Messages} = await sqs(server, 'ReceiveMessage', {QueueUrl: other.url});
  assert.equal(Messages[0].Body, 'two');
  await expectClean(page);
});

test('a message is sent from the page, and its journey begins there', async () => {
  const queue = await createQueue(server, 'letters');
  const page = await browser.open(server, '#/queues/letters?tab=send');
  await page.getByLabel('Body').fill('{"film": "Metropolis"}');
  await page.getByLabel('Attributes', {exact: true}).fill('{"colour": "grey"}');
  await page.getByRole('button', {name: 'Send'}).click();
  await page.getByText('Sent as').getByRole('link').click();
  await page.getByText('Metropolis').waitFor();
  await page.getByText('It can be received now, and nobody has received it yet.').waitFor();
  await expectClean(page);
  const {Messages} = await sqs(server, 'ReceiveMessage', {QueueUrl: queue.url,
    MessageAttributeNames: ['All']});
  assert.equal(Messages[0].MessageAttributes.colour.StringValue, 'grey');
});

test('the clinic groups dead letters by their cause, and redrives one or all of a group',
  async () => {
    const {queue, dead} = await setUpOrders('ill');
    for (let i = 0; i < 5; i += 1)
      await sqs(server, 'SendMessage', {QueueUrl: queue.url, MessageBody: `order ${i}`});
    await drain(queue);
    const page = await browser.open(server, '#/queues/ill-dead?tab=clinic');
    await page.getByText(/received 1 time and not deleted/).waitFor();
    await picture(page, 'clinic');
    await page.getByRole('button', {name: 'One'}).click();
    await page.getByRole('cell', {name: '4', exact: true}).waitFor();
    await page.getByRole('button', {name: 'All', exact: true}).click();
    await page.getByText('No dead letters').waitFor();
    await expectClean(page);
    const {Attributes} = await sqs(server, 'GetQueueAttributes', {QueueUrl: queue.url,
      AttributeNames: ['All']});
    assert.equal(Attributes.ApproximateNumberOfMessages, '5');
    await drain(queue);
    await page.getByRole('button', {name: 'Redrive the whole queue'}).click();
    await page.getByRole('dialog').getByRole('button', {name: 'Redrive'}).click();
    await page.getByText('completed: 5 of 5 moved').waitFor();
    assert.equal((await sqs(server, 'GetQueueAttributes', {QueueUrl: dead.url,
      AttributeNames: ['All']})).Attributes.ApproximateNumberOfMessages, '0');
  });

test('a journey tells every hop from the topic to the dead letters, and why', async () => {
  const {queue, topic} = await setUpOrders('way');
  const reply = await query(server, 'sns', 'Publish', {TopicArn: topic, Message: '{"order": 7}'});
  const [, id] = /<MessageId>(.*)<\/MessageId>/.exec(reply);
  await drain(queue);
  const page = await browser.open(server, `#/journey/${id}`);
  const hops = page.getByRole('list', {name: 'Hops'});
  await hops.getByText(/Dead letter of/).waitFor();
  for (const words of ['Sent to', 'Delivered to', 'Received from'])
    await hops.getByText(words).first().waitFor();
  await hops.getByText(/as often as the queue's redrive policy allows/).waitFor();
  assert.deepEqual(await hops.getByLabel('Payload', {exact: true}).first().textContent(),
    '{\n  "order": 7\n}');
  await hops.getByText('The payload before it is now inside, at Message.').waitFor();
  assert.equal(await hops.getByLabel('Payload', {exact: true}).count(), 2, 'each is shown once');
  await picture(page, 'journey');
  await expectClean(page);
});

test('a search finds messages by any of their ids, and resources by a part of their name',
  async () => {
    const queue = await createQueue(server, 'sought-after');
    const {MessageId} = await sqs(server, 'SendMessage', {QueueUrl: queue.url, MessageBody: 'x'});
    const page = await browser.open(server);
    await page.keyboard.press('/');
    await page.keyboard.type(MessageId);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', {name: `Journey of ${MessageId}`}).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('searchbox', {name: /Search/}).first().fill('sought');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', {name: 'Search: sought'}).waitFor();
    await page.getByRole('main').getByRole('link', {name: 'sought-after'}).click();
    await page.getByRole('heading', {name: 'sought-after', exact: true}).waitFor();
    await expectClean(page);
  });

test('an address that no page has says so, and leads back', async () => {
  const page = await browser.open(server, '#/queue/orders');
  await page.getByRole('heading', {name: 'No such page'}).waitFor();
  assert.match(await page.locator('main').innerText(), /Nothing stands at #\/queue\/orders\./);
  assert.match(await page.title(), /^No such page/);
  await expectClean(page);
  await page.getByRole('link', {name: 'To the map'}).click();
  await page.getByRole('heading', {name: 'Map', exact: true}).waitFor();
});

test('the keyboard goes everywhere, and tells how', async () => {
  const page = await browser.open(server);
  await page.keyboard.press('g');
  await page.keyboard.press('q');
  await page.getByRole('heading', {name: 'Queues'}).waitFor();
  await expectClean(page);
  await page.keyboard.press('?');
  await page.getByRole('dialog', {name: 'Keys'}).waitFor();
  await expectClean(page);
  await page.keyboard.press('Escape');
  await page.keyboard.press('g');
  await page.keyboard.press('j');
  await page.getByRole('heading', {name: 'Journeys'}).waitFor();
  await page.getByRole('table', {name: 'What happened last'}).waitFor();
  await picture(page, 'journeys');
  await expectClean(page);
});

test('a call is copied as the aws command, boto3, JavaScript and a template', async () => {
  const page = await browser.open(server, '#/queues');
  await page.getByRole('button', {name: 'Create a queue'}).click();
  await page.getByLabel('Name', {exact: true}).fill('copied');
  await page.getByRole('button', {name: 'Copy as…'}).click();
  const dialog = page.getByRole('dialog', {name: 'Copy as'});
  await dialog.getByText(/aws sqs create-queue/).waitFor();
  await expectClean(page);
  await picture(page, 'copy-as');
  for (const [tab, text] of [['boto3', 'sqs.create_queue('], ['JavaScript', 'CreateQueueCommand'],
    ['Template', 'AWS::SQS::Queue']]) {
    await dialog.getByRole('tab', {name: tab}).click();
    await dialog.getByText(text).waitFor();
  }
  await dialog.getByRole('button', {name: 'Copy', exact: true}).click();
  assert.match(await page.evaluate('navigator.clipboard.readText()'), /AWS::SQS::Queue/);
});

test('an error comes in the words of AWS, with a link to its rule', async () => {
  const page = await browser.open(server, '#/queues/nowhere?tab=settings');
  await page.getByRole('alert').first().waitFor();
  await page.getByText('QueueDoesNotExist').first().waitFor();
  const rule = page.getByRole('link', {name: 'AWS’s rule'}).first();
  assert.match(await rule.getAttribute('href'), /^https:\/\/docs\.aws\.amazon\.com\/.*GetQueueUrl/);
  await expectClean(page);
});

test('where signatures are checked, the link from the terminal signs in, and nothing else does',
  async () => {
    const keys = ['111122223333', 'a-secret'];  // the key of an account, which addresses have
    const strict = await startServer(['--auth', 'sigv4', '--key-file', '-'], keys.join(':'));
    const stranger = await browser.open(strict, '#/queues');
    await stranger.getByText(/InvalidClientTokenId|UnrecognizedClientException/).first().waitFor();
    const link = await run(['console', '--print', '--login', '--cloud', strict.url], keys);
    const page = await browser.open(strict, link.slice(link.indexOf('#')));
    await page.getByText('Nothing is here yet').waitFor();
    assert.equal(new URL(page.url()).hash, '#/');
    await page.locator('#live[data-status=live]').waitFor();
    assert.equal(await page.locator('.error').count(), 0);
    const again = await browser.open(strict, link.slice(link.indexOf('#')));
    await again.getByText('The link was used already').waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('q');
    await page.getByRole('button', {name: 'Create a queue'}).click();
    await page.getByLabel('Name', {exact: true}).fill('signed for');
    await page.getByRole('dialog').getByRole('button', {name: 'Create'}).click();
    await page.getByRole('alert').getByText('InvalidParameterValue').waitFor();
    await page.getByLabel('Name', {exact: true}).fill('signed');
    await page.getByRole('dialog').getByRole('button', {name: 'Create'}).click();
    await page.getByRole('heading', {name: 'signed'}).waitFor();
    await page.getByRole('tab', {name: 'Send'}).click();
    await page.getByRole('tabpanel').getByRole('button', {name: 'Copy as…'}).click();
    await page.getByRole('dialog').getByText(`/${keys[0]}/signed`).waitFor();
    await expectClean(page);
    await strict.stop();
  });

test('scripts in bodies, names and attributes are text', async () => {
  const evil = '<img src=x onerror="alert(1)"><script>alert(2)</script>';
  const queue = await createQueue(server, 'evil');
  const topic = 'arn:aws:sns:us-east-1:000000000000:evil-news';
  await query(server, 'sns', 'CreateTopic', {Name: 'evil-news'});
  const {MessageId} = await sqs(server, 'SendMessage', {QueueUrl: queue.url, MessageBody: evil,
    MessageAttributes: {name: {DataType: 'String', StringValue: evil}}});
  await query(server, 'sns', 'Subscribe', {TopicArn: topic, Protocol: 'https',
    Endpoint: `https://x.example/${encodeURIComponent(evil)}`}).catch(() => {});
  for (const hash of ['#/', '#/queues/evil', `#/journey/${MessageId}`,
    `#/search/${encodeURIComponent(evil)}`, `#/queues/${encodeURIComponent(evil)}`,
    `#/journey/${encodeURIComponent(evil)}`]) {
    const page = await browser.open(server, hash);
    if (hash === '#/queues/evil') {
      await page.getByRole('button', {name: MessageId.slice(0, 8)}).click();
      await page.getByRole('dialog').getByText(evil).first().waitFor();
    }
    await page.locator('main :is(table, .node, .empty, .error, .journey) >> visible=true').first()
      .waitFor();
    assert.equal(await page.locator('main img, dialog img, main script').count(), 0);
    assert.deepEqual(page.faults, []);
  }
});

test('the pages hold on a phone, on a small screen, and in the dark', async () => {
  const {queue} = await setUpOrders('small');
  await sqs(server, 'SendMessage', {QueueUrl: queue.url, MessageBody: 'a small message'});
  for (const [name, hash] of [['map', '#/'], ['queues', '#/queues'], ['queue', '#/queues/small'],
    ['journeys', '#/journeys']]) {
    for (const [size, options] of [['phone', {width: 390, height: 800}],
      ['dark', {width: 1024, height: 768, theme: 'dark'}]]) {
      const page = await browser.open(server, hash, options);
      await page.locator('main :is(tbody tr, .node) >> visible=true').first().waitFor();
      const overflow = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth');
      assert.equal(overflow, 0, `${name} on ${size} is ${overflow} pixels too wide`);
      await expectClean(page);
      await picture(page, `${name}-${size}`);
    }
  }
});
