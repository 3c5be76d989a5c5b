import { Counter, Histogram, type Registry } from 'prom-client';

/** Counter of fields that were left unread; dispatchers count those of webhooks, workers those of answers to reads. */
export const UNREAD_FIELDS = 'partnerflow_unread_fields_total';

/** Metric with its labels, before it is registered. */
interface Series<Label extends string> {
  readonly name: string;
  readonly help: string;
  /** Label names with all values they can have: fixed lists, never a value from a request. */
  readonly labels: Readonly<Record<Label, readonly string[]>>;
  readonly registry: Registry;
}

/**
 * Counter with every series present from the start: a rate is never missing, and the first count of a process is an
 * increase instead of a series that begins at one.
 */
export function counter<Label extends string>({ name, help, labels, registry }: Series<Label>): Counter<Label> {
  const made = new Counter({ name, help, labelNames: labelNamesOf(labels), registers: [registry] });
  for (const combination of combinations(labels)) made.inc(combination, 0);
  return made;
}

/** Counter of which only some combinations of labels can be: each of them is present from the start. */
export function counterOf<Label extends string>(
  {
    name,
    help,
    labelNames,
    registry,
  }: Pick<Series<Label>, 'name' | 'help' | 'registry'> & { readonly labelNames: readonly Label[] },
  combined: readonly Readonly<Record<Label, string>>[],
): Counter<Label> {
  const made = new Counter({ name, help, labelNames, registers: [registry] });
  for (const one of combined) made.inc(one, 0);
  return made;
}

function labelNamesOf<Label extends string>(labels: Series<Label>['labels']): Label[] {
  const names: Label[] = [];
  for (const label in labels) names.push(label);
  return names;
}

type Combination<Label extends string> = Partial<Record<Label, string>>;

function combinations<Label extends string>(labels: Series<Label>['labels']): readonly Combination<Label>[] {
  let all: Combination<Label>[] = [{}];
  for (const label in labels) all = all.flatMap((some) => labels[label].map((value) => ({ ...some, [label]: value })));
  return all;
}

/** Histogram of seconds, with every series present from the start. */
export function histogram<Label extends string>({
  name,
  help,
  labels,
  registry,
  buckets,
}: Series<Label> & { readonly buckets: readonly number[] }): Histogram<Label> {
  const labelNames = labelNamesOf(labels);
  const made = new Histogram({ name, help, labelNames, buckets: [...buckets], registers: [registry] });
  for (const combination of combinations(labels)) made.zero(combination);
  return made;
}
