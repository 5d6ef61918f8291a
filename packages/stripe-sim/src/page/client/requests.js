import { facts, json, showDetails } from 'sim/details';
import { empty, h, pill } from 'sim/dom';
import { faultLabel } from 'sim/fault-kinds';
import { prepareFaultFor } from 'sim/faults';
import { moment } from 'sim/format';

export const requests = {
  list: (state) => [...state.requests].reverse(),
  signature: (entry) => `${entry.seq}${entry.phase}${entry.status}`,
  none: () =>
    empty('No requests yet. Point the Stripe SDK at this address (host, port, protocol http) and they appear here.'),
  row: (entry) =>
    h(
      'button',
      { type: 'button', class: 'row request', 'data-row': entry.seq, onclick: () => show(entry) },
      h('span', { class: 'quiet number sequence' }, entry.seq),
      h('code', { class: 'method' }, entry.method),
      h('code', { class: 'path cut', title: entry.path }, entry.path),
      h('span', { class: 'status' }, statusOf(entry)),
      h('span', { class: 'marks' }, ...marksOf(entry)),
      h('code', { class: 'key cut quiet', title: entry.key ?? '' }, entry.key ?? ''),
    ),
};

function statusOf(entry) {
  if (entry.phase !== 'finished') return pill(entry.phase === 'arrived' ? 'waiting' : 'answer waits', 'warn');
  if (entry.status === null) return pill('no answer', 'bad');
  return pill(String(entry.status), entry.status < 300 ? 'good' : entry.status < 500 ? 'warn' : 'bad');
}

function marksOf(entry) {
  const marks = [];
  if (entry.replayed) marks.push(pill('replayed'));
  if (entry.fault !== null) marks.push(pill(entry.fault.split('+').map(faultLabel).join(', '), 'bad'));
  return marks;
}

function show(entry) {
  showDetails(
    `${entry.method} ${entry.path}`,
    facts([
      ['Answer', statusOf(entry)],
      ['Done and kept', entry.executed ? 'yes' : 'no'],
      ['Replayed', entry.replayed ? 'yes, from the idempotency store' : 'no'],
      ['Fault', entry.fault],
      ['Idempotency key', entry.key === null ? null : h('code', {}, entry.key)],
      ['Request id', h('code', {}, entry.requestId)],
      ['Route', entry.route === null ? 'none: unknown URL' : h('code', {}, entry.route)],
      ['At', `${moment(entry.at)} UTC, virtual`],
    ]),
    json('Parameters', entry.params),
    h(
      'div',
      { class: 'actions' },
      h(
        'button',
        {
          type: 'button',
          onclick: (event) => {
            event.target.closest('dialog').close();
            prepareFaultFor(entry);
          },
        },
        'Break the next one like this',
      ),
    ),
  );
}
