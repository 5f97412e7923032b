/** Errors of the runtime with AWS's names, and the documents that callers get for any error. */

'use strict';

const { hasCallbacks } = require('./version.cjs');

const PROBLEM = 'callback called with Error argument, but there was a problem while retrieving ' +
  'one or more of its message, name, and stack';

/** An error called Runtime.KIND. The newer runtimes carry the name as a member of the object. */
function fault(kind, message) {
  const Kind = class extends Error {};
  const plain = hasCallbacks || kind.endsWith('Error') || kind.includes('Streaming');
  Object.defineProperty(Kind, 'name', { value: plain ? kind : `${kind}Error` });
  if (hasCallbacks) Kind.prototype.name = `Runtime.${kind}`;
  const error = new Kind(message);
  if (!hasCallbacks) error.name = `Runtime.${kind}`;
  return error;
}

const isText = (value) => typeof value === 'string' && value !== '';
const isErrorLike = (value) => value instanceof Error || (hasCallbacks && value &&
  isText(value.name) && isText(value.message) && isText(value.stack));

const withoutDelete = (text) => text?.replaceAll('\x7f', '%7F');

function linesOf(stack) {
  // The older runtimes give up on an error that has lost its stack.
  return hasCallbacks ? stack.split('\n') : stack?.split('\n') ?? [];
}

/** What the Runtime API is told about `error`, which may be any value. */
function documentOf(error) {
  try {
    if (isErrorLike(error)) {
      return {
        errorType: withoutDelete(error.name),
        errorMessage: withoutDelete(error.message),
        trace: linesOf(withoutDelete(error.stack)),
      };
    }
    const errorMessage = hasCallbacks ? error.toString() : String(error);
    return { errorType: typeof error, errorMessage, trace: [] };
  } catch {
    return { errorType: 'handled', errorMessage: PROBLEM, ...(hasCallbacks ? {} : { trace: [] }) };
  }
}

function asError(value) {
  return value instanceof Error ? value : new Error(hasCallbacks ? value : String(value));
}

/** The JSON of a result. Throws for what has none. */
function serialise(result) {
  let text;
  try {
    text = JSON.stringify(result === undefined ? null : result);
  } catch {
    const message = 'Unable to stringify response body';
    throw hasCallbacks ? new Error(message) : fault('JSONStringifyError', message);
  }
  // Functions and symbols have no JSON; AWS's clients say so in these words.
  if (text === undefined) throw new TypeError('Wrong arguments');
  return text;
}

module.exports = { fault, documentOf, asError, serialise };
