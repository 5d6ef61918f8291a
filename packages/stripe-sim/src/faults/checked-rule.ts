import { checkedFields, type FieldsOf, isCount, isSpan, isText } from '../checked-fields.ts';
import { type FaultMatch, type FaultRule, faultKinds } from './rules.ts';

const methods: unknown[] = ['GET', 'POST', 'DELETE'];

const isHash = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const ruleFields: FieldsOf<FaultRule> = {
  kind: { takes: (value) => faultKinds.some((kind) => kind === value), says: 'Unknown fault kind' },
  match: { takes: isHash, says: 'The match of a fault is an object' },
  times: {
    takes: (value) => value === Number.POSITIVE_INFINITY || isCount(value),
    says: 'A fault strikes a whole number of times, at least once, or always (Infinity, or null)',
  },
  delayMs: {
    takes: isSpan,
    says: 'A delay is a number of milliseconds and not negative',
  },
  shouldRetryHeader: { takes: (value) => typeof value === 'boolean', says: 'shouldRetryHeader is true or false' },
  declineCode: { takes: isText, says: 'A decline code is a text' },
  probability: {
    takes: (value) => typeof value === 'number' && value > 0 && value <= 1,
    says: 'A probability is above 0 and at most 1',
  },
};

const matchFields: FieldsOf<FaultMatch> = {
  method: { takes: (value) => methods.includes(value), says: 'A method is GET, POST or DELETE' },
  route: { takes: isText, says: 'A route is a text such as POST /v1/subscriptions/:id' },
  path: { takes: isText, says: 'A path is a text' },
  key: { takes: isText, says: 'A key is a text' },
  object: { takes: isText, says: 'An object is the text of its id' },
  nth: { takes: isCount, says: 'nth is a whole number, counted from 1' },
};

/**
 * The rule without its empty fields. Throws a `RangeError` for one that could never strike, or that would strike
 * something else than it says: a misspelt field of a match would otherwise match everything.
 */
export function checkedRule(given: FaultRule, routes: ReadonlySet<string>): FaultRule {
  // Null is how JSON leaves a field out; only for `times` does it say something: always.
  const always = given.times === null ? { times: Number.POSITIVE_INFINITY } : {};
  const rule = checkedFields<FaultRule>({ ...given, ...always }, ruleFields, 'A fault');
  if (!('kind' in rule)) throw new RangeError('A fault needs a kind.');
  if (rule.match === undefined) return rule;
  const match = checkedFields<FaultMatch>(rule.match, matchFields, 'The match of a fault');
  if (match.route !== undefined) checkRoute(match.route, match.method, routes);
  return { ...rule, match };
}

/** A route alone stands for all its methods; with a method, in it or beside it, there must be that one. */
function checkRoute(route: string, method: string | undefined, routes: ReadonlySet<string>): void {
  const asked = route.startsWith('/')
    ? (method === undefined ? methods : [method]).map((m) => `${m} ${route}`)
    : [route];
  const found = asked.filter((one) => routes.has(one));
  if (found.length === 0) throw new RangeError(`There is no route ${asked.join(' or ')}.`);
  if (method !== undefined && !found.some((one) => one.startsWith(`${method} `))) {
    throw new RangeError(`The route ${route} is not called with ${method}.`);
  }
}
