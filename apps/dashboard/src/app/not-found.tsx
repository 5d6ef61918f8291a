import { PlaceLink } from '#components/place-link.tsx';
import { buttonLook } from '#components/ui/button.tsx';

export default function NotFound() {
  return (
    <div className="mx-auto max-w-xl py-16 text-center">
      <h1 className="font-semibold text-2xl tracking-tight">There is nothing here</h1>
      <p className="mt-2 text-muted-foreground">The address is wrong, or the organization is not one of yours.</p>
      <PlaceLink href="/" className={buttonLook({ variant: 'outline', className: 'mt-6' })}>
        To your organizations
      </PlaceLink>
    </div>
  );
}
