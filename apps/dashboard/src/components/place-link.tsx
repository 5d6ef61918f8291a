'use client';

import Link from 'next/link';
import { type ComponentProps, useState } from 'react';

/**
 * A link whose page is fetched ahead when somebody points at it or comes to it by keyboard. Next fetches every link in sight
 * otherwise, two requests for each: a dozen for a page that is only read, and each of them asks the database who is asking.
 */
export function PlaceLink(
  props: Omit<ComponentProps<typeof Link>, 'prefetch' | 'onMouseEnter' | 'onFocus' | 'onTouchStart'>,
) {
  const [meant, setMeant] = useState(false);
  const means = () => setMeant(true);
  return <Link {...props} prefetch={meant ? null : false} onMouseEnter={means} onFocus={means} onTouchStart={means} />;
}
