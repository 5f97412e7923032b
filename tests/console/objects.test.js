// Keys and objects of buckets in the forms that they come in, in Chromium.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {rest} from './matinee.js';
import {putObject} from './requests.js';
import {browser, expectClean, server, setStage} from './stage.js';

setStage();

const newBucket = (name) => rest(server, 's3', 'PUT', `/${name}`);

async function openKey(name, key) {
  const page = await browser.open(server, `#/buckets/${name}`);
  await page.getByRole('button', {name: key, exact: true}).click();
  return page;
}

test('keys are listed below a prefix, and without folders', async () => {
  await newBucket('prefixed');
  for (const key of ['films/1927/metropolis', 'films/1931/m', 'notes/one'])
    await putObject(server, 'prefixed', key, 'x');
  const page = await browser.open(server, '#/buckets/prefixed');
  await page.getByText('2 rows').waitFor();
  await page.getByLabel('All keys, without folders').check();
  await page.getByText('3 rows').waitFor();
  await page.getByLabel('Prefix', {exact: true}).fill('films/19');
  await page.getByRole('button', {name: 'List', exact: true}).click();
  await page.getByText('2 rows').waitFor();
  await page.getByLabel('All keys, without folders').uncheck();
  await page.getByRole('button', {name: /31\/$/}).click();
  await page.getByRole('button', {name: 'm', exact: true}).waitFor();
  const folders = page.getByRole('navigation', {name: 'Folders'});
  await folders.getByRole('button', {name: 'films'}).click();
  await page.getByRole('button', {name: /1927\/$/}).waitFor();
  await folders.getByRole('button', {name: 'prefixed'}).click();
  await page.getByRole('button', {name: /notes\/$/}).waitFor();
  await expectClean(page);
});

test('files that are dropped on the page are uploaded', async () => {
  await newBucket('dropped');
  const page = await browser.open(server, '#/buckets/dropped');
  await page.getByText('No key here.').waitFor();
  const files = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['dear diary'], 'notes.txt', {type: 'text/plain'}));
    return transfer;
  });
  await page.dispatchEvent('main', 'drop', {dataTransfer: files});
  await page.getByRole('button', {name: 'notes.txt', exact: true}).waitFor();
  const stored = await rest(server, 's3', 'GET', '/dropped/notes.txt');
  assert.equal(await stored.text(), 'dear diary');
  assert.equal(stored.headers.get('content-type'), 'text/plain');
});

test('a picture is drawn, bytes are shown as such, and of a long text the beginning', async () => {
  await newBucket('forms');
  await putObject(server, 'forms', 'bytes', Buffer.from([0xff, 0x00, 0x41]));
  await putObject(server, 'forms', 'long', `${'x'.repeat(70_000)}END`,
    {'content-type': 'text/plain'});
  await putObject(server, 'forms', 'empty', '');
  const bytes = await openKey('forms', 'bytes');
  await bytes.getByLabel('Content').getByText('000000  ff 00 41').waitFor();
  await bytes.getByText(/The beginning of .*, as bytes/).waitFor();
  await expectClean(bytes);
  const long = await openKey('forms', 'long');
  await long.getByText(/^The beginning of /).waitFor();
  assert.equal((await long.getByLabel('Content').textContent()).length, 65536);
  const empty = await openKey('forms', 'empty');
  await empty.getByText('The object is empty.').waitFor();
  const drawn = await browser.open(server, '#/buckets/forms');
  const made = await drawn.evaluate(async () => {
    const canvas = Object.assign(document.createElement('canvas'), {width: 20, height: 30});
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
    return [...new Uint8Array(await blob.arrayBuffer())];
  });
  await putObject(server, 'forms', 'drawn.png', Buffer.from(made), {'content-type': 'image/png'});
  await drawn.getByRole('button', {name: 'Refresh'}).click();
  await drawn.getByRole('button', {name: 'drawn.png', exact: true}).click();
  await drawn.getByRole('img', {name: 'Picture drawn.png, 20 by 30 pixels'}).waitFor();
  await expectClean(drawn);
});
