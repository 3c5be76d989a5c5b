import { decode } from '../codecs/decode';
import { ObjectId } from '../codecs/primitives';
import { problemText } from '../domain/problem';
import { mapConcurrently } from '../lib/concurrency';
import {
  createExpectations,
  type ExpectationRequest,
  type ExpectationResult,
  type RegisterExpectation,
} from '../operator/expect';
import { createFlowStarter } from '../temporal/flow-client';
import { type OperatorContext, withStore } from './context';
import { EXIT, type ExitCode, exitWith } from './exit-codes';
import { readExpectationFile } from './expect-file';
import { complain, counted, say, sayJson } from './output';
import { exitTemporalAway, withTemporal } from './temporal';
import { whoami } from './whoami';

interface ExpectOptions {
  readonly dueWithinSeconds?: number;
  readonly json?: boolean;
}

/** `partnerflow expect <partner> <object> <id>`: the object was created at the partner, so its first notification is owed. */
export async function expect(partner: string, object: string, id: string, options: ExpectOptions): Promise<ExitCode> {
  if (!decode(ObjectId, id).ok) return exitWith(EXIT.wrongUse, `id: expected ${ObjectId.name}`);
  const { dueWithinSeconds, json } = options;
  const due = dueWithinSeconds === undefined ? {} : { dueWithinSeconds };
  return withStore((context) =>
    withExpectations(context, async (register) => {
      const result = await register({ partner, object, id, ...due }, whoami());
      switch (result.kind) {
        case 'registered':
        case 'existing':
          if (json === true) sayJson({ workflowId: result.workflowId });
          else say(`${result.workflowId} ${result.kind === 'registered' ? 'is expected now.' : 'is known already.'}`);
          return EXIT.done;
        case 'unknown':
          return exitWith(EXIT.wrongUse, problemText(result.problem));
        case 'temporal-away':
          return exitTemporalAway(context.configuration);
      }
    }),
  );
}

/** `partnerflow expect --file`: a file of expectations, all of them or, with a bad line, none. May be repeated. */
export async function expectFile(path: string): Promise<ExitCode> {
  const { requests, bad } = await readExpectationFile(path);
  for (const { line, problem } of bad) complain(`line ${line}: ${problem}`);
  if (bad.length > 0)
    return exitWith(EXIT.wrongUse, `Nothing was registered: ${counted(bad.length, 'bad line', 'bad lines')}.`);
  return withStore((context) =>
    withExpectations(context, async (register) => {
      const counts = await registerAll(register, requests);
      say(`${counts.registered} registered, ${counts.existing} known already, of ${requests.length}.`);
      if (counts['temporal-away'] === 0) return EXIT.done;
      return exitWith(EXIT.away, 'Temporal is away: run it again when it is back.');
    }),
  );
}

const CALL_TIMEOUT_MS = 10_000;

function withExpectations<T>(
  { configuration, database }: OperatorContext,
  work: (register: RegisterExpectation) => Promise<T>,
): Promise<T> {
  return withTemporal(configuration, (client) => {
    const flows = createFlowStarter(client, configuration.taskQueue, CALL_TIMEOUT_MS);
    return work(createExpectations({ ...configuration, database, flows }));
  });
}

const REQUESTS_AT_ONCE = 16;
const PROGRESS_EVERY = 1_000;

/** Stops once Temporal is away: the next run counts what is registered already as known. */
async function registerAll(register: RegisterExpectation, requests: readonly ExpectationRequest[]) {
  const counts: Record<ExpectationResult['kind'], number> = {
    registered: 0,
    existing: 0,
    unknown: 0,
    'temporal-away': 0,
  };
  let done = 0;
  await mapConcurrently(requests, REQUESTS_AT_ONCE, async (request) => {
    if (counts['temporal-away'] > 0) return;
    counts[(await register(request, whoami())).kind] += 1;
    done += 1;
    if (done % PROGRESS_EVERY === 0) complain(`${done} of ${requests.length}`);
  });
  return counts;
}
