// How far the clock bar moves the clock, in Chromium.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {createFunction} from './functions.js';
import {rest} from './matinee.js';
import {browser, server, setStage} from './stage.js';

setStage({options: ['--clock', 'paused']});

const now = (page) => page.getByLabel('Time of the cloud').textContent();
const milliseconds = (text) => Date.parse(text.replace(' UTC', 'Z').replace(' ', 'T'));

test('the clock runs until nothing is on its way any more', async () => {
  await createFunction(server, 'fails');
  const page = await browser.open(server);
  await page.getByText('time stands').waitFor();
  const before = milliseconds(await now(page));
  // Lambda tries again after a minute, and two minutes after that.
  await rest(server, 'lambda', 'POST', '/2015-03-31/functions/fails/invocations',
    {body: '{"fail": "always"}', headers: {'x-amz-invocation-type': 'Event'}});
  await page.getByRole('button', {name: 'Run until idle'}).click();
  await page.getByText(/timers that fired: [1-9]/).waitFor();
  const moved = milliseconds(await now(page)) - before;
  assert.ok(moved >= 3 * 60 * 1000, `it moved ${moved} ms`);
});

test('a long way is stopped by a button', async () => {
  const page = await browser.open(server);
  await page.getByText('time stands').waitFor();
  const state = await (await rest(server, 'matinee', 'GET', '/_matinee/clock')).json();
  let asked = 0;
  await page.route('**/_matinee/clock?*', async (route) => {
    asked += 1;
    await route.fulfill({contentType: 'application/json', body: JSON.stringify(
      {...state, Complete: false, Goal: '2040-01-01T00:00:00Z', Fired: 1})});
  });
  await page.getByRole('button', {name: 'Advance'}).click();
  await page.getByRole('button', {name: 'Stop'}).click();
  await page.getByText(/^✓ It is .*; timers that fired: \d+\./).waitFor();
  assert.ok(asked >= 1);
  await page.getByRole('button', {name: 'Advance'}).waitFor();
  assert.ok(await page.getByRole('button', {name: 'Advance'}).isEnabled());
  assert.ok(await page.getByRole('button', {name: 'Stop'}).isHidden());
});
