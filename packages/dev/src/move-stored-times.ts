import type pg from 'pg';

const times = ['nextAt', 'intendedAt', 'keySince', 'lastSentAt', 'firstServerErrorAt'];

/**
 * As if this much time had passed for one organization: every time that is stored for it and waited for is moved back, so
 * that a test or a story says how long something takes instead of waiting for it. No public door does that, rightly.
 */
export async function moveStoredTimes(db: Pick<pg.Pool, 'query'>, organization: string, ms: number): Promise<void> {
  await db.query(
    `update seatbelt.accounts
        set version = version + 1,
            lease_until = lease_until - $2::bigint * interval '1 millisecond',
            due_at = due_at - $2::bigint * interval '1 millisecond',
            next_look_at = next_look_at - $2::bigint * interval '1 millisecond',
            push = push
              || (select coalesce(jsonb_object_agg(name, at::text::bigint - $2::bigint), '{}')
                    from jsonb_each(push) as stored (name, at)
                   where name = any ($3) and jsonb_typeof(at) = 'number')
              || case when jsonb_typeof(push->'doubt') = 'object' then jsonb_build_object('doubt',
                   jsonb_set(push->'doubt', '{since}', to_jsonb((push #>> '{doubt,since}')::bigint - $2::bigint)))
                 else '{}' end,
            tails = (select coalesce(jsonb_agg(jsonb_set(tail, '{dueAt}',
                       (select coalesce(jsonb_agg(due::bigint - $2::bigint), '[]') from jsonb_array_elements_text(tail->'dueAt') as due))), '[]')
                       from jsonb_array_elements(tails) as tail)
      where organization_id = $1`,
    [organization, ms, times],
  );
}
