import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { testDatabase } from '@seatbelt/dev/test-database';
import { startStripeSim } from '@seatbelt/stripe-sim';

test('the embedding example of the README runs as it stands, on an empty database', async () => {
  await using database = await testDatabase({ template: 'empty' });
  const sim = await startStripeSim();
  try {
    const { subscription } = await sim.admin.createDemoSubscription({ quantity: 10 });
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [fileURLToPath(new URL('../examples/embed.ts', import.meta.url))],
      {
        env: {
          ...process.env,
          DATABASE_URL: database.url,
          STRIPE_SECRET_KEY: 'sk_test_example',
          STRIPE_API_BASE: `http://127.0.0.1:${sim.port}`,
          SUBSCRIPTION: subscription.id,
        },
      },
    );
    assert.equal(stdout.trim(), 'You have 12 seats.');
    assert.equal(sim.truth().subscriptions[0]?.items.data[0]?.quantity, 12);
  } finally {
    await sim.close();
  }
});
