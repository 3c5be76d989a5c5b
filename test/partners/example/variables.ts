import { allOrNone, type VariableReader } from '../../../src/codecs/environment';
import type { PartnerVariables } from '../../../src/partners/partner-module';
import { READ_TIMEOUT_MS } from '../../../src/partners/reading';
import { readStaticHeaders } from '../../../src/partners/secrets';
import type { ExampleClientOptions } from './client';

/** Settings of the example partner, each null where it is off. */
export interface ExampleSettings {
  readonly webhookHeaders: Readonly<Record<string, readonly string[]>> | null;
  readonly client: ExampleClientOptions | null;
}

const READS: PartnerVariables['reads'] = ['EXAMPLE_API_URL', 'EXAMPLE_API_TOKEN'];

/** Variables of the example partner by what they are for. */
export const exampleVariables: PartnerVariables = { webhooks: 'EXAMPLE_WEBHOOK_HEADERS', reads: READS, needed: READS };

/** Settings of the example partner from its variables; whatever is wrong is complained about. */
export function readExampleVariables(read: VariableReader): ExampleSettings {
  const webhookHeaders = readStaticHeaders(read, exampleVariables.webhooks);
  const isWhole = allOrNone(read, READS);
  const apiUrl = read.url('EXAMPLE_API_URL') ?? '';
  const apiToken = read.text('EXAMPLE_API_TOKEN') ?? '';
  return { webhookHeaders, client: isWhole ? { apiUrl, apiToken, timeoutMs: READ_TIMEOUT_MS } : null };
}
