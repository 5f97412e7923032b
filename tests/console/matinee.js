// A server of its own for a file of tests, and a browser that looks at its console.
import {execFile, spawn} from 'node:child_process';
import {mkdirSync, readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {promisify} from 'node:util';
import {chromium} from 'playwright-core';

const ROOT = path.resolve(import.meta.dirname, '../..');
const PROGRAM = process.env.MATINEE_BINARY ?? path.join(ROOT, 'build/release/src/matinee');
const PICTURES = path.join(ROOT, 'build/console');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** {url, port, pid, stop()} of `matinee up` with nothing in it. */
export async function startServer(options = [], input = '', place = ['--durability', 'memory']) {
  const process = spawn(PROGRAM, ['up', '--port', '0', ...place, '--format', 'json',
    '--exit-with-parent', ...options], {stdio: ['pipe', 'pipe', 'inherit']});
  process.stdin.end(input);
  const line = await new Promise((resolve, reject) => {
    const lines = createInterface({input: process.stdout});
    lines.once('line', resolve);
    process.once('exit', (code) => reject(new Error(`matinee up ended with ${code}`)));
  });
  const {port} = JSON.parse(line);
  const stop = () => new Promise((resolve) => {
    process.removeAllListeners('exit');
    process.once('exit', resolve);
    process.kill('SIGTERM');
  });
  return {url: `http://127.0.0.1:${port}`, port, pid: process.pid, stop};
}

/** What a command of the program prints, with these credentials. */
export async function run(words, [AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY]) {
  const {stdout} = await promisify(execFile)(PROGRAM, words, {env: {...process.env,
    AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION: 'us-east-1'}});
  return stdout.trim();
}

/** A call of a service that speaks JSON, as a program makes it. */
export async function call(server, target, operation, params, headers = {}) {
  const scope = {AmazonSQS: 'sqs', DynamoDB_20120810: 'dynamodb', AWSEvents: 'events',
    Logs_20140328: 'logs'}[target];
  const response = await fetch(server.url, {method: 'POST', body: JSON.stringify(params), headers: {
    'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `${target}.${operation}`,
    authorization: authorization(scope), ...headers}});
  const reply = await response.text();
  if (!response.ok) throw new Error(`${operation}: ${response.status} ${reply}`);
  return reply ? JSON.parse(reply) : {};
}

export const sqs = (server, operation, params) => call(server, 'AmazonSQS', operation, params);

const authorization = (scope) => 'AWS4-HMAC-SHA256 Credential=test/20261130/us-east-1/' +
  `${scope}/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`;

/** A request of a service that speaks REST -> Response. */
export async function rest(server, service, method, address, {body, headers = {}} = {}) {
  const response = await fetch(server.url + address, {method, body,
    headers: {authorization: authorization(service), ...headers}});
  if (!response.ok)
    throw new Error(`${method} ${address}: ${response.status} ${await response.text()}`);
  return response;
}

/** An action of a service that speaks the query protocol -> the text of its reply. */
export async function query(server, service, action, params) {
  const versions = {sns: '2010-03-31', cloudformation: '2010-05-15'};
  const response = await fetch(server.url, {method: 'POST',
    headers: {authorization: authorization(service)},
    body: new URLSearchParams({Action: action, Version: versions[service], ...params})});
  const reply = await response.text();
  if (!response.ok) throw new Error(`${action}: ${response.status} ${reply}`);
  return reply;
}

/** A queue: {url, arn}. */
export async function createQueue(server, name, Attributes = {}) {
  const {QueueUrl} = await sqs(server, 'CreateQueue', {QueueName: name, Attributes});
  return {url: QueueUrl, arn: `arn:aws:sqs:us-east-1:000000000000:${name}`};
}

/** For whoever works on the console: its files as they are, and not as they were built in. */
async function readFromTree(route) {
  const {pathname} = new URL(route.request().url());
  const file = pathname.replace('/_matinee/console/', '') || 'index.html';
  const response = await route.fetch();
  // One that was not built in yet came as a text that says so.
  const contentType = file.endsWith('.js') ? 'text/javascript' : undefined;
  await route.fulfill({response, status: 200, contentType, path: path.join(ROOT, 'console', file)});
}

/** {browser, open(server, hash, options) -> page, close()}. `page.faults` has what went
 * wrong in it: errors, what its policy has refused, and dialogs of scripts that are not its own. */
export async function startBrowser() {
  const browser = await chromium.launch({executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage']});
  const open = async (server, hash = '#/', {width = 1280, height = 860, theme = 'light'} = {}) => {
    const context = await browser.newContext({viewport: {width, height}, colorScheme: theme,
      permissions: ['clipboard-read', 'clipboard-write']});
    if (process.env.CONSOLE_FROM_TREE) await context.route('**/_matinee/console/**', readFromTree);
    const page = await context.newPage();
    page.faults = [];
    page.on('pageerror', (error) => page.faults.push(error.message));
    page.on('dialog', (dialog) => {
      page.faults.push(`a script said ${dialog.message()}`);
      dialog.dismiss();
    });
    page.on('console', (message) => {
      const isRefused = /Content Security Policy|Uncaught/.test(message.text());
      if (isRefused) page.faults.push(message.text());
    });
    await page.goto(`${server.url}/_matinee/console/${hash}`);
    await page.locator('main h1').waitFor();
    return page;
  };
  return {browser, open, close: () => browser.close()};
}

/** What stands in build/console/NAME.png. */
export async function picture(page, name) {
  mkdirSync(PICTURES, {recursive: true});
  await page.screenshot({path: path.join(PICTURES, `${name}.png`)});
}

/** What axe finds wrong, a line each. */
export async function findBarriers(page) {
  // The page's policy lets no script in that is not the console's own.
  const found = await page.evaluate(`${AXE}; axe.run(document, {resultTypes: ['violations']})`);
  return found.violations.map(({id, nodes}) =>
    `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`);
}
