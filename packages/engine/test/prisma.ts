import { PrismaPg } from '@prisma/adapter-pg';
import { getPrismaClient } from '@prisma/client/runtime/client';

/** What a generated client declares of itself beside its models. */
interface PrismaWithoutModels {
  $transaction<T>(work: (transaction: PrismaTransaction) => Promise<T>): Promise<T>;
  $disconnect(): Promise<void>;
}

interface PrismaTransaction {
  $queryRawUnsafe(text: string, ...values: unknown[]): Promise<unknown>;
  $executeRawUnsafe(text: string, ...values: unknown[]): Promise<number>;
}

/** Node has it; the declarations in use are those without a browser's globals. */
declare const WebAssembly: { readonly Module: new (bytes: Uint8Array) => object };

/**
 * A Prisma client for a schema without models. What `prisma generate` writes ends in this very call; without models there is
 * nothing else in it, so the client, its transactions and its adapter are Prisma's own, and neither `prisma` itself
 * (some 300 MB) nor an engine from elsewhere has to be fetched.
 */
export function prismaClient(connectionString: string): PrismaWithoutModels {
  return new PrismaClient({ adapter: new PrismaPg({ connectionString, max: 1 }) });
}

/** These modules of Prisma's have no declarations; their names are taken apart so that nobody looks for any. */
const compiler = '@prisma/client/runtime/query_compiler_fast_bg.postgresql';

const PrismaClient = getPrismaClient({
  clientVersion: '7.10.0',
  engineVersion: 'none',
  activeProvider: 'postgresql',
  previewFeatures: [],
  inlineSchema: 'datasource db {\n  provider = "postgresql"\n}\n',
  runtimeDataModel: { models: {}, enums: {}, types: {} },
  // No field is known: three counts of zero.
  parameterizationSchema: { strings: [], graph: 'AAAA' },
  compilerWasm: {
    getRuntime: () => import(`${compiler}.mjs`),
    getQueryCompilerWasmModule: async () => {
      const { wasm } = (await import(`${compiler}.wasm-base64.mjs`)) as { wasm: string };
      return new WebAssembly.Module(Buffer.from(wasm, 'base64'));
    },
    importName: './query_compiler_fast_bg.js',
  },
});
