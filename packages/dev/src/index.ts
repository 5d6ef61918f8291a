export {
  type EmbeddedPostgres,
  PostgresProblem,
  type PostgresProblemCode,
  type PostgresVersion,
  type StartPostgresOptions,
  startPostgres,
} from './embedded-postgres/index.ts';
export { freePort, isPortFree } from './free-port.ts';
export {
  type PrivatePostgres,
  poolThatMayBeCut,
  privatePostgres,
  type TestDatabase,
  type TestDatabaseOptions,
  testDatabase,
} from './test-database.ts';
