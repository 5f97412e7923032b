// The pages of buckets, in Chromium.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {picture, rest} from './matinee.js';
import {HOSTILE, putObject} from './requests.js';
import {browser, expectClean, server, setStage} from './stage.js';

setStage();

const newBucket = (name) => rest(server, 's3', 'PUT', `/${name}`);

test('a bucket is made on the page and found in the list', async () => {
  const page = await browser.open(server, '#/buckets');
  await page.getByRole('button', {name: 'New bucket'}).click();
  await page.getByLabel('Name', {exact: true}).fill('made-here');
  await page.getByRole('button', {name: 'Create'}).click();
  await page.getByRole('heading', {name: 'Bucket made-here'}).waitFor();
  await page.getByRole('link', {name: 'All buckets'}).click();
  await page.getByRole('link', {name: 'made-here'}).waitFor();
  await expectClean(page);
});

test('keys are browsed by folders, and more of them are read where somebody scrolls', async () => {
  await newBucket('many');
  for (let first = 0; first < 1200; first += 100)
    await Promise.all(Array.from({length: 100}, (_, step) =>
      putObject(server, 'many', `deep/${String(first + step).padStart(5, '0')}`, 'x')));
  const page = await browser.open(server, '#/buckets/many');
  await page.getByRole('button', {name: 'deep/'}).click();
  await page.getByText('1,000 rows so far').waitFor();
  assert.ok(await page.getByRole('listitem').count() < 100, 'only what is seen exists');
  await page.getByRole('region', {name: 'Keys'}).evaluate((list) => {
    list.scrollTop = list.scrollHeight;
  });
  await page.getByText('1,200 rows').waitFor();
  await page.getByLabel('Start after').fill('deep/01150');
  await page.getByRole('button', {name: 'List', exact: true}).click();
  await page.getByText('49 rows').waitFor();
  await picture(page, 'bucket');
  await expectClean(page);
});

test('an object is previewed as text, and its script does not run', async () => {
  await newBucket('looks');
  await putObject(server, 'looks', `${HOSTILE}.html`, JSON.stringify({text: HOSTILE}),
    {'content-type': 'text/html', 'x-amz-meta-note': 'mine'});
  const page = await browser.open(server, '#/buckets/looks');
  await page.getByRole('button', {name: /img src=x/}).first().click();
  await page.getByRole('button', {name: /script>\.html$/}).first().click();
  await page.getByLabel('Content').getByText('"text"').waitFor();
  await page.getByText('x-amz-meta-note').waitFor();
  await picture(page, 'object');
  await expectClean(page);
});

test('files are uploaded into the folder that is open, and downloaded again', async () => {
  await newBucket('files');
  await putObject(server, 'files', 'in/first', 'x');
  const page = await browser.open(server, '#/buckets/files');
  await page.getByRole('button', {name: 'in/'}).click();
  await page.getByText('1 rows').waitFor();
  await page.getByLabel('Files to upload').setInputFiles({name: 'notes.txt',
    mimeType: 'text/plain', buffer: Buffer.from('dear diary')});
  await page.getByRole('button', {name: 'notes.txt', exact: true}).click();
  await page.getByLabel('Content').getByText('dear diary').waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'),
    page.getByRole('button', {name: 'Download'}).click()]);
  assert.equal(download.suggestedFilename(), 'notes.txt');
  assert.equal(readFileSync(await download.path(), 'utf8'), 'dear diary');
  const stored = await rest(server, 's3', 'GET', '/files/in/notes.txt');
  assert.equal(await stored.text(), 'dear diary');
  assert.deepEqual(page.faults, []);
});

test('an object that was written within a trace leads to its journey', async () => {
  await rest(server, 's3', 'PUT', '/caused');
  await rest(server, 's3', 'PUT', '/caused/reel.txt', {body: 'x',
    headers: {'x-amzn-trace-id': 'Root=1-5759e988-bd862e3fe1be46a994272796'}});
  await rest(server, 's3', 'PUT', '/caused/alone.txt', {body: 'x'});
  const page = await browser.open(server, '#/buckets/caused');
  await page.getByText('alone.txt').first().click();
  await page.getByRole('button', {name: 'What caused it'}).click();
  await page.getByText('The journal knows of no call within a trace').waitFor();
  await page.keyboard.press('Escape');
  await page.getByText('reel.txt').first().click();
  await page.getByRole('button', {name: 'What caused it'}).click();
  await page.getByRole('heading', {name: 'Journey'}).waitFor();
  await page.getByText('reel.txt').first().waitFor();
});

test('an object is deleted once that is confirmed', async () => {
  await newBucket('bin');
  await putObject(server, 'bin', 'old', 'x');
  const page = await browser.open(server, '#/buckets/bin');
  await page.getByRole('button', {name: 'Delete old'}).click();
  await page.getByRole('dialog').getByRole('button', {name: 'Delete'}).click();
  await page.getByText('No key here.').waitFor();
  await assert.rejects(rest(server, 's3', 'GET', '/bin/old'), /NoSuchKey/);
});

test('what AWS refuses is told with a link to its rule', async () => {
  const page = await browser.open(server, '#/buckets/not-there-at-all');
  await page.getByText('NoSuchBucket').waitFor();
  await page.getByRole('link', {name: 'AWS’s rule'}).waitFor();
  await expectClean(page);
});
