import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parse } from 'yaml';

import type { Exposed } from './exposition';

const OPERATIONS = join(__dirname, '..', '..', 'operations');

/** An expression, and where it stands. */
export interface Expression {
  readonly where: string;
  readonly text: string;
  /** Labels that are shown of its result. */
  readonly shown: readonly string[];
}

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export function alertRules(): readonly AlertRule[] {
  const file = parse(readFileSync(join(OPERATIONS, 'prometheus', 'alerts.yaml'), 'utf8'));
  return file.groups.flatMap((group: { rules: AlertRule[] }) => group.rules);
}

export interface Panel {
  readonly title: string;
  readonly type: string;
  readonly description?: string;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat?: string }[];
}

export interface Dashboard {
  readonly uid: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly query?: string }[] };
}

export function dashboard(): Dashboard {
  const content: Dashboard = JSON.parse(readFileSync(join(OPERATIONS, 'grafana', 'partnerflow.json'), 'utf8'));
  return content;
}

/** Labels that a text shows by a template: `{{partner}}` of Grafana, `{{ $labels.partner }}` of Prometheus. */
function shownIn(text: string): readonly string[] {
  return Array.from(text.matchAll(/\{\{\s*(?:\$labels\.)?([a-zA-Z_]\w*)\s*\}\}/g), ([, label]) => label ?? '');
}

export function allExpressions(): readonly Expression[] {
  const ofAlerts = alertRules().map(({ alert, expr, annotations }) => ({
    where: `alert ${alert}`,
    text: expr,
    shown: Object.values(annotations).flatMap(shownIn),
  }));
  const ofPanels = dashboard().panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, legendFormat = '' }) => ({
      where: `panel ${title}`,
      text: expr.replaceAll('$__rate_interval', '5m'),
      shown: shownIn(legendFormat),
    })),
  );
  return [...ofAlerts, ...ofPanels];
}

interface Asked {
  readonly faults: readonly string[];
  readonly metrics: readonly {
    readonly name: string;
    readonly matchers: readonly { readonly label: string; readonly operator: string; readonly value: string }[];
  }[];
  readonly labels: readonly string[];
}

function parseAll(expressions: readonly Expression[]): readonly Asked[] {
  const script = join(__dirname, 'parse-promql.mjs');
  const { stdout, stderr, status } = spawnSync(process.execPath, [script], {
    input: JSON.stringify(expressions.map(({ text }) => text)),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the parser failed: ${stderr}`);
  const asked: readonly Asked[] = JSON.parse(stdout);
  return asked;
}

/** Prometheus adds these to what a process prints. */
const OF_PROMETHEUS = ['job', 'instance'];

function someValueFits(values: ReadonlySet<string>, operator: string, value: string): boolean {
  const isMatch = operator.endsWith('~')
    ? (one: string): boolean => new RegExp(`^(?:${value})$`).test(one)
    : (one: string): boolean => one === value;
  return operator.startsWith('!') || value.includes('$') || [...values].some(isMatch);
}

/** What an expression asks for that no process prints; empty where all is there. */
export function faultsOf(expressions: readonly Expression[], exposed: Exposed): readonly string[] {
  const asked = parseAll(expressions);
  return expressions.flatMap(({ where, shown }, index) => {
    const { faults, metrics, labels } = asked[index] ?? { faults: ['nothing'], metrics: [], labels: [] };
    const say = (text: string): string => `${where}: ${text}`;
    const labelsThere = new Set([
      ...OF_PROMETHEUS,
      ...metrics.flatMap(({ name }) => [...(exposed.get(name)?.keys() ?? [])]),
    ]);
    return [
      ...faults.map((fault) => say(`no PromQL after ${fault}`)),
      ...(metrics.length === 0 ? [say('asks for nothing')] : []),
      ...metrics.filter(({ name }) => !exposed.has(name)).map(({ name }) => say(`nobody prints ${name}`)),
      ...[...labels, ...shown].filter((label) => !labelsThere.has(label)).map((label) => say(`no label ${label}`)),
      ...metrics.flatMap(({ name, matchers }) =>
        matchers.flatMap(({ label, operator, value }) => {
          const values = exposed.get(name)?.get(label);
          if (values === undefined) return [say(`${name} has no label ${label}`)];
          return someValueFits(values, operator, value) ? [] : [say(`${name} has no ${label}${operator}"${value}"`)];
        }),
      ),
    ];
  });
}
