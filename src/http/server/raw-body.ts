import type { IncomingMessage } from 'node:http';

import { BrokenRequest } from './connections';

/** Bytes of unfinished bodies shared by all requests, so that many slow senders cannot fill the memory. */
export interface BodyBudget {
  take(bytes: number): boolean;
  give(bytes: number): void;
  /** Bytes held now. */
  held(): number;
}

/** A budget of some bytes. */
export function createBodyBudget(limitBytes: number): BodyBudget {
  let heldBytes = 0;
  return {
    take(bytes) {
      if (heldBytes + bytes > limitBytes) return false;
      heldBytes += bytes;
      return true;
    },
    give(bytes) {
      heldBytes -= bytes;
    },
    held: () => heldBytes,
  };
}

/** A body as it came over the wire, or why there is none. `gone`: the client hung up, and nobody reads a response. */
export type RawBody =
  | { readonly kind: 'complete'; readonly body: Buffer }
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'gone' };

/** Limits of a body in bytes and milliseconds. */
export interface BodyLimits {
  readonly limitBytes: number;
  /** From the end of the headers, however steadily bytes arrive. */
  readonly timeoutMs: number;
  readonly budget: BodyBudget;
}

function announcedBytes(request: IncomingMessage): number {
  return Number(request.headers['content-length'] ?? '0');
}

const NOTHING = Buffer.alloc(0);

/** One growing piece of memory: a body that comes byte by byte would cost a hundred times its size as a list of chunks. */
function createCollector(limitBytes: number) {
  let memory = NOTHING;
  let bytes = 0;
  return {
    bytes: () => bytes,
    add(chunk: Buffer): void {
      const needed = bytes + chunk.length;
      if (needed > memory.length) {
        const larger = Buffer.allocUnsafe(bytes === 0 ? needed : Math.min(2 * needed, limitBytes));
        memory.copy(larger, 0, 0, bytes);
        memory = larger;
      }
      chunk.copy(memory, bytes);
      bytes = needed;
    },
    // A part keeps the whole alive: a body waits for its commit, and is counted there by what it says, not by what it holds.
    body: () => (memory.length === bytes ? memory : Buffer.from(memory.subarray(0, bytes))),
  };
}

/** A body read within its limits, never unpacked. Its share of the budget is given back whatever happens. */
export function readRawBody(request: IncomingMessage, limits: BodyLimits): Promise<RawBody> {
  if (announcedBytes(request) > limits.limitBytes) return Promise.resolve({ kind: 'refused', status: 413 });
  return new Promise((resolve) => {
    const collected = createCollector(limits.limitBytes);
    let isDone = false;
    const finish = (result: RawBody): void => {
      if (isDone) return;
      isDone = true;
      clearTimeout(timer);
      limits.budget.give(collected.bytes());
      resolve(result);
    };
    const onData = (chunk: Buffer): void => {
      if (isDone) return;
      if (collected.bytes() + chunk.length > limits.limitBytes) finish({ kind: 'refused', status: 413 });
      else if (!limits.budget.take(chunk.length)) finish({ kind: 'refused', status: 503 });
      else collected.add(chunk);
    };
    const onEnd = (): void => {
      finish({ kind: 'complete', body: collected.body() });
    };
    const onError = (error: Error): void => {
      finish(error instanceof BrokenRequest ? { kind: 'refused', status: error.status } : { kind: 'gone' });
    };
    const onClose = (): void => {
      finish({ kind: 'gone' });
    };
    const timer = setTimeout(() => {
      finish({ kind: 'refused', status: 408 });
    }, limits.timeoutMs);
    request.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose);
  });
}
