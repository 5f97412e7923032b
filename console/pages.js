// All pages: a line each, sorted by their address. `navigation` is the list at the side, each with
// the letter that follows g; `bars` stand above every page.
import {route} from './core/router.js';
import * as bucket from './pages/bucket.js';
import * as buckets from './pages/buckets.js';
import * as clockBar from './pages/clock_bar.js';
import * as faults from './pages/faults.js';
import * as oneFunction from './pages/function.js';
import * as functions from './pages/functions.js';
import * as jobs from './pages/jobs.js';
import * as journey from './pages/journey.js';
import * as journeys from './pages/journeys.js';
import * as lab from './pages/lab.js';
import * as login from './pages/login.js';
import * as map from './pages/map.js';
import * as queue from './pages/queue.js';
import * as queues from './pages/queues.js';
import * as rule from './pages/rule.js';
import * as rules from './pages/rules.js';
import * as search from './pages/search.js';
import * as snapshots from './pages/snapshots.js';
import * as stack from './pages/stack.js';
import * as stacks from './pages/stacks.js';
import * as oneTable from './pages/table.js';
import * as tables from './pages/tables.js';
import * as topic from './pages/topic.js';
import * as topics from './pages/topics.js';

/** {title, address, letter, also}: `also` are further beginnings of addresses of the same kind. */
export const navigation = [
  {title: 'Map', address: '#/', letter: 'm'},
  {title: 'Journeys', address: '#/journeys', letter: 'j', also: ['#/journey']},
  {title: 'Queues', address: '#/queues', letter: 'q'},
  {title: 'Topics', address: '#/topics', letter: 'o'},
  {title: 'Rules', address: '#/rules', letter: 'r'},
  {title: 'Pattern lab', address: '#/lab', letter: 'p'},
  {title: 'Functions', address: '#/functions', letter: 'f'},
  {title: 'Buckets', address: '#/buckets', letter: 'b'},
  {title: 'Tables', address: '#/tables', letter: 't'},
  {title: 'Stacks', address: '#/stacks', letter: 's'},
  {title: 'Jobs', address: '#/jobs', letter: 'w'},
  {title: 'Faults', address: '#/faults', letter: 'x'},
  {title: 'Snapshots', address: '#/snapshots', letter: 'h'},
];

/** Each is {render(container) -> nothing}: rendered once, above all pages. */
export const bars = [clockBar];

route('#/', map);
route('#/buckets', buckets);
route('#/buckets/:name', bucket);
route('#/faults', faults);
route('#/functions', functions);
route('#/functions/:name', oneFunction);
route('#/jobs', jobs);
route('#/journey/:id', journey);
route('#/journeys', journeys);
route('#/lab', lab);
route('#/login', login);
route('#/queues', queues);
route('#/queues/:name', queue);
route('#/rules', rules);
route('#/rules/:bus/:name', rule);
route('#/search/:id', search);
route('#/snapshots', snapshots);
route('#/stacks', stacks);
route('#/stacks/:name', stack);
route('#/tables', tables);
route('#/tables/:name', oneTable);
route('#/topics', topics);
route('#/topics/:name', topic);
