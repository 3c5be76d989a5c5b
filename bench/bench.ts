import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { DefaultLogger, Runtime } from '@temporalio/worker';
import { Command, InvalidArgumentError } from 'commander';

import type { BesideOptions, Comparison } from './beside';
import { benchFlows, flowsBeside } from './flows';
import { benchGrowth } from './growth';
import { benchIsolation } from './isolation';
import { benchJudging } from './judging';
import { lifeBeside } from './life';
import { benchMassWork } from './mass-work';
import { benchMigrate } from './migrate';
import { benchNoisy } from './noisy';
import { benchPoison } from './poison';
import { benchReceiver, receiverBeside } from './receiver';
import { benchSearch } from './search';
import { benchStorm } from './storm';
import type { Summary } from './summary';
import { ON_TEMPORAL_SERVER } from './temporal';

Runtime.install({ logger: new DefaultLogger('ERROR') });

type Progress = (text: string) => void;

const BENCHMARKS: Readonly<
  Record<string, (progress: Progress, options: Options) => Promise<Summary | readonly Summary[]>>
> = {
  receiver: benchReceiver,
  flows: benchFlows,
  isolation: benchIsolation,
  judging: benchJudging,
  poison: benchPoison,
  noisy: (progress, { backlog }) => benchNoisy(progress, backlog),
  storm: (progress, { holders, settleSeconds }) => benchStorm(progress, { holders, settleSeconds }),
  growth: (progress, { rows }) => benchGrowth(progress, rows),
  search: (progress, { rows }) => benchSearch(progress, rows),
  migrate: (progress, { rows }) => benchMigrate(progress, rows),
  'mass-work': (progress, { parked, rows }) => benchMassWork(progress, { parked, rows }),
};

const BESIDE: Readonly<Record<string, (options: BesideOptions) => Promise<Comparison>>> = {
  receiver: receiverBeside,
  flows: flowsBeside,
  life: lifeBeside,
};

function describe(summary: Summary): string {
  const lines = Object.entries(summary.median).map(([variant, median]) => {
    const ratio = summary.ratio[variant];
    const beside = ratio === undefined ? '' : `   ours over it: ${ratio}`;
    return `  ${variant.padEnd(18)} ${String(median).padStart(10)}   spread ${summary.spread[variant] ?? 0}${beside}`;
  });
  return [`${summary.name}: ${summary.units}, median of ${summary.rounds} interleaved rounds`, ...lines].join('\n');
}

function tellComparison({ name, units, pairs, median, ratio, interval }: Comparison): string {
  const certainty = interval === null ? 'too few pairs for an interval' : `95 % interval ${interval.join(' to ')}`;
  return [
    `${name}: ${units}, ${String(pairs)} interleaved pairs`,
    `  ours ${String(median.ours)}   theirs ${String(median.theirs)}`,
    `  ours over theirs: median ${String(ratio)}, ${certainty}`,
  ].join('\n');
}

interface Options {
  readonly json?: boolean;
  readonly temporalServer?: boolean;
  readonly beside?: string;
  readonly pairs: number;
  readonly backlog: number;
  readonly holders: readonly number[];
  readonly settleSeconds: number;
  readonly rows: number;
  readonly parked: number;
}

function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Throws for a name that stands for none. */
function chosen<Value>(names: readonly string[], values: Readonly<Record<string, Value>>): readonly Value[] {
  return (names.length === 0 ? Object.keys(values) : names).map((name) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${name}: expected one of ${Object.keys(values).join(', ')}`);
    return value;
  });
}

async function run(names: readonly string[], given: Options): Promise<void> {
  // In the environment, because most of it is measured by processes of their own.
  if (given.temporalServer === true) process.env[ON_TEMPORAL_SERVER] = 'yes';
  const { json, beside, pairs } = given;
  const print = <Result>(result: Result, words: (result: Result) => string): void => {
    process.stdout.write(json === true ? `${JSON.stringify(result)}\n` : `${words(result)}\n\n`);
  };
  if (beside === undefined) {
    for (const benchmark of chosen(names, BENCHMARKS))
      for (const summary of [await benchmark(progress, given)].flat()) print(summary, describe);
    return;
  }
  const options = { folder: resolve(beside), pairs, progress };
  if (!existsSync(join(options.folder, 'dist', 'bench')))
    throw new Error(`--beside: expected a built checkout, found none at ${beside}`);
  for (const compare of chosen(names, BESIDE)) print(await compare(options), tellComparison);
}

function backlogOf(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError('Expected 1 to 9999999.');
  return Number(text);
}

function holdersOf(text: string): readonly number[] {
  return text.split(',').map(backlogOf);
}

function rowsOf(text: string): number {
  if (!/^[1-9]\d{0,7}$/.test(text)) throw new InvalidArgumentError('Expected 1 to 99999999.');
  return Number(text);
}

function pairsOf(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('Expected 1 to 9999.');
  return Number(text);
}

const program = new Command('bench')
  .description('ratios side by side in one run; machines are noisy, so compare nothing but the ratios')
  .argument('[name...]', `which: ${Object.keys(BENCHMARKS).join(', ')}; all without`)
  .option('--beside <folder>', `measure ${Object.keys(BESIDE).join(', ')} in pairs with another built checkout`)
  .option('--pairs <count>', 'how many pairs; an interval needs 6', pairsOf, 15)
  .option('--backlog <count>', 'noisy: how many deliveries of one partner wait', backlogOf, 100_000)
  .option(
    '--holders <counts>',
    'storm: how many holders, one storm for each, joined by commas',
    holdersOf,
    [1_000, 10_000],
  )
  .option('--settle-seconds <seconds>', 'storm: the quiet period of a set', backlogOf, 10)
  .option(
    '--rows <count>',
    'growth, search, migrate, mass-work: how many deliveries were kept before',
    rowsOf,
    1_000_000,
  )
  .option('--parked <count>', 'mass-work: how many of them are parked', rowsOf, 200_000)
  .option(
    '--temporal-server',
    'run on the Temporal server of docker-compose.yml, built from its Go module, not on the dev server',
  )
  .option('--json', 'one JSON object a benchmark')
  .addHelpText(
    'after',
    `
To compare with the release before: check it out beside this folder, then there \`npm ci && npm run build\`, and here
\`npm run bench -- receiver flows --beside <folder>\`. Each pair measures both, one right after the other and each first
in every second pair; its ratio is ours over theirs. The interval holds the median ratio with 95 %: the two differ where
it leaves out 1. Nothing else should run on the machine.`,
  )
  .action(async (names: string[], options: Options) => run(names, options));

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : 'the benchmark failed'}\n`);
  process.exitCode = 2;
});
