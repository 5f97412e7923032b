// What stacks become and how their pages follow, in Chromium.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {query} from './matinee.js';
import {browser, expectClean, server, setStage} from './stage.js';

const template = (name) => JSON.stringify({Resources: {
  Orders: {Type: 'AWS::SQS::Queue', Properties: {QueueName: name, DelaySeconds: 1}},
  News: {Type: 'AWS::SNS::Topic', Properties: {Subscription: [{Protocol: 'sqs',
    Endpoint: {'Fn::GetAtt': ['Orders', 'Arn']}}]}}}});

setStage({prepare: () => query(server, 'cloudformation', 'CreateStack',
  {StackName: 'names', TemplateBody: template('before')})});

async function makeChanges(page, text) {
  await page.getByRole('tab', {name: 'Template'}).click();
  await page.getByLabel('Template').last().fill(text);
  await page.getByRole('button', {name: 'Show what would change'}).click();
}

const change = (page, text) => page.getByRole('table', {name: 'Changes'}).getByRole('row')
  .filter({hasText: text});

test('references of a template in JSON are arrows from what is referred to', async () => {
  const page = await browser.open(server, '#/stacks/names');
  const graph = page.getByRole('region', {name: 'Graph of resources'});
  await graph.locator('path.graph-edge').waitFor({state: 'attached'});
  const [orders, news] = await Promise.all(['Orders', 'News'].map((name) =>
    graph.locator('.graph-node', {hasText: name}).boundingBox()));
  assert.ok(orders.x < news.x, 'what is referred to stands before');
  const [, from, to] = /^M(\S+) .* (\S+) \S+$/.exec(
    await graph.locator('path.graph-edge').getAttribute('d'));
  assert.ok(Number(from) < Number(to), 'the arrow goes to what refers');
});

test('a change set tells what is replaced and why, and can be deleted', async () => {
  const page = await browser.open(server, '#/stacks/names');
  await makeChanges(page, template('after'));
  await change(page, 'Orders').getByText('⟳ replaced').waitFor();
  await change(page, 'Orders').getByText('QueueName').waitFor();
  await expectClean(page);
  await page.getByRole('button', {name: 'Delete', exact: true}).click();
  await page.getByText('The change set is deleted.').waitFor();
  await page.getByText('No change set.').waitFor();
  await makeChanges(page, template('before').replace('"DelaySeconds":1', '"DelaySeconds":2'));
  await change(page, 'Orders').getByText('in place').waitFor();
});

test('the state of a stack follows while it is changed from elsewhere', async () => {
  const page = await browser.open(server, '#/stacks/names?tab=events');
  await page.locator('main .toolbar').getByText('✓ CREATE_COMPLETE').waitFor();
  await query(server, 'cloudformation', 'UpdateStack', {StackName: 'names',
    TemplateBody: template('before').replace('"DelaySeconds":1', '"DelaySeconds":3')});
  await page.locator('main .toolbar').getByText('✓ UPDATE_COMPLETE').waitFor();
});

test('a template that cannot be read is refused in the words of AWS', async () => {
  const page = await browser.open(server, '#/stacks/names');
  await makeChanges(page, '{"Resources": {"Orders": {}}}');
  await page.getByRole('alert').getByText('ValidationError').waitFor();
});
