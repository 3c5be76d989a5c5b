import { reverseEvent } from '../operator/reverse';
import { PARTNERS } from '../partners';
import { withStore } from './context';
import { EXIT, type ExitCode, exitWith } from './exit-codes';
import { counted, say, sayJson, table } from './output';
import { whoami } from './whoami';

interface ReverseOptions {
  readonly reason: string;
  readonly leg?: string;
  readonly json?: boolean;
}

/** Judging the sets of a corporate action with thousands of holders is more than a listing. */
const QUERY_TIMEOUT_MS = 60_000;

/** `partnerflow reverse`: takes back what an event booked, by movements of the opposite sign; again changes nothing. */
export async function reverse(
  partner: string,
  transactionId: string,
  { json, leg, reason }: ReverseOptions,
): Promise<ExitCode> {
  if (PARTNERS.module(partner) === undefined)
    return exitWith(EXIT.wrongUse, `partner: expected one of ${PARTNERS.names.join(', ')}, found ${partner}`);
  return withStore(
    async ({ configuration, database }) => {
      const request = { partner, transactionId, leg, by: whoami(), reason };
      const reversal = await reverseEvent(database, configuration.policies, request);
      if (reversal === null)
        return exitWith(
          EXIT.found,
          `Nothing is booked under ${partner} ${transactionId}${leg === undefined ? '' : `, leg ${leg}`}.`,
        );
      if (json === true) sayJson(reversal.event);
      else {
        const rows = reversal.event.movements.map((one) => [
          one.leg,
          one.userId,
          one.instrument,
          one.amount,
          one.reason,
        ]);
        say(table(['LEG', 'USER', 'INSTRUMENT', 'AMOUNT', 'REASON'], rows));
        say(`\n${counted(reversal.taken, 'leg was', 'legs were')} taken back.`);
      }
      return EXIT.done;
    },
    { queryTimeoutMs: QUERY_TIMEOUT_MS },
  );
}
