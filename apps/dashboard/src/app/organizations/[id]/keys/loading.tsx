import { Skeleton } from '#components/ui/skeleton.tsx';

/** The outline of the page, so that nothing moves when it arrives. */
export default function Loading() {
  return (
    <div role="status" aria-label="The page is being read" className="grid gap-5 lg:grid-cols-[minmax(0,1fr)_22rem]">
      <Skeleton className="h-70 rounded-xl" />
      <Skeleton className="h-70 rounded-xl" />
    </div>
  );
}
