// Numbers of more digits than a double holds, wherever they are shown, in Chromium.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {createQueue, sqs} from './matinee.js';
import {createFilms, dynamodb, events} from './requests.js';
import {browser, expectClean, server, setStage} from './stage.js';

setStage();

const LONG = '9007199254740993';  // 2^53 + 1, which a double rounds
const PRICE = '12345678901234567890.10';

test('a payload has the digits that were sent', async () => {
  const queue = await createQueue(server, 'exact');
  const {MessageId} = await sqs(server, 'SendMessage', {QueueUrl: queue.url,
    MessageBody: `{"id":${LONG},"prices":[${PRICE},1e400],"note":"id ${LONG}"}`});
  const page = await browser.open(server, `#/journey/${MessageId}`);
  assert.equal(await page.getByLabel('Payload').first().textContent(),
    `{\n  "id": ${LONG},\n  "prices": [\n    ${PRICE},\n    1e400\n  ],\n` +
    `  "note": "id ${LONG}"\n}`);
  await expectClean(page);
});

test('what changed in the last digit is told, and another way to write a number is no change',
  async () => {
    const page = await browser.open(server);
    const compared = (before, after) => page.evaluate(async (texts) => {
      const {compare} = await import('/_matinee/console/core/changes.js');
      return compare(...texts);
    }, [before, after]);
    assert.deepEqual(await compared(`{"id":${LONG}}`, '{"id":9007199254740992}'), {changes: [
      {path: 'id', kind: 'changed', was: LONG, is: '9007199254740992'}]});
    assert.deepEqual(await compared('{"n":1.10,"m":100}', '{"m":1e2,"n":1.1}'), {same: true});
    assert.deepEqual(await compared(`{"id":${LONG}}`, `{"detail":{"id":${LONG}}}`),
      {inside: 'detail'});
  });

test('numbers of items have all their digits, and keep them while they are edited', async () => {
  await createFilms(server, 'exact');
  await dynamodb(server, 'PutItem', {TableName: 'exact', Item: {title: {S: 'Alien'},
    year: {N: '1979'}, id: {N: LONG}, all: {L: [{N: LONG}]}}});
  const page = await browser.open(server, '#/tables/exact');
  const row = page.getByRole('table', {name: 'Items'}).locator('tbody tr');
  await row.getByText(LONG, {exact: true}).waitFor();
  await row.getByText(`[${LONG}]`, {exact: true}).waitFor();
  await row.getByRole('button', {name: 'Edit'}).click();
  await page.getByRole('dialog').getByRole('button', {name: 'Save'}).click();
  await page.getByText('The item is written.').waitFor();
  const {Items} = await dynamodb(server, 'Scan', {TableName: 'exact'});
  assert.deepEqual([Items[0].id, Items[0].all], [{N: LONG}, {L: [{N: LONG}]}]);
});

test('patterns and calls that are copied have all digits', async () => {
  await events(server, 'PutRule', {Name: 'exact',
    EventPattern: `{"detail": {"id": [${LONG}], "price": [{"numeric": ["<", 100.10]}]}}`});
  const page = await browser.open(server, '#/rules/default/exact');
  await page.getByLabel('Pattern').getByText(`"id": [${LONG}]`).waitFor();
  await page.getByRole('button', {name: 'Copy as…'}).first().click();
  const dialog = page.getByRole('dialog', {name: 'Copy as'});
  await dialog.getByRole('tab', {name: 'Template'}).click();
  const template = dialog.getByRole('tabpanel').locator('pre');
  assert.match(await template.textContent(), new RegExp(`"id": \\[\\s*${LONG}\\s*\\]`));
  await dialog.getByRole('button', {name: 'Close'}).click();
  await page.getByRole('link', {name: 'Try it in the lab'}).click();
  const pattern = page.getByLabel('Pattern', {exact: true});
  assert.ok((await pattern.inputValue()).includes('100.10'));
});
