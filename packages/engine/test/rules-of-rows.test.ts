/** What the rows of the tables may never be, by whomever they are written: each rule is broken once, and refuses by its name. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testDatabase } from '@seatbelt/dev/test-database';

interface Refused {
  readonly code?: string;
  readonly constraint?: string;
  readonly table?: string;
}

const account = (set: string) => `update seatbelt.accounts set ${set}`;
const change = (set: string) => `update seatbelt.seat_changes set ${set}`;
const push = (set: string) => `update seatbelt.pushes set ${set}`;

const rules: readonly (readonly [name: string, broken: string])[] = [
  ['accounts_organization_id_check', account(`organization_id = repeat('x', 201)`)],
  ['accounts_organization_id_check', account(`organization_id = ''`)],
  ['accounts_seat_type_check', account(`seat_type = repeat('x', 201)`)],
  ['accounts_seat_type_check', account(`seat_type = ''`)],
  ['accounts_status_check', account(`status = 'gone'`)],
  ['accounts_settled_seats_check', account('settled_seats = 1000001, waiting_changes = 1')],
  ['accounts_settled_seats_check', account('settled_seats = -1, waiting_changes = 1')],
  ['accounts_seat_count_check', account('seat_count = 1000001, waiting_changes = 1')],
  ['accounts_seat_count_check', account('seat_count = -1, waiting_changes = 1')],
  ['accounts_waiting_changes_check', account('waiting_changes = -1')],
  ['accounts_parked_changes_check', account('parked_changes = -1')],
  ['accounts_push_state_check', account(`push_state = 'sent', push_id = gen_random_uuid(), push = '{}'`)],
  ['accounts_linked_wholly', account('customer_id = null')],
  ['accounts_push_wholly', account('push_id = gen_random_uuid()')],
  ['accounts_held_says_why', account(`status = 'held'`)],
  ['accounts_held_says_why', account(`hold = '{}'`)],
  ['accounts_used_not_negative', account('anonymous_assigned = 3')],
  ['accounts_used_not_negative', account('anonymous_reserved = -1')],
  ['accounts_settled_at_rest', account('seat_count = 11')],
  ['seat_changes_kind_check', change(`kind = 'buy'`)],
  ['seat_changes_status_check', change(`status = 'done'`)],
  ['seat_changes_set_seats_check', change('set_seats = 1000001')],
  ['seat_changes_set_seats_check', change('set_seats = -1')],
  ['seat_changes_quantity_check', change('quantity = 1000001')],
  ['seat_changes_takes_check', change('takes = -1')],
  ['seat_changes_end_once', change(`ended_at = now()`)],
  ['seat_changes_end_once', change(`status = 'applied'`)],
  ['seat_changes_rolled_back_says_why', change(`status = 'rolled_back', ended_at = now()`)],
  ['seat_changes_rolled_back_says_why', change(`code = 'card_declined'`)],
  ['seat_changes_take_nothing_at_end', change(`status = 'applied', ended_at = now(), takes = 1`)],
  ['seat_changes_parked_until', change(`status = 'scheduled'`)],
  ['seat_changes_parked_hold_nothing', change(`status = 'scheduled', waits_until = now(), takes = 1`)],
  [
    'seat_changes_parked_hold_nothing',
    change(`status = 'scheduled', waits_until = now(), push_id = gen_random_uuid()`),
  ],
  ['seat_changes_approval_of_something', change(`status = 'awaiting_approval', waits_until = now()`)],
  ['seat_changes_payment_is_an_end', change('payment = true')],
  ['pushes_origin_check', push(`origin = 'somebody'`)],
  ['pushes_outcome_check', push(`outcome = 'lost', ended_at = now()`)],
  ['pushes_end_with_outcome', push(`outcome = 'confirmed'`)],
  ['pushes_end_with_outcome', push('ended_at = now()')],
];

const rows = `
insert into seatbelt.accounts (organization_id, customer_id, subscription_id, subscription_item_id, terms, settled_seats, seat_count, assigned_seats)
  values ('acme', 'cus_1', 'sub_1', 'si_1', '{}', 10, 10, 2);
insert into seatbelt.seat_changes (id, organization_id, seat_type, number, kind, status, delta, quantity, takes, holders, reserve, alone,
                                   fingerprint, actor, seats_before, seats_after, requested_at)
  values (gen_random_uuid(), 'acme', 'seat', 1, 'add', 'requested', 2, 2, 0, '[]', false, false, '', 'anna', 10, 12, now());
insert into seatbelt.pushes (id, organization_id, seat_type, subscription_id, origin, generation, path, body, api_version, from_seats,
                             from_quantity, target_seats, target_quantity, changes, intended_at)
  values (gen_random_uuid(), 'acme', 'seat', 'sub_1', 'changes', 1, '', '', '', 10, 10, 12, 12, '[]', now());
`;

test('a row that breaks a rule is refused by the name of the rule, whoever writes it', async () => {
  await using database = await testDatabase();
  await database.pool.query(rows);
  for (const [name, broken] of rules) {
    const refused = await database.pool.query(broken).then(
      () => null,
      (error: Refused) => error,
    );
    assert.equal(refused?.code, '23514', broken);
    assert.equal(refused?.constraint, name, broken);
    assert.equal(refused?.table, broken.split(/[ .]/)[2], broken);
  }
});

test('every rule of these tables is broken above', async () => {
  await using database = await testDatabase();
  const { rows: known } = await database.pool.query<{ conname: string }>(
    `select conname from pg_constraint where contype = 'c' and conrelid in
       ('seatbelt.accounts'::regclass, 'seatbelt.seat_changes'::regclass, 'seatbelt.pushes'::regclass) order by 1`,
  );
  assert.deepEqual(
    known.map(({ conname }) => conname),
    [...new Set(rules.map(([name]) => name))].sort(),
  );
});
