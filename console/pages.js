// All pages: a line each, sorted by their address. `navigation` is the list at the side, each with
// the letter that follows g; `bars` stand above every page.
import {route} from './core/router.js';
import * as journey from './pages/journey.js';
import * as journeys from './pages/journeys.js';
import * as login from './pages/login.js';
import * as map from './pages/map.js';
import * as queue from './pages/queue.js';
import * as queues from './pages/queues.js';
import * as search from './pages/search.js';

/** {title, address, letter, also}: `also` are further beginnings of addresses of the same kind. */
export const navigation = [
  {title: 'Map', address: '#/', letter: 'm'},
  {title: 'Journeys', address: '#/journeys', letter: 'j', also: ['#/journey']},
  {title: 'Queues', address: '#/queues', letter: 'q'},
];

/** Each is {render(container) -> nothing}: rendered once, above all pages. */
export const bars = [];

route('#/', map);
route('#/journey/:id', journey);
route('#/journeys', journeys);
route('#/login', login);
route('#/queues', queues);
route('#/queues/:name', queue);
route('#/search/:id', search);
