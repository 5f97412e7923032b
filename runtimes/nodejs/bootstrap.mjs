/**
 * Runs a Node.js function: asks the Lambda Runtime API (2018-06-01) for events, calls the handler,
 * and sends back what it returns.
 *
 * Seen from the function and from the caller it behaves as the runtimes of AWS do;
 * docs/functions.md lists what differs. Start it as `node bootstrap.mjs` in the directory of the
 * function. AWS has two kinds of runtimes: those up to nodejs22.x know callbacks (callbacks.mjs),
 * those since nodejs24.x only promises (promises.mjs).
 */

import { logError, patchConsole } from './log.mjs';
import { loadHandler } from './handler.mjs';
import { RuntimeApi } from './runtime_api.mjs';
import { hasCallbacks } from './version.mjs';

const taskRoot = process.env.LAMBDA_TASK_ROOT ?? process.cwd();

patchConsole();
const api = new RuntimeApi(process.env.AWS_LAMBDA_RUNTIME_API);
const load = () => loadHandler(taskRoot, process.env._HANDLER ?? '');

if (hasCallbacks) {
  const { reportUncaught, Runtime } = await import('./callbacks.mjs');
  const uncaught = reportUncaught(api);
  // A function that does not load is reported as an uncaught exception.
  const handler = await load().catch((error) => uncaught.exception(error));
  if (handler) new Runtime(api, handler, uncaught).next();
} else {
  const { refuseCallbacks, run } = await import('./promises.mjs');
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
