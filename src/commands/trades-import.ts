import {
  instrumentField,
  momentField,
  partnerField,
  referenceField,
  tradedAmountField,
  userField,
} from '../codecs/holdings';
import { PARTNERS } from '../partners';
import { tellTrades, type TradeLine } from '../store/ledger/trades';
import type { ExitCode } from './exit-codes';
import type { HoldingsFile } from './holdings-file';
import { importHoldings, type ImportOptions } from './import-holdings';
import { counted, say } from './output';

type Column = 'partner' | 'userId' | 'instrument' | 'amount' | 'tradedAt' | 'reference';

const TRADES: HoldingsFile<Column, TradeLine> = {
  columns: [
    ['partner', partnerField(PARTNERS.names)],
    ['userId', userField],
    ['instrument', instrumentField],
    ['amount', tradedAmountField],
    ['tradedAt', momentField],
    ['reference', referenceField],
  ],
  lineOf: (line, value) => ({
    line,
    partner: value('partner'),
    userId: value('userId'),
    instrument: value('instrument'),
    amount: value('amount'),
    tradedAt: value('tradedAt'),
    reference: value('reference'),
  }),
};

/** `partnerflow trades import`: our own trades, all lines of a file or none, each once under its reference. */
export async function importTrades(path: string, options: ImportOptions): Promise<ExitCode> {
  return importHoldings(
    {
      file: TRADES,
      told: 'told',
      write: ({ configuration, database }, source, through) =>
        tellTrades(database, source, { through, alertWindowMs: configuration.policies.alertWindowMs }),
      after: (_context, { late }) => {
        if (late > 0) say(`${counted(late, 'trade was', 'trades were')} told late: what rests on it is judged again.`);
      },
    },
    path,
    options,
  );
}
