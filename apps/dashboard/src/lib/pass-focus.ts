/**
 * Gives the focus on when what has it goes away; otherwise a keyboard begins again at the top of the page. Whoever has gone
 * elsewhere meanwhile is left there.
 */
export function passFocus(going: Element | null, to: HTMLElement | null | undefined): void {
  const { activeElement, body } = document;
  if (activeElement === null || activeElement === body || going?.contains(activeElement)) to?.focus();
}
