import { giveWordAlone } from '../../store/ledger/complete-through';
import type { LineConflict } from '../../store/ledger/line-import';
import { tellTrades, type ToldTrades, type TradeLine } from '../../store/ledger/trades';
import { fromStore, type OperationsDependencies } from './dependencies';
import { type ToldTrade, tradesField, withTrades, wordFields } from './holdings-fields';
import { type Operation, withBody } from './operation';
import { badValue } from './problems';

/** A thousand trades whose texts are as long as they may be, in full Unicode. */
const LARGEST_BODY_BYTES = 2 * 1024 * 1024;

/** Routes by which our own backend tells of holdings what the partner does not say. */
export function holdingsOperations(dependencies: OperationsDependencies): readonly Operation[] {
  const { database, partners, wakeDispatcher } = dependencies;
  return [
    withBody({
      method: 'post',
      path: '/operations/trades',
      summary:
        'Our own trades, up to 1,000, all or none, each once under its reference; what rests on a changed holding is judged again.',
      answers: {
        200: 'ToldTrades',
        409: 'Another trade is told under a reference.',
        422: 'A trade is not as expected.',
      },
      required: { trades: tradesField(partners) },
      optional: {},
      badBodyStatus: 422,
      largestBodyBytes: LARGEST_BODY_BYTES,
      inFull: withTrades,
      async handle({ who, body: { trades } }) {
        const { lines, fresh, late } = await tell(dependencies, trades, who);
        wakeDispatcher();
        return { status: 200, body: { trades: lines, new: fresh, late } };
      },
    }),
    withBody({
      method: 'post',
      path: '/operations/holdings/complete-through',
      summary:
        'Our word that all openings and trades at a partner up to a moment are told: only then a holding before is known.',
      answers: { 200: 'CompleteThrough', 422: 'The body is not what was expected.' },
      required: wordFields(partners),
      optional: {},
      badBodyStatus: 422,
      async handle({ who, body }) {
        const word = await fromStore(() => giveWordAlone(database, body, who));
        wakeDispatcher();
        return { status: 200, body: word };
      },
    }),
  ];
}

/** Trades as they were told. Throws a 409 for one that says something else than is told under its reference. */
async function tell(
  { database, judging }: OperationsDependencies,
  trades: readonly ToldTrade[],
  by: string,
): Promise<ToldTrades> {
  const conflicts: LineConflict[] = [];
  const lines = trades.map((trade, index): TradeLine => ({ ...trade, line: index + 1 }));
  const source = {
    ...{ by, isSound: () => true },
    batches: inOneBatch(lines),
    onConflicts: (found: readonly LineConflict[]) => {
      conflicts.push(...found);
    },
  };
  const options = { through: null, alertWindowMs: judging.alertWindowMs };
  const told = await fromStore(() => tellTrades(database, source, options));
  if (told !== null) return told;
  const [{ line, field, expected, found } = NO_CONFLICT] = conflicts;
  throw badValue({ path: `trades.${line - 1}.${field}`, expected, found }, 409);
}

const NO_CONFLICT: LineConflict = {
  line: 1,
  otherLine: null,
  field: 'reference',
  expected: 'the same trade',
  found: 'another',
};

async function* inOneBatch(lines: readonly TradeLine[]): AsyncGenerator<readonly TradeLine[]> {
  yield await Promise.resolve(lines);
}
