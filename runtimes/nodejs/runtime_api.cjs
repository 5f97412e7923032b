/**
 * The Runtime API at `host:port`, or `unix:PATH`.
 *
 * Speaks HTTP over connections that stay open. A connection keeps the process alive only while an
 * answer is awaited: functions may wait for an empty event loop.
 */

'use strict';

const net = require('node:net');

const { documentOf } = require('./errors.cjs');

const API = '/2018-06-01/runtime';

/** Where to connect to, as node:net and node:http take it. */
function placeOf(address) {
  if (address.startsWith('unix:')) return { path: address.slice('unix:'.length) };
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) };
}

class Connection {
  #socket;
  #received = [];
  #length = 0;
  #request;

  constructor(place, whenClosed) {
    this.isOpen = true;
    this.#socket = net.connect({ ...place, noDelay: true });
    this.#socket.on('data', (data) => this.#receive(data));
    this.#socket.on('error', (error) => this.#end(error, whenClosed));
    this.#socket.on('close', () => {
      this.#end(new Error('The Runtime API has closed the connection.'), whenClosed);
    });
  }

  /** Resolves to { status, headers, body }; headers in lower case. */
  send(text) {
    return new Promise((resolve, reject) => {
      this.#request = { resolve, reject };
      this.#socket.ref();
      this.#socket.write(text);
    });
  }

  #end(error, whenClosed) {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#socket.destroy();
    whenClosed(this);
    this.#request?.reject(Object.assign(error, { hasBegun: this.#length > 0 }));
  }

  #receive(data) {
    this.#received.push(data);
    this.#length += data.length;
    if (this.#length < this.#request?.complete) return;
    const all = this.#received.length === 1 ? data : Buffer.concat(this.#received);
    this.#received = [all];
    const answer = parse(all);
    if (answer.complete !== undefined) {
      this.#request.complete = answer.complete;
      return;
    }
    const { resolve } = this.#request;
    this.#request = undefined;
    this.#received = [];
    this.#length = 0;
    this.#socket.unref();
    if (answer.headers.connection === 'close') this.isOpen = false;
    resolve(answer);
  }
}

/** The answer in `data`, or { complete: N } if it takes N bytes, at least, to know it. */
function parse(data) {
  const end = data.indexOf('\r\n\r\n');
  if (end < 0) return { complete: data.length + 1 };
  const [first, ...lines] = data.toString('utf8', 0, end).split('\r\n');
  const headers = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const status = Number(first.split(' ', 2)[1]);
  if (headers['transfer-encoding']?.toLowerCase() === 'chunked') {
    const body = joinChunks(data, end + 4);
    return body === undefined ? { complete: data.length + 1 } : { status, headers, body };
  }
  const complete = end + 4 + Number(headers['content-length'] ?? 0);
  if (data.length < complete) return { complete };
  return { status, headers, body: data.toString('utf8', end + 4, complete) };
}

function joinChunks(data, begin) {
  const chunks = [];
  for (let place = begin; ;) {
    const end = data.indexOf('\r\n', place);
    if (end < 0) return undefined;
    const size = parseInt(data.toString('latin1', place, end), 16);
    place = end + 2 + size + 2;
    if (data.length < place) return undefined;
    if (size === 0) return Buffer.concat(chunks).toString('utf8');
    chunks.push(data.subarray(end + 2, end + 2 + size));
  }
}

class RuntimeApi {
  #idle = [];
  #headers;

  constructor(address) {
    this.address = address;
    const host = address.startsWith('unix:') ? 'localhost' : address;
    this.#headers = ` HTTP/1.1\r\nHost: ${host}\r\n` +
      `User-Agent: matinee-nodejs/${process.versions.node}\r\n`;
  }

  /** Waits for an invocation, for any time. */
  async next() {
    const { status, headers, body } = await this.#exchange(
      `GET ${API}/invocation/next${this.#headers}\r\n`);
    if (status !== 200) throw new Error(`Failed to get the next invocation: ${status} ${body}`);
    return { headers, body };
  }

  /** Sends a result, which is JSON already. That it is refused is the caller's matter. */
  respond(id, text) {
    return this.#post(`/invocation/${encodeURIComponent(id)}/response`, text);
  }

  fail(id, error) {
    return this.#postError(`/invocation/${encodeURIComponent(id)}/error`, error);
  }

  failInitialisation(error) {
    return this.#postError('/init/error', error);
  }

  static responsePath(id) {
    return `${API}/invocation/${encodeURIComponent(id)}/response`;
  }

  #postError(path, error) {
    const document = documentOf(error);
    // What has no place in a header is left out there; the document has all of it.
    const type = String(document.errorType).replace(/[^\x20-\x7e]/g, '?');
    return this.#post(path, JSON.stringify(document),
      `Lambda-Runtime-Function-Error-Type: ${type}\r\n`);
  }

  #post(path, text, more = '') {
    return this.#exchange(`POST ${API}${path}${this.#headers}Content-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(text)}\r\n${more}\r\n${text}`);
  }

  async #exchange(text) {
    for (;;) {
      const kept = this.#idle.pop();
      const connection = kept ?? new Connection(placeOf(this.address), (closed) => {
        this.#idle = this.#idle.filter((other) => other !== closed);
      });
      try {
        const answer = await connection.send(text);
        if (connection.isOpen) this.#idle.push(connection);
        return answer;
      } catch (error) {
        // An idle connection may have been closed meanwhile: once more on a new one.
        if (!kept || error.hasBegun) throw error;
      }
    }
  }
}

module.exports = { placeOf, RuntimeApi };
