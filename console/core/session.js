// Who the page is to the server, and where it looks: region, access key, theme. Kept for the tab
// (credentials) or for the browser (the rest).

const DEFAULTS = {region: 'us-east-1', theme: '', accessKeyId: 'test', secretAccessKey: 'test',
  sessionToken: '', account: ''};
const OF_THE_TAB = ['accessKeyId', 'secretAccessKey', 'sessionToken', 'account'];
const listeners = new Set();

function storeOf(name) {
  return OF_THE_TAB.includes(name) ? sessionStorage : localStorage;
}

/** `region`, `theme` ('', 'light' or 'dark'), `accessKeyId`, `secretAccessKey`, `sessionToken`,
 * `account` ('' unless somebody has signed in). */
export function setting(name) {
  return storeOf(name).getItem(`matinee.${name}`) ?? DEFAULTS[name];
}

export function changeSetting(name, value) {
  storeOf(name).setItem(`matinee.${name}`, value);
  for (const listener of listeners) listener(name, value);
}

/** Returns the function that ends it. */
export function onSetting(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const region = () => setting('region');

/** The account that the server takes the page for: that of the credentials that somebody has signed
 * in with, or an access key of twelve digits, which is one. */
export function account() {
  if (setting('account')) return setting('account');
  const key = setting('accessKeyId');
  return /^\d{12}$/.test(key) ? key : '000000000000';
}
