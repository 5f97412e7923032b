// From what a call has written, an item or an object, back to the journey that the call belongs to.
import {insight} from './api.js';
import {h} from './dom.js';
import {go, link} from './router.js';
import {toast} from './dialogs.js';

const MOST = 1000;  // hops of the table or bucket, the newest

/** The journal finds writes by the table or bucket, and tells of those within traces. */
async function findRoot(resource, id) {
  const {Hops = []} = await insight('GET', '/_matinee/trace',
    {query: {resource, 'max-items': MOST}});
  const hop = Hops.findLast((one) => one.Kind === 'wrote' &&
    one.Messages?.some(({Id}) => Id === id));
  return /Root=([^;]+)/.exec(hop?.Trace ?? '')?.[1];
}

/** A button in a dialog that `close` closes. `id` is the journal's name of what was written in the
 * resource, an ARN: a key, or the parts of one with "/" between them. */
export function causeButton({resource, id, close}) {
  const show = async () => {
    const root = await findRoot(resource, id);
    if (!root)
      return toast('The journal knows of no call within a trace that has written this.', 'failed');
    close();
    go(link('journey', root));
  };
  return h('button', {type: 'button', onclick: () => show().catch((error) =>
    toast(error.message, 'failed'))}, 'What caused it');
}
