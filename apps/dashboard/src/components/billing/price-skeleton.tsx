import { Skeleton } from '#components/ui/skeleton.tsx';

export function PriceSkeleton() {
  return (
    <>
      <p className="sr-only">Asking Stripe for the price.</p>
      <Skeleton className="h-4 w-5/6" />
      <Skeleton className="mt-2 h-4 w-1/2" />
    </>
  );
}
