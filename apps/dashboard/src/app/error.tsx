'use client';

import { Button } from '#components/ui/button.tsx';

/** A page that broke. What people fear then is a wrong charge, so that is answered first. */
export default function PageBroke({ reset }: { error: Error; reset: () => void }) {
  return (
    <div className="mx-auto max-w-xl py-16 text-center">
      <h1 className="font-semibold text-2xl tracking-tight">This page could not be shown</h1>
      <p className="mt-2 text-muted-foreground">
        Showing a page never changes seats or the bill. A change that was asked for before goes on without it.
      </p>
      <Button variant="outline" className="mt-6" onClick={reset}>
        Try again
      </Button>
    </div>
  );
}
