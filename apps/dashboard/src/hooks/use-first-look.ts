'use client';

import { type RefObject, useEffect, useRef } from 'react';

/**
 * People type, tick and choose before a page's scripts have come, and browsers fill in what they remember. React hears nothing
 * of that and would put back what it has rendered. Looks at the element once, as the page begins to listen.
 */
export function useFirstLook<Control extends Element>(look: (control: Control) => void): RefObject<Control | null> {
  const control = useRef<Control>(null);
  const first = useRef(look);
  useEffect(() => {
    if (control.current !== null) first.current(control.current);
  }, []);
  return control;
}
