// Work that follows what somebody writes.

const PAUSE = 250;  // milliseconds without a key before it is tried

/** {now, later, end} for `attempt(isLatest)`, which is called at once, or when no key was pressed
 * for a while. isLatest() is false as soon as there is a newer attempt, or after end(): what it
 * found counts no more. */
export function attempts(attempt) {
  let round = 0;
  let timer;
  const now = () => {
    round += 1;
    const mine = round;
    return attempt(() => mine === round);
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(now, PAUSE);
  };
  const end = () => {
    round += 1;
    clearTimeout(timer);
  };
  return {now, later, end};
}
