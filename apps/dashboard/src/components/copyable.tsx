'use client';

import { CheckIcon, CopyIcon, XIcon } from 'lucide-react';
import { useState } from 'react';

/** How long the sign stands that says whether it was copied. */
const saidForMs = 2_000;

/** An id that can be taken along, for Stripe's support or an operator's terminal. `label` is read and shown before it. */
export function Copyable({ text, shown = text, label }: { text: string; shown?: string; label?: string }) {
  const [copied, setCopied] = useState<boolean | null>(null);
  async function copy() {
    // A browser may forbid the clipboard; the text then stays selectable, and the sign says that it was not copied.
    const done = await navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
    setCopied(done);
    setTimeout(() => setCopied(null), saidForMs);
  }
  const Icon = copied === null ? CopyIcon : copied ? CheckIcon : XIcon;
  return (
    <button
      type="button"
      onClick={() => void copy()}
      className="inline-flex max-w-full cursor-pointer select-text items-center gap-1 rounded text-left font-mono text-xs hover:text-primary"
    >
      <span className="sr-only">Copy </span>
      {/* All of it is seen, on as many lines as it takes: some of it is shown only once. */}
      <span className="min-w-0">
        {label ? <span className="font-sans wrap-anywhere">{label} </span> : null}
        <span className="break-all">{shown}</span>
      </span>
      <Icon aria-hidden className="size-3 shrink-0" />
      <span role="status" className="sr-only">
        {copied === null ? '' : copied ? 'Copied' : 'Not copied'}
      </span>
    </button>
  );
}
