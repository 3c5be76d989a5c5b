import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freePort } from '../../src/development/ports';

/** One message that the bank's side has applied. */
export interface Applied {
  readonly id: string;
  readonly type: string;
  readonly subject?: string;
  readonly sequence?: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly [member: string]: unknown;
}

/** The consumer of examples/, as a process of its own. */
export interface Consumer {
  readonly url: string;
  /** What it has applied, in order; it survives a kill. */
  applied(): readonly Applied[];
  start(): Promise<void>;
  /** `kill -9`, while it may be in the middle of anything. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

const SCRIPT = join(__dirname, '..', '..', 'examples', 'consumer', 'consumer.cjs');

export async function openConsumer(secret: string): Promise<Consumer> {
  const folder = await mkdtemp(join(tmpdir(), 'partnerflow-consumer-'));
  const [port, file] = [await freePort(), join(folder, 'messages.jsonl')];
  let child: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    const ending = child;
    if (ending === undefined) return;
    child = undefined;
    const ended = new Promise<void>((resolve) => ending.once('exit', () => resolve()));
    ending.kill('SIGKILL');
    await ended;
  };
  return {
    url: `http://127.0.0.1:${String(port)}/`,
    applied: () => {
      const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
      // The last one may be on its way.
      return lines.slice(0, -1).map((line) => JSON.parse(line));
    },
    async start() {
      const started = spawn(process.execPath, [SCRIPT, String(port), file], {
        env: { PATH: process.env.PATH, OUTBOX_WEBHOOK_SECRET: secret },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      child = started;
      await new Promise<void>((resolve, reject) => {
        started.stdout.once('data', () => resolve());
        started.once('exit', (code) => reject(new Error(`the consumer ended with ${String(code)}`)));
      });
    },
    kill,
    async close() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
