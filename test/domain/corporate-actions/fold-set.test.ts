import {
  foldAsked,
  foldJudged,
  foldSetNews,
  type JudgeResult,
} from '../../../src/domain/lifecycles/corporate-actions/fold-set';
import type { SetSnapshot } from '../../../src/domain/lifecycles/corporate-actions/set-news';
import { bitpandaCorporateAction } from '../../../src/partners/bitpanda/lifecycles/corporate-action';
import { refetchSubject, resolveSubject } from '../../../src/domain/operator';
import { newSubject, type Rules } from '../../../src/domain/lifecycles/rules';
import type { Subject } from '../../../src/domain/subject';
import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../../src/config/policy';

const rules: Rules = {
  table: bitpandaCorporateAction,
  policy: createPolicies(DEFAULT_POLICY_SETTINGS, 1).policyOf(bitpandaCorporateAction),
};
const START = '2026-03-02T09:00:00.000Z';

/** So many minutes after the start. */
const at = (minutes: number): string => new Date(Date.parse(START) + minutes * 60_000).toISOString();

const standing = (said: Partial<SetSnapshot>): SetSnapshot => ({
  version: 1,
  verdict: 'complete',
  breaks: [],
  resolved: false,
  obligationDueAt: null,
  movements: [],
  ...said,
});

const MISSING = { kind: 'missing-leg', leg: 'new-in', instrument: 'asset:2', expected: '4', found: null } as const;

function told(subject: Subject, news: Parameters<typeof foldSetNews>[2]['news'], now: string): Subject {
  const arrival = { deliveryId: now, receivedAt: now, contradictsEarlier: false, event: 'corporate-actions' };
  return foldSetNews(rules, subject, { lifecycle: 'corporateAction', news, ...arrival }, now).subject;
}

const moved = (subject: Subject, now: string): Subject => told(subject, { kind: 'movement', type: 'spin_off' }, now);
const judged = (subject: Subject, said: Partial<SetSnapshot>, now: string) =>
  foldJudged(rules, subject, { kind: 'judged', standing: standing(said) }, now);

const settling = moved(newSubject(rules, 'ca:user', START, null), START);

test('a movement is waited after for the settle window, anew with each one', () => {
  expect(settling).toMatchObject({ state: 'spin_off', waitingFor: ['settle'], dueAt: at(15), end: null });
  expect(settling.read).toEqual({ at: at(15), purpose: 'judge' });
  expect(moved(settling, at(10)).read).toEqual({ at: at(25), purpose: 'judge' });
});

test.each(['complete', 'new-share-too-small', 'old-share-sold'] as const)('%s rests', (verdict) => {
  const { subject, alerts } = judged(settling, { verdict }, at(15));
  expect(subject).toMatchObject({ end: { by: 'partner', state: 'spin_off' }, closedForGood: false, waitingFor: [] });
  expect(subject.facts).toEqual({ verdict });
  expect(alerts).toEqual([]);
});

test.each(['unverified', 'break'] as const)('%s keeps the flow open for an answer, overdue after a day', (verdict) => {
  const waiting = judged(settling, { verdict, breaks: verdict === 'break' ? [MISSING] : [] }, at(15)).subject;
  expect(waiting).toMatchObject({ end: null, waitingFor: ['answer'], overdue: false, dueAt: at(15 + 1440) });
  const overdue = judged(waiting, { verdict }, at(15 + 1440));
  expect(overdue.subject).toMatchObject({ overdue: true, waitingFor: ['answer'], end: null });
  expect(overdue.alerts).toEqual([]);
  const again = judged(overdue.subject, { verdict }, overdue.subject.read?.at ?? '');
  expect(again.alerts).toEqual([verdict]);
});

test('a break is said in words beside the state, and gone when it is', () => {
  const broken = judged(settling, { verdict: 'break', breaks: [MISSING] }, at(15)).subject;
  expect(broken.facts?.breaks).toBe('missing-leg new-in asset:2 expected 4');
  const mended = judged(moved(broken, at(20)), { version: 2 }, at(35)).subject;
  expect(mended.facts).toEqual({ verdict: 'complete' });
});

test('what is not known is said in words beside the verdict, and gone when it is known', () => {
  const unknown = [
    { reason: 'holdings not known', missing: ['opening', 'complete-through'] },
    { reason: 'other leg not known', missing: [] },
  ] as const;
  const doubtful = judged(settling, { verdict: 'unverified', unknown }, at(15)).subject;
  expect(doubtful.facts).toEqual({
    verdict: 'unverified',
    unverified: 'holdings not known (opening, complete-through); other leg not known',
  });
  const known = judged(doubtful, { version: 2 }, doubtful.read?.at ?? '').subject;
  expect(known.facts).toEqual({ verdict: 'complete' });
});

