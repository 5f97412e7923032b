// The first page: what there is, and what goes on between it.
import {h} from '../core/dom.js';

export const title = 'Map';

export function render(container) {
  container.append(h('h1', {}, 'Map'));
}
