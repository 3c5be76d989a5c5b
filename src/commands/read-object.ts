import { showReadObject } from '../store/flows/readings';
import { withStore } from './context';
import { EXIT, type ExitCode, exitWith } from './exit-codes';
import { say, sayJson } from './output';
import { whoami } from './whoami';

/** `partnerflow object <workflow id>`: the partner's answer to the last read; that it was shown is recorded. */
export async function readObject(workflowId: string, { json }: { readonly json?: boolean }): Promise<ExitCode> {
  return withStore(async ({ database, encryption }) => {
    const object = await showReadObject(database, encryption, { workflowId, by: whoami() });
    if (object === null) return exitWith(EXIT.found, `No answer of a read is kept of the workflow id ${workflowId}.`);
    if (json === true) sayJson(object);
    else say(Buffer.from(object.bodyBase64, 'base64').toString('utf8'));
    return EXIT.done;
  });
}
