/** Finds the function that a handler's name means, in CommonJS and ES modules. */

'use strict';

const fs = require('node:fs');
const nodeModule = require('node:module');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

const { fault } = require('./errors.cjs');
const { hasCallbacks, major } = require('./version.cjs');

// Of the loader's files only this one is seen in AWS's "Require stack".
const requireFunction = nodeModule.createRequire(__filename);
const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');
const HIGH_WATER_MARK = Symbol.for('aws.lambda.runtime.handler.streaming.highWaterMark');
const PRELUDE_TYPE = 'application/vnd.awslambda.http-integration-response';

/** Options of a handler that streams its response, or undefined for another one. */
function streamingOf(handler) {
  const kind = handler[STREAMING];
  if (!kind) return undefined;
  if (kind !== 'response') {
    throw fault('MalformedStreamingHandler', 'Only response streaming is supported.');
  }
  const mark = parseInt(handler[HIGH_WATER_MARK], 10);
  return { highWaterMark: Number.isNaN(mark) ? undefined : mark };
}

const HttpResponseStream = class {
  /** Makes `stream` begin with status and headers, which the first write sends. */
  static from(stream, prelude) {
    stream.setContentType(PRELUDE_TYPE);
    const text = JSON.stringify(prelude);
    stream._onBeforeFirstWrite = (write) => {
      write(text);
      write(new Uint8Array(8));
    };
    return stream;
  }
};

function offerGlobals() {
  if (['1', 'true'].includes(process.env.AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA)) return;
  globalThis.awslambda = {
    ...globalThis.awslambda,
    streamifyResponse(handler, options) {
      handler[STREAMING] = 'response';
      if (typeof options?.highWaterMark === 'number') {
        handler[HIGH_WATER_MARK] = Math.trunc(options.highWaterMark);
      }
      return handler;
    },
    HttpResponseStream,
  };
}

/** Packages in NODE_PATH are found by `import` too, as at AWS since nodejs18.x. */
async function searchNodePath() {
  const directories = (process.env.NODE_PATH ?? '').split(path.delimiter)
    .filter((directory) => directory && fs.existsSync(directory));
  if (directories.length === 0 || major < 18) return;
  const hooks = await import('./node_path.mjs');
  hooks.initialize({ directories });
  if (nodeModule.registerHooks) {
    nodeModule.registerHooks({ resolve: hooks.resolveAtOnce });
  } else {
    nodeModule.register?.('./node_path.mjs', pathToFileURL(__filename), { data: { directories } });
  }
}

const required = (file) => (fs.existsSync(file) ? requireFunction(file) : undefined);
const imported = async (file) => (fs.existsSync(file) ? import(file) : undefined);

/** Whether the nearest package.json above `directory` makes its .js files ES modules. */
function holdsModules(directory) {
  if (directory.endsWith('/node_modules')) return false;
  const file = path.join(directory, 'package.json');
  if (fs.existsSync(file)) {
    try {
      return JSON.parse(fs.readFileSync(file))?.type === 'module';
    } catch (error) {
      console.warn(`${file} cannot be read, it will be ignored for ES module detection purposes.`,
        error);
      return false;
    }
  }
  return directory === '/' ? false : holdsModules(path.dirname(directory));
}

async function findFile(stem) {
  if (!hasCallbacks) {
    for (const suffix of ['', '.js', '.mjs', '.cjs']) {
      const found = await imported(stem + suffix);
      if (found) return found;
    }
    return undefined;
  }
  const bare = required(stem);
  if (bare) return bare;
  const isModule = fs.existsSync(`${stem}.js`) && holdsModules(path.dirname(stem));
  const script = isModule ? await imported(`${stem}.js`) : required(`${stem}.js`);
  return script || await imported(`${stem}.mjs`) || required(`${stem}.cjs`);
}

async function loadModule(taskRoot, directory, name) {
  try {
    const found = await findFile(path.resolve(taskRoot, directory, name));
    if (found) return found;
    const second = hasCallbacks ? directory : path.join(taskRoot, directory);
    return requireFunction(requireFunction.resolve(name, { paths: [taskRoot, second] }));
  } catch (error) {
    if (error instanceof SyntaxError) {
      const problem = fault('UserCodeSyntaxError', String(error));
      if (!hasCallbacks) problem.stack = error.stack;
      throw problem;
    }
    if (error?.code === 'MODULE_NOT_FOUND') throw fault('ImportModuleError', String(error));
    throw error;
  }
}

function member(object, names) {
  return names.split('.').reduce((inner, name) => inner && inner[name], object);
}

/** Resolves to the handler. Rejects with an error named as AWS names it. */
async function loadHandler(taskRoot, handler) {
  offerGlobals();
  await searchNodePath();
  if (handler.includes('..')) {
    throw fault('MalformedHandlerName', `'${handler}' is not a valid handler name. Use absolute ` +
      'paths when specifying root directories in handler names.');
  }
  const file = path.basename(handler);
  const directory = handler.slice(0, handler.indexOf(file));
  const [, name, names] = /^([^.]*)\.(.*)$/.exec(file) ?? [];
  if (name === undefined) throw fault('MalformedHandlerName', 'Bad handler');
  const loaded = await loadModule(taskRoot, directory, name);
  let found = member(loaded, names);
  if (!found && !hasCallbacks) found = member(loaded.default, names);
  if (!found) throw fault('HandlerNotFound', `${handler} is undefined or not exported`);
  if (typeof found !== 'function') {
    throw fault('HandlerNotFound', `${handler} is not a function`);
  }
  streamingOf(found); // Refuses what cannot be streamed while the function is loaded.
  return found;
}

module.exports = { streamingOf, loadHandler };
