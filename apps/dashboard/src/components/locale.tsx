'use client';

import { createContext, use } from 'react';
import type { Locale } from '#lib/format.ts';

/** The viewer's locale for digits, read by the server from the request so that both renderings agree. */
export const LocaleContext = createContext<Locale>('en');

export const useLocale = (): Locale => use(LocaleContext);
