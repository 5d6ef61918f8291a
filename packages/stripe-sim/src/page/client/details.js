import { byId, h } from 'sim/dom';

/** Opens the dialog with a heading and parts. Escape and the button close it; the focus goes back by itself. */
export function showDetails(title, ...parts) {
  const dialog = byId('details');
  dialog.replaceChildren(
    h(
      'div',
      { class: 'head' },
      h('h2', { id: 'details-title' }, title),
      h('button', { type: 'button', onclick: () => dialog.close() }, 'Close'),
    ),
    h('div', { class: 'body' }, ...parts),
  );
  if (!dialog.open) dialog.showModal();
}

export function closeDetails() {
  byId('details').close();
}

/** Names and values; a value of null or undefined is left out. */
export function facts(pairs) {
  return h(
    'dl',
    { class: 'facts' },
    ...pairs
      .filter(([, value]) => value !== null && value !== undefined)
      .flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]),
  );
}

export function json(heading, value) {
  return h('section', {}, h('h3', {}, heading), h('pre', { tabindex: '0' }, JSON.stringify(value, null, 2)));
}
