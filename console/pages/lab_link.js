// Addresses of the pattern lab with something in it.
import {isTree, parse, stringify} from '../core/json.js';

/** `dialect` is rule, filter-policy-attributes, filter-policy-body or event-source. */
export function labLink(dialect, pattern, event = '') {
  const search = new URLSearchParams({dialect, pattern, ...(event && {event})});
  return `#/lab?${search}`;
}

/** JSON with two spaces, but short lists and objects in a line: patterns are full of them. */
export function compactJson(value, indent = '') {
  const short = stringify(value);
  const isShort = short?.length + indent.length < 50;
  if (!isTree(value) || isShort) return short;
  const inner = `${indent}  `;
  const isList = Array.isArray(value);
  const lines = Object.entries(value).map(([key, one]) =>
    inner + (isList ? '' : `${JSON.stringify(key)}: `) + compactJson(one, inner));
  return `${isList ? '[' : '{'}\n${lines.join(',\n')}\n${indent}${isList ? ']' : '}'}`;
}

/** The same of a text; as it is where it is no JSON. */
export function compactText(text) {
  try {
    return compactJson(parse(text));
  } catch {
    return text;
  }
}
