import { createHash, randomUUID, sign } from 'node:crypto';

import { type Database, openDatabase } from '../../src/store/database';
import { migrate } from '../../src/store/migrate';
import { exchange, head, statuses } from '../http/receiver-on-sockets';
import type { TestSigner } from '../partners/bitpanda-requests';
import { startWhole, type WholeReceiver } from '../privacy/whole-receiver';
import { eventually } from '../support/eventually';
import { freshDatabase } from '../support/fresh-database';
import { partnerflow, type Ran } from '../support/partnerflow';

/** A receiver that dispatches, with its database, and raw connections to it. */
export interface SignedReceiver {
  readonly database: Database;
  readonly whole: WholeReceiver;
  /** Sends bytes as they are; the status, and the id of the delivery where it was kept. */
  send(text: string): Promise<{ readonly status: number; readonly id: string }>;
  /** What became of a delivery, once dispatch has decided. */
  became(id: string): Promise<{ readonly status: string; readonly event: string | null; readonly problem: unknown }>;
  run(...words: readonly string[]): Promise<Ran>;
  close(): Promise<void>;
}

export async function startSigned(variables: Readonly<Record<string, string>>): Promise<SignedReceiver> {
  const fresh = await freshDatabase();
  const database = openDatabase({ url: fresh.url, poolSize: 3 });
  await migrate(database.kysely);
  const whole = await startWhole(fresh.url, `signed-${randomUUID()}`, variables);
  const port = Number(new URL(whole.receiver.url).port);
  return {
    database,
    whole,
    async send(text) {
      const answer = await exchange(port, text);
      const [status = 0] = statuses(answer);
      return { status, id: /delivery-id: (\S+)/i.exec(answer)?.[1] ?? '' };
    },
    became: (id) =>
      eventually(async () => {
        const { rows } = await database.pool.query<{ status: string; event: string | null; problem: unknown }>(
          'SELECT status, event, problem FROM deliveries WHERE id = $1',
          [id],
        );
        const [row] = rows;
        if (row === undefined || row.status === 'pending') throw new Error('not yet');
        return row;
      }),
    run: (...words) => partnerflow(words, { DATABASE_URL: fresh.url, ...variables }),
    async close() {
      await whole.receiver.stop();
      await database.close();
      await fresh.drop();
    },
  };
}

/** A webhook as its bytes, with what is signed written out line by line, as the partner would. */
export interface Written {
  readonly signer: TestSigner;
  /** The request target as it is sent. */
  readonly target: string;
  /** Lines of the signature base but that of its parameters. */
  readonly covers: (digest: string) => readonly string[];
  readonly headers?: readonly string[];
  readonly body?: string;
  readonly createdSeconds?: number;
  /** Headers in the place of the usual two with the signature. */
  readonly spread?: (input: string, signature: string) => readonly string[];
}

/** A report that nobody has sent before. */
export function reportBody(): string {
  return JSON.stringify({ params: { id: randomUUID(), type: 'tax_report', created_at: new Date().toISOString() } });
}

/** The bytes of a signed request. */
export function written({ signer, target, covers, body = reportBody(), ...more }: Written): string {
  const digest = `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
  const lines = covers(digest);
  const names = lines.map((line) => line.slice(0, line.indexOf(': ')));
  const created = more.createdSeconds ?? Math.floor(Date.now() / 1000);
  const params = `(${names.join(' ')});created=${created};keyid="${signer.keyid}"`;
  const base = [...lines, `"@signature-params": ${params}`].join('\n');
  const key = { key: signer.privateKeyPem, dsaEncoding: 'ieee-p1363' } as const;
  const signature = `sig1=:${sign('sha256', Buffer.from(base), key).toString('base64')}:`;
  const input = `sig1=${params}`;
  const spread = more.spread ?? (() => [`Signature-Input: ${input}`, `Signature: ${signature}`]);
  const headers = [`Content-Digest: ${digest}`, ...spread(input, signature), ...(more.headers ?? [])];
  return head(`POST ${target}`, [...headers, `Content-Length: ${Buffer.byteLength(body)}`, 'Connection: close']) + body;
}
