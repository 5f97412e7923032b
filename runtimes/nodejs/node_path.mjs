/** Hooks for `import`: packages that are not found beside the code are looked for in NODE_PATH. */

import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

let directories = [];

export function initialize(data) {
  directories = data.directories;
}

const isMissing = (error) => error.code === 'ERR_MODULE_NOT_FOUND';
const isPackage = (specifier) => !/^(?:[./]|\w+:)/.test(specifier);

/** The modules that would find packages of NODE_PATH in the directories above them. */
function* parents() {
  for (const directory of directories) {
    const plain = directory.replace(/\/+$/, '');
    if (path.basename(plain) === 'node_modules') {
      yield pathToFileURL(path.join(path.dirname(plain), 'importer.mjs')).href;
    }
  }
}

function requiredUrl(specifier) {
  return pathToFileURL(createRequire(import.meta.url).resolve(specifier, { paths: directories }))
    .href;
}

export async function resolve(specifier, context, next) {
  try {
    return await next(specifier, context);
  } catch (error) {
    if (!isMissing(error) || !isPackage(specifier)) throw error;
    for (const parentURL of parents()) {
      try {
        return await next(specifier, { ...context, parentURL });
      } catch (other) {
        if (!isMissing(other)) throw other;
      }
    }
    return elsewhere(specifier, context, error, next);
  }
}

/** The same for hooks that run in the thread of the function. */
export function resolveAtOnce(specifier, context, next) {
  try {
    return next(specifier, context);
  } catch (error) {
    if (!isMissing(error) || !isPackage(specifier)) throw error;
    for (const parentURL of parents()) {
      try {
        return next(specifier, { ...context, parentURL });
      } catch (other) {
        if (!isMissing(other)) throw other;
      }
    }
    return elsewhere(specifier, context, error, next);
  }
}

/** NODE_PATH may name directories of another name, where only `require` knows to look. */
function elsewhere(specifier, context, error, next) {
  let url;
  try {
    url = requiredUrl(specifier);
  } catch {
    throw error;
  }
  return next(url, context);
}
