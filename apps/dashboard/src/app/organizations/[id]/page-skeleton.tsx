import { Skeleton } from '#components/ui/skeleton.tsx';

/**
 * The outline of a page, so that nothing moves when it arrives. A page shows it itself, below the check of who is looking:
 * what Next calls `loading.tsx` would begin the answer, as a 200, before it is known whether there is anything to show.
 */
export function PageSkeleton() {
  return (
    <div role="status" aria-label="The page is being read" className="grid gap-5 lg:grid-cols-[minmax(0,1fr)_22rem]">
      <Skeleton className="h-70 rounded-xl" />
      <Skeleton className="h-70 rounded-xl" />
    </div>
  );
}
