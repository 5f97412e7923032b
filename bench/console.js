// What the console costs while 10,000 messages a second go through a topic into its queue, by turns
// with its map open and with nobody looking: node bench/console.js [PAIRS [SECONDS]]
//
// The server's cost is the processor time that it takes for a message, which other programs on the
// machine change less than they change its speed. Frames are those that the map really drew.
import {mkdtemp, readFile, rm} from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import {createQueue, query, startBrowser, startServer} from '../tests/console/matinee.js';

const MESSAGES_A_SECOND = 10_000;
const MESSAGES_A_CALL = 10;
const TICK = 20;  // milliseconds
const TICKS_A_SECOND = 100;  // of /proc, whatever the kernel's own are
const PREFIX = 'arn:aws:sns:us-east-1:000000000000:';
const agent = new http.Agent({keepAlive: true, maxSockets: 16});

const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Seconds of processor time that the server has taken so far, all of its threads. */
async function processorTime(server) {
  const fields = (await readFile(`/proc/${server.pid}/stat`, 'utf8')).split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

async function memory(server) {
  const status = await readFile(`/proc/${server.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024;
}

/** The body of a PublishBatch of as many messages as a call takes. */
function batch() {
  const body = new URLSearchParams({Action: 'PublishBatch', Version: '2010-03-31',
    TopicArn: `${PREFIX}orders`});
  for (let i = 1; i <= MESSAGES_A_CALL; i += 1) {
    body.set(`PublishBatchRequestEntries.member.${i}.Id`, String(i));
    body.set(`PublishBatchRequestEntries.member.${i}.Message`, `{"order": ${i}, "amount": 12.5}`);
  }
  return body.toString();
}

function post(server, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(server.url, {method: 'POST', agent, headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': Buffer.byteLength(body),
      authorization: 'AWS4-HMAC-SHA256 Credential=test/20261130/us-east-1/sns/aws4_request, ' +
        `SignedHeaders=host, Signature=${'0'.repeat(64)}`}}, (response) => {
      response.resume();
      response.on('end', () => response.statusCode === 200 ? resolve()
        : reject(new Error(`PublishBatch: ${response.statusCode}`)));
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** Publishes at the wanted rate for so many seconds -> how many a second it was. */
async function publish(server, seconds) {
  const body = batch();
  const begin = performance.now();
  const calls = [];
  while (performance.now() - begin < seconds * 1000) {
    const due = (performance.now() - begin) / 1000 * MESSAGES_A_SECOND / MESSAGES_A_CALL;
    while (calls.length < due) calls.push(post(server, body));
    await wait(TICK);
  }
  await Promise.all(calls);
  return calls.length * MESSAGES_A_CALL / ((performance.now() - begin) / 1000);
}

/** {rate, cost (microseconds of the server a message)} of one stretch. */
async function measure(server, seconds) {
  const before = await processorTime(server);
  const begin = performance.now();
  const rate = await publish(server, seconds);
  const messages = rate * (performance.now() - begin) / 1000;
  const cost = (await processorTime(server) - before) / messages * 1e6;
  return {rate, cost};
}

/** Counts frames in the page, and the longest that one of them took. */
const countFrames = () => {
  window.frames_ = {count: 0, longest: 0, begin: performance.now(), last: performance.now()};
  const count = (now) => {
    window.frames_.longest = Math.max(window.frames_.longest, now - window.frames_.last);
    window.frames_.last = now;
    window.frames_.count += 1;
    requestAnimationFrame(count);
  };
  requestAnimationFrame(count);
};

async function measureWithMap(server, browser, seconds) {
  const page = await browser.open(server, '#/');
  await page.locator('#live[data-status=live]').waitFor();
  await page.evaluate(countFrames);
  const measured = await measure(server, seconds);
  const {count, longest, begin, last} = await page.evaluate(() => window.frames_);
  await page.context().close();
  return {...measured, frames: count / ((last - begin) / 1000), longest};
}

async function build(server) {
  const queue = await createQueue(server, 'orders', {Policy: JSON.stringify({Statement: {
    Effect: 'Allow', Action: 'sqs:SendMessage', Principal: '*', Resource: '*'}})});
  await query(server, 'sns', 'CreateTopic', {Name: 'orders'});
  await query(server, 'sns', 'Subscribe', {TopicArn: `${PREFIX}orders`, Protocol: 'sqs',
    Endpoint: queue.arn});
}

const [pairs, seconds] = [Number(process.argv[2] ?? 5), Number(process.argv[3] ?? 10)];
const directory = await mkdtemp(path.join(os.tmpdir(), 'matinee-figures-'));
const server = await startServer([], '', ['--data', directory]);
try {
  console.log(`memory, idle, nobody looks: ${(await memory(server)).toFixed(1)} MB`);
  await build(server);
  const browser = await startBrowser();
  await measure(server, seconds);  // The first one is for warming up.
  const [alone, open] = [[], []];
  for (let i = 0; i < pairs; i += 1) {
    alone.push(await measure(server, seconds));
    open.push(await measureWithMap(server, browser, seconds));
    const [a, b] = [alone.at(-1), open.at(-1)];
    console.log(`${a.rate.toFixed(0)} messages/s, ${a.cost.toFixed(1)} us each; with the map ` +
      `${b.rate.toFixed(0)}, ${b.cost.toFixed(1)} us (x ${(b.cost / a.cost).toFixed(3)}), ` +
      `${b.frames.toFixed(0)} frames/s, the longest ${b.longest.toFixed(0)} ms`);
  }
  const ratio = median(open.map(({cost}) => cost)) / median(alone.map(({cost}) => cost));
  console.log(`median: x ${ratio.toFixed(3)} processor time a message, ` +
    `${median(open.map(({frames}) => frames)).toFixed(0)} frames/s`);
  await browser.close();
} finally {
  agent.destroy();
  await server.stop();
  await rm(directory, {recursive: true});
}
