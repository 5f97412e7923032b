// Runs of jobs in the console, in Chromium.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {picture, rest, run} from './matinee.js';
import {HOSTILE} from './requests.js';
import {browser, expectClean, server, setStage} from './stage.js';

setStage();

const tell = (id, said) => rest(server, 'matinee', 'PUT', `/_matinee/jobs/${id}`, {
  headers: {'content-type': 'application/json'},
  body: JSON.stringify({Kind: 'movies', State: 'running', StartedAt: new Date().toISOString(),
    ...said})});

const cardOf = (page, name) => page.getByRole('listitem').filter(
  {has: page.getByRole('heading', {name, exact: true})});

test('a run is seen as it comes, goes on and ends', async () => {
  const page = await browser.open(server, '#/jobs');
  await page.getByText('No job has run here yet').waitFor();
  await tell('a', {Name: 'mine', Done: 250, Total: 1000, Unit: 'movies',
    Doing: 'Moving: 300 sent, 250 stored, 100/s'});
  const card = cardOf(page, 'movies: mine');
  await card.getByText('▶ running').waitFor();
  await card.getByText('250 of 1,000 movies').waitFor();
  await card.getByText('Moving: 300 sent, 250 stored, 100/s').waitFor();
  const bar = page.getByRole('progressbar', {name: 'Progress of movies: mine'});
  assert.equal(await bar.evaluate((element) => element.value), 0.25);
  await tell('b', {Kind: 'publish', Name: 'films to work', Done: 70, Share: 0.5, Unit: 'objects'});
  await cardOf(page, 'publish: films to work').getByText('70 objects, about 50 %').waitFor();
  assert.deepEqual(await page.locator('main h2').allTextContents(),
    ['publish: films to work', 'movies: mine']);
  await tell('c', {Kind: 'top-movies', State: 'failed', Summary: 'There is no such bucket.'});
  await cardOf(page, 'top-movies').getByText('✕ failed').waitFor();
  await tell('a', {Name: 'mine', Done: 1000, Total: 1000, Unit: 'movies', State: 'done',
    Summary: 'Job mine\n  stored  1,000'});
  await card.getByText('✓ done').waitFor();
  await card.getByText('stored  1,000').waitFor();
  assert.equal(await bar.isVisible(), false);
  await picture(page, 'jobs');
  await expectClean(page);
});

test('what a run says of itself is a text, and fits on a phone', async () => {
  await tell('h', {Name: HOSTILE, Unit: HOSTILE, Done: 1, Total: 2, Doing: HOSTILE});
  const page = await browser.open(server, '#/jobs', {width: 390, theme: 'dark'});
  await cardOf(page, `movies: ${HOSTILE}`).getByText('▶ running').waitFor();
  assert.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'));
  await tell('h', {Name: HOSTILE, State: 'stopped', Summary: HOSTILE});
  await page.getByText('■ stopped').waitFor();
  await expectClean(page);
});

test('a run that says nothing any more is silent', async () => {
  const page = await browser.open(server, '#/');
  await page.route('**/_matinee/jobs', (route) => route.fulfill({json: {
    Now: '2026-11-30T10:01:00Z', Jobs: [{Id: 's', Kind: 'movies', Name: 'killed', State: 'running',
      Silent: true, Doing: 'Exporting', StartedAt: '2026-11-30T10:00:00Z',
      ToldAt: '2026-11-30T10:00:20Z'}]}}));
  await page.evaluate("location.hash = '#/jobs'");
  const card = cardOf(page, 'movies: killed');
  await card.getByText('? silent').waitFor();
  await card.getByText('Nothing was heard for 40 s').waitFor();
  await expectClean(page);
});

test('the movie job itself is there when it has ended', async () => {
  const page = await browser.open(server, '#/jobs');
  await run(['run', 'movies', '--count', '200', '--job-id', 'real', '--cloud', server.url],
    ['test', 'test']);
  const card = cardOf(page, 'movies: real');
  await card.getByText('✓ done').waitFor();
  await card.getByText('200 of 200 movies').waitFor();
  await expectClean(page);
});
