import type { IncomingMessage } from 'node:http';

/** Bytes of unfinished bodies shared by all requests, so that many slow senders cannot fill the memory. */
export interface BodyBudget {
  take(bytes: number): boolean;
  give(bytes: number): void;
  /** Bytes held now. */
  held(): number;
}

/** A budget of the given size. */
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

/** A body as it came over the wire, or why there is none. `gone`: the client hung up, nobody is left to answer. */
export type RawBody =
  | { readonly kind: 'complete'; readonly body: Buffer }
  | { readonly kind: 'too-large' | 'too-slow' | 'no-room' | 'gone' };

export interface BodyLimits {
  readonly limitBytes: number;
  /** From the end of the headers, however steadily bytes arrive. */
  readonly timeoutMs: number;
  readonly budget: BodyBudget;
}

function announcedBytes(request: IncomingMessage): number {
  return Number(request.headers['content-length'] ?? '0');
}

/** Reads a body within its limits; never unpacks it. The budget is given back whatever happens. */
export function readRawBody(request: IncomingMessage, limits: BodyLimits): Promise<RawBody> {
  if (announcedBytes(request) > limits.limitBytes) return Promise.resolve({ kind: 'too-large' });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const finish = (result: RawBody): void => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone);
      limits.budget.give(bytes);
      resolve(result);
    };
    const onData = (chunk: Buffer): void => {
      if (bytes + chunk.length > limits.limitBytes) {
        finish({ kind: 'too-large' });
      } else if (!limits.budget.take(chunk.length)) {
        finish({ kind: 'no-room' });
      } else {
        bytes += chunk.length;
        chunks.push(chunk);
      }
    };
    const onEnd = (): void => {
      finish({ kind: 'complete', body: Buffer.concat(chunks) });
    };
    const onGone = (): void => {
      finish({ kind: 'gone' });
    };
    const timer = setTimeout(() => {
      finish({ kind: 'too-slow' });
    }, limits.timeoutMs);
    request.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
  });
}
