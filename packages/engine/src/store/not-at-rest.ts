/**
 * What is open of an account `a`, in the words of the partial index `accounts_not_at_rest`: whoever asks for these rows in
 * other words reads every account. More seats in use than are paid for is not in it, because that would make every seat
 * that is taken a write to this index; it has an incident instead.
 */
export const notAtRest = /* sql */ `(a.status = 'held' or a.push_id is not null or a.waiting_changes > 0
     or a.parked_changes > 0 or a.paused_reason is not null)`;
