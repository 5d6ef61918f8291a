#!/usr/bin/env node
import { processIo } from './io.ts';
import { run } from './run.ts';

// The code is set and not exited with: what is still on its way to a pipe must arrive.
process.exitCode = await run(process.argv.slice(2), processIo());
