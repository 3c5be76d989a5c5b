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
import {
  describeBalance,
  describeDifferences,
  describeLinks,
  describeMisbehaviour,
  describeScripts,
  describeSent,
} from './demo-story';
import { describeStack, removeDevelopmentFile, writeDevelopmentFile } from './development-file';
import { dataFolder } from './folders';
import { createObserver } from './observer';
import { type BalanceView, createOperationsClient, type OperationsClient } from './operations-client';
import { startStack, type Stack } from './stack';
import type { TemporalProxy } from './temporal-proxy';
import { createCleanupStack } from '../lib/cleanup-stack';

/**
 * Exit code of `partnerflow demo`, the main task on real parts: 0 only if balanced and every flow ended as its script
 * says it must.
 */
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

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

const DUE_MS = 7_000;

/**
 * Stack of the demonstration. Variables of the shell are ignored: a demonstration uses only servers that it starts
 * itself.
 */
function startDemoStack(folder: string): Promise<Stack> {
  const { PARTNERFLOW_TEST_DATABASE_URL: databaseUrl, PARTNERFLOW_TEST_TEMPORAL_ADDRESS: temporalAddress } =
    process.env;
  return startStack({
    environment: { POLICY_FILE: writeDemoPolicy(folder, DUE_MS) },
    databaseUrl,
    temporalAddress,
    dataFolder: dataFolder(`demo-${process.pid}`),
    keepsFlows: false,
    breaksSignals: true,
    usualPort: null,
    dueMs: DUE_MS,
    seed: `demo-${Date.now()}`,
    usualLogLevel: 'silent',
  });
}

/**
 * Longest time for flows to end after the last step of their scripts, and for one step's wait. It is long, because
 * nothing is called missed while our own deliveries wait for dispatch, and each such read delays the next one.
 */
const PATIENCE_MS = 90_000;

async function demonstrate(stack: Stack): Promise<boolean> {
  const client = createOperationsClient(stack.receiver.operationsUrl, stack.credentials.operationsToken);
  const temporal = openTemporalClient(stack.configuration);
  try {
    const { taskQueue } = stack.configuration;
    const observer = createObserver(client, temporal.client, taskQueue, refusing(stack.temporalProxy), PATIENCE_MS);
    return report(stack, await checkAll(client, stack, await playing(stack, observer)));
  } finally {
    await temporal.close();
  }
}

/** Refusal of signals by the proxy before Temporal, flow by flow. */
function refusing(proxy: TemporalProxy | null): Observer['refuseSignals'] {
  const codes = new Map<string, number>();
  proxy?.use(({ workflowId }) => {
    const code = codes.get(workflowId ?? '');
    return code === undefined ? null : { kind: 'refuse', code };
  });
  return (workflowId, code) => {
    if (code === null) codes.delete(workflowId);
    else codes.set(workflowId, code);
  };
}

interface Result {
  readonly checked: readonly Checked[];
  readonly balance: BalanceView;
  readonly totalsDiffer: readonly string[];
}

function report(stack: Stack, { checked, balance, totalsDiffer }: Result): boolean {
  const differences = [describeDifferences(checked), ...totalsDiffer.map((line) => `  ${line}`)].filter(
    (text) => text !== '',
  );
  say(`\nHow ${checked.length} objects of the partners ended\n\n${describeScripts(checked)}`);
  say(`\nWhat went wrong on purpose\n\n${describeMisbehaviour(checked)}`);
  say(`\n${describeSent(sentBy(stack))}`);
  say(`\nThe balance\n\n${describeBalance(balance)}`);
  say(`\nWorth a look in the Temporal Web UI (with -- --keep it stays open)\n\n${describeLinks(checked)}`);
  if (differences.length > 0) say(`\nNot as the scripts say\n\n${differences.join('\n')}`);
  const good = differences.length === 0 && balance.balanced;
  say(
    good
      ? '\nEvery flow ended as its script says, and every delivery is accounted for.'
      : '\nThe demonstration failed.',
  );
  return good;
}

/**
 * Result of checking everything until it is as the scripts say, or the time is over; objects that are right already
 * are checked again at the end.
 */
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

async function checkOnce(client: OperationsClient, stack: Stack, played: readonly Played[]): Promise<Result> {
  const checked = await Promise.all(played.map((one) => check(client, one, sentBy(stack))));
  const balance = await client.balance();
  return { checked, balance, totalsDiffer: compareTotals(played, balance) };
}

/** Differences in totals that no single flow shows: statuses learned by overdue reads, and rejected requests. */
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

/** Play of all scripts, with a sign of progress. */
async function playing(stack: Stack, observer: Observer): Promise<readonly Played[]> {
  const timer = setInterval(() => process.stdout.write('.'), 1_000);
  const played = await play(stack, observer);
  clearInterval(timer);
  say('');
  return played;
}

async function keepRunning(stack: Stack, stopped: Promise<void>): Promise<void> {
  writeDevelopmentFile(stack);
  say(`\nLeft running:\n\n${describeStack(stack)}\n\nCtrl-C stops it all.`);
  await stopped;
  removeDevelopmentFile();
}
