import pg from 'pg';

const times = ['nextAt', 'intendedAt', 'keySince', 'lastSentAt', 'firstServerErrorAt'];

/**
 * As if this much time had passed for one organization: every time that is stored for it and waited for is moved back.
 * No public door does that, rightly; a story that takes a day has no other way to be told in a minute, and says so.
 */
export async function moveStoredTimes(databaseUrl: string, organization: string, ms: number): Promise<void> {
  const push = times.reduce(
    (sql, name) =>
      `case when jsonb_typeof(push->'${name}') = 'number' then jsonb_set(${sql}, '{${name}}', to_jsonb((push->>'${name}')::bigint - $2::bigint)) else ${sql} end`,
    'push',
  );
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('begin');
    await client.query(
      `update seatbelt.accounts
          set version = version + 1,
              lease_until = lease_until - $2::bigint * interval '1 millisecond',
              due_at = due_at - $2::bigint * interval '1 millisecond',
              next_look_at = next_look_at - $2::bigint * interval '1 millisecond',
              push = ${push},
              tails = (select coalesce(jsonb_agg(jsonb_set(tail, '{dueAt}',
                         (select coalesce(jsonb_agg(due::bigint - $2::bigint), '[]') from jsonb_array_elements_text(tail->'dueAt') as due))), '[]')
                         from jsonb_array_elements(tails) as tail)
        where organization_id = $1`,
      [organization, ms],
    );
    await client.query(
      `update seatbelt.accounts
          set push = jsonb_set(push, '{doubt,since}', to_jsonb((push->'doubt'->>'since')::bigint - $2::bigint))
        where organization_id = $1 and jsonb_typeof(push->'doubt') = 'object'`,
      [organization, ms],
    );
    await client.query('commit');
  } finally {
    await client.end();
  }
}
