import { search } from '../../store/search';
import { fromStore, type OperationsDependencies } from './dependencies';
import { Limit, SearchText } from './fields';
import { type Operation, withQuery } from './operation';
import { badValue } from './problems';

const DEFAULT_LIMIT = 20;

/** Route that finds things by one text. */
export function searchOperations(dependencies: OperationsDependencies): readonly Operation[] {
  return [
    withQuery({
      method: 'get',
      path: '/operations/search',
      summary:
        'Subjects, deliveries, movements and obligations by a user id, our reference (whole), a transaction id, or a partner’s id (whole or its beginning); `limit` of each.',
      answers: { 200: 'Found' },
      query: { q: SearchText, limit: Limit },
      async handle({ query: { q, limit } }) {
        if (q === undefined) throw badValue({ path: 'q', expected: SearchText.name, found: 'nothing' });
        const request = { text: q, limit: limit === undefined ? DEFAULT_LIMIT : Number(limit) };
        return { status: 200, body: await fromStore(() => search(dependencies, request)) };
      },
    }),
  ];
}
