import { search } from '../../store/search';
import { fromStore, type OperationsDependencies } from '../operations/dependencies';
import { Limit, SearchText } from '../operations/fields';
import { checked, type PageRoute, screen } from './route';
import { addresses } from './views/addresses';
import { FoundView } from './views/found-view';

const SHOWN_OF_EACH = 20;

/** Page of what the one search found. */
export function searchPages(dependencies: OperationsDependencies): readonly PageRoute[] {
  return [
    {
      method: 'get',
      path: addresses.search,
      async handle({ query, now }) {
        const { q, limit } = checked({ q: SearchText, limit: Limit }, query);
        if (q === undefined) return { kind: 'redirect', to: addresses.overview };
        const request = { text: q, limit: limit === undefined ? SHOWN_OF_EACH : Number(limit) };
        const found = await fromStore(() => search(dependencies, request));
        return screen(`Find ${q.trim()}`, null, FoundView({ text: q.trim(), found, now }));
      },
    },
  ];
}
