import { namedMoment } from '../../domain/moments';
import type { Partner } from '../../domain/partner';
import { readReport, type ReportRequest } from '../../store/report';
import { fromStore, type OperationsDependencies } from './dependencies';
import { NamedMoment, partnerName } from './fields';
import { type Operation, withQuery } from './operation';
import { badValue } from './problems';

/** Longest window of a report. */
const LONGEST_MS = 366 * 24 * 3_600_000;

/** Window of a checked query; without an end it ends now. Throws a `ProblemError` for none, or one that is too long. */
export function reportRequestOf(query: {
  readonly partner?: Partner | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}): ReportRequest {
  if (query.from === undefined) throw badValue({ path: 'from', expected: NamedMoment.name, found: 'nothing' });
  const from = namedMoment(query.from) ?? query.from;
  const to = query.to === undefined ? new Date().toISOString() : (namedMoment(query.to) ?? query.to);
  const lengthMs = Date.parse(to) - Date.parse(from);
  if (lengthMs <= 0 || lengthMs > LONGEST_MS)
    throw badValue({ path: 'to', expected: 'a time after from, at most 366 days', found: to });
  return { partner: query.partner ?? null, from, to };
}

/** Route that accounts for a window of time. */
export function reportOperations({ database, flowLink, partners }: OperationsDependencies): readonly Operation[] {
  return [
    withQuery({
      method: 'get',
      path: '/operations/report',
      summary:
        'What came in a window, and what was lost, recovered, late, and is still owed; by hours, or by days where it is longer than 31 of them. Without `to` it ends now. At most 500 of each are named.',
      answers: { 200: 'Report' },
      query: { partner: partnerName(partners), from: NamedMoment, to: NamedMoment },
      async handle({ query }) {
        const request = reportRequestOf(query);
        return { status: 200, body: await fromStore(() => readReport(database, request, flowLink)) };
      },
    }),
  ];
}
