import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { signBitpanda } from '../../src/simulator/bitpanda/sign';
import { COINIFY_SECRET, TRADEVEST_KEY, type Webhook } from '../faults/partner-stub';
import { BITPANDA_KEY } from './bitpanda-partner';
import type { ExpectedFixture } from './fixture-table';

const FOLDER = join(__dirname, '..', 'fixtures');

/** A context of Coinify's pages alone is no webhook: it is sent in the envelope that all of them have. */
function coinifyBody(fixture: ExpectedFixture, text: string): string {
  if (!fixture.file.endsWith('.context')) return text;
  const time = '2024-01-02T03:04:05.678Z';
  return `{"id":"${randomUUID()}","time":"${time}","event":"${fixture.event}","context":${text}}`;
}

/** The fixture as its partner would post it, with right authentication; `changed` is another body in its place. */
export function webhookOf(fixture: ExpectedFixture, receiverUrl: string, changed?: string): Webhook {
  const text = changed ?? readFileSync(join(FOLDER, fixture.partner, `${fixture.file}.json`), 'utf8');
  switch (fixture.partner) {
    case 'tradevest': {
      const path = `/webhooks/tradevest/${fixture.file.split('.')[0] ?? ''}`;
      return { path, headers: { 'api-key': TRADEVEST_KEY }, body: text };
    }
    case 'coinify': {
      const body = changed ?? coinifyBody(fixture, text);
      const signature = createHmac('sha256', COINIFY_SECRET).update(body).digest('hex');
      return { path: '/webhooks/coinify', headers: { 'x-coinify-webhook-signature': signature }, body };
    }
    case 'bitpanda': {
      const path = `/webhooks/bitpanda/${fixture.event}`;
      const headers = signBitpanda({ method: 'POST', url: `${receiverUrl}${path}`, body: text, ...BITPANDA_KEY });
      return { path, headers, body: text };
    }
  }
}