test('money to be passed on is waited for, then it rests; unpaid it is overdue and somebody is alerted', () => {
  const owing = judged(settling, { obligationDueAt: at(100) }, at(15)).subject;
  expect(owing).toMatchObject({ waitingFor: ['obligation'], dueAt: at(100), end: null });
  expect(told(owing, { kind: 'standing', standing: standing({ version: 2 }) }, at(50)).end).not.toBeNull();
  const overdue = judged(owing, { obligationDueAt: at(100) }, at(100)).subject;
  expect(overdue).toMatchObject({ overdue: true, waitingFor: ['obligation'] });
  expect(judged(overdue, { obligationDueAt: at(100) }, overdue.read?.at ?? '').alerts).toEqual(['obligation-overdue']);
});

test('while the partner cannot be asked the finding says so, and it is tried on the ladder', () => {
  const asked = foldAsked(settling, 'unreachable', 0, at(15));
  const { subject } = judged(asked, { verdict: 'unverified' }, at(15));
  expect(subject).toMatchObject({ finding: 'unreachable', waitingFor: ['answer'], overdue: false });
  expect(subject.asked).toBeUndefined();
  expect(Date.parse(subject.read?.at ?? '')).toBeLessThan(Date.parse(subject.dueAt ?? ''));
  const reached = foldAsked(subject, 'reached', 0, subject.read?.at ?? '');
  expect(judged(reached, { verdict: 'unverified', version: 2 }, subject.read?.at ?? '').subject.finding).toBeNull();
});

test('what the partner listed and we had not is booked before the set is judged', () => {
  const asked = foldAsked(settling, 'reached', 2, at(15));
  expect(Date.parse(asked.read?.at ?? '')).toBeGreaterThan(Date.parse(at(15)));
  expect(foldAsked(settling, 'reached', 0, at(15)).read).toEqual({ at: at(15), purpose: 'judge' });
});

test('a movement that comes while a set is judged or the partner is asked is waited after: the verdict is too old', () => {
  const news = moved(settling, at(15));
  expect(judged(news, { verdict: 'break', breaks: [MISSING] }, at(15)).subject).toBe(news);
  expect(foldAsked(news, 'reached', 1, at(15))).toBe(news);
});

test('deliveries of ours that wait for dispatch put the judging off, ever longer', () => {
  const behind: JudgeResult = { kind: 'later' };
  const once = foldJudged(rules, settling, behind, at(15)).subject;
  const twice = foldJudged(rules, once, behind, once.read?.at ?? '').subject;
  const wait = (subject: Subject, from: string): number => Date.parse(subject.read?.at ?? '') - Date.parse(from);
  expect(wait(twice, once.read?.at ?? '')).toBeGreaterThan(wait(once, at(15)));
  expect(twice.waitingFor).toEqual(['settle']);
});

test('another holder’s set can turn a resting one into a break, which opens it; an older word changes nothing', () => {
  const resting = judged(settling, { version: 3 }, at(15)).subject;
  const reopened = told(
    resting,
    { kind: 'standing', standing: standing({ version: 4, verdict: 'break', breaks: [MISSING] }) },
    at(99),
  );
  expect(reopened).toMatchObject({ end: null, waitingFor: ['answer'], dueAt: at(99 + 1440) });
  const older = { kind: 'standing', standing: standing({ version: 2, verdict: 'unverified' }) } as const;
  expect(told(resting, older, at(99))).toBe(resting);
});

test('what is said of a set while it settles is left to its own judging', () => {
  const said = { kind: 'standing', standing: standing({ version: 9 }) } as const;
  expect(told(settling, said, at(5))).toBe(settling);
});

test('an operator who resolves a break lets it rest, with who and why; a movement takes that back', () => {
  const broken = judged(settling, { verdict: 'break', breaks: [MISSING] }, at(15)).subject;
  const request = { by: 'night-shift', reason: 'paid by hand', result: 'done' } as const;
  const resolved = resolveSubject(rules, broken, request, at(20));
  expect(resolved).toMatchObject({ end: { by: 'operator' }, closedForGood: false });
  expect(resolved.resolution).toEqual({ ...request, at: at(20) });
  const same = told(
    resolved,
    { kind: 'standing', standing: standing({ version: 2, verdict: 'break', resolved: true }) },
    at(30),
  );
  expect(same.end?.by).toBe('operator');
  expect(moved(resolved, at(40)).resolution).toBeUndefined();
});

test('an operator who asks for a read has the partner asked anew', () => {
  const asked = foldAsked(settling, 'reached', 0, at(15));
  const waiting = judged(asked, { verdict: 'unverified' }, at(15)).subject;
  const refetched = refetchSubject(waiting, at(16));
  expect(refetched.asked).toBeUndefined();
  expect(refetched.read?.at).toBe(at(16));
});

test('an expected movement that never comes is overdue, slow, and climbs', () => {
  const expected = newSubject(rules, 'ca:user', START, at(60));
  const { subject } = judged(foldAsked(expected, 'reached', 0, at(60)), { verdict: null, version: 0 }, at(60));
  expect(subject).toMatchObject({ state: null, finding: 'slow', overdue: true, end: null });
});
