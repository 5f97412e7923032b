// What happens, as it happens: one stream of server-sent events for the whole page, open while
// somebody listens. It is read by fetch, because an EventSource cannot sign what it asks for.
import {openInsight} from './api.js';
import {onSetting} from './session.js';

const listeners = new Set();
const statusListeners = new Set();
let open = null;  // AbortController of the stream
let status = 'idle';
let pause = 500;
let isOff = false;

function tell(next) {
  status = next;
  for (const listener of statusListeners) listener(status);
}

/** `listener('live' | 'connecting' | 'lost' | 'idle' | 'off')`, now and whenever it changes. */
export function onLiveStatus(listener) {
  statusListeners.add(listener);
  listener(status);
  return () => statusListeners.delete(listener);
}

/** `listener({hops, edges, last})`: a sample of hops as /_matinee/trace has them; for each edge
 * {Kind, Resource, Peer, Count} how many there were; and the number of the last hop. Returns the
 * function that ends it. */
export function onHops(listener) {
  listeners.add(listener);
  if (!open && !isOff) read();
  return () => {
    listeners.delete(listener);
    // A page that follows at once shall not have to connect anew.
    setTimeout(() => {
      if (listeners.size === 0 && open) open.abort();
    }, 1000);
  };
}

/** Calls `read` where hops have come since it was called last: once in `pause` milliseconds at
 * most, and only while the page is seen and `isWanted`. Returns the function that ends it. */
export function readAfterHops(read, pause, isWanted = () => true) {
  let isDue = false;
  const stop = onHops(() => {
    isDue = true;
  });
  const timer = setInterval(() => {
    if (!isDue || document.hidden || !isWanted()) return;
    isDue = false;
    read();
  }, pause);
  return () => {
    stop();
    clearInterval(timer);
  };
}

function dispatch(event) {
  const data = event.split('\n').filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).trim()).join('\n');
  if (!data) return;
  const piece = JSON.parse(data);
  const told = {hops: piece.Hops ?? [], edges: piece.Edges ?? [], last: piece.Last};
  for (const listener of listeners) listener(told);
}

async function pump(controller) {
  const response = await openInsight('/_matinee/events', controller.signal);
  tell('live');
  pause = 500;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const {value, done} = await reader.read();
    if (done) return;
    const events = (rest + value).split('\n\n');
    rest = events.pop();
    events.forEach(dispatch);
  }
}

async function read() {
  const controller = new AbortController();
  open = controller;
  tell('connecting');
  try {
    await pump(controller);
  } catch (error) {
    if (error.name !== 'AbortError') console.warn(`events: ${error.message}`);
    isOff = error.status === 501;  // there is no journal
  }
  open = null;
  if (isOff) return tell('off');
  if (listeners.size === 0) return tell('idle');
  tell('lost');
  setTimeout(() => {
    if (!open && listeners.size > 0) read();
  }, pause);
  pause = Math.min(pause * 2, 8000);
}

onSetting((name) => {
  if (name === 'accessKeyId' && open) open.abort();
});
