// Numbers, times, ids and names as people read them.
import {isTree, parse, stringify} from './json.js';

const COUNT = new Intl.NumberFormat('en');

export const count = (number) => COUNT.format(number ?? 0);

export function bytes(number) {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  let value = number ?? 0;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return unit === 0 ? `${value} bytes` : `${value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`;
}

/** '3.2 s', '4 min', '2 h': of seconds. */
export function span(seconds) {
  const value = Math.max(0, Number(seconds) || 0);
  if (value < 0.001) return '0 s';
  if (value < 1) return `${Math.round(value * 1000)} ms`;
  if (value < 60) return `${value.toFixed(value < 10 ? 1 : 0)} s`;
  if (value < 3600) return `${Math.floor(value / 60)} min ${Math.floor(value % 60)} s`;
  if (value < 86400) return `${Math.floor(value / 3600)} h ${Math.floor((value % 3600) / 60)} min`;
  return `${Math.floor(value / 86400)} d ${Math.floor((value % 86400) / 3600)} h`;
}

function toDate(time) {
  return typeof time === 'number' ? new Date(time * 1000) : new Date(time);
}

/** '2026-11-30 07:12:03.123' of a time in seconds or in ISO 8601, in UTC as logs have it. */
export function time(value) {
  if (value === undefined || value === null || value === '') return '';
  const date = toDate(value);
  return Number.isNaN(date.getTime()) ? String(value)
    : date.toISOString().replace('T', ' ').replace('Z', '');
}

/** The time of the day only. */
export const clock = (value) => time(value).slice(11);

export function seconds(value) {
  return toDate(value).getTime() / 1000;
}

/** 'orders' of 'arn:aws:sqs:us-east-1:000000000000:orders'. */
export function nameOf(arn) {
  const text = arn ?? '';
  if (!text.startsWith('arn:')) return text;
  const rest = text.split(':').slice(5).join(':');
  return rest.replace(/^(function|table|rule|schedule|stack|log-group)[:/]/, '') || text;
}

/** 'sqs' of an ARN. */
export const serviceOf = (arn) => (arn ?? '').split(':')[2] ?? '';

let offset = 0;

/** Tells what time it is at the server, whose clock may have been moved. */
export function setNow(value) {
  if (value) offset = seconds(value) - Date.now() / 1000;
}

/** How long ago that was, at the server: '3.2 s'. */
export const age = (value) => span(Date.now() / 1000 + offset - seconds(value));

const DEEPEST = 100;

/** Whether a tree is one that nobody has written for people: to walk it would exhaust the stack,
 * and to indent it the memory. */
export function isTooDeep(value) {
  let level = [value].filter(isTree);
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth === DEEPEST) return true;
    level = level.flatMap((one) => Object.values(one).filter(isTree));
  }
  return false;
}

/** JSON with two spaces where it is JSON, else the text as it is. Numbers keep their digits. */
export function pretty(text) {
  try {
    const value = parse(text);
    return isTooDeep(value) ? text : stringify(value, 2);
  } catch {
    return text ?? '';
  }
}
