// The link of `matinee console --login`: takes the credentials that wait for it, once.
import {query as ask, xmlText} from '../core/api.js';
import {h, replace} from '../core/dom.js';
import {encode} from '../core/sign.js';
import {go} from '../core/router.js';
import {changeSetting} from '../core/session.js';
import {errorBox} from '../core/widgets.js';

export const title = 'Sign in';

async function take(code) {
  const response = await fetch(`/_matinee/logins/${encode(code)}`, {method: 'POST',
    cache: 'no-store'});
  const reply = await response.json();
  if (!response.ok) throw Object.assign(new Error(reply.message), {code: reply.__type});
  return reply;
}

async function signIn(code) {
  const credentials = await take(code);
  for (const name of ['accessKeyId', 'secretAccessKey', 'sessionToken'])
    changeSetting(name, credentials[name]);
  changeSetting('account', xmlText(await ask('sts', 'GetCallerIdentity'), 'Account'));
}

export function render(container, {query}) {
  const place = h('p', {class: 'soft'}, 'Signing in …');
  container.append(h('h1', {}, 'Sign in'), place);
  signIn(query.get('code') ?? '').then(() => {
    // The code is good for nothing any more, and a page that is read again has nothing to do.
    history.replaceState(null, '', '#/');
    go('#/');
  }, (error) => replace(place, errorBox(error)));
}
