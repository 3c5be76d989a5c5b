import { writeFileSync } from 'node:fs';

import { problemText } from '../domain/problem';
import { type Evidence, gatherEvidence } from '../operator/evidence/evidence';
import { withStore } from './context';
import { EXIT, type ExitCode, exitWith } from './exit-codes';
import { complain, say, sayJson, table } from './output';

interface EvidenceOptions {
  readonly json?: boolean;
  readonly output?: string;
}

const RESULTS = {
  verified: 'Verified: what is stored is what the partner sent.',
  'partly-verified': 'Verified in part: nothing contradicts it, and not everything can be verified any more.',
  altered: 'ALTERED: what is stored is not what was received.',
} as const;

const MARKS = { holds: 'holds', fails: 'FAILS', 'not-possible': 'cannot be verified' } as const;

function factsOf(evidence: Evidence): readonly (readonly [string, string | null])[] {
  const { became, body, verdict } = evidence;
  const state =
    body.state === 'kept' && body.sealedUnder !== null ? `kept, encrypted with "${body.sealedUnder}"` : body.state;
  return [
    ['delivery', evidence.deliveryId],
    ['from', `${evidence.partner}, by ${evidence.source}, as ${evidence.route}`],
    ['received', evidence.receivedAt],
    ['body', `${body.bytes} bytes, ${state}`],
    ['SHA-256', body.sha256],
    ['credential', evidence.credentialFingerprint],
    ['verdict then', verdict.then],
    ['verdict now', verdict.now],
    ['became', `${became.status}${became.outcome === null ? '' : `, ${became.outcome}`}`],
    ['event', became.event],
    ['workflow id', became.workflowId],
    ['settled', became.settledAt],
    ['outcome at', became.outcomeAt],
    ...became.unread.map((problem) => ['left unread', problemText(problem)] as const),
  ];
}

function sayEvidence(evidence: Evidence): void {
  const facts = factsOf(evidence);
  const width = Math.max(...facts.map(([name]) => name.length));
  for (const [name, value] of facts) say(`${name.padEnd(width)}  ${value ?? '-'}`);
  say('');
  for (const { check, result, says } of evidence.checks) say(`${check.padEnd(10)}  ${MARKS[result]}: ${says}`);
  if (evidence.deeds.length > 0) {
    say('\nWhat was done');
    const rows = evidence.deeds.map(({ at, by, action, target, reason }) => [at, by, action, target, reason]);
    say(table(['AT', 'BY', 'ACTION', 'OF', 'REASON'], rows));
  }
  say(`\n${RESULTS[evidence.result]}`);
}

/** A file that is there already stays as it is: it may be evidence of another day. */
function writeNew(path: string, evidence: Evidence): boolean {
  try {
    writeFileSync(path, `${JSON.stringify(evidence, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    complain(isThere ? `${path} is there already; name another file.` : `${path} cannot be written.`);
    return false;
  }
}

/** `partnerflow evidence <delivery id>`: verifies the stored bytes again; says who sent what when, and what became of it. */
export async function evidence(id: string, { json, output }: EvidenceOptions): Promise<ExitCode> {
  return withStore(async ({ configuration, database, encryption }) => {
    const found = await gatherEvidence({ database, encryption, configured: configuration }, id);
    if (found === null) return exitWith(EXIT.found, `No delivery has the id ${id}.`);
    if (output !== undefined && !writeNew(output, found)) return EXIT.wrongUse;
    if (json === true) sayJson(found);
    else sayEvidence(found);
    if (found.result === 'altered') complain(`Delivery ${id} was altered in the database after it was kept.`);
    return found.result === 'altered' ? EXIT.found : EXIT.done;
  });
}
