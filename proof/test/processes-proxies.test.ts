/** The proxies of the proof do what their faults are called, and nothing when they are off. */
import assert from 'node:assert/strict';
import { createServer as createHttpServer, request as send } from 'node:http';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { test } from 'node:test';
import { Faults } from '../src/processes/proxy/faults.ts';
import { httpFaultKinds, startFaultyHttp } from '../src/processes/proxy/http.ts';
import { startFaultyTcp, tcpFaultKinds } from '../src/processes/proxy/tcp.ts';
import { Random } from '../src/random.ts';

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** What a client of an echo server got back before its connection ended, and how that ended. */
function exchange(port: number, text: string): Promise<{ got: string; reset: boolean }> {
  const { promise, resolve } = Promise.withResolvers<{ got: string; reset: boolean }>();
  let got = '';
  let reset = false;
  const socket = connect({ host: '127.0.0.1', port }, () => socket.write(text));
  socket.on('data', (chunk) => {
    got += chunk.toString();
    if (got.length === text.length) socket.end();
  });
  socket.on('error', () => {
    reset = true;
  });
  socket.on('close', () => resolve({ got, reset }));
  return promise;
}

test('the same seed draws the same faults, and off means none', () => {
  const draw = () => {
    const faults = new Faults(new Random(4), tcpFaultKinds);
    faults.set(0.5);
    return Array.from({ length: 50 }, () => faults.draw());
  };
  assert.deepEqual(draw(), draw());
  const off = new Faults(new Random(4), tcpFaultKinds);
  assert.ok(Array.from({ length: 50 }, () => off.draw()).every((kind) => kind === null));
  assert.equal(off.total, 0);
});

test('TCP: with faults every kind strikes, replies are lost and cut; without them every byte passes', async () => {
  const echo = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  const port = await listening(echo);
  const proxy = await startFaultyTcp({ target: () => port, random: new Random(7) });
  try {
    const text = 'x'.repeat(1_000);
    assert.deepEqual(await exchange(proxy.port, text), { got: text, reset: false });
    proxy.faults.set(1);
    const broken = [];
    for (let round = 0; round < 60; round += 1) broken.push(await exchange(proxy.port, text));
    for (const kind of tcpFaultKinds) assert.ok((proxy.faults.counts[kind] ?? 0) > 0, `${kind} struck`);
    assert.ok(
      broken.some(({ got, reset }) => reset && got === ''),
      'a request or a reply was lost',
    );
    assert.ok(
      broken.some(({ got }) => got.length > 0 && got.length < text.length),
      'a reply was cut in the middle',
    );
    proxy.faults.set(0);
    assert.deepEqual(await exchange(proxy.port, text), { got: text, reset: false });
  } finally {
    await proxy.close();
    echo.close();
  }
});

test('TCP: nobody behind the door resets the connection', async () => {
  const proxy = await startFaultyTcp({ target: () => null, random: new Random(7) });
  try {
    const { got, reset } = await exchange(proxy.port, 'anybody?');
    assert.deepEqual([got, reset], ['', true]);
  } finally {
    await proxy.close();
  }
});

test('HTTP: "before" keeps a request from the server, "after" does not, and a 429 never hides a request that was done', async () => {
  let arrived = 0;
  const server = createHttpServer((_, response) => {
    arrived += 1;
    response.end(JSON.stringify({ arrived, filler: 'y'.repeat(500) }));
  });
  const port = await listening(server);
  // The slow kinds have their own constants; this asks for what becomes of a request, not for how long.
  const swift = httpFaultKinds.filter((kind) => kind !== 'late_request' && kind !== 'delay_after');
  const proxy = await startFaultyHttp({ target: () => port, random: new Random(3) });
  const ask = (): Promise<number | 'cut'> => {
    const { promise, resolve } = Promise.withResolvers<number | 'cut'>();
    const outgoing = send({ host: '127.0.0.1', port: proxy.port, method: 'POST', path: '/v1/x' }, (incoming) => {
      incoming.resume();
      incoming.on('error', () => resolve('cut'));
      incoming.on('end', () => resolve(incoming.complete ? (incoming.statusCode ?? 0) : 'cut'));
    });
    outgoing.on('error', () => resolve('cut'));
    outgoing.end('quantity=3');
    return promise;
  };
  try {
    assert.equal(await ask(), 200);
    for (const kind of swift) {
      const before = arrived;
      const draw = proxy.faults.draw;
      proxy.faults.draw = () => kind;
      const heard = await ask();
      proxy.faults.draw = draw;
      assert.equal(arrived - before, kind.endsWith('_before') ? 0 : 1, kind);
      const status = /^status_(\d+)_/.exec(kind)?.[1];
      assert.equal(heard, status === undefined ? 'cut' : Number(status), kind);
    }
    assert.ok(!httpFaultKinds.some((kind) => kind.startsWith('status_429') && kind.endsWith('_after')));
  } finally {
    await proxy.close();
    server.close();
  }
});
