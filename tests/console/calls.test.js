// What is told of a function's calls, instances and event sources, in Chromium.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {createFunction} from './functions.js';
import {createQueue, rest, sqs} from './matinee.js';
import {browser, expectClean, server, setStage} from './stage.js';

setStage();

const invoke = (name) => rest(server, 'lambda', 'POST',
  `/2015-03-31/functions/${name}/invocations`, {body: '{}'});

test('a call begins with the sample of an event', async () => {
  await createFunction(server, 'sampled');
  const page = await browser.open(server, '#/functions/sampled');
  await page.getByLabel('Begin with').selectOption('sample Queue');
  const event = JSON.parse(await page.getByLabel('Event', {exact: true}).inputValue());
  assert.equal(event.Records[0].eventSource, 'aws:sqs');
  await page.getByRole('button', {name: 'Invoke'}).click();
  await page.getByLabel('Answer').getByText('"eventSource": "aws:sqs"').waitFor();
});

test('instances are told with their calls, and what a start has said stands with the first',
  async () => {
    await createFunction(server, 'counted');
    for (let i = 0; i < 3; i += 1) await invoke('counted');
    const page = await browser.open(server, '#/functions/counted');
    const calls = page.locator('details.invocation');
    await calls.filter({hasText: '✓ success'}).nth(2).waitFor();
    // One that has just answered may not be free yet: then another one has started, which may not
    // have been needed.
    const instances = await page.getByRole('table', {name: 'Instances'}).locator('tbody td.number')
      .allInnerTexts();
    assert.equal(instances.reduce((sum, text) => sum + Number(text), 0), 3);
    assert.equal(await calls.count(), 3);
    assert.equal(await calls.getByText('❄ cold').count(),
      instances.filter((text) => Number(text) > 0).length);
    await calls.last().getByText('❄ cold').waitFor();
    await calls.last().locator('summary').click();
    const log = await calls.last().getByLabel(/^Log of/).innerText();
    assert.match(log, /INIT_START[^]*START RequestId[^]*got \{\}[^]*REPORT RequestId/);
    await expectClean(page);
  });

test('an event source is told with its state and filters, and leads to its queue', async () => {
  const queue = await createQueue(server, 'source');
  await createFunction(server, 'reading');
  await rest(server, 'lambda', 'POST', '/2015-03-31/event-source-mappings', {body: JSON.stringify({
    EventSourceArn: queue.arn, FunctionName: 'reading', BatchSize: 3,
    FilterCriteria: {Filters: [{Pattern: '{"body": {"state": ["paid"]}}'}]}})});
  const page = await browser.open(server, '#/functions/reading?tab=sources');
  const row = page.getByRole('table', {name: 'Event sources'}).locator('tbody tr');
  await row.getByRole('cell', {name: '3', exact: true}).waitFor();
  await row.getByText(/^(Enabled|Creating)$/).waitFor();
  await expectClean(page);
  await row.getByRole('link', {name: 'Try it in the lab'}).click();
  await page.getByText('✓ matches').waitFor();
  assert.equal(await page.getByLabel('Dialect').inputValue(), 'event-source');
  await page.goBack();
  await row.getByRole('link', {name: 'source'}).click();
  await page.getByRole('heading', {name: 'source'}).waitFor();
  await sqs(server, 'DeleteQueue', {QueueUrl: queue.url});
});
