// What every file of tests has: a server and a browser of its own, and what holds on each page.
import assert from 'node:assert/strict';
import {after, before} from 'node:test';
import {findBarriers, startBrowser, startServer} from './matinee.js';

export let server;
export let browser;

/** Both stand before the file's first test, and go after its last; `prepare` comes in between. */
export function setStage({options = [], prepare = () => {}} = {}) {
  before(async () => {
    [server, browser] = await Promise.all([startServer(options), startBrowser()]);
    await prepare();
  });
  after(async () => {
    await browser.close();
    await server.stop();
  });
}

/** axe finds nothing, and nothing went wrong or ran that is not the page's own. */
export async function expectClean(page) {
  assert.deepEqual(await findBarriers(page), []);
  assert.deepEqual(page.faults, []);
}
