// Values of DynamoDB as people read them.
import {Digits, stringify} from '../core/json.js';

/** The value without its types. Numbers keep their digits. */
export function plain(value) {
  const [[type, content]] = Object.entries(value);
  if (type === 'N') return new Digits(content);
  if (type === 'NULL') return null;
  if (type === 'L') return content.map(plain);
  if (type === 'M') return plainItem(content);
  if (type === 'NS') return content.map((one) => plain({N: one}));
  return content;
}

export function plainItem(item) {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plain(value)]));
}

/** In a line: texts as they are, all else as JSON. */
export function inLine(value) {
  if (!value) return '';
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return value.N;
  return stringify(plain(value));
}

/** 'title = Alien, year = 1979' */
export function keyText(key) {
  return Object.entries(key ?? {}).map(([name, value]) => `${name} = ${inLine(value)}`).join(', ');
}

/** What is different in the new item, a line an attribute: 'year: 1979 → 1980', '+ name: value'. */
export function changesOf(before, after) {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].sort();
  return names.filter((name) => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]))
    .map((name) => {
      if (!before?.[name]) return `+ ${name}: ${inLine(after[name])}`;
      if (!after?.[name]) return `− ${name}: ${inLine(before[name])}`;
      return `${name}: ${inLine(before[name])} → ${inLine(after[name])}`;
    });
}

/** The item as JSON with its types, an attribute a line. */
export function itemText(item) {
  const lines = Object.entries(item).map(([name, value]) =>
    `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  return `{\n${lines.join(',\n')}\n}`;
}
