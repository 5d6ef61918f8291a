import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { launchChromium } from '@seatbelt/dev/chromium';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';

export interface PageOptions {
  readonly width?: number;
  readonly height?: number;
  readonly theme?: 'light' | 'dark';
  /** Where the visitor is; Lisbon unless said. */
  readonly timezone?: string;
}

/** A browser for one test file. */
export async function openBrowser(): Promise<OpenBrowser> {
  return new OpenBrowser(await launchChromium());
}

export class OpenBrowser {
  readonly #browser: Browser;
  /** Of visitors who have left, by what they were like. */
  readonly #left = new Map<string, BrowserContext[]>();

  constructor(browser: Browser) {
    this.#browser = browser;
  }

  /**
   * A visitor of their own: no cookies, nothing remembered by the page. What somebody like them has downloaded and compiled
   * before them is there, as it is on a second visit. Fails the test by throwing when the page reports an error.
   */
  async page(url: string, options: PageOptions = {}): Promise<Page> {
    const like: BrowserContextOptions = {
      viewport: { width: options.width ?? 1280, height: options.height ?? 900 },
      colorScheme: options.theme ?? 'light',
      locale: 'en-US',
      timezoneId: options.timezone ?? 'Europe/Lisbon',
      reducedMotion: 'reduce',
    };
    const left = this.#left.get(JSON.stringify(like)) ?? [];
    this.#left.set(JSON.stringify(like), left);
    const context = left.pop() ?? (await this.#browser.newContext(like));
    await context.clearCookies();
    const page = await context.newPage();
    await forget(page, url);
    page.on('close', () => void left.push(context));
    page.setDefaultTimeout(30_000);
    page.on('pageerror', (error) => {
      throw error;
    });
    await page.goto(url);
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}

/** Whatever pages of that origin have kept in the browser, downloads apart. */
async function forget(page: Page, url: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const storageTypes = 'local_storage,indexeddb,websql,service_workers,cache_storage';
  await session.send('Storage.clearDataForOrigin', { origin: new URL(url).origin, storageTypes });
  await session.detach();
}

/** The card of that title. */
export function card(page: Page, title: string): Locator {
  return page.getByRole('region', { name: title });
}

/** Waits until the latest change is said to be in that stage. */
export async function stage(page: Page, name: string): Promise<void> {
  await page.locator(`[data-stage="${name}"]`).waitFor();
}

/** Waits until the two sides stand like that: `meet`, `apart`, `open` or `unknown`. */
export async function agreement(page: Page, name: string): Promise<void> {
  await page.locator(`[data-agreement="${name}"]`).waitFor();
}

/** Keeps the answers to what the page posts there from arriving until it is told to let them. The server has done it by then. */
export async function holdAnswers(page: Page, path: RegExp): Promise<{ letGo(): void }> {
  const { promise, resolve } = Promise.withResolvers<void>();
  await page.route(path, async (route) => {
    if (route.request().method() !== 'POST') return route.fallback();
    const response = await route.fetch();
    await promise;
    await route.fulfill({ response });
  });
  return { letGo: () => resolve() };
}

/** Keeps the scripts of pages that are opened from now on from arriving: what the server rendered is there, and nothing listens. */
export async function holdScripts(page: Page): Promise<{ letGo(): void }> {
  const { promise, resolve } = Promise.withResolvers<void>();
  await page.route('**/_next/static/**/*.js', async (route) => {
    await promise;
    await route.continue();
  });
  return { letGo: () => resolve() };
}

/** One of the four numbers of the meter. */
export async function count(page: Page, name: 'assigned' | 'reserved' | 'available' | 'purchased'): Promise<number> {
  return Number(await page.locator(`[data-count="${name}"]`).textContent());
}

/** Waits until one of the four numbers is that. */
export async function counted(
  page: Page,
  name: 'assigned' | 'reserved' | 'available' | 'purchased',
  value: number,
): Promise<void> {
  await page.locator(`[data-count="${name}"]:visible`, { hasText: new RegExp(`^${value}$`) }).waitFor();
}

/** Asks for that number of seats by direct entry. */
export async function changeSeats(page: Page, to: number): Promise<void> {
  const input = page.getByRole('spinbutton', { name: 'Number of seats' });
  await input.fill(String(to));
  await priced(page);
  await page.getByRole('button', { name: `Change to ${to}`, exact: true }).click();
}

/** Waits until the choice has its price, or the word that nobody can say it now. */
export async function priced(page: Page): Promise<void> {
  await page.locator('[data-price="quoted"], [data-price="unknown"]').waitFor();
}

const axeSource = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

/** What axe finds on the page, short enough to read in a failed test. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  const { violations: found } = await page.evaluate(() =>
    (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  );
  return found.flatMap((violation) =>
    violation.nodes.map((node) => `${violation.id}: ${node.failureSummary} ${node.html.slice(0, 200)}`),
  );
}

/** How far the page can be scrolled sideways, in pixels; 0 on a page that fits. */
export function sideways(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
