import { heldAmountField, instrumentField, momentField, partnerField, userField } from '../codecs/holdings';
import { PARTNERS } from '../partners';
import { judgeSets } from '../store/corporate-actions/judge';
import { importOpenings, type OpeningLine } from '../store/ledger/openings';
import { type OperatorContext, withStore } from './context';
import { EXIT, type ExitCode, exitWith } from './exit-codes';
import { type HoldingsFile, isFile, readHoldings } from './holdings-file';
import { counted, say } from './output';
import { sayWords } from './say-words';

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

/** A million lines are compared with each other in one statement. */
const QUERY_TIMEOUT_MS = 600_000;

interface ImportOptions {
  /** Our word for each partner of the file. */
  readonly completeThrough?: string;
}

/**
 * `partnerflow positions import`: what users held at a moment, all lines of a file or none; the corporate actions that
 * rest on it are judged again. The same file again is harmless, and finishes judging that was interrupted.
 */
export async function importPositions(path: string, options: ImportOptions): Promise<ExitCode> {
  if (!isFile(path)) return exitWith(EXIT.wrongUse, `No file ${path}.`);
  return withStore((context) => importInto(context, path, options), { queryTimeoutMs: QUERY_TIMEOUT_MS });
}

async function importInto(
  { configuration, database }: OperatorContext,
  path: string,
  { completeThrough = null }: { readonly completeThrough?: string | null },
): Promise<ExitCode> {
  const { source, bad } = readHoldings(OPENINGS, path, 'imported');
  const imported = await importOpenings(database, source, completeThrough);
  if (imported === null)
    return exitWith(EXIT.found, `Nothing was imported: ${counted(bad(), 'bad line', 'bad lines')}.`);
  const { lines, fresh, affected, words } = imported;
  say(`${counted(lines, 'line', 'lines')}: ${fresh} new, ${lines - fresh} known already.`);
  for (const action of affected) await judgeSets(database, action, configuration.policies);
  if (affected.length > 0) say(`${counted(affected.length, 'corporate action', 'corporate actions')} judged again.`);
  return sayWords(words, completeThrough);
}
