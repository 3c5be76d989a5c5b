import type { StateContent } from '../../notification';
import type { Subject } from '../../subject';
import { type Change, changed, type Folded, folded, note, type Rules, tellsAll } from '../rules';
import { enter, isExecuted } from './arrange';

/** The part of a notification that may contradict what is known. */
export type Claim = Pick<StateContent, 'status' | 'facts'> & { readonly contradictsEarlier: boolean };

/** The fold of what arrives after an end for good: it changes nothing; if it contradicts that end, an operator has to know. */
export function foldLate(rules: Rules, subject: Subject, claim: Claim, now: string): Folded {
  const { status } = claim;
  if (isAnother(rules, subject, claim))
    return folded('late', contradict(rules, withAnother(rules, subject, claim), status, now));
  if (!contradictsEnd(rules, subject, claim)) return folded('late', changed(subject));
  return folded('late', contradict(rules, subject, status, now));
}

/** The subject with a contradiction that people have to know of. */
export function contradict(rules: Rules, subject: Subject, found: string | null, now: string): Change {
  return changed(note(rules, subject, 'contradiction', found, now), ['contradiction']);
}

function contradictsEnd(rules: Rules, subject: Subject, claim: Claim): boolean {
  return namesOtherEnd(rules, subject, claim.status) || (saysOfValue(rules, subject, claim) && tellsAll(rules));
}

/** True for a status that first names another end than the one reached, or a fill where nothing was executed. */
function namesOtherEnd({ table }: Rules, subject: Subject, status: string | null): boolean {
  if (status === null || subject.end === null || subject.statesSeen.includes(status)) return false;
  const rule = table.states[status];
  if (rule?.ends !== undefined) return status !== subject.end.state;
  const endedUnfilled =
    table.settlement !== undefined && subject.end.state !== table.settlement && !isExecuted(subject);
  return rule?.fills === true && endedUnfilled;
}

/** True for a payment that first comes after another end than its settlement, a first correction, or another meaning of one event. */
function saysOfValue({ table }: Rules, subject: Subject, { status, contradictsEarlier }: Claim): boolean {
  if (contradictsEarlier) return true;
  if (status === null || subject.end === null || subject.statesSeen.includes(status)) return false;
  const rule = table.states[status];
  return rule?.corrects === true || (rule?.pays === true && subject.end.state !== table.settlement);
}

/**
 * True where a second thing goes by the name of the first: two payouts of different ids under one reference. Where the
 * first one's id was not kept nobody can say.
 */
export function isAnother(rules: Rules, { facts }: Subject, { status, facts: claimed }: Claim): boolean {
  const name = rules.table.states[status ?? '']?.identifiedBy;
  if (name === undefined) return false;
  const [known, id] = [facts?.[name], claimed?.[name]];
  const isKnown = known === undefined || id === undefined || known === id || isAmong(facts?.[further(name)], id);
  return !isKnown && tellsAll(rules);
}

/** The subject with the second thing beside the first, whose amount stays as it is: nothing is added up. */
export function withAnother({ table }: Rules, subject: Subject, { status, facts: claimed = {} }: Claim): Subject {
  const name = table.states[status ?? '']?.identifiedBy ?? '';
  const { [name]: id = '', amount, currency } = claimed;
  const sum = [amount, currency].filter((word) => word !== undefined).join(' ');
  const known = subject.facts?.[further(name)];
  const others = [...(known === undefined ? [] : known.split(', ')), sum === '' ? id : `${id} (${sum})`];
  return { ...subject, facts: { ...subject.facts, [further(name)]: others.slice(0, MOST_FURTHER).join(', ') } };
}

/** As many as an operator reads; the others are in their deliveries. */
const MOST_FURTHER = 20;

function further(name: string): string {
  return `further ${name}`;
}

function isAmong(others: string | undefined, id: string): boolean {
  return others?.split(', ').some((other) => other === id || other.startsWith(`${id} (`)) === true;
}

/** The subject as it enters a state; one that contradicts what was known before is told. */
export function enterTold(rules: Rules, subject: Subject, status: string, by: 'partner' | 'read', now: string): Change {
  const rule = rules.table.states[status];
  const isSeen = (state: string): boolean => subject.statesSeen.includes(state);
  if (rule?.contradictsAfter?.some(isSeen) === true && tellsAll(rules)) {
    const { subject: noted, alerts } = contradict(rules, subject, status, now);
    return changed({ ...enter(rules, noted, status, by, now), finding: 'contradiction' }, alerts);
  }
  return changed(enter(rules, subject, status, by, now));
}

/** True where the partner may have gone back to a state after the present one: newer by its own time, or as a read shows. */
export function mayFollow(rules: Rules, { state }: Subject, status: string): boolean {
  const { mayReturnFrom = [], contradictsAfter = [] } = rules.table.states[status] ?? {};
  return state !== null && [...mayReturnFrom, ...contradictsAfter].includes(state) && tellsAll(rules);
}
