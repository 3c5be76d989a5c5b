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
import { type OperatorContext, withStore } from './context';
import { EXIT, type ExitCode, exitWith } from './exit-codes';
import { type HoldingsFile, isFile, readHoldings } from './holdings-file';
import { counted, say } from './output';
import { sayWords } from './say-words';

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

/** A million lines are compared with each other in one statement. */
const QUERY_TIMEOUT_MS = 600_000;

interface ImportOptions {
  /** Our word for each partner of the file. */
  readonly completeThrough?: string;
}

/** `partnerflow trades import`: our own trades, all lines of a file or none, each once under its reference. */
export async function importTrades(path: string, options: ImportOptions): Promise<ExitCode> {
  if (!isFile(path)) return exitWith(EXIT.wrongUse, `No file ${path}.`);
  return withStore((context) => importInto(context, path, options), { queryTimeoutMs: QUERY_TIMEOUT_MS });
}

async function importInto(
  { configuration, database }: OperatorContext,
  path: string,
  { completeThrough = null }: { readonly completeThrough?: string | null },
): Promise<ExitCode> {
  const { source, bad } = readHoldings(TRADES, path, 'told');
  const { alertWindowMs } = configuration.policies;
  const told = await tellTrades(database, source, { through: completeThrough, alertWindowMs });
  if (told === null) return exitWith(EXIT.found, `Nothing was imported: ${counted(bad(), 'bad line', 'bad lines')}.`);
  const { lines, fresh, late, words } = told;
  say(`${counted(lines, 'line', 'lines')}: ${fresh} new, ${lines - fresh} known already.`);
  if (late > 0) say(`${counted(late, 'trade was', 'trades were')} told late: what rests on it is judged again.`);
  return sayWords(words, completeThrough);
}
