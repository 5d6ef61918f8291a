/** Light or dark: what the visitor chose, or else what their system says. */

/** Where the browser keeps the choice. Without one there is nothing there, and the system decides. */
const kept = 'theme';

/**
 * Sets the theme before the first paint. It is written into the page as text, so that it runs before any script has been
 * fetched; a browser that forbids the storage has the system's theme.
 */
export const themeAtFirst = `(() => {
  let chosen = null;
  try { chosen = localStorage.getItem('${kept}'); } catch {}
  const dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.classList.toggle('dark', dark);
})();`;

/** The other theme from now on, on this browser. */
export function switchTheme(): void {
  const dark = !document.documentElement.classList.contains('dark');
  show(dark);
  try {
    localStorage.setItem(kept, dark ? 'dark' : 'light');
  } catch (error) {
    // Storage that is forbidden or full: the choice holds for this page and is not remembered.
    if (!(error instanceof DOMException)) throw error;
  }
}

/** Follows the system while nothing is chosen, and what is chosen in another tab. @returns how to stop it */
export function followTheme(): () => void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const follow = () => {
    const chosen = choice();
    show(chosen === null ? system.matches : chosen === 'dark');
  };
  system.addEventListener('change', follow);
  window.addEventListener('storage', follow);
  return () => {
    system.removeEventListener('change', follow);
    window.removeEventListener('storage', follow);
  };
}

function choice(): 'light' | 'dark' | null {
  try {
    const chosen = localStorage.getItem(kept);
    return chosen === 'light' || chosen === 'dark' ? chosen : null;
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    return null;
  }
}

/** Everything changes its colour at once: a page whose parts fade one after another looks broken. */
function show(dark: boolean): void {
  const root = document.documentElement;
  if (root.classList.contains('dark') === dark) return;
  root.classList.add('theme-changing');
  root.classList.toggle('dark', dark);
  // Reading a style makes the browser apply the new colours while nothing may fade.
  void getComputedStyle(root).opacity;
  root.classList.remove('theme-changing');
}
