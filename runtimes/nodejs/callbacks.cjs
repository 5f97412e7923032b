/**
 * Invocations as in the runtimes up to nodejs22.x: handlers answer by a callback, by a promise, or
 * by done, succeed and fail of the context. An answer by callback goes out when the event loop is
 * empty, unless context.callbackWaitsForEmptyEventLoop is false.
 */

'use strict';

const contexts = require('./context.cjs');
const { fault, serialise } = require('./errors.cjs');
const { streamingOf } = require('./handler.cjs');
const { logError } = require('./log.cjs');

const TWICE = 'Invocation has already been reported as done. ' +
  'Cannot call complete more than once per invocation.';
const isThenable = (value) => value && typeof value.then === 'function';

/** What to do when nothing is left that could go on. */
let whenIdle = () => {};
process.on('beforeExit', () => whenIdle());

/** Reports what nobody caught, for the invocation if there is one, and ends the process. */
function reportUncaught(api) {
  const uncaught = {
    tell: (error) => api.failInitialisation(error),
    report(title, error, status) {
      logError(title, error);
      const end = () => process.exit(status);
      return uncaught.tell(error).then(end, end);
    },
    exception: (error) => uncaught.report('Uncaught Exception', error, 129),
  };
  process.on('uncaughtException', uncaught.exception);
  process.on('unhandledRejection', (reason, promise) => {
    const error = Object.assign(fault('UnhandledPromiseRejection', String(reason)),
      { reason, promise });
    uncaught.report('Unhandled Promise Rejection', error, 128);
  });
  return uncaught;
}

/** The ways to answer one invocation; only the first one that is used counts. */
class Answers {
  waits = true;
  #isComplete = false;
  #isUsed = false;

  constructor(api, id, next) {
    this.api = api;
    this.id = id;
    this.next = next;
  }

  /** `answer`, unless something has answered before. One that throws has not. */
  once(answer) {
    return (...values) => {
      if (this.#isUsed) return;
      answer(...values);
      this.#isUsed = true;
    };
  }

  markComplete() {
    this.#isComplete = true;
  }

  #respond(result) {
    if (this.#isComplete) {
      console.error(TWICE);
      return;
    }
    this.#isComplete = true;
    this.api.respond(this.id, serialise(result)).then(this.next);
  }

  #fail(error) {
    logError('Invoke Error', error);
    this.api.fail(this.id, error).then(this.next);
  }

  #answer(error, result, respond) {
    whenIdle = () => {};
    if (error === undefined || error === null) {
      respond(result);
    } else {
      this.#fail(error);
    }
  }

  callback = this.once((error, result) => this.#answer(error, result, (value) => {
    if (this.waits) {
      whenIdle = () => {
        setImmediate(() => this.#respond(value));
      };
    } else {
      this.#respond(value);
    }
  }));

  #done(error, result) {
    this.#answer(error, result, (value) => this.#respond(value));
  }

  context() {
    const answers = this;
    return {
      get callbackWaitsForEmptyEventLoop() {
        return answers.waits;
      },
      set callbackWaitsForEmptyEventLoop(value) {
        answers.waits = value;
      },
      succeed: this.once((result) => this.#done(null, result)),
      fail: this.once((error) => this.#done(error ?? 'handled')),
      done: this.once((error, result) => this.#done(error, result)),
    };
  }
}

/** Takes one invocation after the other. Stack traces show its name above the handler's. */
class Runtime {
  constructor(api, handler, uncaught) {
    this.api = api;
    this.handler = handler;
    this.uncaught = uncaught;
    this.streaming = streamingOf(handler);
  }

  next = () => {
    setImmediate(() => {
      this.#take().catch((error) => {
        console.log(`Unexpected Top Level Error: ${error}`);
        return this.uncaught.tell(error).then(() => process.exit(129), () => process.exit(129));
      });
    });
  };

  async #take() {
    const { headers, body } = await this.api.next();
    contexts.enter(headers);
    const id = headers['lambda-runtime-aws-request-id'];
    this.uncaught.tell = (error) => this.api.fail(id, error);
    if (this.streaming) {
      await this.#stream(id, headers, body);
    } else {
      this.#call(id, headers, body);
    }
  }

  #call(id, headers, body) {
    const answers = new Answers(this.api, id, this.next);
    const context = answers.context();
    // A handler that neither answers nor returns a promise has returned nothing.
    whenIdle = () => {
      answers.markComplete();
      this.api.respond(id, 'null').then(this.next);
    };
    try {
      const event = JSON.parse(body);
      contexts.tellTraceId(headers);
      Object.assign(context, contexts.ofEnvironment(), contexts.ofHeaders(headers));
      const result = this.handler(event, context, answers.callback);
      if (isThenable(result)) result.then(context.succeed, context.fail).catch(context.fail);
    } catch (error) {
      answers.callback(error);
    }
  }

  async #stream(id, headers, body) {
    const { openResponse } = require('./streaming.cjs');
    const response = openResponse(this.api, id, this.streaming.highWaterMark);
    let waits = true;
    const finish = () => {
      whenIdle = () => {};
      if (waits) {
        whenIdle = () => setImmediate(this.next);
      } else {
        this.next();
      }
    };
    const fail = (error) => {
      logError('Invoke Error', error);
      response.fail(error, finish);
    };
    const context = {
      get callbackWaitsForEmptyEventLoop() {
        return waits;
      },
      set callbackWaitsForEmptyEventLoop(value) {
        waits = value;
      },
    };
    whenIdle = this.next;
    try {
      contexts.tellTraceId(headers);
      Object.assign(context, contexts.ofEnvironment(), contexts.ofHeaders(headers));
      const result = this.handler(JSON.parse(body), response.stream, context);
      if (!isThenable(result)) {
        fail('Streaming does not support non-async handlers.');
        return;
      }
      if (await result !== undefined) console.warn('Streaming handlers ignore return values.');
      await response.done;
      if (response.stream.writableFinished) {
        finish();
      } else {
        fail('Response stream is not finished.');
      }
    } catch (error) {
      fail(error);
    }
  }
}

module.exports = { reportUncaught, Runtime };
