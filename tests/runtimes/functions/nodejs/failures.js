'use strict';

class FilmError extends Error {
  constructor(message) {
    super(message);
    this.name = 'FilmError';
    this.code = 'NO_FILM';
    this.film = { title: 'Heat' };
  }
}

class Unnamed extends Error {}

function withCycle() {
  const error = new Error('circular');
  error.self = { error };
  return error;
}

function withoutStack() {
  const error = new Error('no stack');
  delete error.stack;
  return error;
}

function nested() {
  return new Error('outer', { cause: new TypeError('inner') });
}

function deeper(number) {
  if (number) return deeper(number - 1);
  throw new FilmError('deep');
}

const THROWN = {
  own: () => new FilmError('own'),
  unnamed: () => new Unnamed('unnamed'),
  type: () => { try { undefined.film; } catch (error) { return error; } return 0; },
  string: () => 'text',
  number: () => 5,
  object: () => ({ name: 'Like', message: 'an error', stack: 'Like: an error\n  here' }),
  plain: () => ({ a: 1 }),
  true: () => true,
  empty: () => new Error(),
  delete: () => new Error('with \x7f and grün\nin two lines'),
  cycle: withCycle,
  'no stack': withoutStack,
  nested,
  aggregate: () => new AggregateError([new Error('a'), new Error('b')], 'many'),
  'from a timer': () => new Error('timer'),
};

exports.names = Object.keys(THROWN);
exports.handler = async (event) => { throw THROWN[event](); };
exports.deep = async () => deeper(3);
exports.missing = async () => require('@aws-sdk/client-s3');
exports.symbol = async () => { throw Symbol('s'); };
exports.uncaught = async () => {
  setImmediate(() => { throw new FilmError('in a timer'); });
  return new Promise(() => { setInterval(() => {}, 1000); });
};
exports.unhandled = async () => {
  Promise.reject(new FilmError('nobody waits'));
  return new Promise(() => { setInterval(() => {}, 1000); });
};
exports.exits = async (event) => process.exit(event);
exports.never = async () => new Promise(() => {});
