import type * as t from 'io-ts';

import type { Partner } from '../../domain/partner';
import { mapConcurrently } from '../../lib/concurrency';
import type { OperatorAction } from '../../operator/actions';
import { type OpenFlowFilter, openRowsAfter } from '../../store/flows/open';
import { pageOf, positionOf } from '../../store/pagination';
import type { AskedResult } from './asked';
import { fromStore, type OperationsDependencies } from './dependencies';
import {
  Cursor,
  FindingName,
  LifecycleName,
  OperatorResult,
  partnerName,
  Reason,
  Seconds,
  Truth,
  WaitingWord,
} from './fields';
import { type Answer, type Operation, withBody } from './operation';
import { away, badValue } from './problems';

/** More are asked by the next request: an answer has to come within the time that clients and proxies wait. */
const MOST_ASKED = 50;
const AT_ONCE = 8;

const WORDS = { lifecycle: LifecycleName, finding: FindingName, overdue: Truth, waiting: WaitingWord };
const FILTER_WORDS = ['partner', ...Object.keys(WORDS)];

function optionalFields(partners: readonly Partner[]) {
  return { partner: partnerName(partners), ...WORDS, dryRun: Truth, after: Cursor };
}

type Optional = ReturnType<typeof optionalFields>;
type Given = { readonly [Name in keyof Optional]?: t.TypeOf<Optional[Name]> | undefined };

interface AskedFlow {
  readonly workflowId: string;
  readonly result: AskedResult;
  readonly detail: string | null;
}

/** All open flows is more than anybody means who forgets a word. */
function filterOf({ partner, lifecycle, finding, overdue, waiting }: Given): OpenFlowFilter {
  const filter: OpenFlowFilter = {
    ...(partner === undefined ? {} : { partner }),
    ...(lifecycle === undefined ? {} : { lifecycle }),
    ...(finding === undefined ? {} : { finding }),
    ...(overdue === undefined ? {} : { overdue }),
    ...(waiting === undefined ? {} : { waitingFor: waiting }),
  };
  if (Object.keys(filter).length > 0) return filter;
  throw badValue({ path: 'filter', expected: `at least one of ${FILTER_WORDS.join(', ')}`, found: 'none' });
}

/** Asks so many at once; once no worker has answered, the rest is not asked: each would wait as long. */
async function askAll(
  { operate }: OperationsDependencies,
  workflowIds: readonly string[],
  action: OperatorAction,
  key: string | null,
): Promise<ReadonlyMap<string, AskedFlow>> {
  const asked = new Map<string, AskedFlow>();
  let answers = true;
  await mapConcurrently(workflowIds, AT_ONCE, async (workflowId) => {
    if (!answers) return;
    const answer = await operate(workflowId, action, key);
    if (answer.kind === 'no-worker') answers = false;
    const detail = answer.kind === 'refused' ? answer.detail : null;
    asked.set(workflowId, { workflowId, result: answer.kind, detail });
  });
  return asked;
}

/** Asks the open flows a filter names, from the oldest on, a bounded number of them; `next` leads to the rest. */
async function actOnMany(
  dependencies: OperationsDependencies,
  given: Given,
  action: OperatorAction,
  key: string | null,
): Promise<Answer> {
  const filter = filterOf(given);
  const position = given.after === undefined ? '0' : (positionOf(given.after) ?? '0');
  const rows = await fromStore(() => openRowsAfter(dependencies.database, filter, position, MOST_ASKED + 1));
  const ids = rows.slice(0, MOST_ASKED).map(({ workflowId }) => workflowId);
  const isDry = given.dryRun === true;
  const asked = isDry ? new Map<string, AskedFlow>() : await askAll(dependencies, ids, action, key);
  const results = [...asked.values()].map(({ result }) => result);
  if (results.includes('no-worker') && !results.includes('done')) throw away('no worker answered within 10 s');
  const instead: AskedResult = isDry ? 'would-be-asked' : 'not-asked';
  const body = pageOf(
    rows,
    MOST_ASKED,
    ({ workflowId }) => asked.get(workflowId) ?? { workflowId, result: instead, detail: null },
  );
  return { status: 200, body };
}

const ANSWERS = { 200: 'AskedFlowPage' } as const;
const EACH = `open flows that the filter names, oldest first, at most ${MOST_ASKED} a request; dryRun only says which.`;

/** What an operator may ask of many flows at once; each is asked, and kept, by itself. */
export function manyFlowsOperations(dependencies: OperationsDependencies): readonly Operation[] {
  const optional = optionalFields(dependencies.partners);
  return [
    withBody({
      method: 'post',
      path: '/operations/flows/refetch',
      summary: `Reads the objects at their partner now, of ${EACH}`,
      answers: ANSWERS,
      required: { reason: Reason },
      optional,
      handle: ({ who, key, body }) =>
        actOnMany(dependencies, body, { kind: 'refetch', by: who, reason: body.reason }, key),
    }),
    withBody({
      method: 'post',
      path: '/operations/flows/extend',
      summary: `Gives the partner more time, for ${EACH}`,
      answers: ANSWERS,
      required: { reason: Reason, seconds: Seconds },
      optional,
      handle: ({ who, key, body }) =>
        actOnMany(dependencies, body, { kind: 'extend', by: who, reason: body.reason, seconds: body.seconds }, key),
    }),
    withBody({
      method: 'post',
      path: '/operations/flows/resolve',
      summary: `Ends by hand the ${EACH}`,
      answers: ANSWERS,
      required: { reason: Reason, result: OperatorResult },
      optional,
      handle: ({ who, key, body }) =>
        actOnMany(dependencies, body, { kind: 'resolve', by: who, reason: body.reason, result: body.result }, key),
    }),
  ];
}
