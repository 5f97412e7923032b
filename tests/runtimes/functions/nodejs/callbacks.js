'use strict';

const later = (action) => setImmediate(() => setImmediate(action));

const WAYS = {
  callback: (context, callback) => callback(null, 'by callback'),
  'callback with undefined': (context, callback) => callback(undefined, { a: 1 }),
  'callback without anything': (context, callback) => callback(),
  'callback with an error': (context, callback) => callback(new TypeError('told')),
  'callback with a string': (context, callback) => callback('told as a string'),
  'callback with false': (context, callback) => callback(false, 'value'),
  'callback with an object': (context, callback) => callback({ code: 5 }),
  'callback later': (context, callback) => { later(() => callback(null, 'later')); },
  'callback twice': (context, callback) => { callback(null, 1); callback(new Error('second')); },
  'callback and then more': (context, callback) => {
    callback(null, 'first');
    later(() => console.log('it goes on until nothing is left'));
  },
  'callback at once': (context, callback) => {
    context.callbackWaitsForEmptyEventLoop = false;
    const busy = setInterval(() => {}, 1000);
    later(() => clearInterval(busy));
    callback(null, context.callbackWaitsForEmptyEventLoop);
  },
  nothing: () => undefined,
  'a value': () => 'not used',
  'nothing but later': () => { later(() => console.log('later')); },
  succeed: (context) => context.succeed('succeeded'),
  'succeed with nothing': (context) => context.succeed(),
  fail: (context) => context.fail(new RangeError('failed')),
  'fail with nothing': (context) => context.fail(),
  'done with a result': (context) => context.done(null, 'done'),
  'done with an error': (context) => context.done('no'),
  'succeed twice': (context) => { context.succeed(1); context.fail(new Error('late')); },
  'succeed later': (context) => { later(() => context.succeed('late')); },
  'promise and callback': async (context, callback) => {
    callback(null, 'callback first');
    return 'promise';
  },
  'promise and callback at once': async (context, callback) => {
    context.callbackWaitsForEmptyEventLoop = false;
    callback(null, 'callback first');
    return 'promise';
  },
  throws: () => { throw new Error('thrown'); },
  'throws nothing': () => { throw undefined; },
  'throws after callback': (context, callback) => {
    callback(null, 'told');
    throw new Error('thrown too late');
  },
};

exports.names = Object.keys(WAYS);
exports.handler = (event, context, callback) => WAYS[event](context, callback);
exports.bigint = (event, context, callback) => callback(null, 1n);
exports.two = (event, context) => WAYS[event](context);
