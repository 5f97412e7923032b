/** Which of AWS's runtimes the function was written for: the declared one, or else Node.js's. */

'use strict';

const declared = /nodejs(\d+)/.exec(process.env.AWS_EXECUTION_ENV ?? '');

const major = Number(declared?.[1] ?? process.versions.node.split('.')[0]);
const hasCallbacks = major < 24;

module.exports = { major, hasCallbacks };
