'use strict';

const circular = {};
circular.self = circular;

function all() {
  console.log();
  console.log('plain');
  console.log('grün', { a: [1, { b: { c: { d: 1 } } }] }, 5, null, undefined);
  console.log('%s is %d years old', 'Heat', 31, 'more');
  console.log('two\nlines');
  console.log({ film: 'Heat', nested: { a: 1 } });
  console.log(circular);
  console.log(Symbol('s'));
  console.log(1n);
  console.info('info');
  console.debug('debug');
  console.warn('warn');
  console.error('error');
  console.trace('trace');
  console.fatal('fatal');
  console.error(new TypeError('logged'));
  console.error('with an error:', Object.assign(new Error('inside'), { code: 'E' }));
  console.log({ error: new Error('in an object') });
  process.stdout.write('raw\n');
  process.stderr.write('raw to errors\n');
}

console.log('while it is loaded');
exports.handler = async () => { all(); };
