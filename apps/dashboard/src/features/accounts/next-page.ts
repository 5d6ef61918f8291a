/**
 * Where to go after signing in: a page of ours, or the start. What names another site is not followed, in whatever way it
 * is written.
 */
export function nextPage(asked: string | string[] | undefined): string {
  if (typeof asked !== 'string' || !asked.startsWith('/')) return '/';
  const here = 'http://here.invalid';
  const url = URL.parse(asked, here);
  return url?.origin === here ? `${url.pathname}${url.search}` : '/';
}
