// Invocations as a function's log tells them: which lines are whose.

const START = /^START RequestId: (\S+)/;
const REPORT = /^REPORT RequestId: (\S+)/;

function numberOf(text, name) {
  const found = new RegExp(`(?:^|\\t)${name}: ([\\d.]+) `).exec(text);
  return found ? Number(found[1]) : null;
}

function newInvocation(id, event) {
  return {id, time: event.timestamp, stream: event.logStreamName, lines: [], duration: null,
    memory: null, init: null, status: 'running'};
}

function finish(invocation, text) {
  invocation.duration = numberOf(text, 'Duration');
  invocation.memory = numberOf(text, 'Max Memory Used');
  invocation.init = numberOf(text, 'Init Duration');
  const status = /\tStatus: (\w+)/.exec(text)?.[1];
  invocation.status = status ?? 'success';
}

/** Events of a log group, in their order -> {invocations: the newest first, [{id, time, stream,
 * lines, duration, memory, init (of cold starts), status}], instances: [{stream, calls, last}]}.
 * What an instance says between two calls belongs to the one that follows. */
export function invocationsOf(events) {
  const invocations = [];
  const streams = new Map();  // name -> {current, early lines, calls, last}
  for (const event of events) {
    const text = event.message.replace(/\n$/, '');
    if (!streams.has(event.logStreamName))
      streams.set(event.logStreamName, {current: null, early: [], calls: 0, last: 0});
    const stream = streams.get(event.logStreamName);
    stream.last = event.timestamp;
    const [, started] = START.exec(text) ?? [];
    if (started) {
      stream.current = newInvocation(started, event);
      stream.current.lines.push(...stream.early);
      stream.early = [];
      stream.calls += 1;
      invocations.push(stream.current);
    }
    const line = {time: event.timestamp, text};
    if (stream.current) stream.current.lines.push(line);
    else stream.early.push(line);
    if (stream.current && REPORT.test(text)) {
      finish(stream.current, text);
      stream.current = null;
    }
  }
  const instances = [...streams].map(([stream, {calls, last}]) => ({stream, calls, last}));
  return {invocations: invocations.reverse(), instances};
}
