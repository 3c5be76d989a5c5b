import { retryAllParked, retryDelivery } from '../store/deliveries/retry';
import { withStore } from './context';
import { EXIT, type ExitCode } from './exit-codes';
import { complain, counted, say } from './output';
import { whoami } from './whoami';

async function retryAll(): Promise<ExitCode> {
  return withStore(async ({ database }) => {
    const count = await retryAllParked(database, whoami());
    say(`${counted(count, 'delivery goes', 'deliveries go')} to dispatch again.`);
    return EXIT.done;
  });
}

async function retryThese(ids: readonly string[]): Promise<ExitCode> {
  return withStore(async ({ database }) => {
    let code: ExitCode = EXIT.done;
    for (const id of ids) {
      const result = await retryDelivery(database, id, whoami());
      if (result === 'retried') say(`${id} goes to dispatch again.`);
      else {
        complain(result === 'unknown' ? `No delivery has the id ${id}.` : `${id} is not parked.`);
        code = EXIT.found;
      }
    }
    return code;
  });
}

/** `partnerflow retry <delivery id>…|--all`: parked deliveries go to dispatch again. */
export async function retry(ids: readonly string[], { all }: { readonly all?: boolean }): Promise<ExitCode> {
  if ((all === true) === ids.length > 0) {
    complain('Expected delivery ids or --all, one of the two.');
    return EXIT.wrongUse;
  }
  return all === true ? retryAll() : retryThese(ids);
}
