/**
 * Makes an element. Attributes that start with `on` are listeners; `null`, `undefined` and `false` leave an attribute
 * or a child out. Text is always set as text, never as HTML, because paths and keys come from whoever calls.
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'value') element.value = value;
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function byId(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`The page has no element #${id}.`);
  return element;
}

/**
 * Puts new children into a container only when `signature` says that they changed, so that polling neither moves the
 * focus away from the row a keyboard user is on nor closes a list that is being read.
 */
const signatures = new WeakMap();
export function fill(container, signature, children) {
  if (signatures.get(container) === signature) return;
  signatures.set(container, signature);
  const focused = container.contains(document.activeElement) ? document.activeElement.dataset.row : undefined;
  container.replaceChildren(...children());
  if (focused !== undefined) container.querySelector(`[data-row="${CSS.escape(focused)}"]`)?.focus();
}

export function pill(text, tone) {
  return h('span', { class: tone === undefined ? 'pill' : `pill ${tone}` }, text);
}

export function empty(sentence, ...more) {
  return h('div', { class: 'empty' }, h('p', {}, sentence), ...more);
}

let toastTimer;
export function toast(sentence) {
  const element = byId('toast');
  element.textContent = sentence;
  element.classList.add('shown');
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => element.classList.remove('shown'), 4000);
}
