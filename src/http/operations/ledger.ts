import { notPaidNow } from '../../domain/obligation';
import { reverseEvent } from '../../operator/reverse';
import { loadCorporateAction } from '../../store/corporate-actions/list';
import { listObligations, payObligation } from '../../store/ledger/obligations';
import { listPositions } from '../../store/ledger/positions';
import { fromStore, type OperationsDependencies } from './dependencies';
import { holdingsOperations } from './holdings';
import {
  Cursor,
  HolderCursor,
  Id,
  Limit,
  ObligationStateName,
  partnerName,
  PositionCursor,
  Reason,
  Reference,
} from './fields';
import { type Operation, withBody, withQuery } from './operation';
import { pageRequest } from './paging';
import { ProblemError } from './problems';

/** Routes of holdings, obligations and corporate actions. */
function listings({ database, partners }: OperationsDependencies): readonly Operation[] {
  return [
    withQuery({
      method: 'get',
      path: '/operations/positions',
      summary: 'What users hold, by partner, user and instrument; what sums up to 0 is left out.',
      answers: { 200: 'PositionPage' },
      query: { partner: partnerName(partners), user: Id, limit: Limit, after: PositionCursor },
      handle: async ({ query }) => ({
        status: 200,
        body: await fromStore(() => listPositions(database, query, pageRequest(query))),
      }),
    }),
    withQuery({
      method: 'get',
      path: '/operations/obligations',
      summary: 'Money of corporate actions that is to be passed on to users, newest first.',
      answers: { 200: 'ObligationPage' },
      query: { partner: partnerName(partners), user: Id, state: ObligationStateName, limit: Limit, after: Cursor },
      handle: async ({ query }) => ({
        status: 200,
        body: await fromStore(() => listObligations(database, query, pageRequest(query))),
      }),
    }),
    withQuery({
      method: 'get',
      path: '/operations/corporate-actions/{caId}',
      summary:
        "A corporate action with its ratio, and a page of its holders by user with each one's verdict and movements.",
      answers: { 200: 'CorporateAction', 404: 'No such corporate action.' },
      query: { limit: Limit, after: HolderCursor },
      async handle({ id, query }) {
        const action = await fromStore(() => loadCorporateAction(database, id, pageRequest(query)));
        if (action === null) throw new ProblemError(404, 'no corporate action has this id');
        return { status: 200, body: action };
      },
    }),
  ];
}

/** Routes by which an operator adds to the ledger. */
function additions({ database, judging, wakeDispatcher }: OperationsDependencies): readonly Operation[] {
  return [
    withBody({
      method: 'post',
      path: '/operations/obligations/{id}/paid',
      summary: 'An obligation was passed on to its user; the same reference again changes nothing.',
      answers: {
        200: 'Obligation',
        404: 'No such obligation.',
        409: 'It was passed on under another reference, or taken back; `obligation` shows it.',
        422: 'The body is not what was expected.',
      },
      required: { reference: Reference },
      optional: {},
      badBodyStatus: 422,
      async handle({ id, who, body: { reference } }) {
        const paid = await fromStore(() => payObligation(database, id, { by: who, reference }));
        if (paid === null) throw new ProblemError(404, 'no obligation has this id');
        if (paid.reference !== reference)
          throw new ProblemError(409, notPaidNow(paid), { members: { obligation: paid } });
        wakeDispatcher();
        return { status: 200, body: paid };
      },
    }),
    withBody({
      method: 'post',
      path: '/operations/movements/{partner}/{transactionId}/reverse',
      summary:
        'Takes back what an event booked, or one leg of it, by movements of the opposite sign; again changes nothing.',
      answers: { 200: 'ReversedEvent', 404: 'Nothing is booked under this id.' },
      required: { reason: Reason },
      optional: { leg: Id },
      async handle({ ids: [partner = '', transactionId = ''], who, body: { reason, leg } }) {
        if (`${partner}${transactionId}`.includes('\0')) throw new ProblemError(404, 'nothing is booked under this id');
        const request = { partner, transactionId, leg, by: who, reason };
        const reversal = await reverseEvent(database, judging, request, fromStore);
        if (reversal === null) throw new ProblemError(404, 'nothing is booked under this id');
        wakeDispatcher();
        return { status: 200, body: reversal.event };
      },
    }),
  ];
}

/** Routes of the ledger and of the corporate actions judged from it. */
export function ledgerOperations(dependencies: OperationsDependencies): readonly Operation[] {
  return [...listings(dependencies), ...additions(dependencies), ...holdingsOperations(dependencies)];
}
