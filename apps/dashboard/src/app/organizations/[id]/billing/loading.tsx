import { Skeleton } from '#components/ui/skeleton.tsx';

/** The outline of the screen, so that nothing moves when it arrives. */
export default function Loading() {
  return (
    <div role="status" aria-label="The seats are being read">
      <Skeleton className="h-5 w-28" />
      <Skeleton className="mt-2 mb-6 h-8 w-48" />
      <div className="grid gap-5 lg:grid-cols-[minmax(0,1fr)_22rem]">
        <Skeleton className="h-70 rounded-xl" />
        <Skeleton className="h-70 rounded-xl" />
      </div>
    </div>
  );
}
