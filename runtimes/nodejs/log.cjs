/**
 * The console of functions: records with time, request id and level, in text or JSON.
 *
 * They go in frames to the descriptor of _LAMBDA_TELEMETRY_LOG_FD, where there is one, or else as
 * lines to standard output. A frame is big-endian: type (4 bytes), length of the message (4), time
 * in microseconds (8), and the message. Bit 0 of the type says text (not JSON), bits 2 to 4 the
 * level.
 */

'use strict';

const { writeSync } = require('node:fs');
const { format } = require('node:util');

const { asError, documentOf } = require('./errors.cjs');
const { hasCallbacks } = require('./version.cjs');

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const FRAME = 0xa55a0002;
const inJson = process.env.AWS_LAMBDA_LOG_FORMAT?.toUpperCase() === 'JSON';

/** The invocation that records belong to. Up to nodejs22.x its id is undefined before the first. */
const current = { requestId: hasCallbacks ? undefined : '-', tenantId: undefined };

let descriptor;

function nameOf(error) {
  return error?.constructor?.name ?? 'UnknownError';
}

function expandError(_, value) {
  if (!(value instanceof Error)) return value;
  return {
    errorType: nameOf(value),
    errorMessage: value.message,
    stackTrace: typeof value.stack === 'string' ? value.stack.split('\n') : value.stack,
    ...value,
  };
}

function jsonRecord(time, level, values) {
  const record = { timestamp: time.toISOString(), level, requestId: current.requestId };
  if (current.tenantId) record.tenantId = current.tenantId;
  if (values.length === 1) {
    try {
      return JSON.stringify({ ...record, message: values[0] }, expandError);
    } catch {
      return JSON.stringify({ ...record, message: format(values[0]) });
    }
  }
  record.message = format(...values);
  const error = values.find((value) => value instanceof Error);
  if (error) {
    record.errorType = nameOf(error);
    record.errorMessage = error.message;
    record.stackTrace = typeof error.stack === 'string' ? error.stack.split('\n') : [];
  }
  return JSON.stringify(record);
}

function textRecord(time, level, values) {
  return `${time.toISOString()}\t${current.requestId}\t${level}\t${format(...values)}`;
}

function writeFrame(time, level, record) {
  const message = Buffer.from(inJson ? record : `${record}\n`);
  const frame = Buffer.allocUnsafe(16 + message.length);
  frame.writeUInt32BE((FRAME | ((LEVELS.indexOf(level) + 1) << 2) | (inJson ? 0 : 1)) >>> 0, 0);
  frame.writeUInt32BE(message.length, 4);
  frame.writeBigUInt64BE(BigInt(time.valueOf()) * 1000n, 8);
  message.copy(frame, 16);
  for (let written = 0; written < frame.length;) {
    written += writeSync(descriptor, frame, written);
  }
}

function write(level, values) {
  const time = new Date();
  const record = (inJson ? jsonRecord : textRecord)(time, level, values);
  if (descriptor === undefined) {
    process.stdout.write(`${record.replaceAll('\n', '\r')}\n`);
  } else {
    writeFrame(time, level, record);
  }
}

/** From now on console writes records. Those below AWS_LAMBDA_LOG_LEVEL are dropped. */
function patchConsole() {
  const given = process.env._LAMBDA_TELEMETRY_LOG_FD;
  delete process.env._LAMBDA_TELEMETRY_LOG_FD;
  if (given !== undefined) descriptor = Number(given);
  const least = LEVELS.indexOf(process.env.AWS_LAMBDA_LOG_LEVEL?.toUpperCase());
  LEVELS.forEach((level, index) => {
    // console.log() without a value writes "undefined", as at AWS.
    const writer = (value, ...values) => write(level, [value, ...values]);
    console[level.toLowerCase()] = index >= least ? writer : () => {};
  });
  console.log = console.info;
}

function withMembers(_, value) {
  if (!(value instanceof Error)) return value;
  const members = {
    errorType: value.name, errorMessage: value.message, code: value.code, ...value,
  };
  return typeof value.stack === 'string' ? { ...members, stack: value.stack.split('\n') } : members;
}

/** Writes an error of the function, whatever it has thrown, and what would help against it. */
function logError(title, thrown) {
  const error = asError(thrown);
  if (inJson) {
    console.error(error);
  } else {
    let text;
    try {
      text = JSON.stringify(error, withMembers);
    } catch {
      text = JSON.stringify(documentOf(error));
    }
    console.error(title, `\t${text}`);
  }
  const hint = hintFor(error);
  if (hint) console.error(hint);
}

const BROUGHT_BY_AWS = /Cannot find (?:module|package) '((?:@aws-sdk|@smithy)\/[^'/]+)/;

function hintFor(error) {
  const name = BROUGHT_BY_AWS.exec(error.message)?.[1];
  if (!name) return undefined;
  const declared = /nodejs[\d.x]+/.exec(process.env.AWS_EXECUTION_ENV ?? '')?.[0] ??
    `nodejs${process.versions.node.split('.')[0]}.x`;
  return `${name} comes with the runtime of AWS, but this interpreter has it not. ` +
    `It will after: matinee runtimes add ${declared}`;
}

module.exports = { current, patchConsole, logError };
