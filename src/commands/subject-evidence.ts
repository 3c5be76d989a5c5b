import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

import { openSubjectFile } from '../operator/subject-file/subject-file';
import { withStore } from './context';
import { EXIT, type ExitCode, exitWith } from './exit-codes';
import { say } from './output';
import { whoami } from './whoami';

/** `partnerflow evidence --subject <id> --out <file>`: everything that is kept of a subject, as one file for an auditor. */
export async function subjectEvidence(id: string, path: string): Promise<ExitCode> {
  return withStore(async ({ configuration, database, encryption, flowLink }) => {
    const dependencies = { database, encryption, configured: configuration, flowLink };
    // A file that is there already stays as it is: it may be evidence of another day. It is opened before anything is read.
    const output = createWriteStream(path, { mode: 0o600, flags: 'wx' });
    const problem = await opened(output);
    if (problem !== null) return exitWith(EXIT.wrongUse, `${path} ${problem}`);
    try {
      const file = await openSubjectFile(dependencies, id, whoami());
      if (file === null) {
        await removed(output, path);
        return exitWith(EXIT.found, `No flow has the workflow id ${id}.`);
      }
      await pipeline(file.content, output);
      say(`${path} holds all evidence of ${file.workflowId}; begin with its index.html.`);
      return EXIT.done;
    } catch (error) {
      // A part must not be taken for the whole.
      await removed(output, path);
      throw error;
    }
  });
}

type Output = ReturnType<typeof createWriteStream>;

/** Reason why a new file cannot be written; null where it can. */
function opened(output: Output): Promise<string | null> {
  return new Promise((resolve) => {
    output.once('open', () => resolve(null));
    output.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'EEXIST' ? 'is there already; name another file.' : 'cannot be written.'),
    );
  });
}

async function removed(output: Output, path: string): Promise<void> {
  output.destroy();
  await rm(path, { force: true });
}
