import { isPlainText } from '../domain/plain-text';
import { PARTNERS } from '../partners';
import { type Found, FOUND_KINDS, search } from '../store/search';
import { withStore } from './context';
import { EXIT, type ExitCode, exitWith } from './exit-codes';
import { say, sayJson, table } from './output';

/** Options of `partnerflow find`. */
export interface FindOptions {
  readonly limit: number;
  readonly json?: boolean;
}

const LONGEST_TEXT = 5_000;

/** `partnerflow find <text>`: subjects, deliveries, movements and obligations by one text. */
export async function find(text: string, { limit, json }: FindOptions): Promise<ExitCode> {
  if (text.trim() === '' || !isPlainText(text, LONGEST_TEXT))
    return exitWith(EXIT.wrongUse, `Expected a text of 1 to ${LONGEST_TEXT} characters without control characters.`);
  return withStore(async ({ configuration, database, flowLink }) => {
    const { referenceHashKey } = configuration;
    const found = await search({ database, flowLink, partners: PARTNERS.names, referenceHashKey }, { text, limit });
    const isEmpty = FOUND_KINDS.every((kind) => found[kind].length === 0);
    if (json === true) sayJson(found);
    else say(isEmpty ? 'Nothing was found.' : foundInWords(found));
    return isEmpty ? EXIT.found : EXIT.done;
  });
}

function foundInWords({ subjects, deliveries, movements, obligations, more }: Found): string {
  const tables = [
    tableOf(
      ['SUBJECT', 'STATE', 'WAITING FOR', 'FINDING', 'AS OF'],
      subjects.map((one) => [one.workflowId, one.state, one.waitingFor.join(', '), one.finding, one.asOf]),
    ),
    tableOf(
      ['DELIVERY', 'RECEIVED', 'EVENT', 'STATUS', 'OUTCOME', 'OF'],
      deliveries.map((one) => [one.id, one.receivedAt, one.event, one.status, one.outcome, one.workflowId]),
    ),
    tableOf(
      ['MOVEMENT', 'USER', 'INSTRUMENT', 'AMOUNT', 'CREDITED', 'TYPE'],
      movements.map((one) => [one.transactionId, one.userId, one.instrument, one.amount, one.creditedAt, one.type]),
    ),
    tableOf(
      ['OBLIGATION', 'USER', 'INSTRUMENT', 'AMOUNT', 'STATE', 'DUE'],
      obligations.map((one) => [one.id, one.userId, one.instrument, one.amount, one.state, one.dueAt]),
    ),
  ];
  const hint =
    more.length === 0 ? [] : [`There are more ${more.join(', ')}: search for more of the id, or use --limit.`];
  return [...tables.flat(), ...hint].join('\n\n');
}

function tableOf(heading: readonly string[], rows: readonly (readonly (string | null)[])[]): readonly string[] {
  return rows.length === 0 ? [] : [table(heading, rows)];
}
