import type { ReadPurpose, Subject } from '../src/domain/subject';
import type { FlowAction } from '../src/domain/subject-write';
import { truncateList } from '../src/domain/truncate-list';

/**
 * The text that the Temporal UI shows of a flow without opening code, in Markdown; a list, because tables have no
 * borders there.
 */
export function describe(title: string, subject: Subject, actions: readonly FlowAction[] = []): string {
  return [
    `### ${title} ${plain(subject.id)}`,
    '',
    ...line('state', `**${plain(subject.state ?? 'no notification yet')}**`),
    ...line('owed', plain(subject.waitingFor.join(' or '))),
    ...line('since', subject.since),
    ...line('due', subject.dueAt),
    ...overdueLines(subject),
    ...line('reason', subject.reason === null ? null : plain(subject.reason)),
    ...Object.entries(subject.facts ?? {}).flatMap(([name, value]) => line(plain(name), `**${plain(value)}**`)),
    ...(subject.amounts ?? []).flatMap(({ what, amount, unit }) =>
      line(plain(what), `**${plain(unit === null ? amount : `${amount} ${unit}`)}**`),
    ),
    ...line('ended', subject.end === null ? null : `**${subject.end.at}**, by ${subject.end.by}`),
    ...recurrenceLines(subject),
    ...setLines(subject),
    ...findingLines(subject),
    ...operatorLines(actions),
  ].join('\n');
}

function line(name: string, value: string | null): string[] {
  return value === null || value === '' ? [] : [`- ${name}: ${value}`];
}

/** The next read, and where the runbook says what to do about a finding. */
function overdueLines({ overdue, finding, read }: Subject): readonly string[] {
  const what = finding === null ? '' : `, finding **${finding}**`;
  const help = `what to do: docs/runbook.md, ${finding ?? 'overdue'}`;
  return [
    ...line('overdue', overdue ? `**yes**${what}; ${help}` : null),
    ...line('finding', !overdue && finding !== null ? `**${finding}**; ${help}` : null),
    ...line('next read', read === null ? null : `${read.at}, ${PURPOSES[read.purpose]}`),
  ];
}

const PURPOSES: Readonly<Record<ReadPurpose, string>> = {
  first: 'for what only a read shows, once',
  fill: 'to confirm the fill',
  agreement: 'until it agrees with the webhook',
  illegal: 'because a webhook contradicts',
  record: 'for what only a read shows',
  overdue: 'if nothing comes before',
  operator: 'because an operator asked',
  judge: 'of the ledger, to judge the set',
};

/** The newest recurrences of a savings plan, newest first. */
function recurrenceLines({ recurrences = [] }: Subject): readonly string[] {
  if (recurrences.length === 0) return [];
  const lines = [...recurrences].reverse().slice(0, 10);
  return [
    '',
    '#### Recurrences',
    ...lines.map(
      ({ transactionId, state, deadline, decision, confirmedAt }) =>
        `- ${transactionId}: **${state}**, deadline ${deadline ?? 'unknown'}, decision ${decision ?? 'none'}, confirmed ${confirmedAt ?? 'never'}`,
    ),
  ];
}

/** The movements of a corporate action's set and its breaks, in a back office's columns. */
function setLines({ standing, resolution }: Subject): readonly string[] {
  const resolved = line(
    'resolved',
    resolution === undefined
      ? null
      : `${resolution.at}, as ${resolution.result} by **${plain(resolution.by)}**: ${plain(resolution.reason)}`,
  );
  if (standing === undefined) return resolved;
  const rows = standing.movements.map(
    ({ leg, instrument, amount, creditedAt }) => `| ${leg} | ${instrument} | ${amount} | ${creditedAt} |`,
  );
  const breaks = standing.breaks.map(
    ({ kind, leg, instrument, expected, found }) =>
      `- **${kind}** ${leg ?? ''} ${instrument ?? ''}: expected ${expected ?? 'nothing'}, found ${found ?? 'nothing'}`,
  );
  const broken = breaks.length === 0 ? [] : ['', '#### Breaks', ...breaks];
  const heading = [
    '',
    '#### Movements of the set',
    '',
    '| leg | instrument | amount | credited at |',
    '|---|---|---|---|',
  ];
  return [...resolved, ...heading, ...rows, ...broken];
}

function findingLines({ findings, findingsLeftOut }: Subject): readonly string[] {
  const lines = findings.map(
    ({ at, finding, state, found, count, latestAt }) =>
      `- ${at}: **${finding}** in ${plain(state ?? 'no state')}, found ${plain(found ?? 'nothing')}` +
      (count === undefined ? '' : `; ${count} times, last ${latestAt ?? at}`),
  );
  const between = findingsLeftOut === undefined ? [] : [`- and ${findingsLeftOut} between the first and the latest`];
  return lines.length === 0 ? [] : ['', '#### Findings', ...lines, ...between];
}

function operatorLines(actions: readonly FlowAction[]): readonly string[] {
  const lines = actions.map(
    (action) => `- ${action.at}: **${plain(action.by)}** ${plain(actionInWords(action))}: ${plain(action.reason)}`,
  );
  return lines.length === 0 ? [] : ['', '#### Operators', ...lines];
}

/** An operator's action in words; one that came by Temporal itself, past the operations API and the command line, shows it. */
function actionInWords({ action, details }: FlowAction): string {
  const { seconds = '', result = '', via } = details;
  const words: Readonly<Record<string, string>> = {
    refetch: 'asked for a read',
    extend: `gave ${seconds} s more`,
    resolve: `ended it as ${result}`,
  };
  return `${words[action] ?? action}${via === undefined ? '' : ` (via ${via})`}`;
}

/** Text of others as it is: the UI renders Markdown, and a reason must not become a heading, or a link that hides where it leads. */
export function plain(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>#|~!]/g, (character) => `\\${character}`);
}

/** The reason of the armed timer, in the History and the Timeline of the UI. */
export function timerSummary({ waitingFor, overdue }: Subject): string {
  const owed = truncateList(waitingFor, ' or ');
  if (overdue) return `look again: ${owed} overdue`;
  return owed === '' ? 'look again' : `${owed} due`;
}
