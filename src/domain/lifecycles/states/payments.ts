import { isUuid } from '../../canonical-id';
import type { Sum } from '../../expectation';
import type { Subject } from '../../subject';
import { type Change, changed, type Rules } from '../rules';
import { contradict } from './contradictions';

/** The subject of a payment whose sum is compared with what we said of it: a difference contradicts, and is told. */
export function compareSum(rules: Rules, subject: Subject, now: string): Change {
  const { sum } = subject.expected ?? {};
  const { amount, currency } = subject.facts ?? {};
  if (sum === undefined || amount === undefined) return changed(subject);
  if (amount === sum.amount && isSameCurrency(sum, currency)) return changed(subject);
  const found = [amount, currency].filter((word) => word !== undefined).join(' ');
  return contradict(rules, subject, `${found}, expected ${sum.amount} ${sum.currency}`, now);
}

/** The same where nobody can tell: the partner names a currency by its symbol or by an id of its own. */
function isSameCurrency({ currency }: Sum, found: string | undefined): boolean {
  if (found === undefined || isUuid(found) !== isUuid(currency)) return true;
  return found.toLowerCase() === currency.toLowerCase();
}
