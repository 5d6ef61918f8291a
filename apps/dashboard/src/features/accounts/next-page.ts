/**
 * Where to go after signing in: a page of ours, or the start. What names another site is not followed, in whatever way it
 * is written.
 */
export function nextPage(asked: string | string[] | undefined): string {
  if (typeof asked !== 'string' || !asked.startsWith('/')) return '/';
  const here = 'http://here.invalid';
  const url = URL.parse(asked, here);
  if (url?.origin !== here) return '/';
  const page = `${url.pathname}${url.search}`;
  // Without its dots `/.//elsewhere` is `//elsewhere`, which is a site: what is handed on is read once more, as a browser will.
  return URL.parse(page, here)?.origin === here ? page : '/';
}
