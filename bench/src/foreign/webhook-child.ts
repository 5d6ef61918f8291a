/** Serves the webhook route alone, on one core where the system can bind it: `node webhook-child.ts <database>`. */
import { createServer } from 'node:http';
import Stripe from 'stripe';
import { createSeatbelt } from '../../../packages/engine/src/index.ts';

const [database = ''] = process.argv.slice(2);
const stripe = new Stripe('sk_test_bench', { host: '127.0.0.1', port: 9, protocol: 'http', telemetry: false });
const seatbelt = createSeatbelt({
  db: database,
  stripe,
  environment: 'bench',
  prepare: true,
  webhookSecrets: ['whsec_bench'],
});
const { webhook } = seatbelt.handlers({ authorize: () => null });
const server = createServer((request, response) => {
  if (request.method === 'GET') {
    const { user, system } = process.cpuUsage();
    response.end(String(user + system));
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const incoming = new Request('http://127.0.0.1/api/webhooks/stripe', {
      method: 'POST',
      headers: { 'stripe-signature': String(request.headers['stripe-signature']) },
      body: Buffer.concat(chunks),
    });
    void webhook.POST(incoming).then(async (answer) => {
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(await answer.text());
    });
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' && address !== null ? address.port : 0}\n`);
});
