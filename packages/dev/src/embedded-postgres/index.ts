export type { PostgresVersion } from './binaries.ts';
export { PostgresProblem, type PostgresProblemCode } from './problem.ts';
export {
  type EmbeddedPostgres,
  removeAbandonedCluster,
  type StartPostgresOptions,
  startPostgres,
} from './start.ts';
