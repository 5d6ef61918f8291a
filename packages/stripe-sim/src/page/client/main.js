import { act, control, readAll } from 'sim/control';
import { byId, fill, h } from 'sim/dom';
import { events } from 'sim/events';
import { isOutage, setUpFaultForm, showFaults } from 'sim/faults';
import { count, matcher, moment } from 'sim/format';
import { collected, ledger } from 'sim/ledger';
import { requests } from 'sim/requests';
import { subscriptions } from 'sim/subscriptions';
import { setUpWebhooks, showWebhooks } from 'sim/webhooks';

const POLL_MS = 1000;
/** A look at a large account takes longer; the page must not keep the simulator busier than its users do. */
const REST_FOR_EACH_LOOK = 4;
/** More rows than this are counted and not drawn: a person filters, and a browser stays quick. */
const ROWS_SHOWN = 200;

const TABS = { requests, subscriptions, events, money: ledger };
let tab = 'requests';
let state = null;

async function refresh() {
  const connection = byId('connection');
  try {
    state = await readAll();
    connection.textContent = 'live';
    connection.className = 'pill good';
    draw();
  } catch (failure) {
    connection.textContent = 'not answering';
    connection.className = 'pill bad';
    connection.title = failure.message;
  }
}

function draw() {
  byId('now').textContent = moment(state.now);
  drawViolations(state.violations);
  drawSummary();
  drawTab();
  showFaults(state);
  showWebhooks(state);
}

function drawViolations(violations) {
  const box = byId('violations');
  box.hidden = violations.length === 0;
  fill(box, violations.join('\n'), () => [
    h('strong', {}, `${count(violations.length, 'invariant')} broken`),
    h('ul', {}, ...violations.map((sentence) => h('li', {}, sentence))),
  ]);
}

function drawSummary() {
  const replays = state.requests.filter((entry) => entry.replayed).length;
  const lost = state.requests.filter((entry) => entry.phase === 'finished' && entry.status === null).length;
  const seats = state.subscriptions
    .filter((one) => !['canceled', 'incomplete_expired'].includes(one.status))
    .reduce((sum, one) => sum + one.items.data.reduce((total, item) => total + (item.quantity ?? 0), 0), 0);
  const figures = [
    ['Subscriptions', String(state.subscriptions.length), count(seats, 'seat')],
    ['Requests', String(state.requests.length), `${count(replays, 'replay')}, ${lost} lost`],
    ['Events', String(state.events.length), count(state.deliveries.length, 'delivery', 'deliveries')],
    ['Collected', collected(state.ledger).join(' · ') || '–', ''],
    ['Invariants', state.violations.length === 0 ? 'hold' : 'broken', count(state.violations.length, 'violation')],
  ];
  fill(byId('summary'), JSON.stringify(figures), () =>
    figures.map(([name, value, more]) =>
      h(
        'dl',
        { class: 'figure', style: 'margin: 0' },
        h('dt', {}, name),
        h('dd', {}, value, ' ', h('small', {}, more)),
      ),
    ),
  );
}

function drawTab() {
  const { list, signature, none, row } = TABS[tab];
  const all = list(state);
  const found = all.filter(matcher(byId('search').value));
  const shown = found.slice(0, ROWS_SHOWN);
  byId('shown').textContent = found.length === all.length ? '' : `${found.length} of ${all.length}`;
  fill(byId('view'), `${tab}\n${found.length}\n${shown.map((one) => signature(one, state)).join('\n')}`, () => {
    if (all.length === 0) return [none()];
    if (found.length === 0) return [h('div', { class: 'empty' }, h('p', {}, 'Nothing matches the filter.'))];
    const rows = h('ul', { class: 'rows' }, ...shown.map((one) => h('li', {}, row(one, state))));
    const rest = found.length - shown.length;
    return rest === 0
      ? [rows]
      : [rows, h('p', { class: 'more quiet' }, `and ${count(rest, 'older one')}; use the filter`)];
  });
}

function setUpTabs() {
  const buttons = [...document.querySelectorAll('[role="tab"]')];
  const choose = (button) => {
    tab = button.id.replace('tab-', '');
    for (const one of buttons) {
      one.setAttribute('aria-selected', String(one === button));
      one.tabIndex = one === button ? 0 : -1;
    }
    byId('view').setAttribute('aria-labelledby', button.id);
    if (state !== null) drawTab();
  };
  for (const [index, button] of buttons.entries()) {
    button.addEventListener('click', () => choose(button));
    button.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step === undefined) return;
      const next = buttons[(index + step + buttons.length) % buttons.length];
      next.focus();
      choose(next);
    });
  }
}

function setUpTheme() {
  const root = document.documentElement;
  const remembered = localStorage.getItem('stripe-sim-theme');
  if (remembered !== null) root.dataset.theme = remembered;
  byId('theme').addEventListener('click', () => {
    const dark = root.dataset.theme
      ? root.dataset.theme === 'dark'
      : matchMedia('(prefers-color-scheme: dark)').matches;
    root.dataset.theme = dark ? 'light' : 'dark';
    localStorage.setItem('stripe-sim-theme', root.dataset.theme);
  });
}

function setUpClock() {
  for (const button of document.querySelectorAll('[data-advance]')) {
    button.addEventListener('click', async () => {
      button.disabled = true;
      await act(`Advanced by ${button.textContent.slice(1)}`, () =>
        control('POST', 'clock/advance', JSON.parse(button.dataset.advance)),
      );
      button.disabled = false;
    });
  }
}

setUpTabs();
setUpTheme();
setUpClock();
setUpFaultForm();
setUpWebhooks();
byId('search').addEventListener('input', () => state !== null && drawTab());
byId('outage').addEventListener('click', () => {
  const on = !(state?.faults.some(isOutage) ?? false);
  act(on ? 'Outage: no request is answered' : 'Outage over', () => control('POST', 'faults/outage', { on }));
});
document.addEventListener('sim-changed', refresh);
await poll();

async function poll() {
  const before = performance.now();
  if (!document.hidden) await refresh();
  const took = performance.now() - before;
  setTimeout(poll, Math.max(POLL_MS, took * REST_FOR_EACH_LOOK));
}
