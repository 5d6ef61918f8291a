import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { SetupError } from 'seatbelt/environment';

/** Addresses that nobody on the internet has: who connects from one is a proxy beside us, or on our own network. */
const beside = new BlockList();
for (const [network, prefix] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  // Shared address space (RFC 6598), which hosting platforms route their own traffic in.
  ['100.64.0.0', 10],
] as const) {
  beside.addSubnet(network, prefix, 'ipv4');
}
beside.addAddress('::1', 'ipv6');
beside.addSubnet('fc00::', 7, 'ipv6');
beside.addSubnet('fe80::', 10, 'ipv6');

/**
 * The place that attempts of a request are counted for: the address that it comes from, as far as that can be known. Each
 * proxy adds the address that it saw at the end of X-Forwarded-For; what stands before those was written by whoever asks,
 * so only the entry of our outermost proxy is believed.
 * @param peer the address at the other end of the connection; null where there is none to be seen
 * @param proxies how many proxies are in front. null: nobody said so, and one is believed to be where the connection comes
 *   from beside us; who connects from the internet is the one who asks, and writes into the header what they like.
 */
export function placeOf(forwardedFor: string | null, peer: string | null, proxies: number | null): string {
  const from = peer === null ? null : bareAddress(peer);
  const inFront = proxies ?? (from === null || isBeside(from) ? 1 : 0);
  const seen = (forwardedFor ?? '').split(',').map(bareAddress);
  // Fewer entries than proxies: it came by a shorter way, and the first entry is a proxy's as well.
  const asked = inFront === 0 ? null : seen[Math.max(seen.length - inFront, 0)];
  const address = asked ?? from;
  return address === null ? 'unknown' : networkOf(address);
}

/** How many proxies are in front, from SEATBELT_PROXIES; null where nobody says so. @throws SetupError */
export function proxiesInFront(env: Readonly<Record<string, string | undefined>> = process.env): number | null {
  const said = env.SEATBELT_PROXIES?.trim() ?? '';
  if (said === '') return null;
  if (/^\d$/.test(said)) return Number(said);
  throw new SetupError(
    'variable_malformed',
    'SEATBELT_PROXIES',
    'SEATBELT_PROXIES is the number of proxies in front, each of which adds to X-Forwarded-For: write 0, 1 or 2.',
  );
}

/** Without port, brackets, zone, and the IPv6 form of an IPv4 address; null: it is none. */
function bareAddress(text: string): string | null {
  const address = text
    .trim()
    .replace(/^\[([^\]]*)\](:\d+)?$/, '$1')
    .replace(/^([\d.]+):\d+$/, '$1')
    .replace(/%.*$/, '')
    .replace(/^::ffff:(?=\d+\.)/i, '');
  return isIPv4(address) || isIPv6(address) ? address : null;
}

function isBeside(address: string): boolean {
  return beside.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}

/** One who has an IPv6 address has 2^64 of them (RFC 6177), so the network is what is counted. */
function networkOf(address: string): string {
  if (isIPv4(address)) return address;
  // A URL writes every address in one way.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const before = head === '' ? [] : head.split(':');
  const behind = tail ? tail.split(':') : [];
  const between = Array.from({ length: 8 - before.length - behind.length }, () => '0');
  return `${[...before, ...between, ...behind].slice(0, 4).join(':')}::/64`;
}
