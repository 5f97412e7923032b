// All pages: a line each, sorted by their address. `navigate` lines are the list at the side, with
// the letter that follows g; `bars` stand above every page.
import {route} from './core/router.js';
import * as home from './pages/map.js';

/** {title, address, letter, also}: `also` are further beginnings of addresses of the same kind. */
export const navigation = [
  {title: 'Map', address: '#/', letter: 'm'},
];

/** Each is {render(container) -> nothing}: rendered once, above all pages. */
export const bars = [];

route('#/', home);
