import type * as t from 'io-ts';

import type { ActionResult, FlowAction, OperatorAction } from '../../operator/actions';
import type { Partner } from '../../domain/partner';
import { loadFlow } from '../../store/flows/list';
import { type OpenFlowFilter, openRowsAfter } from '../../store/flows/open';
import { pageOf, positionOf } from '../../store/pagination';
import { fromStore, type OperationsDependencies } from './dependencies';
import {
  Cursor,
  type Fields,
  FindingName,
  LifecycleName,
  OperatorResult,
  partnerName,
  Reason,
  Seconds,
  Truth,
  WaitingWord,
} from './fields';
import { showFlow } from './flows';
import { type Answer, type Operation, withBody } from './operation';
import { away, badValue, ProblemError } from './problems';

/** Actions of an operator on one flow, and on the open flows that a filter names; each reaches its flow as an Update. */
export function flowActionOperations(dependencies: OperationsDependencies): readonly Operation[] {
  const actions = [
    bothRoutes(dependencies, {
      name: 'refetch',
      summary: 'Reads the object at the partner now.',
      summaryOfMany: 'Reads the objects at their partner now, of',
      required: { reason: Reason },
      actionOf: ({ reason }) => ({ kind: 'refetch', reason }),
    }),
    bothRoutes(dependencies, {
      name: 'extend',
      summary: 'Gives the partner more time: what is owed is due the given seconds from now.',
      summaryOfMany: 'Gives the partner more time, for',
      required: { reason: Reason, seconds: Seconds },
      actionOf: ({ reason, seconds }) => ({ kind: 'extend', reason, seconds }),
    }),
    bothRoutes(dependencies, {
      name: 'resolve',
      summary: 'Ends the flow by hand; its state stays what the partner said last.',
      summaryOfMany: 'Ends by hand the',
      required: { reason: Reason, result: OperatorResult },
      actionOf: ({ reason, result }) => ({ kind: 'resolve', reason, result }),
    }),
  ];
  return [...actions.map(({ one }) => one), ...actions.map(({ many }) => many)];
}

const ANSWERS = {
  200: 'FlowDetail',
  404: 'No such flow.',
  409: 'The flow has ended.',
  422: 'The body is not what was expected, or the flow refused.',
} as const;

const FURTHER_WORDS = { lifecycle: LifecycleName, finding: FindingName, overdue: Truth, waiting: WaitingWord };
const FILTER_WORDS = ['partner', ...Object.keys(FURTHER_WORDS)];

function filterAndPage(partners: readonly Partner[]) {
  return { partner: partnerName(partners), ...FURTHER_WORDS, dryRun: Truth, after: Cursor };
}

/** The most flows of one request: an answer has to come within the time that clients and proxies wait. */
const MOST_FLOWS = 50;
const EACH = `open flows that the filter names, oldest first, at most ${MOST_FLOWS} a request; dryRun only says which.`;

function bothRoutes<Required extends Fields>(
  dependencies: OperationsDependencies,
  action: {
    readonly name: FlowAction['kind'];
    readonly summary: string;
    readonly summaryOfMany: string;
    readonly required: Required;
    readonly actionOf: (body: t.TypeOf<t.TypeC<Required>>) => FlowAction & { readonly reason: string };
  },
): { readonly one: Operation; readonly many: Operation } {
  const { name, summary, summaryOfMany, required, actionOf } = action;
  return {
    one: withBody({
      method: 'post',
      path: `/operations/flows/{workflowId}/${name}`,
      summary,
      answers: ANSWERS,
      badBodyStatus: 422,
      required,
      optional: {},
      handle: ({ id, who, key, body }) => actOnOne(dependencies, id, { ...actionOf(body), by: who }, key),
    }),
    many: withBody({
      method: 'post',
      path: `/operations/flows/${name}`,
      summary: `${summaryOfMany} ${EACH}`,
      answers: { 200: 'AskedFlowPage' },
      required,
      optional: filterAndPage(dependencies.partners),
      handle: ({ who, key, body }) => actOnMany(dependencies, body, { ...actionOf(body), by: who }, key),
    }),
  };
}

async function actOnOne(
  dependencies: OperationsDependencies,
  id: string,
  action: OperatorAction,
  key: string | null,
): Promise<Answer> {
  const { database, flowLink, operate } = dependencies;
  const flow = await fromStore(() => loadFlow(database, id, flowLink));
  if (flow === null) throw new ProblemError(404, 'no flow has this workflow id');
  if (!flow.open) throw new ProblemError(409, 'the flow has ended');
  const result = await operate(flow.workflowId, action, key);
  switch (result.kind) {
    case 'done':
      return showFlow(dependencies, id);
    case 'ended':
      throw new ProblemError(409, 'the flow has ended');
    case 'no-worker':
      throw unanswered([result]);
    case 'refused':
      throw new ProblemError(422, result.detail);
  }
}

/** The problem of actions that nobody did in time. */
function unanswered(results: readonly (ActionResult | null)[]): ProblemError {
  const isCrowded = results.some((result) => result?.kind === 'no-worker' && result.isCrowded === true);
  return away(isCrowded ? 'too many other actions were under way for 10 s: nothing was done' : NO_WORKER);
}

const NO_WORKER = 'no worker answered within 10 s';

type FilterAndPage = t.TypeOf<t.PartialC<ReturnType<typeof filterAndPage>>>;

/**
 * Results of an action on one of many flows: `would-be-asked` of a dry run; `not-asked` where no worker had answered
 * for another flow; else the result of its action.
 */
export const ASKED_RESULTS = ['done', 'would-be-asked', 'ended', 'refused', 'no-worker', 'not-asked'] as const;

/** One of `ASKED_RESULTS`. */
export type AskedResult = (typeof ASKED_RESULTS)[number];

/** Acts on the open flows that a filter names, from the oldest on, a bounded number of them; `next` leads to the rest. */
async function actOnMany(
  { database, operateMany }: OperationsDependencies,
  body: FilterAndPage,
  action: OperatorAction,
  key: string | null,
): Promise<Answer> {
  const filter = filterOf(body);
  const position = body.after === undefined ? '0' : (positionOf(body.after) ?? '0');
  const rows = await fromStore(() => openRowsAfter(database, filter, position, MOST_FLOWS + 1));
  const ids = rows.slice(0, MOST_FLOWS).map(({ workflowId }) => workflowId);
  const isDry = body.dryRun === true;
  const results = isDry ? [] : await operateMany(ids, action, key);
  const kinds = results.map((result) => result?.kind);
  if (kinds.includes('no-worker') && !kinds.includes('done')) throw unanswered(results);
  const resultOf = new Map(ids.map((id, index) => [id, results[index] ?? null]));
  const instead: AskedResult = isDry ? 'would-be-asked' : 'not-asked';
  return {
    status: 200,
    body: pageOf(rows, MOST_FLOWS, ({ workflowId }) => {
      const result = resultOf.get(workflowId) ?? null;
      const detail = result?.kind === 'refused' ? result.detail : null;
      return { workflowId, result: result?.kind ?? instead, detail };
    }),
  };
}

/** Throws where no word is given: all open flows is more than anybody means who forgets one. */
function filterOf({ partner, lifecycle, finding, overdue, waiting }: FilterAndPage): OpenFlowFilter {
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
