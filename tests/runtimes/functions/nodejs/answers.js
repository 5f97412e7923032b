'use strict';

class Film {
  constructor() {
    this.title = 'Heat';
  }
}

function circular() {
  const value = {};
  value.self = value;
  return value;
}

const RESULTS = {
  nothing: () => undefined,
  null: () => null,
  numbers: () => [0, -0, 1.5, 1e300, 1e21, NaN, Infinity, 0.1],
  strings: () => ['', 'grün', '\u2028\u2029', '\u{1f3ac}', '\x00\x1f\x7f', '"\\/\n\t', '\ud800'],
  booleans: () => [true, false],
  date: () => new Date(0),
  map: () => [new Map([[1, 2]]), new Set([1])],
  buffer: () => Buffer.from('abc'),
  holes: () => [undefined, () => 1, Symbol('s'), , 1],
  members: () => ({ a: undefined, b: () => 1, c: Symbol('s'), d: null }),
  toJSON: () => ({ toJSON: () => 'from toJSON' }),
  instance: () => new Film(),
  error: () => new Error('returned, not thrown'),
  bigint: () => 1n,
  circular,
  function: () => () => 1,
  symbol: () => Symbol('s'),
};

exports.names = Object.keys(RESULTS);
exports.handler = async (event) => RESULTS[event]();
exports.echo = async (event) => event;
exports.size = async (event) => 'x'.repeat(event);
exports.value = (event) => event;
exports.thenable = () => ({ then: (resolve) => resolve('then') });
exports.inner = { deeper: { handler: async () => 'deep inside' } };
exports.text = 'no function';
