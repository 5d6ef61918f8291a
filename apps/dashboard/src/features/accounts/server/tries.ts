import {
  type AttemptLimit,
  type CountedAttempt,
  countAttempt,
  guessesByAddress,
  guessesByAddressAndPlace,
  guessesByPlace,
  mailsByAddress,
  mailsByAddressAndPlace,
  mailsByPlace,
  signInsByAddressAndPlace,
  signUpsByPlace,
} from '#server/attempts.ts';
import { peerOf } from '#server/peer.ts';
import { placeOf, proxiesInFront } from '#server/place.ts';
import { knownBrowser } from './known-browser.ts';

/** Who tries: the address that they name, null where they name none, and where they are. */
interface Trier {
  readonly email: string | null;
  readonly place: string;
  /** The browser is one that has signed in under this address before. */
  readonly known: boolean;
}

/**
 * Counts a try at one of the doors that prove who somebody is, or that make mails; other doors are not counted.
 * @returns takes back what the answer shows to have been no guess, or no mail
 * @throws Refused 429
 */
export async function countTry(
  request: Request,
  path: string,
  email: string | null,
): Promise<(answer: Response) => Promise<void>> {
  switch (path) {
    case '/sign-in/email': {
      const trier = await trierOf(request, email);
      if (trier.email !== null) await countAttempt(signInsByAddressAndPlace, `${trier.email}\n${trier.place}`);
      const guess = await countAll(trier, '', guessesByPlace, guessesByAddressAndPlace, guessesByAddress);
      return (answer) => (answer.ok ? guess.takeBack() : kept());
    }
    case '/sign-in/magic-link':
    case '/send-verification-email': {
      const mail = await countAll(
        await trierOf(request, email),
        path,
        mailsByPlace,
        mailsByAddressAndPlace,
        mailsByAddress,
      );
      // A mail that could not be sent reached nobody.
      return (answer) => (answer.status >= 500 ? mail.takeBack() : kept());
    }
    case '/sign-up/email': {
      const { place } = await trierOf(request, null);
      await countAttempt(signUpsByPlace, place);
      return kept;
    }
    default:
      return kept;
  }
}

async function trierOf({ headers }: Request, email: string | null): Promise<Trier> {
  const browser = email === null ? null : await knownBrowser(headers, email);
  if (browser !== null) return { email, place: `browser ${browser}`, known: true };
  return { email, place: placeOf(headers.get('x-forwarded-for'), peerOf(headers), proxiesInFront()), known: false };
}

/**
 * The narrowest count comes first, so that who is stopped by it spends nothing of what others have: those at the same place,
 * or those who own the address. A known browser has a count of its own, and nobody else's stops it.
 */
async function countAll(
  { email, place, known }: Trier,
  kind: string,
  byPlace: AttemptLimit,
  byAddressAndPlace: AttemptLimit,
  byAddress: AttemptLimit,
): Promise<CountedAttempt> {
  const counted: CountedAttempt[] = [];
  if (email !== null) counted.push(await countAttempt(byAddressAndPlace, `${kind}\n${email}\n${place}`));
  if (!known) counted.push(await countAttempt(byPlace, `${kind}\n${place}`));
  if (!known && email !== null) counted.push(await countAttempt(byAddress, `${kind}\n${email}`));
  return {
    async takeBack() {
      for (const each of counted) await each.takeBack();
    },
  };
}

async function kept(): Promise<void> {
  // Whatever came of it, it counts.
}
