'use client';

import { MoonIcon, SunIcon } from 'lucide-react';
import { useEffect } from 'react';
import { Button } from '#components/ui/button.tsx';
import { followTheme, switchTheme } from '#lib/theme.ts';

/** Both icons are rendered and CSS shows one, so that the server needs not know the theme. */
export function ThemeToggle() {
  useEffect(followTheme, []);
  return (
    <Button variant="quiet" size="icon" aria-label="Switch between light and dark" onClick={switchTheme}>
      <SunIcon className="hidden dark:block" />
      <MoonIcon className="dark:hidden" />
    </Button>
  );
}
