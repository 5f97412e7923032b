// Faults on purpose: what there is to be had, what is in force, and switching it.
import {insight} from './api.js';
import {serviceOf} from './format.js';
import {wholeOf} from './hops.js';

const FAULTS = '/_matinee/faults';

/** What a fault does, by what it hits: {action: sentence}. */
export const ACTIONS = {
  'Calls that come in': {
    error: 'answered with an error, and not done',
    latency: 'done later',
    timeout: 'done, and never answered',
    reset: 'not done, and the connection is reset',
    'lost-reply': 'done, and the connection is reset instead of a reply',
  },
  'Deliveries to queues, functions and other targets': {
    delay: 'handed over later',
    reorder: 'handed over up to a second late, so that others overtake it',
    duplicate: 'handed over twice',
    refuse: 'refused by the target, and tried again',
    'lost-ack': 'taken by the target, and tried again all the same',
  },
  'Calls of functions': {
    throttle: 'refused: no capacity is left',
    'crash-before': 'failed before any code of the function has run',
    'crash-after': 'failed after the code has run to its end',
  },
};

const [, DELIVERIES, FUNCTIONS] = Object.keys(ACTIONS);

export const needsLatency = (action) => ['latency', 'delay'].includes(action);
export const mayHaveLatency = (action) => needsLatency(action) || action === 'reorder';

/** {Faults, Seed} */
export async function readFaults() {
  const {Faults = [], Seed} = await insight('GET', FAULTS);
  return {Faults, Seed};
}

/** Members that are empty are left out. -> {Fault, Seed} */
export function addFault(rule) {
  const given = Object.entries(rule).filter(([, value]) => value !== '' && value !== undefined);
  return insight('POST', FAULTS, {body: Object.fromEntries(given)});
}

/** One, or all without an id. */
export const clearFaults = (id) => insight('DELETE', FAULTS, {query: {id}});

/** The command that adds the same fault. */
export function commandOf(rule) {
  const names = {Error: 'error', Status: 'status', Message: 'message', Latency: 'latency',
    Service: 'service', Operation: 'operation', Resource: 'resource', Caller: 'caller',
    Probability: 'probability', Every: 'every', Times: 'times', Seed: 'seed'};
  const words = Object.entries(names)
    .filter(([name]) => rule[name] !== undefined && rule[name] !== '')
    .map(([name, option]) => `--${option} '${String(rule[name]).replaceAll("'", "'\\''")}'`);
  return ['matinee faults add', rule.Action, ...words].join(' ');
}

const PRINCIPALS = {sns: 'sns.amazonaws.com', events: 'events.amazonaws.com',
  s3: 's3.amazonaws.com', scheduler: 'scheduler.amazonaws.com'};

/** Which faults an edge of the map may have: {actions, rule}, or null where nothing is handed over
 * on it. `rule` has the members that let a fault hit this edge. */
export function faultsOfEdge({from, to, isDeadLetter}) {
  const source = serviceOf(from);
  const target = wholeOf(to);
  if (isDeadLetter || !to.startsWith('arn:')) return null;
  if (PRINCIPALS[source] && !target.includes(':rule/'))
    return {actions: ACTIONS[DELIVERIES], rule: {Resource: target, Caller: PRINCIPALS[source]}};
  if (['sqs', 'dynamodb'].includes(source) && serviceOf(target) === 'lambda')
    return {actions: ACTIONS[FUNCTIONS], rule: {Resource: target}};
  return null;
}

/** Those of the faults in force that were switched on at that edge. */
export function faultsOn(edge, faults) {
  const {actions, rule} = faultsOfEdge(edge) ?? {};
  if (!rule) return [];
  return faults.filter((fault) => fault.Action in actions && fault.Resource === rule.Resource &&
    (fault.Caller ?? '') === (rule.Caller ?? ''));
}
