/** Invocations as in the runtimes since nodejs24.x: handlers return promises or values. */

'use strict';

const contexts = require('./context.cjs');
const { fault, serialise } = require('./errors.cjs');
const { streamingOf } = require('./handler.cjs');
const { logError } = require('./log.cjs');

const CALLBACKS_ARE_GONE = 'ERROR: AWS Lambda has removed support for callback-based function ' +
  'handlers starting with Node.js 24. You need to modify this function to use a supported ' +
  'handler signature to use Node.js 24 or later. For more information see ' +
  'https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.';
const soon = () => new Promise((resolve) => {
  setImmediate(resolve);
});

const KEYS = {
  REQUEST_ID: Symbol.for('_AWS_LAMBDA_REQUEST_ID'),
  X_RAY_TRACE_ID: Symbol.for('_AWS_LAMBDA_X_RAY_TRACE_ID'),
  TENANT_ID: Symbol.for('_AWS_LAMBDA_TENANT_ID'),
};

/** What libraries know the invocation by: the interface of @aws/lambda-invoke-store. */
class InvokeStore {
  static PROTECTED_KEYS = KEYS;
  #context;

  isProtectedKey(key) {
    return Object.values(KEYS).includes(key);
  }

  getContext() {
    return this.#context;
  }

  hasContext() {
    return this.#context !== undefined;
  }

  get(key) {
    return this.#context?.[key];
  }

  set(key, value) {
    if (this.isProtectedKey(key)) {
      throw new Error(`Cannot modify protected Lambda context field: ${String(key)}`);
    }
    this.#context ??= {};
    this.#context[key] = value;
  }

  run(context, action) {
    this.#context = context;
    return action();
  }

  getRequestId() {
    return this.get(KEYS.REQUEST_ID) ?? '-';
  }

  getXRayTraceId() {
    return this.get(KEYS.X_RAY_TRACE_ID);
  }

  getTenantId() {
    return this.get(KEYS.TENANT_ID);
  }
}

const store = new InvokeStore();
if (!['1', 'true'].includes(process.env.AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA)) {
  globalThis.awslambda = { ...globalThis.awslambda, InvokeStore: store };
}

/** Throws for a handler that wants a callback. */
function refuseCallbacks(handler) {
  if (handler.length >= 3 && !streamingOf(handler)) {
    throw fault('CallbackHandlerDeprecated', CALLBACKS_ARE_GONE);
  }
}

function contextOf(headers) {
  const { clientContext, identity, ...others } = contexts.ofHeaders(headers);
  const { getRemainingTimeInMillis, ...known } = others;
  const { functionVersion, functionName, ...environment } = contexts.ofEnvironment();
  return {
    clientContext,
    identity,
    ...known,
    xRayTraceId: headers['lambda-runtime-trace-id'],
    getRemainingTimeInMillis,
    functionName,
    functionVersion,
    ...environment,
  };
}

// The names of these two classes are seen in stack traces of functions.

class BufferedInvokeProcessor {
  constructor(api, handler) {
    this.api = api;
    this.handler = handler;
  }

  async process(context, event) {
    try {
      const result = await this.handler(event, context);
      await soon();
      await this.api.respond(context.awsRequestId, serialise(result));
    } catch (error) {
      await soon();
      logError('Invoke Error', error);
      await this.api.fail(context.awsRequestId, error);
    }
  }
}

class StreamingInvokeProcessor {
  constructor(api, handler) {
    this.api = api;
    this.handler = handler;
    this.highWaterMark = streamingOf(handler).highWaterMark;
  }

  async process(context, event) {
    const { openResponse } = require('./streaming.cjs');
    const response = openResponse(this.api, context.awsRequestId, this.highWaterMark);
    try {
      const result = this.handler(event, response.stream, context);
      if (typeof result?.then !== 'function') {
        throw new Error('Streaming does not support non-async handlers.');
      }
      if (await result !== undefined) console.warn('Streaming handlers ignore return values.');
      await response.done;
      if (!response.stream.writableFinished) throw new Error('Response stream is not finished.');
    } catch (error) {
      await soon();
      logError('Invoke Error', error);
      response.fail(error);
    }
  }
}

/** Takes one invocation after the other. What is thrown outside of them ends the process. */
async function run(api, handler) {
  const Processor = streamingOf(handler) ? StreamingInvokeProcessor : BufferedInvokeProcessor;
  const processor = new Processor(api, handler);
  for (;;) {
    const { headers, body } = await api.next();
    contexts.enter(headers);
    contexts.tellTraceId(headers);
    const context = contextOf(headers);
    const event = JSON.parse(body);
    await store.run({
      [KEYS.REQUEST_ID]: context.awsRequestId,
      [KEYS.X_RAY_TRACE_ID]: context.xRayTraceId,
      [KEYS.TENANT_ID]: context.tenantId,
    }, () => processor.process(context, event));
  }
}

module.exports = { refuseCallbacks, run };
