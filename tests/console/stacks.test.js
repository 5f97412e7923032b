// The pages of stacks, in Chromium.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {picture, query} from './matinee.js';
import {HOSTILE} from './requests.js';
import {browser, expectClean, server, setStage} from './stage.js';

const TEMPLATE = `
Parameters:
  Most: {Type: Number, Default: 3}
Resources:
  Orders:
    Type: AWS::SQS::Queue
    Properties:
      RedrivePolicy:
        deadLetterTargetArn: !GetAtt Dead.Arn
        maxReceiveCount: !Ref Most
  Dead:
    Type: AWS::SQS::Queue
  News:
    Type: AWS::SNS::Topic
    Properties:
      Subscription:
        - Protocol: sqs
          Endpoint: !GetAtt Orders.Arn
Outputs:
  Queue:
    Value: !Ref Orders
    Description: "${HOSTILE}"
`;

setStage({prepare: () => query(server, 'cloudformation', 'CreateStack',
  {StackName: 'shop', TemplateBody: TEMPLATE})});

test('the events of a stack come by themselves until it is whole', async () => {
  const page = await browser.open(server, '#/stacks');
  await page.getByRole('link', {name: 'shop'}).click();
  await page.getByRole('tab', {name: 'Events'}).click();
  await page.getByRole('row').filter({hasText: 'AWS::CloudFormation::Stack'})
    .getByText('✓ CREATE_COMPLETE').waitFor();
  await expectClean(page);
});

test('resources are a graph of what refers to what, and lead to their pages', async () => {
  const page = await browser.open(server, '#/stacks/shop');
  const graph = page.getByRole('region', {name: 'Graph of resources'});
  await graph.locator('path.graph-edge').nth(1).waitFor({state: 'attached'});
  assert.equal(await graph.locator('path.graph-edge').count(), 2);
  assert.match(await graph.getByRole('link').filter({hasText: 'Orders'}).getAttribute('href'),
    /^#\/queues\/shop-Orders-/);
  await picture(page, 'stack');
  await expectClean(page);
});

test('outputs and parameters are told, and what they say does not run', async () => {
  const page = await browser.open(server, '#/stacks/shop?tab=outputs');
  await page.getByRole('cell', {name: HOSTILE}).waitFor();
  await page.getByRole('cell', {name: 'Most'}).waitFor();
  await expectClean(page);
});

test('an edited template becomes a change set, a table of what would change, and is executed',
  async () => {
    const page = await browser.open(server, '#/stacks/shop?tab=template');
    await page.getByLabel('Template').last().fill(
      TEMPLATE.replace('  Dead:', '  Bin:\n    Type: AWS::S3::Bucket\n  Dead:'));
    await page.getByRole('button', {name: 'Show what would change'}).click();
    const row = page.getByRole('table', {name: 'Changes'}).getByRole('row')
      .filter({hasText: 'AWS::S3::Bucket'});
    await row.getByText('+ add').waitFor();
    await picture(page, 'change-set');
    await expectClean(page);
    await page.getByRole('button', {name: 'Execute'}).click();
    await page.getByRole('dialog').getByRole('button', {name: 'Execute'}).click();
    await page.getByText('It is executed').waitFor();
    await page.getByRole('tab', {name: 'Events'}).click();
    await page.getByText('✓ UPDATE_COMPLETE').last().waitFor();
  });
