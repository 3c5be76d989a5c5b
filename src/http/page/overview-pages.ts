import { readBalance } from '../../store/stats/balance';
import { listActions } from '../../store/audit';
import { listOverdueFlows } from '../../store/flows/overdue';
import { readDeprecated } from '../../store/stats/deprecated';
import { countWaiting, readPartnerReliability } from '../../store/stats/partner';
import { fromStore, type OperationsDependencies } from '../operations/dependencies';
import { Cursor, Limit } from '../operations/fields';
import { pageRequest } from '../operations/paging';
import { checked, nextOf, type PageRoute, type Reply, screen, type Visit } from './route';
import { addresses } from './views/addresses';
import { OperatorActionsView } from './views/audit-view';
import { OverviewView } from './views/overview-view';

/** As many as a person reads before going to the listing. */
const MOST_OVERDUE_SHOWN = 10;

async function overview(dependencies: OperationsDependencies, { now }: Visit): Promise<Reply> {
  const { database, notRunning, flowLink, partners: names } = dependencies;
  const few = { limit: MOST_OVERDUE_SHOWN, after: null };
  const [balance, waiting, overdue, partners, deprecated] = await fromStore(() =>
    Promise.all([
      readBalance(database, notRunning),
      countWaiting(database),
      listOverdueFlows(database, {}, few, flowLink),
      readPartnerReliability(database, names),
      readDeprecated(database),
    ]),
  );
  const content = OverviewView({
    balance,
    waiting,
    overdue: overdue.items,
    partners,
    deprecated,
    now,
    notices: dependencies.notices?.() ?? [],
  });
  return screen('Overview', 'overview', content);
}

async function audit({ database }: OperationsDependencies, { query }: Visit): Promise<Reply> {
  const filter = checked({ limit: Limit, after: Cursor }, query);
  const { items, next } = await fromStore(() => listActions(database, {}, pageRequest(filter)));
  const content = OperatorActionsView({
    actions: items,
    next: nextOf(addresses.audit, query, next),
    first: filter.after === undefined ? null : addresses.audit,
  });
  return screen('What operators did', 'audit', content);
}

/** Pages of what is wrong, with links to it, and of the actions of operators. */
export function overviewPages(dependencies: OperationsDependencies): readonly PageRoute[] {
  return [
    { method: 'get', path: addresses.overview, handle: (visit) => overview(dependencies, visit) },
    { method: 'get', path: addresses.audit, handle: (visit) => audit(dependencies, visit) },
  ];
}
