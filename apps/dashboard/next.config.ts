import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { NextConfig } from 'next';

const securityHeaders = [
  { key: 'X-Content-Type-Options', value: 'nosniff' },
  { key: 'X-Frame-Options', value: 'DENY' },
  { key: 'Referrer-Policy', value: 'strict-origin-when-cross-origin' },
];

const config: NextConfig = {
  // Our own packages are TypeScript source in the workspace; Next compiles them with the app.
  transpilePackages: ['seatbelt', '@seatbelt/widget'],
  // These open sockets, threads or hooks of their own, so Node loads them as they are.
  serverExternalPackages: ['@sentry/node', 'nodemailer', 'pg', 'pino', 'stripe'],
  // `npm run check` runs tsc over every package, tests included, and is the gate. A second run here only makes builds slower.
  typescript: { ignoreBuildErrors: true },
  poweredByHeader: false,
  reactStrictMode: true,
  devIndicators: false,
  experimental: {
    // `next start` reads no source maps, and writing 60 MB of them takes a fifth of the build.
    turbopackSourceMaps: process.env.NODE_ENV !== 'production',
    // Whoever reads a stack of the server reads our names; it also saves a third of the build.
    serverMinification: false,
    // Makes later builds faster, and the one that writes it slower: so it begins with the second build of a checkout.
    turbopackFileSystemCacheForBuild: existsSync(join(import.meta.dirname, '.next', 'BUILD_ID')),
  },
  headers: async () => [{ source: '/:path*', headers: securityHeaders }],
};

export default config;
