// The pages of functions, in Chromium.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {createFunction} from './functions.js';
import {picture, rest} from './matinee.js';
import {HOSTILE} from './requests.js';
import {browser, expectClean, server, setStage} from './stage.js';

setStage();

test('a function is called with an event, and its log stands beside the call that wrote it',
  async () => {
    await createFunction(server, 'greet');
    const page = await browser.open(server, '#/functions');
    await page.getByRole('link', {name: 'greet'}).click();
    await page.getByLabel('Event', {exact: true}).fill(JSON.stringify({name: HOSTILE}));
    await page.getByRole('button', {name: 'Invoke'}).click();
    await page.getByText('✓ answered').waitFor();
    await page.getByText('❄ cold').waitFor();
    await page.locator('details.invocation summary').first().click();
    await page.getByLabel(/^Log of/).getByText('got {"name"').waitFor();
    await picture(page, 'function');
    await expectClean(page);
  });

test('the event of a call that somebody else has made is there to begin with', async () => {
  await createFunction(server, 'elsewhere');
  await rest(server, 'lambda', 'POST', '/2015-03-31/functions/elsewhere/invocations',
    {body: '{"from": "a program"}'});
  const page = await browser.open(server, '#/functions/elsewhere');
  await page.locator('details.invocation summary').first().click();
  await page.getByRole('button', {name: 'Begin with its event'}).click();
  const event = page.getByLabel('Event', {exact: true});
  await page.waitForFunction((input) => input.value.includes('a program'),
    await event.elementHandle());
  await event.fill('{}');
  const option = page.locator('optgroup[label="Called by others"] option').first();
  await option.waitFor({state: 'attached'});
  await page.getByLabel('Begin with').selectOption(await option.getAttribute('value'));
  await page.waitForFunction((input) => input.value.includes('a program'),
    await event.elementHandle());
  await expectClean(page);
});

test('an earlier event is edited and sent again, and a failure is told', async () => {
  await createFunction(server, 'again');
  const page = await browser.open(server, '#/functions/again');
  await page.getByLabel('Event', {exact: true}).fill('{"first": 1}');
  await page.getByRole('button', {name: 'Invoke'}).click();
  await page.getByText('✓ answered').waitFor();
  await page.getByLabel('Event', {exact: true}).fill('{"fail": "on purpose"}');
  await page.getByRole('button', {name: 'Invoke'}).click();
  await page.getByText('✕ Unhandled').waitFor();
  await page.getByLabel('Begin with').selectOption('sent 1');
  const text = await page.getByLabel('Event', {exact: true}).inputValue();
  assert.deepEqual(JSON.parse(text), {first: 1});
  await page.locator('details.invocation').getByText('✕ error').waitFor();
  await expectClean(page);
});

test('the code is read out of the package, and the configuration is told', async () => {
  await createFunction(server, 'read');
  const page = await browser.open(server, '#/functions/read?tab=code');
  await page.getByLabel('app.py').getByText('raise ValueError').waitFor();
  await picture(page, 'function-code');
  await expectClean(page);
  await page.getByRole('tab', {name: 'Configuration'}).click();
  await page.getByRole('cell', {name: HOSTILE}).waitFor();
  await page.getByRole('tab', {name: 'Event sources'}).click();
  await page.getByText('It reads no queue and no stream.').waitFor();
  await expectClean(page);
});
