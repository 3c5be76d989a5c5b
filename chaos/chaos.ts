import { readFileSync, writeFileSync } from 'node:fs';

import { DefaultLogger, Runtime } from '@temporalio/worker';
import { Command, InvalidArgumentError } from 'commander';

import { stopSignal } from '../src/processes/stop-signal';
import { FAULTS } from './fault-kinds';
import { judge } from './oracles';
import { openPlace } from './place';
import { type Plan, planOf } from './plan';
import { type Run, run } from './play';
import { smaller } from './smaller';

Runtime.install({ logger: new DefaultLogger('ERROR') });

interface Options {
  readonly seed: number;
  readonly minutes: number;
  readonly subjects: number;
  readonly replay?: string;
  readonly shrink: number;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Exit code of one run: 0 where everything is as it must be. */
async function chaos(options: Options): Promise<0 | 1> {
  const plan = options.replay === undefined ? planOf(options.seed, options) : planIn(options.replay);
  say(
    `seed ${plan.seed}: ${plan.subjects.length} subjects, ${plan.faults.length} faults in ${plan.lengthMs / 60_000} minutes`,
  );
  const problems = await once(plan, say);
  if (problems.length === 0) return 0;
  say(`\nNot as it must be\n\n${problems.map((text) => `  ${text}`).join('\n')}`);
  const small = await smaller(
    plan,
    async (candidate) => (await once(candidate, () => undefined)).length > 0,
    options.shrink,
  );
  const file = `chaos-${plan.seed}.json`;
  writeFileSync(file, `${JSON.stringify(small, null, 2)}\n`);
  say(
    `\n${small.subjects.length} subjects and ${small.faults.length} faults are left: npm run chaos -- --replay ${file}`,
  );
  return 1;
}

function planIn(file: string): Plan {
  try {
    const plan: Plan = JSON.parse(readFileSync(file, 'utf8'));
    return plan;
  } catch {
    throw new InvalidArgumentError(`--replay: expected a plan that an earlier run has written, found none in ${file}`);
  }
}

/** Sentences of what was wrong in one run of the plan. */
async function once(plan: Plan, tell: (text: string) => void): Promise<readonly string[]> {
  const place = await openPlace(plan);
  try {
    const done = await run(place, plan, tell);
    const problems = await judge(place, done.played);
    tell(table(done, await place.operations.balance()));
    return problems;
  } finally {
    await place.stop();
  }
}

function table({ played, caused }: Run, balance: Readonly<Record<string, number | boolean>>): string {
  const faults = Object.entries(FAULTS).flatMap(([kind, sentence]) => {
    const count = caused.filter(({ fault, failure }) => fault.kind === kind && failure === null).length;
    return count === 0 ? [] : [`  ${String(count).padStart(4)}  ${sentence}`];
  });
  const scripts = new Set(played.map(({ script }) => script.name)).size;
  const counts = Object.entries(balance).map(([name, value]) => `${name} ${String(value)}`);
  return [
    `\n${played.length} subjects took ${scripts} different courses, under`,
    ...faults,
    `balance: ${counts.join(', ')}`,
  ].join('\n');
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('Expected a number above 0.');
  return value;
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('Expected a whole number.');
  return value;
}

const command = new Command('chaos')
  .description(
    'partnerflow under faults, all of them from one seed: partners misbehave, everything is killed, cut and slowed down, ' +
      'and in the end every webhook, flow, movement and message must be accounted for',
  )
  .option('--seed <number>', 'what is played and which faults happen', whole, 1)
  .option('--minutes <count>', 'time in which subjects begin and faults happen', positive, 2)
  .option('--subjects <count>', 'objects of partners', whole, 120)
  .option('--replay <file>', 'run the plan of this file, which an earlier run has written')
  .option('--shrink <runs>', 'at most so many further runs to make a failure small', whole, 8)
  .action(async (options: Options) => {
    void stopSignal().then(() => process.exit(1));
    process.exitCode = await chaos(options);
  });

command.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : 'failed'}\n`);
  process.exitCode = 2;
});
