/**
 * Stands in for rapid-client.node, the part of aws-lambda-ric that is built with libcurl: loaded
 * with --require it gives AWS's JavaScript the same three functions, of which `done` and `error`
 * block. A thread does the HTTP.
 */

'use strict';

const http = require('node:http');
const Module = require('node:module');
const { isMainThread, parentPort, Worker } = require('node:worker_threads');

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const INVOCATION = '/2018-06-01/runtime/invocation/';

function serve() {
  const agent = new http.Agent({ keepAlive: true });
  parentPort.on('message', ({ method, path, body, flag }) => {
    const headers = body === undefined ? {} :
      { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
    const request = http.request({ agent, host, port, method, path, headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
        if (flag) {
          Atomics.store(flag, 0, 1);
          Atomics.notify(flag, 0);
        } else {
          parentPort.postMessage({
            bodyJson: Buffer.concat(chunks).toString(), headers: response.headers,
          });
        }
      });
    });
    request.end(body);
  });
}

function client() {
  const worker = new Worker(__filename, { execArgv: [], stdout: false });
  worker.unref();
  const post = (path, body) => {
    if (typeof body !== 'string') throw new TypeError('Wrong arguments');
    const flag = new Int32Array(new SharedArrayBuffer(4));
    worker.postMessage({ method: 'POST', path: INVOCATION + path, body, flag });
    Atomics.wait(flag, 0, 0);
  };
  return {
    next() {
      worker.ref();
      return new Promise((resolve) => {
        worker.once('message', (answer) => {
          worker.unref();
          const deadline = Number(answer.headers['lambda-runtime-deadline-ms']);
          resolve({
            ...answer, headers: { ...answer.headers, 'lambda-runtime-deadline-ms': deadline },
          });
        });
        worker.postMessage({ method: 'GET', path: `${INVOCATION}next` });
      });
    },
    done: (id, body) => post(`${id}/response`, body),
    error: (id, body) => post(`${id}/error`, body),
  };
}

if (isMainThread) {
  const load = Module._load;
  Module._load = (name, ...others) =>
    (name.endsWith('rapid-client.node') ? client() : load(name, ...others));
} else {
  serve();
}
