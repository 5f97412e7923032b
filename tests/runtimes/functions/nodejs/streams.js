'use strict';

const { Readable, pipeline } = require('node:stream');
const { promisify } = require('node:util');

const from = (stream, metadata) => awslambda.HttpResponseStream.from(stream, metadata);

const WAYS = {
  written: async (stream) => {
    stream.write('one ');
    stream.write(Buffer.from('two '));
    stream.write(new Uint8Array([51]));
    stream.write({ four: 4 });
    stream.end();
  },
  'ended with text': async (stream) => { stream.setContentType('text/plain'); stream.end('all'); },
  'ended at once': async (stream) => { stream.end(); },
  'with metadata': async (stream) => {
    const response = from(stream, { statusCode: 418, headers: { a: 'b' }, cookies: ['c=d'] });
    response.write('body');
    response.end();
  },
  'with metadata and no write': async (stream) => { from(stream, { statusCode: 200 }).end('x'); },
  piped: async (stream) => {
    await promisify(pipeline)(Readable.from(['a', 'b', 'c'.repeat(100000)]), stream);
  },
  'returns a value': async (stream) => { stream.end('x'); return 5; },
  'fails at once': async () => { throw new TypeError('before the first byte'); },
  'fails in the middle': async (stream) => {
    stream.write('half');
    throw new Error('in the middle');
  },
  'fails after the end': async (stream) => { stream.end('whole'); throw new Error('afterwards'); },
  'no promise': (stream) => { stream.end('x'); },
  'content type too late': async (stream) => {
    stream.write('x');
    stream.setContentType('text/plain');
  },
  members: async (stream) => {
    stream.end(JSON.stringify([
      Object.keys(stream).sort(), typeof stream.writableHighWaterMark, stream.writableEnded]));
  },
  'waits for drain': async (stream) => {
    for (let number = 0; number < 40; number += 1) {
      if (!stream.write('x'.repeat(50000))) {
        await new Promise((resolve) => { stream.once('drain', resolve); });
      }
    }
    stream.end();
  },
};

exports.names = Object.keys(WAYS);
exports.handler = awslambda.streamifyResponse(
  (event, stream, context) => WAYS[event](stream, context));
exports.marked = awslambda.streamifyResponse(
  async (event, stream) => { stream.end(String(stream.writableHighWaterMark)); },
  { highWaterMark: 1000 });
exports.context = awslambda.streamifyResponse(async (event, stream, context) => {
  stream.end(JSON.stringify(Object.keys(context)));
});
exports.wrong = async () => 1;
exports.wrong[Symbol.for('aws.lambda.runtime.handler.streaming')] = 'request';
