// The pages of topics and rules, and the pattern lab, in Chromium.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {createQueue, picture, query, sqs} from './matinee.js';
import {events, HOSTILE, OPEN} from './requests.js';
import {browser, expectClean, server, setStage} from './stage.js';

setStage();

async function createTopic(name, policy) {
  const queue = await createQueue(server, `${name}-queue`, OPEN);
  const TopicArn = `arn:aws:sns:us-east-1:000000000000:${name}`;
  await query(server, 'sns', 'CreateTopic', {Name: name});
  await query(server, 'sns', 'Subscribe', {TopicArn, Protocol: 'sqs', Endpoint: queue.arn,
    'Attributes.entry.1.key': 'FilterPolicy', 'Attributes.entry.1.value': JSON.stringify(policy)});
  return queue;
}

const leaf = (page, path) => page.getByRole('table', {name: 'Leaves of the pattern'})
  .getByRole('row').filter({has: page.getByText(path, {exact: true})});

test('a topic shows who gets what, and publishes by hand', async () => {
  const queue = await createTopic('news', {store: ['berlin']});
  const page = await browser.open(server, '#/topics');
  await page.getByRole('link', {name: 'news', exact: true}).click();
  await page.getByRole('link', {name: 'news-queue'}).waitFor();
  await page.getByLabel('Message', {exact: true}).fill(HOSTILE);
  await page.getByLabel('Attributes', {exact: true}).first()
    .fill('{"store": {"DataType": "String", "StringValue": "berlin"}}');
  await page.getByRole('button', {name: 'Publish'}).click();
  await page.getByText('Published.').waitFor();
  const {Messages} = await sqs(server, 'ReceiveMessage', {QueueUrl: queue.url,
    WaitTimeSeconds: 10});
  assert.equal(JSON.parse(Messages[0].Body).Message, HOSTILE);
  await picture(page, 'topic');
  await expectClean(page);
});

test('a filter policy goes from its topic to the lab, which tells each leaf', async () => {
  await createTopic('filtered', {store: ['paris'], price: [{numeric: ['<', 100]}]});
  const page = await browser.open(server, '#/topics/filtered');
  await page.getByRole('link', {name: 'Try it in the lab'}).click();
  await leaf(page, 'store').getByText('✕ does not').waitFor();
  await leaf(page, 'price').getByText('✓ holds').waitFor();
  await page.getByText('✕ does not match').waitFor();
  await expectClean(page);
});

test('the lab tries a pattern of a rule while somebody writes, and tells why a leaf fails',
  async () => {
    const page = await browser.open(server, '#/lab');
    await leaf(page, 'detail.total').getByText(/is 42 and must be a number above 100/).waitFor();
    await leaf(page, 'source').getByText('✓ holds').waitFor();
    await picture(page, 'lab');
    await expectClean(page);
    await page.getByLabel('Event', {exact: true}).fill(
      '{"source": "shop", "detail": {"state": "refused", "total": 500}}');
    await page.getByText('✓ matches').waitFor();
    await page.getByLabel('Pattern', {exact: true}).fill('{"source": "shop"}');
    await page.getByText('ValidationException').waitFor();
  });

test('the lab tells alternatives apart, and reads the body of a record as filters do', async () => {
  const page = await browser.open(server, '#/lab');
  await page.getByLabel('Pattern', {exact: true}).fill(
    '{"$or": [{"source": ["shop"]}, {"account": ["1"]}]}');
  await leaf(page, 'account').getByText('alternative 2').waitFor();
  await page.getByLabel('Dialect').selectOption('event-source');
  await leaf(page, 'body.state').getByText('✓ holds').waitFor();
  await page.getByText('✓ matches').waitFor();
  await expectClean(page);
});

test('a rule shows its pattern and targets, and what a template makes of an event', async () => {
  const queue = await createQueue(server, 'rule-queue');
  await events(server, 'PutRule', {Name: 'paid',
    EventPattern: '{"source": ["shop"], "detail": {"state": ["paid"]}}'});
  await events(server, 'PutTargets', {Rule: 'paid', Targets: [{Id: '1', Arn: queue.arn,
    InputTransformer: {InputPathsMap: {s: '$.detail.state'}, InputTemplate: '"it is <s>"'}}]});
  const page = await browser.open(server, '#/rules');
  await page.getByRole('link', {name: 'paid'}).click();
  await page.getByLabel('Input', {exact: true}).getByText('it is paid').waitFor();
  await page.getByLabel('Template (InputTemplate)').fill('{"state": <s>}');
  await page.getByLabel('Input', {exact: true}).getByText('"state": "paid"').waitFor();
  await picture(page, 'rule');
  await expectClean(page);
  await page.getByRole('button', {name: 'Disable'}).click();
  await page.getByText('‖ disabled').waitFor();
  assert.equal((await events(server, 'DescribeRule', {Name: 'paid'})).State, 'DISABLED');
});

test('an event is sent to a bus by hand', async () => {
  const page = await browser.open(server, '#/rules');
  await page.getByRole('button', {name: 'Send'}).click();
  await page.getByText('Sent.').waitFor();
  await picture(page, 'rules');
  await expectClean(page);
});
