import { act, control } from 'sim/control';
import { byId, fill, h, pill } from 'sim/dom';
import { FAULT_GROUPS, faultLabel, HOLDING } from 'sim/fault-kinds';
import { count } from 'sim/format';

const ANY_ROUTE = '';
/** Routes that seat billing uses most; those that were called are added to them. */
const COMMON_ROUTES = [
  'POST /v1/subscriptions/:id',
  'POST /v1/subscription_items/:id',
  'GET /v1/subscriptions/:id',
  'POST /v1/invoices/create_preview',
];

/** Builds the form once; polling only adds routes to it. */
export function setUpFaultForm() {
  const form = byId('fault-form');
  const kind = h(
    'select',
    { name: 'kind' },
    ...FAULT_GROUPS.map((group) =>
      h(
        'optgroup',
        { label: group.name },
        ...Object.entries(group.kinds).map(([value, [label]]) => h('option', { value }, label)),
      ),
    ),
  );
  kind.value = 'drop_after';
  const help = h('p', { class: 'help', id: 'fault-help' });
  kind.setAttribute('aria-describedby', 'fault-help');
  const delay = field('Delay in ms (empty: until released)', h('input', { name: 'delayMs', inputmode: 'numeric' }));
  const problem = h('p', { class: 'problem', role: 'alert', hidden: true });
  const explain = () => {
    const found = FAULT_GROUPS.flatMap((group) => Object.entries(group.kinds)).find(([name]) => name === kind.value);
    help.textContent = found === undefined ? '' : found[1][1];
    delay.hidden = !HOLDING.has(kind.value);
  };
  kind.addEventListener('change', explain);
  form.append(
    field('What goes wrong', kind),
    help,
    field('Where', h('select', { name: 'route', id: 'fault-route' }, ...routeOptions([]))),
    field(
      'Only for this object or key',
      h('input', { name: 'target', placeholder: 'sub_…, si_…, cus_… or a key', spellcheck: 'false' }),
    ),
    h(
      'div',
      { class: 'pair' },
      field('Which one (nth)', h('input', { name: 'nth', placeholder: 'next', inputmode: 'numeric' })),
      field('How often', h('input', { name: 'times', value: '1', list: 'fault-times' })),
    ),
    h(
      'datalist',
      { id: 'fault-times' },
      h('option', { value: '1' }),
      h('option', { value: '3' }),
      h('option', { value: 'always' }),
    ),
    delay,
    h(
      'div',
      { class: 'pair' },
      field('Chance', h('input', { name: 'probability', value: '1', inputmode: 'decimal' })),
      field(
        'Stripe-Should-Retry',
        h(
          'select',
          { name: 'retry' },
          h('option', { value: '' }, 'as Stripe sends it'),
          h('option', { value: 'true' }, 'true'),
          h('option', { value: 'false' }, 'false'),
        ),
      ),
    ),
    problem,
    h('button', { class: 'primary' }, 'Arm'),
  );
  explain();
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    try {
      const rule = ruleFrom(new FormData(form));
      problem.hidden = true;
      arm(rule);
    } catch (failure) {
      problem.textContent = failure.message;
      problem.hidden = false;
    }
  });
  for (const button of document.querySelectorAll('[data-fault]')) {
    button.addEventListener('click', () => arm({ kind: button.dataset.fault, match: { method: 'POST' } }));
  }
}

function field(label, control) {
  return h('label', {}, label, control);
}

/** The rule that the form describes. Throws with a sentence for the person when a number is not one. */
function ruleFrom(data) {
  const text = (name) => String(data.get(name) ?? '').trim();
  const rule = { kind: text('kind') };
  const match = {};
  if (text('route') !== ANY_ROUTE) match.route = text('route');
  if (text('target') !== '') match[/^[a-z]+_\w+$/.test(text('target')) ? 'object' : 'key'] = text('target');
  if (text('nth') !== '') match.nth = wholeNumber(text('nth'), 'Which one');
  if (Object.keys(match).length > 0) rule.match = match;
  rule.times = text('times') === 'always' ? null : wholeNumber(text('times'), 'How often');
  if (HOLDING.has(rule.kind) && text('delayMs') !== '') rule.delayMs = wholeNumber(text('delayMs'), 'The delay');
  const probability = Number(text('probability'));
  if (!(probability > 0 && probability <= 1)) throw new Error('The chance is a number above 0 and at most 1.');
  if (probability < 1) rule.probability = probability;
  if (text('retry') !== '') rule.shouldRetryHeader = text('retry') === 'true';
  return rule;
}

