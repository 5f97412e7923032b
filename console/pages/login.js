// The link of `matinee console --login`: takes the credentials on, and forgets where they stood.
import {h} from '../core/dom.js';
import {go} from '../core/router.js';
import {changeSetting} from '../core/session.js';
import {errorBox} from '../core/widgets.js';

export const title = 'Sign in';

export function render(container, {query}) {
  container.append(h('h1', {}, 'Sign in'));
  const text = (query.get('with') ?? '').replaceAll('-', '+').replaceAll('_', '/');
  try {
    const credentials = JSON.parse(atob(text));
    for (const name of ['accessKeyId', 'secretAccessKey', 'sessionToken'])
      changeSetting(name, credentials[name]);
  } catch {
    container.append(errorBox({code: 'Unreadable',
      message: 'The link is not whole: copy it again.'}));
    return;
  }
  history.replaceState(null, '', '#/');
  go('#/');
}
