/** Responses that are sent while the handler writes them. Loaded by the first one. */

'use strict';

const http = require('node:http');
const net = require('node:net');

const { documentOf, fault } = require('./errors.cjs');
const { placeOf, RuntimeApi } = require('./runtime_api.cjs');

const ERROR_TYPE = 'Lambda-Runtime-Function-Error-Type';
const ERROR_BODY = 'Lambda-Runtime-Function-Error-Body';
// Handlers see a writable stream, not the request below it.
const METHODS = [
  'cork', 'destroy', 'end', 'uncork', 'write', 'addListener', 'emit', 'eventNames',
  'getMaxListeners', 'listenerCount', 'listeners', 'off', 'on', 'once', 'prependListener',
  'prependOnceListener', 'rawListeners', 'removeAllListeners', 'removeListener', 'setMaxListeners',
];
const MEMBERS = [
  'destroyed', 'writable', 'writableCorked', 'writableEnded', 'writableFinished',
  'writableHighWaterMark', 'writableLength', 'writableNeedDrain', 'writableObjectMode',
];

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function openRequest(api, id, highWaterMark) {
  const { host, port, path: socketPath } = placeOf(api.address);
  agent.createConnection = (options, whenConnected) =>
    net.createConnection({ ...options, highWaterMark }, whenConnected);
  return http.request({
    agent, host, port, socketPath,
    method: 'POST',
    path: RuntimeApi.responsePath(id),
    headers: {
      'Lambda-Runtime-Function-Response-Mode': 'streaming',
      Trailer: [ERROR_TYPE, ERROR_BODY],
      'Content-Type': 'application/octet-stream',
      'Transfer-Encoding': 'chunked',
    },
  });
}

function facade(request) {
  const stream = {};
  let isBegun = false;
  for (const name of METHODS) stream[name] = request[name].bind(request);
  for (const name of MEMBERS) Object.defineProperty(stream, name, { get: () => request[name] });
  Object.defineProperty(stream, '_onBeforeFirstWrite', { value: undefined, writable: true });
  stream.setContentType = (type) => {
    if (isBegun) throw fault('InvalidStreamingOperation', 'Cannot set content-type, too late.');
    request.setHeader('Content-Type', type);
  };
  stream.write = (chunk, encoding, whenWritten) => {
    const isData = typeof chunk === 'string' || chunk instanceof Uint8Array;
    const data = isData ? chunk : JSON.stringify(chunk);
    if (!isBegun) stream._onBeforeFirstWrite?.((part) => request.write(part));
    isBegun = true;
    return request.write(data, encoding, whenWritten);
  };
  return stream;
}

/**
 * Begins the response of invocation `id`.
 *
 * `stream` is for the handler; `done` resolves when the Runtime API has taken all; `fail` ends the
 * response with an error in its trailers.
 */
function openResponse(api, id, highWaterMark) {
  const request = openRequest(api, id, highWaterMark);
  const done = new Promise((resolve, reject) => {
    request.on('response', (answer) => {
      answer.on('end', resolve).on('error', reject).resume();
    });
    request.on('error', (error) => {
      reject(error);
      request.destroy(error);
    });
  });
  done.catch(() => {}); // Those who wait for it are told.
  return {
    stream: facade(request),
    done,
    fail(error, whenSent) {
      const document = documentOf(error);
      request.addTrailers({
        [ERROR_TYPE]: document.errorType,
        [ERROR_BODY]: Buffer.from(JSON.stringify(document)).toString('base64'),
      });
      request.end(whenSent);
    },
  };
}

module.exports = { openResponse };
