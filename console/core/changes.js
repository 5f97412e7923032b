// What has become of a payload from one hop to the next.
import {isTooDeep} from './format.js';
import {canonicalNumber, Digits, isTree, parse, stringify} from './json.js';

const MOST = 200;  // leaves that are told

function treeOf(text) {
  try {
    const value = parse(text);
    return isTree(value) && !isTooDeep(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Members in one order, and numbers in one form, so that equal trees are equal texts. */
function canonical(value) {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value === 'number' || value instanceof Digits)
    return new Digits(canonicalNumber(String(value)));
  if (!isTree(value)) return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, canonical(value[key])]));
}

const textOf = (value) => stringify(canonical(value));

const step = (path, key) => (typeof key === 'number' ? `${path}[${key}]`
  : path ? `${path}.${key}` : key);

function* nodesOf(value, path = '') {
  yield [path, value];
  if (!isTree(value)) return;
  const list = Array.isArray(value);
  for (const [key, one] of Object.entries(value))
    yield* nodesOf(one, step(path, list ? Number(key) : key));
}

/** Where in the tree `inner` stands, as it is or as a text; undefined where it does not. */
function findInside(tree, inner) {
  const innerTree = treeOf(inner);
  const wanted = innerTree === undefined ? undefined : textOf(innerTree);
  for (const [path, value] of nodesOf(tree)) {
    if (path === '') continue;
    if (value === inner) return path;
    if (wanted === undefined) continue;
    if (isTree(value) && textOf(value) === wanted) return path;
    const told = typeof value === 'string' ? treeOf(value) : undefined;
    if (told !== undefined && textOf(told) === wanted) return path;
  }
  return undefined;
}

function leavesOf(tree) {
  const leaves = new Map();
  for (const [path, value] of nodesOf(tree)) {
    const isEmpty = isTree(value) && Object.keys(value).length === 0;
    if (!isTree(value) || isEmpty) leaves.set(path, {text: stringify(value), form: textOf(value)});
  }
  return leaves;
}

function compareLeaves(before, after) {
  const was = leavesOf(before);
  const is = leavesOf(after);
  const changes = [];
  for (const [path, value] of was) {
    const now = is.get(path);
    if (!now) changes.push({path, kind: 'removed', was: value.text});
    else if (now.form !== value.form)
      changes.push({path, kind: 'changed', was: value.text, is: now.text});
  }
  for (const [path, value] of is)
    if (!was.has(path)) changes.push({path, kind: 'added', is: value.text});
  return changes.slice(0, MOST);
}

/** {same: true}; {inside: path}: it stands there in the new one; {takenFrom: path}: the new one
 * stood there; {changes: [{path, kind: 'added' | 'removed' | 'changed', was, is}]} of two trees;
 * or {replaced: true}. */
export function compare(before, after) {
  if (before === after) return {same: true};
  const old = treeOf(before);
  const now = treeOf(after);
  if (old !== undefined && now !== undefined && textOf(old) === textOf(now)) return {same: true};
  const inside = now === undefined || before === '' ? undefined : findInside(now, before);
  if (inside !== undefined) return {inside};
  const takenFrom = old === undefined || after === '' ? undefined : findInside(old, after);
  if (takenFrom !== undefined) return {takenFrom};
  if (old === undefined || now === undefined) return {replaced: true};
  return {changes: compareLeaves(old, now)};
}
