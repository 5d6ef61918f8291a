'use client';

import { UploadIcon } from 'lucide-react';
import { type ChangeEvent, type Dispatch, type FormEvent, type SetStateAction, useId, useState } from 'react';
import type { SeatsBody } from 'seatbelt/http';
import { useLocale } from '#components/locale.tsx';
import { Banner } from '#components/ui/banner.tsx';
import { Button } from '#components/ui/button.tsx';
import { Card, CardHint, CardTitle } from '#components/ui/card.tsx';
import { Field } from '#components/ui/field.tsx';
import { Select } from '#components/ui/select.tsx';
import { TextArea } from '#components/ui/text-area.tsx';
import { formatNumber } from '#lib/format.ts';
import { quoted } from '#lib/quoted.ts';
import { troubleOf } from '#lib/trouble.ts';
import { type InvitedRole, invitedAtOnce } from './contract.ts';
import { buyingLabel } from './cost-sentence.ts';
import { type Draft, weigh } from './draft.ts';
import { InvitePrice } from './invite-price.tsx';
import { InviteProgress } from './invite-progress.tsx';
import { readAddresses, withMore } from './read-addresses.ts';
import { useCost } from './use-cost.ts';
import { type InviteIntention, useInvite } from './use-invitations.ts';
import { useKnown } from './use-known.ts';

/** What is in the box. Each writing makes another one, also where it writes the same text. */
export interface InviteBox {
  readonly text: string;
}

/** Invites people by typing, pasting or a CSV, and says what it costs before anything is bought. */
export function InviteCard({
  organization,
  seats,
  box,
  onBox,
}: {
  organization: string;
  seats: SeatsBody | undefined;
  /** What is in the box; kept above, so that invitations that fell can be put back into it. */
  box: InviteBox;
  onBox: Dispatch<SetStateAction<InviteBox>>;
}) {
  const { text } = box;
  const onText = (written: string) => onBox({ text: written });
  const locale = useLocale();
  const [role, setRole] = useState<InvitedRole>('member');
  const [sent, setSent] = useState<InviteIntention | null>(null);
  const invite = useInvite(organization);
  const { emails, strange } = readAddresses(text);
  const knownNow = useKnown(organization, emails);
  const [sending, setSending] = useState<Draft | null>(null);
  const trouble = invite.error ? troubleOf(invite.error) : null;
  // While it is sent, what it was measured against stays: the counts that come in meanwhile include it already. The same
  // where no answer came, so that the same list sent again is the same request.
  const unanswered = trouble?.code === null && sending?.emails.join() === emails.join();
  const draft = (invite.isPending || unanswered) && sending ? sending : { emails, known: knownNow, seats };
  const { people, buy } = weigh(draft);
  const { cost, failed } = useCost(
    organization,
    buy > 0 && draft.seats ? draft.seats.usedSeats + people : null,
    draft.seats,
  );
  const tooMany = emails.length > invitedAtOnce;
  // Where there is room for all of them it does not matter who is new.
  const waitsForPrice = buy > 0 && failed === null && (draft.known === null || cost === null);
  const ready = seats !== undefined && emails.length > 0 && !tooMany && !waitsForPrice && !failed && !invite.isPending;

  function submit(event: FormEvent) {
    event.preventDefault();
    if (!ready) return;
    // The same list, role and purchase after a lost answer is the same invitation; anything else is another.
    const same =
      sent !== null && invite.isError && sent.role === role && sent.buy === buy && sent.emails.join() === emails.join();
    const intention = same ? sent : { key: crypto.randomUUID(), emails, role, buy };
    setSent(intention);
    setSending(draft);
    // What was written while the answer was awaited stays, the same addresses once more included.
    invite.mutate(intention, { onSuccess: () => onBox((now) => (now === box ? { text: '' } : now)) });
  }

  return (
    <Card aria-labelledby="invite-title">
      <CardTitle id="invite-title">Invite people</CardTitle>
      <CardHint>Each invitation keeps a seat for two weeks. Who accepts it sits down in it.</CardHint>
      <form onSubmit={submit} className="mt-4 grid gap-4">
        <Field
          label="E-mail addresses"
          hint="One or many: type, paste a list, or take a CSV file."
          complaint={complaintOf(strange, tooMany, locale)}
        >
          {(ids) => (
            <TextArea
              {...ids}
              rows={3}
              value={text}
              onText={onText}
              spellCheck={false}
              autoCapitalize="off"
              placeholder="ada@example.com, grace@example.com"
            />
          )}
        </Field>
        <div className="flex flex-wrap items-end gap-3">
          <Field label="As">
            {(ids) => (
              <Select {...ids} value={role} onChoice={(chosen) => setRole(chosen as InvitedRole)}>
                <option value="member">Member</option>
                <option value="admin">Admin</option>
              </Select>
            )}
          </Field>
          <CsvButton onText={(added) => onText(withMore(text, added))} />
        </div>
        <p aria-live="polite" className="min-h-[2lh] text-sm">
          <InvitePrice draft={draft} cost={cost} failed={failed} />
        </p>
        <div aria-live="assertive">
          {trouble ? (
            <Banner tone={trouble.code === null ? 'caution' : 'stopped'} title={trouble.title}>
              <p>{trouble.detail}</p>
            </Banner>
          ) : null}
        </div>
        <div>
          <Button type="submit" aria-disabled={!ready}>
            {invite.isPending ? 'Inviting…' : buyingLabel(Math.max(people, 1), buy, locale)}
          </Button>
        </div>
      </form>
      {invite.data ? <InviteProgress organization={organization} invited={invite.data} /> : null}
    </Card>
  );
}

function complaintOf(strange: readonly string[], tooMany: boolean, locale: string): string | null {
  if (tooMany)
    return `At most ${formatNumber(invitedAtOnce, locale)} people can be invited at once. Send them in parts.`;
  const [first] = strange;
  if (first === undefined) return null;
  const others = strange.length - 1;
  const are =
    others > 0 ? ` and ${formatNumber(others, locale)} more are no e-mail addresses` : ' is no e-mail address';
  return `${quoted(shortened(first))}${are} and will be left out.`;
}

/** Long enough to recognize what it is. */
function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** A file is read here in the browser; only the addresses are sent. */
function CsvButton({ onText }: { onText: (text: string) => void }) {
  const id = useId();
  async function read(event: ChangeEvent<HTMLInputElement>) {
    const { currentTarget: input } = event;
    const [file] = input.files ?? [];
    if (file) onText(await file.text());
    // So that choosing the same file again counts as a choice.
    input.value = '';
  }
  return (
    <div>
      <input
        id={id}
        type="file"
        accept=".csv,.txt,text/csv,text/plain"
        className="peer sr-only"
        onChange={(event) => void read(event)}
      />
      <label
        htmlFor={id}
        className="inline-flex h-10 cursor-pointer items-center gap-2 rounded-lg border border-input/60 bg-card px-4 font-medium text-sm hover:bg-muted peer-focus-visible:outline-2 peer-focus-visible:outline-ring peer-focus-visible:outline-offset-2"
      >
        <UploadIcon aria-hidden className="size-4" />
        Add a CSV file
      </label>
    </div>
  );
}
