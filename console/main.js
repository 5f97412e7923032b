// The frame around all pages: navigation, search, keys, region, theme.
import {h, isTyping, replace} from './core/dom.js';
import {onLiveStatus} from './core/live.js';
import {go, show, start} from './core/router.js';
import {changeSetting, onSetting, region, setting} from './core/session.js';
import {dialog} from './core/widgets.js';
import {bars, navigation} from './pages.js';

const REGIONS = ['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'af-south-1', 'ap-east-1',
  'ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3', 'ap-south-1', 'ap-southeast-1',
  'ap-southeast-2', 'ca-central-1', 'eu-central-1', 'eu-north-1', 'eu-south-1', 'eu-west-1',
  'eu-west-2', 'eu-west-3', 'me-south-1', 'sa-east-1'];

const find = (id) => document.getElementById(id);

function showNavigation() {
  replace(find('nav'), h('ul', {}, navigation.map(({title, address, letter}) => h('li', {},
    h('a', {href: address, 'data-address': address}, title,
      h('kbd', {'aria-hidden': 'true'}, letter))))));
}

/** Marks the entry whose address the page's own begins with. */
function markNavigation() {
  const here = location.hash || '#/';
  const isAt = (address) => (address === '#/' ? here === '#/' : here === address ||
    here.startsWith(`${address}/`) || here.startsWith(`${address}?`));
  const entry = navigation.find(({address, also = []}) => [address, ...also].some(isAt));
  for (const anchor of find('nav').querySelectorAll('a')) {
    if (anchor.dataset.address === entry?.address) anchor.setAttribute('aria-current', 'page');
    else anchor.removeAttribute('aria-current');
  }
}

function useTheme() {
  const theme = setting('theme');
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

function switchTheme() {
  const isDark = setting('theme') === 'dark' ||
    (!setting('theme') && matchMedia('(prefers-color-scheme: dark)').matches);
  changeSetting('theme', isDark ? 'light' : 'dark');
  useTheme();
}

function showHelp() {
  const keys = [['/', 'search by any id, name or ARN'], ['?', 'this help'], ['t', 'light or dark'],
    ...navigation.map(({title, letter}) => [`g ${letter}`, title])];
  dialog({title: 'Keys', body: h('dl', {class: 'keys'}, keys.map(([key, what]) =>
    [h('dt', {}, h('kbd', {}, key)), h('dd', {}, what)]))});
}

let isGoing = false;  // g was pressed

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event.target)) {
    if (event.key === 'Escape') event.target.blur();
    return;
  }
  if (document.querySelector('dialog[open]')) return;
  if (isGoing) {
    isGoing = false;
    const entry = navigation.find(({letter}) => letter === event.key);
    if (entry) {
      event.preventDefault();
      go(entry.address);
    }
    return;
  }
  const actions = {'/': () => find('search-id').focus(), '?': showHelp, t: switchTheme,
    g: () => {
      isGoing = true;
      setTimeout(() => {
        isGoing = false;
      }, 1500);
    }};
  if (!actions[event.key]) return;
  event.preventDefault();
  actions[event.key]();
}

function useRegions() {
  const select = find('region');
  const all = REGIONS.includes(region()) ? REGIONS : [region(), ...REGIONS];
  replace(select, all.map((name) => h('option', {value: name}, name)));
  select.value = region();
  select.addEventListener('change', () => changeSetting('region', select.value));
  onSetting((name) => {
    if (name === 'region') show();
  });
}

function useLiveStatus() {
  const words = {live: '● live', connecting: '○ connecting', lost: '✕ no connection',
    idle: '○ idle', off: '○ no journal'};
  onLiveStatus((status) => {
    const place = find('live');
    place.textContent = words[status];
    place.dataset.status = status;
  });
}

function begin() {
  useTheme();
  showNavigation();
  useRegions();
  useLiveStatus();
  find('theme').addEventListener('click', switchTheme);
  find('help').addEventListener('click', showHelp);
  find('search').addEventListener('submit', (event) => {
    event.preventDefault();
    const id = find('search-id').value.trim();
    if (id) go(`#/search/${encodeURIComponent(id)}`);
  });
  addEventListener('keydown', onKey);
  for (const bar of bars) bar.render(find('bars'));
  start(find('main'), markNavigation);
}

begin();
