import type { FlowDetail } from '../store/flows/list';
import { say, table } from './output';

type Rows = readonly (readonly (string | null)[])[];

function sayUnder(title: string, heading: readonly string[], rows: Rows): void {
  if (rows.length === 0) return;
  say(`\n${title}, oldest first`);
  say(table(heading, rows));
}

function sayFacts(facts: readonly (readonly [string, string | null])[]): void {
  const width = Math.max(...facts.map(([name]) => name.length));
  for (const [name, value] of facts) say(`${name.padEnd(width)}  ${value ?? '-'}`);
}

/** Details of an operator's action beside its name, such as `seconds 600`. */
function detailsOf(details: Readonly<Record<string, string | number>>): string | null {
  const words = Object.entries(details).map(([name, value]) => `${name} ${value}`);
  return words.length === 0 ? null : words.join(', ');
}

/** The time and the result of the last read of the object; null while it has not been read. */
function lastReadOf({ lastReading }: FlowDetail): string | null {
  if (lastReading === null) return null;
  const { at, reading } = lastReading;
  switch (reading.kind) {
    case 'object':
      return `${at}, ${reading.status}`;
    case 'absent':
      return `${at}, absent`;
    case 'unreachable':
      return `${at}, unreachable: ${reading.cause}`;
  }
}

/**
 * All that is known of a flow, on standard output: its state, notifications, findings, and the actions of operators.
 */
export function sayFlow(flow: FlowDetail): void {
  sayFacts([
    ['workflow id', flow.workflowId],
    ['lifecycle', flow.lifecycle],
    ['state', flow.state],
    ['waiting for', flow.waitingFor.length === 0 ? null : flow.waitingFor.join(', ')],
    ['since', flow.since],
    ['due', flow.dueAt],
    ['overdue', flow.overdue ? 'yes' : 'no'],
    ['finding', flow.finding],
    ['open', flow.open ? 'yes' : 'no'],
    ['as of', flow.asOf],
    ['last read', lastReadOf(flow)],
    ['Temporal UI', flow.url],
    ['reason', flow.reason],
    ['changed at', flow.changedAt],
    ['user', flow.userId],
    ['reference', flow.reference],
    ['side', flow.side],
    ...(flow.sandbox === null ? [] : [['sandbox', flow.sandbox] as const]),
    ...flow.amounts.map(({ what, amount, unit }) => [what, unit === null ? amount : `${amount} ${unit}`] as const),
    ...Object.entries(flow.facts),
  ]);
  sayUnder(
    'Recurrences',
    ['TRANSACTION', 'STATE', 'DEADLINE', 'DECISION', 'CONFIRMED'],
    flow.recurrences.map((one) => [one.transactionId, one.state, one.deadline, one.decision, one.confirmedAt]),
  );
  sayUnder(
    'Notifications',
    ['AT', 'EVENT', 'OUTCOME', 'DELIVERY'],
    flow.notifications.map(({ at, event, outcome, deliveryId }) => [at, event, outcome ?? 'open', deliveryId]),
  );
  sayUnder(
    'Findings',
    ['AT', 'FINDING', 'STATE', 'FOUND'],
    flow.findings.map(({ at, finding, state, found }) => [at, finding, state, found]),
  );
  sayUnder(
    'Operators',
    ['AT', 'WHO', 'DID', 'WITH', 'WHY'],
    flow.operatorActions.map(({ at, by, action, details, reason }) => [at, by, action, detailsOf(details), reason]),
  );
  sayUnder(
    'Movements',
    ['USER', 'INSTRUMENT', 'AMOUNT', 'FEE', 'CREDITED'],
    flow.movements.map(({ userId, instrument, amount, fee, creditedAt }) => [
      userId,
      instrument,
      amount,
      fee,
      creditedAt,
    ]),
  );
  const { end } = flow;
  if (end !== null) say(`\nEnded ${end.at} as ${end.state ?? 'nothing known'}, by ${end.by}.`);
}
