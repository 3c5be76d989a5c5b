import { BREAK_KEY_WORDS, listBreaks } from '../../store/corporate-actions/breaks';
import { loadHolderFlows } from '../../store/corporate-actions/holder-flows';
import { loadCorporateAction } from '../../store/corporate-actions/list';
import { keyOf } from '../../store/key-pagination';
import { listObligations, type ObligationFilter } from '../../store/ledger/obligations';
import { fromStore, type OperationsDependencies } from '../operations/dependencies';
import { Cursor, HolderCursor, Limit, oneOf, text } from '../operations/fields';
import { pageRequest } from '../operations/paging';
import { ProblemError } from '../operations/problems';
import type { Act } from './acting';
import { checked, nextOf, type PageRoute, type Reply, screen, type Visit } from './route';
import { addresses } from './views/addresses';
import { CorporateActionView } from './views/corporate-action-view';
import { BreaksView } from './views/ledger-view';
import { OBLIGATION_CHOICES, ObligationsView } from './views/obligations-view';

const BreakCursor = text('the `next` of the page before', (value) => keyOf(value, BREAK_KEY_WORDS) !== null, {});

async function breaks({ database }: OperationsDependencies, { query }: Visit): Promise<Reply> {
  const filter = checked({ limit: Limit, after: BreakCursor }, query);
  const { items, next } = await fromStore(() => listBreaks(database, pageRequest(filter)));
  const content = BreaksView({
    breaks: items,
    next: nextOf(addresses.breaks, query, next),
    first: filter.after === undefined ? null : addresses.breaks,
  });
  return screen('Breaks', 'breaks', content);
}

async function corporateAction({ database }: OperationsDependencies, { id, query, formToken }: Visit): Promise<Reply> {
  const filter = checked({ limit: Limit, after: HolderCursor }, query);
  const action = await fromStore(() => loadCorporateAction(database, id, pageRequest(filter)));
  const userIds = action?.holders.map(({ userId }) => userId) ?? [];
  const known = await fromStore(() => loadHolderFlows(database, id, userIds));
  if (action === null || known === null) throw new ProblemError(404, 'No corporate action has this id.');
  const address = addresses.corporateAction(action.caId);
  const content = CorporateActionView({
    ...{ action, ...known, formToken },
    next: nextOf(address, query, action.next),
    first: filter.after === undefined ? null : address,
  });
  return screen(`Corporate action ${action.caId}`, 'breaks', content);
}

function obligationFilter(show: (typeof OBLIGATION_CHOICES)[number] | undefined): ObligationFilter {
  if (show === undefined) return {};
  return show === 'overdue' ? { overdue: true } : { state: show };
}

async function obligations({ database }: OperationsDependencies, visit: Visit): Promise<Reply> {
  const { query, now, formToken } = visit;
  const { show, ...filter } = checked({ show: oneOf(OBLIGATION_CHOICES), limit: Limit, after: Cursor }, query);
  const wanted = obligationFilter(show);
  const { items, next } = await fromStore(() => listObligations(database, wanted, pageRequest(filter)));
  const content = ObligationsView({
    ...{ show, obligations: items, now, formToken, done: query.done === 'paid' },
    next: nextOf(addresses.obligations, query, next),
    first: filter.after === undefined ? null : `${addresses.obligations}?show=${show ?? ''}`,
  });
  return screen('Obligations', 'obligations', content);
}

/** Pages of breaks, corporate actions and obligations. */
export function ledgerPages(dependencies: OperationsDependencies, act: Act): readonly PageRoute[] {
  return [
    { method: 'get', path: addresses.breaks, handle: (visit) => breaks(dependencies, visit) },
    {
      method: 'get',
      path: '/operations/page/corporate-action/{id}',
      handle: (visit) => corporateAction(dependencies, visit),
    },
    { method: 'get', path: addresses.obligations, handle: (visit) => obligations(dependencies, visit) },
    {
      method: 'post',
      path: '/operations/page/obligation/{id}/paid',
      async handle({ id, who, form }) {
        const body = { reference: form.text('reference') };
        await act('/operations/obligations/{id}/paid', { id, who, body });
        return { kind: 'redirect', to: `${addresses.obligations}?done=paid` };
      },
    },
  ];
}
