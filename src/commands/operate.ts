import { type ActionResult, createManyOperators, type FlowAction, type OperatorAction } from '../operator/actions';
import { PARTNERS } from '../partners';
import { isLifecycle } from '../domain/lifecycle';
import { type FindingKind, FINDINGS } from '../domain/subject';
import { openFlowIds, type OpenFlowFilter } from '../store/flows/open';
import { storedIdOf } from '../store/flows/stored-ids';
import { type OperatorContext, withStore } from './context';
import { EXIT, type ExitCode, exitWith } from './exit-codes';
import { complain, counted, say } from './output';
import { withTemporal } from './temporal';
import { whoami } from './whoami';

/** The flows, and whether they are only named. */
export interface OperateOptions {
  readonly filter?: string;
  readonly dryRun?: boolean;
  readonly reason: string;
}

/** Flows between two lines of progress. */
const ASKED_AT_ONCE = 500;

const EXPECTED = `words such as overdue=true,partner=${PARTNERS.names[0] ?? ''},lifecycle=order,finding=slow,waiting=settle, joined by commas`;

function isFinding(word: string): word is FindingKind {
  return FINDINGS.some((one) => one === word);
}

/** The filter in a text such as `overdue=true,lifecycle=order`; null where it is none. */
export function readFilter(text: string): OpenFlowFilter | null {
  const words = text.split(',').map((word) => word.split('=').map((part) => part.trim()));
  let filter: OpenFlowFilter = {};
  for (const [name, value = '', ...rest] of words) {
    if (rest.length > 0 || value === '') return null;
    if (name === 'partner' && PARTNERS.names.includes(value)) filter = { ...filter, partner: value };
    else if (name === 'lifecycle' && isLifecycle(value)) filter = { ...filter, lifecycle: value };
    else if (name === 'finding' && isFinding(value)) filter = { ...filter, finding: value };
    else if (name === 'overdue' && (value === 'true' || value === 'false'))
      filter = { ...filter, overdue: value === 'true' };
    else if (name === 'waiting') filter = { ...filter, waitingFor: value };
    else return null;
  }
  return filter;
}

const FAILURES: Readonly<Record<Exclude<ActionResult['kind'], 'done' | 'refused'>, string>> = {
  ended: 'has ended, or is no flow that runs',
  'no-worker': 'got no answer within 10 s: do workers run?',
};

const CROWDED = 'had no turn within 10 s, as others act on it as well: run it again';

function sayResult(id: string, result: ActionResult): void {
  if (result.kind === 'done') say(`${id} done`);
  else complain(`${id} ${wordsOf(result)}`);
}

function wordsOf(result: Exclude<ActionResult, { readonly kind: 'done' }>): string {
  if (result.kind === 'refused') return `refused: ${result.detail}`;
  if (result.kind === 'no-worker' && result.isCrowded === true) return CROWDED;
  return FAILURES[result.kind];
}

async function operateAll(
  { configuration, database }: OperatorContext,
  ids: readonly string[],
  action: OperatorAction,
): Promise<ExitCode> {
  const counts = { done: 0, failed: 0 };
  await withTemporal(configuration, async (client) => {
    const send = createManyOperators(client, database);
    for (let at = 0; at < ids.length; at += ASKED_AT_ONCE) {
      const some = ids.slice(at, at + ASKED_AT_ONCE);
      const results = await send(some, action);
      some.forEach((id, index) => {
        const result = results[index] ?? { kind: 'no-worker' };
        sayResult(id, result);
        counts[result.kind === 'done' ? 'done' : 'failed'] += 1;
      });
      if (ids.length > ASKED_AT_ONCE) complain(`${counts.done + counts.failed} of ${ids.length}`);
    }
  });
  const { done, failed } = counts;
  if (ids.length > 1) say(`${counted(done, 'flow', 'flows')} done, ${failed} failed.`);
  return failed > 0 ? EXIT.found : EXIT.done;
}

/** `partnerflow refetch|extend|resolve`: one flow, several, or all that a filter names; each is recorded with who asked and why. */
export async function operate(
  workflowIds: readonly string[],
  action: FlowAction,
  options: OperateOptions,
): Promise<ExitCode> {
  const filter = options.filter === undefined ? null : readFilter(options.filter);
  if (options.filter !== undefined && filter === null)
    return exitWith(EXIT.wrongUse, `--filter: expected ${EXPECTED}, found ${options.filter}`);
  if ((filter === null) === (workflowIds.length === 0))
    return exitWith(EXIT.wrongUse, 'Expected workflow ids or --filter, one of the two.');
  return withStore(async (context) => {
    const { database } = context;
    const named = (): Promise<string[]> => Promise.all(workflowIds.map((id) => storedIdOf(database, id)));
    const ids = filter === null ? await named() : await openFlowIds(database, filter);
    if (options.dryRun === true) {
      for (const id of ids) say(id);
      return exitWith(EXIT.done, `${counted(ids.length, 'flow', 'flows')} would be asked.`);
    }
    return operateAll(context, ids, { ...action, by: whoami(), reason: options.reason });
  });
}
