/** Which of AWS's runtimes the function was written for: the declared one, or else Node.js's. */

const declared = /nodejs(\d+)/.exec(process.env.AWS_EXECUTION_ENV ?? '');

export const major = Number(declared?.[1] ?? process.versions.node.split('.')[0]);
export const hasCallbacks = major < 24;
