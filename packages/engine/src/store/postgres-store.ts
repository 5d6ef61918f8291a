import type { Database, Executor } from '../db/executor.ts';
import { claim, claimDue, lock, release } from './claim.ts';
import { commit, type RowWait } from './commit.ts';
import { readChanges } from './history.ts';
import { claimSubscription } from './link-account.ts';
import { load } from './load.ts';
import { readMarkReasons } from './marks.ts';
import type { Store } from './store.ts';

/** The store on PostgreSQL. Each verb is one statement; see the file of its name. */
export function postgresStore(database: Database): Store {
  return {
    ...verbsOn(database),
    locked: (key, work, linkingTo) =>
      database.transaction(async (tx) => {
        if (linkingTo !== undefined) await claimSubscription(tx, key, linkingTo);
        await lock(tx, key);
        return work(verbsOn(tx));
      }),
    changes: (key, ids) => readChanges(database, key, ids),
    markReasons: (key, after, upTo) => readMarkReasons(database, key, after, upTo),
    claimDue: (owner, limit, leaseMs) => claimDue(database, owner, limit, leaseMs),
    claim: (key, owner, leaseMs) => claim(database, key, owner, leaseMs),
    release: (key, owner) => release(database, key, owner),
  };
}

/** The two verbs on any executor: the engine's own database, or the transaction of a host. */
export function verbsOn(db: Executor, rowWait: RowWait = 'bounded'): Pick<Store, 'load' | 'commit'> {
  return {
    load: (key, named) => load(db, key, named),
    commit: (before, decision, lease) => commit(db, before, decision, lease, rowWait),
  };
}
