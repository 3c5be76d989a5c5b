import { processEnvironment, readPolicyVariables } from '../config/configuration';
import { PARTNERS } from '../partners';
import type { Due, Policy } from '../domain/policy';
import { truncateList } from '../domain/truncate-list';
import { EXIT, type ExitCode } from './exit-codes';
import { counted, say, sayJson, table, UNITS } from './output';

/** A duration in the largest unit that holds it whole. */
function inWords(ms: number): string {
  const [unitMs, name] = UNITS.find(([size]) => ms % size === 0) ?? [1, 'ms'];
  return `${ms / unitMs} ${name}`;
}

function dueInWords(due: Due): string {
  return 'ms' in due ? inWords(due.ms) : counted(due.businessDays, 'business day', 'business days');
}

function ladderInWords({ ladder, thenEveryMs }: Policy): string {
  const ladderSteps = ladder.map(({ alert, waitMs }) => `${alert ? 'alert' : 'read'}, wait ${inWords(waitMs)}`);
  return `${ladderSteps.join('; ')}; then every ${inWords(thenEveryMs)}`;
}

function tell(subjects: readonly (readonly [string, Policy])[]): void {
  const rows = subjects.flatMap(([subject, policy]) => [
    [subject, 'first', dueInWords(policy.firstDue)],
    ...Object.entries(policy.dueByState).map(([state, due]) => ['', state, dueInWords(due)]),
  ]);
  say(table(['subject', 'after', 'due'], rows));
  const [, any] = subjects[0] ?? [];
  if (any === undefined) return;
  say(`\nWhile overdue: ${ladderInWords(any)}`);
  say(`A read that lags is repeated after ${any.agreementWaitsMs.map(inWords).join(', ')}.`);
  for (const [days, names] of closedBy(subjects)) {
    say(`No business days of ${truncateList(names, ', ')}: weekends, ${truncateList(days.split(', '), ', ')}`);
  }
  if (any.scale !== 1)
    say(`DEADLINE_SCALE ${any.scale} is in these numbers; business days are scaled when they are due.`);
}

/** Subjects that count business days, by the days that are closed beside weekends. */
function closedBy(subjects: readonly (readonly [string, Policy])[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, readonly string[]>();
  for (const [subject, { holidays }] of subjects) {
    const days = holidays.join(', ');
    if (days !== '') groups.set(days, [...(groups.get(days) ?? []), subject]);
  }
  return groups;
}

/** `partnerflow policy`: the policy in force, from the defaults, the policy file and the scale. Needs no server. */
export function policy({ json }: { readonly json?: boolean }): ExitCode {
  const { policies, deadlineScale } = readPolicyVariables(processEnvironment(), PARTNERS);
  const subjects = PARTNERS.lifecycleTables.map((one): [string, Policy] => [
    `${one.partner}:${one.object}`,
    policies.policyOf(one),
  ]);
  const { alertWindowMs, dispatchTries, sweeps, precisions } = policies;
  const subjectPolicies = Object.fromEntries(subjects);
  if (json === true)
    sayJson({ scale: deadlineScale, alertWindowMs, dispatchTries, sweeps, precisions, subjects: subjectPolicies });
  else {
    tell(subjects);
    say(
      `Alerts of one finding within ${inWords(alertWindowMs)} are one; partners are swept every ${inWords(sweeps.everyMs)}.`,
    );
    say(`A delivery that fails by itself is parked after ${String(dispatchTries)} tries.`);
  }
  return EXIT.done;
}
