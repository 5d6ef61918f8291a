import { KeyRoundIcon } from 'lucide-react';
import { Card, CardTitle } from '#components/ui/card.tsx';

/** What the pages show where nobody can sign in yet: how to reach the product, and no data. */
export function DoorClosed() {
  return (
    <div className="mx-auto max-w-xl">
      <Card>
        <KeyRoundIcon aria-hidden className="mb-4 size-6 text-primary" />
        <CardTitle>This installation is reached with its API key</CardTitle>
        <p className="mt-2 text-muted-foreground">
          The screens open for the demo that <code className="font-mono text-sm">npm start</code> brings along. Here a
          server of yours asks for seats, with the key that was set as{' '}
          <code className="font-mono text-sm">SEATBELT_API_KEY</code>:
        </p>
        <pre className="mt-4 whitespace-pre-wrap break-words rounded-lg bg-muted p-4 font-mono text-xs leading-relaxed">
          {`curl "$ORIGIN/api/billing/seats" \\
  -H "Authorization: Bearer $SEATBELT_API_KEY" \\
  -H "Seatbelt-Organization: your-organization"`}
        </pre>
      </Card>
    </div>
  );
}
