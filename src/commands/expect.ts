import { ObjectId } from '../codecs/primitives';
import { createExpectations } from '../dispatch/expectations';
import { createFlowStarter } from '../dispatch/flow-starter';
import { createPolicies } from '../policy';
import { readPolicySettings } from '../policy-file';
import { openTemporalClient } from '../temporal-client';
import { withStore } from './context';
import { EXIT, type ExitCode } from './exit-codes';
import { complain, say, sayJson } from './output';

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
    const policies = createPolicies(readPolicySettings(configuration.policyFile), configuration.deadlineScale);
    const temporal = openTemporalClient(configuration);
    try {
      const flows = createFlowStarter(temporal.client, configuration.taskQueue, CALL_TIMEOUT_MS);
      const { dueWithinSeconds, json } = options;
      const due = dueWithinSeconds === undefined ? {} : { dueWithinSeconds };
      const answer = await createExpectations(database, flows, policies)({ partner, object, id, ...due });
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
