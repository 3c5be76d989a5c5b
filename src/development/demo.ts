import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { demonstration } from '../simulator/catalogue';
import type { Observer } from '../simulator/observer';
import type { Script } from '../simulator/script';
import type { Played } from '../simulator/server';
import { stopSignal } from '../processes/stop-signal';
import { openTemporalClient } from '../temporal/client';
import { check, type Checked } from './demo-check';
import { play, sentBy } from './demo-play';
import { writeDemoPolicy } from './demo-policy';
import { tellBalance, tellDifferences, tellLinks, tellMisbehaviour, tellScripts, tellSent } from './demo-story';
import { describeStack, removeDevelopmentFile, writeDevelopmentFile } from './development-file';
import { dataFolder } from './folders';
import { createObserver } from './observer';
import { type BalanceView, createOperationsClient, type OperationsClient } from './operations-client';
import { startStack, type Stack } from './stack';
import { createCleanupStack } from '../lib/cleanup-stack';

const DUE_MS = 7_000;
/**
 * How long flows may take to end after the last step of their scripts, and one step for what it waits for. Long, because
 * nothing is called missed while our own deliveries wait for dispatch, and each such look makes the next one later.
 */
const PATIENCE_MS = 90_000;

interface Result {
  readonly checked: readonly Checked[];
  readonly balance: BalanceView;
  readonly totalsDiffer: readonly string[];
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Variables of the shell are ignored: a demonstration touches nothing but what it starts itself. */
function startDemoStack(folder: string): Promise<Stack> {
  const { PARTNERFLOW_TEST_DATABASE_URL: databaseUrl, PARTNERFLOW_TEST_TEMPORAL_ADDRESS: temporalAddress } =
    process.env;
  return startStack({
    environment: { POLICY_FILE: writeDemoPolicy(folder, DUE_MS) },
    databaseUrl,
    temporalAddress,
    dataFolder: dataFolder(`demo-${process.pid}`),
    keepsFlows: false,
    usualPort: null,
    dueMs: DUE_MS,
    seed: `demo-${Date.now()}`,
    usualLogLevel: 'silent',
  });
}

/** Totals that no single flow shows: what was learned by overdue reads, and what was refused. */
function compareTotals(played: readonly Played[], balance: BalanceView): readonly string[] {
  const sum = (of: (script: Script) => number): number => played.reduce((total, { script }) => total + of(script), 0);
  const recovered = sum((script) => script.expected.recovered);
  const rejected = sum((script) => script.expected.rejected);
  return [
    ...(balance.recovered === recovered ? [] : [`recovered: expected ${recovered}, found ${balance.recovered}`]),
    ...(balance.rejected === rejected ? [] : [`rejected: expected ${rejected}, found ${balance.rejected}`]),
  ];
}

function isWell({ checked, balance, totalsDiffer }: Result): boolean {
  return balance.balanced && totalsDiffer.length === 0 && checked.every(({ differences }) => differences.length === 0);
}

async function checkOnce(client: OperationsClient, stack: Stack, played: readonly Played[]): Promise<Result> {
  const checked = await Promise.all(played.map((one) => check(client, one, sentBy(stack))));
  const balance = await client.balance();
  return { checked, balance, totalsDiffer: compareTotals(played, balance) };
}

/** Looks until everything is as the scripts say, or patience ends; what is well already is looked at again at the end. */
async function checkAll(client: OperationsClient, stack: Stack, played: readonly Played[]): Promise<Result> {
  const endMs = Date.now() + PATIENCE_MS;
  let waiting = played;
  while (waiting.length > 0 && Date.now() < endMs) {
    const { checked } = await checkOnce(client, stack, waiting);
    waiting = checked.flatMap((one) => (one.differences.length === 0 ? [] : [one.played]));
    await delay(500);
  }
  let result = await checkOnce(client, stack, played);
  while (!isWell(result) && Date.now() < endMs) {
    await delay(500);
    result = await checkOnce(client, stack, played);
  }
  return result;
}

function tell(stack: Stack, { checked, balance, totalsDiffer }: Result): boolean {
  const differences = [tellDifferences(checked), ...totalsDiffer.map((line) => `  ${line}`)].filter(
    (text) => text !== '',
  );
  say(`\nHow ${checked.length} objects of the partners ended\n\n${tellScripts(checked)}`);
  say(`\nWhat went wrong on purpose\n\n${tellMisbehaviour(checked)}`);
  say(`\n${tellSent(sentBy(stack))}`);
  say(`\nThe balance\n\n${tellBalance(balance)}`);
  say(`\nWorth a look in the Temporal Web UI (with -- --keep it stays open)\n\n${tellLinks(checked)}`);
  if (differences.length > 0) say(`\nNot as the scripts say\n\n${differences.join('\n')}`);
  const good = differences.length === 0 && balance.balanced;
  say(
    good
      ? '\nEvery flow ended as its script says, and every delivery is accounted for.'
      : '\nThe demonstration failed.',
  );
  return good;
}

/** Shows a person that something goes on. */
async function playing(stack: Stack, observer: Observer): Promise<readonly Played[]> {
  const timer = setInterval(() => process.stdout.write('.'), 1_000);
  const played = await play(stack, observer);
  clearInterval(timer);
  say('');
  return played;
}

async function demonstrate(stack: Stack): Promise<boolean> {
  const client = createOperationsClient(stack.receiver.operationsUrl, stack.credentials.operationsToken);
  const temporal = openTemporalClient(stack.configuration);
  try {
    const observer = createObserver(client, temporal.client, stack.configuration.taskQueue, PATIENCE_MS);
    return tell(stack, await checkAll(client, stack, await playing(stack, observer)));
  } finally {
    await temporal.close();
  }
}

async function keepRunning(stack: Stack, stopped: Promise<void>): Promise<void> {
  writeDevelopmentFile(stack);
  say(`\nLeft running:\n\n${describeStack(stack)}\n\nCtrl-C stops it all.`);
  await stopped;
  removeDevelopmentFile();
}

/** `partnerflow demo`: the main job on real parts. 0 only if balanced and every flow ended as its script says it must. */
export async function runDemo({ keep }: { readonly keep: boolean }): Promise<0 | 1> {
  const stopped = stopSignal();
  const folder = mkdtempSync(join(tmpdir(), 'partnerflow-demo-'));
  say('partnerflow, demonstration: starting PostgreSQL, Temporal, receiver, worker and the simulated partners …');
  const ended = stopped.then(() => 'stopped' as const);
  const cleanup = createCleanupStack();
  try {
    const stack = await startDemoStack(folder);
    cleanup.add(() => stack.stop());
    say(`\n${describeStack(stack)}\n\nPlaying ${demonstration.length} objects under misbehaving partners`);
    const good = await Promise.race([demonstrate(stack), ended]);
    if (good === 'stopped') return 1;
    if (keep) await keepRunning(stack, stopped);
    return good ? 0 : 1;
  } finally {
    await cleanup.stop();
    rmSync(folder, { recursive: true, force: true });
    rmSync(dataFolder(`demo-${process.pid}`), { recursive: true, force: true });
  }
}
