import { mapConcurrently } from '../lib/concurrency';
import { ObjectId } from '../codecs/primitives';
import { createExpectations, type ExpectationAnswer, type ExpectationRequest } from '../operator/expect';
import { createFlowStarter } from '../temporal/flow-client';
import { openTemporalClient } from '../temporal/client';
import { withStore } from './context';
import { EXIT, type ExitCode } from './exit-codes';
import { readExpectationFile } from './expect-file';
import { complain, counted, say, sayJson } from './output';
import { whoami } from './whoami';

const CALL_TIMEOUT_MS = 10_000;

interface ExpectOptions {
  readonly dueWithinSeconds?: number;
  readonly json?: boolean;
}

/** `partnerflow expect <partner> <object> <id>`: we created it there, so its first notification is owed. */
export async function expect(partner: string, object: string, id: string, options: ExpectOptions): Promise<ExitCode> {
  if (!ObjectId.is(id)) {
    complain(`id: expected ${ObjectId.name}`);
    return EXIT.wrongUse;
  }
  return withStore(async ({ configuration, database }) => {
    const temporal = openTemporalClient(configuration);
    try {
      const flows = createFlowStarter(temporal.client, configuration.taskQueue, CALL_TIMEOUT_MS);
      const { dueWithinSeconds, json } = options;
      const due = dueWithinSeconds === undefined ? {} : { dueWithinSeconds };
      const answer = await createExpectations({ ...configuration, database, flows })(
        { partner, object, id, ...due },
        whoami(),
      );
      switch (answer.kind) {
        case 'registered':
        case 'existing':
          if (json === true) sayJson({ workflowId: answer.workflowId });
          else say(`${answer.workflowId} ${answer.kind === 'registered' ? 'is expected now.' : 'is known already.'}`);
          return EXIT.done;
        case 'unknown-partner':
          complain(`partner: expected one of ${answer.expected.join(', ')}, found ${partner}`);
          return EXIT.wrongUse;
        case 'unknown-object':
          complain(`object: expected one of ${answer.expected.join(', ')}, found ${object}`);
          return EXIT.wrongUse;
        case 'temporal-away':
          complain(`Temporal is away at ${configuration.temporal.connection.address ?? 'its default address'}.`);
          return EXIT.away;
      }
    } finally {
      await temporal.close();
    }
  });
}

const AT_ONCE = 16;
const PROGRESS_EVERY = 1_000;

type Registered = Record<ExpectationAnswer['kind'], number>;

/** Registers all, so many at once; stops when Temporal is away, because what is registered already is only counted the next time. */
async function registerAll(
  register: (request: ExpectationRequest, by: string) => Promise<ExpectationAnswer>,
  requests: readonly ExpectationRequest[],
): Promise<Registered> {
  const counts: Registered = {
    registered: 0,
    existing: 0,
    'unknown-partner': 0,
    'unknown-object': 0,
    'temporal-away': 0,
  };
  let done = 0;
  await mapConcurrently(requests, AT_ONCE, async (request) => {
    if (counts['temporal-away'] > 0) return;
    counts[(await register(request, whoami())).kind] += 1;
    done += 1;
    if (done % PROGRESS_EVERY === 0) complain(`${done} of ${requests.length}`);
  });
  return counts;
}

/** `partnerflow expect --file`: a file of expectations, all of them or, with a bad line, none. May be repeated. */
export async function expectFile(path: string): Promise<ExitCode> {
  const { requests, bad } = await readExpectationFile(path);
  for (const { line, problem } of bad) complain(`line ${line}: ${problem}`);
  if (bad.length > 0) {
    complain(`Nothing was registered: ${counted(bad.length, 'bad line', 'bad lines')}.`);
    return EXIT.wrongUse;
  }
  return withStore(async ({ configuration, database }) => {
    const temporal = openTemporalClient(configuration);
    try {
      const flows = createFlowStarter(temporal.client, configuration.taskQueue, CALL_TIMEOUT_MS);
      const counts = await registerAll(createExpectations({ ...configuration, database, flows }), requests);
      say(`${counts.registered} registered, ${counts.existing} known already, of ${requests.length}.`);
      if (counts['temporal-away'] === 0) return EXIT.done;
      complain('Temporal is away: run it again when it is back.');
      return EXIT.away;
    } finally {
      await temporal.close();
    }
  });
}
