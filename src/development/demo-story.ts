import type { Sent } from '../simulator/sender';
import type { Checked } from './demo-check';
import type { BalanceView, FlowView } from './operations-client';

/** Kinds of following a script's objects; the workflow types first. */
const HEADINGS: readonly (readonly [lifecycle: string | null, heading: string])[] = [
  ['order', 'Workflow type order'],
  ['transfer', 'Workflow type transfer'],
  ['onboarding', 'Workflow type onboarding'],
  ['document', 'Workflow type document'],
  ['savingsPlan', 'Workflow type savingsPlan'],
  ['corporateAction', 'Workflow type corporateAction'],
  ['recorded', 'Written down, without a workflow'],
  [null, 'Kept and parked'],
];

const HEADER = ['', 'script', '', 'state', 'findings', 'end'];

/** Lines of the scripts, by workflow type: the partner's behaviour, and the end of its objects. */
export function describeScripts(checked: readonly Checked[]): string {
  const sections = HEADINGS.map(([lifecycle, heading]) => {
    const ofIt = checked.filter(({ flow }) => (flow?.lifecycle ?? null) === lifecycle);
    return { heading: `${heading}: ${ofIt.length}`, rows: [...groupByScript(ofIt)].map(rowOf) };
  });
  const [first, ...lines] = table([HEADER, ...sections.flatMap(({ rows }) => rows)]).split('\n');
  const described = sections.map(({ heading, rows }) => [heading, ...lines.splice(0, rows.length)].join('\n'));
  return [first, ...described].join('\n\n');
}

function groupByScript(checked: readonly Checked[]): ReadonlyMap<string, readonly Checked[]> {
  const groups = new Map<string, Checked[]>();
  for (const one of checked) groups.set(one.played.script.name, [...(groups.get(one.played.script.name) ?? []), one]);
  return groups;
}

function rowOf([name, group]: readonly [string, readonly Checked[]]): readonly string[] {
  const flow = group[0]?.flow ?? null;
  const findings = [...new Set(group.flatMap((one) => (one.flow?.findings ?? []).map(({ finding }) => finding)))];
  const good = group.every(({ differences }) => differences.length === 0);
  return [good ? 'ok' : 'NOT', name, `${group.length}×`, flow?.state ?? '–', findings.join(', '), endOf(flow)];
}

function endOf(flow: FlowView | null): string {
  if (flow === null) return 'parked';
  if (flow.end !== null) return `ended by ${flow.end.by}`;
  return flow.open ? `open, owes ${flow.waitingFor.join(' or ')}` : 'written down';
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  return lines.map((line) => `  ${line.trimEnd()}`).join('\n');
}

/** Number of misbehaviours of partners, by kind. */
export function describeMisbehaviour(checked: readonly Checked[]): string {
  const counts = new Map<string, number>();
  for (const { played } of checked) {
    for (const kind of played.script.misbehaviours) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([kind, number]) => `  ${String(number).padStart(3)} × ${kind}`)
    .join('\n');
}

/** Number of webhooks sent, by their answers. */
export function describeSent(sent: readonly Sent[]): string {
  const answered = (status: number | null): number => sent.filter(({ answer }) => answer === status).length;
  return `${sent.length} webhooks sent: ${answered(200)} answered 200, ${answered(401)} answered 401, ${answered(null)} whose answer was lost`;
}

/** Balance as a sum that a person can check. */
export function describeBalance(balance: BalanceView): string {
  const { received, pending, duplicate, parked, delivered, open, applied, repeated, late, illegal, abandoned } =
    balance;
  return [
    `  received ${received} = pending ${pending} + duplicate ${duplicate} + parked ${parked} + delivered ${delivered}`,
    `  delivered ${delivered} = open ${open} + applied ${applied} + repeated ${repeated} + late ${late} + illegal ${illegal} + abandoned ${abandoned}`,
    `  beside it: rejected ${balance.rejected}, recovered ${balance.recovered}`,
    `  ${balance.balanced ? 'balanced' : 'NOT BALANCED'}`,
  ].join('\n');
}

/** Links to instructive flows in the Temporal Web UI: one of each kind of finding, and every one that is still open. */
export function describeLinks(checked: readonly Checked[]): string {
  const shown = new Set<string>();
  const lines = checked.flatMap(({ played, flow }) => {
    const kind = flow?.finding ?? flow?.findings[0]?.finding ?? flow?.facts.verdict;
    if (flow?.url === undefined || flow.url === null || kind === undefined) return [];
    const key = `${flow.lifecycle} ${kind} ${String(flow.open)}`;
    if (shown.has(key)) return [];
    shown.add(key);
    return [`  ${flow.lifecycle}, ${kind}${flow.open ? ', still open' : ''}: ${played.script.title}\n    ${flow.url}`];
  });
  return lines.join('\n');
}

/** Differences from the scripts, object by object. */
export function describeDifferences(checked: readonly Checked[]): string {
  return checked
    .filter(({ differences }) => differences.length > 0)
    .map(({ played, differences }) => `  ${played.script.name} ${played.workflowId}\n    ${differences.join('\n    ')}`)
    .join('\n');
}
