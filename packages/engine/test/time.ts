import type { Product } from './product.ts';

/**
 * As if this much time had passed since everything that is stored for one organization: what waits for a time is moved
 * back by it, so that a test says how long something takes instead of waiting for it.
 */
export async function timePasses(
  { pool, organization }: Pick<Product, 'pool' | 'organization'>,
  ms: number,
): Promise<void> {
  const times = ['nextAt', 'intendedAt', 'keySince', 'lastSentAt', 'firstServerErrorAt'];
  const moved = times.reduce(
    (sql, name) =>
      `case when jsonb_typeof(push->'${name}') = 'number' then jsonb_set(${sql}, '{${name}}', to_jsonb((push->>'${name}')::bigint - $2::bigint)) else ${sql} end`,
    'push',
  );
  await pool.query(
    `update seatbelt.accounts
        set version = version + 1,
            lease_until = lease_until - $2::bigint * interval '1 millisecond',
            due_at = due_at - $2::bigint * interval '1 millisecond',
            next_look_at = next_look_at - $2::bigint * interval '1 millisecond',
            push = ${moved},
            tails = (select coalesce(jsonb_agg(jsonb_set(tail, '{dueAt}',
                       (select coalesce(jsonb_agg(due::bigint - $2::bigint), '[]') from jsonb_array_elements_text(tail->'dueAt') as due))), '[]')
                       from jsonb_array_elements(tails) as tail)
      where organization_id = $1`,
    [organization, ms],
  );
  await pool.query(
    `update seatbelt.accounts
        set push = jsonb_set(push, '{doubt,since}', to_jsonb((push->'doubt'->>'since')::bigint - $2::bigint))
      where organization_id = $1 and jsonb_typeof(push->'doubt') = 'object'`,
    [organization, ms],
  );
}
