import { recordAction } from '../store/audit';
import { reEncryptAll, type ReEncryptionListener } from '../store/deliveries/re-encrypt';
import { countOverdue, type Removed, removeOverdue } from '../store/deliveries/retention';
import { removeOverdueDetails } from '../store/flows/details-retention';
import { reEncryptDetails } from '../store/flows/details-rotation';
import { reEncryptMessages } from '../store/messages/re-encrypt';
import { withStore } from './context';
import { EXIT, type ExitCode, exitWith } from './exit-codes';
import { complain, counted, createProgress, say, sayJson } from './output';
import { whoami } from './whoami';

interface RetentionOptions {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

function bodiesAnd({ bodies, raws }: Pick<Removed, 'bodies' | 'raws'>): string {
  return `${counted(bodies, 'body', 'bodies')} and ${counted(raws, 'kept refused request', 'kept refused requests')}`;
}

/** A job over a large table takes longer than a listing may. */
const JOB_TIMEOUT_MS = 300_000;

/** `partnerflow retention`: removes bodies whose term is over; rows and hashes stay. */
export async function retention({ dryRun, json }: RetentionOptions): Promise<ExitCode> {
  return withStore(
    async ({ configuration, database }) => {
      const days = configuration.bodyRetentionDays;
      const found =
        dryRun === true
          ? await countOverdue(database, days)
          : await removeOverdue(database, days, (removed) => {
              complain(`${removed.partner}: ${bodiesAnd(removed)} so far`);
              return true;
            });
      const bodies = found.reduce((sum, one) => sum + one.bodies, 0);
      const raws = found.reduce((sum, one) => sum + one.raws, 0);
      if (dryRun !== true && bodies + raws > 0) {
        const action = { by: whoami(), action: 'retention', target: 'bodies', reason: null, details: { bodies, raws } };
        await recordAction(database, action);
      }
      const details = dryRun === true ? [] : await removeOverdueDetails(database, days);
      if (json === true) sayJson({ dryRun: dryRun === true, items: found });
      else {
        for (const partner of configuration.partners.names) {
          const one = found.find((removed) => removed.partner === partner);
          const verb = dryRun === true ? 'would be removed' : 'removed';
          say(`${partner}: ${one === undefined ? 'kept for ever' : `${bodiesAnd(one)} ${verb}`}`);
        }
        for (const { partner, references, objects } of details)
          if (references + objects > 0) say(`${partner}: ${references} references and ${objects} read objects removed`);
      }
      return EXIT.done;
    },
    { queryTimeoutMs: JOB_TIMEOUT_MS },
  );
}

const MOST_CLOSED_REPORTED = 5;

/** Progress every few seconds, and a sentence for each of the first rows that cannot be decrypted. */
function createReEncryptionListener(): ReEncryptionListener {
  let closed = 0;
  return {
    progress: createProgress((words: string) => complain(`${words} parts`)),
    continued: complain,
    closed: (problem) => {
      closed += 1;
      if (closed <= MOST_CLOSED_REPORTED) complain(problem.message);
    },
  };
}

/** `partnerflow rotate-bodies`: encrypts under the newest key what is under another, or in clear. */
export async function rotateBodies(): Promise<ExitCode> {
  return withStore(
    async ({ configuration, database, encryption }) => {
      const [newest, ...older] = configuration.bodyKeys ?? [];
      if (newest === undefined)
        return exitWith(EXIT.wrongUse, 'BODY_ENCRYPTION_KEYS is not set: there is no key to encrypt with.');
      const listener = createReEncryptionListener();
      const done = await reEncryptAll(database, encryption, whoami(), listener);
      const messages = await reEncryptMessages(database, encryption, listener.closed);
      if (messages > 0)
        say(`${counted(messages, 'text of a message', 'texts of messages')} re-encrypted with "${newest.id}".`);
      const { deliveries, refused, closed } = done;
      const what = `${counted(deliveries, 'delivery', 'deliveries')} and ${counted(refused, 'refused request', 'refused requests')}`;
      say(`${what} re-encrypted with "${newest.id}".`);
      const details = await reEncryptDetails(database, encryption, ({ message }) => complain(message));
      if (details.subjects > 0)
        say(`${counted(details.subjects, 'subject', 'subjects')} re-encrypted: their references and read objects.`);
      const left = closed + details.closed;
      if (left > 0)
        return exitWith(
          EXIT.found,
          `${counted(left, 'row was', 'rows were')} left as they are: they could not be decrypted.`,
        );
      if (older.length > 0) {
        const named = older.map(({ id }) => `"${id}"`).join(', ');
        say(`Nothing needs ${named} any more, once every receiver and worker encrypts with "${newest.id}".`);
      }
      return EXIT.done;
    },
    { queryTimeoutMs: JOB_TIMEOUT_MS },
  );
}
