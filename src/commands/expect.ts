import { problemText } from '../domain/problem';
import { mapConcurrently } from '../lib/concurrency';
import { createExpectations, type ExpectationResult, type RegisterExpectation } from '../operator/expect';
import type { ExpectationRequest } from '../operator/expectation-request';
import { createFlowStarter } from '../temporal/flow-client';
import { type OperatorContext, withStore } from './context';
import { EXIT, type ExitCode, exitWith } from './exit-codes';
import { readExpectationFile } from './expect-file';
import { expectationOfWords, type ExpectationWords } from './expectation-words';
import { complain, counted, say, sayJson } from './output';
import { exitTemporalAway, withTemporal } from './temporal';
import { whoami } from './whoami';

/** `partnerflow expect <partner> <object> <id>`: something of the object is owed, by default its first notification. */
export async function expect(words: ExpectationWords, asJson: boolean): Promise<ExitCode> {
  const request = expectationOfWords(words);
  if (typeof request === 'string') return exitWith(EXIT.wrongUse, request);
  return withStore((context) =>
    withExpectations(context, async (register) => {
      const result = await register(request, whoami());
      switch (result.kind) {
        case 'registered':
        case 'existing':
          if (asJson) sayJson({ workflowId: result.workflowId });
          else say(`${result.workflowId} ${result.kind === 'registered' ? 'is expected now.' : 'is known already.'}`);
          return EXIT.done;
        case 'unknown':
          return exitWith(EXIT.wrongUse, problemText(result.problem));
        case 'conflict':
          return exitWith(EXIT.found, problemText(result.problem));
        case 'no-worker':
          return exitWith(EXIT.away, 'The flow runs, and no worker answered within 10 s: do workers run?');
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
      if (counts['temporal-away'] > 0) return exitWith(EXIT.away, 'Temporal is away: run it again when it is back.');
      if (counts['no-worker'] > 0)
        return exitWith(EXIT.away, `No worker answered for ${counts['no-worker']}: run it again once workers run.`);
      return counts.conflict > 0 ? EXIT.found : EXIT.done;
    }),
  );
}

const CALL_TIMEOUT_MS = 10_000;

function withExpectations<T>(
  { configuration, database, encryption }: OperatorContext,
  work: (register: RegisterExpectation) => Promise<T>,
): Promise<T> {
  return withTemporal(configuration, (client) => {
    const flows = createFlowStarter(client, configuration.taskQueue, CALL_TIMEOUT_MS);
    const references = { encryption, referenceHashKey: configuration.referenceHashKey };
    return work(createExpectations({ ...configuration, database, flows, references }));
  });
}

const REQUESTS_AT_ONCE = 16;
const PROGRESS_EVERY = 1_000;
/** Requests without an answer of a worker after which the others are left out: each would wait as long. */
const MOST_UNANSWERED = 3;

/** Stops once Temporal is away: the next run counts what is registered already as known. */
async function registerAll(register: RegisterExpectation, requests: readonly ExpectationRequest[]) {
  const counts: Record<ExpectationResult['kind'], number> = {
    registered: 0,
    existing: 0,
    unknown: 0,
    conflict: 0,
    'no-worker': 0,
    'temporal-away': 0,
  };
  let done = 0;
  await mapConcurrently(requests, REQUESTS_AT_ONCE, async (request) => {
    if (counts['temporal-away'] > 0 || counts['no-worker'] >= MOST_UNANSWERED) return;
    const result = await register(request, whoami());
    counts[result.kind] += 1;
    if (result.kind === 'conflict') complain(`${idOf(request)}: ${problemText(result.problem)}`);
    done += 1;
    if (done % PROGRESS_EVERY === 0) complain(`${done} of ${requests.length}`);
  });
  return counts;
}

function idOf({ partner, object, kind, id = 'by its reference' }: ExpectationRequest): string {
  return `${partner}:${object ?? kind ?? ''}:${id}`;
}
