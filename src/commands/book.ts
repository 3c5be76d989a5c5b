import type { BookedKind } from '../domain/booking';
import { decidedState, giveKind } from '../store/ledger/kinds';
import { withStore } from './context';
import { EXIT, type ExitCode, exitWith } from './exit-codes';
import { say } from './output';
import { whoami } from './whoami';

interface BookOptions {
  readonly as: BookedKind;
  readonly reason: string;
}

/** A dispatcher looks at least once in this time, where one runs. */
const WAIT_MS = 5_000;

/** `partnerflow book`: an event that does not state what it moves is booked as an operator says. */
export async function book(id: string, { as: kind, reason }: BookOptions): Promise<ExitCode> {
  return withStore(async ({ database }) => {
    switch (await giveKind(database, { deliveryId: id, kind, by: whoami(), reason })) {
      case 'unknown':
        return exitWith(EXIT.found, `No delivery has the id ${id}.`);
      case 'not-parked':
        return exitWith(EXIT.found, `${id} is not parked.`);
      case 'stated':
        return exitWith(EXIT.found, `${id} is not parked because its kind is unknown.`);
      case 'given': {
        const { status, outcome } = await decidedState(database, id, WAIT_MS);
        const isWaiting = status === 'pending';
        say(`${id} ${isWaiting ? `is booked as ${kind} once a dispatcher runs` : `${outcome ?? status} as ${kind}`}.`);
        return EXIT.done;
      }
    }
  });
}