function wholeNumber(text, name) {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`${name} is a whole number from 1 up.`);
  return Number(text);
}

export function arm(rule) {
  return act(`Armed: ${faultLabel(rule.kind)}`, () => control('POST', 'faults', rule));
}

/** Fills in the form for requests like this one and takes the person there. */
export function prepareFaultFor(entry) {
  const form = byId('fault-form');
  const route = byId('fault-route');
  if (entry.route !== null && ![...route.options].some((option) => option.value === entry.route)) {
    route.append(h('option', { value: entry.route }, entry.route));
  }
  route.value = entry.route ?? ANY_ROUTE;
  form.scrollIntoView({ block: 'center' });
  form.elements.kind.focus();
}

function routeOptions(called) {
  const routes = [...new Set([...COMMON_ROUTES, ...called])].sort();
  return [
    h('option', { value: ANY_ROUTE }, 'any request'),
    ...routes.map((route) => h('option', { value: route }, route)),
  ];
}

export function showFaults(state) {
  const called = [...new Set(state.requests.map((entry) => entry.route).filter((route) => route !== null))];
  const select = byId('fault-route');
  const chosen = select.value;
  fill(select, called.join(), () => routeOptions(called));
  select.value = chosen;
  const armed = state.faults.filter((fault) => fault.times === null || fault.struck < fault.times || fault.holding > 0);
  fill(byId('armed'), JSON.stringify(armed), () => [
    armed.length === 0
      ? h('p', { class: 'quiet' }, 'Nothing. Every request is answered as Stripe would.')
      : armedList(armed),
  ]);
  const outage = armed.some(isOutage);
  byId('outage').setAttribute('aria-pressed', String(outage));
}

/** An outage is a rule like any other: every request is lost until it is removed. */
export function isOutage(fault) {
  return fault.kind === 'drop_before' && fault.times === null && fault.match === undefined;
}

function armedList(armed) {
  return h(
    'ul',
    { class: 'armed' },
    ...armed.map((fault) =>
      h(
        'li',
        {},
        h('div', { class: 'line' }, h('strong', {}, faultLabel(fault.kind)), progressOf(fault)),
        h('code', { class: 'quiet' }, whereOf(fault)),
        h(
          'div',
          { class: 'line' },
          fault.holding > 0 &&
            h(
              'button',
              { type: 'button', onclick: () => release(fault) },
              `Release ${count(fault.holding, 'request')}`,
            ),
          h('button', { type: 'button', onclick: () => disarm(fault) }, 'Disarm'),
        ),
      ),
    ),
    h('li', {}, h('button', { type: 'button', onclick: disarmAll }, 'Disarm all')),
  );
}

function progressOf(fault) {
  if (fault.holding > 0) return pill(`holds ${fault.holding}`, 'warn');
  return pill(fault.times === null ? `struck ${fault.struck}, goes on` : `struck ${fault.struck} of ${fault.times}`);
}

function whereOf(fault) {
  const parts = Object.entries(fault.match ?? {}).map(([name, value]) => `${name} ${value}`);
  if (fault.delayMs !== undefined) parts.push(`${fault.delayMs} ms`);
  if (fault.probability !== undefined) parts.push(`chance ${fault.probability}`);
  return parts.length === 0 ? 'any request' : parts.join(', ');
}

const release = (fault) => act('Released', () => control('POST', `faults/${fault.id}/release`));
const disarm = (fault) => act('Disarmed', () => control('DELETE', `faults/${fault.id}`));
const disarmAll = () => act('Disarmed all', () => control('DELETE', 'faults'));
