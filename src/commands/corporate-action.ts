import type { Break, Leg } from '../domain/lifecycles/corporate-actions/corporate-action';
import { Exact, plain } from '../domain/lifecycles/corporate-actions/exact';
import { unknownsInWords } from '../domain/lifecycles/corporate-actions/in-words';
import { type CorporateActionDetail, type HolderItem, loadWholeCorporateAction } from '../store/corporate-actions/list';
import { withStore } from './context';
import { EXIT, type ExitCode, exitWith } from './exit-codes';
import { counted, say, sayJson, table } from './output';

interface CorporateActionOptions {
  readonly json?: boolean;
  readonly csv?: boolean;
}

/** The sum of a leg's movements, one for each instrument. Null where nothing moved. */
function sumOf({ movements }: HolderItem, leg: Leg): string | null {
  const sums = new Map<string, Exact>();
  for (const { leg: own, instrument, amount } of movements) {
    if (own === leg) sums.set(instrument, new Exact(amount).plus(sums.get(instrument) ?? 0));
  }
  const left = [...sums].filter(([, sum]) => !sum.isZero());
  if (left.length > 1) return left.map(([instrument, sum]) => `${plain(sum)} ${instrument}`).join(' ');
  const [only] = left;
  return only === undefined ? null : plain(only[1]);
}

function breakInWords({ kind, leg, instrument, expected, found }: Break): string {
  const where = [leg, instrument].filter((word) => word !== null);
  const what = [expected === null ? null : `expected ${expected}`, found === null ? null : `found ${found}`];
  const details = what.filter((word) => word !== null).join(', ');
  return [kind, ...where, ...(details === '' ? [] : [`(${details})`])].join(' ');
}

/** The reasons why a set is not complete, in words: what is missing or differs, or what is not known. */
function missingOf({ verdict, breaks, unverified, resolution }: HolderItem): string | null {
  const said = verdict === 'unverified' ? unknownsInWords(unverified) : breaks.map(breakInWords);
  const resolved = resolution === null ? [] : [`resolved by ${resolution.by}: ${resolution.reason}`];
  const words = [...said, ...resolved];
  return words.length === 0 ? null : words.join('; ');
}

function cellsOf(holder: HolderItem): readonly (string | null)[] {
  const { userId, before, expectedNew, verdict } = holder;
  return [
    userId,
    before,
    sumOf(holder, 'old-out'),
    sumOf(holder, 'old-in'),
    sumOf(holder, 'new-in'),
    sumOf(holder, 'fiat'),
    expectedNew?.low ?? null,
    expectedNew?.high ?? null,
    verdict ?? 'settling',
    missingOf(holder),
  ];
}

const HEADING = ['HOLDER', 'BEFORE', '-OLD', '+OLD', '+NEW', 'FIAT', 'NEW FROM', 'NEW TO', 'VERDICT', 'MISSING'];

/** The same columns; a sheet would take a heading such as -OLD for a formula. */
const CSV_HEADING = [
  ...['holder', 'before', 'oldOut', 'oldIn', 'newIn', 'fiat'],
  ...['expectedNewLow', 'expectedNewHigh', 'verdict', 'missing'],
];

function csvCell(cell: string | null): string {
  if (cell === null) return '';
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function sayCsv(action: CorporateActionDetail): void {
  for (const cells of [CSV_HEADING, ...action.holders.map(cellsOf)]) {
    say(cells.map(csvCell).join(','));
  }
}

function sayTable(action: CorporateActionDetail): void {
  const { caId, type, oldInstrument, ratios, holders } = action;
  say(`${caId}  ${type}`);
  say(`old  ${oldInstrument ?? 'not known yet'}`);
  for (const { instrument, low, high, completeSets, agreeingSets } of ratios) {
    const proved = low === null || high === null ? 'no ratio proved' : `${low} < ratio < ${high}`;
    say(
      `new  ${instrument}  ${proved}, by ${agreeingSets} of ${counted(completeSets, 'complete set', 'complete sets')}`,
    );
  }
  const rows = holders.map(cellsOf);
  say(`\n${table(HEADING, rows)}`);
  const broken = holders.filter(({ verdict }) => verdict === 'break').length;
  say(`\n${counted(holders.length, 'holder', 'holders')}, ${counted(broken, 'break', 'breaks')}.`);
}

/** `partnerflow corporate-action <caId>`: every holder's set with what is missing; exit code 1 if one is in break. */
export async function corporateAction(caId: string, { json, csv }: CorporateActionOptions): Promise<ExitCode> {
  if (json === true && csv === true) return exitWith(EXIT.wrongUse, 'Expected --json or --csv, one of the two.');
  return withStore(async ({ database }) => {
    const action = await loadWholeCorporateAction(database, caId);
    if (action === null) return exitWith(EXIT.found, `No corporate action has the id ${caId}.`);
    if (json === true) sayJson(action);
    else if (csv === true) sayCsv(action);
    else sayTable(action);
    return action.holders.some(({ verdict }) => verdict === 'break') ? EXIT.found : EXIT.done;
  });
}
