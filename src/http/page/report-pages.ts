import { readReport } from '../../store/report';
import { fromStore, type OperationsDependencies } from '../operations/dependencies';
import { NamedMoment, partnerName } from '../operations/fields';
import { reportRequestOf } from '../operations/report';
import { checked, type PageRoute, screen } from './route';
import { addresses } from './views/addresses';
import { ReportView } from './views/report-view';

const DAY_MS = 86_400_000;

/** Page that accounts for a window of time; the last day where none is asked for. */
export function reportPages({ database, flowLink, partners }: OperationsDependencies): readonly PageRoute[] {
  return [
    {
      method: 'get',
      path: addresses.report,
      async handle({ query, now }) {
        const asked = checked({ partner: partnerName(partners), from: NamedMoment, to: NamedMoment }, query);
        const dayBefore = new Date(now.getTime() - DAY_MS).toISOString();
        const { partner, from = dayBefore, to } = asked;
        const request = reportRequestOf({ partner, from, to });
        const report = await fromStore(() => readReport(database, request, flowLink));
        return screen('Report', 'report', ReportView({ report, partner, partners, from, to: to ?? '', now }));
      },
    },
  ];
}
