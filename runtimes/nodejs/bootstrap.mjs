/**
 * Runs a Node.js function: asks the Lambda Runtime API (2018-06-01) for events, calls the handler,
 * and sends back what it returns.
 *
 * Seen from the function and from the caller it behaves as the runtimes of AWS do;
 * docs/functions.md lists what differs. Start it as `node bootstrap.mjs` in the directory of the
 * function. AWS has two kinds of runtimes: those up to nodejs22.x know callbacks (callbacks.cjs),
 * those since nodejs24.x only promises (promises.cjs).
 */

import { createRequire } from 'node:module';

// The other files are CommonJS, which takes less time to load.
const require = createRequire(import.meta.url);
const { loadHandler } = require('./handler.cjs');
const { logError, patchConsole } = require('./log.cjs');
const { RuntimeApi } = require('./runtime_api.cjs');
const { hasCallbacks } = require('./version.cjs');

// Functions do not see this variable.
const hosts = process.env._MATINEE_HOSTS;
delete process.env._MATINEE_HOSTS;
if (hosts) require('./hosts.cjs').leadHosts(hosts);

const taskRoot = process.env.LAMBDA_TASK_ROOT ?? process.cwd();

patchConsole();
const api = new RuntimeApi(process.env.AWS_LAMBDA_RUNTIME_API);
const load = () => loadHandler(taskRoot, process.env._HANDLER ?? '');

if (hasCallbacks) {
  const { reportUncaught, Runtime } = require('./callbacks.cjs');
  const uncaught = reportUncaught(api);
  // A function that does not load is reported as an uncaught exception.
  const handler = await load().catch((error) => uncaught.exception(error));
  if (handler) new Runtime(api, handler, uncaught).next();
} else {
  const { refuseCallbacks, run } = require('./promises.cjs');
  let handler;
  try {
    handler = await load();
    refuseCallbacks(handler);
  } catch (error) {
    logError('Init Error', error);
    await api.failInitialisation(error);
    throw error; // Node.js prints it and ends with status 1.
  }
  run(api, handler);
}
