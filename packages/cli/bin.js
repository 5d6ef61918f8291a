#!/usr/bin/env node
// The command in the repository, where it is TypeScript. An older Node would say so with a stack; what is published is
// src/bin.ts, built.
if (process.features.typescript) {
  await import('./src/bin.ts');
} else {
  console.error(
    `seatbelt needs Node 22.18 or newer here, and this is ${process.version}. Use npx seatbelt, which takes the Node that npm ci brought.`,
  );
  process.exitCode = 2;
}
