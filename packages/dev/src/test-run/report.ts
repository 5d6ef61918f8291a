import pc from 'picocolors';
import type { Result } from './result.ts';

/** One line for each finished job. On a terminal it is followed by a line that says what is running, which the next one overwrites. */
export class Progress {
  readonly #total: number;
  readonly #running = new Set<string>();
  readonly #live: boolean;
  #done = 0;
  #failed = 0;

  constructor(total: number) {
    this.#total = total;
    this.#live = process.stdout.isTTY === true;
  }

  started(title: string): void {
    this.#running.add(title);
    this.#draw();
  }

  finished(result: Result): void {
    this.#running.delete(result.title);
    this.#done += 1;
    this.#failed += result.failures.length;
    this.#erase();
    console.log(line(result));
    this.#draw();
  }

  again(title: string): void {
    this.#erase();
    console.log(`Once more, alone: ${title}`);
  }

  ranAgain(result: Result): void {
    console.log(line(result));
  }

  end(): void {
    this.#erase();
  }

  #draw(): void {
    if (!this.#live) return;
    const failed = this.#failed > 0 ? pc.red(`, ${this.#failed} failed`) : '';
    const names = [...this.#running].join(', ');
    const text = `${this.#done} of ${this.#total}${failed} … ${names}`;
    process.stdout.write(`\r\x1b[2K${text.slice(0, (process.stdout.columns ?? 80) - 1)}`);
  }

  #erase(): void {
    if (this.#live) process.stdout.write('\r\x1b[2K');
  }
}

function line(result: Result): string {
  const sign = result.failures.length > 0 ? pc.red('✖') : pc.green('✔');
  const counts = [
    `${result.passed} passed`,
    ...(result.failures.length > 0 ? [`${result.failures.length} failed`] : []),
    ...(result.skips.length > 0 ? [`${result.skips.length} skipped`] : []),
  ].join(', ');
  return `${sign} ${result.title} ${pc.dim(`${counts} (${result.seconds.toFixed(1)} s)`)}`;
}

/** Skips with their reasons, failures with all that is known, and as the very last line the counts. */
export function printSummary(results: Result[]): void {
  const skips = results.flatMap((result) => result.skips);
  const failures = results.flatMap((result) => result.failures);
  if (skips.length > 0) console.log(`\n${pc.bold('Skipped')}`);
  for (const { name, reason, file } of skips) console.log(`  ${name}\n    ${pc.dim(`${file}: ${reason}`)}`);
  const shaky = results.flatMap((result) => result.failedBesideOthers ?? []);
  if (shaky.length > 0) console.log(`\n${pc.bold('Failed beside others and passed alone; somebody has to look')}`);
  for (const { file, name, details } of shaky) {
    console.log(`\n${pc.yellow('!')} ${name}\n  ${pc.dim(file)}\n${indent(details)}`);
  }
  if (failures.length > 0) console.log(`\n${pc.bold('Failed')}`);
  for (const { file, name, details } of failures) {
    console.log(`\n${pc.red('✖')} ${name}\n  ${pc.dim(file)}\n${indent(details)}`);
  }
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const skipped = skips.length > 0 ? `, ${skips.length} skipped` : '';
  console.log(`\n${passed} passed, ${failures.length} failed${skipped}`);
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((each) => `  ${each}`)
    .join('\n');
}
