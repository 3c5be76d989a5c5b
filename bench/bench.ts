import { DefaultLogger, Runtime } from '@temporalio/worker';
import { Command } from 'commander';

import { benchFlows } from './flows';
import { benchIsolation } from './isolation';
import { benchJudging } from './judging';
import { benchReceiver } from './receiver';
import type { Summary } from './summary';

Runtime.install({ logger: new DefaultLogger('ERROR') });

const BENCHMARKS: Readonly<Record<string, (progress: (text: string) => void) => Promise<Summary>>> = {
  receiver: benchReceiver,
  flows: benchFlows,
  isolation: benchIsolation,
  judging: benchJudging,
};

function describe(summary: Summary): string {
  const lines = Object.entries(summary.median).map(([variant, median]) => {
    const ratio = summary.ratio[variant];
    const beside = ratio === undefined ? '' : `   ours over it: ${ratio}`;
    return `  ${variant.padEnd(18)} ${String(median).padStart(10)}   spread ${summary.spread[variant] ?? 0}${beside}`;
  });
  return [`${summary.name}: ${summary.units}, median of ${summary.rounds} interleaved rounds`, ...lines].join('\n');
}

async function run(names: readonly string[], json: boolean): Promise<void> {
  for (const name of names.length === 0 ? Object.keys(BENCHMARKS) : names) {
    const benchmark = BENCHMARKS[name];
    if (benchmark === undefined) throw new Error(`${name}: expected one of ${Object.keys(BENCHMARKS).join(', ')}`);
    const summary = await benchmark((text) => process.stderr.write(`${text}\n`));
    process.stdout.write(json ? `${JSON.stringify(summary)}\n` : `${describe(summary)}\n\n`);
  }
}

const program = new Command('bench')
  .description('ratios side by side in one run; machines are noisy, so compare nothing but the ratios')
  .argument('[name...]', `which: ${Object.keys(BENCHMARKS).join(', ')}; all without`)
  .option('--json', 'one JSON object a benchmark')
  .action(async (names: string[], options: { json?: boolean }) => run(names, options.json === true));

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : 'the benchmark failed'}\n`);
  process.exitCode = 2;
});
