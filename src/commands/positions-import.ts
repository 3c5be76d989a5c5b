import { heldAmountField, instrumentField, momentField, partnerField, userField } from '../codecs/holdings';
import { PARTNERS } from '../partners';
import { judgeSets } from '../store/corporate-actions/judge';
import { importOpenings, type OpeningLine } from '../store/ledger/openings';
import type { ExitCode } from './exit-codes';
import type { HoldingsFile } from './holdings-file';
import { importHoldings, type ImportOptions } from './import-holdings';
import { counted, say } from './output';

type Column = 'partner' | 'userId' | 'instrument' | 'amount' | 'asOf';

const OPENINGS: HoldingsFile<Column, OpeningLine> = {
  columns: [
    ['partner', partnerField(PARTNERS.names)],
    ['userId', userField],
    ['instrument', instrumentField],
    ['amount', heldAmountField],
    ['asOf', momentField],
  ],
  lineOf: (line, value) => ({
    line,
    partner: value('partner'),
    userId: value('userId'),
    instrument: value('instrument'),
    amount: value('amount'),
    asOf: value('asOf'),
  }),
};

/**
 * `partnerflow positions import`: what users held at a moment, all lines of a file or none; the corporate actions that
 * rest on it are judged again. The same file again is harmless, and finishes judging that was interrupted.
 */
export async function importPositions(path: string, options: ImportOptions): Promise<ExitCode> {
  return importHoldings(
    {
      file: OPENINGS,
      told: 'imported',
      write: ({ database }, source, through) => importOpenings(database, source, through),
      after: async ({ configuration, database }, { affected }) => {
        for (const action of affected) await judgeSets(database, action, configuration.policies);
        if (affected.length > 0)
          say(`${counted(affected.length, 'corporate action', 'corporate actions')} judged again.`);
      },
    },
    path,
    options,
  );
}
